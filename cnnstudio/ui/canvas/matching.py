"""Which block of a network is which of another: by identity, since edits keep the objects."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

from cnnstudio.blocks import Block


def origins_of(old: Sequence[Block], new: Sequence[Block]) -> list[int | None]:
    """For each new block the place it had: the same object, else the one that it stands in for.

    That is the one of its type at its place, or the next of its type, or any at its place. What an
    edit has left alone at both ends stays, though the same object may stand in several places.
    """
    head = _equal(zip(old, new, strict=False))
    tail = _equal(zip(reversed(old[head:]), reversed(new[head:]), strict=False))
    inside = _matched(old[head : len(old) - tail], new[head : len(new) - tail])
    shift = len(old) - len(new)
    return [
        *range(head),
        *(None if origin is None else origin + head for origin in inside),
        *(place + shift for place in range(len(new) - tail, len(new))),
    ]


def _equal(pairs: Iterable[tuple[Block, Block]]) -> int:
    """How many pairs from the first on are the same object twice."""
    count = 0
    for old, new in pairs:
        if old is not new:
            break
        count += 1
    return count


def _matched(old: Sequence[Block], new: Sequence[Block]) -> list[int | None]:
    places: dict[int, deque[int]] = defaultdict(deque)
    for index, block in enumerate(old):
        places[id(block)].append(index)
    origins = [places[id(b)].popleft() if places[id(b)] else None for b in new]
    free = set(range(len(old))) - {origin for origin in origins if origin is not None}
    for find in (_at_place, _of_type, _whatever):
        for index, block in enumerate(new):
            if origins[index] is None and free:
                found = origins[index] = find(old, free, index, block)
                free -= {found}
    return origins


def _at_place(old: Sequence[Block], free: set[int], index: int, block: Block) -> int | None:
    return index if index in free and type(old[index]) is type(block) else None


def _of_type(old: Sequence[Block], free: set[int], index: int, block: Block) -> int | None:
    return next((i for i in sorted(free) if type(old[i]) is type(block)), None)


def _whatever(old: Sequence[Block], free: set[int], index: int, block: Block) -> int | None:
    return index if index in free else None
