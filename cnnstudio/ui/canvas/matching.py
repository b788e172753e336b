"""Which block of a network is which of another: by identity, since edits keep the objects."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from cnnstudio.blocks import Block


def origins_of(old: Sequence[Block], new: Sequence[Block]) -> list[int | None]:
    """For each new block the place it had: the same object, else the one that it stands in for.

    That is the one of its type at its place, or the next of its type, or any at its place.
    """
    places: dict[int, deque[int]] = defaultdict(deque)
    for index, block in enumerate(old):
        places[id(block)].append(index)
    origins = [places[id(b)].popleft() if places[id(b)] else None for b in new]
    free = set(range(len(old))) - {origin for origin in origins if origin is not None}
    for find in (_at_place, _of_type, _whatever):
        for index, block in enumerate(new):
            if origins[index] is None and free:
                origins[index] = find(old, free, index, block)
                free.discard(-1 if origins[index] is None else origins[index])
    return origins


def _at_place(old: Sequence[Block], free: set[int], index: int, block: Block) -> int | None:
    return index if index in free and type(old[index]) is type(block) else None


def _of_type(old: Sequence[Block], free: set[int], index: int, block: Block) -> int | None:
    return next((i for i in sorted(free) if type(old[i]) is type(block)), None)


def _whatever(old: Sequence[Block], free: set[int], index: int, block: Block) -> int | None:
    return index if index in free else None
