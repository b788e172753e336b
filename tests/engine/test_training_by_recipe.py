"""Every setting of the recipe does in training what it says."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.blocks import BatchNorm, Conv2D, Dropout, FullyConnected, Input
from cnnstudio.data.augment import Augmentation
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.progress import Progress
from cnnstudio.engine.regularization import weight_mask
from cnnstudio.engine.schedules import rate
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (Input(1, 8, 8), Conv2D(3, 3), BatchNorm(), FullyConnected(8, activation="tanh"), Dropout(0.1))
).insert(5, FullyConnected(4))
RECIPE = Recipe(epochs=3, batch_size=40, optimizer="sgd", learning_rate=0.05)
TRAIN, VALIDATION = blobs(120), blobs(30, 1)


def trained(recipe: Recipe, threads: int = 1, **changes: object) -> tuple[Model, list[Progress]]:
    recipe = recipe.with_values(**changes)
    model = Model(NETWORK, recipe.seed, threads=threads)
    return model, list(Trainer(model, TRAIN, VALIDATION, recipe).run())


def first_step(**changes: object) -> tuple[np.ndarray, np.ndarray]:
    """The parameters before, and what the first step adds to them."""
    recipe = RECIPE.with_values(**changes)
    model = Model(NETWORK, recipe.seed)
    before = model.vector.copy()
    next(Trainer(model, TRAIN, VALIDATION, recipe).run())
    return before, model.vector - before


def test_a_recipe_of_defaults_does_nothing_new() -> None:
    old = {"epochs", "batch_size", "optimizer", "learning_rate", "momentum", "weight_decay"}
    new = set(Recipe.declarations()) - old - {"validation", "seed"}
    off = {name: getattr(Recipe(), name) for name in new}
    kept = {"schedule": "constant", "step_epochs": 10, "step_factor": 0.1, "changed": 1}
    assert off == dict.fromkeys(new, 0) | kept
    _, plain = first_step()
    for name in ("l1", "l2", "label_smoothing", "clip", "shift", "warm_up"):
        _, changed = first_step(**{name: 0.8})
        assert not np.array_equal(changed, plain), name


@pytest.mark.parametrize("threads", [1, 2])
def test_everything_at_once_learns(threads: int) -> None:
    recipe = Recipe(
        epochs=15,
        batch_size=20,
        learning_rate=0.02,
        l1=1e-5,
        l2=1e-4,
        label_smoothing=0.1,
        schedule="one_cycle",
        clip=5.0,
        ema=0.95,
        patience=10,
        shift=1.0,
    )
    model, _ = trained(recipe, threads)
    assert evaluate(model, blobs(200, 2)).accuracy > 0.95


@pytest.mark.parametrize(("l1", "l2"), [(0.1, 0.0), (0.0, 0.1)])
def test_penalties_pull_at_the_weights_alone(l1: float, l2: float) -> None:
    before, plain = first_step()
    _, changed = first_step(l1=l1, l2=l2)
    mask = weight_mask(Model(NETWORK).parameters)
    pull = -RECIPE.learning_rate * mask * (l1 * np.sign(before) + l2 * before)
    assert changed - plain == pytest.approx(pull, abs=1e-6)
    assert np.abs(pull).max() > 1e-4


def test_clipping_bounds_the_step_with_the_penalty_in_it() -> None:
    _, plain = first_step(l2=1.0)
    _, clipped = first_step(l2=1.0, clip=0.01)
    assert np.linalg.norm(plain) > 0.01 * RECIPE.learning_rate
    assert np.linalg.norm(clipped) == pytest.approx(0.01 * RECIPE.learning_rate, rel=1e-3)
    direction = plain / np.linalg.norm(plain)
    assert np.dot(clipped, direction) == pytest.approx(np.linalg.norm(clipped), rel=1e-4)


def test_the_training_loss_is_smoothed_and_that_of_validation_plain() -> None:
    model = Model(NETWORK)
    _, (progress, *_) = trained(RECIPE, label_smoothing=0.4)
    _, (plain, *_) = trained(RECIPE)
    logits = model.forward(TRAIN.pixels)
    assert logits.shape == (120, 4)
    assert progress.loss != plain.loss
    after, told = trained(RECIPE, label_smoothing=0.4)
    result = told[-1].finished_epoch
    assert result.validation_loss == evaluate(after, VALIDATION).loss
    uniform = Model(NETWORK)
    uniform.parameters["fc2.weight"][...] = 0
    uniform.parameters["fc2.bias"][...] = [5, 0, 0, 0]
    recipe = RECIPE.with_values(label_smoothing=0.4, batch_size=120)
    (first, *_) = Trainer(uniform, TRAIN, VALIDATION, recipe).run()
    logs = np.array([5, 0, 0, 0]) - np.log(np.exp(5) + 3)
    counts = np.bincount(TRAIN.labels, minlength=4) / 120
    assert first.loss == pytest.approx(-0.6 * counts @ logs - 0.4 * logs.mean(), rel=1e-5)


@pytest.mark.parametrize("schedule", Recipe.declarations()["schedule"].options)
def test_every_step_is_made_at_the_schedules_rate(schedule: str) -> None:
    changes = {"schedule": schedule, "warm_up": 0.7, "step_epochs": 1}
    _, told = trained(RECIPE, **changes)
    recipe = RECIPE.with_values(**changes)
    assert [p.learning_rate for p in told] == [rate(recipe, i, 3) for i in range(9)]
    _, plain = first_step(learning_rate=0.1)
    _, slow = first_step(learning_rate=0.1, warm_up=3.0)
    assert slow == pytest.approx(plain / 9, abs=1e-6)


def test_the_average_is_measured_and_kept_and_leaves_training_alone() -> None:
    model, told = trained(RECIPE, ema=0.9)
    raw, plain = trained(RECIPE)
    assert [p.loss for p in told] == [p.loss for p in plain]
    assert not np.array_equal(model.state, raw.state)
    last = told[-1].finished_epoch
    found = evaluate(model, VALIDATION)
    assert (last.validation_loss, last.validation_accuracy) == (found.loss, found.accuracy)
    assert last.validation_loss != plain[-1].finished_epoch.validation_loss
    statistics = model.state[len(model.vector) :]
    assert len(statistics) == 6
    assert not np.array_equal(statistics, raw.state[len(model.vector) :])


@pytest.mark.parametrize("ema", [0.0, 0.5])
def test_without_a_better_epoch_it_stops_with_the_best_weights(ema: float) -> None:
    recipe = RECIPE.with_values(epochs=60, learning_rate=0.7, patience=3, ema=ema)
    model, told = trained(recipe)
    results = [p.finished_epoch for p in told if p.finished_epoch]
    ranks = [(r.validation_accuracy, -r.validation_loss) for r in results]
    best = 1 + ranks.index(max(ranks))
    accuracies = [r.validation_accuracy for r in results]
    assert 3 < len(results) == 1 + accuracies.index(max(accuracies)) + 3 < 60
    assert [p.stopped_early for p in told].index(True) == len(told) - 1
    assert told[-1].best_epoch == best
    assert told[0].best_epoch is None
    found = evaluate(model, VALIDATION)
    assert (found.accuracy, -found.loss) == max(ranks)
    assert told[-1].ending == (
        "Training stopped early: 3 epochs without a better accuracy on the images kept aside. "
        f"The weights of epoch {best} are kept."
    )
    assert not any(p.ending for p in told[:-1])


def test_a_patience_that_lasts_keeps_the_best_epoch_too() -> None:
    model, told = trained(RECIPE, patience=100, learning_rate=0.7, epochs=8)
    results = [p.finished_epoch for p in told if p.finished_epoch]
    assert len(results) == 8
    assert not told[-1].stopped_early
    best = max((r.validation_accuracy, -r.validation_loss) for r in results)
    found = evaluate(model, VALIDATION)
    assert (found.accuracy, -found.loss) == best


def test_a_patience_needs_images_kept_aside() -> None:
    with pytest.raises(TrainingError, match=r"patience of 2 needs.*Set Validation above 0, or"):
        Trainer(Model(NETWORK), TRAIN, VALIDATION[:0], RECIPE.with_values(patience=2))


def test_a_warm_up_must_end_before_the_run() -> None:
    recipe = RECIPE.with_values(epochs=2, warm_up=2.5)
    with pytest.raises(TrainingError, match=r"warm-up of 2.5 epochs is longer than the 2 of"):
        Trainer(Model(NETWORK), TRAIN, VALIDATION, recipe)


@pytest.mark.parametrize("setting", ["shift", "rotation", "scaling", "elastic"])
def test_images_are_changed_at_random_the_same_for_a_seed(setting: str) -> None:
    changes = {setting: {"rotation": 30.0, "scaling": 0.5}.get(setting, 2.0)}
    first, told = trained(RECIPE, **changes)
    second, _ = trained(RECIPE, **changes)
    assert np.array_equal(first.state, second.state)
    other, _ = trained(RECIPE, seed=1, **changes)
    assert not np.array_equal(first.state, other.state)
    _, plain = trained(RECIPE)
    assert told[0].loss != plain[0].loss
    assert not Augmentation(**changes).is_identity
