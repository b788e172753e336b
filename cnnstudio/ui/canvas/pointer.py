"""The mouse on the canvas: begins, feeds and ends gestures, and shows what it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent, QWheelEvent

from cnnstudio.ui.canvas.button import Button
from cnnstudio.ui.canvas.card_drag import CardDrag
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.gestures import BandSelection, Gesture, Pan
from cnnstudio.ui.canvas.keys import Keys
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import Hint

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_EXTEND = Qt.KeyboardModifier.ShiftModifier
_TOGGLE = Qt.KeyboardModifier.ControlModifier
_WHEEL_STEP = 1.0015
"""The zoom's factor for one eighth of a degree of the wheel."""
_WHEEL_PIXELS = 0.5
"""How far Shift and the wheel scroll sideways for one eighth of a degree."""
_OWN_MODIFIER = {Qt.Key.Key_Control: _TOGGLE, Qt.Key.Key_Shift: _EXTEND}


class Pointer:
    """Turns the events of the mouse into one gesture at a time.

    The methods say whether they have done all there is to do; if not, Qt goes on.
    """

    def __init__(self, canvas: Canvas, keys: Keys) -> None:
        self._canvas = canvas
        self._keys = keys
        self._gesture: Gesture | None = None
        self._network = canvas.session.network
        self._button = Qt.MouseButton.NoButton
        self._last = QPoint()
        self._is_space_held = False
        canvas.session.network_changed.connect(self._follow_network)

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is going on."""
        return self._gesture is not None

    # ---- the mouse

    def press(self, event: QMouseEvent) -> bool:
        """Begin a gesture; a button inside the scene takes its own clicks."""
        self.cancel()
        canvas, point = self._canvas, event.position().toPoint()
        self._network = canvas.session.network
        self._button, self._last = event.button(), point
        is_left = self._button == Qt.MouseButton.LeftButton
        if self._button == Qt.MouseButton.MiddleButton or (is_left and self._is_space_held):
            self._gesture = Pan(canvas, point)
        elif is_left and isinstance(canvas.itemAt(point), Button):
            return False
        elif is_left:
            card = canvas.pipeline.plate_at(canvas.mapToScene(point))
            if card is None:
                self._begin_band(point, event.modifiers())
            else:
                self._press_card(card, point, event.modifiers())
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Go on with the gesture."""
        if self._gesture is not None:
            self._last = event.position().toPoint()
            self._gesture.move(event)
        return self.is_busy

    def release(self, event: QMouseEvent) -> bool:
        """End the gesture; the release of another button is none of its business."""
        if self._gesture is None:
            return False
        if event.button() == self._button:
            gesture, self._gesture = self._gesture, None
            if event.position().toPoint() != self._last:
                gesture.move(event)  # Qt leaves moves out that wait, even one before a release
            gesture.release(event)
            self.point_at(event.position().toPoint())
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """Open a card or go to its settings; on the ground or a wire ask what to insert there."""
        canvas, point = self._canvas, event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton or self._is_space_held:
            return False
        item, card = canvas.itemAt(point), canvas.pipeline.plate_at(canvas.mapToScene(point))
        if isinstance(item, (Connector, Hint)):
            canvas.ask_block(item.path)
        elif isinstance(item, Button):
            return False
        elif card is None:
            canvas.ask_block(canvas.place_near(point))
        elif card.opener.isVisible():
            canvas.pipeline.toggle(card)
        else:
            canvas.inspected.emit()
        return True

    def wheel(self, event: QWheelEvent) -> bool:
        """Zoom about the pointer with Ctrl, scroll sideways with Shift."""
        canvas, modifiers, turned = self._canvas, event.modifiers(), event.angleDelta()
        if modifiers & _TOGGLE:
            if event.phase() != Qt.ScrollPhase.ScrollMomentum:
                canvas.zoom_about(canvas.zoom * _WHEEL_STEP ** turned.y(), event.position())
        elif modifiers & _EXTEND:
            pixels = event.pixelDelta() or turned * _WHEEL_PIXELS
            across = pixels.x() if abs(pixels.x()) > abs(pixels.y()) else pixels.y()
            bar = canvas.horizontalScrollBar()
            bar.setValue(bar.value() - across)
        return bool(modifiers & (_TOGGLE | _EXTEND))

    def scrolled(self) -> None:
        """The scene has moved under the pointer."""
        if self._gesture is not None:
            self._gesture.scrolled()

    def cancel(self) -> None:
        """End a gesture that is going on, with everything as it was before."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
            self._point_where_it_is()

    def point_at(self, point: QPoint) -> None:
        """Show what the pointer is on; outside, as where a drag has ended, that is nothing."""
        canvas = self._canvas
        is_inside = canvas.viewport().rect().contains(point)
        found = canvas.pipeline.plate_at(canvas.mapToScene(point)) if is_inside else None
        canvas.pipeline.hover(found)
        item = canvas.itemAt(point) if is_inside else None
        shape = item.pointer if isinstance(item, (Button, Plate)) else Qt.CursorShape.ArrowCursor
        canvas.viewport().setCursor(Qt.CursorShape.OpenHandCursor if self._is_space_held else shape)

    # ---- keys while the mouse is used

    def take_key(self, event: QKeyEvent, *, pressed: bool) -> bool:
        """Escape cancels a gesture, modifiers turn it, Space is a hand that shifts the view."""
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.hold_space(pressed)
        elif self._gesture is None:
            return False
        elif pressed and event.key() == Qt.Key.Key_Escape:
            self.cancel()
        else:
            self._gesture.turn(_modifiers_after(event, pressed=pressed))
        return True

    def hold_space(self, held: bool) -> None:
        """Shift the view with the left button while Space is held."""
        self._is_space_held = held
        if self._gesture is None:
            self._point_where_it_is()

    # ---- inside

    def _follow_network(self) -> None:
        """After an edit from elsewhere, such as a key, what is held may have gone or moved on."""
        if self._gesture is not None and self._canvas.session.network != self._network:
            self.cancel()

    def _begin_band(self, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        keeps = bool(modifiers & (_TOGGLE | _EXTEND))
        kept = self._canvas.session.selected_paths if keeps else ()
        self._gesture = BandSelection(self._canvas, point, kept)

    def _press_card(self, card: Plate, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        canvas = self._canvas
        can_drag = card.movable and not canvas.session.locked
        self._gesture = CardDrag(canvas, card, point, modifiers) if can_drag else None
        if modifiers & _EXTEND:
            self._keys.span.extend(card.path)
        else:
            self._keys.span.anchor = card.path
            self._select_pressed(card, toggles=bool(modifiers & _TOGGLE))

    def _select_pressed(self, card: Plate, *, toggles: bool) -> None:
        """Select what is pressed; a card that can be dragged is toggled on its release."""
        session = self._canvas.session
        stays = self.is_busy and card.path in session.selected_paths
        if toggles and not self.is_busy:
            session.toggle(card.path)
        elif not toggles and not stays:
            session.select_path(card.path)

    def _point_where_it_is(self) -> None:
        self.point_at(self._canvas.viewport().mapFromGlobal(QCursor.pos()))


def _modifiers_after(event: QKeyEvent, *, pressed: bool) -> Qt.KeyboardModifier:
    """The modifiers held after `event`; systems differ in whether they count the key itself."""
    own = _OWN_MODIFIER.get(Qt.Key(event.key()))
    if own is None:
        return event.modifiers()
    return event.modifiers() | own if pressed else event.modifiers() & ~own
