"""The training curve: one point for each step, the older ones of a long run for several."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

import numpy as np

from cnnstudio.engine.trainer import Progress

_COLUMNS = 5

MOST = 2**16
"""Points of a curve: an hour of training may not grow memory. A run of Train's usual length has a
few thousand steps."""


class Curve:
    """Loss, accuracy and learning rate of every training step by its position in epochs.

    After MOST points `extended` gives another curve, whose older half is coarser: there two points
    are one, with their mean loss and accuracy, where the later one stood. So the newest 32,768
    steps are always there, and of a very long run the more of the past the closer it is.
    """

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
    def steps(self) -> np.ndarray:
        """How many steps there had been at each point, from 1 on."""
        return self._points[: self._count, 4]

    @property
    def step(self) -> int:
        """How many steps there have been."""
        return int(self.steps[-1]) if self._count else 0

    @property
    def points(self) -> np.ndarray:
        """Position, loss and accuracy as ``(points, 3)``, to be read only."""
        return self._points[: self._count, :3]

    @classmethod
    def of(cls, table: np.ndarray) -> Curve:
        """The curve whose `table` this is; raises ValueError when it is that of something else."""
        found = cls()
        if table.ndim != 2 or table.shape[1] != _COLUMNS or not np.isfinite(table[:, 0]).all():
            raise ValueError(f"no curve is an array of {table.shape}")
        found._count = len(table)
        found._points = np.empty((max(len(table), 1024), _COLUMNS))
        found._points[: len(table)] = table
        return found

    @classmethod
    def kept(cls, table: np.ndarray | None) -> Curve:
        """The curve whose `table` is in a file; an empty one where none is that."""
        with contextlib.suppress(ValueError):
            return cls() if table is None else cls.of(table)
        return cls()

    @property
    def table(self) -> np.ndarray:
        """All points, from which `of` makes the same curve again; the curve may go on growing.

        It cannot be changed, and never does: steps are only ever put behind those that are there.
        """
        found = self._points[: self._count]
        found.flags.writeable = False
        return found

    def begun(self, epochs: int) -> float:
        """The share of an epoch that was done after so many whole ones; 0 at the end of one."""
        share = float(self.epoch[-1]) - epochs if self._count else 0.0
        return share if 0 < share < 1 else 0.0

    def copy(self, steps: float = np.inf) -> Curve:
        """A curve with the points of the first so many steps, that grows by itself."""
        found = Curve()
        found._count = int(np.searchsorted(self.steps, steps, side="right"))
        found._points = self._points[: max(found._count, 1024)].copy()
        return found

    def extend(self, steps: Iterable[Progress]) -> None:
        """Append the points of `steps`."""
        rows = [
            (at.epoch - 1 + at.step / at.steps_per_epoch, at.loss, at.accuracy, at.learning_rate, n)
            for n, at in enumerate(steps, self.step + 1)
        ]
        end = self._count + len(rows)
        while end > len(self._points):
            self._points = np.concatenate([self._points, np.empty_like(self._points)])
        if rows:
            self._points[self._count : end] = rows
        self._count = end

    def extended(self, steps: Sequence[Progress]) -> Curve:
        """This curve with the points of `steps`, or if these are too many a coarser one."""
        found = self if self._count + len(steps) <= MOST else self._coarser()
        found.extend(steps)
        return found

    def _coarser(self) -> Curve:
        half = self._count // 4 * 2
        pairs = self._points[:half].reshape(-1, 2, _COLUMNS)
        older = pairs[:, 1].copy()
        older[:, 1:3] = pairs[:, :, 1:3].mean(axis=1)
        found = Curve()
        found._points = np.concatenate([older, self._points[half : self._count]])
        found._count = len(found._points)
        return found
