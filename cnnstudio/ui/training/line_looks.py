"""How the lines of training plots look: colours that everybody tells apart, dashes and marks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from cnnstudio.blocks import Family
from cnnstudio.ui.theme import Theme, faded

RING = 2.7
"""The radius of a ring, and half the side of other marks, in pixels."""


@dataclass(frozen=True)
class Look:
    """The look of a line: `tone` is a token of the theme or a block family, `dash` in widths."""

    tone: str | Family
    width: float = 1.4
    dash: tuple[float, ...] = ()
    mark: str = ""
    alpha: float = 1.0

    def colour(self, theme: Theme) -> QColor:
        """The colour in a theme."""
        tone = self.tone
        colour = theme.family(tone) if isinstance(tone, Family) else theme.color(tone)
        return faded(colour, self.alpha) if self.alpha < 1 else colour

    def pen(self, theme: Theme) -> QPen:
        """The pen of the line."""
        pen = QPen(self.colour(theme), self.width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap if self.dash else Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if self.dash:
            pen.setDashPattern(list(self.dash))
        return pen


TRAIN = Look("train")
RAW = Look("train", 1.0, alpha=0.22)
MEASURED = Look("valid", 1.8, mark="ring")
RATE = Look("text3", 1.0, (1.5, 2.5))

OTHERS = (
    (Family.POOL, (6.0, 2.0), "square"),
    (Family.ACTIVATION, (2.5, 1.8), "diamond"),
    (Family.SHAPE, (7.0, 2.0, 1.5, 2.0), "triangle"),
    (Family.REGULARISE, (1.2, 1.6), "cross"),
)
"""Colour, dashes and marks of further runs; from the fifth on they begin again."""


def other_looks(place: int) -> tuple[Look, Look]:
    """The looks of the lines of another run: in training, and measured."""
    tone, dash, mark = OTHERS[place % len(OTHERS)]
    return Look(tone, 1.0, dash, alpha=0.7), Look(tone, 1.6, dash, mark)


def draw_mark(painter: QPainter, mark: str, at: QPointF, size: float = RING) -> None:
    """Draw a mark with the present pen and brush."""
    x, y = at.x(), at.y()
    if mark == "ring":
        painter.drawEllipse(at, size, size)
    elif mark == "square":
        painter.drawRect(QRectF(x - size, y - size, 2 * size, 2 * size))
    elif mark == "cross":
        painter.drawLine(QPointF(x - size, y - size), QPointF(x + size, y + size))
        painter.drawLine(QPointF(x - size, y + size), QPointF(x + size, y - size))
    else:
        size *= 1.3
        low = size if mark == "diamond" else 0.7 * size
        corners = [QPointF(x, y - size), QPointF(x + size, y + (0 if mark == "diamond" else low))]
        corners += [QPointF(x, y + low)] if mark == "diamond" else []
        corners += [QPointF(x - size, y + (0 if mark == "diamond" else low))]
        painter.drawPolygon(QPolygonF(corners))
