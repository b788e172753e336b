"""The forecast beside the window: after the last edit, and never beside training."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D
from cnnstudio.engine import forecast as trial
from cnnstudio.network import Recipe
from cnnstudio.ui.document import forecaster as module
from cnnstudio.ui.document.forecaster import Forecaster
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.status_bar import StatusBar, seconds_words
from cnnstudio.ui.theme import ThemeManager


@pytest.fixture
def forecaster(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forecaster]:
    monkeypatch.setattr(trial, "TRIAL_SECONDS", 0.0)
    session.set_recipe(session.recipe.with_values(validation=4, batch_size=5))
    forecaster = Forecaster(session)
    yield forecaster
    forecaster.stop()


def set_training(session: Session, state: str) -> None:
    session._run.state = state
    session.training_changed.emit()


def test_a_while_after_an_edit_the_status_bar_tells(
    session: Session, forecaster: Forecaster, themes: ThemeManager, qtbot: QtBot
) -> None:
    bar = StatusBar(session, forecaster, themes)
    qtbot.addWidget(bar)
    bar.resize(1400, 24)
    assert "epoch" not in bar._totals.accessibleName()
    with qtbot.waitSignal(forecaster.changed):
        pass
    assert forecaster.forecast is not None
    words = bar._totals.accessibleName()
    assert f"about {seconds_words(forecaster.forecast.seconds_per_epoch)}/epoch" in words
    assert "MB for training" in words
    session.insert(1, Conv2D(2, 3, padding=1))
    assert forecaster.forecast is None
    assert "epoch" not in bar._totals.accessibleName()


def test_the_forecast_stands_beside_the_time_that_was_measured(
    session: Session, forecaster: Forecaster, themes: ThemeManager, qtbot: QtBot
) -> None:
    bar = StatusBar(session, forecaster, themes)
    qtbot.addWidget(bar)
    with qtbot.waitSignal(forecaster.changed):
        pass
    with qtbot.waitSignal(session.training_changed, check_params_cb=lambda: not session.locked):
        session.set_recipe(session.recipe.with_values(epochs=1))
        session.train()
    assert forecaster.forecast is not None
    told = bar._totals.accessibleName()
    real, foreseen = session.epochs[-1].seconds, forecaster.forecast.seconds_per_epoch
    assert f"{seconds_words(real)}/epoch (forecast {seconds_words(foreseen)})" in told


def test_an_epochs_length_changes_nothing_but_a_batch_size_does(
    session: Session, forecaster: Forecaster, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(forecaster.changed):
        pass
    session.set_recipe(session.recipe.with_values(epochs=7, learning_rate=0.5))
    assert forecaster.forecast is not None
    session.set_recipe(session.recipe.with_values(batch_size=4))
    assert forecaster.forecast is None


def test_other_pictures_ask_for_another_forecast(
    session: Session, forecaster: Forecaster, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(forecaster.changed):
        pass
    data = session.dataset
    assert data is not None
    session.set_dataset(data)
    assert forecaster.forecast is not None
    session.set_dataset(replace(data, train=data.train[:20]))
    assert forecaster.forecast is None


def test_a_rate_with_which_numbers_run_away_has_a_forecast_too(
    session: Session, forecaster: Forecaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Recipe] = []
    monkeypatch.setattr(module, "forecast", lambda _net, recipe, *_, **__: tried.append(recipe))
    session.set_recipe(session.recipe.with_values(learning_rate=9.0))
    forecaster._begin()
    assert forecaster._job is not None
    forecaster._job.join()
    assert [recipe.learning_rate for recipe in tried] == [0.001]


def test_a_trial_ends_when_training_begins(
    session: Session,
    forecaster: Forecaster,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trial, "TRIAL_SECONDS", 3600.0)
    monkeypatch.setattr(trial, "LONGEST_TRIAL", 3600.0)
    session.set_recipe(session.recipe.with_values(epochs=10_000))
    forecaster._begin()
    job = forecaster._job
    assert job is not None
    set_training(session, "running")
    job.join(20)
    assert job.done
    forecaster._look()
    assert forecaster.forecast is None
    set_training(session, "idle")
    monkeypatch.setattr(trial, "TRIAL_SECONDS", 0.0)
    with qtbot.waitSignal(forecaster.changed):
        pass
    assert forecaster.forecast is not None


def test_closing_does_not_wait_long_for_a_trial(
    session: Session, forecaster: Forecaster, monkeypatch: pytest.MonkeyPatch
) -> None:
    step_ends = threading.Event()
    monkeypatch.setattr(module, "forecast", lambda *_, **__: step_ends.wait(20))
    monkeypatch.setattr(module, "CLOSE_TIMEOUT", 0.05)
    forecaster._begin()
    job = forecaster._job
    assert job is not None
    forecaster.stop()
    assert not job.done
    assert forecaster._given_up.is_set()
    step_ends.set()
    job.join(20)
    assert forecaster.forecast is None


def test_a_network_that_cannot_be_trained_has_none(
    session: Session, forecaster: Forecaster
) -> None:
    session.insert(1, Conv2D(2, 40))
    forecaster._begin()
    assert forecaster._job is None


def test_data_that_are_too_few_give_no_forecast_and_no_fault(
    session: Session, forecaster: Forecaster
) -> None:
    session.set_recipe(session.recipe.with_values(validation=5000))
    forecaster._begin()
    assert forecaster._job is not None
    forecaster._job.join()
    forecaster._look()
    assert forecaster.forecast is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.84, "0.8 s"), (9.96, "10.0 s"), (14.2, "14 s"), (170, "3 min")]
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert seconds_words(seconds) == words


def test_a_network_that_fits_but_not_the_data_is_not_called_ready(
    session: Session, forecaster: Forecaster, themes: ThemeManager, qtbot: QtBot
) -> None:
    bar = StatusBar(session, forecaster, themes)
    qtbot.addWidget(bar)
    bar.resize(1400, 24)
    assert bar._verdict.text() == "Network fits"
    session.replace(7, session.network.blocks[7].with_values(units=9), "Change units")
    assert bar._verdict.text() == "Sizes fit, not ready to train"
    assert "The network ends with 9, but MNIST has 10 classes" in bar._totals.accessibleName()
    session.replace(7, session.network.blocks[7].with_values(units=10), "Change units")
    assert bar._verdict.text() == "Network fits"
