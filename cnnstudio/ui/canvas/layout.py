"""Where cards stand: rows that wrap, the gaps between them, and the wires through the gaps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

CARD = QSizeF(184, 152)
GAP = 32
COLUMN_PITCH = 216
ROW_PITCH = 264
MARGIN = 40
FIRST_ROW = 78
"""The top of the first row of cards; the volumes stand above it."""
ROW_HEAD = 84
"""How far above its cards a row begins, for the question which row a point belongs to."""

STRIP = 22
"""The height of the OUTPUT where it would stand alone in a row: then it lies below the last one."""
_STRIP_GAP = 5
_STRIP_COLUMNS = 3

_CORNER = 8
_CLEARANCE = 5
_ARROW = (5.0, 4.0)


@dataclass(frozen=True)
class Metrics:
    """The sizes of a grid, in pixels: of its cards, and what lies between them.

    A row begins `head` above its cards; the wire to the next row leaves `bend` beside the last
    card and runs `lane` below the cards.
    """

    card: QSizeF
    column_pitch: float
    row_pitch: float
    corner: QPointF
    head: float
    lane: float
    bend: float

    @property
    def gap(self) -> float:
        """The room between two cards of a row."""
        return self.column_pitch - self.card.width()


NETWORK = Metrics(CARD, COLUMN_PITCH, ROW_PITCH, QPointF(MARGIN, FIRST_ROW), ROW_HEAD, 14, 20)
"""The network's own rows."""


@dataclass(frozen=True)
class Grid:
    """Cells in reading order, `columns` to a row; scene coordinates in pixels.

    `drops` are the rows' additional heights below their cards, for what is open there; rows beyond
    its end have none.
    """

    columns: int
    drops: tuple[float, ...] = ()
    metrics: Metrics = NETWORK

    @cached_property
    def _dropped(self) -> tuple[float, ...]:
        """How far each row stands lower for what is open above it."""
        return (0.0, *accumulate(self.drops))

    def top(self, row: int) -> float:
        """The upper edge of a row's cards."""
        shift = self._dropped[min(row, len(self._dropped) - 1)]
        return self.metrics.corner.y() + row * self.metrics.row_pitch + shift

    def corner(self, cell: int) -> QPointF:
        """Where the card of a cell begins."""
        row, column = divmod(cell, self.columns)
        x = self.metrics.corner.x() + column * self.metrics.column_pitch
        return QPointF(x, self.top(row))

    def corners(self, cells: int) -> list[QPointF]:
        """Where the cards of all cells begin, in the order of the cells."""
        left, pitch = self.metrics.corner.x(), self.metrics.column_pitch
        tops = [self.top(row) for row in range(self.rows(cells))]
        places = [QPointF(left + pitch * c, top) for top in tops for c in range(self.columns)]
        return places[:cells]

    def rect(self, cell: int) -> QRectF:
        """The card's rectangle of a cell."""
        return QRectF(self.corner(cell), self.metrics.card)

    def rows(self, cells: int) -> int:
        """How many rows `cells` cells take."""
        return max(1, math.ceil(cells / self.columns))

    def bounds(self, cells: int) -> QRectF:
        """The rectangle that `cells` cells take, margins included."""
        columns = min(self.columns, max(1, cells))
        width = MARGIN + columns * COLUMN_PITCH - GAP + self.metrics.bend + 2
        last = self.rows(cells)
        height = self.top(last) - (ROW_PITCH - CARD.height()) + 28
        return QRectF(0, 0, width, height)

    def strip(self, cell: int) -> QRectF:
        """The strip below the card of a cell, the last of its row, and below those before it."""
        first = self.rect(cell + 1 - min(self.columns, _STRIP_COLUMNS))
        width = self.rect(cell).right() - first.left()
        return QRectF(first.left(), first.bottom() + _STRIP_GAP, width, STRIP)

    def turn(self, cell: int) -> QPainterPath:
        """The wire from `cell` to the strip below it, which it reaches from the right."""
        card, strip = self.rect(cell), self.strip(cell)
        begin = QPointF(card.right() + _CLEARANCE, card.center().y())
        tip = QPointF(strip.right() + _CLEARANCE, strip.center().y())
        path = QPainterPath(begin)
        side = card.right() + self.metrics.bend
        round_line(path, begin, (QPointF(side, begin.y()), QPointF(side, tip.y())), tip)
        path.lineTo(tip.x() + 3, tip.y())
        return path

    def gap(self, index: int) -> QPointF:
        """The middle of the gap before cell `index`, which lies behind the cell before it."""
        half = self.metrics.gap / 2
        if index == 0:
            first = self.rect(0)
            return QPointF(first.left() - half, first.center().y())
        before = self.rect(index - 1)
        return QPointF(before.right() + half, before.center().y())

    def row_at(self, y: float, cells: int) -> int:
        """The row that a height belongs to, among those of `cells` cells."""
        later = range(1, self.rows(cells))
        return sum(1 for row in later if self.top(row) - self.metrics.head <= y)

    def index_at(self, point: QPointF, cells: int, least: int = 1) -> int:
        """Before which cell (`least` to `cells`) something dropped at `point` goes."""
        first = self.row_at(point.y(), cells) * self.columns
        behind = first + self.columns
        if behind < cells and self._is_in_lane(point.y() - self.rect(first).bottom()):
            return behind
        in_row = range(first, min(behind, cells))
        passed = sum(1 for cell in in_row if self.rect(cell).center().x() < point.x())
        return min(max(first + passed, least), cells)

    def _is_in_lane(self, below: float) -> bool:
        """Whether a point so far below the cards is meant for the wire to the next row."""
        return _CLEARANCE < below < 2 * self.metrics.lane

    def wire(self, cell: int) -> QPainterPath:
        """The wire from `cell` to the next one, through the lane under the row where it wraps."""
        start, end = self.rect(cell), self.rect(cell + 1)
        begin = QPointF(start.right() + _CLEARANCE, start.center().y())
        tip = QPointF(end.left() - _CLEARANCE, end.center().y())
        path = QPainterPath(begin)
        if start.y() != end.y():
            lane, bend = start.bottom() + self.metrics.lane, self.metrics.bend
            turns = (
                QPointF(start.right() + bend, begin.y()),
                QPointF(start.right() + bend, lane),
                QPointF(end.left() - bend, lane),
                QPointF(end.left() - bend, tip.y()),
            )
            round_line(path, begin, turns, tip)
        path.lineTo(tip.x() - 3, tip.y())
        return path


def arrow(wire: QPainterPath, towards: int = 1) -> QPainterPath:
    """The head at the end of `wire`, which points to the right, or to the left (-1)."""
    tip = QPointF(wire.currentPosition().x() + 3 * towards, wire.currentPosition().y())
    back = tip.x() - _ARROW[0] * towards
    path = QPainterPath(QPointF(back, tip.y() - _ARROW[1]))
    path.lineTo(tip)
    path.lineTo(back, tip.y() + _ARROW[1])
    return path


def is_alone(cell: int, columns: int) -> bool:
    """Whether the last cell of a row of several columns stands in a row of its own."""
    return columns > 1 and cell > 0 and cell % columns == 0


def columns_for(width: float) -> int:
    """How many columns fit in `width` pixels: four in the window's 908 between two docks."""
    return max(1, int((width - 44) // COLUMN_PITCH))


def scales_of_columns(
    cells: int, width: float, height: float, *, strip: bool = False
) -> list[tuple[float, int]]:
    """The scale (at most 1) at which all cells are seen in so many columns; the largest first.

    With `strip`, the last one takes no row of its own.
    """
    found = []
    for columns in range(1, cells + 1):
        bounds = Grid(columns).bounds(cells - (strip and is_alone(cells - 1, columns)))
        found.append((min(1.0, width / bounds.width(), height / bounds.height()), columns))
    return sorted(found, reverse=True)


def round_line(
    path: QPainterPath, begin: QPointF, turns: tuple[QPointF, ...], end: QPointF
) -> None:
    """Extend `path` along `turns` with round corners."""
    points = (begin, *turns, end)
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        path.lineTo(_towards(corner, before))
        path.quadTo(corner, _towards(corner, after))


def _towards(corner: QPointF, other: QPointF) -> QPointF:
    step = other - corner
    length = math.hypot(step.x(), step.y()) or 1.0
    return corner + step * (min(_CORNER, length / 2) / length)
