"""Weights of a run on a logarithmic schedule of steps, bounded in bytes: the way back in time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.progress import EpochResult

BUDGET = 48 * 2**20
"""Bytes that the snapshots of one network may take, in memory and on the disk."""

LARGEST = BUDGET // 2
"""Bytes of weights of which two snapshots fit in; of a larger network none is kept."""

MOST = 96
"""Snapshots of one network, however small: so many are there after minutes, and then no more."""

PER_DOUBLING = 8
"""Snapshots from one step to that of twice its number, as long as the budget allows."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Weights after `step` steps, counted over all runs of the network; 0 is before the first.

    `position` is where that is in epochs, 1.5 half way through the second; `state` a copy of
    Model.state, to be read only. `loss` and `accuracy` are those of the step's batch, NaN at step
    0; `epoch` is the last finished epoch, None before the first.
    """

    step: int
    position: float
    state: Array
    loss: float = math.nan
    accuracy: float = math.nan
    epoch: EpochResult | None = None


class Snapshots:
    """Keeps few early and many late weights as a logarithm does: steps 0, 1, 2, 4, ... and between.

    When there are MOST or the budget is used up, the snapshot goes that leaves the smallest gap on
    the logarithmic scale, never the first or the last. `kept` is a new tuple whenever it changes.
    Where not even two fit in, none is kept.
    """

    def __init__(self, kept: Sequence[Snapshot] = (), budget: int = BUDGET) -> None:
        self.kept = tuple(kept)
        self._budget = budget
        self._next = _after(self.kept[-1].step) if self.kept else 0

    def is_due(self, step: int) -> bool:
        """Whether the weights after `step` steps are to be added."""
        return step >= self._next

    def add(self, snapshot: Snapshot) -> None:
        """Add a snapshot later than all others, and let one go if there is no room."""
        self.kept = thinned((*self.kept, snapshot), self._budget)
        self._next = _after(snapshot.step)


def thinned(snapshots: Sequence[Snapshot], budget: int) -> tuple[Snapshot, ...]:
    """As many of `snapshots`, all of one network, as MOST and `budget` bytes allow."""
    kept = list(snapshots)
    most = min(MOST, budget // max(1, kept[0].state.nbytes)) if kept else 0
    while len(kept) > most >= 2:
        del kept[_least(kept)]
    return tuple(kept) if most >= 2 else ()


def _after(step: int) -> int:
    """The step that is next on the schedule."""
    return max(step + 1, round(step * 2 ** (1 / PER_DOUBLING)))


def _least(kept: Sequence[Snapshot]) -> int:
    """The place of the snapshot, neither first nor last, whose neighbours are the nearest."""
    places = range(1, len(kept) - 1)
    return min(places, key=lambda i: (1 + kept[i + 1].step) / (1 + kept[i - 1].step), default=0)
