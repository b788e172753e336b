"""The window's typography: the core's ASCII strings written with proper signs, and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_SIGNS = (
    (re.compile(r"(?<=[\d?])x(?=[\d?])"), "×"),
    (re.compile(r"(?<=[a-z]) x (?=[a-z])"), " × "),
    (re.compile(r"\s*->\s*"), " → "),
    (re.compile(r"(?<=\s)-(?=\s)"), "−"),
    (re.compile(r"(?<![\w.])-(?=[\d.]*\d)"), "−"),
    (re.compile(r"(?<=\)) \* | \* (?=\()|(?<=[\w)])\*(?=[\w(])"), "·"),
    (re.compile(r"(?<=\w) \* (?=\w)"), " · "),
)

_NAMES = re.compile("(\u201c[^\u201d]*\u201d)")


@lru_cache(maxsize=4096)
def pretty(text: str) -> str:
    """`text` with real signs: ``28x28x6 - 2*3 -> ?`` becomes ``28×28×6 − 2·3 → ?``.

    What a person wrote is not to come here, such as the name of a file; in quotes it stays.
    """
    parts = _NAMES.split(text)
    for pattern, sign in _SIGNS:
        parts[::2] = [pattern.sub(sign, part) for part in parts[::2]]
    return "".join(parts)


def size(shape: Sequence[int] | None) -> str:
    """A size as the cards show it, such as ``28×28×6``; ``?`` where it is not known."""
    return "?" if shape is None else pretty(str(shape))


def count(number: int | None, unit: str = "") -> str:
    """A whole number with its unit, such as ``2,416 params``; ``?`` where it is not known."""
    words = "?" if number is None else f"{number:,}"
    return f"{words} {unit}".rstrip()
