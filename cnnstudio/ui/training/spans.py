"""Which values the axis of a plot has to show, and which few need not set its range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from cnnstudio.ui.training.lines import Line
from cnnstudio.ui.training.scales import Range, Scale, Values

STEEP = 0.06
"""The share of a training curve, its steep start, that an accuracy axis may cut off."""

FEW = 0.02
"""So small a share of the points of a loss may be below its axis, if they are far lower."""

FAR = 0.1
"""What is far lower, as a share of what the other points come to."""


def span_of(lines: Iterable[Line], scale: Scale, now: float, *, whole: bool) -> Range | None:
    """The lowest and the highest value that the axis has to show; None where there is none.

    `now` is the end of the longest line in epochs; `whole` unless a part of them is zoomed into.
    """
    spans = [
        (_lowest(values, scale), float(values.max()))
        for line in lines
        if line.fits and not line.shares
        for values in _shown(line, scale, now, whole=whole)
    ]
    if not spans:
        return None
    return min(low for low, _ in spans), max(high for _, high in spans)


def _shown(line: Line, scale: Scale, now: float, *, whole: bool) -> Iterator[Values]:
    """The values of a line that have a place, without a steep start; nothing for none."""
    values = line.all_values
    placed = np.isfinite(scale.heights(values))
    found = values[placed]
    if whole and scale.cuts_start and line.steep:
        start = int(STEEP * len(found))
        if not line.grows:  # the run in training has to be seen, however short it is
            start = int(np.searchsorted(line.all_epochs[placed], STEEP * now))
        found = found[min(start, len(found) - 1) :] if len(found) else found
    if len(found):
        yield found


def _lowest(values: Values, scale: Scale) -> float:
    """The lowest value to be shown: a batch that was all right would squeeze the rest."""
    lowest, few = float(values.min()), int(FEW * len(values))
    if not scale.cuts_dips or not few:
        return lowest
    return max(lowest, FAR * float(np.partition(values, few)[few]))
