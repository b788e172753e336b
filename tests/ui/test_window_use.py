"""The window in use: what people stumbled over, each once."""

from __future__ import annotations

import typing

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.ui.frame.notice import Notice, Offer, Until
from cnnstudio.ui.frame.panels import COLUMNS
from cnnstudio.ui.frame.toolbar import TrainingLine
from cnnstudio.ui.inspector.facts import share_words
from cnnstudio.ui.main_window import FIRST_SIZE, SMALLEST_SIZE, MainWindow, first_size
from cnnstudio.ui.training.overlaid_runs import OverlaidRun
from tests.ui.paints import Paints


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (QSize(1920, 1080), FIRST_SIZE),
        (QSize(1440, 900), QSize(1440, 860)),
        (QSize(1280, 720), QSize(1280, 680)),
        (QSize(800, 600), SMALLEST_SIZE),
    ],
)
def test_the_window_opens_no_larger_than_the_screen(screen: QSize, size: QSize) -> None:
    assert first_size(screen) == size


def test_the_toolbar_does_not_move_when_train_becomes_continue(window: MainWindow) -> None:
    window.resize(FIRST_SIZE)
    window.toolbar.layout().activate()  # with more room Data says more
    train = window.toolbar.widgetForAction(window.actions_by_name["train"])
    pause = window.toolbar.widgetForAction(window.actions_by_name["pause"])
    place = pause.pos()
    window.session.step()
    assert window.session.training == "paused"
    assert window.actions_by_name["train"].text() == "Continue"
    window.toolbar.layout().activate()
    assert train.width() >= train.sizeHint().width(), "the word is not cut"
    assert pause.pos() == place


@pytest.fixture
def active(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with the keyboard."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_a_field_that_goes_away_leaves_the_selection_alone(active: MainWindow) -> None:
    active.session.select((1,))
    active.inspector.focus_first()
    assert QApplication.focusWidget() is not None
    active.session.select(())
    assert active.session.selection == ()
    assert active.inspector.form is not None
    assert active.inspector.form.declared is Recipe


@pytest.mark.parametrize("way", ["close", "offer"])
def test_a_bar_that_closes_gives_the_keyboard_back(
    active: MainWindow, qtbot: QtBot, way: str
) -> None:
    """Regression: Qt went on as Tab does, and the canvas selected the Input."""
    shown = Notice("A sentence.", offers=(Offer("Do it", lambda: None),))
    active.session.select(())
    active.panels.show_tab("runs")
    for before in (active.canvas, active.panels.runs.buttons["delete"]):
        before.setEnabled(True)
        before.setFocus()
        active.session.noticed.emit(shown)
        bar = active.messages
        button = bar.offers[0] if way == "offer" else bar.close_button
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert not bar.isVisible()
        assert QApplication.focusWidget() is before
        assert active.session.selection == ()


@pytest.mark.parametrize("until", typing.get_args(Until))
@pytest.mark.parametrize("event", ["end of run", "next run", "other document"])
def test_a_message_goes_when_it_no_longer_holds(
    window: MainWindow, qtbot: QtBot, until: Until, event: str
) -> None:
    """Regression: an offer to go back in a run stood there after another project was opened."""
    session = window.session
    if event == "end of run":
        session.step()
    session.noticed.emit(Notice("A sentence.", until=until))
    if event == "end of run":
        with qtbot.waitSignal(session.run_ended, timeout=5000):
            session.stop()
    elif event == "next run":
        session.step()
    else:
        session.restart(Project(Network()), None)
    steps = ("next step", "soon")
    outlived = {
        "end of run": ("recovery", "unlocked", *steps),
        "next run": (),
        "other document": ("next run", "saved", "unlocked", "other picture", *steps),
    }
    gone = until == event or until in outlived[event]
    assert window.messages.isVisible() != gone


def test_a_run_that_is_taken_out_of_the_plots_gives_the_keyboard_back(
    active: MainWindow, qtbot: QtBot
) -> None:
    panel = active.training_panel
    active.canvas.setFocus()
    runs = [OverlaidRun(name, np.array([[1.0, 2.0, 0.1], [2.0, 1.0, 0.5]])) for name in "ab"]
    active.panels.show_tab("training")
    panel.show_runs(runs)
    for left in (1, 0):
        qtbot.mouseClick(panel.legend.entries[0], Qt.MouseButton.LeftButton)
        assert len(panel.legend.entries) == left
        assert QApplication.focusWidget() is active.canvas
        assert active.session.selection == ()


def test_a_button_that_is_switched_off_gives_the_keyboard_back(active: MainWindow) -> None:
    button = active.panels.runs.buttons["delete"]
    active.panels.show_tab("runs")
    active.canvas.setFocus()
    button.setEnabled(True)
    button.setFocus()
    assert button.hasFocus()
    button.setEnabled(False)
    assert QApplication.focusWidget() is active.canvas
    assert active.session.selection == ()


@pytest.mark.parametrize("place", ["bar", "tab"])
def test_nothing_in_the_middle_squeezes_the_docks_beside_it(
    active: MainWindow, qtbot: QtBot, place: str
) -> None:
    """Regression: a bar with a long name made the palette narrower, and that was remembered."""
    active.resize(SMALLEST_SIZE)
    qtbot.waitUntil(lambda: active.width() == SMALLEST_SIZE.width())
    wide = active.copies.go if place == "bar" else active.panels.runs.buttons["open"]
    active.panels.show_tab("runs")
    active.session.step()
    active.session.edit_copy()
    wide.setMinimumWidth(900)
    for layout in (active.centralWidget().layout(), active.layout()):
        layout.activate()
    QApplication.processEvents()
    assert active.palette_panel.width() == COLUMNS["left"]
    assert active.inspector.width() == COLUMNS["right"]


def test_train_says_beside_it_why_it_is_off(active: MainWindow) -> None:
    active.resize(1800, 900)
    line = active.toolbar.findChild(TrainingLine)
    active.session.replace(7, FullyConnected(12), "Change the units")
    assert "ends with 12, but MNIST has 10 classes. End with" in line.words
    active.session.undo()
    assert line.words == ""


def test_a_small_share_is_not_nothing() -> None:
    assert [share_words(share) for share in (1.0, 0.57, 0.004)] == ["100 %", "57 %", "under 1 %"]


def test_pasting_something_else_is_answered_in_words_of_pasting(active: MainWindow) -> None:
    QApplication.clipboard().setText("a sentence")
    active.actions_by_name["paste"].trigger()
    assert active.messages.notice.sentence.startswith("There are no blocks on the clipboard")


def test_the_keyboard_begins_at_the_canvas(active: MainWindow) -> None:
    """Regression: it began at a button of the recovery bar, and a space recovered."""
    assert active.canvas.hasFocus()


def test_the_keyboard_is_at_the_canvas_after_opening(active: MainWindow) -> None:
    """Regression: it went back to where it was before the gallery, such as a button."""
    active.toolbar.new_button.setFocus()
    active.session.restart(Project(Network()), None)
    assert active.canvas.hasFocus()


def test_what_moves_beside_training_is_painted_alone(active: MainWindow, qtbot: QtBot) -> None:
    session, below = active.session, active.centralWidget()
    assert below is not None
    active.panels.show_tab("problems")
    moving = Paints(active.canvas.viewport())
    still = Paints(active, below, active.toolbar)
    for steps in (1, 2, 3):  # the first ones show the run, and lay the window out
        QApplication.processEvents()
        moving.count = still.count = 0
        session.step()
        qtbot.waitUntil(lambda n=steps: len(session.curve) == n and moving.count > 0, timeout=5000)
    QApplication.processEvents()
    assert still.count == 0
