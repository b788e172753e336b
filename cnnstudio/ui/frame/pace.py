"""How long an epoch takes on the run that goes on, as a number that can be read."""

from __future__ import annotations

from collections import deque

from cnnstudio.engine.progress import Progress

SPAN = 10.0
"""Seconds of training over which the speed is averaged, at least."""

STEPS = 20
"""Steps over which it is; fewer tell chance."""


class Pace:
    """Follows the steps of a run; pauses and what is measured between the steps do not count."""

    def __init__(self) -> None:
        self._moments: deque[tuple[float, float]] = deque()
        self._length = 1

    def clear(self) -> None:
        """There is no run any more."""
        self._moments.clear()

    def take(self, progress: Progress) -> None:
        """Take the present step; a run that has gone back, or another, begins anew."""
        self._length = progress.steps_per_epoch
        moment = progress.seconds, progress.epoch - 1 + progress.step / self._length
        if self._moments and not self._follows(moment):
            self.clear()
        self._moments.append(moment)
        while len(self._moments) > 2 and self._is_enough(self._moments[1], SPAN):
            self._moments.popleft()

    @property
    def seconds_per_epoch(self) -> float | None:
        """The mean of the last seconds; None before there are enough steps."""
        if not self._moments or not self._is_enough(self._moments[0]):
            return None
        (began, start), (ended, end) = self._moments[0], self._moments[-1]
        return (ended - began) / (end - start)

    def _follows(self, moment: tuple[float, float]) -> bool:
        return all(new >= old for new, old in zip(moment, self._moments[-1], strict=True))

    def _is_enough(self, first: tuple[float, float], span: float = 0.0) -> bool:
        """Whether there are enough steps since the moment `first`, in at least `span` seconds."""
        ended, end = self._moments[-1]
        return (end - first[1]) * self._length > STEPS - 0.5 and ended - first[0] >= span
