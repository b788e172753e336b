"""Exponential mean of a curve that grows, so that a noisy batch loss can be read."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

TIME_CONSTANT = 40.0
"""After so many batches a change has come through to 63 %."""

USUAL = 20.0
"""Values above count by their logarithm: the one loss of 1e10 among others that are near 0.2 would
stand in a mean of the values themselves for a thousand batches."""

FEW = 64
"""So many values are averaged one by one, more in blocks."""


class ExponentialMean:
    """The running mean of values given bit by bit; NaN stays a gap and does not spoil the rest.

    The time constant is in values; with 0 the values are their own mean. The first value counts
    as much as any other of its age: the mean is divided by the weight of the values so far,
    ``1 - keep ** n`` (Kingma and Ba, arXiv 1412.6980, section 3). What is above USUAL is averaged
    as ``USUAL * (1 + log(value / USUAL))``, and the mean taken back from that.
    """

    def __init__(self, time_constant: float = TIME_CONSTANT) -> None:
        self._keep = math.exp(-1 / time_constant) if time_constant else 0.0
        self._block = max(1, round(8 * time_constant))
        self._mean = self._weight = 0.0
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
        exact = np.asarray(values, float)
        means = _unbent(self._mean_of(_bent(exact))) if self._keep else _with_gaps(exact)
        self._means[self._count : self._count + len(means)] = means
        self._count += len(means)

    def _mean_of(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if len(values) > FEW:
            return self._mean_in_blocks(values)
        return np.array([self._next(value) for value in values.tolist()])

    def _mean_in_blocks(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for many values: in a block all are a sum of powers of what is kept."""
        finite = np.isfinite(values)
        known, means = values[finite], np.full(len(values), math.nan)
        blocks = range(0, len(known), self._block)
        parts = [self._next_block(known[i : i + self._block]) for i in blocks]
        means[finite] = np.concatenate(parts or [known])
        return means

    def _next_block(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        powers = self._keep ** np.arange(1, len(values) + 1)
        sums = self._mean * self._weight + (1 - self._keep) * np.cumsum(values / powers)
        weights = 1 - powers * (1 - self._weight)
        means = powers * sums / weights
        self._mean, self._weight = float(means[-1]), float(weights[-1])
        return np.asarray(means)

    def _next(self, value: float) -> float:
        if not math.isfinite(value):
            return math.nan
        # The mean that was divided before moves by the new value's share of all weights.
        share = 1 - self._keep
        self._weight = self._keep * self._weight + share
        self._mean += (value - self._mean) * (share / self._weight)
        return self._mean


def _with_gaps(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, math.nan)


def _bent(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values, those above USUAL by their logarithm."""
    if (values <= USUAL).all():
        return values
    return np.minimum(values, USUAL) + USUAL * np.log(np.maximum(values, USUAL) / USUAL)


def _unbent(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What `_bent` made of it, taken back."""
    if (values <= USUAL).all():
        return values
    return np.minimum(values, USUAL) * np.exp(np.maximum(values, USUAL) / USUAL - 1)


def stride_of(count: int, most: int) -> int:
    """The distance of at most about `most` places of `count`.

    It is a power of two, so that few of them change while `count` grows.
    """
    return 1 << (-(-count // most) - 1).bit_length()


def thinned(count: int, most: int) -> NDArray[np.intp]:
    """At most about `most` places of `count`, `stride_of` apart, the last one among them."""
    if count == 0:
        return np.zeros(0, np.intp)
    places = np.arange(0, count, stride_of(count, most))
    return places if places[-1] == count - 1 else np.append(places, count - 1)
