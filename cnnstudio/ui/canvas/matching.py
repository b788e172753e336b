"""Which block of a network is which of another: by identity, since edits keep the objects."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence

from cnnstudio.blocks import Block


def origins_of(old: Sequence[Block], new: Sequence[Block]) -> list[int | None]:
    """For each new block the place it had: the same object, else the one replaced at its place."""
    places: dict[int, deque[int]] = defaultdict(deque)
    for index, block in enumerate(old):
        places[id(block)].append(index)
    origins = [places[id(b)].popleft() if places[id(b)] else None for b in new]
    free = set(range(len(old))) - {origin for origin in origins if origin is not None}
    return [
        index if origin is None and index in free else origin
        for index, origin in enumerate(origins)
    ]
