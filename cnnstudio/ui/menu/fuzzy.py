"""Finding by a few typed letters: which texts match, how well, and at which letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD_START, INITIALS, INSIDE, SCATTERED = 100, 80, 60, 40
"""What a match is worth: from the start of a word, the first letters of words, anywhere, spread
out from the start of a word."""

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Match:
    """How good a match is, more is better, and the places of the letters that were typed."""

    score: float
    places: frozenset[int]


def match(typed: str, text: str) -> Match | None:
    """How `text` matches what was `typed`; None where a word of it is not in `text`.

    The words of `typed` may come in any order. Earlier places and shorter texts are better.
    """
    lower = text.lower()
    found = [_match_word(word, lower) for word in typed.lower().split()]
    if any(part is None for part in found):
        return None
    parts = [part for part in found if part is not None]
    score = sum(part.score for part in parts) / max(1, len(parts)) - len(text) / 100
    return Match(score, frozenset[int]().union(*(part.places for part in parts)))


def _match_word(word: str, text: str) -> Match | None:
    starts = [found.start() for found in _WORD.finditer(text)]
    for start in starts:
        if text.startswith(word, start):
            return _run(WORD_START, start, word)
    initials = _subsequence(word, "".join(text[start] for start in starts))
    if initials is not None:
        places = [starts[place] for place in initials]
        return Match(INITIALS - places[0] / 10, frozenset(places))
    if (place := text.find(word)) >= 0:
        return _run(INSIDE, place, word)
    tails = (_subsequence(word, text[start:], start) for start in starts if text[start] == word[0])
    spreads = [places for places in tails if places is not None]
    if not spreads:
        return None
    best = min(spreads, key=lambda places: places[-1] - places[0])
    gaps = best[-1] - best[0] + 1 - len(word)
    return Match(SCATTERED - gaps, frozenset(best))


def _run(score: float, start: int, word: str) -> Match:
    return Match(score - start / 10, frozenset(range(start, start + len(word))))


def _subsequence(word: str, text: str, offset: int = 0) -> list[int] | None:
    """The places of the letters of `word` one after the other in `text`, `offset` on, if there."""
    places: list[int] = []
    for letter in word:
        place = text.find(letter, places[-1] + 1 if places else 0)
        if place < 0:
            return None
        places.append(place)
    return [place + offset for place in places]
