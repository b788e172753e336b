"""Settings in words: numbers as they stand in a field, and what a tooltip says."""

from __future__ import annotations

import dataclasses

from cnnstudio.blocks.settings import Choice, Fraction, Pair, Setting, Switch, WholeNumber
from cnnstudio.network import Recipe

MIXED = "mixed"
"""What stands in a field when the selected blocks differ."""

MOST_NAMED = 2
"""So many settings of a recipe are named with their values."""


def tooltip(setting: Setting, default: object = dataclasses.MISSING) -> str:
    """The help; below it the range with its unit, and the default where there is one."""
    facts = []
    if isinstance(setting, (WholeNumber, Fraction, Pair)):
        low, high = number_words(setting.minimum), number_words(setting.maximum)
        facts.append(f"From {low} to {high} {setting.unit}".rstrip())
    if default is not dataclasses.MISSING:
        facts.append(f"Default: {value_words(setting, default)}")
    return "\n".join([setting.help, " · ".join(facts)]).rstrip()


def value_words(setting: Setting, value: object) -> str:
    """A value of `setting` as a form shows it: ``5,000``, ``3×5``, ``Leaky ReLU``, ``on``."""
    if isinstance(setting, Switch):
        return "on" if value else "off"
    words = setting.options if isinstance(setting, Choice) else getattr(setting, "words", {})
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(setting, Pair) and isinstance(value, tuple):
        return "×".join(map(number_words, value))
    if isinstance(value, tuple):
        return "a list"
    return number_words(value)


def number_words(value: object) -> str:
    """A number as it stands in a field: ``5,000``, ``0.001``, ``1e-05``, and 1 for 1.0."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return f"{value:,}" if isinstance(value, int) else str(value)


def differing(old: Recipe, new: Recipe) -> tuple[str, ...]:
    """The names of the settings that are not the same."""
    return tuple(n for n in Recipe.declarations() if getattr(old, n) != getattr(new, n))


def step_words(old: Recipe, new: Recipe) -> str:
    """A step from one recipe to another: ``Learning rate 0.001 to 0.01``, or how many settings."""
    names, declared = differing(old, new), Recipe.declarations()
    if len(names) > MOST_NAMED:
        return f"Change {len(names)} settings of the recipe"
    parts = (
        f"{declared[name].label} {value_words(declared[name], getattr(old, name))} to "
        f"{value_words(declared[name], getattr(new, name))}"
        for name in names
    )
    return ", ".join(parts)
