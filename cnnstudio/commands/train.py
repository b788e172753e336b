"""`cnnstudio train`: train, report each epoch, measure on the test pictures and save."""

from __future__ import annotations

import dataclasses
import math
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from cnnstudio.commands import checkpointing, leaving, models, output
from cnnstudio.commands.checkpointing import Records
from cnnstudio.commands.interruption import interruption
from cnnstudio.commands.made_run import MadeRun
from cnnstudio.commands.progress_bar import ProgressBar
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.model import Model
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import EpochResult, Progress, Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network import Recipe, project_file, templates
from cnnstudio.network.project_file import Project

Look = Callable[[Trainer, Progress, Story], None]


def run(arguments: Namespace) -> int:
    """Train as the command line says; 130 when Ctrl+C ended it early."""
    project = templates.open_document(arguments.file)
    found = checkpointing.find(arguments)
    if found is not None:
        arguments = checkpointing.completed(arguments, found)
        begun = found.run.project
        project = dataclasses.replace(
            project, weights=None, history=begun.history, changes=begun.changes
        )
    project = _with_options(project, arguments)
    if templates.is_text(arguments.file):
        project = models.padded(project)
    out = None if arguments.out is None else Path(arguments.out)
    if out is not None:
        project_file.check_target(out, trained=True)
    model = models.build(project, arguments.threads, lanes="fastest")
    dataset = models.load_data(project.data, model)
    project = dataclasses.replace(project, data=datasets.lasting(project.data))
    if project.weights is not None:
        output.note(f"Going on from the weights in {arguments.file}.")
    story = Story.of(project, found)
    trainer, records = _prepare(model, dataset, project, arguments, found, story)
    made = MadeRun(project, trainer, story)
    stopped, fault = False, ""
    try:
        stopped = train(trainer, story, records.look, as_json=arguments.json)
    except TrainingError as error:
        fault = str(error)
    if stopped:
        records.close(trainer, story)
        trainer.keep()
    return leaving.leave(made, dataset.test, arguments, stopped=stopped, fault=fault)


def _with_options(project: Project, arguments: Namespace) -> Project:
    """`project` with the recipe and data that the options say."""
    names = Recipe.declarations()
    given = {name: getattr(arguments, name) for name in names}
    changes = {name: value for name, value in given.items() if value is not None}
    recipe = project.recipe.with_values(**changes)
    return dataclasses.replace(project, recipe=recipe, data=arguments.data or project.data)


def _prepare(
    model: Model,
    dataset: Dataset,
    project: Project,
    arguments: Namespace,
    found: Checkpoint | None,
    story: Story,
) -> tuple[Trainer, Records]:
    """What trains, at the beginning or where `found` stands, and what writes checkpoints."""
    train, validation = dataset.split(project.recipe.validation)
    train = train[: arguments.limit]
    before, classes = len(project.history), len(dataset.class_names)
    begun = 0.0 if project.weights is None else Curve.kept(project.curve).begun(before)
    trainer = Trainer(model, train, validation, project.recipe, classes, before, begun)
    records = Records(arguments, project, trainer, story, found)
    if found is not None:
        trainer.restore(found.state)
        output.note(_going_on(trainer, found, arguments.checkpoint))
    return trainer, records


def _going_on(trainer: Trainer, found: Checkpoint, folder: str) -> str:
    if trainer.finished:
        return f"The run in {folder} is finished; there is nothing left to train."
    return (
        f"Going on from the checkpoint in {folder}, after step {found.step:,} of "
        f"{trainer.steps_per_epoch:,} in epoch {found.epoch:,}."
    )


def train(
    trainer: Trainer,
    story: Story,
    look: Look | None = None,
    *,
    end: float = math.inf,
    as_json: bool,
) -> bool:
    """Run the trainer to its end, to the position `end` or the first Ctrl+C; whether it was that.

    What happens is added to `story`, and `look` is called after every step. The signal only sets a
    flag that is looked at between two steps, so that the weights are never half of one step and
    half of the next.
    """
    with interruption() as asked_to_stop, ProgressBar() as bar:
        for progress in trainer.run():
            bar.show(progress)
            if progress.finished_epoch is not None:
                bar.clear()
            story.take(progress)
            if look is not None:
                look(trainer, progress, story)
            if progress.finished_epoch is not None:
                _report_epoch(progress.finished_epoch, progress.epochs, as_json=as_json)
            stopped = asked_to_stop.is_set()
            if stopped or trainer.finished:
                bar.clear()
                _report_end(progress)
            if stopped or trainer.position >= end:
                return stopped
    return False


def _report_epoch(result: EpochResult, epochs: int, *, as_json: bool) -> None:
    if as_json:
        output.record(dataclasses.asdict(result))
        return
    words = [
        f"epoch {result.epoch}/{epochs}",
        f"loss {result.train_loss:.4f}",
        f"accuracy {100 * result.train_accuracy:.2f} %",
    ]
    if math.isfinite(result.validation_accuracy):
        words.append(f"validation {100 * result.validation_accuracy:.2f} %")
    words.append(f"{result.seconds:.1f} s, {result.images_per_second:,.0f} images/s")
    output.line("   ".join(words))
    sys.stdout.flush()


def _report_end(progress: Progress) -> None:
    """Say which weights are kept, where it is not the last ones."""
    if progress.ending:
        output.note(progress.ending)
    elif progress.best_epoch not in (None, progress.epoch):
        output.note(
            f"The weights of epoch {progress.best_epoch} are kept, the best on the images kept "
            "aside."
        )
