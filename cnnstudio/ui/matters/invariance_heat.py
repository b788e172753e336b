"""Accuracy over shifts to the side and down, as a map of coloured cells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.explain.invariance import Invariance, Point
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.matters.invariance_plot import FOOT, TITLE
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty

LEFT = 26
KEY = 44
"""Pixels at the right for the key to the colours."""


class ShiftMap(QWidget):
    """Rows are shifts down, columns to the right; `hovered` carries a Point or None."""

    hovered = Signal(object)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self.found: Invariance | None = None
        self._hot: tuple[int, int] | None = None
        table = themes.theme.maps_table()  # the same in every theme
        self._colours = [QColor(*level) for level in table.tolist()]
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 70)
        self.setAccessibleName("Accuracy over shifts to the right and down")
        themes.changed.connect(self.update)

    def show_found(self, found: Invariance | None) -> None:
        """Show what has been measured so far; the same cells again cost nothing."""
        before, self.found = self.found, found
        if not _same_cells(before, found):
            self.update()

    def sizeHint(self) -> QSize:
        """Square cells at the present height."""
        side = max(40, self.height() - TITLE - FOOT - 4)
        return QSize(side + LEFT + KEY, 120)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.size())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The width follows the height, so that the cells are square."""
        super().resizeEvent(event)
        self.setFixedWidth(self.sizeHint().width())

    def _count(self) -> int:
        return len(self.found.plan.shifts) if self.found else 13

    def _cell(self) -> int:
        """The side of a cell, in whole pixels."""
        room = min(self.width() - LEFT - KEY, self.height() - TITLE - FOOT - 4)
        return max(3, room // self._count())

    def place(self, row: int, column: int) -> QRectF:
        """Where a cell lies."""
        side = self._cell()
        return QRectF(LEFT + column * side, TITLE + 4 + row * side, side, side)

    def draw(self, painter: QPainter) -> None:
        """Paint cells, axes and key; also for saving."""
        theme, count, side = self._themes.theme, self._count(), self._cell()
        painter.setFont(font(12, 600))
        painter.setPen(theme.color("text"))
        whole = QRectF(0, 0, self.width(), TITLE)
        painter.drawText(whole, Qt.AlignmentFlag.AlignLeft, "Shift, both ways")
        heat = self.found.heat if self.found else np.full((count, count), np.nan)
        inset, colours = theme.color("inset"), self._colours
        for row, shares in enumerate(heat.tolist()):
            for column, share in enumerate(shares):
                colour = inset if math.isnan(share) else colours[round(255 * share)]
                painter.fillRect(LEFT + column * side, TITLE + 4 + row * side, side, side, colour)
        middle = self.place(count // 2, count // 2)
        painter.setPen(QPen(theme.color("accent"), 1.5))
        painter.drawRect(middle)
        self._draw_axes(painter, count, side)

    def _draw_axes(self, painter: QPainter, count: int, side: int) -> None:
        theme = self._themes.theme
        shifts = self.found.plan.shifts if self.found else (-6, 6)
        painter.setFont(font(11, tabular=True))
        painter.setPen(theme.color("text3"))
        centre = Qt.AlignmentFlag.AlignCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        bottom = TITLE + 4 + count * side
        ends = ((0, shifts[0]), (count // 2, 0), (count - 1, shifts[-1]))
        for index, shift in ends:
            words = pretty(f"{shift:+d}" if shift else "0")
            across = LEFT + (index + 0.5) * side
            painter.drawText(QRectF(across - 20, bottom + 2, 40, 16), centre, words)
            down = TITLE + 4 + (index + 0.5) * side
            painter.drawText(QRectF(0, down - 8, LEFT - 5, 16), right, words)
        self._draw_key(painter, LEFT + count * side + 8, count * side)

    def _draw_key(self, painter: QPainter, left: float, height: float) -> None:
        """A strip from 0 to 100 %."""
        top, x = TITLE + 4, int(left)
        for step in range(int(height)):
            colour = self._colours[round(255 * (1 - step / max(1, height - 1)))]
            painter.fillRect(x, top + step, 8, 1, colour)
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left + 11, top - 4, 30, 16), side, "100")
        painter.drawText(QRectF(left + 11, top + height - 12, 30, 16), side, "0 %")

    def paintEvent(self, event: QPaintEvent) -> None:
        """The map, and a frame around the cell under the pointer."""
        painter = QPainter(self)
        self.draw(painter)
        if self._hot is not None:
            painter.setPen(QPen(self._themes.theme.color("valid"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.place(*self._hot))

    # ---- the mouse

    def at(self, position: QPointF) -> tuple[int, int] | None:
        """Row and column of the cell there."""
        side, count = self._cell(), self._count()
        column = int((position.x() - LEFT) // side)
        row = int((position.y() - TITLE - 4) // side)
        return (row, column) if 0 <= row < count and 0 <= column < count else None

    def point(self, row: int, column: int) -> Point | None:
        """What was measured in a cell."""
        if self.found is None:
            return None
        return self.found.points.get(self.found.plan.shifted[row][column])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the cell under the pointer."""
        self._hover(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        self._hover(None)

    def _hover(self, place: tuple[int, int] | None) -> None:
        if place != self._hot:
            self._hot = place
            self.update()
            self.hovered.emit(None if place is None else self.point(*place))

    def table(self) -> Iterable[Sequence[object]]:
        """The numbers of all cells that have been measured."""
        yield ("right", "down", "correct", "images", "accuracy", "from", "to")
        if self.found is None:
            return
        for row in self.found.plan.shifted:
            for change in row:
                point = self.found.points.get(change)
                if point is not None:
                    low, high = point.interval
                    counts = (point.correct, point.images, point.accuracy, low, high)
                    yield (change.right, change.down, *counts)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the map."""
        ground = self._themes.theme.color("window")
        menu = save_menu(self, "invariance-shift-map", self, self.table, self._session, ground)
        menu.popup(event.globalPos())


def _same_cells(one: Invariance | None, other: Invariance | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.plan == other.plan and np.array_equal(one.heat, other.heat, equal_nan=True)
