"""Which part of its lines a plot shows, and which few values need not set the range of its axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cnnstudio.ui.training.lines import Line
from cnnstudio.ui.training.scales import Range, Scale, Values

STEEP = 0.06
"""The share of a training curve, its steep start, that an accuracy axis may cut off."""

FEW = 0.02
"""So small a share of the points of a loss may be below its axis, if they are far lower."""

FAR = 0.1
"""What is far lower, as a share of what the other points come to."""


def part_of(epochs: Values, view: Range | None) -> slice:
    """The points in `view` with one more on either side, to which a line runs; or all points."""
    if view is None:
        return slice(0, len(epochs))
    start, end = np.searchsorted(epochs, view).tolist()
    return slice(max(0, start - 1), min(len(epochs), end + 1))


def span_of(
    lines: Sequence[Line], scale: Scale, now: float, view: Range | None = None
) -> Range | None:
    """The lowest and the highest value that the axis has to show; None where there is none.

    `now` is the end of the longest line in epochs. Of the lines only what is in `view` has to be
    seen, unless nothing is there.
    """
    spans = [
        (_lowest(values, scale), float(values.max()))
        for line in lines
        if line.fits and not line.shares
        for values in _shown(line, scale, now, view)
    ]
    if not spans:
        return span_of(lines, scale, now) if view else None
    return min(low for low, _ in spans), max(high for _, high in spans)


def _shown(line: Line, scale: Scale, now: float, view: Range | None) -> Iterator[Values]:
    """The values of a line that have a place, without a steep start; nothing for none."""
    epochs, values = line.since(0)
    placed = np.isfinite(scale.heights(values))
    epochs, found = epochs[placed], values[placed]
    if view is not None:
        is_seen = len(found) > 0 and epochs[0] <= view[1] and epochs[-1] >= view[0]
        found = found[part_of(epochs, view)] if is_seen else found[:0]
    elif scale.cuts_start and line.steep:
        start = int(STEEP * len(found))
        if not line.grows:  # the run in training has to be seen, however short it is
            start = int(np.searchsorted(epochs, STEEP * now))
        found = found[min(start, len(found) - 1) :] if len(found) else found
    if len(found):
        yield found


def _lowest(values: Values, scale: Scale) -> float:
    """The lowest value to be shown: a batch that was all right would squeeze the rest."""
    lowest, few = float(values.min()), int(FEW * len(values))
    if not scale.cuts_dips or not few:
        return lowest
    return max(lowest, FAR * float(np.partition(values, few)[few]))
