"""The training thread: the weights that it leaves behind are those to keep."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from cnnstudio.blocks import BatchNorm, FullyConnected, Input
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe
from cnnstudio.ui.worker import Job, News, TrainingWorker
from tests.engine.harness import blobs

NETWORK = Network((Input(1, 8, 8), FullyConnected(6), BatchNorm(), FullyConnected(4)))
DATASET = Dataset("blobs", tuple("abcd"), blobs(80), blobs(10, 1))
RECIPE = Recipe(epochs=3, batch_size=20, learning_rate=0.01, validation=20, ema=0.9)


def to_the_end(worker: TrainingWorker) -> tuple[News, list]:
    assert worker.join(20)
    last = worker.poll()
    assert last.finished
    return last, list(last.steps)


def trained(recipe: Recipe, steps: int | None = None) -> Model:
    """What the engine makes of the job without a thread."""
    model = Model(NETWORK, recipe.seed)
    trainer = Trainer(model, *DATASET.split(recipe.validation), recipe, classes=4)
    assert list(itertools.islice(trainer.run(), steps))
    trainer.keep()
    return model


@pytest.mark.parametrize("patience", [0, 1])
def test_a_finished_run_leaves_the_weights_that_the_recipe_keeps(patience: int) -> None:
    recipe = RECIPE.with_values(patience=patience)
    worker = TrainingWorker(Job(NETWORK, recipe, DATASET, threads=1))
    worker.start()
    last, steps = to_the_end(worker)
    assert steps[-1].finished_epoch
    assert last.failure is None
    assert np.array_equal(last.weights, trained(recipe).state)
    assert not np.array_equal(last.weights, trained(recipe.with_values(ema=0.0)).state)


def test_a_stopped_run_leaves_them_too() -> None:
    worker = TrainingWorker(Job(NETWORK, RECIPE, DATASET, threads=1), paused=True)
    for _ in range(5):
        worker.step()
    worker.start()
    told = []
    limit = time.monotonic() + 20
    while len(told) < 4 and time.monotonic() < limit:
        told += worker.poll().steps
        time.sleep(0.001)
    worker.stop()
    last, steps = to_the_end(worker)
    assert last.failure is None
    count = len(told) + len(steps)
    assert count in (4, 5)
    assert np.array_equal(last.weights, trained(RECIPE, count).state)


def test_a_run_goes_on_from_running_statistics_too() -> None:
    worker = TrainingWorker(Job(NETWORK, RECIPE, DATASET, threads=1))
    worker.start()
    first, _ = to_the_end(worker)
    job = Job(NETWORK, RECIPE, DATASET, threads=1, weights=first.weights, epochs_before=3)
    worker = TrainingWorker(job, paused=True)
    worker.start()
    worker.stop()
    last, steps = to_the_end(worker)
    assert not steps
    assert np.array_equal(last.weights, first.weights)


def test_after_numbers_that_run_away_the_last_good_weights_are_left() -> None:
    recipe = RECIPE.with_values(optimizer="sgd", learning_rate=100.0, ema=0.0, epochs=100)
    linear = Network((Input(1, 8, 8), *(FullyConnected(4) for _ in range(4))))
    worker = TrainingWorker(Job(linear, recipe, DATASET, threads=1))
    worker.start()
    last, _ = to_the_end(worker)
    assert "finite number" in last.failure.sentence
    assert "The last good weights are kept." in last.failure.sentence
    assert not last.failure.details
    assert np.isfinite(last.weights).all()
