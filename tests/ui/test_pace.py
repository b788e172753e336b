"""How long an epoch is said to take."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.engine.progress import Progress
from cnnstudio.network import templates
from cnnstudio.ui.frame.pace import SPAN, STEPS, Pace
from cnnstudio.ui.main_window import MainWindow


def at(step: int, seconds: float, length: int = 1000) -> Progress:
    """The so manieth step of a run, after so many seconds."""
    epoch, place = divmod(step - 1, length)
    return Progress(epoch + 1, 99, place + 1, length, 0.5, 0.9, 0.001, 1.0, seconds)


def test_few_steps_tell_nothing() -> None:
    """Regression: one step, which is slow as it is the first, was taken for all."""
    pace = Pace()
    assert pace.seconds_per_epoch is None
    pace.take(at(1, 5.0))
    pace.take(at(STEPS, 5.0 + 0.01 * (STEPS - 1)))
    assert pace.seconds_per_epoch is None
    pace.take(at(STEPS + 1, 5.0 + 0.01 * STEPS))
    assert pace.seconds_per_epoch == pytest.approx(10.0)


def test_it_is_the_mean_of_the_last_seconds_across_epochs() -> None:
    pace = Pace()
    for half in range(40):
        pace.take(at(1 + 100 * half, 0.5 * half, length=300))
    assert pace.seconds_per_epoch == pytest.approx(1.5)
    for half in range(int(2 * SPAN)):
        pace.take(at(3901 + 50 * (half + 1), 19.5 + 0.5 * (half + 1), length=300))
    assert pace.seconds_per_epoch == pytest.approx(3.0), "what was before counts no more"
    assert len(pace._moments) <= 2 * SPAN + 2


def test_steps_of_many_seconds_are_told_after_as_many() -> None:
    pace = Pace()
    for step in range(1, 2 * STEPS):
        pace.take(at(step, 3.0 * step))
    assert pace.seconds_per_epoch == pytest.approx(3000.0)


@pytest.mark.parametrize("later", [at(10, 30.0), at(4000, 0.1)])
def test_a_run_that_goes_back_and_another_one_begin_anew(later: Progress) -> None:
    pace = Pace()
    pace.take(at(1, 0.0))
    pace.take(at(500, 20.0))
    assert pace.seconds_per_epoch is not None
    pace.take(later)
    assert pace.seconds_per_epoch is None


def test_after_one_step_the_status_bar_tells_no_time(window: MainWindow, qtbot: QtBot) -> None:
    session, bar = window.session, window.statusBar()
    session.restart(templates.load("tiny"), None)
    session.step()
    qtbot.waitUntil(lambda: session.progress is not None and session.training == "paused")
    bar._follow()
    assert bar._seconds_per_epoch() is None
    for _ in range(STEPS):
        before = session.progress
        session.step()
        qtbot.waitUntil(lambda before=before: session.progress is not before)
        qtbot.waitUntil(lambda: session.training == "paused")
    bar._follow()
    assert bar._seconds_per_epoch() > 0
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert bar._seconds_per_epoch() is None
