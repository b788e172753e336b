"""Bars for a short row of units: the value above each bar, the unit's name below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, faded, font
from cnnstudio.ui.typography import pretty

WORDS = 18
PITCH = 56
"""The widest place for one bar, in pixels."""


class Bars(QWidget):
    """One bar for each value, from a common base line; the largest in full colour."""

    hovered = Signal(object)
    """The place of the bar under the pointer, or None."""
    pressed = Signal(int)
    """The place of a bar that was clicked."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._values: NDArray[np.floating] = np.zeros(0)
        self._names: Sequence[str] = ()
        self._colour = QColor()
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_values(
        self, values: NDArray[np.floating], names: Sequence[str], colour: QColor
    ) -> None:
        """Show `values`, called `names`, in `colour`."""
        self._values = values
        self._names, self._colour = names, colour
        spoken = zip(names, self._values, strict=True)
        self.setAccessibleName(", ".join(f"{name}: {value:.2f}" for name, value in spoken))
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint the bars; also for saving."""
        if not len(self._values):
            return
        theme = self._themes.theme
        lengths = np.where(np.isfinite(self._values), self._values, 0.0).astype(np.float64)
        high, low = max(0.0, lengths.max()), min(0.0, lengths.min())
        room = self.height() - 3 * WORDS - 4
        scale = room / max(high - low, 1e-12)
        base = WORDS + high * scale
        known = np.nan_to_num(self._values, nan=-np.inf)
        winner = int(known.argmax()) if known.max() > -np.inf else None
        for place, (value, number) in enumerate(zip(lengths, self._values, strict=True)):
            x = place * self._pitch() + 4
            width = self._pitch() - 12
            top, height = base - max(value, 0) * scale, max(2.0, abs(value) * scale)
            colour = self._colour if place == winner else faded(self._colour, 0.42)
            rounded(painter, QRectF(x, top, width, height), 2, colour)
            painter.setFont(font(11, 600 if place == winner else 400, tabular=True))
            painter.setPen(theme.color("text" if place == winner else "text2"))
            at = top - WORDS if value >= 0 else top + height
            words = QRectF(x - 6, at, width + 12, WORDS)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, pretty(f"{number:.2f}"))
            below = QRectF(x - 6, self.height() - WORDS, width + 12, WORDS)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._names[place])

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(round(self._pitch() * max(1, len(self._values))), self.height())

    def _pitch(self) -> float:
        return min(PITCH, self.width() / max(1, len(self._values)))

    def at(self, position: QPoint) -> int | None:
        """The place of the bar at a position; None beside them."""
        place = int(position.x() // self._pitch())
        return place if 0 <= place < len(self._values) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars."""
        self.draw(QPainter(self))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which bar is under the pointer."""
        self.hovered.emit(self.at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which bar was clicked."""
        super().mousePressEvent(event)
        place = self.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.pressed.emit(place)
