"""Early stopping: the best epoch so far, its weights, and when to give up waiting for a better."""

from __future__ import annotations

from typing import Any

from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.training_state import TrainingState


class Stopping:
    """Keeps the weights of the epoch with the best validation accuracy, of equals the lowest loss.

    `waited` counts the epochs since the accuracy was last better than before; a lower loss alone
    does not make it wait longer (Prechelt, Early Stopping - But When?, 1998). A patience of 0 is
    off: it never ends, and keeps nothing.
    """

    def __init__(self, patience: int) -> None:
        self.patience, self.waited = patience, 0
        self.best_epoch: int | None = None
        self.weights: Array | None = None
        self._rank = (0.0, 0.0)

    @property
    def over(self) -> bool:
        """Whether `patience` epochs have gone by without a better one."""
        return 0 < self.patience <= self.waited

    def judge(self, epoch: int, accuracy: float, loss: float, weights: Array) -> None:
        """Compare an epoch's validation figures with the best; keep a copy of better weights."""
        if not self.patience:
            return
        first, rank = self.best_epoch is None, (accuracy, -loss)
        self.waited = 0 if first or accuracy > self._rank[0] else self.waited + 1
        if first or rank > self._rank:
            self.best_epoch, self._rank, self.weights = epoch, rank, weights.copy()

    def state(self) -> TrainingState:
        """The best epoch, its figures and weights, and how long none was better."""
        facts: dict[str, Any] = {
            "best_epoch": self.best_epoch,
            "rank": list(self._rank),
            "waited": self.waited,
        }
        arrays = {} if self.weights is None else {"weights": self.weights.copy()}
        return TrainingState(arrays, facts)

    def restore(self, state: TrainingState) -> None:
        """Go on from another's state."""
        accuracy, loss = state.facts["rank"]
        self.best_epoch, self._rank = state.facts["best_epoch"], (accuracy, loss)
        self.waited = state.facts["waited"]
        self.weights = None if self.best_epoch is None else state.arrays["weights"].copy()
