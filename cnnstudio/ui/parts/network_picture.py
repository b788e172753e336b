"""A network as a small drawing: its volumes in a row, as in the figures of LeNet."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from cnnstudio.blocks import Family, Shape
from cnnstudio.network import Report
from cnnstudio.ui.canvas.volume import TALLEST, draw_box, extent
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import Theme

GAP = 7.0
"""Pixels between two volumes, before the row is scaled to fit."""

LARGEST_SCALE = 1.1

PILL = 4.0
"""The width of the bar for a block that leaves the size as it is, such as dropout."""

_QUIET = (Family.ACTIVATION, Family.REGULARISE, Family.SHAPE)

Part = tuple[Family, Shape | None]
"""A block's family, and the size of its volume; None for one that is drawn as a bar."""


def draw_network(painter: QPainter, room: QRectF, report: Report, theme: Theme) -> None:
    """Draw the blocks whose size is known in the middle of `room`, no larger than it."""
    parts = _parts(report)
    width = sum(_width(part) for part in parts) + GAP * (len(parts) - 1)
    if not parts or width <= 0:
        return
    scale = min(LARGEST_SCALE, room.width() / width, room.height() / TALLEST)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(room.center().x() - scale * width / 2, room.center().y())
    painter.scale(scale, scale)
    x = 0.0
    for part in parts:
        _draw_part(painter, x, part, theme)
        x += _width(part) + GAP
    painter.restore()


def _parts(report: Report) -> list[Part]:
    return [
        (entry.block.family, None if entry.block.family in _QUIET else entry.output_shape)
        for entry in report.blocks
        if entry.output_shape is not None
    ]


def _width(part: Part) -> float:
    shape = part[1]
    return PILL if shape is None else extent(shape).width()


def _draw_part(painter: QPainter, x: float, part: Part, theme: Theme) -> None:
    """Draw one block with its left edge at `x`; the middle of its height is at 0."""
    family, shape = part
    if shape is None:
        rounded(painter, QRectF(x, -12, PILL, 24), PILL / 2, theme.family(family))
        return
    place = extent(shape)
    painter.save()
    painter.translate(x - place.left(), -place.center().y())
    draw_box(painter, shape, family, theme)
    painter.restore()
