"""A lint: what is unwise about a block, why, and what would be wiser."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from cnnstudio.blocks import Block
from cnnstudio.network.repair import Repair


@dataclass(frozen=True)
class Lint:
    """A warning about the block at `place`; `sentence` follows the block's name.

    For a block inside it `path` leads there, (row, place, ...), and `whose` stands before the
    name: "CONV 2 in ".

    `find_repairs` is asked when somebody looks at them; what they lead to is found out by trying.
    """

    kind: str
    place: int
    sentence: str
    find_repairs: Callable[[], Iterable[Repair]] = tuple
    path: tuple[int, ...] = ()
    whose: str = ""


def swap(place: int, change: str, *blocks: Block, of: int | None = None) -> Repair:
    """The repair that puts `blocks` in place of the one at `place`; none of them takes it out."""
    return Repair(change, "", place, blocks, 1, of)


def insertion(place: int, change: str, *blocks: Block, of: int) -> Repair:
    """The repair that inserts `blocks` at `place` for the block `of`."""
    return Repair(change, "", place, blocks, 0, of)
