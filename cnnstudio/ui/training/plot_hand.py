"""What the hand does on a plot: point, walk with the arrows, drag a span to zoom into it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.training.axes import Axes

LEAST = 6
"""So many pixels have to be dragged over for a zoom."""

LEAST_SPAN = 0.01
"""The shortest span of epochs that is zoomed into."""

LEAP = 10
"""With Ctrl, or Page Up and Down, the arrows go so many points at once."""


class PlotHand(QWidget):
    """A plot that tells what is pointed at, as the owner may want it in several plots at once.

    Arrows move the cursor by a point, Home and End to the ends; Escape takes it away, and then the
    zoom; + zooms in around it.
    """

    pointed = Signal(object)
    """The epoch under the cursor, or None."""
    zoomed = Signal(object)
    """The epochs to show, a pair, or None for all."""

    def __init__(self) -> None:
        super().__init__()
        self.cursor_epoch: float | None = None
        self._pressed: float | None = None
        self._dragged: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def axes(self) -> Axes:
        """What the pixels show."""
        raise NotImplementedError

    @property
    def now(self) -> float:
        """The end of the longest line, in epochs."""
        raise NotImplementedError

    def stops(self) -> np.ndarray:
        """The epochs at which the cursor may stand."""
        raise NotImplementedError

    @property
    def band(self) -> tuple[float, float] | None:
        """The pixels from which and to which is dragged."""
        if self._pressed is None or self._dragged is None:
            return None
        return min(self._pressed, self._dragged), max(self._pressed, self._dragged)

    # ---- the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = self._within(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point, or drag on."""
        super().mouseMoveEvent(event)
        x = event.position().x()
        if self._pressed is not None:
            self._dragged = self._within(x)
            self.update()
        self._point(self.axes.epoch_at(self._within(x)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Show the span that was dragged over."""
        band, self._pressed, self._dragged = self.band, None, None
        if band is not None:
            self.update()
            if band[1] - band[0] >= LEAST:
                self._zoom(self.axes.epoch_at(band[0]), self.axes.epoch_at(band[1]))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all epochs."""
        self._pressed = self._dragged = None
        self.zoomed.emit(None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    # ---- the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        key = event.key()
        leap = LEAP if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        steps = {
            Qt.Key.Key_Left: -leap,
            Qt.Key.Key_Right: leap,
            Qt.Key.Key_PageDown: -LEAP,
            Qt.Key.Key_PageUp: LEAP,
        }
        if key in steps:
            self._walk(steps[Qt.Key(key)])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._walk(len(self.stops()) * (1 if key == Qt.Key.Key_End else -1))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom_in()
        elif key == Qt.Key.Key_Escape and self.cursor_epoch is not None:
            self.pointed.emit(None)
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Minus, Qt.Key.Key_0):
            self.zoomed.emit(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the cursor away."""
        super().focusOutEvent(event)
        self.pointed.emit(None)

    def _walk(self, steps: int) -> None:
        """Go so many points on; from the end, where there is no cursor yet."""
        stops = self.stops()
        if not len(stops):
            return
        here = len(stops)
        if self.cursor_epoch is not None:
            here = int(np.abs(stops - self.cursor_epoch).argmin())
        elif steps > 0:
            here = -1
        self.pointed.emit(float(stops[max(0, min(len(stops) - 1, here + steps))]))

    def _zoom_in(self) -> None:
        """Show half of the epochs, around the cursor."""
        start, end = self.axes.epochs
        middle = self.cursor_epoch if self.cursor_epoch is not None else (start + end) / 2
        quarter = (end - start) / 4
        self._zoom(max(0.0, middle - quarter), middle + quarter)

    def _zoom(self, start: float, end: float) -> None:
        """Show the epochs from `start` to `end`, or a few more around them."""
        more = max(0.0, LEAST_SPAN - (end - start)) / 2
        self.zoomed.emit((start - more, end + more))

    def _within(self, x: float) -> float:
        return max(self.axes.area.left(), min(self.axes.area.right(), x))

    def _point(self, epoch: float) -> None:
        stops = self.stops()
        if len(stops):
            self.pointed.emit(float(stops[np.abs(stops - epoch).argmin()]))
