"""A run of the command line: what it leaves, and how it gets into the table of runs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from cnnstudio.commands import output
from cnnstudio.engine.run import fingerprint
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import CnnFileError
from cnnstudio.network.project_file import Project
from cnnstudio.runs import continuing, keeping
from cnnstudio.runs.record import KeptRun, Outcome
from cnnstudio.runs.store import RunStore


@dataclass(frozen=True, eq=False)
class MadeRun:
    """What `trainer` makes of `project`, as `story` tells it.

    `project` has the weights that the run goes on from, if there are any, and the history before
    it.
    """

    project: Project
    trainer: Trainer
    story: Story

    def ended(self) -> Project:
        """The project with what has been learned; the picture of the network stays the same."""
        weights = {name: array.copy() for name, array in self.trainer.model.weights.items()}
        return dataclasses.replace(
            self.project,
            weights=weights,
            history=(*self.project.history, *self.story.history),
            curve=self.story.curve.table,
            trained_by=None,
        )

    def is_worth_keeping(self, fault: str) -> bool:
        """Whether it is more than a try; `fault` says why it failed, if it did."""
        story = self.story
        if story.last is None:
            return False  # a finished run that was only measured again
        return keeping.is_worth_keeping(
            keeping.ending_of(story.last, fault),
            epochs=len(story.history),
            steps=story.curve.step - story.before,
        )

    def kept(self, ended: Project, outcome: Outcome | None, fault: str, **facts: Any) -> KeptRun:
        """What the table has of a run that left `ended`; `facts` are further fields of Facts."""
        project, trainer, story = self.project, self.trainer, self.story
        return keeping.kept_run(
            ended,
            keeping.points_after(story.curve, story.before),
            outcome,
            begun=story.begun,
            seconds=story.last.seconds if story.last else 0.0,
            ending=keeping.ending_of(story.last, fault),
            threads=trainer.model.threads,
            epochs_before=len(project.history),
            pretrained=project.weights is not None or story.before > 0,
            pictures=fingerprint(trainer.train, trainer.validation),
            fault=fault,
            **facts,
        )


def add(run: KeptRun, store: RunStore) -> str | None:
    """Keep `run`, in the place of its beginning if that is kept; its name.

    None when it cannot be kept, which is told.
    """
    try:
        return continuing.keep(run, store).name
    except CnnFileError as error:
        output.note(str(error))
        return None
