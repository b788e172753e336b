"""How a row of the outline is painted: glyph, name, size, parameters, and what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from cnnstudio.network import BlockReport
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import width_of
from cnnstudio.ui.outline.outline_rows import OutlineRow
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.labels import draw_tile
from cnnstudio.ui.parts.row_list import RowDelegate
from cnnstudio.ui.theme import font
from cnnstudio.ui.typography import count, size

ROW = 28
EDGE = 12
TILE = 16
INDENT = 16
"""Pixels that a block inside another one stands further right."""

_RIGHT = Qt.AlignmentFlag.AlignRight


class OutlineDelegate(RowDelegate):
    """Paints a row: glyph, name, size, parameters, and an icon where there is a problem."""

    HEIGHT = ROW

    def paint_row(self, painter: QPainter, row: OutlineRow, option: QStyleOptionViewItem) -> None:
        """Draw the row."""
        rect: QRect = option.rect
        self._ground(painter, option, rect)
        inside = rect.adjusted(EDGE + row.depth * INDENT, 0, 0, 0)
        self._guides(painter, row, rect)
        if row.entry is None:
            self._say(painter, inside, "Nothing yet: Insert puts a block here", 11, "text3")
        else:
            self._block(painter, row, row.entry, inside)

    def _guides(self, painter: QPainter, row: OutlineRow, rect: QRect) -> None:
        """A line at the left of the rows of a block for each one that they are inside."""
        colour = self._themes.theme.color("strong")
        for depth in range(row.depth):
            x = rect.x() + EDGE + depth * INDENT + TILE / 2
            painter.fillRect(QRectF(x - 0.5, rect.y(), 1, ROW), colour)

    def _block(self, painter: QPainter, row: OutlineRow, entry: BlockReport, rect: QRect) -> None:
        top = rect.y() + (ROW - TILE) / 2
        if entry.output_shape is None and entry.fits:
            painter.setOpacity(0.62)
        tile = QRectF(rect.x(), top, TILE, TILE)
        glyph = icons.block_icon_name(entry.block)
        draw_tile(painter, tile, entry.block.family, glyph, self._themes)
        self._words(painter, row, entry, rect)
        if entry.problems:
            tone = self._themes.theme.color("text2" if entry.fits else "error")
            mark = QRectF(rect.right() - EDGE - 13, top + 1, 14, 14)
            icons.draw(painter, "warning" if entry.fits else "alert", tone, mark)

    def _say(self, painter: QPainter, rect: QRect, words: str, px: int, tone: str) -> None:
        painter.setFont(font(px))
        painter.setPen(self._themes.theme.color(tone))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, words)

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        theme = self._themes.theme
        chosen, hot = self.is_chosen(option), self.is_pointed_at(option)
        fill = theme.color("accenttint") if chosen else theme.color("field") if hot else None
        line = theme.color("accent") if self.has_ring(option) else None
        rounded(painter, QRectF(rect).adjusted(4, 0, -4, 0), 5, fill, line, 1.5)

    def _words(self, painter: QPainter, row: OutlineRow, entry: BlockReport, rect: QRect) -> None:
        theme = self._themes.theme
        right = rect.right() - EDGE - 22
        middle = Qt.AlignmentFlag.AlignVCenter
        place = QRect(rect.x() + TILE + 8, rect.y(), right - rect.x(), ROW)
        name = font(12, 500)
        painter.setFont(name)
        painter.setPen(theme.color("text" if entry.fits else "errortext"))
        painter.drawText(place, middle, entry.name)
        small = font(11, 400, tabular=True)
        painter.setFont(small)
        painter.setPen(theme.color("text2"))
        room = QFontMetrics(small).horizontalAdvance("1,672,570")
        numbers = count(entry.parameters)
        painter.drawText(place.adjusted(0, 0, right - place.right(), 0), middle | _RIGHT, numbers)
        edge = right - room - 12 - place.right()
        painter.setFont(font(11, 500, tabular=True))
        painter.setPen(theme.color("text"))
        painter.drawText(place.adjusted(0, 0, edge, 0), middle | _RIGHT, size(entry.output_shape))
        if row.branch and row.path[-1] == 0:
            behind = QFontMetrics(name).horizontalAdvance(entry.name) + 8
            end = edge - round(width_of(size(entry.output_shape), 11, 500)) - 8
            self._branch(painter, place.adjusted(behind, 0, end, 0), row.branch)

    def _branch(self, painter: QPainter, room: QRect, words: str) -> None:
        """Which branch begins here: "branch 2", or "2" where there is no room."""
        shown = words if width_of(words, 11) <= room.width() else words.split()[-1]
        self._say(painter, room, shown, 11, "text2")
