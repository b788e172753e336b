"""The training thread: the weights that it leaves behind are those to keep."""

from __future__ import annotations

import dataclasses
import itertools
import time

import numpy as np
import pytest

from cnnstudio.blocks import BatchNorm, FullyConnected, Input
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe
from cnnstudio.ui.predictions import predictions_live
from cnnstudio.ui.training.observation import ALL_CLEAR, Observation
from cnnstudio.ui.training.worker import Job, News, TrainingWorker
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


def test_after_numbers_that_run_away_it_waits_with_the_last_good_weights() -> None:
    recipe = RECIPE.with_values(optimizer="sgd", learning_rate=100.0, ema=0.0, epochs=2)
    linear = Network((Input(1, 8, 8), *(FullyConnected(4) for _ in range(4))))
    worker = TrainingWorker(Job(linear, recipe, DATASET, threads=1))
    worker.start()
    alarm, weights = None, None
    limit = time.monotonic() + 20
    while (alarm is None or not alarm.paused) and time.monotonic() < limit:
        news = worker.poll()
        alarm = news.noted.alarm or alarm
        weights = weights if news.weights is None else news.weights
        time.sleep(0.001)
    assert "finite number" in alarm.sentence
    assert "The last good weights are kept." in alarm.sentence
    assert np.isfinite(weights).all()
    worker.go_back(0.01)
    worker.resume()
    last, steps = to_the_end(worker)
    assert last.failure is None
    assert np.isfinite(last.weights).all()
    assert steps[-1].learning_rate == 0.01
    assert steps[-1].finished_epoch.train_loss < 2
    assert last.noted.changes[0].values == {"learning_rate": 0.01}
    assert last.noted.changes[0].remark.startswith("Back to the weights of epoch 0.")


def test_an_alarm_is_over_when_the_loss_is_as_good_again_as_before() -> None:
    recipe = RECIPE.with_values(epochs=100)
    trainer = Trainer(Model(NETWORK), *DATASET.split(20), recipe, classes=4)
    observation = Observation(trainer, 4)
    told = []
    losses = itertools.chain([1.0] * 60, [9.0] * 60, [1.2] * 60, [0.5] * 60)
    for progress, loss in zip(trainer.run(), losses, strict=False):
        observation.look(dataclasses.replace(progress, loss=loss), wants_predictions=False)
        alarm = observation.take().alarm
        if alarm is not None:
            told.append((progress.epoch, alarm))
    (raised, first), (over, second) = told
    assert 20 < raised <= 40
    assert "likely too high" in first.sentence
    assert second is ALL_CLEAR
    assert over > 60, "while it is worse than before there is a way back"


def test_the_end_of_an_epoch_tells_what_the_model_makes_of_the_pictures_kept_aside() -> None:
    worker = TrainingWorker(Job(NETWORK, RECIPE.with_values(epochs=2), DATASET, threads=1))
    worker.start()
    last, _ = to_the_end(worker)
    assert last.predictions is not None
    model = Model(NETWORK)
    model.state[...] = last.weights
    kept_aside = DATASET.split(20)[1]
    assert np.array_equal(last.predictions.labels, kept_aside.labels)
    assert np.array_equal(last.predictions.confusion, evaluate(model, kept_aside).confusion)
    expected = model.probabilities(kept_aside.pixels)
    assert last.predictions.probabilities == pytest.approx(expected, abs=1e-6)
    assert (last.predictions.epoch, last.predictions.total) == (2, 20)


def test_looks_while_training_see_the_pictures_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions_live, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(predictions_live, "SHARE", 1e9)
    monkeypatch.setattr(predictions_live, "COUNTS", (16,))
    worker = TrainingWorker(Job(NETWORK, RECIPE, DATASET, threads=1), paused=True)
    worker.start()
    seen = []
    for _ in range(2):
        worker.request_predictions()
        worker.step()
        limit = time.monotonic() + 20
        while time.monotonic() < limit:
            news = worker.poll()
            if news.predictions is not None:
                seen.append(news.predictions)
                break
            time.sleep(0.001)
    worker.stop()
    to_the_end(worker)
    first, second = seen
    assert (len(first), len(second)) == (16, 20)
    assert first.live
    assert len(set(second.indices)) == 20
    kept_aside = DATASET.split(20)[1]
    for each in seen:
        assert np.array_equal(each.labels, kept_aside.labels[each.indices])


def test_nobody_asks_so_nothing_is_looked_at() -> None:
    worker = TrainingWorker(Job(NETWORK, RECIPE, DATASET, threads=1), paused=True)
    worker.step()
    worker.start()
    limit = time.monotonic() + 20
    steps: list = []
    predictions = []
    while not steps and time.monotonic() < limit:
        news = worker.poll()
        steps += news.steps
        predictions.append(news.predictions)
        time.sleep(0.001)
    worker.stop()
    last, _ = to_the_end(worker)
    assert steps
    assert all(each is None for each in [*predictions, last.predictions])


def test_looks_keep_to_their_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    class Clock:
        @staticmethod
        def perf_counter() -> float:
            return now

    class Slow(Model):
        def forward(self, x: np.ndarray) -> np.ndarray:
            nonlocal now
            now += 0.005
            return super().forward(x)

    monkeypatch.setattr(predictions_live, "time", Clock)
    live, model, looks = predictions_live.LiveValidation(blobs(40)), Slow(NETWORK), 0
    while now < 20:
        if live.due:
            live.look(model, 1)
            looks += 1
        now += 0.001
    assert looks > 15
    assert looks * 0.005 <= predictions_live.SHARE * now


def test_answers_that_are_no_numbers_are_counted_for_no_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Regression: a look just after a step that lost the numbers counted all for the first one."""
    monkeypatch.setattr(predictions_live, "FIRST_LOOK", 0.0)
    monkeypatch.setattr(predictions_live, "SHARE", 1e9)
    trainer = Trainer(Model(NETWORK), *DATASET.split(20), RECIPE.with_values(ema=0.0), classes=4)
    observation, told = Observation(trainer, 4), []
    for progress in itertools.islice(trainer.run(), 2):
        good = trainer.model.state.copy()
        if progress.step == 1:
            trainer.model.state[...] = np.nan
        observation.look(progress, wants_predictions=True)
        told.append(observation.take().predictions)
        trainer.model.state[...] = good
    lost, found = told
    assert lost is None
    assert found is not None
    assert len(found) == 20


def test_of_a_look_only_the_answers_that_are_numbers_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the same image had an answer before."""
    monkeypatch.setattr(predictions_live, "COUNTS", (10,))
    live, model = predictions_live.LiveValidation(blobs(10)), Model(NETWORK)
    assert len(live.look(model, 1)) == 10
    answers = model.forward(blobs(10).pixels)
    answers[:3] = np.nan
    monkeypatch.setattr(model, "forward", lambda _: answers)
    assert len(live.look(model, 1)) == 7
