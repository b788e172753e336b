"""What is kept of a run that has ended, in the window and on the command line alike."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine import environment
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.progress import Progress
from cnnstudio.network.project_file import Project
from cnnstudio.runs.record import Ending, KeptRun, Outcome, facts_of
from cnnstudio.runs.reproduction import Reproduction, judge

FEWEST_STEPS = 50
"""A run that was stopped in its first epoch is kept from so many steps on; less is only a try."""


def ending_of(last: Progress | None, fault: str = "") -> Ending:
    """How a run ended whose last step was `last`; `fault` says why it failed, if it did."""
    if fault:
        return "failed"
    if last is not None and last.stopped_early:
        return "stopped early"
    done = last is not None and last.epoch == last.epochs and last.finished_epoch is not None
    return "finished" if done else "stopped"


def is_worth_keeping(ending: Ending, *, epochs: int, steps: int) -> bool:
    """Whether a run came to its end, failed, or made a whole epoch or FEWEST_STEPS steps."""
    return steps > 0 and (epochs > 0 or ending != "stopped" or steps >= FEWEST_STEPS)


def points_after(curve: Curve, steps: int) -> NDArray[np.float64]:
    """The points ``(points, 3)`` of the steps after the first so many, see KeptRun."""
    start = int(np.searchsorted(curve.steps, steps, side="right"))
    return curve.points[start:].copy()


def kept_run(
    project: Project,
    points: NDArray[np.float64],
    outcome: Outcome | None,
    *,
    threads: int,
    **facts: Any,
) -> KeptRun:
    """The run that has just left `project`, with its curve and what it makes of the test pictures.

    `facts` are further fields of Facts.
    """
    found = facts_of(
        project,
        environment=environment.present(threads),
        test_accuracy=outcome.accuracy if outcome else None,
        **facts,
    )
    return KeptRun(found, project, points, outcome)


def judged(again: KeptRun, run: KeptRun) -> tuple[KeptRun, Reproduction]:
    """`again` with the verdict whether it repeats `run`, and that."""
    found = judge(run, again)
    facts = msgspec.structs.replace(again.facts, verdict=found.sentence)
    return dataclasses.replace(again, facts=facts), found
