"""Reading the text form: one walk over its words and signs; every refusal says where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from cnnstudio.blocks import Block, Input
from cnnstudio.blocks.row import DEEPEST, Blocks, Rows
from cnnstudio.errors import TextFormError
from cnnstudio.network import vocabulary
from cnnstudio.network.draft import Draft, meant
from cnnstudio.network.text_tokens import ARROW, BAR, CLOSE, OPEN, WORD, Token, tokens
from cnnstudio.network.vocabulary import ACTIVATION, Meaning
from cnnstudio.network.wording import quoted

_GLUED = re.compile(r"([a-z_]+)([0-9].*)", re.IGNORECASE)
"""A name with its number right behind it, as in fc10."""


def has_blocks(text: str) -> bool:
    """Whether a known block stands where a block begins, and is not all that there is."""
    found = tokens(text)
    beginnings = (ARROW, *(token.kind for token in found))
    heads = [
        token.text
        for token, before in zip(found, beginnings, strict=False)
        if token.kind == WORD and before in (ARROW, OPEN, BAR)
    ]
    known = [head for head in map(_meaning, heads) if head is not None]
    return bool(known) and (len(found) > 1 or known[0].kind is Input)


def _meaning(word: str) -> Meaning | None:
    found, glued = vocabulary.meaning(word), _GLUED.fullmatch(word)
    return found or (vocabulary.meaning(glued[1]) if glued else None)


class Reader:
    """Reads one text, once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens(text)
        self._at = 0
        self._numbers = [1]
        """The block in each of the rows that stand in each other, counted from 1."""

    def read(self) -> Blocks:
        """The blocks; raises TextFormError."""
        if not self._tokens:
            raise TextFormError("There is no block in the text; write one such as CONV 6@5x5.")
        blocks = self._row()
        token = self._peek()
        if token is None:
            return blocks
        if token.kind == CLOSE:
            self._fail(f'"{token.text}" closes no bracket', token)
        self._fail('"|" can only part the rows in the brackets of a block', token)

    # ---- rows and blocks

    def _row(self) -> Blocks:
        """Blocks up to a bar, a closing bracket or the end; in brackets there may be none."""
        token = self._peek()
        if len(self._numbers) > 1 and token is not None and token.kind in (BAR, CLOSE):
            return ()
        blocks: list[Block] = []
        while True:
            blocks.append(self._block())
            token = self._peek()
            if token is None or token.kind in (BAR, CLOSE):
                return tuple(blocks)
            self._at += 1  # an arrow, or the plus before a block of its own
            self._numbers[-1] += 1

    def _block(self) -> Block:
        start = self._peek()
        draft = self._head()
        if draft.kind is Input and self._numbers != [1]:
            self._fail("INPUT can only be the first block of a network", start)
        while (token := self._peek()) is not None and token.kind not in (ARROW, BAR, CLOSE):
            if token.kind == OPEN:
                self._take_rows(draft, vocabulary.row_setting(draft.kind))
            elif token.kind == WORD:
                self._take_word(draft, token)
            elif not self._take_activation(draft):
                break
        try:
            return draft.block()
        except TextFormError as error:
            self._fail(str(error), start)

    def _head(self) -> Draft:
        """The draft of the block that begins here: the longest name that is known."""
        words = self._words_ahead(vocabulary.LONGEST_NAME)
        for length in range(len(words), 0, -1):
            found = vocabulary.meaning("".join(words[:length]))
            if found is not None:
                self._at += length
                return Draft(found, "".join(words[:length]))
        if not words:
            self._fail("here a block such as CONV 6@5x5 is missing", self._peek())
        return self._glued_head(words[0])

    def _glued_head(self, word: str) -> Draft:
        """That of a name with its number right behind it, which stays to be read."""
        found, glued = _meaning(word), _GLUED.fullmatch(word)
        if found is None or glued is None:
            close = meant(word, [key.upper() for key in vocabulary.MEANINGS])
            self._fail(f"{quoted(word)} is no block{close or '; write one such as CONV 6@5x5'}")
        place = self._tokens[self._at].place
        self._tokens[self._at] = Token(WORD, glued[2], place + len(glued[1]))
        return Draft(found, glued[1])

    # ---- the parts of a block

    def _take_word(self, draft: Draft, token: Token) -> None:
        ahead = self._words_ahead(2)
        following = ahead[1] if len(ahead) > 1 else None
        if token.text.endswith("=") and self._kind_ahead(1) == OPEN:
            self._at += 1
            self._take_rows(draft, vocabulary.setting_named(draft.kind, token.text))
            return
        try:
            self._at += draft.take(token.text, following)
        except TextFormError as error:
            self._fail(str(error), token)

    def _take_activation(self, draft: Draft) -> bool:
        """Whether what stands behind the plus was an activation of this very block."""
        if ACTIVATION not in draft.kind.declarations() or ACTIVATION in draft.values:
            return False
        words = self._words_ahead(2, start=1)
        known = vocabulary.option_words(draft.kind)
        for length in range(len(words), 0, -1):
            name, option = known.get(vocabulary.key("".join(words[:length])), ("", ""))
            if name == ACTIVATION:
                draft.set(name, option)
                self._at += 1 + length
                return True
        return False

    def _take_rows(self, draft: Draft, name: str | None) -> None:
        """Rows in brackets, as the setting `name` has them."""
        opening = self._tokens[self._at]
        setting = draft.kind.declarations().get(name or "")
        if name is None or not vocabulary.holds_rows(setting):
            self._fail(f"{draft.name} holds no rows of blocks, so it takes no brackets", opening)
        if len(self._numbers) > DEEPEST:
            self._fail(f"rows may stand at most {DEEPEST} deep in rows", opening)
        rows = self._rows_in_brackets(opening)
        if isinstance(setting, Rows):
            draft.values[name] = (*draft.values.get(name, ()), *rows)
        elif len(rows) > 1 or name in draft.values:
            self._fail(f'{draft.name} holds one row of blocks, so it takes no "|"', opening)
        else:
            draft.values[name] = rows[0]

    def _rows_in_brackets(self, opening: Token) -> list[Blocks]:
        rows: list[Blocks] = []
        while not rows or self._tokens[self._at].kind == BAR:
            self._at += 1
            self._numbers.append(1)
            rows.append(self._row())
            self._numbers.pop()
            if self._peek() is None:
                self._fail(f'this "{opening.text}" is not closed', opening)
        self._at += 1
        return rows

    # ---- looking ahead and saying where

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _kind_ahead(self, distance: int) -> str | None:
        place = self._at + distance
        return self._tokens[place].kind if place < len(self._tokens) else None

    def _words_ahead(self, most: int, start: int = 0) -> list[str]:
        """The next words, up to the next sign."""
        words: list[str] = []
        for token in self._tokens[self._at + start : self._at + start + most]:
            if token.kind != WORD:
                break
            words.append(token.text)
        return words

    def _fail(self, words: str, token: Token | None = None) -> NoReturn:
        token = token or self._peek()
        place = len(self._text) if token is None else token.place
        end = "" if words.endswith((".", "?")) else "."
        raise TextFormError(f"{_where(self._numbers)} ({_place(self._text, place)}): {words}{end}")


def _where(numbers: Sequence[int]) -> str:
    """Such as "Block 3", or "Block 1 in the brackets of block 3"."""
    outer = "".join(f" in the brackets of block {number}" for number in reversed(numbers[:-1]))
    return f"Block {numbers[-1]}{outer}"


def _place(text: str, place: int) -> str:
    """The place of a character for people, counted from 1."""
    lines = text[:place].split("\n")
    column = f"character {len(lines[-1]) + 1}"
    return f"line {len(lines)}, {column}" if len(lines) > 1 else column
