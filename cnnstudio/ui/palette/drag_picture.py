"""What hangs at the pointer during a drag: a tile with the block's glyph and name."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from cnnstudio.blocks import Block
from cnnstudio.ui.canvas import shadow
from cnnstudio.ui.canvas.paint import box, elided, glyph_tile, words
from cnnstudio.ui.theme import Theme

TILE = QRectF(0, 0, 136, 32)
HOT_SPOT = QPoint(104, 18)
"""Near the right end, so that the words of the slot below stay visible."""
MARGIN = 36


def drag_picture(
    block: Block, label: str, theme: Theme, ratio: float, *, shaded: bool = True
) -> QPixmap:
    """The tile with room for its shadow, if `shaded`; `ratio` is the screen's pixel ratio."""
    width, height = TILE.width() + 2 * MARGIN, TILE.height() + 2 * MARGIN
    picture = QPixmap(round(width * ratio), round(height * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(MARGIN, MARGIN)
    painter.setOpacity(0.96)
    if shaded:
        shadow.draw_shadow(painter, TILE, 6, shadow.FLOATING, theme)
    box(painter, TILE, 6, theme.color("card"), theme.color("accent"), 1.5)
    glyph_tile(painter, QRectF(6, 6, 20, 20), block, theme)
    shown = elided(label, TILE.width() - 42, 12, 500)
    words(painter, QPointF(34, 20.5), shown, theme.color("text"), 12, 500)
    painter.end()
    return picture


def hot_spot() -> QPoint:
    """The pointer's place in the picture."""
    return HOT_SPOT + QPoint(MARGIN, MARGIN)
