"""When the numbers run away: the last good weights, and the block where it began."""

from __future__ import annotations

import numpy as np

from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.model import Model
from cnnstudio.engine.training_state import TrainingState, fill
from cnnstudio.errors import TrainingError
from cnnstudio.network.recipe import Recipe

COPIED_EACH_STEP = 100_000
"""Numbers that may be copied in each step without being felt; more are copied less often."""


def is_finite(values: Array) -> bool:
    """Whether no number of the vector is NaN or infinite, or so large that its square is."""
    return bool(np.isfinite(np.dot(values, values)))


class LastGood:
    """A copy of a model's `weights` (a vector) from the last time that all was well.

    `step` is the number of the step, counted from 1 over the whole run, before which they were
    copied; 0 for those from before the run. A large vector is copied every few steps only, so that
    it costs less than a hundredth of the time.
    """

    def __init__(self, weights: Array) -> None:
        self.step = 0
        self._weights, self._copy = weights, weights.copy()
        self._pause = -(-len(weights) // COPIED_EACH_STEP)

    def note(self, step: int) -> None:
        """Step number `step` has found a finite loss for the present weights."""
        if step % max(self._pause, 1) == 0 and is_finite(self._weights):
            np.copyto(self._copy, self._weights)
            self.step = step

    def bring_back(self) -> None:
        """Make the weights those of the copy."""
        np.copyto(self._weights, self._copy)

    def state(self) -> TrainingState:
        """The copy and its step."""
        return TrainingState({"weights": self._copy.copy()}, {"step": self.step})

    def restore(self, state: TrainingState) -> None:
        """Go on from another's state."""
        fill(self._copy, state.arrays["weights"])
        self.step = state.facts["step"]


def ran_away(words: str, model: Model, pictures: Array, recipe: Recipe) -> TrainingError:
    """The error whose sentence `words` begin: where in `model` it began, and what to do."""
    advice = f"Use a smaller learning rate than {recipe.learning_rate:g}"
    if not recipe.clip:
        advice += ", or clip the gradients"
    began = where_it_began(model, pictures)
    return TrainingError(f"{words}: it began {began}. {advice}. The last good weights are kept.")


def where_it_began(model: Model, pictures: Array) -> str:
    """What is not finite, and in which block first, as the middle of a sentence.

    The blocks are looked at in their order: first the parameters and running statistics of each,
    then what it makes of `pictures` (N, C, H, W), without dropout and augmentation.
    """
    blocks = model.report.blocks
    outputs = _first_output(model, pictures)
    for index, entry in enumerate(blocks):
        inside = _first_weights(model, entry.key)
        if inside is not None:
            return f"in {entry.name}, whose {inside} is not finite"
        if index == outputs:
            return f"in {entry.name}, whose output for these images is not finite"
    return "in training itself, as every block's output is finite outside of it"


def _first_weights(model: Model, key: str) -> str | None:
    """The first array of the block `key` that is not finite, by its name in the block."""
    for name, array in model.weights.items():
        if name.startswith(f"{key}.") and not np.isfinite(array).all():
            return name.removeprefix(f"{key}.")
    return None


def _first_output(model: Model, pictures: Array) -> int:
    """The first block with an output that is not finite; behind the last when there is none."""
    first = len(model.report.blocks)
    for start in range(0, len(pictures), model.slice_size):
        maps = model.activations(pictures[start : start + model.slice_size])
        bad = (i for i, values in enumerate(maps) if not np.isfinite(values).all())
        first = min(first, next(bad, first))
    return first
