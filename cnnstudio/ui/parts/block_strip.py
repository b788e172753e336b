"""A network as a strip: a bar for each block in the colour of its family."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from cnnstudio.blocks import Family
from cnnstudio.network import Report
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import Theme

GAP = 2
"""Pixels between two bars."""

Bar = tuple[Family, float]
"""The family of a block, and how long its bar is where there is room."""


def bars(report: Report) -> tuple[Bar, ...]:
    """A bar for each block behind the input, longer with more parameters."""
    entries = [e for e in report.blocks if e.block.family is not Family.INPUT]
    return tuple((e.block.family, 6 + 1.2 * math.log10(1 + (e.parameters or 0))) for e in entries)


def strip_width(strip: tuple[Bar, ...], room: float) -> float:
    """How wide a strip is drawn where there is so much `room`."""
    return min(room, sum(length for _, length in strip) + GAP * max(0, len(strip) - 1))


def draw_strip(painter: QPainter, theme: Theme, strip: tuple[Bar, ...], room: QRectF) -> None:
    """Draw the bars from the left of `room`, shrunk to it where they are longer."""
    free = room.width() - GAP * (len(strip) - 1)
    shrink = max(0.0, min(1.0, free / max(1.0, sum(length for _, length in strip))))
    x = room.x()
    for family, length in strip:
        place = QRectF(x, room.y(), length * shrink, room.height())
        rounded(painter, place, 2, theme.family(family))
        x += length * shrink + GAP
