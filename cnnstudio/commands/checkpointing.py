"""The checkpoints of `cnnstudio train`: where a run goes on, and what is said about it."""

from __future__ import annotations

import contextlib
import dataclasses
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cnnstudio.commands import output
from cnnstudio.engine import checkpoint, environment
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.recorder import EVERY, Recorder
from cnnstudio.engine.run import Run, conflicts, fingerprint
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import CnnFileError, TrainingError
from cnnstudio.network.project_file import Project


def find(arguments: Namespace) -> Checkpoint | None:
    """The checkpoint to go on from, None to begin.

    Raises CnnFileError when the options do not go together, or there is a run that would be lost.
    """
    if arguments.checkpoint is None:
        _refuse_without_folder(arguments)
        return None
    folder = Path(arguments.checkpoint)
    if not arguments.resume:
        if checkpoint.exists_in(folder):
            raise CnnFileError(
                f"{folder} holds the checkpoint of a run already; add --resume to go on with it, "
                "or choose another folder."
            )
        return None
    found = checkpoint.load(folder)
    for warning in () if found is None else found.warnings:
        output.note(warning)
    return found


def _refuse_without_folder(arguments: Namespace) -> None:
    given = {
        "--resume": arguments.resume,
        "--checkpoint-every": arguments.checkpoint_every is not None,
    }
    for option, is_given in given.items():
        if is_given:
            raise CnnFileError(f"{option} needs --checkpoint DIR, the folder of the run.")


def completed(arguments: Namespace, found: Checkpoint) -> Namespace:
    """`arguments` with what the checkpoint says for every option that was not given."""
    run = found.run
    values: dict[str, Any] = run.project.recipe.values()
    values |= {"data": run.project.data, "limit": run.limit, "threads": run.environment.threads}
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    return Namespace(**vars(arguments) | values | given)


def _check(found: Checkpoint, now: Run, folder: Path) -> None:
    """Say what has changed since `found`; raises TrainingError when the run cannot go on so."""
    reason = next(conflicts(found.run, now), None)
    epochs, begun = now.project.recipe.epochs, found.epoch - len(found.run.project.history)
    if reason is None and epochs < begun:
        reason = f"its epoch {begun} is begun already, and 'Epochs' is {epochs}"
    if reason is not None:
        raise TrainingError(
            f"The run in {folder} cannot go on like this: {reason}. Change that back, or choose "
            "another folder for a new run."
        )
    for sentence in environment.differences(found.run.environment, now.environment):
        output.note(sentence)


class Records:
    """The checkpoints that a run writes; none without a folder.

    Raises TrainingError when the run is not that of `found`, CnnFileError when nothing can be
    written to the folder.
    """

    def __init__(
        self,
        arguments: Namespace,
        project: Project,
        trainer: Trainer,
        story: Story,
        found: Checkpoint | None,
    ) -> None:
        self._recorder: Recorder | None = None
        if arguments.checkpoint is None:
            return
        alone = dataclasses.replace(project, weights=None, preview=None)
        pictures = fingerprint(trainer.train, trainer.validation)
        present = environment.present(trainer.model.threads)
        run = Run(alone, arguments.limit, pictures, present, story.before, story.begun)
        folder, given = Path(arguments.checkpoint), arguments.checkpoint_every
        if found is not None:
            _check(found, run, folder)
        self._recorder = Recorder(folder, run, found, EVERY if given is None else given)
        if found is None and arguments.resume:
            output.note(f"There is no checkpoint in {folder} yet; training begins from the start.")

    def look(self, trainer: Trainer, progress: Progress, story: Story) -> None:
        """Write a checkpoint if it is time; a disk that is full is told once and ends nothing."""
        if self._recorder is not None:
            with _telling():
                self._recorder.look(trainer, progress, story.history, lambda: story.curve.table)

    def close(self, trainer: Trainer, story: Story) -> None:
        """Write a checkpoint after the last step of a run that is stopped."""
        last = story.last
        if self._recorder is not None and last is not None:
            with _telling():
                self._recorder.write(trainer, last, story.history, lambda: story.curve.table)


@contextlib.contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except CnnFileError as error:
        output.note(f"{error} Training goes on without this checkpoint.")
