"""The last good weights, for when the numbers run away."""

from __future__ import annotations

import numpy as np

from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.training_state import TrainingState, fill

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

    def note_now(self) -> None:
        """The present weights are good."""
        np.copyto(self._copy, self._weights)

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
