"""How fast a run learns, as a number that can be read while it goes on."""

from __future__ import annotations

import math

MEMORY = 5.0
"""Seconds of training after which a step counts for a third of a new one."""

STEPS = 20
"""Steps over which the speed is averaged at least; fewer tell chance, unless they take long."""

LONG = 2.0
"""Seconds of training after which the speed is told also after fewer steps."""


class Pace:
    """The exponential mean of the speed; pauses and what is done between the steps do not count.

    Nor does the first step, which is slow as everything is touched for the first time.
    """

    def __init__(self) -> None:
        self._steps = 0
        self._images = self._seconds = 0.0

    def add(self, images: int, seconds: float) -> None:
        """Another step was made, with so many images."""
        self._steps += 1
        if self._steps > 1:
            share = max(math.exp(-seconds / MEMORY), 1 - 1 / STEPS)
            self._images = share * self._images + images
            self._seconds = share * self._seconds + seconds

    @property
    def images_per_second(self) -> float | None:
        """The present speed; None as long as too few steps were made."""
        is_known = self._steps > STEPS or self._seconds >= LONG
        return self._images / self._seconds if is_known and self._seconds else None
