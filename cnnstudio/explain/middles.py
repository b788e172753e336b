"""Where in the picture the cells of a block's maps look: the middles of what they see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from cnnstudio.blocks import Block, ConvTranspose2D, Input, Shape, Upsample
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.window import Window, Windowed
from cnnstudio.explain.cells import Path
from cnnstudio.network import Report


class _Entry(Protocol):
    """A block of a row, with the size that it gets."""

    @property
    def block(self) -> Block: ...
    @property
    def input_shape(self) -> Shape | None: ...


class Middles(NamedTuple):
    """One direction: the middle of what the first cell sees, and the distance to the next."""

    first: float = 0.0
    jump: float = 1.0

    def behind(self, window: Window) -> Middles:
        """Behind a convolution or pooling: half an extent further, less the padding."""
        offset = (window.extent - 1) / 2 - window.padding
        return Middles(self.first + offset * self.jump, self.jump * window.stride)

    def painted(self, window: Window) -> Middles:
        """Behind a transposed convolution: the same the other way round."""
        offset = (window.padding - (window.extent - 1) / 2) / window.stride
        return Middles(self.first + offset * self.jump, self.jump / window.stride)

    def enlarged(self, scale: int) -> Middles:
        """Behind an upsampling: output o lies at (o + 1/2) / scale - 1/2 among the inputs."""
        return Middles(self.first + (0.5 / scale - 0.5) * self.jump, self.jump / scale)


Both = tuple[Middles, Middles]
"""Rows and columns."""


def middles(report: Report, path: Path) -> Both | None:
    """The middles of the cells of the block at `path`, in pixels of the unpadded picture.

    None where there are no maps, or each of their cells sees the whole picture.
    """
    first = report.blocks[0].block
    assert isinstance(first, Input)
    down, right = pair(first.pad)
    found: Both | None = Middles(-down), Middles(-right)
    row: Sequence[_Entry] = report.blocks
    for level in range(0, len(path), 2):
        start, place = (0 if level else 1), path[level]
        if level + 1 == len(path):
            return _through(row[start : place + 1], found)
        found, owner = _through(row[start:place], found), row[place]
        assert isinstance(owner.block, Composite)
        assert owner.input_shape is not None
        row = owner.block.rows(owner.input_shape)[path[level + 1]]
    return found


def _through(entries: Iterable[_Entry], found: Both | None) -> Both | None:
    for entry in entries:
        shape, block = entry.input_shape, entry.block
        if found is None or shape is None or shape.is_flat or block.sees_everything:
            return None
        found = _behind(block, shape, found)
    return found


def _behind(block: Block, shape: Shape, before: Both) -> Both | None:
    rows, columns = before
    if isinstance(block, Composite):
        return _between([_through(row, before) for row in block.rows(shape)])
    if isinstance(block, Upsample):
        down, right = pair(block.scale)
        return rows.enlarged(down), columns.enlarged(right)
    if isinstance(block, ConvTranspose2D):
        tall, wide = block.windows()
        return rows.painted(tall), columns.painted(wide)
    if isinstance(block, Windowed):
        tall, wide = block.windows()
        return rows.behind(tall), columns.behind(wide)
    return before


def _between(rows: list[Both | None]) -> Both | None:
    """Behind rows side by side, whose cells are equally far apart: the mean of their middles."""
    known = [row for row in rows if row is not None]
    if not known or len(known) < len(rows):
        return None
    down, right = (
        Middles(sum(row[axis].first for row in known) / len(known), known[0][axis].jump)
        for axis in (0, 1)
    )
    return down, right
