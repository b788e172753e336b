"""Whether the loss runs away from where it was, and the way back to when it was best."""

from __future__ import annotations

import math

from cnnstudio.engine.layers.layer import Array
from cnnstudio.network import Recipe

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


LOWER = 10.0
"""By how much a learning rate is lowered at least, where none is known to work."""

USUAL = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01}
"""Learning rates that most networks learn with; RMSprop, Adam and AdamW are meant for 0.001."""

LEAST = 1e-8
"""No recipe has a lower learning rate."""


def safer_rate(recipe: Recipe, worked: float | None, blamed: float) -> float:
    """The learning rate to go back with: below `blamed`, and not above the present one of `recipe`.

    `worked` is one that the run learned by.
    """
    if worked is not None and worked < blamed:
        return min(recipe.learning_rate, worked)
    lower = max(LEAST, min(blamed / LOWER, USUAL.get(recipe.optimizer, 0.001)))
    return min(recipe.learning_rate, lower)


class Divergence:
    """Follows the loss of a run on data with `classes` classes.

    `good` is a copy of the weights when the mean loss was the lowest, `good_at` their position in
    epochs and `good_loss` that mean loss. At first they are those that the run begins with; then
    the loss is what they come to, `loss`, or that of the first step if it is higher, as dropout,
    augmentation and label smoothing make it (a single batch may be easy by chance). `worked` is the
    learning rate that has led to a lower loss since, `highest` the highest one after that.
    """

    def __init__(self, classes: int, weights: Array, position: float, loss: float) -> None:
        self._guessing = math.log(max(2, classes))
        self._most = CAP * self._guessing
        self.good, self.good_at = weights.copy(), position
        self.good_loss = loss if loss < self._most else self._most
        self.worked: float | None = None
        self.highest = 0.0
        self.mean = 0.0
        self._steps = self._since = self._grace = 0
        self._told, self._begun = False, False

    def note(self, loss: float, weights: Array, position: float, rate: float) -> bool:
        """Count a step's mean loss, made with a recipe's `rate`; whether it has just run away.

        That is told once, and again only when it has recovered, or another learning rate has been
        tried, since.
        """
        self.highest = max(self.highest, rate)
        share, capped = 1 / min(self._steps + 1, WINDOW), min(loss, self._most)
        if not self._begun:
            self.good_loss, self._begun = max(self.good_loss, capped), True
        self.mean += share * (capped - self.mean)
        self._steps, self._since = self._steps + 1, self._since + 1
        if self._steps < WINDOW:
            return False
        if self.mean < self.good_loss and self._since >= WINDOW:
            self.good[...] = weights
            self.good_at, self.good_loss, self._since = position, self.mean, 0
            self.worked, self.highest = rate, 0.0
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
        self.mean, self.highest, self._told = 0.0, 0.0, False
