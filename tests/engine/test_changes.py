"""Settings that are changed while a run goes on: what they do, and that a resume keeps the bits."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from cnnstudio.blocks import BatchNorm, Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.engine.changes import LIVE, refusal
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.engine.training_state import TrainingState
from cnnstudio.errors import SettingError, TrainingError
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8),
        Conv2D(3, 3, activation="relu"),
        BatchNorm(),
        MaxPool2D(),
        Dropout(0.3),
        FullyConnected(4),
    )
)
RECIPE = Recipe(
    epochs=3, batch_size=10, optimizer="adamw", learning_rate=0.01, schedule="cosine", ema=0.9,
    patience=5, shift=1.0, clip=1.0, l2=1e-4, seed=2,
)  # fmt: skip
CHANGES = {
    3: {"learning_rate": 0.003},
    5: {"batch_size": 7, "l1": 1e-3},
    9: {"weight_decay": 0.1, "rotation": 20.0, "l2": 0.0},
    12: {"batch_size": 30, "label_smoothing": 0.1},
}


def trainer(recipe: Recipe = RECIPE, threads: int = 1) -> Trainer:
    model = Model(NETWORK, recipe.seed, threads=threads)
    return Trainer(model, blobs(57), blobs(20, 1), recipe)


def through_json(state: TrainingState) -> TrainingState:
    return TrainingState(dict(state.arrays), json.loads(json.dumps(state.facts)))


def run_with_changes(run: Trainer, made: int = 0) -> list[float]:
    """Losses of the steps that are left, with each change after so many steps of the whole run."""
    losses = []
    for progress in run.run():
        losses.append(progress.loss)
        run.change(**CHANGES.get(made + len(losses), {}))
    return losses


@pytest.mark.parametrize("threads", [1, 2])
def test_a_changed_run_goes_on_from_every_step_to_the_same_bits(threads: int) -> None:
    whole, states, losses = trainer(threads=threads), [], []
    for progress in whole.run():
        losses.append(progress.loss)
        whole.change(**CHANGES.get(len(losses), {}))
        states.append(through_json(whole.state()))
    assert len(whole.changes) == 4
    for made, state in enumerate(states, start=1):
        again = trainer(threads=threads)
        again.restore(state)
        assert again.changes == whole.changes[: len(again.changes)]
        assert run_with_changes(again, made) == losses[made:]
        assert again.model.state.tobytes() == whole.model.state.tobytes()
        assert again.changes == whole.changes


@pytest.mark.parametrize("name", [name for name in LIVE if name not in ("batch_size", "momentum")])
def test_a_change_before_the_first_step_is_as_good_as_another_recipe(name: str) -> None:
    recipe = RECIPE.with_values(shift=1.0, changed=0.9)
    value = 0.5 * getattr(recipe, name) or 0.05
    changed, other = trainer(recipe), trainer(recipe.with_values(**{name: value}))
    change = changed.change(**{name: value})
    assert change.position == 0
    assert change.before == {name: getattr(recipe, name)}
    for run in (changed, other):
        assert len(list(run.run())) == 18
    assert changed.model.state.tobytes() == other.model.state.tobytes()
    unchanged = trainer(recipe)
    list(unchanged.run())
    assert changed.model.state.tobytes() != unchanged.model.state.tobytes()


def test_momentum_can_be_changed_too() -> None:
    recipe = RECIPE.with_values(optimizer="nesterov")
    changed, other = trainer(recipe), trainer(recipe.with_values(momentum=0.5))
    changed.change(momentum=0.5)
    for run in (changed, other):
        list(run.run())
    assert changed.model.state.tobytes() == other.model.state.tobytes()


def test_a_changed_rate_scales_the_schedule() -> None:
    plain, changed = trainer(), trainer()
    rates = [progress.learning_rate for progress in plain.run()]
    found = []
    for progress in changed.run():
        found.append(progress.learning_rate)
        if len(found) == 4:
            changed.change(learning_rate=0.001)
    assert found[:4] == rates[:4]
    assert np.allclose(found[4:], np.array(rates[4:]) / 10, rtol=1e-12)


@pytest.mark.parametrize(("size", "steps"), [(20, 2), (5, 8), (100, 1), (37, 1), (36, 2)])
def test_after_another_batch_size_each_image_is_still_used_once(
    monkeypatch: pytest.MonkeyPatch, size: int, steps: int
) -> None:
    run, seen = trainer(), []
    original = run._batch
    monkeypatch.setattr(run, "_batch", lambda: seen.append(original()) or seen[-1])
    steady = run.run()
    told = list(itertools.islice(steady, 2))
    run.change(batch_size=size)
    while told[-1].finished_epoch is None:
        told.append(next(steady))
    assert len(told) - 2 == steps
    assert [len(batch) for batch in seen[2:]] == [min(size, 37 - i * size) for i in range(steps)]
    assert sorted(np.concatenate(seen)) == list(range(57))
    assert told[-1].step == told[-1].steps_per_epoch == -(-57 // size)
    positions = [p.epoch - 1 + p.step / p.steps_per_epoch for p in told[2:]]
    assert positions == sorted(positions)
    later = next(steady)
    assert (later.epoch, later.step, len(seen[-1])) == (2, 1, min(size, 57))


def test_what_a_change_says() -> None:
    run = trainer()
    next(run.run())
    change = run.change(learning_rate=0.001, batch_size=20)
    assert change.position == pytest.approx(1 / 6)
    assert change.words == "Learning rate 0.01 -> 0.001, Batch size 10 -> 20"
    assert run.change(learning_rate=0.001) is None
    assert run.changes == (change,)


def test_what_is_fixed_for_a_run_is_refused_with_the_reason() -> None:
    run = trainer()
    with pytest.raises(TrainingError, match="'Seed' cannot be changed while training"):
        run.change(seed=3)
    with pytest.raises(SettingError):
        run.change(learning_rate=-1.0)
    assert run.changes == ()
    for name in Recipe.declarations():
        assert (refusal(name) is None) == (name in LIVE)


def test_going_back_takes_the_weights_and_a_lower_rate() -> None:
    run = trainer(RECIPE.with_values(schedule="constant", clip=0.0, shift=0.0))
    steps = run.run()
    list(itertools.islice(steps, 3))
    kept = run.model.state.copy()
    list(itertools.islice(steps, 6))
    change = run.go_back(kept, "Back to epoch 1", learning_rate=0.001)
    assert np.array_equal(run.model.state, kept)
    assert change.words == "Back to epoch 1, Learning rate 0.01 -> 0.001"
    state = through_json(run.state())
    rest = [progress.loss for progress in steps]
    again = trainer(RECIPE.with_values(schedule="constant", clip=0.0, shift=0.0))
    again.restore(state)
    assert [progress.loss for progress in again.run()] == rest
    assert again.model.state.tobytes() == run.model.state.tobytes()
    assert again.changes == (change,)


def test_after_numbers_that_ran_away_a_run_goes_back_and_on() -> None:
    recipe = RECIPE.with_values(
        optimizer="momentum", learning_rate=100.0, clip=0.0, ema=0.0, schedule="constant", l2=0.0,
        epochs=2,
    )  # fmt: skip
    network = Network((Input(1, 8, 8), *(FullyConnected(4) for _ in range(4))))
    model = Model(network, 2)
    start = model.state.copy()
    run = Trainer(model, blobs(57), blobs(20, 1), recipe)
    with pytest.raises(TrainingError, match="finite"):
        list(run.run())
    run.go_back(start, "Back to the start", learning_rate=0.01)
    last = list(run.run())[-1]
    assert last.finished_epoch.epoch == 2
    assert np.isfinite(model.state).all()
    assert last.finished_epoch.train_loss < 2


def test_an_epoch_whose_end_shows_it_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = trainer(RECIPE.with_values(ema=0.0))
    steps = run.run()
    list(itertools.islice(steps, 5))
    original = run.learning.step

    def break_it(*arguments: object) -> object:
        score = original(*arguments)
        run.model.vector[0] = np.nan
        return score

    with monkeypatch.context() as patch:
        patch.setattr(run.learning, "step", break_it)
        with pytest.raises(TrainingError, match="after epoch 1"):
            list(steps)
    rest = list(run.run())
    assert (rest[0].epoch, rest[0].step) == (1, 1)
    assert len(rest) == 18
    assert np.isfinite(run.model.state).all()
