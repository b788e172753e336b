"""The axes of a plot: which values they span, their numbers, and where a value lies in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

MARGIN = 0.01
"""The share of the heights that is left free above and below the lines."""

Span = tuple[float, float]


@dataclass(frozen=True)
class Axes:
    """What an area of pixels shows: epochs from left to right, heights from below to above.

    `ticks` are heights with their words. A height is a logarithm on a logarithmic axis.
    """

    area: QRectF
    epochs: Span = (0.0, 1.0)
    heights: Span = (0.0, 1.0)
    epoch_ticks: tuple[float, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()

    def places(
        self, epochs: NDArray[np.floating], heights: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """Points ``(n, 2)`` in pixels."""
        (left, across), (bottom, up) = self._scales
        found = np.empty((len(epochs), 2))
        found[:, 0], found[:, 1] = left + across * epochs, bottom + up * heights
        return found

    def place(self, epoch: float, height: float) -> QPointF:
        """One point in pixels."""
        (left, across), (bottom, up) = self._scales
        return QPointF(left + across * epoch, bottom + up * height)

    def epoch_at(self, x: float) -> float:
        """The epoch at the pixel `x`."""
        (left, across), _ = self._scales
        return (x - left) / across

    @cached_property
    def _scales(self) -> tuple[Span, Span]:
        """Where 0 lies and how far 1 is from it, in pixels to the right and downwards."""
        area, (start, end), (low, high) = self.area, self.epochs, self.heights
        across, up = area.width() / (end - start), -area.height() / (high - low)
        return (area.left() - across * start, across), (area.bottom() - up * low, up)
