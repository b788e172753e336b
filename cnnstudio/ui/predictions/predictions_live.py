"""The pictures kept aside, looked at while a run goes on: a few at a time, at next to no cost."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Images
from cnnstudio.engine.fault import are_numbers
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.metrics import Evaluation, Predictions
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import quiet

SHARE = 0.005
"""At most this share of a run's time goes into looks."""

FIRST_LOOK = 0.2
"""Seconds after the start before the first."""

COUNTS = (32, 16, 1)
"""Pictures of a look; fewer where a look would take longer than LONGEST."""

LONGEST = 0.03
"""Seconds that a step may be held up by a look."""


class LiveValidation:
    """What the model of a run makes of the pictures kept aside.

    A look at some of them renews their rows, in an order that does not follow the classes; the end
    of an epoch, when all are measured anyway, renews all. Not for use by several threads.
    """

    def __init__(self, images: Images) -> None:
        self._images = images
        self._order = np.random.default_rng(0).permutation(len(images))
        self._place = 0
        self._seen = np.zeros(len(images), bool)
        self._logits: NDArray[Any] | None = None
        self._counts = list(COUNTS)
        self._next = time.perf_counter() + FIRST_LOOK

    @property
    def due(self) -> bool:
        """Whether the next look keeps to its share of the time."""
        return len(self._images) > 0 and time.perf_counter() >= self._next

    def look(self, model: Model, epoch: int) -> Predictions:
        """Look at the next few pictures; returns the newest rows of all that were seen.

        An answer that is no number is none: numbers that have run away are told by the next step.
        """
        began = time.perf_counter()
        rows = self._order[self._place : self._place + self._counts[0]]
        with quiet():
            logits = model.forward(self._images.pixels[rows])
        if self._logits is None:
            self._logits = np.zeros((len(self._images), logits.shape[1]), logits.dtype)
        self._logits[rows], self._seen[rows] = logits, are_numbers(logits)
        self._place = (self._place + len(rows)) % len(self._images)
        found = self._present(epoch)
        spent = time.perf_counter() - began
        if spent > LONGEST and len(self._counts) > 1:
            del self._counts[0]
        self._next = time.perf_counter() + spent / SHARE
        return found

    def measured(self, evaluation: Evaluation, epoch: int) -> Predictions:
        """All rows as the end of `epoch` measured them."""
        self._logits, self._seen[:] = evaluation.logits.copy(), True
        return self._present(epoch)

    def _present(self, epoch: int) -> Predictions:
        assert self._logits is not None
        with quiet():
            rows = np.flatnonzero(self._seen)
            logits = self._logits[rows]
            shares = softmax(logits).astype(np.float32)
        return Predictions(
            "validation",
            self._images.labels[rows],
            shares,
            logits.argmax(axis=1),
            rows,
            len(self._images),
            epoch,
            live=True,
        )
