"""Whether the loss runs away from where it was, and the weights of when it was best."""

from __future__ import annotations

import math

from cnnstudio.engine.layers.layer import Array

WINDOW = 20
"""Steps over which the loss is averaged, at least between two copies of the weights too."""

WORSE, HOPELESS = 2.0, 0.95
"""A loss has run away that is so many times the best one, and so much of that of mere guessing."""

CAP = 10.0
"""A single step counts as at most so many times the loss of guessing, so that no one batch does."""


RECOVERED = 0.8
"""A loss that ran away has recovered at so much of what it counts as run away from."""

GRACE = 200
"""Steps after a change of the learning rate in which the loss may show what that does to it."""


class Divergence:
    """Follows the loss of a run on data with `classes` classes.

    `good` is a copy of the weights when the mean loss was the lowest, `good_at` their position in
    epochs and `good_loss` that mean loss; at first the loss of the first step, but, as one batch
    may be easy by chance, no less than half of that of guessing.
    """

    def __init__(self, classes: int, weights: Array, position: float) -> None:
        self._guessing = math.log(max(2, classes))
        self.good, self.good_at, self.good_loss = weights.copy(), position, math.inf
        self.mean = 0.0
        self._steps = self._since = self._grace = 0
        self._told = False

    def note(self, loss: float, weights: Array, position: float) -> bool:
        """Count a step's mean loss; whether the loss has just run away.

        That is told once, and again only when it has recovered, or another learning rate has been
        tried, since.
        """
        share, capped = 1 / min(self._steps + 1, WINDOW), min(loss, CAP * self._guessing)
        if not math.isfinite(self.good_loss):
            self.good_loss = max(capped, self._guessing / 2)
        self.mean += share * (capped - self.mean)
        self._steps, self._since = self._steps + 1, self._since + 1
        if self._steps < WINDOW:
            return False
        if self.mean < self.good_loss and self._since >= WINDOW:
            self.good[...] = weights
            self.good_at, self.good_loss, self._since = position, self.mean, 0
        return self._is_news(max(WORSE * self.good_loss, HOPELESS * self._guessing))

    def _is_news(self, limit: float) -> bool:
        """Whether the mean loss is above `limit`, and that is to be told."""
        self._grace = max(0, self._grace - 1)
        if self.mean < RECOVERED * limit:
            self._told = False
        if self._told or self._grace or self.mean <= limit:
            return False
        self._told = True
        return True

    def try_again(self) -> None:
        """The learning rate is another: whether that helps is to be seen."""
        self._told, self._grace = False, GRACE

    def begin_anew(self) -> None:
        """The run has gone back: what the loss was since then counts no more."""
        self._steps = self._since = self._grace = 0
        self.mean, self._told = 0.0, False
