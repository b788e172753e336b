"""What the chart of sizes shows: the size, channels and receptive field behind every block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cnnstudio.blocks import Family
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.field import Steps
from cnnstudio.network import BlockReport, Report
from cnnstudio.ui.typography import pretty

SHRINKING = "shrinking"
"""The kind of warning about maps that lose their border again and again."""


@dataclass(frozen=True)
class Stop:
    """One block on the way: `side` is (height, width) of its maps, `field` the patch that it sees.

    Both are None behind a row of units or a block that does not fit. `count` is its channels or
    units. `state` is ``known``, ``misfit`` or ``unknown``.
    """

    name: str
    family: Family
    state: str
    side: tuple[int, int] | None
    count: int | None
    field: tuple[int, int] | None
    jump: str
    warning: str

    @property
    def words(self) -> str:
        """The stop in a few lines, for a tooltip."""
        if self.state == "misfit":
            return f"{self.name} does not fit"
        if self.count is None:
            return f"{self.name}: known once the blocks before it fit"
        shape = (self.count,) if self.side is None else (*self.side, self.count)
        lines = [f"{self.name}: {pretty('x'.join(map(str, shape)))}"]
        if self.side is None:
            lines[0] += " units"
        if self.field is not None:
            sees = f"{self.field[0]}x{self.field[1]}"
            lines.append(f"one value sees {pretty(sees)} pixels, neighbours {self.jump} apart")
        return "\n".join([*lines, *([self.warning] if self.warning else [])])


def stops(report: Report) -> list[Stop]:
    """A stop for every block of the network."""
    return [_stop(entry) for entry in report.blocks]


def _stop(entry: BlockReport) -> Stop:
    shape, field = entry.output_shape, entry.field
    state = "misfit" if not entry.fits else "unknown" if shape is None else "known"
    shrinks = [p.message for p in entry.problems if p.kind == SHRINKING]
    return Stop(
        entry.name,
        entry.block.family,
        state,
        None if shape is None or shape.is_flat else (shape[1], shape[2]),
        None if shape is None else shape[0],
        None if entry.receptive_field is None else pair(entry.receptive_field),
        "" if field is None else _jump_words(field.jump),
        pretty(shrinks[0]) if shrinks else "",
    )


def _jump_words(jump: Steps) -> str:
    """The distance of two neighbours: "2", or "2x1" where rows and columns differ."""
    rows, columns = jump
    return str(rows) if rows == columns else f"{rows}x{columns}"


def shrinking_runs(report: Report) -> list[tuple[int, int]]:
    """From which stop to which the maps lose their border: the ends of every run warned about."""
    return [
        (_beginning(report.blocks, index), index)
        for index, problem in report.problems
        if problem.kind == SHRINKING
    ]


def _beginning(blocks: Sequence[BlockReport], end: int) -> int:
    """The block before the first of the convolutions that shrink up to `end`."""
    start = end
    while start > 0 and blocks[start].block.family in _RUNNING:
        start -= 1
    return start


_RUNNING = (Family.CONV, Family.ACTIVATION, Family.REGULARISE)
"""What a run of shrinking maps is made of; see the lint."""


def table(report: Report) -> Iterator[Sequence[object]]:
    """The numbers behind the chart, header first."""
    yield (
        "block",
        "type",
        "height",
        "width",
        "channels or units",
        "receptive field rows",
        "receptive field columns",
        "state",
    )
    for stop, entry in zip(stops(report), report.blocks, strict=True):
        side, field = stop.side or ("", ""), stop.field or ("", "")
        count = "" if stop.count is None else stop.count
        yield (stop.name, type(entry.block).__name__, *side, count, *field, stop.state)
