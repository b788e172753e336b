"""A block while its words are read: its type, and the settings that were given so far."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from cnnstudio.blocks import Block
from cnnstudio.blocks.settings import Pair, Setting, Switch
from cnnstudio.errors import SettingError, TextFormError
from cnnstudio.network import vocabulary
from cnnstudio.network.vocabulary import SIDES, Kind, Meaning
from cnnstudio.network.wording import quoted, read_value

_GLUED = re.compile(r"([a-z_]+)([0-9.].*)", re.IGNORECASE)
_SIZE = re.compile(r"[0-9]+(x[0-9]+)+", re.IGNORECASE)
_NEGATIONS = ("no", "without")


class Draft:
    """Takes a block's words one by one; every refusal is a TextFormError without the place."""

    def __init__(self, meaning: Meaning, head: str = "") -> None:
        """`head` is the name that was given, whose meaning that is; without it the type is sure.

        Only a name that a person wrote is worth the search for what a misspelt word meant.
        """
        self.kind = meaning.kind
        self.values: dict[str, Any] = dict(meaning.values)
        self._head = head
        self._last: str | None = None

    @property
    def name(self) -> str:
        """What the block is called, such as "POOL max"."""
        return vocabulary.name_of(self.kind)

    def take(self, word: str, following: str | None = None) -> int:
        """Take `word`, and `following` where that is its value; how many words were taken."""
        if self._becomes(word):
            return 1
        if "=" in word:
            self._take_named(*word.split("=", 1))
        elif "@" in word:
            self._take_count(word)
        elif word[0].isdigit() or (word[0] in ".-" and word[1:2].isdigit()):
            self._take_number(word)
        elif following is not None and self._takes_two(word, following):
            return 2
        else:
            self._take_word(word)
        return 1

    def set(self, name: str, value: object) -> None:
        """Give the setting `name` its value; raises TextFormError when it has one."""
        if name in self.values:
            raise TextFormError(f"{name} of {self.name} is given twice")
        self.values[name] = value

    def block(self) -> Block:
        """The finished block; raises TextFormError when a setting is missing or not allowed."""
        missing = [name for name in vocabulary.required(self.kind) if name not in self.values]
        if missing:
            raise TextFormError(f"{self.name} lacks its {missing[0]}, {self._example()}")
        values = dict(self.values)
        if "kernel" in values and vocabulary.follows(self.kind, "stride"):
            values.setdefault("stride", values["kernel"])
        try:
            return self.kind(**values)
        except SettingError as error:
            raise TextFormError(str(error)) from error

    # ---- one word

    def _becomes(self, word: str) -> bool:
        """Whether `word` tells the type among those of a stem, as "max" does behind "POOL 2x2"."""
        if not self._head or not word[0].isalpha():
            return False
        found = vocabulary.meaning(self._head + word)
        if found is None:
            return False
        lost = [name for name in self.values if name not in found.kind.declarations()]
        if lost:
            raise TextFormError(f"{vocabulary.name_of(found.kind)} has no {lost[0]}")
        self.kind, self._head = found.kind, self._head + word
        return True

    def _take_named(self, name: str, word: str) -> None:
        self._read(self._setting(name), word)

    def _take_count(self, word: str) -> None:
        """6@5x5."""
        leading = vocabulary.leading(self.kind)
        if len(leading) < 2:
            raise TextFormError(f"{quoted(word)} is not for {self.name}, {self._example()}")
        for name, part in zip(leading, word.split("@", 1), strict=False):
            self._read(name, part)

    def _take_number(self, word: str) -> None:
        """A number or a size without the setting's name: it is that of the next leading one."""
        settings = self.kind.declarations()
        if set(SIDES) <= settings.keys():
            self._take_sides(word)
            return
        free = [name for name in vocabulary.leading(self.kind) if name not in self.values]
        if _SIZE.fullmatch(word):
            free = [name for name in free if isinstance(settings[name], Pair)] or free
        if not free:
            raise TextFormError(
                f"{quoted(word)} is one number too many for {self.name}; write the name of the "
                f"setting that it is for, as in {_named(settings)} {word[:9]}"
                if settings
                else f"{self.name} has no settings, so {quoted(word)} is too much"
            )
        self._read(free[0], word)
        self._last = free[0]

    def _take_sides(self, word: str) -> None:
        """32x32 or 32x32x1."""
        parts = word.lower().split("x")
        if len(parts) not in (2, 3):
            raise TextFormError(
                f"size {quoted(word)} of {self.name}: expected height x width x channels such as "
                "32x32x1"
            )
        for name, part in zip(SIDES, parts, strict=False):
            self._read(name, part)

    def _takes_two(self, word: str, following: str) -> bool:
        """Whether the words are a setting's name and its value: "stride 2", "no bias"."""
        if vocabulary.key(word) in _NEGATIONS:
            name = vocabulary.setting_named(self.kind, following)
            if name and isinstance(self._declared(name), Switch):
                self.set(name, False)
                return True
            return False
        if vocabulary.key(word) in vocabulary.option_words(self.kind):
            return False
        name = vocabulary.setting_named(self.kind, word)
        if name is None or name == self._last or not self._may_be(name, following):
            return False
        self._read(name, following)
        return True

    def _take_word(self, word: str) -> None:
        found = vocabulary.option_words(self.kind).get(vocabulary.key(word))
        if found is not None:
            self.set(*found)
            return
        name = vocabulary.setting_named(self.kind, word)
        if name is not None and name == self._last:  # "6 filters"
            return
        if name is not None:
            self._take_lonely(name, word)
            return
        glued = _GLUED.fullmatch(word)  # "stride2", "s2"
        name = vocabulary.setting_named(self.kind, glued[1]) if glued else None
        if glued and name:
            self._read(name, glued[2])
            return
        self._refuse(word)

    def _take_lonely(self, name: str, word: str) -> None:
        """A setting's name without a value: a switch is on."""
        if not isinstance(self._declared(name), Switch):
            raise TextFormError(f"{quoted(word)} of {self.name} needs a value, as in {word} 2")
        self.set(name, True)

    # ---- inside

    def _declared(self, name: str) -> Setting:
        return self.kind.declarations()[name]

    def _setting(self, word: str) -> str:
        name = vocabulary.setting_named(self.kind, word)
        if name is None:
            names = tuple(self.kind.declarations())
            instead = self._meant(word, names) or f"; it has {', '.join(names) or 'no settings'}"
            raise TextFormError(f"{self.name} has no setting {quoted(word)}{instead}")
        return name

    def _read(self, name: str, word: str) -> None:
        try:
            value = read_value(self._declared(name), word)
        except SettingError as error:
            raise TextFormError(str(error).rstrip(".")) from error
        self.set(name, value)

    def _may_be(self, name: str, word: str) -> bool:
        """Whether `word` looks like a value, so that the setting's name takes it."""
        if word[0].isdigit() or word[0] in ".-":
            return True
        try:
            read_value(self._declared(name), word)
        except SettingError:
            return False
        return True

    def _refuse(self, word: str) -> None:
        if vocabulary.meaning(word) is not None:
            raise TextFormError(
                f"{quoted(word)} is a block of its own; put > before it, behind {self.name}"
            )
        known = [name.lower() for name in self.kind.declarations()]
        for name in self.kind.declarations():
            known.extend(vocabulary.options(self.kind, name))
        names = ", ".join(self.kind.declarations())
        instead = self._meant(word, known) or (f"; its settings are {names}" if names else "")
        raise TextFormError(f"{quoted(word)} says nothing about {self.name}{instead}")

    def _meant(self, word: str, known: Iterable[str]) -> str:
        return meant(word, known) if self._head else ""

    def _example(self) -> str:
        """How the block is written."""
        return f"as in {example(self.kind)}"


def _named(settings: Mapping[str, Setting]) -> str:
    """The setting that is most often given by its name."""
    return "stride" if "stride" in settings else next(iter(settings))


def example(kind: Kind) -> str:
    """A block of the type as it is written, for messages."""
    name, leading = vocabulary.name_of(kind), vocabulary.leading(kind)
    if set(SIDES) <= kind.declarations().keys():
        return f"{name} 32x32x1"
    if len(leading) > 1:
        return f"{name} 6@5x5"
    if leading:
        return f"{name} {'5x5' if isinstance(kind.declarations()[leading[0]], Pair) else '100'}"
    return f"{name} [CONV 8@3x3]" if vocabulary.row_setting(kind) else name


def meant(word: str, known: Iterable[str]) -> str:
    """The question what a misspelt word was meant to be, for a message; or nothing."""
    spelling = {vocabulary.key(each): each for each in known}
    wanted = vocabulary.key(word)[:40]
    likeness = 0.6 if len(wanted) > 3 else 0.5
    near = difflib.get_close_matches(wanted, spelling, n=1, cutoff=likeness)
    return f"; did you mean {spelling[near[0]]}?" if near else ""
