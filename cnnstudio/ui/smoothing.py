"""Exponential mean of a curve that grows, so that a noisy batch loss can be read."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

TIME_CONSTANT = 40.0
"""After so many batches a change has come through to 63 %."""


class ExponentialMean:
    """The running mean of values given bit by bit; NaN stays a gap and does not spoil the rest."""

    def __init__(self, time_constant: float = TIME_CONSTANT) -> None:
        self._keep = math.exp(-1 / time_constant)
        self._mean = math.nan
        self._means = np.empty(1024)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> NDArray[np.float64]:
        """The mean after each value so far."""
        return self._means[: self._count]

    def extend(self, values: NDArray[np.floating]) -> None:
        """Go on with `values`."""
        while self._count + len(values) > len(self._means):
            self._means = np.concatenate([self._means, np.empty_like(self._means)])
        for value in values.tolist():
            self._means[self._count] = self._next(value)
            self._count += 1

    def _next(self, value: float) -> float:
        if not math.isfinite(value):
            return math.nan
        start = math.isnan(self._mean)
        self._mean = value if start else self._keep * self._mean + (1 - self._keep) * value
        return self._mean


def thinned(count: int, most: int) -> NDArray[np.intp]:
    """At most about `most` places of `count`, evenly spread, the last one among them.

    Their distance is a power of two, so that few of them change while `count` grows.
    """
    if count == 0:
        return np.zeros(0, np.intp)
    stride = 1 << (-(-count // most) - 1).bit_length()
    places = np.arange(0, count, stride)
    return places if places[-1] == count - 1 else np.append(places, count - 1)
