"""The dotted ground that the cards stand on."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QBrush, QPainter, QPixmap

from cnnstudio.ui.theme import Theme

_PITCH = 24
_DOT = 1.4
_ORIGIN = QPoint(16, 22)


class Ground:
    """A tile with one dot, painted once for each theme."""

    def __init__(self, theme: Theme) -> None:
        tile = QPixmap(_PITCH, _PITCH)
        tile.fill(theme.color("canvas"))
        painter = QPainter(tile)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, _DOT, _DOT), theme.color("dot"))
        painter.end()
        self._brush = QBrush(tile)

    def paint(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Fill `rect` with it."""
        painter.setBrushOrigin(_ORIGIN)
        painter.fillRect(rect, self._brush)
