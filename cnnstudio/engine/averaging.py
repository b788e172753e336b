"""The running average of a model's weights, which often recognises more than the weights do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from cnnstudio.engine.layers.layer import Array, buffer
from cnnstudio.engine.optimizers import Share, at_once
from cnnstudio.engine.training_state import TrainingState, fill


class Average:
    """The exponential moving average of `weights` (a vector), with `decay` after a warm start.

    average = d average + (1 - d) weights with d = min(decay, (1 + t) / (10 + t)) after t updates,
    so that the random weights of the beginning are soon forgotten (TensorFlow's
    ExponentialMovingAverage with num_updates). `share` spreads work over the first `shared` values.
    """

    def __init__(
        self, weights: Array, decay: float, share: Share | None = None, shared: int | None = None
    ) -> None:
        self.decay, self.updates = decay, 0
        self.values = weights.copy()
        self._weights = weights
        self._scratch = buffer(weights.shape, weights.dtype)
        self._shared = len(weights) if shared is None else shared
        self._share = share or at_once(weights[: self._shared])

    def update(self) -> None:
        """Let the present weights count."""
        share = 1 - min(self.decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1

        def work(part: slice) -> None:
            scratch, values = self._scratch[part], self.values[part]
            np.subtract(self._weights[part], values, out=scratch)
            np.multiply(scratch, share, out=scratch)
            np.add(values, scratch, out=values)

        self._share(work)
        if self._shared < len(self.values):
            work(slice(self._shared, None))

    def begin_anew(self) -> None:
        """Be the average of the present weights alone."""
        self.updates = 0
        np.copyto(self.values, self._weights)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """For as long, the weights are the average."""
        np.copyto(self._scratch, self._weights)
        np.copyto(self._weights, self.values)
        try:
            yield
        finally:
            np.copyto(self._weights, self._scratch)

    def state(self) -> TrainingState:
        """The average, and how often it was updated."""
        return TrainingState({"values": self.values.copy()}, {"updates": self.updates})

    def restore(self, state: TrainingState) -> None:
        """Go on from another's state."""
        fill(self.values, state.arrays["values"])
        self.updates = state.facts["updates"]
