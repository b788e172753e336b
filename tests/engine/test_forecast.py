"""What a run will take, from a short trial: time, memory, and giving up."""

from __future__ import annotations

import itertools
import tracemalloc

import numpy as np
import pytest

from cnnstudio.blocks import Conv2D, Dropout, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Images
from cnnstudio.engine import forecast as module
from cnnstudio.engine.forecast import forecast
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe

NETWORK = Network(
    (
        Input(),
        Conv2D(8, 5, activation="relu"),
        MaxPool2D(4, 4),
        Residual((Conv2D(8, 3, padding=1),), activation="relu"),
        Dropout(0.3),
        FullyConnected(10),
    )
)


@pytest.fixture
def images() -> Images:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (640, 1, 28, 28)).astype(np.uint8)
    return Images(pixels, (np.arange(640) % 10).astype(np.uint8))


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TRIAL_SECONDS", 0.0)


@pytest.mark.parametrize(
    ("steps", "mean"),
    [([0.1, 0.2, 0.9], 0.4), ([0.1, 0.1, 0.1, 9.0], (0.3 + 0.5) / 4)],
)
def test_the_epoch_has_its_share_of_slow_steps_but_not_of_a_standstill(
    images: Images, monkeypatch: pytest.MonkeyPatch, steps: list[float], mean: float
) -> None:
    monkeypatch.setattr(module, "_step_seconds", lambda *_: steps)
    found = forecast(NETWORK, Recipe(batch_size=64), images, threads=1)
    assert found is not None
    assert found.seconds_per_epoch == pytest.approx(10 * mean)


def test_the_first_steps_are_not_counted(images: Images) -> None:
    trainer = Trainer(Model(NETWORK), images, images[:0], Recipe(epochs=1, batch_size=64))
    seconds = module._step_seconds(trainer, lambda: True)
    assert len(seconds) == 3
    assert all(second > 0 for second in seconds)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("threads", [1, 2])
def test_memory_is_what_training_allocates(images: Images, optimizer: str, threads: int) -> None:
    recipe = Recipe(optimizer=optimizer, batch_size=64, ema=0.9)
    found = forecast(NETWORK, recipe, images, threads)
    assert found is not None
    tracemalloc.start()
    try:
        model = Model(NETWORK, threads=threads)
        trainer = Trainer(model, images, images[:0], recipe)
        for _ in itertools.islice(trainer.run(), 3):
            pass
        allocated, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.memory == pytest.approx(allocated, rel=0.1)


def test_a_trial_that_nobody_wants_any_more_ends(images: Images) -> None:
    asked = itertools.count()
    assert forecast(NETWORK, Recipe(), images, 1, wanted=lambda: next(asked) < 2) is None
    assert next(asked) == 3


def test_a_patience_and_a_warm_up_do_not_matter_to_it(images: Images) -> None:
    recipe = Recipe(epochs=20, patience=3, warm_up=10)
    assert forecast(NETWORK, recipe, images, 1) is not None


def test_data_that_do_not_fit_are_named(images: Images) -> None:
    network = Network((Input(height=32, width=32), FullyConnected(10)))
    with pytest.raises(TrainingError, match="1x32x32"):
        forecast(network, Recipe(), images, 1)


def test_numbers_that_run_away_at_once_give_none(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TRIAL_SECONDS", 60.0)
    recipe = Recipe(optimizer="sgd", learning_rate=10.0, batch_size=64)
    deep = Network((Input(), *(FullyConnected(50) for _ in range(12)), FullyConnected(10)))
    assert forecast(deep, recipe, images, 1) is None
