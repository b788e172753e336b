"""What a person types to add blocks in a hurry, such as "conv 16 5x5", and what it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any, NamedTuple

from cnnstudio.blocks import Block, FullyConnected
from cnnstudio.blocks.palette import PALETTE, Tile
from cnnstudio.blocks.settings import Fraction, Pair
from cnnstudio.errors import CnnStudioError, TextFormError
from cnnstudio.network import text_form, vocabulary
from cnnstudio.network.draft import Draft
from cnnstudio.network.phrase_names import EXACT, SIMILAR, Naming, named, similar
from cnnstudio.network.text_tokens import ARROW, WORD, tokens
from cnnstudio.network.vocabulary import ACTIVATION, Kind, Meaning, key

LONGEST = 1_000
"""More characters than this are no phrase."""

MOST_WORDS = 12
"""Words that the phrase for one block may have."""

_NOISE = {"a", "an", "and", "by", "of", "the", "with", "size"}
_LITERAL = re.compile(r"[@+=\[\](){}|]|\binput\b", re.IGNORECASE)
"""What only somebody writes who writes the text form itself: that reading comes first."""

_BRACKETS = re.compile(r"[\[\](){}|]")
_GLUED = re.compile(r"([a-z]+)([.0-9].*)", re.IGNORECASE)

_FEW_UNITS = 10
"""With so many units a fully connected block is probably the output, which has no activation."""

_SMALL_SIDES = (3, 5, 7, 9, 11)
"""A lonely number behind CONV is a kernel when it is one of these, else the filters."""

Values = dict[str, Any]


@dataclass(frozen=True)
class Suggestion:
    """One meaning of a phrase: the block's name for people, its settings in words, the blocks."""

    title: str
    words: str
    blocks: tuple[Block, ...]


class _Match(NamedTuple):
    """A reading of a phrase, sorted by the numbers."""

    rank: int
    place: int
    variant: int
    tile: Tile
    block: Block


def suggestions(text: str, limit: int = 12) -> tuple[Suggestion, ...]:
    """What `text` may mean, the likeliest first; nothing where no reading makes sense.

    An empty text gives the common blocks. Several blocks stand with arrows between them, as in
    the text form. Never raises.
    """
    if len(text) > LONGEST:
        return ()
    found = _all(text) if text.strip() else map(_of_tile, _common())
    return tuple(islice(_distinct(found), max(0, limit)))


def _all(text: str) -> Iterator[Suggestion]:
    if _LITERAL.search(text):
        yield from _literal(text)
    if _BRACKETS.search(text):
        return
    *before, last = _segments(text)
    blocks: list[Block] = []
    for segment in before:
        best = next(iter(_of_segment(segment)), None)
        if best is None:
            return
        blocks.extend(best.blocks)
    if not last and blocks:
        yield suggestion_of(tuple(blocks))
    for ending in _of_segment(last):
        yield suggestion_of((*blocks, *ending.blocks)) if blocks else ending


def _literal(text: str) -> Iterator[Suggestion]:
    """The text form as it stands."""
    try:
        blocks = text_form.read_blocks(text)
    except CnnStudioError:
        return
    if blocks:
        yield suggestion_of(blocks)


def _segments(text: str) -> list[list[str]]:
    """The words of every block; there is at least one, and the last may still be empty."""
    found: list[list[str]] = [[]]
    for token in tokens(re.sub("[@=]", " ", text)):
        if token.kind == ARROW:
            found.append([])
        elif token.kind == WORD and token.text.lower() not in _NOISE:
            found[-1].append(token.text)
    return [segment for segment in found[:-1] if segment] + found[-1:]


# ---- one block


def _of_segment(words: Sequence[str]) -> list[Suggestion]:
    """The meanings of the words for one block, the likeliest first."""
    if not 0 < len(words) <= MOST_WORDS:
        return []
    found = [match for split in _splits(words) for match in _matches(split, named)]
    found = found or [match for split in _splits(words) for match in _matches(split, similar)]
    if not found:
        return list(_literal(" ".join(words)))
    found.sort(key=lambda match: match[:3])
    return [Suggestion(m.tile.label, m.block.summary(), (m.block,)) for m in found]


def _splits(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words as they are, and with a number parted from the first: conv16, c5."""
    yield words
    glued = _GLUED.fullmatch(words[0])
    if glued and key(words[0]) not in vocabulary.MEANINGS:
        yield (glued[1], glued[2], *words[1:])


def _matches(words: Sequence[str], naming: Naming) -> Iterator[_Match]:
    for place, tile in enumerate(_TILES):
        for quality, rest in naming(tile, words):
            for variant, block in enumerate(_readings(tile, rest)):
                yield _Match(_rank(quality, tile), place, variant, tile, block)


def _rank(quality: int, tile: Tile) -> int:
    """The place in the list; a rare block comes early only when it is named in full."""
    return quality + SIMILAR if tile.rare and quality != EXACT else quality


# ---- its settings


def _readings(tile: Tile, words: Sequence[str]) -> Iterator[Block]:
    """The blocks that the words for settings give, the likeliest first."""
    for completed in _completions(type(tile.block), words):
        given = _given(tile, completed)
        if given is None:
            continue
        for values in _variants(tile, given):
            block = _filled(tile, values)
            if block is not None:
                yield block


def _completions(kind: Kind, words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words, and with the last, which may still be typed, completed or left out."""
    yield words
    if not words:
        return
    *before, last = words
    if last[-1] in "xX" and last[0].isdigit():
        yield (*before, last[:-1])
    if key(last) and key(last) not in vocabulary.option_words(kind):
        for word, (_, option) in vocabulary.option_words(kind).items():
            if word.startswith(key(last)):
                yield (*before, option)
        if vocabulary.setting_named(kind, last):
            yield before


def _given(tile: Tile, words: Sequence[str]) -> Values | None:
    """The settings that the words give a block of the tile's type; None when one makes no sense."""
    kind = type(tile.block)
    choice = vocabulary.only_choice(kind)
    draft = Draft(Meaning(kind, {choice: getattr(tile.block, choice)} if choice else {}))
    place = 0
    while place < len(words):
        try:
            place += draft.take(words[place], *words[place + 1 : place + 2])
        except TextFormError:
            if not _taken_as_percent(draft, words[place]):
                return None
            place += 1
    return draft.values


def _taken_as_percent(draft: Draft, word: str) -> bool:
    """Whether `word` makes sense in percent, as in "dropout 30"."""
    settings = draft.kind.declarations()
    if not any(isinstance(settings[name], Fraction) for name in vocabulary.leading(draft.kind)):
        return False
    try:
        draft.take(f"{word}%")
    except TextFormError:
        return False
    return True


def _variants(tile: Tile, given: Values) -> Iterator[Values]:
    """What was given, and what it may mean beside that."""
    kind = type(tile.block)
    for values in _numbers(kind, given):
        yield values
        sized = any(name in values for name in _sizes(kind))
        if sized and "padding" not in values and _can_keep_size(kind):
            yield {**values, "padding": "same"}
        if sized and "stride" not in values and vocabulary.follows(kind, "stride"):
            yield {**values, "stride": getattr(tile.block, "stride", 1)}
        if values and ACTIVATION in kind.declarations() and ACTIVATION not in values:
            output = _is_output(kind, values)
            yield {**values, ACTIVATION: getattr(tile.block, ACTIVATION) if output else "none"}


def _numbers(kind: Kind, given: Values) -> Iterator[Values]:
    """A lonely number may be that of the filters or the side of the kernel."""
    counts = [name for name in vocabulary.leading(kind) if name not in _sizes(kind)]
    sizes = [name for name in vocabulary.leading(kind) if name in _sizes(kind)]
    if not (counts and sizes and counts[0] in given and sizes[0] not in given):
        yield given
        return
    other = {sizes[0] if name == counts[0] else name: value for name, value in given.items()}
    small = given[counts[0]] in _SMALL_SIDES
    yield other if small else given
    if small:
        yield given


def _filled(tile: Tile, given: Values) -> Block | None:
    """The tile's block with the settings that were given; None where that is not allowed.

    A size that was given stands without the padding and the stride that suit the tile's own.
    """
    kind = type(tile.block)
    own = tile.block.values()
    if any(name in given for name in _sizes(kind)):
        own = {n: own[n] for n in (*vocabulary.required(kind), ACTIVATION) if n in own}
    if _is_output(kind, given):
        own[ACTIVATION] = "none"
    draft = Draft(Meaning(kind, {**own, **given}))
    try:
        return draft.block()
    except CnnStudioError:
        return None


def _sizes(kind: Kind) -> list[str]:
    """The leading settings that are sizes."""
    settings = kind.declarations()
    return [name for name in vocabulary.leading(kind) if isinstance(settings[name], Pair)]


def _can_keep_size(kind: Kind) -> bool:
    return vocabulary.option_words(kind).get("same") == ("padding", "same")


def _is_output(kind: Kind, given: Values) -> bool:
    few = bool(0 < given.get("units", 0) <= _FEW_UNITS)
    return issubclass(kind, FullyConnected) and few


# ---- the list


def _common() -> list[Tile]:
    """All tiles, the first of every family, then the second of every family, the rare last."""
    columns = zip_longest(*(group.tiles for group in PALETTE))
    tiles = [tile for column in columns for tile in column if tile is not None]
    return sorted(tiles, key=lambda tile: tile.rare)


_TILES = tuple(tile for group in PALETTE for tile in group.tiles)


def _of_tile(tile: Tile) -> Suggestion:
    return Suggestion(tile.label, tile.block.summary(), (tile.block,))


def suggestion_of(blocks: tuple[Block, ...]) -> Suggestion:
    """`blocks` with their words, as the list shows them."""
    if len(blocks) > 1:
        return Suggestion(f"{len(blocks)} blocks", text_form.write_blocks(blocks), blocks)
    return Suggestion(_label(blocks[0]), blocks[0].summary(), blocks)


def _label(block: Block) -> str:
    """The label of the block's tile."""
    kind = type(block)
    choice = vocabulary.only_choice(kind)
    same = [tile for tile in _TILES if type(tile.block) is kind]
    same = [t for t in same if choice is None or t.block == block] or same
    return same[0].label if same else kind.title


def _distinct(found: Iterable[Suggestion]) -> Iterator[Suggestion]:
    seen: set[tuple[Block, ...]] = set()
    for suggestion in found:
        if suggestion.blocks not in seen:
            seen.add(suggestion.blocks)
            yield suggestion
