"""What may be changed while a run goes on, and the record of such a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cnnstudio.errors import TrainingError
from cnnstudio.network.recipe import Recipe

LIVE = (
    "batch_size",
    "learning_rate",
    "momentum",
    "weight_decay",
    "l1",
    "l2",
    "label_smoothing",
    "clip",
    "shift",
    "rotation",
    "scaling",
    "elastic",
    "changed",
)
"""The settings of a recipe that take effect from one step to the next."""

_WHY = {
    "epochs": "the schedule and the end of the run are laid out for it",
    "optimizer": "the optimizer remembers the steps before in its own way",
    "schedule": "the learning rate has come to where it is by it",
    "warm_up": "the learning rate has come to where it is by it",
    "step_epochs": "the learning rate has come to where it is by it",
    "step_factor": "the learning rate has come to where it is by it",
    "ema": "the average goes on from the first step to the last",
    "patience": "the best epoch is kept from the beginning, or not at all",
    "validation": "the images kept aside must stay unseen",
    "seed": "the random numbers of the run come from it",
}


@dataclass(frozen=True)
class Change:
    """Settings that were changed at `position` in epochs, 1.5 half way through the second.

    `values` and `before` are by name, as the recipe has them; `remark` tells what else happened.
    """

    position: float
    values: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    remark: str = ""

    @property
    def words(self) -> str:
        """Such as "Learning rate 0.01 -> 0.001"."""
        declared = Recipe.declarations()
        parts = [
            f"{declared[name].label} {_value(self.before[name])} -> {_value(value)}"
            for name, value in self.values.items()
        ]
        return ", ".join(filter(None, (self.remark, *parts)))


def refusal(name: str) -> str | None:
    """Why the setting `name` cannot be changed while a run goes on; None when it can."""
    if name in LIVE:
        return None
    return f"It stays as it is until the run ends: {_WHY[name]}."


def check_live(values: Mapping[str, Any]) -> None:
    """Raise TrainingError when a setting in `values` cannot be changed during a run."""
    for name in values:
        words = refusal(name)
        if words is not None:
            label = Recipe.declarations()[name].label
            raise TrainingError(f"{label!r} cannot be changed while training. {words}")


def of_use(name: str, recipe: Recipe) -> bool:
    """Whether the setting `name` does anything in a run by `recipe`."""
    if name == "momentum":
        return recipe.optimizer in ("momentum", "nesterov")
    if name == "weight_decay":
        return recipe.optimizer == "adamw"
    if name in ("step_epochs", "step_factor"):
        return recipe.schedule == "step"
    if name == "changed":
        return any((recipe.shift, recipe.rotation, recipe.scaling, recipe.elastic))
    return True


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
