"""One-step repairs: the smallest change of one setting that makes a block fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnnstudio.blocks import Block, Conv2D, Shape
from cnnstudio.blocks.block import pair, step_words
from cnnstudio.blocks.pooling import Pool2D
from cnnstudio.blocks.settings import Size
from cnnstudio.errors import SettingError, SizeError
from cnnstudio.network.network import Network

FARTHEST = 6
"""How far from its present value a setting is changed in search of a fit."""

_SEARCH = (("padding", "pad", 1), ("stride", "stride", -1), ("kernel", "kernel", 1))
"""The settings to change, their words, and the direction tried first at each distance."""


@dataclass(frozen=True)
class Repair:
    """A change that makes a block fit: what to do, where it leads, and the new block."""

    change: str
    leads_to: str
    index: int
    block: Block

    def __str__(self) -> str:
        return f"{self.change} -> {self.leads_to}"

    def apply(self, network: Network) -> Network:
        """`network` with the repaired block."""
        return network.replace(self.index, self.block)


def repairs(network: Network, index: int, shape: Shape | None) -> tuple[Repair, ...]:
    """Every one-step repair of the block at `index` with input `shape`, smallest change first."""
    block = network.blocks[index]
    if shape is None or shape.is_flat or not isinstance(block, (Conv2D, Pool2D)):
        return ()
    found = []
    for setting, words, towards in _SEARCH:
        repair = _nearest(block, index, setting, words, towards, shape)
        if repair is not None:
            found.append(repair)
    found.sort(key=lambda entry: entry[0])
    by_rounding = _attempt(block.with_values(rounding="floor"), shape)
    if by_rounding is not None:
        found.append((FARTHEST, Repair("rounding floor", *_ends(by_rounding, index))))
    return tuple(repair for _, repair in found)


def _nearest(
    block: Conv2D | Pool2D, index: int, setting: str, words: str, towards: int, shape: Shape
) -> tuple[int, Repair] | None:
    """The repair that changes `setting` least, and by how much."""
    present = getattr(block, setting)
    if isinstance(present, str):
        return None
    for distance in range(1, FARTHEST + 1):
        for value in _around(present, distance * towards):
            try:
                changed = block.with_values(**{setting: value})
            except SettingError:
                continue
            fitting = _attempt(changed, shape)
            if fitting is not None:
                return distance, Repair(
                    f"{words} {_words(changed, setting)}", *_ends(fitting, index)
                )
    return None


def _around(size: Size, step: int) -> Iterator[Size]:
    """`size` changed by `step` and by -`step`: both directions together, then each alone."""
    rows, columns = pair(size)
    for change in (step, -step):
        yield (rows + change, columns + change)
    for change in (step, -step):
        yield from ((rows + change, columns), (rows, columns + change))


def _words(block: Block, setting: str) -> str:
    value: Size = getattr(block, setting)
    return step_words(value)


def _attempt(block: Block, shape: Shape) -> tuple[Block, Shape] | None:
    try:
        return block, block.output_shape(shape)
    except SizeError:
        return None


def _ends(fitting: tuple[Block, Shape], index: int) -> tuple[str, int, Block]:
    block, shape = fitting
    return f"{shape[1]}x{shape[2]}", index, block
