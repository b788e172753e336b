"""The scales of a plot: at which height a value stands, where numbers are, how a value is told."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from cnnstudio.ui.training.axes import MARGIN, Axes
from cnnstudio.ui.training.ticks import (
    PERFECT,
    epoch_axis,
    linear_axis,
    log_axis,
    nines_axis,
    number_words,
    percent_axis,
    span_ticks,
)

Values = NDArray[np.floating]
Height = Values | np.float64
Range = tuple[float, float]

FLOOR = 1e-12
"""The lowest loss that has a place on a logarithmic axis."""

MOST = 1e300
"""From here on a value has no place: an axis that ends at it would be longer than a number."""


@dataclass(frozen=True)
class Scale:
    """`height` is for values that have a place; `axis` gives values for a range of values.

    `axis` takes whether only a part of the epochs is shown. Values below `least` have no place; the
    axis may begin a little below it.
    """

    height: Callable[[Height], Height]
    axis: Callable[[float, float, bool], tuple[Range, list[float]]]
    words: Callable[[float], str]
    cuts_start: bool = False
    """Whether the steep start of a training curve may be below the axis."""
    cuts_dips: bool = False
    """Whether a few values that are far lower than all others may be below the axis."""
    least: float = -MOST

    def height_of(self, value: float) -> float:
        """Where one value stands; NaN without a place."""
        return float(self.height(np.float64(value))) if self.least <= value < MOST else math.nan

    def heights(self, values: Values) -> Values:
        """Where values stand; NaN without a place, as for those that are no numbers."""
        placed = (values >= self.least) & (values < MOST)
        return np.asarray(self.height(np.where(placed, values, np.nan)))

    def axes(self, area: QRectF, now: float, view: Range | None, span: Range) -> Axes:
        """The axes up to epoch `now`, or of the epochs in `view`, for values in `span`."""
        (low, high), marks = self.axis(*span, view is not None)
        bottom, top, *ticks = np.asarray(self.height(np.array([low, high, *marks]))).tolist()
        free = MARGIN * (top - bottom)
        epochs, epoch_ticks = (view, span_ticks(*view)) if view else epoch_axis(now)
        named = tuple(zip(ticks, map(number_words, marks), strict=True))
        return Axes(area, epochs, (bottom - free, top + free), tuple(epoch_ticks), named)


def _log(values: Height) -> Height:
    return np.log10(values)


def _nines(values: Height) -> Height:
    return -np.log10(100.0 - np.minimum(values, PERFECT))


def _itself(values: Height) -> Height:
    return values


def _loss_axis(low: float, high: float, zoomed: bool) -> tuple[Range, list[float]]:
    return linear_axis(low if zoomed else 0.0, high)


def _percents(low: float, high: float, zoomed: bool) -> tuple[Range, list[float]]:
    (start, end), marks = linear_axis(low, high)
    if not zoomed or start >= 100:
        return percent_axis(low)
    return (start, min(end, 100.0)), [mark for mark in marks if mark <= 100]


def _loss_words(value: float) -> str:
    return number_words(float(f"{value:.3g}"))


def _percent_words(value: float) -> str:
    return f"{value:.2f} %"


SCALES = {
    "loss": {
        "log": Scale(
            _log,
            lambda low, high, _: log_axis(low, high),
            _loss_words,
            cuts_dips=True,
            least=FLOOR,
        ),
        "linear": Scale(_itself, _loss_axis, _loss_words),
    },
    "accuracy": {
        "log": Scale(_nines, lambda low, high, _: nines_axis(low, high), _percent_words, True),
        "linear": Scale(_itself, _percents, _percent_words, True),
    },
}
"""The scales of a plot of the loss, and of the accuracy in percent; "log" of what is missing."""
