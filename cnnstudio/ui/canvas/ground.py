"""The dotted ground that the cards stand on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QBrush, QPainter, QPixmap

from cnnstudio.ui.theme import Theme

_PITCH = 24.0
_NARROWEST = 12.0
"""Pixels between two dots at the least: zoomed out there are fewer, and they stay even."""

_DOT = 1.4
_ORIGIN = QPointF(16, 22)


class Ground:
    """A tile with one dot, painted once for each theme and zoom.

    It is laid in whole pixels of the window, whatever the zoom: a scaled tile would lose dots.
    """

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: tuple[tuple[int, float], QBrush] | None = None

    def paint(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Fill `rect`, in the coordinates of the scene, with it."""
        transform = painter.worldTransform()
        scale = transform.m11()
        pitch = _PITCH * scale
        while pitch < _NARROWEST:
            pitch *= 2
        area, origin = transform.mapRect(QRectF(rect)).toAlignedRect(), transform.map(_ORIGIN)
        painter.save()
        painter.resetTransform()
        painter.setBrushOrigin(origin.toPoint())
        painter.fillRect(area, self._brush(round(pitch), _DOT * max(1.0, scale)))
        painter.restore()

    def _brush(self, pitch: int, dot: float) -> QBrush:
        """A tile of `pitch` pixels with a dot of so many; the last one is kept."""
        if self._kept is None or self._kept[0] != (pitch, dot):
            tile = QPixmap(pitch, pitch)
            tile.fill(self._theme.color("canvas"))
            painter = QPainter(tile)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(QRectF(0, 0, dot, dot), self._theme.color("dot"))
            painter.end()
            self._kept = (pitch, dot), QBrush(tile)
        return self._kept[1]
