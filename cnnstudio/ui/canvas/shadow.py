"""Soft shadows of rounded rectangles, painted once into a nine-patch picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from cnnstudio.ui.theme import Theme, faded

DARK_STRENGTH = 2.2
"""How much stronger the shadows of the dark theme are."""
_MIDDLE = 8
_SCALE = 2


@dataclass(frozen=True)
class Level:
    """How high something floats: how far down its shadow falls, how far it reaches, its alpha."""

    offset: float
    reach: float
    alpha: float


RESTING = Level(1, 3, 0.10)
RAISED = Level(3, 10, 0.12)
FLOATING = Level(8, 26, 0.13)


def draw_shadow(painter: QPainter, rect: QRectF, radius: float, level: Level, theme: Theme) -> None:
    """Draw the shadow of a rounded `rect`."""
    color = theme.color("shadow")
    strength = level.alpha * (DARK_STRENGTH if theme.is_dark else 1.0)
    patch = _patch(radius, level.reach, strength, color.name())
    border = radius + level.reach
    outer = rect.adjusted(-level.reach, -level.reach, level.reach, level.reach)
    is_covered = level.offset <= radius  # the middle, by what casts the shadow
    _draw_nine(painter, patch, outer.translated(0, level.offset), border, is_covered)


def _draw_nine(
    painter: QPainter, patch: QPixmap, target: QRectF, border: float, is_covered: bool
) -> None:
    source = patch.width()
    inner = border * _SCALE
    from_edges = (0.0, inner, source - inner, float(source))
    xs = (target.left(), target.left() + border, target.right() - border, target.right())
    ys = (target.top(), target.top() + border, target.bottom() - border, target.bottom())
    for row in range(3):
        for column in range(3):
            if row == column == 1 and is_covered:
                continue
            to = QRectF(xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row])
            width = from_edges[column + 1] - from_edges[column]
            height = from_edges[row + 1] - from_edges[row]
            part = QRectF(from_edges[column], from_edges[row], width, height)
            painter.drawPixmap(to, patch, part)


@lru_cache(maxsize=32)
def _patch(radius: float, reach: float, alpha: float, color: str) -> QPixmap:
    """Stacked rounded rectangles, each larger and fainter than the one before."""
    side = 2 * (radius + reach) + _MIDDLE
    picture = QPixmap(round(side * _SCALE), round(side * _SCALE))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_SCALE, _SCALE)
    painter.setPen(Qt.PenStyle.NoPen)
    steps = max(3, min(16, round(reach * 0.8)))
    card = QRectF(reach, reach, side - 2 * reach, side - 2 * reach)
    for step in range(steps):
        grow = reach * step / steps
        painter.setBrush(faded(QColor(color), alpha / steps * (1.5 - step / steps)))
        ring = card.adjusted(-grow, -grow, grow, grow)
        painter.drawRoundedRect(ring, radius + grow, radius + grow)
    painter.end()
    return picture
