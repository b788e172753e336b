"""A setting's value as a word of the text form, and back."""

from __future__ import annotations

import re
from typing import Any

from cnnstudio.blocks.block import size_words, step_words
from cnnstudio.blocks.settings import (
    Choice,
    Fraction,
    Pair,
    Setting,
    Switch,
    Table,
    WholeNumber,
)
from cnnstudio.errors import SettingError
from cnnstudio.network.vocabulary import key

_SWITCHES = {
    **dict.fromkeys(("true", "on", "yes", "1"), True),
    **dict.fromkeys(("false", "off", "no", "0"), False),
}
_WHOLE = re.compile(r"[0-9]{1,12}")
_SIZE = re.compile(r"([0-9]{1,12})x([0-9]{1,12})")
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)(%?)")
_LISTS = re.compile(r"[0-9]{1,12}(,[0-9]{1,12})*(/[0-9]{1,12}(,[0-9]{1,12})*)*")

_EXPECTED: tuple[tuple[type[Setting], str], ...] = (
    (WholeNumber, "a whole number such as {}"),
    (Fraction, "a number such as 0.5"),
    (Pair, "a number such as 5, or rows x columns such as 5x5"),
    (Switch, "true or false"),
    (Table, "map numbers such as 0,1,2/1,2,3, a list for each filter"),
)


def write_value(setting: Setting, value: Any) -> str:
    """`value` as one word."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(setting, Fraction):
        return _number(value)
    if isinstance(setting, Pair) and not isinstance(value, str):
        return step_words(value)
    if isinstance(setting, Table) and not isinstance(value, str):
        return "/".join(",".join(map(str, row)) for row in value)
    return str(value)


def write_size(setting: Setting, value: Any) -> str:
    """`value` as the word that stands alone behind a name: a size has both sides."""
    if isinstance(setting, Pair) and not isinstance(value, str):
        return size_words(value)
    return write_value(setting, value)


def read_value(setting: Setting, word: str) -> object:
    """The value that `word` gives `setting`; raises SettingError naming what was expected."""
    value = _value(setting, word.lower())
    if value is None:
        raise SettingError(
            f"{setting.label.lower()} {quoted(word)} is not understood; "
            f"expected {_expected(setting)}."
        )
    return setting.read(value)


def _value(setting: Setting, word: str) -> object:
    """The plain value in `word`; None when it has not the form that `setting` needs."""
    option = _option(setting, word)
    if option is not None:
        return option
    if isinstance(setting, WholeNumber):
        return int(word) if _WHOLE.fullmatch(word) else None
    if isinstance(setting, Fraction):
        found = _NUMBER.fullmatch(word)
        return float(found[1]) / (100 if found[2] else 1) if found else None
    if isinstance(setting, Pair):
        return _sides(word)
    if isinstance(setting, Switch):
        return _SWITCHES.get(word)
    if isinstance(setting, Table) and _LISTS.fullmatch(word):
        return [[int(number) for number in row.split(",")] for row in word.split("/")]
    return None


def _sides(word: str) -> object:
    if _WHOLE.fullmatch(word):
        return int(word)
    found = _SIZE.fullmatch(word)
    return (int(found[1]), int(found[2])) if found else None


def _option(setting: Setting, word: str) -> str | None:
    """The option that `word` means, in its file's or its screen's spelling."""
    words = setting.options if isinstance(setting, Choice) else getattr(setting, "words", {})
    for option, shown in words.items():
        if key(word) in (key(option), key(shown)) and key(word):
            return str(option)
    return None


def _number(value: float) -> str:
    """The shortest number that is read back to the same bits."""
    text = repr(float(value)).replace("e+", "e")
    return text.removesuffix(".0")


def _expected(setting: Setting) -> str:
    if isinstance(setting, Choice):
        return "one of " + ", ".join(setting.options)
    found = next((words for kind, words in _EXPECTED if isinstance(setting, kind)), "a value")
    words = found.format(getattr(setting, "minimum", 0) or 1)
    return " or ".join((words, *getattr(setting, "words", ())))


def quoted(word: str) -> str:
    """`word` in quotes for a message, a long one cut short."""
    return f'"{word}"' if len(word) <= 40 else f'"{word[:37]}..."'
