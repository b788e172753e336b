"""Where things stand inside an open block: its rows, the trunk before them and the join after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

from cnnstudio.ui.canvas.layout import Grid, Metrics

CARD = QSizeF(144, 78)
"""The card of a block inside another one."""
TAIL = 9.0
"""How far the tip on top of a frame, where its line arrives, stands over it."""
OFFSET = 30.0
"""From the card to its frame."""
BELOW = 16.0
"""The room that stays free below a frame."""
HEADER = 38.0
PADDING = 16.0
INSET = 12.0
"""How far a frame in a frame stays from its sides."""
NODE = 12.0
"""The radius of the circle where the rows meet."""
LABEL = 22.0
EMPTY = 34.0
"""The height of a row without blocks."""

_PITCH = QSizeF(168, 106)
_TRUNK = 14.0
_JOIN = 20.0
_BETWEEN = 18.0
_SHORTCUT = 40.0
_NARROWEST = 320.0


@dataclass(frozen=True)
class Content:
    """What one row has to show: its cells, what is open below each line of them, and notes."""

    cells: int
    drops: tuple[float, ...] = ()
    inside: float = 0.0
    """The width of the widest frame that is open in it."""
    notes: float = 0.0
    """The height of what is said below it."""


@dataclass(frozen=True)
class Ends:
    """The widths of the words at both ends, and what the frame has besides its rows."""

    before: float
    after: float
    title: float = 0.0
    labelled: bool = False
    shortcut: bool = False
    notes: float = 0.0


@dataclass(frozen=True)
class Strip:
    """One row in the frame: its cells, where its wire comes in and goes out, and its area."""

    grid: Grid
    cells: int
    entry: QPointF
    exit: QPointF
    area: QRectF
    note_top: float


@dataclass(frozen=True)
class Frame:
    """The geometry of an open block, in pixels from the frame's corner."""

    size: QSizeF
    strips: tuple[Strip, ...]
    trunk: float
    join: QPointF
    shortcut: float | None
    note_top: float
    is_deep: bool = False
    """Whether frames are open inside it, which cover what is drawn beside their card."""

    @property
    def start(self) -> QPointF:
        """Where the wire begins that comes from what goes in."""
        tops = [strip.entry.y() for strip in self.strips]
        middle = min(tops) if self.is_deep else (min(tops) + max(tops)) / 2
        return QPointF(self.trunk, middle)

    def strip_at(self, y: float) -> int:
        """The number of the row nearest to a height."""
        return min(range(len(self.strips)), key=lambda i: _distance(self.strips[i].area, y))


def columns_for(room: float, ends: Ends) -> int:
    """How many cells stand side by side where the frame may be `room` pixels wide."""
    fixed = _left(ends) + _right(ends) - (_PITCH.width() - CARD.width())
    return max(1, int((room - fixed) // _PITCH.width()))


def frame_of(rows: Sequence[Content], ends: Ends, room: float) -> Frame:
    """Lay out `rows` one below the other, in at most `room` pixels where that is possible."""
    columns = columns_for(room, ends)
    widest = max(min(row.cells, columns) for row in rows)
    content = max(1, widest) * _PITCH.width() - (_PITCH.width() - CARD.width())
    inside = max(row.inside for row in rows)
    least = max(_NARROWEST, ends.title, inside + 2 * INSET if inside else 0)
    content = max(content, least - _left(ends) - _right(ends))
    left, y, strips = _left(ends), HEADER + PADDING / 2, []
    for row in rows:
        strips.append(_strip(row, columns, QRectF(left, y, content, 0), ends, alone=len(rows) == 1))
        y = strips[-1].area.bottom() + _BETWEEN
    bottom = y - _BETWEEN
    shortcut = bottom + _SHORTCUT / 2 if ends.shortcut else None
    bottom += _SHORTCUT if ends.shortcut else 0
    ways = [strip.exit.y() for strip in strips]
    middle = max(ways) if inside else (min(ways) + max(ways)) / 2
    join = QPointF(left + content + 2 * _JOIN, middle)
    note_top = bottom + (6 if ends.notes else 0)
    height = note_top + ends.notes + PADDING
    width = left + content + _right(ends)
    trunk = left - 2 * _TRUNK
    return Frame(
        QSizeF(width, height), tuple(strips), trunk, join, shortcut, note_top, bool(inside)
    )


def _strip(row: Content, columns: int, place: QRectF, ends: Ends, *, alone: bool) -> Strip:
    top = place.top() + (LABEL if ends.labelled else 4)
    metrics = Metrics(CARD, _PITCH.width(), _PITCH.height(), QPointF(place.left(), top), 14, 13, 12)
    grid = Grid(columns, row.drops, metrics)
    trunk, join = place.left() - 2 * _TRUNK, place.right() + _JOIN
    join += _JOIN - NODE - 2 if alone else 0
    if row.cells:
        first, last = grid.rect(0), grid.rect(row.cells - 1)
        entry, way_out = first.center().y(), last.center().y()
        bottom = grid.top(grid.rows(row.cells)) - (_PITCH.height() - CARD.height())
    else:
        entry = way_out = top + EMPTY / 2
        bottom = top + EMPTY
    note_top = bottom + 4
    end = bottom + (row.notes + 4 if row.notes else 0)
    area = QRectF(place.left(), place.top(), place.width(), end - place.top())
    return Strip(grid, row.cells, QPointF(trunk, entry), QPointF(join, way_out), area, note_top)


def _left(ends: Ends) -> float:
    return PADDING + ends.before + 3 * _TRUNK + 4


def _right(ends: Ends) -> float:
    return 2 * _JOIN + 16 + 24 + ends.after + PADDING


def _distance(area: QRectF, y: float) -> float:
    return max(area.top() - y, y - area.bottom(), 0.0)
