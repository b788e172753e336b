"""Whether a run that was made again has the same curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.environment import differences
from cnnstudio.runs.record import KeptRun


@dataclass(frozen=True)
class Reproduction:
    """How two curves compare over the steps that both have.

    `steps` is their number, of `kept` single ones that the first run still has, of `whole` that it
    made; `begin` is the first of them, and `first` the first one whose loss or accuracy is not the
    same to the bit, None where there is none. Steps count from 1, from the beginning of the run.
    `largest` is the largest difference of a loss.
    """

    steps: int
    kept: int
    whole: int
    begin: int
    first: int | None
    largest: float
    reasons: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether all steps are the same to the bit."""
        return self.first is None and self.steps > 0

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if not self.steps:
            return "There is nothing to compare: no step was made."
        if self.same and self.steps == self.whole:
            return f"The curve is the same to the last bit over all {self.steps:,} steps."
        if self.same and self.steps == self.kept:
            return (
                f"The curve is the same to the last bit over the last {self.steps:,} of "
                f"{self.whole:,} steps, the only ones that are kept one by one."
            )
        if self.same:
            return (
                f"The curve is the same to the last bit over {self.steps:,} steps; "
                f"the run had {self.whole:,}."
            )
        unseen = " or before" if self.first == self.begin > 1 else ""
        words = (
            f"The curves are not the same: they part at step {self.first:,} of {self.whole:,}"
            f"{unseen}, and the losses differ by up to {self.largest:.2g}."
        )
        return " ".join((words, *self.reasons))


def refusal(run: KeptRun) -> str | None:
    """Why `run` cannot be made again, in one sentence; None when it can."""
    facts = run.facts
    if facts.epochs_before:
        epochs = "1 epoch" if facts.epochs_before == 1 else f"{facts.epochs_before:,} epochs"
        return (
            f"This run went on from weights that {epochs} before it had made, and those are not "
            "kept; only a run from random weights can be reproduced."
        )
    if facts.pretrained:
        return (
            "This run went on from weights that had been trained before, and those are not kept; "
            "only a run from random weights can be reproduced."
        )
    if facts.changes:
        count = len(facts.changes)
        settings = "1 setting was" if count == 1 else f"{count:,} settings were"
        return (
            f"{settings} changed while this run went on "
            f"({facts.changes[0].words}); only a run with one recipe can be reproduced."
        )
    return None


def judge(run: KeptRun, again: KeptRun) -> Reproduction:
    """Compare the curve of a run with that of `again`, which was to repeat it.

    Steps at the same position are compared: of a run that went on after a crash the curve may begin
    later, and of a very long one the older points stand for several steps, which are left out.
    """
    before, after = (_steps_of(each.curve) for each in (run, again))
    _, olds, news = np.intersect1d(before.points[:, 0], after.points[:, 0], return_indices=True)
    old, new, numbers = before.points[olds], after.points[news], before.numbers[olds]
    same = ((old == new) | (np.isnan(old) & np.isnan(new))).all(axis=1)
    parted = numbers[~same]
    gaps = np.abs(old[:, 1] - new[:, 1])
    reasons = differences(run.facts.environment, again.facts.environment) if len(parted) else ()
    return Reproduction(
        steps=len(numbers),
        kept=len(before.numbers),
        whole=before.made,
        begin=int(numbers[0]) if len(numbers) else 0,
        first=int(parted[0]) if len(parted) else None,
        largest=float(np.nanmax(gaps)) if np.isfinite(gaps).any() else 0.0,
        reasons=tuple(reasons),
    )


@dataclass(frozen=True, eq=False)
class _Steps:
    """The points of a curve that stand for one step each, and the `numbers` of these steps.

    `made` counts all steps, also those that are not there one by one.
    """

    points: NDArray[np.float64]
    numbers: NDArray[np.intp]
    made: int


def _steps_of(curve: NDArray[np.float64]) -> _Steps:
    """The steps of a run from random weights, whose positions in epochs begin at 0."""
    if not len(curve):
        return _Steps(curve, np.zeros(0, np.intp), 0)
    gaps = np.diff(curve[:, 0], prepend=0.0)
    gaps[0] = gaps[:2].min()  # it may begin anywhere
    step = gaps.min()
    numbers = np.rint(curve[:, 0] / step).astype(np.intp)
    single = gaps < 1.5 * step
    return _Steps(curve[single], numbers[single], int(numbers[-1]))
