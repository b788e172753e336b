"""The parts of the diagram: a block with its label, rows of them, and frames that hold rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from cnnstudio.blocks import Block, Shape
from cnnstudio.export.diagram_labels import Line
from cnnstudio.export.diagram_links import arrow, draw_link, draw_window
from cnnstudio.export.diagram_style import Style
from cnnstudio.export.svg import Drawing, mix, text_width

GAP = 34.0
"""Between two bodies; the arrow stands in it."""

LABEL_GAP = 14.0
"""Between two labels."""

_BELOW_BODY = 24.0
"""From the lowest body of a row to the first line of its labels."""

_LINE = 15.0
_UNKNOWN = 27.0
_INSIDE, _FORK, _JOIN = 12.0, 20.0, 30.0
_FRAME_TOP = 14.0


class Body(Protocol):
    """What is drawn of a block, and how far it reaches from its middle."""

    @property
    def left(self) -> float:
        """To the left."""

    @property
    def right(self) -> float:
        """To the right."""

    @property
    def above(self) -> float:
        """Upwards."""

    @property
    def below(self) -> float:
        """Downwards."""

    def draw(self, drawing: Drawing, x: float, y: float, color: str, style: Style) -> None:
        """Draw it with its middle at (x, y)."""


@dataclass(frozen=True)
class Unknown:
    """Stands for a block whose size is not known."""

    left = right = above = below = _UNKNOWN

    def draw(self, drawing: Drawing, x: float, y: float, color: str, style: Style) -> None:
        """A dashed box with a question mark."""
        side = 2 * _UNKNOWN
        drawing.rectangle(
            x - _UNKNOWN, y - _UNKNOWN, side, side, rx="6", fill=mix(color, style.paper, 0.88),
            stroke=color, stroke_dasharray="4 3",
        )  # fmt: skip
        drawing.text(x, y + 8, "?", 22, style.faint, weight=500)


@dataclass(frozen=True)
class Part:
    """A block with its body, and the lines below it."""

    block: Block
    body: Body
    label: tuple[Line, ...]
    input_shape: Shape | None = None

    @cached_property
    def label_width(self) -> float:
        """How wide its label is."""
        return max((text_width(line.words, line.size) for line in self.label), default=0.0)

    @property
    def left(self) -> float:
        """How far body and label reach to the left of the middle."""
        return max(self.body.left, self.label_width / 2)

    @property
    def right(self) -> float:
        """How far they reach to the right."""
        return max(self.body.right, self.label_width / 2)

    def distance(self, after: Part) -> float:
        """From this part's middle to that of the part behind it."""
        if isinstance(self.body, Frame) or isinstance(after.body, Frame):
            return max(self.right + after.left + LABEL_GAP, self._to(after))
        return max(self._to(after), (self.label_width + after.label_width) / 2 + LABEL_GAP)

    def _to(self, after: Part) -> float:
        return self.body.right + GAP + after.body.left


@dataclass(frozen=True)
class Row:
    """Parts one behind the other, whose middles stand on one axis."""

    parts: tuple[Part, ...]

    @cached_property
    def middles(self) -> tuple[float, ...]:
        """The middle of every part, from the left end of the row."""
        found = [self.parts[0].left] if self.parts else []
        for before, after in pairwise(self.parts):
            found.append(found[-1] + before.distance(after))
        return tuple(found)

    @property
    def width(self) -> float:
        """From the left end to the right."""
        return self.middles[-1] + self.parts[-1].right if self.parts else 0.0

    @property
    def above(self) -> float:
        """How far the bodies reach above the axis."""
        return max((part.body.above for part in self.parts), default=8.0)

    def label_top(self, part: Part) -> float:
        """How far below the axis the label of `part` begins: on one line but below frames."""
        if isinstance(part.body, Frame):
            return part.body.below + _BELOW_BODY
        plain = (each.body.below for each in self.parts if not isinstance(each.body, Frame))
        return max(plain) + _BELOW_BODY

    @property
    def below(self) -> float:
        """How far bodies and labels reach below the axis."""
        ends = (self.label_top(part) + len(part.label) * _LINE - 6 for part in self.parts)
        return max(ends, default=8.0)

    @property
    def start(self) -> float:
        """Where the first body begins."""
        return self.middles[0] - self.parts[0].body.left if self.parts else 0.0

    @property
    def end(self) -> float:
        """Where the last body ends."""
        return self.middles[-1] + self.parts[-1].body.right if self.parts else 0.0

    def draw(self, drawing: Drawing, x: float, y: float, style: Style) -> None:
        """Draw the row from `x` on along the axis at `y`: links, bodies, windows, labels."""
        places = [x + middle for middle in self.middles]
        steps = list(pairwise(zip(self.parts, places, strict=True)))
        for before, after in steps:
            draw_link(drawing, before, after, y, style)
        for part, place in zip(self.parts, places, strict=True):
            part.body.draw(drawing, place, y, style.color(part.block), style)
            _draw_label(drawing, part, place, y + self.label_top(part), style)
        for before, after in steps:
            draw_window(drawing, before, after, y, style)


@dataclass(frozen=True)
class Frame:
    """Rows that all begin with the same input and whose ends are joined."""

    rows: tuple[Row, ...]
    adds: bool

    @cached_property
    def _inner(self) -> float:
        return max(row.width for row in self.rows)

    @cached_property
    def _axes(self) -> tuple[float, ...]:
        """The axis of every row, from the frame's top."""
        found, top = [], _FRAME_TOP
        for row in self.rows:
            found.append(top + row.above)
            top += row.above + row.below + _INSIDE
        return tuple(found)

    @property
    def left(self) -> float:
        """Half of its width."""
        return (self._inner + 2 * _INSIDE + _FORK + _JOIN) / 2

    @property
    def right(self) -> float:
        """Half of its width."""
        return self.left

    @property
    def above(self) -> float:
        """To the axis of the longer of two rows; of more, the one that is nearest to the middle."""
        if len(self.rows) == 2:
            longer = max(self.rows, key=lambda row: len(row.parts))
            return self._axes[self.rows.index(longer)]
        return min(self._axes, key=lambda axis: abs(axis - self._height / 2))

    @property
    def below(self) -> float:
        """What is left of the height."""
        return self._height - self.above

    @cached_property
    def _height(self) -> float:
        return _FRAME_TOP + sum(row.above + row.below + _INSIDE for row in self.rows)

    def draw(self, drawing: Drawing, x: float, y: float, color: str, style: Style) -> None:
        """Draw the frame around (x, y), its rows and the wires that lead into and out of them."""
        left, right, top = x - self.left, x + self.right, y - self.above
        drawing.rectangle(
            left, top, right - left, self._height, rx="10", fill=mix(color, style.paper, 0.95),
            stroke=mix(color, style.paper, 0.45), stroke_width="1",
        )  # fmt: skip
        fork, join = left + _INSIDE + 4, right - _INSIDE - 9
        drawing.line([(left, y), (fork, y)], style.wire)
        for row, axis in zip(self.rows, self._axes, strict=True):
            begin = left + _INSIDE + _FORK + (self._inner - row.width) / 2
            self._draw_row(drawing, row, (fork, begin, join), (top + axis, y), style)
        _draw_join(drawing, join, y, style, adds=self.adds)
        drawing.line([(join + 9, y), (right, y)], style.wire)

    def _draw_row(
        self,
        drawing: Drawing,
        row: Row,
        places: tuple[float, float, float],
        axes: tuple[float, float],
        style: Style,
    ) -> None:
        """A row with the wires from the fork into it and from it to the join."""
        (fork, begin, join), (axis, middle) = places, axes
        drawing.line([(fork, middle), (fork, axis)], style.wire)
        ahead = join - 9 if axis == middle else join
        if row.parts:
            arrow(drawing, (fork, axis), (begin + row.start - 2, axis), style.wire)
            drawing.line([(begin + row.end + 3, axis), (ahead, axis)], style.wire)
        else:
            drawing.line([(fork, axis), (ahead, axis)], style.wire)
        if axis != middle:
            towards = middle + (9 if axis > middle else -9)
            arrow(drawing, (join, axis), (join, towards), style.wire)
        row.draw(drawing, begin, axis, style)


def _draw_join(drawing: Drawing, x: float, y: float, style: Style, *, adds: bool) -> None:
    """A circle with a plus, or with two bars for maps that are stacked."""
    drawing.circle(x, y, 9, style.paper, style.wire)
    bars = (((-4.0, -2.5), (4.0, -2.5)), ((-4.0, 2.5), (4.0, 2.5)))
    if adds:
        bars = (((-4.5, 0.0), (4.5, 0.0)), ((0.0, -4.5), (0.0, 4.5)))
    for bar in bars:
        drawing.line([(x + across, y + down) for across, down in bar], style.text, 1.4)


def _draw_label(drawing: Drawing, part: Part, x: float, y: float, style: Style) -> None:
    """The lines of a label around `x`, below a short bar in the family's colour."""
    drawing.rectangle(x - 11, y - 18, 22, 3, rx="1.5", fill=style.color(part.block))
    for place, line in enumerate(part.label):
        drawing.text(x, y + place * _LINE, line.words, line.size, line.color, weight=line.weight)


def balanced(parts: Sequence[Part], widest: float) -> list[Row]:
    """The parts in as few rows as fit in `widest`, all about equally wide."""
    whole = Row(tuple(parts)).width
    count = max(1, -(-whole // widest))
    even = min(widest, whole / count + GAP)
    rows: list[list[Part]] = [[]]
    for part in parts:
        most = even if len(rows) < count else widest
        if rows[-1] and Row((*rows[-1], part)).width > most:
            rows.append([])
        rows[-1].append(part)
    return [Row(tuple(row)) for row in rows]
