"""A run goes on from any of its steps to the same bits."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cnnstudio.blocks import BatchNorm, Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import EpochResult, Progress, Trainer, TrainingState
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8),
        Conv2D(3, 3),
        BatchNorm(),
        MaxPool2D(),
        FullyConnected(8, activation="relu"),
        Dropout(0.3),
        FullyConnected(4),
    )
)
EVERYTHING = Recipe(
    epochs=2,
    batch_size=10,
    learning_rate=0.02,
    l1=1e-4,
    l2=1e-3,
    label_smoothing=0.1,
    schedule="one_cycle",
    warm_up=0.5,
    clip=2.0,
    ema=0.9,
    patience=2,
    shift=1.0,
    rotation=10.0,
    scaling=0.1,
    elastic=0.5,
    seed=5,
)
RECIPES = {
    "adam": EVERYTHING,
    "adamw": EVERYTHING.with_values(optimizer="adamw", schedule="cosine"),
    "momentum": EVERYTHING.with_values(optimizer="momentum", ema=0.0),
    "nesterov": EVERYTHING.with_values(optimizer="nesterov", patience=0),
    "rmsprop": EVERYTHING.with_values(optimizer="rmsprop", schedule="step", step_epochs=1),
    "plain": Recipe(epochs=2, batch_size=10, optimizer="sgd", seed=5),
}
STEPS = 12
"""Two epochs of six steps; the last step of each has fewer images."""


def trainer_of(recipe: Recipe, threads: int = 1, **arguments: Any) -> Trainer:
    model = Model(NETWORK, recipe.seed, threads=threads)
    return Trainer(model, blobs(57), blobs(20, 1), recipe, **arguments)


def through_json(state: TrainingState) -> TrainingState:
    return TrainingState(dict(state.arrays), json.loads(json.dumps(state.facts, allow_nan=False)))


def figures(progress: list[Progress]) -> list[EpochResult]:
    results = [p.finished_epoch for p in progress if p.finished_epoch]
    return [replace(result, seconds=0.0, images_per_second=0.0) for result in results]


def what_was_told(progress: list[Progress]) -> list[tuple[object, ...]]:
    return [(p.epoch, p.step, p.loss, p.accuracy, p.learning_rate, p.best_epoch) for p in progress]


@pytest.mark.parametrize(
    ("name", "threads"), [*((name, 1) for name in RECIPES), ("adam", 2), ("plain", 2)]
)
def test_from_every_step_a_run_goes_on_to_the_same_bits(name: str, threads: int) -> None:
    whole = trainer_of(RECIPES[name], threads)
    states, told = [whole.state()], []
    for progress in whole.run():
        told.append(progress)
        states.append(whole.state())
    assert len(told) == STEPS
    for step, state in enumerate(map(through_json, states)):
        resumed = trainer_of(RECIPES[name], threads)
        resumed.restore(state)
        rest = list(resumed.run())
        assert what_was_told(rest) == what_was_told(told[step:])
        assert figures(rest) == figures(told)[step // 6 :]
        assert np.array_equal(resumed.model.state, whole.model.state)
        assert_same(resumed.state(), whole.state())


def test_a_run_that_stops_early_goes_on_to_the_same_end() -> None:
    recipe = EVERYTHING.with_values(
        epochs=40, schedule="constant", learning_rate=0.3, patience=1, ema=0.0
    )
    whole, states, told = trainer_of(recipe), [], []
    for progress in whole.run():
        told.append(progress)
        states.append(whole.state())
    assert told[-1].stopped_early
    assert whole.finished
    for state in states[-8::2] + states[-1:]:
        resumed = trainer_of(recipe)
        resumed.restore(state)
        rest = list(resumed.run())
        assert what_was_told(rest) == what_was_told(told)[len(told) - len(rest) :]
        assert np.array_equal(resumed.model.state, whole.model.state)
    assert rest == []


def assert_same(one: TrainingState, other: TrainingState) -> None:
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert np.array_equal(array, other.arrays[name]), name
        assert array.dtype == other.arrays[name].dtype


def test_a_state_is_a_copy_that_later_steps_leave_alone() -> None:
    trainer = trainer_of(EVERYTHING)
    steps = trainer.run()
    next(steps)
    state = trainer.state()
    before = {name: array.copy() for name, array in state.arrays.items()}
    for _ in steps:
        pass
    assert_same(TrainingState(before), state)


def test_a_state_taken_after_keeping_still_goes_on() -> None:
    trainer = trainer_of(EVERYTHING)
    steps = trainer.run()
    for _ in range(8):
        next(steps)
    before = trainer.state()
    trainer.keep()
    kept = trainer.model.state.copy()
    trainer.keep()
    assert np.array_equal(trainer.model.state, kept)
    assert not np.array_equal(kept, before.arrays["run.weights"])
    assert_same(trainer.state(), before)


def test_a_run_goes_on_after_keeping_as_if_nothing_had_been_kept() -> None:
    whole, interrupted = trainer_of(EVERYTHING), trainer_of(EVERYTHING)
    for _ in whole.run():
        pass
    for number, _ in enumerate(interrupted.run()):
        if number in (3, 8):
            interrupted.keep()
    assert_same(interrupted.state(), whole.state())
    assert np.array_equal(interrupted.model.state, whole.model.state)


def test_a_run_goes_on_by_the_stored_order_whatever_numpy_would_draw() -> None:
    whole, resumed = trainer_of(RECIPES["plain"]), trainer_of(RECIPES["plain"])
    steps = whole.run()
    next(steps)
    state = whole.state()
    order = state.arrays["run.order"]
    assert sorted(order) == list(range(57))
    resumed.restore(TrainingState({**state.arrays, "run.order": order[::-1].copy()}, state.facts))
    assert next(resumed.run()).loss != next(steps).loss


def test_it_goes_on_after_the_epochs_of_an_earlier_run() -> None:
    recipe = EVERYTHING.with_values(patience=0)
    whole, resumed = (trainer_of(recipe, epochs_before=3) for _ in range(2))
    steps = whole.run()
    told = [next(steps) for _ in range(7)]
    assert [told[0].epoch, told[6].epoch] == [4, 5]
    resumed.restore(whole.state())
    assert what_was_told(list(resumed.run())) == what_was_told(list(steps))


def test_it_goes_on_in_an_epoch_that_an_earlier_run_began() -> None:
    whole = trainer_of(RECIPES["plain"], begun=0.5)
    steps = whole.run()
    told = [next(steps)]
    assert (told[0].epoch, told[0].step) == (1, 4)
    resumed = trainer_of(RECIPES["plain"])
    resumed.restore(whole.state())
    rest, again = list(steps), list(resumed.run())
    assert what_was_told(again) == what_was_told(rest)
    assert figures(again) == figures(rest)


def test_a_state_from_before_epochs_were_gone_on_with_is_read() -> None:
    whole, resumed = trainer_of(RECIPES["plain"]), trainer_of(RECIPES["plain"])
    steps = whole.run()
    next(steps)
    state = whole.state()
    facts = json.loads(json.dumps(state.facts))
    del facts["run"]["skipped"]
    resumed.restore(TrainingState(state.arrays, facts))
    assert figures(list(resumed.run())) == figures(list(steps))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 11}, "batch size 10 instead of 11"),
        ({"seed": 6}, "seed 5 instead of 6"),
        ({"optimizer": "rmsprop"}, None),
        ({"ema": 0.0}, None),
    ],
)
def test_the_state_of_another_run_is_refused(changes: dict[str, object], words: str | None) -> None:
    state = trainer_of(EVERYTHING).state()
    other = trainer_of(EVERYTHING.with_values(**changes))
    if words is None:
        other = trainer_of(EVERYTHING)
        state = trainer_of(EVERYTHING.with_values(**changes)).state()
    with pytest.raises(TrainingError, match="does not go with this network and recipe") as caught:
        other.restore(state)
    assert words is None or words in str(caught.value)


def test_the_state_of_another_network_is_refused() -> None:
    state = trainer_of(RECIPES["plain"]).state()
    model = Model(NETWORK.replace(4, FullyConnected(9, activation="relu")))
    trainer = Trainer(model, blobs(57), blobs(20, 1), RECIPES["plain"])
    with pytest.raises(TrainingError, match="does not go with this network"):
        trainer.restore(state)
    short = TrainingState({**state.arrays, "run.order": np.zeros(3, np.uint32)}, state.facts)
    with pytest.raises(TrainingError, match="an order of 3 pictures"):
        trainer_of(RECIPES["plain"]).restore(short)
