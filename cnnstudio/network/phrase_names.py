"""How well the words of a phrase name a block of the palette."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from cnnstudio.blocks.palette import Tile
from cnnstudio.network import vocabulary
from cnnstudio.network.vocabulary import key

EXACT, BEGINNING, PART, NAMELESS, SIMILAR = range(5)
"""How well a phrase names a block, the best first."""

Naming = Callable[[Tile, Sequence[str]], Iterator[tuple[int, Sequence[str]]]]
"""How well the words name a tile, and those that are left for its settings."""


def named(tile: Tile, words: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Every way to find the tile's name among the words, wherever it stands."""
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + vocabulary.LONGEST_NAME) + 1):
            quality = _quality(tile, tuple(map(key, words[start:end])))
            if quality is not None:
                yield quality, (*words[:start], *words[end:])
    if any(word[0].isdigit() for word in words):
        yield NAMELESS, words


def similar(tile: Tile, words: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The same for a name that is misspelt."""
    for place, word in enumerate(words):
        if difflib.get_close_matches(key(word)[:40], _names(tile), n=1, cutoff=0.7):
            yield SIMILAR, (*words[:place], *words[place + 1 :])


def _quality(tile: Tile, words: Sequence[str]) -> int | None:
    """How well the words name the tile's block; None when they do not."""
    names, wanted = _names(tile), "".join(words)
    if wanted in names:
        own = vocabulary.MEANINGS.get(wanted)
        return EXACT if own is None or own.kind is type(tile.block) else BEGINNING
    if wanted and any(name.startswith(wanted) for name in names):
        return BEGINNING
    begun = all(words) and any(_begins(parts, words) for parts in names.values())
    return PART if begun and len(wanted) > 1 else None


def _begins(parts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words are beginnings of as many parts of a name in a row, as in "glob avg"."""
    places = range(len(parts) - len(words) + 1)
    return any(
        all(part.startswith(word) for part, word in zip(parts[place:], words, strict=False))
        for place in places
    )


@cache
def _names(tile: Tile) -> Mapping[str, Sequence[str]]:
    """What people call the tile's block, by key, each name also in its words."""
    kind = type(tile.block)
    choice = vocabulary.only_choice(kind)
    found = [tile.label, *kind.names, kind.stem, kind.title, kind.__name__]
    if choice is not None:
        option = str(getattr(tile.block, choice))
        found += [option, vocabulary.options(kind, choice)[option]]
    found.sort(key=lambda name: name.count(" "))  # of "MaxPool2D" and "max pool 2d" the words stay
    return {key(name): tuple(map(key, name.split())) for name in found}
