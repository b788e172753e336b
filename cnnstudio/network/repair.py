"""One-step repairs: the smallest change of one setting that makes a block fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnnstudio.blocks import Block, Conv2D, ConvTranspose2D, Shape
from cnnstudio.blocks.block import pair, step_words
from cnnstudio.blocks.convolution import common_divisors
from cnnstudio.blocks.settings import Size
from cnnstudio.errors import NetworkError, SettingError, SizeError
from cnnstudio.network.network import Network

FARTHEST = 6
"""How far from its present value a setting is changed in search of a fit."""

_SEARCH = (
    ("padding", "pad", 1),
    ("stride", "stride", -1),
    ("kernel", "kernel", 1),
    ("output_padding", "output pad", -1),
    ("tiles", "tiles", -1),
)
"""The settings to change, their words, and the direction tried first at each distance."""


@dataclass(frozen=True)
class Repair:
    """One step that mends a problem, as a splice: `blocks` for the `replaced` ones from `index` on.

    `replaced` 0 inserts, no `blocks` removes. `change` says what is done, `leads_to` what comes of
    it (the size, or a total); `of` is the place of the block whose problem it is, where that is
    not `index`.
    """

    change: str
    leads_to: str
    index: int
    blocks: tuple[Block, ...]
    replaced: int = 1
    of: int | None = None

    def __str__(self) -> str:
        return f"{self.change} -> {self.leads_to}" if self.leads_to else self.change

    @property
    def place(self) -> int:
        """The place of the block that is repaired."""
        return self.index if self.of is None else self.of

    def apply(self, network: Network) -> Network:
        """`network` with the repair; raises NetworkError for a network that is too short."""
        end = self.index + self.replaced
        if not 0 <= self.index <= end <= len(network):
            raise NetworkError(f"The repair of block {self.place} does not suit {len(network)}.")
        before, after = network.blocks[: self.index], network.blocks[end:]
        return Network((*before, *self.blocks, *after))

    def places(self, network: Network) -> tuple[int | None, ...]:
        """Where each block of `network` goes; None for those that are taken out.

        Within the splice, equal blocks are taken to be the same, and as many blocks as before
        to stand in for those at their places.
        """
        old = network.blocks[self.index : self.index + self.replaced]
        inside = _matched(old, self.blocks)
        shift = len(self.blocks) - self.replaced
        return (
            *range(self.index),
            *(None if place is None else self.index + place for place in inside),
            *range(self.index + self.replaced + shift, len(network) + shift),
        )


def _matched(old: tuple[Block, ...], new: tuple[Block, ...]) -> tuple[int | None, ...]:
    """For each old block its place among the new ones."""
    free = list(range(len(new)))
    found: list[int | None] = []
    for block in old:
        place = next((i for i in free if new[i] == block), None)
        if place is not None:
            free.remove(place)
        found.append(place)
    for i, place in enumerate(found):
        if place is None and len(old) == len(new):
            found[i] = free.pop(0)
    return tuple(found)


def repairs(network: Network, index: int, shape: Shape | None) -> tuple[Repair, ...]:
    """Every one-step repair of the block at `index` with input `shape`, smallest change first."""
    block = network.blocks[index]
    if shape is None or shape.is_flat:
        return ()
    found = []
    for setting, words, towards in _SEARCH:
        if setting in block.declarations():
            repair = _nearest(block, index, setting, words, towards, shape)
            found += [] if repair is None else [repair]
    found.sort(key=lambda entry: entry[0])
    chosen = [repair for _, repair in found]
    for words, changes in _others(block, shape):
        fitting = _changed(block, shape, changes)
        if fitting is not None:
            chosen.append(Repair(words, *_ends(fitting, index)))
    return tuple(chosen)


def _others(block: Block, shape: Shape) -> Iterator[tuple[str, dict[str, object]]]:
    """Changes that are no search, in words and as settings; not all of them need to fit."""
    if isinstance(block, (Conv2D, ConvTranspose2D)) and block.groups > 1:
        groups = common_divisors(shape[0], block.filters)
        nearest = min(groups, key=lambda count: abs(count - block.groups))
        yield f"groups {nearest}", {"groups": nearest}
        filters = block.groups * max(1, round(block.filters / block.groups))
        yield f"filters {filters}", {"filters": filters}
    if isinstance(block, Conv2D):
        yield "padding mode replicate", {"padding_mode": "replicate"}
    if "rounding" in block.declarations():
        yield "rounding floor", {"rounding": "floor"}


def _nearest(
    block: Block, index: int, setting: str, words: str, towards: int, shape: Shape
) -> tuple[int, Repair] | None:
    """The repair that changes `setting` least, and by how much."""
    present = getattr(block, setting)
    if isinstance(present, str):
        return None
    for distance in range(1, FARTHEST + 1):
        for value in _around(present, distance * towards):
            fitting = _changed(block, shape, {setting: value})
            if fitting is not None:
                change = f"{words} {_words(fitting[0], setting)}"
                return distance, Repair(change, *_ends(fitting, index))
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


def _changed(block: Block, shape: Shape, changes: dict[str, object]) -> tuple[Block, Shape] | None:
    """The block with `changes` and its output size; None when it is not allowed or does not fit."""
    try:
        changed = block.with_values(**changes)
        return changed, changed.output_shape(shape)
    except (SettingError, SizeError):
        return None


def _ends(fitting: tuple[Block, Shape], index: int) -> tuple[str, int, tuple[Block, ...]]:
    block, shape = fitting
    return f"{shape[1]}x{shape[2]}", index, (block,)
