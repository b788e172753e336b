"""What the toolbar says about the run beside its buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected
from cnnstudio.engine.pace import STEPS
from cnnstudio.network import Recipe, templates
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.toolbar import TrainingLine, about
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.theme import ThemeManager

DOT = " · "
RECIPE = Recipe(epochs=2, batch_size=4, validation=8)


@pytest.fixture
def line(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> TrainingLine:
    session.set_recipe(RECIPE)
    line = TrainingLine(session, themes)
    show(line)
    line.resize(900, 40)
    return line


def test_each_step_says_which_it_is_and_its_loss(
    line: TrainingLine, session: Session, qtbot: QtBot
) -> None:
    for made in (1, 2):
        session.step()
        qtbot.waitUntil(lambda made=made: len(session.curve) == made)
        loss = f"loss {session.curve.loss[-1]:.2g}"
        expected = DOT.join((f"step {made} of 4", loss, "epoch 1 of 2", "paused"))
        qtbot.waitUntil(lambda expected=expected: line.words == expected)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    assert line.words.startswith(DOT.join(("epoch 1 of 2", "stopped")))


def test_a_run_of_another_network_is_not_told(
    line: TrainingLine, session: Session, qtbot: QtBot
) -> None:
    untrained = session.network
    session.replace(5, FullyConnected(30, activation="relu"), "Change the units")
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 1)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    session.undo()
    assert session.network == untrained
    assert session.progress is None
    assert line.words == ""
    session.redo()
    assert line.words.startswith("epoch 1 of 2")


def test_at_1280_pixels_it_says_the_epoch_and_the_time_left(
    window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: the time left had no room."""
    session, line = window.session, window.toolbar.findChild(TrainingLine)
    session.restart(templates.load("tiny"), None)
    session.set_recipe(Recipe(epochs=10, batch_size=500))
    window.resize(1280, 720)
    session.train()
    qtbot.waitUntil(lambda: " left" in line.words, timeout=5000)
    assert line.words.startswith("epoch 1 of 10 · ")
    window.resize(window.minimumSize())
    assert " left" in line.words
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


def test_after_one_step_no_time_is_told(window: MainWindow, qtbot: QtBot) -> None:
    session, line = window.session, window.toolbar.findChild(TrainingLine)
    window.resize(1800, 900)
    session.restart(templates.load("tiny"), None)
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 1)
    assert window.statusBar()._seconds_per_epoch() is None
    assert line._time_left() == "…"
    for _ in range(STEPS):
        session.step()
    qtbot.waitUntil(lambda: len(session.curve) == STEPS + 1)
    assert 0 < window.statusBar()._seconds_per_epoch() < 600
    assert line._time_left() != "…"
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert window.statusBar()._seconds_per_epoch() is None
    assert " img/s" in line.words


def test_a_time_is_told_in_few_words() -> None:
    times = {0.4: "0 s", 45: "45 s", 89: "89 s", 100: "2 min", 3590: "1 h 0 min", 7300: "2 h 2 min"}
    assert {seconds: about(seconds) for seconds in times} == times
