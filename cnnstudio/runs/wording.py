"""What a table of runs says of each: figures, times and recipes in few letters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from cnnstudio.blocks.settings import Choice, Setting
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Recipe, schema
from cnnstudio.network.wording import write_value
from cnnstudio.runs.record import Facts

MENTIONED = ("l1", "l2", "label_smoothing", "clip", "ema", "schedule", "warm_up", "patience",
             "shift", "rotation", "scaling", "elastic")  # fmt: skip
"""Settings that are told where they are not at their defaults."""


def recipe_of(facts: Facts) -> str:
    """How a run was trained, such as "Adam 0.001, batch 64, L2 0.0001"; "" where it is damaged."""
    try:
        return recipe_words(schema.to_recipe(facts.recipe))
    except CnnStudioError:
        return ""


def recipe_words(recipe: Recipe) -> str:
    """A recipe in a line: the method, its rate, the batch, and what is not at its default."""
    declared, usual = Recipe.declarations(), Recipe()
    method = _words(declared["optimizer"], recipe.optimizer)
    rate = _words(declared["learning_rate"], recipe.learning_rate)
    parts = [f"{method} {rate}", f"batch {recipe.batch_size:,}"]
    for name in MENTIONED:
        value = getattr(recipe, name)
        if value != getattr(usual, name):
            label = declared[name].label
            label = label.lower() if label[1].islower() else label
            parts.append(f"{label} {_words(declared[name], value)}")
    return ", ".join(parts)


def _words(setting: Setting, value: Any) -> str:
    if isinstance(setting, Choice):
        return setting.options[value]
    return f"{value:,}" if isinstance(value, int) else write_value(setting, value)


def percent(share: float | None) -> str:
    """An accuracy in percent; "-" where it is not known."""
    return "-" if share is None else f"{100 * share:.2f} %"


def epochs(facts: Facts) -> str:
    """Epochs before a run, if any, and those made in it: "4 + 10"."""
    before = f"{facts.epochs_before:,} + " if facts.epochs_before else ""
    return f"{before}{facts.epochs:,}"


def loss(facts: Facts) -> float | None:
    """The last on the images kept aside, or else in training."""
    return facts.train_loss if facts.validation_loss is None else facts.validation_loss


def duration(seconds: float) -> str:
    """Such as 0.4 s, 12 s, 3:05 or 1:02:09."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def when(begun: str) -> str:
    """A time in few letters: "today 14:05", else "22 Nov 14:05", with the year if it is another."""
    try:
        moment = datetime.fromisoformat(begun)
    except ValueError:
        return begun
    if moment.date() == date.today():
        return f"today {moment:%H:%M}"
    year = "" if moment.year == date.today().year else f" {moment.year}"
    return f"{moment.day} {moment:%b}{year} {moment:%H:%M}"


def shortly(begun: str) -> str:
    """A time in yet fewer letters: "14:05" of today, "22 Nov" of this year, "11/2025"."""
    try:
        moment = datetime.fromisoformat(begun)
    except ValueError:
        return begun
    if moment.date() == date.today():
        return f"{moment:%H:%M}"
    same_year = moment.year == date.today().year
    return f"{moment.day} {moment:%b}" if same_year else f"{moment.month}/{moment.year}"
