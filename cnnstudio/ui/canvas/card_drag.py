"""Cards dragged with the mouse: to another place, copied with Ctrl, or away onto the palette."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from cnnstudio.blocks import Block
from cnnstudio.network import inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.edge_scroller import EdgeScroller
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.slot import COPY
from cnnstudio.ui.document.insertion import put
from cnnstudio.ui.palette.drag_picture import drag_picture, hot_spot

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_COPIES = Qt.KeyboardModifier.ControlModifier
_EXTENDS = Qt.KeyboardModifier.ShiftModifier


class CardBin(Protocol):
    """A widget that removes the cards dropped on it."""

    def show_bin(self, shown: bool) -> None:
        """Say whether a release here and now removes what is dragged."""


class CardDrag:
    """Moves the selected cards; while Ctrl is held it copies them.

    Nothing happens before the pointer has moved by the system's drag distance: until then it is a
    click, which selects the card alone, or with Ctrl adds it to the selection or takes it out.
    """

    def __init__(
        self, canvas: Canvas, card: Plate, pressed: QPoint, modifiers: Qt.KeyboardModifier
    ) -> None:
        self._canvas = canvas
        self._card = card
        self._pressed = self._pointer = pressed
        self._toggles = self._copies = bool(modifiers & _COPIES)
        self._extends = bool(modifiers & _EXTENDS)
        self._before = canvas.session.selected_paths
        self._paths: tuple[Path, ...] = ()
        self._label: QLabel | None = None
        self._bin: CardBin | None = None
        self._scroller = EdgeScroller(canvas)

    def move(self, event: QMouseEvent) -> None:
        """Start, and preview where the cards would go."""
        self._pointer = event.position().toPoint()
        if not self._paths:
            distance = (self._pointer - self._pressed).manhattanLength()
            if distance < QApplication.startDragDistance():
                return
            self._start()
        self.turn(event.modifiers())
        self._follow_pointer()
        self._scroller.follow(self._pointer)

    def scrolled(self) -> None:
        """Preview the place that has come under the pointer."""
        if self._paths:
            self._preview()

    def turn(self, modifiers: Qt.KeyboardModifier) -> None:
        """Copy while Ctrl is held, otherwise move."""
        copies = bool(modifiers & _COPIES)
        if self._paths and copies != self._copies:
            self._copies = copies
            self._canvas.pipeline.end_preview()
            self._show_way()
            self._follow_pointer()

    def release(self, event: QMouseEvent) -> None:
        """Move or copy the cards, remove them, or take it as a click."""
        if not self._paths:
            self._clean_up()
            self._click()
            return
        session, pipeline = self._canvas.session, self._canvas.pipeline
        target, paths, over_bin = pipeline.drop_target, self._paths, self._bin is not None
        blocks = self._blocks()
        self._clean_up()
        if over_bin:
            session.remove_selected()
        elif target is not None and self._copies:
            put(session, target, blocks, "Copy", inner.called(session.network, paths))
        elif target is not None:
            session.move_to(paths, target)
        pipeline.end_preview()

    def cancel(self) -> None:
        """Put the cards back, and select what was selected before."""
        self._clean_up()
        self._canvas.pipeline.end_preview()
        self._canvas.session.select_paths(self._before)

    def _click(self) -> None:
        session, path = self._canvas.session, self._card.path
        if self._toggles:
            session.toggle(path)
        elif not self._extends:
            session.select_path(path)

    def _start(self) -> None:
        session, path = self._canvas.session, self._card.path
        if path not in session.selected_paths:
            session.select_path(path)
        self._paths = session.movable_paths
        self._canvas.pipeline.hover(None)
        self._show_way()

    def _blocks(self) -> tuple[Block, ...]:
        return tuple(inner.block_at(self._canvas.session.network, path) for path in self._paths)

    # ---- what is seen

    def _show_way(self) -> None:
        """Show whether the cards are taken away or copied."""
        shape = Qt.CursorShape.DragCopyCursor if self._copies else Qt.CursorShape.ClosedHandCursor
        self._canvas.viewport().setCursor(shape)
        self._canvas.pipeline.lift_paths(() if self._copies else self._paths)
        if self._label is None:
            self._label = QLabel(self._canvas.window())
            self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        canvas, face = self._canvas, self._card.face
        words = face.name if len(self._paths) == 1 else f"{len(self._paths)} blocks"
        words = f"Copy {words}" if self._copies else words
        ratio = canvas.devicePixelRatioF()
        self._label.setPixmap(drag_picture(face.block, words, canvas.themes.theme, ratio))
        self._label.adjustSize()
        self._label.show()

    def _follow_pointer(self) -> None:
        pointer = self._canvas.viewport().mapToGlobal(self._pointer)
        if self._label is not None:
            self._label.move(self._canvas.window().mapFromGlobal(pointer) - hot_spot())
            self._label.raise_()
        self._point_at_bin(None if self._copies else _bin_at(pointer, self._canvas.window()))
        self._preview()

    def _preview(self) -> None:
        pipeline = self._canvas.pipeline
        if not self._canvas.viewport().rect().contains(self._pointer):
            pipeline.end_preview()
            return
        target = pipeline.drop_path(self._canvas.mapToScene(self._pointer))
        if not self._copies:
            pipeline.preview_movement_to(self._paths, target)
        elif target != pipeline.drop_target:
            pipeline.preview_insertion_at(target, *self._blocks(), action=COPY)

    def _point_at_bin(self, found: CardBin | None) -> None:
        if found is self._bin:
            return
        if self._bin is not None:
            self._bin.show_bin(False)
        if found is not None:
            found.show_bin(True)
        self._bin = found

    def _clean_up(self) -> None:
        self._scroller.stop()
        self._scroller.deleteLater()
        self._point_at_bin(None)
        if self._label is not None:
            self._label.hide()
            self._label.deleteLater()
        self._label = None
        self._paths = ()
        self._canvas.pipeline.lift_paths(())


def _bin_at(pointer: QPoint, window: QWidget) -> CardBin | None:
    """The widget at a global point that removes cards, if there is one."""
    widget = window.childAt(window.mapFromGlobal(pointer)) or QApplication.widgetAt(pointer)
    while widget is not None:
        if hasattr(widget, "show_bin"):
            return widget
        widget = widget.parentWidget()
    return None
