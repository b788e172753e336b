"""A training run from its beginning to its end, with all that is kept of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.trainer import EpochResult, Progress
from cnnstudio.network import Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.runs import keeping
from cnnstudio.runs.record import Ending, KeptChange
from cnnstudio.ui.document.results import Result
from cnnstudio.ui.training.observation import ALL_CLEAR, Alarm, Noted
from cnnstudio.ui.training.run_start import RunStart
from cnnstudio.ui.training.worker import Failure, Job


@dataclass(eq=False)
class RunSoFar:
    """A run that goes on: what it began with, and what it has told.

    `project` is the document without weights, with the recipe that the run began with, and `start`
    tells how it began; `changes` counts those that were there before it. `changed` has the settings
    that were changed meanwhile, `alarm` tells the way back while there is one.
    """

    job: Job
    project: Project
    start: RunStart = RunStart()
    changes: int = 0
    last: Progress | None = None
    epochs: list[EpochResult] = field(default_factory=list)
    fault: str = ""
    changed: dict[str, Any] = field(default_factory=dict)
    alarm: Alarm | None = None

    @property
    def recipe(self) -> Recipe:
        """What it trains by now: the recipe that it began with, with what was changed since."""
        return self.job.recipe.with_values(**self.changed) if self.changed else self.job.recipe

    def take_steps(self, steps: Sequence[Progress]) -> None:
        """Steps were made: what had run away runs again."""
        self.last, self.fault = steps[-1], ""
        self.epochs += [step.finished_epoch for step in steps if step.finished_epoch is not None]

    def take_noted(self, noted: Noted) -> None:
        """Remember what was changed, and why it waits for help."""
        if noted.changes is not None:
            self.changed = {
                name: value for change in noted.changes for name, value in change.values.items()
            }
        if noted.alarm is not None:
            self.alarm = None if noted.alarm is ALL_CLEAR else noted.alarm
            self.fault = noted.alarm.sentence if noted.alarm.paused else self.fault

    def end(self, result: Result, failure: Failure | None) -> EndedRun:
        """What there is at the end."""
        fault = failure.sentence if failure else self.fault
        points = keeping.points_after(result.curve, self.start.steps)
        return EndedRun(self, result, fault, points, result.curve.table)


@dataclass(frozen=True, eq=False)
class EndedRun:
    """A run that has come to its end; `points` is the curve of this run, ``(steps, 3)``.

    `curve` is the table of the result's, which may go on growing in the next run; `fault` says why
    it failed, empty when it did not.
    """

    run: RunSoFar
    result: Result
    fault: str
    points: NDArray[np.float64]
    curve: NDArray[np.float64]

    @property
    def ending(self) -> Ending:
        """How it ended."""
        return keeping.ending_of(self.run.last, self.fault)

    @property
    def is_worth_keeping(self) -> bool:
        """Whether it is more than a try."""
        epochs = len(self.result.epochs) - self.run.job.epochs_before
        return keeping.is_worth_keeping(self.ending, epochs=epochs, steps=len(self.points))

    @property
    def seconds(self) -> float:
        """Seconds of training alone."""
        return self.run.last.seconds if self.run.last else 0.0

    @property
    def project_untrained(self) -> Project:
        """The project with all epochs and changes so far, without the weights."""
        history = tuple(dataclasses.asdict(epoch) for epoch in self.result.epochs)
        changes = tuple(dataclasses.asdict(change) for change in self.result.changes)
        return dataclasses.replace(self.run.project, history=history, changes=changes)

    @property
    def changes(self) -> list[KeptChange]:
        """What was changed while it went on."""
        made = self.result.changes[self.run.changes :]
        return [KeptChange(change.position, change.words) for change in made]
