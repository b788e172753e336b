"""What the mouse does on the canvas, one class for each gesture: drag cards, rubber band, pan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QCursor, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QRubberBand, QWidget

from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.drag_picture import drag_picture, hot_spot

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

EDGE = 32
"""How near to the edge of the view a drag scrolls it, in pixels."""
_SCROLL_INTERVAL = 16
_MOST_PER_TICK = 14


class Gesture(Protocol):
    """A gesture from the press of a button to its release."""

    def move(self, event: QMouseEvent) -> None:
        """The pointer has moved."""

    def release(self, event: QMouseEvent) -> None:
        """The button was released: do it."""

    def cancel(self) -> None:
        """Leave all as it was."""


class CardBin(Protocol):
    """A widget that removes the cards dropped on it."""

    def show_bin(self, shown: bool) -> None:
        """Say whether a release here and now removes what is dragged."""


class EdgeScroller(QObject):
    """Scrolls the canvas while a drag is held near its upper or lower edge."""

    def __init__(self, canvas: Canvas, scrolled: Callable[[QPoint], None]) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._scrolled = scrolled
        self._pointer = QPoint()
        self._timer = QTimer(self)
        self._timer.setInterval(_SCROLL_INTERVAL)
        self._timer.timeout.connect(self._scroll)

    def follow(self, pointer: QPoint) -> None:
        """The pointer is here, in the viewport's coordinates."""
        self._pointer = pointer
        if self._speed():
            self._timer.start()
        else:
            self._timer.stop()

    def stop(self) -> None:
        """The drag has ended."""
        self._timer.stop()

    def _speed(self) -> int:
        area = self._canvas.viewport().rect()
        if not area.contains(self._pointer):
            return 0
        above = EDGE - self._pointer.y()
        below = self._pointer.y() - (area.height() - EDGE)
        return round(_MOST_PER_TICK * (max(below, 0) - max(above, 0)) / EDGE)

    def _scroll(self) -> None:
        bar = self._canvas.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + self._speed())
        if bar.value() != before:
            self._scrolled(self._pointer)


class CardDrag:
    """Drags cards to another place in the row, or onto the palette to remove them.

    Nothing happens before the pointer has moved by the system's drag distance.
    """

    def __init__(self, canvas: Canvas, card: Card, pressed: QPoint) -> None:
        self._canvas = canvas
        self._card = card
        self._pressed = pressed
        self._indices: tuple[int, ...] = ()
        self._label: QLabel | None = None
        self._bin: CardBin | None = None
        self._scroller = EdgeScroller(canvas, self._preview)

    def move(self, event: QMouseEvent) -> None:
        """Start, and preview where the cards would go."""
        point = event.position().toPoint()
        if not self._indices:
            if (point - self._pressed).manhattanLength() < QApplication.startDragDistance():
                return
            self._start()
        self._show_label(event.globalPosition().toPoint())
        self._point_at_bin(event.globalPosition().toPoint())
        self._preview(point)
        self._scroller.follow(point)

    def release(self, event: QMouseEvent) -> None:
        """Move the cards, remove them, or take it as a click."""
        if not self._indices:
            self._canvas.click_card(self._card)
            return
        index = self._canvas.pipeline.slot_cell
        indices, over_bin = self._indices, self._bin is not None
        self._clean_up()
        if over_bin:
            self._canvas.session.remove(indices)
        elif index is not None:
            self._canvas.session.move(indices, index)
        self._canvas.pipeline.end_preview()

    def cancel(self) -> None:
        """Put the cards back."""
        self._clean_up()
        self._canvas.pipeline.end_preview()

    def _start(self) -> None:
        session = self._canvas.session
        if self._card.index not in session.selection:
            session.select((self._card.index,))
        self._indices = tuple(index for index in session.selection if index > 0)
        self._canvas.pipeline.lift(self._indices)
        self._canvas.pipeline.hover(None)
        self._canvas.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self._label = self._make_label()

    def _make_label(self) -> QLabel:
        canvas, several = self._canvas, len(self._indices) > 1
        face = self._card.face
        words = f"{len(self._indices)} blocks" if several else face.name
        ratio = canvas.devicePixelRatioF()
        label = QLabel(canvas.window())
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.setPixmap(drag_picture(face.block, words, canvas.themes.theme, ratio))
        label.adjustSize()
        label.show()
        return label

    def _show_label(self, pointer: QPoint) -> None:
        if self._label is not None:
            inside = self._canvas.window().mapFromGlobal(pointer)
            self._label.move(inside - hot_spot())
            self._label.raise_()

    def _preview(self, point: QPoint) -> None:
        pipeline = self._canvas.pipeline
        if self._canvas.viewport().rect().contains(point):
            index = pipeline.drop_index(self._canvas.mapToScene(point))
            pipeline.preview_movement(self._indices, index)
        else:
            pipeline.end_preview()

    def _point_at_bin(self, pointer: QPoint) -> None:
        found = _bin_at(pointer, self._canvas.window())
        if found is not self._bin:
            if self._bin is not None:
                self._bin.show_bin(False)
            if found is not None:
                found.show_bin(True)
            self._bin = found

    def _clean_up(self) -> None:
        self._scroller.stop()
        self._scroller.deleteLater()
        if self._bin is not None:
            self._bin.show_bin(False)
        if self._label is not None:
            self._label.hide()
            self._label.deleteLater()
        self._bin = self._label = None
        self._indices = ()
        self._canvas.pipeline.lift(())
        self._canvas.viewport().unsetCursor()


class BandSelection:
    """Selects the cards that a rectangle touches; with `kept` cards stay selected."""

    def __init__(self, canvas: Canvas, pressed: QPoint, kept: Sequence[int]) -> None:
        self._canvas = canvas
        self._pressed = canvas.mapToScene(pressed)
        self._kept = tuple(kept)
        self._before = canvas.session.selection
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, canvas.viewport())
        canvas.session.select(self._kept)

    def move(self, event: QMouseEvent) -> None:
        """Stretch the rectangle."""
        corner = self._canvas.mapFromScene(self._pressed)
        area = QRect(corner, event.position().toPoint()).normalized()
        self._band.setGeometry(QRect(area.topLeft(), area.size().expandedTo(QSize(1, 1))))
        self._band.show()
        inside = self._canvas.mapToScene(area).boundingRect()
        cards = self._canvas.pipeline.cards
        touched = [card.index for card in cards if card.scene_rect().intersects(inside)]
        self._canvas.session.select((*self._kept, *touched))

    def release(self, event: QMouseEvent) -> None:
        """Keep what is selected."""
        self._remove()

    def cancel(self) -> None:
        """Select what was selected before."""
        self._remove()
        self._canvas.session.select(self._before)

    def _remove(self) -> None:
        self._band.hide()
        self._band.deleteLater()


class Pan:
    """Shifts the view with the pointer."""

    def __init__(self, canvas: Canvas, pressed: QPoint) -> None:
        self._canvas = canvas
        self._last = pressed
        canvas.viewport().setCursor(QCursor(Qt.CursorShape.ClosedHandCursor))

    def move(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        point = event.position().toPoint()
        step = point - self._last
        self._last = point
        across, down = self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()
        across.setValue(across.value() - step.x())
        down.setValue(down.value() - step.y())

    def release(self, event: QMouseEvent) -> None:
        """Stop."""
        self.cancel()

    def cancel(self) -> None:
        """Stop."""
        self._canvas.viewport().unsetCursor()


def _bin_at(pointer: QPoint, window: QWidget) -> CardBin | None:
    """The widget at a global point that removes cards, if there is one."""
    widget = window.childAt(window.mapFromGlobal(pointer)) or QApplication.widgetAt(pointer)
    while widget is not None:
        if hasattr(widget, "show_bin"):
            return widget
        widget = widget.parentWidget()
    return None
