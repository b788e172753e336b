"""The kinds of settings that a block or a training recipe declares: label, help, range, message."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Self

from cnnstudio.errors import SettingError

Size = int | tuple[int, int]
"""One number for rows and columns, or a pair ``(rows, columns)``."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What every setting declares: its label, a sentence of help and the unit of its value.

    A `rare` setting is seldom changed: a form folds it away while it stands at its default.
    """

    label: str
    help: str
    unit: str = ""
    rare: bool = False

    def read(self, value: object) -> object:
        """Return `value` in its normal form, or raise SettingError saying what was expected."""
        raise NotImplementedError

    def refusal(self, expected: str, value: object) -> SettingError:
        """The error for `value`, with the same words for every kind of setting."""
        return SettingError(f"{self.label} must be {expected}, not {_shown(value)}.")


@dataclass(frozen=True, kw_only=True)
class WholeNumber(Setting):
    """A whole number from `minimum` to `maximum`, both included."""

    minimum: int
    maximum: int

    def read(self, value: object) -> int:
        """Return `value` as an int; raises SettingError outside the range."""
        if _is_whole(value, self.minimum, self.maximum):
            return int(value)  # type: ignore[call-overload, no-any-return]
        raise self.refusal(f"a whole number from {self.minimum:,} to {self.maximum:,}", value)


@dataclass(frozen=True, kw_only=True)
class Fraction(Setting):
    """A real number from `minimum` to `maximum`, both included."""

    minimum: float
    maximum: float

    def read(self, value: object) -> float:
        """Return `value` as a float; raises SettingError outside the range or when not finite."""
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if is_number and self.minimum <= value <= self.maximum:  # type: ignore[operator]
            return float(value)  # type: ignore[arg-type]
        raise self.refusal(f"a number from {self.minimum:g} to {self.maximum:g}", value)


@dataclass(frozen=True, kw_only=True)
class Choice(Setting):
    """One of a few words; `options` maps the word in files to the words on the screen."""

    options: Mapping[str, str]

    def read(self, value: object) -> str:
        """Return `value` if it is one of the options; raises SettingError otherwise."""
        if isinstance(value, str) and value in self.options:
            return value
        raise self.refusal("one of " + ", ".join(self.options), value)


@dataclass(frozen=True, kw_only=True)
class Switch(Setting):
    """On or off."""

    def read(self, value: object) -> bool:
        """Return `value` if it is a bool; raises SettingError otherwise."""
        if isinstance(value, bool):
            return value
        raise self.refusal("true or false", value)


@dataclass(frozen=True, kw_only=True)
class Pair(Setting):
    """A whole number for both directions, a pair ``(rows, columns)``, or one of `words`."""

    minimum: int
    maximum: int
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def read(self, value: object) -> Size | str:
        """Return an int when rows equal columns, else a pair, else the word.

        Raises SettingError outside the range.
        """
        if isinstance(value, str) and value in self.words:
            return value
        sides = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
        if len(sides) == 2 and all(_is_whole(n, self.minimum, self.maximum) for n in sides):
            rows, columns = int(sides[0]), int(sides[1])
            return rows if rows == columns else (rows, columns)
        expected = (
            f"a whole number from {self.minimum} to {self.maximum}, or a pair (rows, columns)"
        )
        if self.words:
            expected += ", or " + " or ".join(self.words)
        raise self.refusal(expected, value)


Links = tuple[tuple[int, ...], ...]
"""For each filter the numbers, from 0 and rising, of the maps that it sees."""


@dataclass(frozen=True, kw_only=True)
class Table(Setting):
    """For each filter the maps that it sees: lists of numbers from 0, or one of `words`."""

    maximum: int
    words: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def read(self, value: object) -> Links | str:
        """Return each filter's maps in rising order, or the word.

        Raises SettingError for an empty list, a map named twice or a number outside the range.
        """
        if isinstance(value, str) and value in self.words:
            return value
        rows = tuple(value) if isinstance(value, (tuple, list)) else ()
        if 0 < len(rows) <= self.maximum and all(self._is_row(row) for row in rows):
            return tuple(tuple(sorted(int(number) for number in row)) for row in rows)
        expected = f"a list of map numbers from 0 to {self.maximum - 1:,} for each filter"
        if self.words:
            expected += ", or " + " or ".join(self.words)
        raise self.refusal(expected, value)

    def _is_row(self, row: object) -> bool:
        if not isinstance(row, (tuple, list)) or not row:
            return False
        whole = all(_is_whole(number, 0, self.maximum - 1) for number in row)
        return whole and len(set(row)) == len(row)


def _is_whole(value: object, minimum: int, maximum: int) -> bool:
    """Whether `value` is an integer (NumPy's too), but no bool, in the range."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        return False
    return bool(minimum <= value.__index__() <= maximum)


def _shown(value: object) -> str:
    """`value` as it stands in a message: short, in quotes if it is text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "infinite" if math.isinf(value) else "NaN"
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "so large a number"
    return text if len(text) <= 40 else text[:37] + "..."


def declare(setting: Setting, default: object = dataclasses.MISSING) -> Any:
    """A dataclass field that carries its declaration; without `default` it must be given."""
    return dataclasses.field(default=default, metadata={"setting": setting})


@dataclass(frozen=True)
class Declared:
    """Base of frozen dataclasses whose fields are settings: values are checked and normalised."""

    def __post_init__(self) -> None:
        """Put every value into its normal form; raises SettingError for a value not allowed."""
        for name, setting in self.declarations().items():
            given = getattr(self, name)
            value = setting.read(given)
            if value is not given:
                object.__setattr__(self, name, value)

    @classmethod
    def declarations(cls) -> Mapping[str, Setting]:
        """The settings by name, in the order of the form."""
        cached = cls.__dict__.get("_declarations")
        if cached is None:
            fields = dataclasses.fields(cls)
            cached = {f.name: f.metadata["setting"] for f in fields if "setting" in f.metadata}
            cls._declarations = cached  # type: ignore[attr-defined]
        return cached

    def values(self) -> dict[str, Any]:
        """The settings' values by name, as they are written to a file."""
        return {name: getattr(self, name) for name in self.declarations()}

    def with_values(self, **changes: object) -> Self:
        """A copy with some settings changed; raises SettingError for a value not allowed."""
        unknown = sorted(set(changes) - set(self.declarations()))
        if unknown:
            raise SettingError(f"{type(self).__name__} has no setting {unknown[0]!r}.")
        return dataclasses.replace(self, **changes)
