"""The axes of a plot: which values they span, their numbers, and where a value lies in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from cnnstudio.ui.training.ticks import epoch_axis, log_axis, percent_axis

MARGIN = 0.01
"""The share of the heights that is left free above and below the lines."""

STEEP = 0.06
"""The share of the training curve, its steep start, that an accuracy axis may cut off."""

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


def loss_axes(area: QRectF, now: float, values: NDArray[np.floating]) -> Axes:
    """Logarithmic axes up to epoch `now` for `values`, all above zero."""
    (low, high), marks = log_axis(float(values.min()), float(values.max()))
    ticks = tuple((float(np.log10(mark)), f"{mark:.3g}") for mark in marks)
    return _axes(area, now, (float(np.log10(low)), float(np.log10(high))), ticks)


def accuracy_axes(
    area: QRectF, now: float, train: NDArray[np.floating], validation: NDArray[np.floating]
) -> Axes:
    """Axes in percent up to epoch `now` for the finite values of both lines."""
    low = [_quantile(train, STEEP)] if len(train) else []
    heights, marks = percent_axis(min([*low, *validation.tolist()], default=0.0))
    return _axes(area, now, heights, tuple((mark, f"{mark:g}") for mark in marks))


def _quantile(values: NDArray[np.floating], share: float) -> float:
    """Like `np.quantile`, which takes ten times as long for a few hundred values."""
    return float(np.interp(share * (len(values) - 1), np.arange(len(values)), np.sort(values)))


def _axes(area: QRectF, now: float, heights: Span, ticks: tuple[tuple[float, str], ...]) -> Axes:
    epochs, epoch_ticks = epoch_axis(now)
    low, high = heights
    free = MARGIN * (high - low)
    return Axes(area, epochs, (low - free, high + free), tuple(epoch_ticks), ticks)
