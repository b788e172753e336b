"""Scrolls the canvas while a drag is held near one of its edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

EDGE = 32
"""How near to the edge of the view a drag scrolls it, in pixels."""
_INTERVAL = 16
_MOST_PER_TICK = 14


class EdgeScroller(QObject):
    """Scrolls at any of the four edges, the faster the nearer; the canvas tells its gesture.

    With `beyond`, a pointer outside the view scrolls too.
    """

    def __init__(self, canvas: Canvas, *, beyond: bool = False) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._beyond = beyond
        self._pointer = QPoint()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._scroll)

    def follow(self, pointer: QPoint) -> None:
        """The pointer is here, in the viewport's coordinates."""
        self._pointer = pointer
        if self._speed().isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """The drag has ended."""
        self._timer.stop()

    def _speed(self) -> QPoint:
        """Pixels to scroll now, to the right and down."""
        area, pointer = self._canvas.viewport().rect(), self._pointer
        if not self._beyond and not area.contains(pointer):
            return QPoint()
        return QPoint(_push(pointer.x(), area.width()), _push(pointer.y(), area.height()))

    def _scroll(self) -> None:
        speed = self._speed()
        across, down = self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()
        across.setValue(across.value() + speed.x())
        down.setValue(down.value() + speed.y())


def _push(place: int, length: int) -> int:
    """The pixels for a pointer at `place` of an axis of `length`."""
    before, behind = EDGE - place, place - (length - EDGE)
    depth = max(behind, 0) - max(before, 0)
    return round(_MOST_PER_TICK * min(max(depth, -EDGE), EDGE) / EDGE)
