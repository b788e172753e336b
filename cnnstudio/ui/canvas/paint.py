"""Small things that several items paint: words at a baseline, rounded boxes, glyph tiles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from cnnstudio.blocks import Block
from cnnstudio.ui import icons
from cnnstudio.ui.theme import Theme, font

SEPARATOR = " · "
WIDE_SEPARATOR = "  ·  "
_LEFT_ALIGNED = Qt.AlignmentFlag.AlignLeft
_GLYPH_SHARE = 0.62
_CORNER_SHARE = 0.22


@lru_cache(maxsize=64)
def type_face(px: int, weight: int = 400) -> QFont:
    """Inter, shared; do not change it."""
    return font(px, weight)


@lru_cache(maxsize=4096)
def width_of(text: str, px: int, weight: int = 400) -> float:
    """How many pixels `text` takes."""
    return QFontMetricsF(type_face(px, weight)).horizontalAdvance(text)


def elided(text: str, width: float, px: int, weight: int = 400) -> str:
    """`text`, cut with an ellipsis where it is wider than `width`."""
    if width_of(text, px, weight) <= width:
        return text
    metrics = QFontMetricsF(type_face(px, weight))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def fitting_line(parts: Sequence[str], width: float) -> str:
    """`parts` in one line of 11 px with wide separators, or narrow ones where there is no room."""
    line = WIDE_SEPARATOR.join(parts)
    return line if width_of(line, 11) <= width else SEPARATOR.join(parts)


def fitting_parts(parts: Sequence[str], width: float) -> list[str]:
    """The settings `parts`; where there is no room, a stride of 1 goes without saying."""
    if width_of(SEPARATOR.join(parts), 11) <= width:
        return list(parts)
    return [part for part in parts if part != "stride 1"]


@lru_cache(maxsize=256)
def fitting_text(text: str, width: float, height: float, px: int) -> str:
    """`text`, cut after a word where its lines of `width` would be higher than `height`."""
    metrics, room = QFontMetricsF(type_face(px)), QRectF(0, 0, width, 10_000)
    shown, parts = text, text.split()
    while parts and metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, shown).height() > height:
        parts.pop()
        shown = " ".join(parts).rstrip(",;") + " …"
    return shown


def lines_of(text: str, width: float, px: int, weight: int = 400, most: int = 99) -> list[str]:
    """`text` in lines of at most `width` pixels, parted between words; the last may be cut."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or len(lines) == most or width_of(longer, px, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [elided(line, width, px, weight) for line in lines]


def words(
    painter: QPainter,
    anchor: QPointF,
    text: str,
    color: QColor,
    px: int = 11,
    weight: int = 400,
    align: Qt.AlignmentFlag = _LEFT_ALIGNED,
) -> float:
    """Write `text` on the baseline at `anchor`; returns its width."""
    width = width_of(text, px, weight)
    if align is not _LEFT_ALIGNED:
        shift = width if align is Qt.AlignmentFlag.AlignRight else width / 2
        anchor = QPointF(anchor.x() - shift, anchor.y())
    painter.setFont(type_face(px, weight))
    painter.setPen(color)
    painter.drawText(anchor, text)
    return width


def box(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    line: QColor | None = None,
    width: float = 1.0,
    dashes: tuple[float, float] | None = None,
) -> None:
    """A rounded rectangle whose line lies inside `rect`; dashes are in pixels."""
    painter.setBrush(QBrush(fill) if fill is not None else Qt.BrushStyle.NoBrush)
    if line is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect, radius, radius)
        return
    pen = QPen(line, width)
    if dashes is not None:
        pen.setDashPattern([dash / width for dash in dashes])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    inset = width / 2
    painter.drawRoundedRect(
        rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset
    )


def glyph_tile(painter: QPainter, rect: QRectF, block: Block, theme: Theme) -> None:
    """A block's glyph on its family's colour."""
    radius = rect.width() * _CORNER_SHARE
    box(painter, rect, radius, theme.family(block.family))
    side = rect.width() * _GLYPH_SHARE
    inner = QRectF(0, 0, side, side)
    inner.moveCenter(rect.center())
    icons.draw(painter, icons.block_icon_name(block), theme.glyph(block.family), inner)


def grip(painter: QPainter, corner: QPointF, color: QColor) -> None:
    """The two by three dots of something that can be dragged."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for column in range(2):
        for row in range(3):
            painter.drawEllipse(corner + QPointF(4 * column, 4 * row), 1.1, 1.1)
