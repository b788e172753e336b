"""What the training plots draw: the present run's lines, those of other runs, marks, a table."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.curve import Curve
from cnnstudio.engine.progress import EpochResult
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.training.line_looks import MEASURED, RATE, RAW, TRAIN, other_looks
from cnnstudio.ui.training.lines import Line, Mark
from cnnstudio.ui.training.overlaid_runs import OverlaidRun
from cnnstudio.ui.training.scales import Range
from cnnstudio.ui.training.smoothing import TIME_CONSTANT, ExponentialMean, stride_of
from cnnstudio.ui.training.spans import part_of

MOST_POINTS = 600
"""Points of a line; more could not be told apart."""

SCALE = {"loss": 1.0, "accuracy": 100.0}
KINDS = tuple(SCALE)

Array = NDArray[np.float64]
Row = tuple[object, ...]
Cut = tuple[int, int, int]
"""The first step, the one behind the last, and the distance of those drawn."""


class TrainingLines:
    """Follows the session's curve; the newest steps are smoothed, and nothing before them again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._constant = TIME_CONSTANT
        self._curve: Curve | None = None
        self._means = {what: ExponentialMean() for what in KINDS}
        self._epochs: tuple[EpochResult, ...] = ()
        self._measured: dict[str, Line] = {}
        self._others: tuple[OverlaidRun, ...] = ()
        self._smooth: list[dict[str, Array]] = []
        self._before: list[EpochResult] = []
        self._begun = False
        self._changes: Sequence[object] = ()
        self._serial = 0  # of the curve that is smoothed, or of the runs laid over it
        self.marks: tuple[Mark, ...] = ()

    @property
    def others(self) -> tuple[OverlaidRun, ...]:
        """The runs that are laid over the present one."""
        return self._others

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        session = self._session
        return not len(session.curve) and not session.epochs and not self._others

    def show_runs(self, runs: Sequence[OverlaidRun]) -> None:
        """Lay these runs over the present one."""
        self._others = tuple(runs)
        self._serial += 1
        self._smooth = [
            {what: self._smoothed(run.curve[:, place]) for place, what in enumerate(KINDS, 1)}
            for run in runs
        ]

    def smooth(self, constant: float) -> None:
        """Use the mean over so many steps from now on; 0 for none."""
        self._constant, self._curve = constant, None
        self.show_runs(self._others)

    def follow(self) -> None:
        """Take what has come since the last time."""
        session, curve = self._session, self._session.curve
        if curve is not self._curve or len(curve) < len(self._means["loss"]):
            self._curve, self._begun = curve, False
            self._serial += 1
            self._means = {what: ExponentialMean(self._constant) for what in KINDS}
        for what, mean in self._means.items():
            mean.extend(getattr(curve, what)[len(mean) :])
        epochs = session.epochs
        if epochs is not self._epochs or not self._measured:
            self._take_epochs(epochs)
        if not self._begun:
            self._before, self._begun = self._find_before(), len(curve) > 0
        changes = session.recipe_changes
        if changes is not self._changes:
            self._changes = changes
            self.marks = tuple(Mark(at, words) for at, words in session.changes)

    def lines(self, what: str, view: Range | None = None) -> Iterator[Line]:
        """The lines of the plot of `what`, the last on top, for the epochs in `view` or for all.

        They are those of the last call of `follow`.
        """
        for place, run in enumerate(self._others):
            yield from self._other_lines(place, run, what, view)
        curve, mean = self._curve, self._means[what].values
        if curve is not None and len(curve):
            cut = _cut(curve.epoch, view)
            key = (self._serial, what, *cut[::2])
            at = curve.epoch[slice(*cut)]
            if self._constant:
                raw = self._drawn(getattr(curve, what), cut, what)
                yield Line(at, raw[0], RAW, (key, "raw"), grows=True, fits=False, tip=raw[1])
            if what == "loss" and curve.rate[0] != curve.rate[-1]:
                rate = self._drawn(curve.rate, cut, "loss")
                yield Line(
                    at,
                    rate[0],
                    RATE,
                    (key, "rate", len(self.marks)),
                    "learning rate",
                    "learning rate",
                    grows=True,
                    fits=False,
                    shares=True,
                    tip=rate[1],
                )
            train = self._drawn(mean, cut, what)
            yield self._train_line(what, key, at, *train)
        elif self._epochs:
            yield self._train_line(what, self._serial, *2 * (np.zeros(0),), None)
        yield self._measured[what]

    def rows(self, what: str) -> list[Row]:
        """All steps and epochs for a table, in the order of the epochs, then those of other runs.

        Epoch, value of the step, smoothed, measured, learning rate, what was changed, name of run.
        """
        self.follow()  # the curve may have grown since it was drawn
        session, scale = self._session, SCALE[what]
        curve, mean = session.curve, self._means[what].values
        steps = zip(curve.epoch, getattr(curve, what), mean, curve.rate, strict=True)
        rows: list[Row] = [
            (float(epoch), scale * float(raw), scale * float(smooth), "", float(rate), "", "")
            for epoch, raw, smooth, rate in steps
        ]
        rows += _measured_rows(session.epochs, what, "")
        rows += [(mark.epoch, "", "", "", "", mark.words, "") for mark in self.marks]
        rows.sort(key=lambda row: float(row[0]))  # type: ignore[arg-type]
        for run, smooth in zip(self._others, self._smooth, strict=True):
            raw = run.curve[:, 1 + KINDS.index(what)]
            points = zip(run.curve[:, 0], raw, smooth[what], strict=True)
            rows += [
                (float(at), scale * float(value), scale * float(mean), "", "", "", run.name)
                for at, value, mean in points
            ]
            rows += _measured_rows(run.epochs, what, run.name)
        return rows

    # ---- inside

    def _take_epochs(self, epochs: tuple[EpochResult, ...]) -> None:
        self._epochs, self._begun = epochs, False
        for what, scale in SCALE.items():
            at, values = _validation(epochs, what)
            name = "validation" if np.isfinite(values).any() else ""
            self._measured[what] = Line(at, scale * values, MEASURED, name=name, alias=name)

    def _drawn(self, values: Array, cut: Cut, what: str) -> tuple[Array, tuple[float, float]]:
        """Every so manieth value, and the last point."""
        assert self._curve is not None
        scale, last = SCALE[what], cut[1] - 1
        tip = float(self._curve.epoch[last]), scale * float(values[last])
        found = values[slice(*cut)]
        return (found if scale == 1 else scale * found), tip

    def _train_line(
        self, what: str, key: Hashable, at: Array, shown: Array, tip: tuple[float, float] | None
    ) -> Line:
        """The smoothed line; epochs from before the curve give one point each."""
        before = self._before
        if before:
            old = [SCALE[what] * getattr(each, f"train_{what}") for each in before]
            at = np.concatenate([[each.epoch for each in before], at])
            shown = np.concatenate([old, shown])
        name = "train" if tip else "train by epoch"
        key = (key, len(before))
        return Line(at, shown, TRAIN, key, name, "train", grows=True, steep=True, tip=tip)

    def _find_before(self) -> list[EpochResult]:
        """The epochs that ended before the curve begins."""
        curve, epochs = self._curve, self._epochs
        start = curve.epoch[0] if curve is not None and len(curve) else math.inf
        return [each for each in epochs if each.epoch < start]

    def _other_lines(
        self, place: int, run: OverlaidRun, what: str, view: Range | None
    ) -> Iterator[Line]:
        train, measured = other_looks(place)
        scale, at = SCALE[what], run.curve[:, 0]
        cut = _cut(at, view)
        values = scale * _thinned(self._smooth[place][what], *cut)
        key = ("other", place, self._serial, what, self._constant, cut)
        ends, found = _validation(run.epochs, what)
        has_ends = bool(np.isfinite(found).any())
        yield Line(_thinned(at, *cut), values, train, key, alias=run.name, steep=True)
        if has_ends:
            yield Line(ends, scale * found, measured, (*key, "epochs"), alias=run.name)

    def _smoothed(self, values: Array) -> Array:
        mean = ExponentialMean(self._constant)
        mean.extend(values)
        return mean.values


def _validation(epochs: Sequence[EpochResult], what: str) -> tuple[Array, Array]:
    """Ends of epochs, and what was measured then; NaN where nothing was."""
    values = [getattr(each, f"validation_{what}") for each in epochs]
    return np.array([each.epoch for each in epochs], float), np.array(values, float)


def _measured_rows(epochs: Sequence[EpochResult], what: str, name: str) -> list[Row]:
    scale = SCALE[what]
    return [
        (float(e.epoch), "", "", scale * getattr(e, f"validation_{what}"), "", "", name)
        for e in epochs
    ]


def _cut(at: Array, view: Range | None) -> Cut:
    """The first step of a view, the one behind its last, and the distance of those drawn."""
    part = part_of(at, view)
    start, end = part.start, part.stop
    stride = stride_of(max(1, end - start), MOST_POINTS)
    return start - start % stride, end, stride


def _thinned(values: Array, start: int, end: int, stride: int) -> Array:
    """Every so manieth value, and the last."""
    found = values[start:end:stride]
    if end > start and (end - 1 - start) % stride:
        found = np.append(found, values[end - 1])
    return found
