"""Repairs: single steps that mend what is wrong with a block, each a splice of the row."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.blocks import Block, Shape
from cnnstudio.errors import NetworkError
from cnnstudio.network.mending import mendings
from cnnstudio.network.network import Network


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


def repairs(network: Network, index: int) -> tuple[Repair, ...]:
    """Every smallest step that makes the block at `index` fit, the best first."""
    return tuple(
        Repair(
            each.words if each.whose == index else f"{network.names[each.whose]} {each.words}",
            size_words(each.size),
            each.place,
            each.blocks,
            each.replaced,
            index,
        )
        for each in mendings(network.blocks, index, network.input.picture_shape)
    )


def size_words(shape: Shape) -> str:
    """A size in the fewest words: the height and width of maps, or the number of units."""
    return f"{shape[0]:,} units" if shape.is_flat else f"{shape[1]}x{shape[2]}"
