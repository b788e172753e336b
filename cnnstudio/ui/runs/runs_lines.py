"""The curves of two kept runs as the lines of a plot, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from cnnstudio.runs.record import KeptRun
from cnnstudio.ui.training.line_looks import Look
from cnnstudio.ui.training.lines import Line
from cnnstudio.ui.training.scales import Range
from cnnstudio.ui.training.smoothing import ExponentialMean, thinned
from cnnstudio.ui.training.spans import part_of
from cnnstudio.ui.training.training_lines import KINDS, SCALE

TOKENS = ("train", "valid")
"""The colours of the first run and of the second; dashes and marks tell them apart as well."""

LOOKS = (
    (Look(TOKENS[0], 1.0, alpha=0.6), Look(TOKENS[0], 1.8, mark="ring")),
    (Look(TOKENS[1], 1.0, (5.0, 2.0), alpha=0.7), Look(TOKENS[1], 1.8, (5.0, 2.0), "square")),
)
"""For each run: its steps, smoothed, and what its epochs measured."""

MOST_POINTS = 400


def lines_of(run: KeptRun, place: int, what: str, view: Range | None) -> Iterator[Line]:
    """The "loss" of the run at `place`, 0 or 1, or its "accuracy" in percent.

    For all epochs, or with more points for those in `view`. Its name stands at the end of what its
    epochs measured, or where that has ended before the view, at the end of its steps.
    """
    train, measured = LOOKS[place]
    name, title = str(place + 1), f"{place + 1} {run.facts.title}"
    part = part_of(run.curve[:, 0], view)
    steps, means = run.curve[part, 0], _means(run, what)[part]
    places = thinned(len(means), MOST_POINTS)
    at, values = _measured(run, what)
    known = at[np.isfinite(values)]
    alias = f"{title}, training" if len(known) else title
    own = "" if len(known) and (view is None or view[0] <= known[-1]) else name
    shown = SCALE[what] * means[places]
    yield Line(steps[places], shown, train, object(), own, alias, steep=True)
    if len(known):
        yield Line(at, SCALE[what] * values, measured, object(), name, title)


def rows_of(runs: Sequence[KeptRun], what: str) -> Iterator[Sequence[object]]:
    """All steps and epochs of the runs, in the columns of `CurvePlot.table`."""
    scale = SCALE[what]
    for number, run in enumerate(runs, 1):
        name, raw = f"{number} {run.facts.title}", run.curve[:, 1 + KINDS.index(what)]
        for at, value, mean in zip(run.curve[:, 0], raw, _means(run, what), strict=True):
            yield (float(at), scale * float(value), scale * float(mean), "", "", "", name)
        for at, value in zip(*_measured(run, what), strict=True):
            yield (float(at), "", "", scale * float(value), "", "", name)


def _means(run: KeptRun, what: str) -> np.ndarray:
    mean = ExponentialMean()
    mean.extend(run.curve[:, 1 + KINDS.index(what)])
    return np.asarray(mean.values)


def _measured(run: KeptRun, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the run's own epochs, and what was measured then; NaN where nothing was."""
    epochs = run.project.history[run.facts.epochs_before :]
    values = [epoch.get(f"validation_{what}") for epoch in epochs]
    known = [np.nan if value is None else value for value in values]
    return np.array([epoch["epoch"] for epoch in epochs], float), np.array(known, float)
