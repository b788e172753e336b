"""The text form cut into words and signs, each with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

ARROW, PLUS, OPEN, CLOSE, BAR, WORD, BREAK = ">", "+", "[", "]", "|", "word", "\n"

_SIGNS = str.maketrans({"→": ">", "⟶": ">", "⇒": ">", "×": "x", "−": "-", "·": " ", "\r": " "})
_SPREAD = re.compile(
    r"(?<![0-9])[0-9]+(?:[ \t]*@[ \t]*[0-9]+(?:[ \t]*[xX*][ \t]*[0-9]+)*"
    r"|(?:[ \t]*[xX*][ \t]*[0-9]+)+)"
)
"""Numbers that belong together, however they are spaced: 6 @ 5 x 5."""

_KINDS = {"arrow": ARROW, "plus": PLUS, "open": OPEN, "close": CLOSE, "bar": BAR, "break": BREAK}
_TOKEN = re.compile(
    r"(?P<arrow>[-=]{0,3}>)|(?P<plus>\+)|(?P<open>[\[({])|(?P<close>[\])}])|(?P<bar>\|)"
    r"|(?P<break>\n)|(?P<word>(?:(?![-=]{0,3}>)[^\s+\[\](){}|])+)"
)


class Token(NamedTuple):
    """A word or a sign, and the place of its first character, counted from 0."""

    kind: str
    text: str
    place: int


def tokens(text: str) -> list[Token]:
    """The words and signs of `text`; the end of a line is an arrow where none is beside it."""
    plain = _SPREAD.sub(_together, text.translate(_SIGNS))
    found = [
        Token(_KINDS.get(match.lastgroup or "", WORD), match[0], match.start())
        for match in _TOKEN.finditer(plain)
    ]
    return _joined(found)


def _together(match: re.Match[str]) -> str:
    """Spread numbers as one word, as long as before so that what follows keeps its place."""
    word = re.sub(r"[ \t]", "", match[0]).replace("*", "x")
    return word.ljust(len(match[0]))


def _joined(found: Sequence[Token]) -> list[Token]:
    """Without the ends of lines: each is an arrow between two blocks and nothing elsewhere."""
    kept: list[Token] = []
    for place, token in enumerate(found):
        if token.kind != BREAK:
            kept.append(token)
            continue
        before = kept[-1].kind if kept else ARROW
        after = found[place + 1].kind if place + 1 < len(found) else ARROW
        if before in (WORD, CLOSE) and after == WORD:
            kept.append(Token(ARROW, token.text, token.place))
    return kept
