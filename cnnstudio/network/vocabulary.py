"""The words for blocks and settings in the text form, taken from the blocks' declarations."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, wraps
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from cnnstudio.blocks import BLOCK_TYPES, Block
from cnnstudio.blocks.row import Row, Rows
from cnnstudio.blocks.settings import Choice, Fraction, Pair, Setting, Table, WholeNumber

ACTIVATION = "activation"
"""The setting that stands behind a plus."""

SIDES = ("height", "width", "channels")
"""The settings that one size gives together, as in 32x32x1."""

SHORT: Mapping[str, str] = {"padding": "pad"}
"""Settings that are written shorter than they are named."""

Kind = type[Block]
Found = TypeVar("Found")


class Meaning(NamedTuple):
    """What a name stands for: a block type, and for "ReLU" also the setting that it gives."""

    kind: Kind
    values: Mapping[str, Any]


def _once(find: Callable[[Kind], Found]) -> Callable[[Kind], Found]:
    """`find`, done once for each block type, whose declarations never change."""
    known: dict[Kind, Found] = {}

    @wraps(find)
    def found(kind: Kind) -> Found:
        if kind not in known:
            known[kind] = find(kind)
        return known[kind]

    return found


@lru_cache(maxsize=4_096)
def key(words: str) -> str:
    """`words` without case, spaces and signs, as words are compared."""
    return "".join(letter for letter in words.casefold() if letter.isalnum())


def _meanings() -> Iterator[tuple[str, Meaning]]:
    """Every name with what it stands for; of two meanings the first counts."""
    nothing: Mapping[str, Any] = MappingProxyType({})
    for kind in BLOCK_TYPES:
        yield kind.__name__, Meaning(kind, nothing)
    for kind in BLOCK_TYPES:
        for name in (*kind.names, kind.stem, kind.title):
            yield name, Meaning(kind, nothing)
    for kind in BLOCK_TYPES:
        choice = only_choice(kind)
        if choice is None:
            continue
        for option in options(kind, choice):
            yield option, Meaning(kind, MappingProxyType({choice: option}))


@_once
def only_choice(kind: Kind) -> str | None:
    """The setting of a block that is nothing but a choice, so that its options are names."""
    settings = kind.declarations()
    if len(settings) != 1 or not required(kind):
        return None
    name, setting = next(iter(settings.items()))
    return name if isinstance(setting, Choice) else None


@_once
def defaults(kind: Kind) -> Mapping[str, Any]:
    """The defaults of the settings that have one."""
    fields = {field.name: field.default for field in dataclasses.fields(kind)}
    usual = {name: fields[name] for name in kind.declarations() if name not in required(kind)}
    return MappingProxyType(usual)


@_once
def required(kind: Kind) -> tuple[str, ...]:
    """The settings without a default."""
    missing = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    return tuple(name for name in kind.declarations() if name in missing)


@_once
def leading(kind: Kind) -> tuple[str, ...]:
    """The settings that stand right behind the name, without their own: 6@5x5, 2x2, 120, 0.5.

    Those are the numbers that must be given; without any, the first size; without a size, the only
    setting. Where one size gives height, width and channels there are none.
    """
    settings = kind.declarations()
    if set(SIDES) <= settings.keys():
        return ()
    numbers = tuple(n for n in required(kind) if isinstance(settings[n], WholeNumber | Pair))
    sizes = tuple(name for name, setting in settings.items() if isinstance(setting, Pair))
    if numbers or sizes:
        return numbers or sizes[:1]
    lonely = len(settings) == 1 and all(isinstance(s, Fraction) for s in settings.values())
    return tuple(settings) if lonely else ()


def follows(kind: Kind, name: str) -> bool:
    """Whether a window's stride is its own size where nothing else is said, as in a pool."""
    usual = defaults(kind)
    return name == "stride" and "stride" in usual and usual.get("kernel") == usual["stride"]


def row_setting(kind: Kind) -> str | None:
    """The setting that holds the rows in brackets; None for a block that holds none."""
    return next((n for n, setting in kind.declarations().items() if holds_rows(setting)), None)


def holds_rows(setting: Setting | None) -> bool:
    """Whether the setting's value is a row of blocks, or several."""
    return isinstance(setting, Row | Rows)


def options(kind: Kind, name: str) -> Mapping[str, str]:
    """The words that a setting allows, each with that on the screen."""
    setting = kind.declarations()[name]
    if isinstance(setting, Choice):
        return setting.options
    return setting.words if isinstance(setting, Pair | Table) else {}


@_once
def option_words(kind: Kind) -> Mapping[str, tuple[str, str]]:
    """For the key of every word that says its setting by itself, such as "same", both."""
    found: dict[str, tuple[str, str]] = {}
    for name in kind.declarations():
        for option, words in options(kind, name).items():
            found.setdefault(key(option), (name, option))
            found.setdefault(key(words), (name, option))
    return MappingProxyType(found)


def speaks_for_itself(kind: Kind, name: str, value: object) -> bool:
    """Whether the option `value` is a word that can only be meant for the setting `name`."""
    if not isinstance(value, str) or value not in options(kind, name):
        return False
    return option_words(kind)[key(value)] == (name, value)


def setting_named(kind: Kind, word: str) -> str | None:
    """The setting that `word` names: by name, label, or the beginning of either ("pad", "s")."""
    wanted = key(word)
    settings = kind.declarations()
    for name, setting in settings.items():
        if wanted in (key(name), key(setting.label)):
            return name
    beginnings = [n for n, s in settings.items() if wanted and _begins(n, s, wanted)]
    return min(beginnings, key=lambda name: settings[name].rare, default=None)


def _begins(name: str, setting: Setting, wanted: str) -> bool:
    return key(name).startswith(wanted) or key(setting.label).startswith(wanted)


def _table() -> Mapping[str, Meaning]:
    found: dict[str, Meaning] = {}
    for name, meaning in _meanings():
        found.setdefault(key(name), meaning)
    return MappingProxyType(found)


MEANINGS = _table()
"""What every name stands for, by its key."""

LONGEST_NAME = 4
"""Words that a name may have."""


def meaning(words: str) -> Meaning | None:
    """What the name `words` stands for."""
    return MEANINGS.get(key(words))


def name_of(kind: Kind) -> str:
    """The name that is written: the first of its own that means no other type."""
    own = (name for name in kind.names if MEANINGS[key(name)].kind is kind)
    return next(own, kind.__name__)
