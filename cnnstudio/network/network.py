"""The document: an immutable row of blocks; every edit returns a new network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cnnstudio.blocks import Block, Input, row
from cnnstudio.errors import NetworkError


@dataclass(frozen=True)
class Network:
    """A pipeline of blocks; the first is the Input, and there is only one.

    Raises NetworkError when that does not hold or something else than a block is given. Whether
    the sizes fit is another question, answered by ``check``.
    """

    blocks: tuple[Block, ...] = (Input(),)

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(self.blocks))
        for block in self.blocks:
            if not isinstance(block, Block):
                raise NetworkError(f"A network is made of blocks, not of {type(block).__name__}.")
        inputs = [i for i, block in enumerate(self.blocks) if isinstance(block, Input)]
        if inputs != [0]:
            raise NetworkError("A network begins with one Input block and has no other.")

    def __len__(self) -> int:
        return len(self.blocks)

    @property
    def input(self) -> Input:
        """The first block."""
        first = self.blocks[0]
        assert isinstance(first, Input)
        return first

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The blocks' names in parameters and files, such as "conv1"; counted from 1 by stem."""
        return row.keys(self.blocks)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The blocks' names for people, such as "CONV 1"."""
        return tuple(map(row.name_of, self.keys))

    def insert(self, index: int, *blocks: Block) -> Network:
        """`blocks` put in, the first at `index`: from 1 (after the Input) to the end."""
        if not 1 <= index <= len(self):
            raise NetworkError(f"A block goes to a place from 1 to {len(self)}, not to {index}.")
        return Network((*self.blocks[:index], *blocks, *self.blocks[index:]))

    def remove(self, *indices: int) -> Network:
        """The network without the blocks at `indices`; the Input cannot be removed."""
        gone = self._places(indices)
        return Network(tuple(b for i, b in enumerate(self.blocks) if i not in gone))

    def move(self, indices: int | Iterable[int], index: int) -> Network:
        """The blocks at `indices`, in their order, taken out and put where `index` was.

        `index` counts in the present network: 1 is after the Input, ``len(network)`` the end.
        """
        moving = self._places((indices,) if isinstance(indices, int) else indices)
        if not 1 <= index <= len(self):
            raise NetworkError(f"A block moves to a place from 1 to {len(self)}, not to {index}.")
        taken = tuple(self.blocks[i] for i in sorted(moving))
        before = tuple(b for i, b in enumerate(self.blocks[:index]) if i not in moving)
        after = tuple(b for i, b in enumerate(self.blocks) if i >= index and i not in moving)
        return Network((*before, *taken, *after))

    def replace(self, index: int, block: Block) -> Network:
        """The network with `block` in place of the one at `index`."""
        if not 0 <= index < len(self):
            raise NetworkError(f"There is no block at place {index} of {len(self)}.")
        return Network((*self.blocks[:index], block, *self.blocks[index + 1 :]))

    def _places(self, indices: Iterable[int]) -> set[int]:
        places = set(indices)
        for index in places:
            if index == 0:
                raise NetworkError("The Input block stays at the beginning.")
            if not 1 <= index < len(self):
                raise NetworkError(f"There is no block at place {index} of {len(self)}.")
        return places
