"""Numbers that run away: training stops, names the block and keeps the last good weights."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cnnstudio.blocks import (
    BatchNorm,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    Parallel,
    Residual,
)
from cnnstudio.engine import health
from cnnstudio.engine.fault import check_answers, where_it_began
from cnnstudio.engine.health import LastGood
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8),
        Conv2D(2, 3),
        Residual((Conv2D(2, 3, padding=1), Conv2D(3, 1))),
        FullyConnected(6),
        FullyConnected(4),
    )
)
WILD = Recipe(epochs=9, batch_size=32, optimizer="sgd", learning_rate=50.0)


def run_wild(
    recipe: Recipe, model: Model, validation: int = 40
) -> tuple[str, list[Progress], list[np.ndarray]]:
    """The sentence, and what was told and the weights after every step before."""
    trainer = Trainer(model, blobs(150), blobs(validation, 1), recipe)
    told, weights = [], [model.state.copy()]
    try:
        for progress in trainer.run():
            told.append(progress)
            weights.append(model.state.copy())
    except TrainingError as error:
        return str(error), told, weights
    pytest.fail("nothing ran away")


@pytest.mark.parametrize("threads", [1, 2])
def test_the_step_the_block_and_the_cure_are_said(threads: int) -> None:
    model = Model(NETWORK, threads=threads)
    sentence, told, weights = run_wild(WILD, model)
    last = told[-1]
    assert f"The loss is no longer a finite number at step {last.step + 1} of epoch 1" in sentence
    assert re.search(r"it began in (CONV|RESIDUAL|FC) \d, whose \S+ .*is not finite", sentence)
    assert sentence.endswith("Use a smaller learning rate than 50, or clip the gradients.")
    good = [w for w, p in zip(weights, told, strict=False) if np.isfinite(p.loss)][-1]
    assert np.array_equal(model.state, good)
    assert np.isfinite(evaluate(model, blobs(40, 1)).loss)


def test_who_clips_already_is_not_told_to() -> None:
    model = Model(NETWORK)
    model.parameters["fc1.weight"][...] = 1e30
    model.parameters["fc2.weight"][...] = 1e30
    sentence, *_ = run_wild(WILD.with_values(clip=1.0), model)
    assert "clip" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("conv1.bias", np.nan, "in CONV 1, whose bias is not finite"),
        ("residual1.conv2.weight", np.inf, "in RESIDUAL 1, whose conv2.weight is not finite"),
        ("fc1.weight", 1e38, "in FC 1, whose output for these images is not finite"),
        ("fc2.weight", -1e38, "in FC 2, whose output for these images is not finite"),
    ],
)
def test_the_first_block_is_named(name: str, value: float, words: str) -> None:
    model = Model(NETWORK)
    model.parameters[name][...] = value
    if name == "fc1.weight":
        model.parameters["fc2.weight"][...] = np.nan
    if name == "fc2.weight":
        model.parameters["fc1.weight"][...] *= 1e3
    assert where_it_began(model, blobs(70).pixels) == words
    if not np.isfinite(model.state).all():
        return
    sentence, told, _ = run_wild(WILD, model)
    assert words in sentence
    assert not told


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_lost_are_not_trained_on(value: float) -> None:
    """Regression: the last good weights were said to be kept, and were the lost ones."""
    model = Model(NETWORK)
    model.parameters["conv1.bias"][0] = value
    with pytest.raises(TrainingError, match="from these weights: the bias of CONV 1 is not finite"):
        Trainer(model, blobs(70), blobs(40, 1), WILD)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_answers_that_are_no_numbers_are_refused(value: float) -> None:
    """Regression: NaN passed for the first class, and was counted right where that was true."""
    model, pictures = Model(NETWORK), blobs(20).pixels
    check_answers(model, pictures, model.forward(pictures))
    model.parameters["conv1.weight"][...] = value
    model.parameters["fc1.weight"][...] *= value
    with pytest.raises(TrainingError, match=r"no numbers for 20 of 20 pictures: it began in .* 1,"):
        check_answers(model, pictures, model.forward(pictures))


def test_a_class_may_be_infinitely_unlikely() -> None:
    check_answers(Model(NETWORK), blobs(1).pixels, np.array([[0.0, -np.inf, 3e38]]))


def test_the_block_inside_a_block_is_named() -> None:
    inner = Residual((Conv2D(2, 1), BatchNorm(), Conv2D(2, 3, padding=1)))
    branches = ((Conv2D(2, 1), Dropout(0.5)), (Conv2D(2, 1), inner), ())
    network = Network((Input(1, 8, 8), Conv2D(2, 3), Parallel(branches), FullyConnected(4)))
    model = Model(network)
    model.parameters["conv1.weight"][...] = 1e5
    key = "parallel1.branch2.residual1.conv2"
    model.parameters[f"{key}.weight"][...] = 3e38
    wanted = "in PARALLEL 1, at its BRANCH 2 RESIDUAL 1 CONV 2, whose output for these images"
    assert where_it_began(model, blobs(50).pixels).startswith(wanted)
    assert np.isfinite(model.state).all()


def test_a_sum_that_overflows_is_the_blocks_own() -> None:
    network = Network((Input(1, 8, 8), Residual((Conv2D(1, 1),)), FullyConnected(4)))
    model = Model(network)
    model.parameters["residual1.conv1.weight"][...] = 1
    pixels = np.full((2, 1, 8, 8), 3e38, np.float32)
    words = where_it_began(model, pixels)
    assert words == "in RESIDUAL 1, whose output for these images is not finite"


def test_finite_blocks_are_not_blamed() -> None:
    assert "training itself" in where_it_began(Model(NETWORK), blobs(3).pixels)


def test_one_bad_picture_is_found_in_any_slice() -> None:
    network = Network((Input(1, 8, 8), FullyConnected(3), FullyConnected(4)))
    model, pixels = Model(network), np.zeros((100, 1, 8, 8), np.uint8)
    pixels[90, 0, 0, 0] = 255
    model.parameters["fc1.weight"][...] = 1e38
    model.parameters["fc2.weight"][...] = 1e38
    assert "in FC 2, whose output" in where_it_began(model, pixels)
    assert "training itself" in where_it_began(model, pixels[:90])


def test_an_epoch_that_ends_badly_is_no_result() -> None:
    """With a single batch an epoch the step after which numbers run away is its last."""
    model = Model(NETWORK)
    recipe = WILD.with_values(batch_size=1000, learning_rate=100.0)
    sentence, told, _ = run_wild(recipe, model)
    assert "of the images kept aside is no finite number after epoch" in sentence
    assert all(np.isfinite(p.finished_epoch.validation_loss) for p in told)
    assert np.isfinite(evaluate(model, blobs(40, 1)).loss)


def test_weights_that_end_badly_are_not_kept_without_validation_either() -> None:
    model = Model(Network((Input(1, 8, 8), FullyConnected(4))))
    recipe = Recipe(epochs=1, batch_size=1000, optimizer="sgd", learning_rate=100.0, l2=1.0)
    model.vector[...] = 4e36
    start = model.state.copy()
    sentence, *_ = run_wild(recipe, model, validation=0)
    assert "The weights are no longer finite numbers after epoch 1: it began in FC 1" in sentence
    assert np.array_equal(model.state, start)


def test_large_models_are_copied_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "COPIED_EACH_STEP", 10)
    weights = np.zeros(25)
    last_good = LastGood(weights)
    for step in range(1, 9):
        weights[...] = step
        last_good.note(step)
    last_good.bring_back()
    assert weights[0] == last_good.step == 6


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_never_the_last_good(bad: float) -> None:
    weights = np.ones(4)
    last_good = LastGood(weights)
    weights[2] = bad
    last_good.note(1)
    last_good.bring_back()
    assert np.array_equal(weights, np.ones(4))
