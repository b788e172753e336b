"""Training: it learns, repeats itself to the bit, and refuses what cannot work."""

from __future__ import annotations

import dataclasses
import itertools
import tracemalloc

import numpy as np
import pytest

from cnnstudio.blocks import Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.data.datasets import Images
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8),
        Conv2D(4, 3, activation="relu"),
        MaxPool2D(),
        FullyConnected(16, activation="relu"),
        FullyConnected(4),
    )
)
WITH_DROPOUT = NETWORK.insert(4, Dropout(0.3))
RECIPE = Recipe(epochs=2, batch_size=32, learning_rate=0.01)


def trained(
    network: Network, threads: int, recipe: Recipe = RECIPE, steps: int | None = None
) -> tuple[Model, list[Progress]]:
    model = Model(network, recipe.seed, threads=threads)
    trainer = Trainer(model, blobs(150), blobs(40, 1), recipe)
    return model, list(itertools.islice(trainer.run(), steps))


@pytest.mark.parametrize("optimizer", Recipe.declarations()["optimizer"].options)
def test_it_learns(optimizer: str) -> None:
    rate = {"sgd": 0.3, "momentum": 0.05, "nesterov": 0.05, "rmsprop": 0.005}.get(optimizer, 0.01)
    recipe = Recipe(epochs=12, batch_size=32, optimizer=optimizer, learning_rate=rate)
    model, progress = trained(NETWORK, 1, recipe)
    assert progress[0].loss > 1
    assert evaluate(model, blobs(200, 2)).accuracy > 0.97
    last = progress[-1].finished_epoch
    assert last.validation_accuracy > 0.95
    assert last.train_loss < 0.3


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("network", [NETWORK, WITH_DROPOUT], ids=["plain", "dropout"])
def test_the_same_seed_gives_the_same_bits(network: Network, threads: int) -> None:
    first, first_progress = trained(network, threads)
    second, second_progress = trained(network, threads)
    assert np.array_equal(first.vector, second.vector)
    assert [p.loss for p in first_progress] == [p.loss for p in second_progress]
    other, _ = trained(network, threads, RECIPE.with_values(seed=1))
    assert not np.array_equal(first.vector, other.vector)


def test_large_vectors_are_shared_between_the_lanes_with_the_same_bits() -> None:
    network = Network((Input(1, 8, 8), FullyConnected(3500, activation="relu"), FullyConnected(4)))
    results = [trained(network, 2, steps=3)[0].vector for _ in range(2)]
    alone = trained(network, 1, steps=3)[0].vector
    assert len(alone) > 200_000
    assert np.array_equal(*results)
    assert results[0] == pytest.approx(alone, abs=1e-3)


def test_progress_counts_from_1_and_closes_every_epoch() -> None:
    _, progress = trained(NETWORK, 1)
    assert [(p.epoch, p.step) for p in progress] == [(e, s) for e in (1, 2) for s in range(1, 6)]
    assert all((p.epochs, p.steps_per_epoch) == (2, 5) for p in progress)
    closed = [p.finished_epoch.epoch for p in progress if p.finished_epoch]
    assert closed == [1, 2]
    assert [p.step for p in progress if p.finished_epoch] == [5, 5]
    seconds = [p.seconds for p in progress]
    assert seconds == sorted(seconds)
    assert all(p.images_per_second is None for p in progress), "a few quick steps tell no speed"
    assert progress[0].learning_rate == RECIPE.learning_rate


def test_an_epoch_uses_every_image_once_also_the_last_incomplete_batch() -> None:
    _, progress = trained(NETWORK, 1, RECIPE.with_values(optimizer="sgd", learning_rate=1e-8))
    sizes = [32, 32, 32, 32, 22]
    for epoch in (progress[:5], progress[5:]):
        result = epoch[-1].finished_epoch
        losses = [p.loss * size for p, size in zip(epoch, sizes, strict=True)]
        assert result.train_loss == pytest.approx(sum(losses) / 150)
        hits = [p.accuracy * size for p, size in zip(epoch, sizes, strict=True)]
        assert result.train_accuracy == pytest.approx(sum(hits) / 150)
    whole = evaluate(Model(NETWORK), blobs(150))
    assert progress[4].finished_epoch.train_loss == pytest.approx(whole.loss, rel=1e-4)
    assert progress[0].loss != progress[5].loss  # another order


def test_validation_is_measured_with_the_weights_at_the_epochs_end() -> None:
    model, progress = trained(WITH_DROPOUT, 1)
    measured = evaluate(model, blobs(40, 1))
    last = progress[-1].finished_epoch
    assert (last.validation_loss, last.validation_accuracy) == (measured.loss, measured.accuracy)


def test_without_validation_its_figures_are_nan() -> None:
    images = blobs(64)
    trainer = Trainer(Model(NETWORK), images, images[:0], RECIPE.with_values(epochs=1))
    result = list(trainer.run())[-1].finished_epoch
    assert np.isnan(result.validation_loss)
    assert np.isnan(result.validation_accuracy)


def test_epochs_go_on_from_earlier_runs() -> None:
    trainer = Trainer(Model(NETWORK), blobs(64), blobs(8), RECIPE, epochs_before=3)
    progress = list(trainer.run())
    assert [p.finished_epoch.epoch for p in progress if p.finished_epoch] == [4, 5]
    assert progress[0].epochs == 5


def test_an_epoch_that_was_begun_is_done_to_its_end() -> None:
    """Regression: positions went back to where the epoch began, and every curve with them."""
    recipe = RECIPE.with_values(batch_size=16)
    trainer = Trainer(Model(NETWORK), blobs(150), blobs(8), recipe, epochs_before=3, begun=0.61)
    assert trainer.steps_per_epoch == 10
    assert trainer.position == pytest.approx(3.6)
    progress = list(trainer.run())
    assert [(p.epoch, p.step) for p in progress] == [
        *((4, step) for step in range(7, 11)),
        *((5, step) for step in range(1, 11)),
    ]
    first, second = (p.finished_epoch for p in progress if p.finished_epoch)
    sizes = [16, 16, 16, 6]  # the last batch has what is left of 150 images
    mean = np.average([p.loss for p in progress[:4]], weights=sizes)
    assert first.train_loss == pytest.approx(mean)
    assert first.images_per_second == pytest.approx(sum(sizes) / first.seconds)
    assert second.images_per_second == pytest.approx(150 / second.seconds)


@pytest.mark.parametrize("begun", [0.0, 0.04, 0.97, 0.999])
def test_an_epoch_that_was_all_but_done_has_a_step_left(begun: float) -> None:
    recipe = RECIPE.with_values(batch_size=16)
    trainer = Trainer(Model(NETWORK), blobs(150), blobs(8), recipe, begun=begun)
    assert next(trainer.run()).step == (1 if begun < 0.5 else 10)


def test_not_asking_for_the_next_stops() -> None:
    model, progress = trained(NETWORK, 1, steps=2)
    assert len(progress) == 2
    again, _ = trained(NETWORK, 1, steps=3)
    assert not np.array_equal(model.vector, again.vector)


def test_progress_is_immutable() -> None:
    _, (progress,) = trained(NETWORK, 1, steps=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        progress.loss = 0.0


@pytest.mark.parametrize("threads", [1, 2])
def test_a_loss_that_runs_away_is_told_with_its_step(threads: int) -> None:
    linear = Network((Input(1, 8, 8), *(FullyConnected(4) for _ in range(4))))
    recipe = RECIPE.with_values(optimizer="sgd", learning_rate=100.0)
    with pytest.raises(TrainingError, match=r"finite number at step \d of epoch \d.*than 100"):
        trained(linear, threads, recipe)


def test_the_data_is_never_turned_into_floats_as_a_whole() -> None:
    images = Images(np.zeros((40_000, 1, 8, 8), np.uint8), np.zeros(40_000, np.uint8))
    trainer = Trainer(Model(NETWORK), images, images[:0], RECIPE, classes=4)
    steps = trainer.run()
    next(steps)
    tracemalloc.start()
    for _ in range(5):
        next(steps)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def refused(network: Network, train: Images, validation: Images, classes: int | None = None) -> str:
    with pytest.raises(TrainingError) as caught:
        Trainer(Model(network), train, validation, RECIPE, classes)
    return str(caught.value)


def test_data_that_does_not_go_with_the_network_is_refused() -> None:
    train, rest = blobs(900), blobs(10)
    small = blobs(10, side=6)
    assert "pictures of 1x8x8" in refused(NETWORK, small, rest)
    assert "pictures of 1x8x8" in refused(NETWORK, train, small)
    assert "no pictures" in refused(NETWORK, train[:0], rest)
    maps = Network(NETWORK.blocks[:3])
    assert "ends with maps of 4x3x3" in refused(maps, train, rest)
    few, many = (NETWORK.replace(4, FullyConnected(units)) for units in (3, 6))
    assert "gives 3 values, but the data has 4 classes" in refused(few, train, rest)
    assert "gives 6 values, but the data has 4 classes" in refused(many, train, rest)
    assert "gives 4 values, but the data has 5 classes" in refused(NETWORK, train, rest, 5)


def test_few_images_need_not_show_every_class() -> None:
    images = blobs(100)
    some = images[np.flatnonzero(images.labels < 3)]
    Trainer(Model(NETWORK), some, some[:5], RECIPE)
    Trainer(Model(NETWORK), some, some[:5], RECIPE, classes=4)
