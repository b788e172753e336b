"""Where blocks go that are moved in the outline by a key: up, down, into a block and out of it."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.blocks.row import rows_of
from cnnstudio.network import Network, inner
from cnnstudio.network.inner import Path


def stepped(network: Network, moving: Sequence[Path], step: int) -> Path | None:
    """Before which place the blocks go one step up (-1) or down (1); None where they cannot.

    At the end of their row inner blocks go on to the next branch, and then out of their block.
    """
    if not moving:
        return None
    first, last = min(moving), max(moving)
    if len(first) > 1:
        return _stepped_inside(network, first if step < 0 else last, step)
    index = first[0] - 1 if step < 0 else last[0] + 2
    return (index,) if 1 <= index <= len(network) else None


def _stepped_inside(network: Network, path: Path, step: int) -> Path:
    *before, number, place = path
    last = len(inner.row_at(network, path)) - 1
    if 0 <= place + step <= last:
        return (*before, number, place - 1 if step < 0 else place + 2)
    rows = rows_of(inner.block_at(network, tuple(before)))
    if not 0 <= number + step < len(rows):
        return _beside(tuple(before), step)
    return (*before, number + step, len(rows[number - 1]) if step < 0 else 0)


def _beside(owner: Path, step: int) -> Path:
    return owner if step < 0 else (*owner[:-1], owner[-1] + 1)


def indented(network: Network, moving: Sequence[Path]) -> Path | None:
    """The end of the last row of the block above the first, where that holds rows."""
    first = min(moving, default=(0,))
    if not first[-1]:
        return None
    above = (*first[:-1], first[-1] - 1)
    rows = rows_of(inner.block_at(network, above))
    return (*above, len(rows) - 1, len(rows[-1])) if rows else None


def outdented(network: Network, moving: Sequence[Path]) -> Path | None:
    """Behind the block that inner blocks are in."""
    return _beside(moving[0][:-2], 1) if moving and len(moving[0]) > 1 else None
