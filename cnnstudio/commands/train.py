"""`cnnstudio train`: train, report each epoch, measure on the test pictures and save."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import tqdm

from cnnstudio.commands import codes, models, output
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine import metrics
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import EpochResult, Progress, Trainer
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
    with _interruption() as interruption, _Bar() as bar:
        for progress in trainer.run():
            bar.show(progress)
            if progress.finished_epoch is not None:
                bar.clear()
                epochs.append(progress.finished_epoch)
                _report_epoch(progress.finished_epoch, progress.epochs, as_json=arguments.json)
            if interruption.is_set():
                return epochs, True
    return epochs, False


@contextlib.contextmanager
def _interruption() -> Iterator[threading.Event]:
    """An event that the first Ctrl+C sets; the second one interrupts as usual."""
    event = threading.Event()

    def note(_signal: int, _frame: FrameType | None) -> None:
        event.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, before)


class _Bar:
    """The progress bar of the present epoch on stderr; drawn rarely where nobody watches."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._pause = 0.1 if sys.stderr.isatty() else 10.0

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def show(self, progress: Progress) -> None:
        """Bring the bar to the step of `progress`."""
        if self._bar is None:
            tqdm.tqdm.monitor_interval = 0  # no thread that watches the bar
            self._bar = tqdm.tqdm(
                total=progress.steps_per_epoch,
                desc=f"epoch {progress.epoch}/{progress.epochs}",
                unit="step",
                leave=False,
                mininterval=self._pause,
                file=sys.stderr,
            )
        words = f"loss {progress.loss:.4f}, {progress.images_per_second:,.0f} images/s"
        self._bar.set_postfix_str(words, refresh=False)
        self._bar.update(progress.step - self._bar.n)

    def clear(self) -> None:
        """Take the bar away; the next step begins a new one."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


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
