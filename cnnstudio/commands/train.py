"""`cnnstudio train`: train, report each epoch, measure on the test pictures and save."""

from __future__ import annotations

import dataclasses
import math
import sys
from argparse import Namespace
from pathlib import Path

from cnnstudio.commands import codes, models, output
from cnnstudio.commands.interruption import interruption
from cnnstudio.commands.progress_bar import ProgressBar
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine import metrics
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import EpochResult, Trainer
from cnnstudio.network import Recipe, project_file, templates
from cnnstudio.network.project_file import Project


def run(arguments: Namespace) -> int:
    """Train as the command line says; 130 when Ctrl+C ended it early."""
    project = _project(arguments)
    out = None if arguments.out is None else Path(arguments.out)
    if out is not None:
        project_file.check_target(out)
    model = models.build(project, arguments.threads)
    dataset = models.load_data(project.data, model)
    if project.weights is not None:
        output.note(f"Going on from the weights in {arguments.file}.")
    epochs, stopped = _train(model, dataset, project, arguments)
    if out is not None:
        trained = _trained(project, model, epochs)
        project_file.save(trained, out)
    if stopped:
        kept = f"what was learned so far is in {out}" if out else "nothing was saved (no --out)"
        output.note(f"Stopped; {kept}.")
        return codes.INTERRUPTED
    _report_test(model, dataset, out, as_json=arguments.json)
    return 0


def _project(arguments: Namespace) -> Project:
    """The project of FILE with the recipe and data that the options say."""
    project = templates.open_document(arguments.file)
    names = Recipe.declarations()
    given = {name: getattr(arguments, name) for name in names}
    changes = {name: value for name, value in given.items() if value is not None}
    recipe = project.recipe.with_values(**changes)
    return dataclasses.replace(project, recipe=recipe, data=arguments.data or project.data)


def _train(
    model: Model, dataset: Dataset, project: Project, arguments: Namespace
) -> tuple[list[EpochResult], bool]:
    """Run the trainer to its end or the first Ctrl+C; the finished epochs and whether it was that.

    The signal only sets a flag that is looked at between two steps, so that the weights are never
    half of one step and half of the next.
    """
    train, validation = dataset.split(project.recipe.validation)
    if arguments.limit is not None:
        train = train[: arguments.limit]
    before = len(project.history)
    classes = len(dataset.class_names)
    trainer = Trainer(
        model, train, validation, project.recipe, classes=classes, epochs_before=before
    )
    epochs: list[EpochResult] = []
    with interruption() as asked_to_stop, ProgressBar() as bar:
        for progress in trainer.run():
            bar.show(progress)
            if progress.finished_epoch is not None:
                bar.clear()
                epochs.append(progress.finished_epoch)
                _report_epoch(progress.finished_epoch, progress.epochs, as_json=arguments.json)
            if asked_to_stop.is_set():
                return epochs, True
    return epochs, False


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


def _report_test(model: Model, dataset: Dataset, out: Path | None, *, as_json: bool) -> None:
    result = metrics.evaluate(model, dataset.test)
    if as_json:
        output.record(
            {
                "test_loss": result.loss,
                "test_accuracy": result.accuracy,
                "parameters": model.vector.size,
                "out": None if out is None else output.name(out),
            }
        )
        return
    output.line(
        f"test accuracy {100 * result.accuracy:.2f} %, loss {result.loss:.4f} "
        f"on {result.images:,} pictures"
    )
    if out is not None:
        output.line(f"saved {out}")


def _trained(project: Project, model: Model, epochs: list[EpochResult]) -> Project:
    """`project` with what was learned; the picture of the network stays the same."""
    new = tuple(dataclasses.asdict(epoch) for epoch in epochs)
    weights = {name: array.copy() for name, array in model.parameters.items()}
    return dataclasses.replace(project, weights=weights, history=(*project.history, *new))
