"""Training as a plain generator of progress; whoever does not ask for the next has stopped it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnnstudio.data.datasets import Images
from cnnstudio.engine.gradients import Task
from cnnstudio.engine.losses import Score
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.optimizers import optimizer_of
from cnnstudio.engine.parallel import quiet
from cnnstudio.errors import DataError, TrainingError
from cnnstudio.network.recipe import Recipe

ENOUGH_IMAGES = 100
"""Images for each output from which a class that no label names is no accident."""


@dataclass(frozen=True)
class EpochResult:
    """A whole epoch; losses are means, `seconds` and `images_per_second` those of training alone.

    The training figures are those of the steps while they were made; the validation figures are NaN
    when nothing is kept aside.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Progress:
    """One step: `epoch` and `step` (in its epoch) count from 1, loss and accuracy are its batch's.

    `epochs` is the number of the last epoch to come.
    `seconds` is the time spent in steps since the start, `images_per_second` the speed since the
    epoch began. `finished_epoch` comes with an epoch's last step.
    """

    epoch: int
    epochs: int
    step: int
    steps_per_epoch: int
    loss: float
    accuracy: float
    learning_rate: float
    images_per_second: float
    seconds: float
    finished_epoch: EpochResult | None = None


class Trainer:
    """Trains `model` on `train` as the recipe says and measures it on `validation`.

    `classes` says how many classes the data has; without it the labels tell, as far as they can.
    `epochs_before` counts the epochs that the model has been trained before, so that the next ones
    go on with their numbers and new permutations; the recipe's epochs come on top of them.
    Raises TrainingError when data and network do not go together.
    """

    def __init__(
        self,
        model: Model,
        train: Images,
        validation: Images,
        recipe: Recipe,
        classes: int | None = None,
        epochs_before: int = 0,
    ) -> None:
        if not len(train):
            raise TrainingError("There are no pictures to train with.")
        _check(model, train, validation, classes)
        self.model, self.train, self.validation, self.recipe = model, train, validation, recipe
        self._before, self._last = epochs_before, epochs_before + recipe.epochs
        self._gradients = model.gradients()
        self._optimizer = optimizer_of(recipe, model.vector, self._gradients.share)

    @property
    def steps_per_epoch(self) -> int:
        """Steps in an epoch; the last may have fewer images."""
        return -(-len(self.train) // self.recipe.batch_size)

    def run(self) -> Iterator[Progress]:
        """Train, and yield after every step; raises TrainingError when the loss is not finite."""
        seconds = 0.0
        for epoch in range(self._before + 1, self._last + 1):
            for progress in self._epoch(epoch, seconds):
                yield progress
            seconds = progress.seconds

    def _epoch(self, epoch: int, before: float) -> Iterator[Progress]:
        size, count = self.recipe.batch_size, len(self.train)
        started = time.perf_counter()
        order = np.random.default_rng((self.recipe.seed, epoch)).permutation(count)
        spent, loss, correct = time.perf_counter() - started, 0.0, 0
        for step in range(1, self.steps_per_epoch + 1):
            started = time.perf_counter()
            batch = order[(step - 1) * size : step * size]
            score = self._step(epoch, step, batch)
            spent += time.perf_counter() - started
            loss, correct = loss + score.loss, correct + score.correct
            finished = None
            seen = (step - 1) * size + len(batch)
            if seen == count:
                finished = self._finish(epoch, Score(loss, correct), spent)
            yield Progress(
                epoch=epoch,
                epochs=self._last,
                step=step,
                steps_per_epoch=self.steps_per_epoch,
                loss=score.loss / len(batch),
                accuracy=score.correct / len(batch),
                learning_rate=self._optimizer.learning_rate,
                images_per_second=seen / spent,
                seconds=before + spent,
                finished_epoch=finished,
            )

    def _step(
        self, epoch: int, step: int, batch: np.ndarray[tuple[int], np.dtype[np.intp]]
    ) -> Score:
        number = (epoch - 1) * self.steps_per_epoch + step
        score = self._gradients.compute(
            self.train.pixels, self.train.labels, batch, Task(number)
        )
        if not math.isfinite(score.loss):
            raise TrainingError(
                f"The loss is no longer a finite number at step {step} of epoch {epoch}. Use a "
                f"smaller learning rate than {self.recipe.learning_rate:g}."
            )
        with quiet():
            self._optimizer.step(self._gradients.vector)
        return score

    def _finish(self, epoch: int, score: Score, seconds: float) -> EpochResult:
        measured = evaluate(self.model, self.validation)
        count = len(self.train)
        return EpochResult(
            epoch=epoch,
            train_loss=score.loss / count,
            train_accuracy=score.correct / count,
            validation_loss=measured.loss,
            validation_accuracy=measured.accuracy,
            seconds=seconds,
            images_per_second=count / seconds,
        )


def _check(model: Model, train: Images, validation: Images, classes: int | None) -> None:
    """Raise TrainingError when pictures, classes or labels do not go with the network."""
    for images in (train, validation):
        try:
            model.check_pictures(images.pixels)
        except DataError as error:
            raise TrainingError(str(error)) from error
    shape = model.output_shape
    if len(shape) != 1:
        raise TrainingError(
            f"The network ends with maps of {'x'.join(map(str, shape))}, but training needs one "
            "row of values, one for each class. End it with a fully connected block."
        )
    _check_classes(shape[0], train, validation, classes)


def _check_classes(values: int, train: Images, validation: Images, classes: int | None) -> None:
    named = 1 + max(int(images.labels.max()) for images in (train, validation) if len(images))
    too_many = values > (named if classes is None else classes)
    if classes is None and len(train) < ENOUGH_IMAGES * values:
        too_many = False
    known = max(named, classes or 0)
    if too_many or values < known:
        raise TrainingError(
            f"The network gives {values} values, but the data has {known} classes. End it with a "
            f"fully connected block of {known} units."
        )
