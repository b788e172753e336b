"""The training curve: one point for each step, in arrays that grow."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from cnnstudio.engine.trainer import Progress

_COLUMNS = 4


class Curve:
    """Loss, accuracy and learning rate of every training step by its position in epochs."""

    def __init__(self) -> None:
        self._points = np.empty((1024, _COLUMNS))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def epoch(self) -> np.ndarray:
        """Where each step ended, in epochs: 1.5 is half way through the second."""
        return self._points[: self._count, 0]

    @property
    def loss(self) -> np.ndarray:
        """Mean loss of each step's batch."""
        return self._points[: self._count, 1]

    @property
    def accuracy(self) -> np.ndarray:
        """Share of each step's batch that was right, 0..1."""
        return self._points[: self._count, 2]

    @property
    def rate(self) -> np.ndarray:
        """The learning rate of each step."""
        return self._points[: self._count, 3]

    @property
    def points(self) -> np.ndarray:
        """Position, loss and accuracy as ``(steps, 3)``, to be read only."""
        return self._points[: self._count, :3]

    def copy(self, end: float = np.inf) -> Curve:
        """A curve with the same points, up to the position `end`, that grows by itself."""
        found = Curve()
        found._count = int(np.searchsorted(self.epoch, end, side="right"))
        found._points = self._points[: max(found._count, 1024)].copy()
        return found

    def extend(self, steps: Iterable[Progress]) -> None:
        """Append the points of `steps`."""
        for progress in steps:
            if self._count == len(self._points):
                self._points = np.concatenate([self._points, np.empty_like(self._points)])
            position = progress.epoch - 1 + progress.step / progress.steps_per_epoch
            rate = progress.learning_rate
            self._points[self._count] = position, progress.loss, progress.accuracy, rate
            self._count += 1
