"""The time machine as people use it: drag, keys, play, branch; what is shown is of that moment."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.data.datasets import Dataset
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, Recipe, templates
from cnnstudio.network.project_file import Project
from cnnstudio.ui.canvas.title_row import LivePill
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.training.time_machine import TimeMachine

RECIPE = Recipe(epochs=3, batch_size=50, learning_rate=0.01, validation=100)


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with a small network that has learned a few pictures."""
    session = window.session
    session.restart(templates.load("tiny"), None)
    session.set_recipe(RECIPE)
    data = session.dataset
    few = Dataset(data.name, data.class_names, data.train[:600], data.test[:100])
    session.set_dataset(few)
    assert window.time_machine.isHidden(), "there is no past yet"
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    return window


@pytest.fixture
def machine(trained: MainWindow) -> TimeMachine:
    assert trained.time_machine.isVisible()
    return trained.time_machine


def spot(machine: TimeMachine, place: int) -> QPoint:
    return QPoint(round(machine.slider.x_of(place)), machine.slider.height() // 2)


def maps_of(session: Session, state: np.ndarray) -> list[np.ndarray]:
    model = Model(session.network, threads=1)
    model.state[...] = state
    return [a[0] for a in model.activations(to_float(session.probe.pixels[np.newaxis]))]


def test_dragging_shows_maps_filters_and_answer_of_then(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot
) -> None:
    session, slider = trained.session, machine.slider
    assert slider.maximum() == len(session.snapshots)
    assert machine.state.words.startswith("Now  ·  epoch 3.00")
    output = trained.canvas.pipeline.output
    trained.panels.show_tab("filters")
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=spot(machine, slider.maximum()))
    for place in (9, 4):
        QTest.mouseMove(slider, spot(machine, place))
        qtbot.waitUntil(lambda place=place: session.moment is session.snapshots[place])
        shown = session.snapshots[place]
        expected = maps_of(session, shown.state)
        assert all(map(np.array_equal, expected, session.activations))
        winner = int(expected[-1].argmax())
        qtbot.waitUntil(lambda winner=winner: output.face.winner == winner)
        assert machine.state.words.startswith(f"At epoch {shown.position:.2f}, step {shown.step:,}")
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=spot(machine, 4))
    assert session.moment is session.snapshots[4]
    assert f"batch loss {shown.loss:.3g}" in machine.state.accessibleName()


def test_of_a_large_network_it_says_that_no_past_is_kept(window: MainWindow, qtbot: QtBot) -> None:
    """Regression: it said to train first, also afterwards."""
    session, play = window.session, window.actions_by_name["time_play"]
    session.restart(Project(Network((Input(), FullyConnected(8_000), FullyConnected(10)))), None)
    qtbot.waitUntil(lambda: session.model is not None)
    qtbot.waitUntil(lambda: "No past" in play.toolTip())
    assert not play.isEnabled()
    assert play.toolTip() == (
        "No past is kept of this network: its weights take 25.4 MB, and the most is 25.2 MB."
    )


def test_the_keyboard_goes_through_time_and_back(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot
) -> None:
    session, present = trained.session, trained.session.model.state.copy()
    machine.slider.setFocus()
    kept = session.snapshots

    def press(key: Qt.Key) -> None:
        QTest.keyClick(machine.slider, key)
        qtbot.waitUntil(lambda: session.moment is machine._wanted())

    press(Qt.Key.Key_Left)
    assert session.moment is kept[-1]
    press(Qt.Key.Key_PageDown)
    assert session.moment is kept[-9]
    press(Qt.Key.Key_Home)
    assert session.moment is kept[0]
    assert "before the first step" in machine.state.accessibleName()
    press(Qt.Key.Key_Right)
    assert session.moment is kept[1]
    for back in (Qt.Key.Key_End, Qt.Key.Key_Escape):
        press(Qt.Key.Key_Home)
        press(back)
        assert session.moment is None
        assert np.array_equal(session.model.state, present)
    press(Qt.Key.Key_Left)
    QTest.mouseClick(machine.now_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.moment is None)


def test_escape_on_the_canvas_is_back_to_now_too(trained: MainWindow, qtbot: QtBot) -> None:
    session = trained.session
    session.select((1,))
    session.show_moment(session.snapshots[2])
    trained.canvas.setFocus()
    QTest.keyClick(trained.canvas, Qt.Key.Key_Escape)
    assert session.selection == ()
    assert session.moment is session.snapshots[2]
    QTest.keyClick(trained.canvas, Qt.Key.Key_Escape)
    assert session.moment is None
    assert trained.time_machine.slider.is_now


def test_a_large_network_looks_in_the_background(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = trained.session
    monkeypatch.setattr(session._viewer, "_is_slow", True)
    machine.slider.setFocus()
    QTest.keyClick(machine.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: session.moment is session.snapshots[0])
    expected = maps_of(session, session.snapshots[0].state)
    qtbot.waitUntil(lambda: not session.looking)
    qtbot.waitUntil(lambda: all(map(np.array_equal, expected, session.activations)))


def test_it_plays_through_to_now(trained: MainWindow, machine: TimeMachine, qtbot: QtBot) -> None:
    session, seen = trained.session, []
    session.moment_changed.connect(lambda: seen.append(session.moment))
    machine._timer.setInterval(2)
    machine._shown._timer.setInterval(0)
    QTest.mouseClick(machine.play_button, Qt.MouseButton.LeftButton)
    assert machine.playing
    qtbot.waitUntil(lambda: not machine.playing, timeout=20_000)
    qtbot.waitUntil(lambda: session.moment is None)
    steps = [moment.step for moment in seen[:-1]]
    assert steps[0] == 0
    assert steps == sorted(steps)
    assert len(steps) > len(session.snapshots) / 2
    QTest.keyClick(machine.slider, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.moment is not None)
    QTest.keyClick(machine.slider, Qt.Key.Key_Space)
    assert not machine.playing


def test_predictions_follow_where_their_tab_is_seen(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot
) -> None:
    session = trained.session
    panel = trained.panels.confusion
    moment = session.snapshots[5]
    session.show_moment(moment)
    assert session.predictor.of("validation") is None or not session.predictor.is_fresh(
        "validation"
    ), "nothing is reckoned while its tab is hidden"
    trained.panels.show_tab("confusion")
    qtbot.waitUntil(lambda: session.predictor.is_fresh("validation"), timeout=10_000)
    model = Model(session.network, threads=1)
    model.state[...] = moment.state
    expected = evaluate(model, session.images("validation")).confusion
    qtbot.waitUntil(lambda: np.array_equal(panel.shown.confusion, expected), timeout=10_000)
    words = f"at epoch {moment.position:.2f}"
    qtbot.waitUntil(lambda: words in panel.state.accessibleName())


def test_a_branch_begins_there_and_nothing_is_lost(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot
) -> None:
    session, present = trained.session, trained.session.model.state.copy()
    assert not machine.branch_button.isEnabled()
    moment = next(each for each in session.snapshots if each.position > 1.5)
    session.show_moment(moment)
    QTest.mouseClick(machine.branch_button, Qt.MouseButton.LeftButton)
    assert np.array_equal(session.model.state, moment.state)
    assert session.moment is None
    assert "begins with the weights of epoch 1." in trained.messages.notice.sentence
    (offer,) = trained.messages.offers
    offer.click()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert session.curve.epoch[-1] > moment.position
    session.show_aside()
    assert np.array_equal(session.model.state, present)
    session.show_moment(moment)
    assert not machine.branch_button.isEnabled()
    assert machine.branch_button.toolTip() == "A copy is open already: close it first."


def test_a_branch_is_called_the_copy_and_what_it_came_from_the_original(
    trained: MainWindow, qtbot: QtBot
) -> None:
    """Regression: the branch was called the network, and its original the copy."""
    session, bar = trained.session, trained.copies
    original = session.title
    moment = next(each for each in session.snapshots if each.position > 1.5)
    session.branch(moment)
    branch = session.title

    def said() -> tuple[str, str, str]:
        return bar.words.text(), bar.go.text(), bar.drop.text()

    first = f"\u201c{original}\u201d is trained; you edit a copy of it."
    assert said() == (first, "Show the original", "Close the original")
    session.step()
    second = f"This copy is in training; the original \u201c{original}\u201d is kept beside it."
    assert said() == (second, "Show the original", "Close the original")
    bar.go.click()
    assert f"Training \u201c{branch}\u201d" in bar.words.text()
    assert bar.words.text().endswith("; you edit the original.")
    assert (bar.go.text(), bar.stop.isVisible()) == ("Show the training", True)
    bar.stop.click()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=5000)
    third = f"\u201c{branch}\u201d, a copy of this, is trained."
    assert said() == (third, "Show the copy", "Close the copy")
    session.restart(templates.load("tiny"), None)
    assert bar.words.text() == f"\u201c{branch}\u201d is open beside this."


def test_it_follows_a_run_and_keeps_the_moment_in_sight(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot
) -> None:
    session = trained.session
    moment = session.snapshots[6]
    session.step()
    session.show_moment(moment)
    count = len(session.snapshots)
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert session.moment is moment
    assert len(session.snapshots) > count
    assert machine.slider.maximum() == len(session.snapshots)
    assert session.snapshots[machine.slider.value()] is moment
    session.start_over()
    assert machine.isHidden()


def test_the_past_is_not_called_live(trained: MainWindow, qtbot: QtBot) -> None:
    session, live = trained.session, trained.canvas.findChild(LivePill)
    session.train()
    assert live.isVisible()
    session.show_moment(session.snapshots[2])
    assert session.training == "running"
    assert not live.isVisible()
    session.show_moment(None)
    assert live.isVisible()
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


def test_the_export_gets_the_present_weights(trained: MainWindow, qtbot: QtBot, tmp_path) -> None:
    session, present = trained.session, trained.session.model.state.copy()
    session.show_moment(session.snapshots[0])
    written = tmp_path / "net.safetensors"
    trained.documents.export_to(written)
    trained.documents.finish_export()
    assert written.exists()
    assert session.moment is None
    assert np.array_equal(session.model.state, present)


def test_a_reopened_network_says_what_was_before_its_first_moment(
    trained: MainWindow, machine: TimeMachine, qtbot: QtBot
) -> None:
    session = trained.session
    assert machine.slider.toolTip() == ""
    assert session.snapshots[0].step == 0
    session.restart(session.project(), None)
    assert machine.isHidden()
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert session.snapshots[0].step == 30, "the steps of the file count"
    assert session.snapshots[-1].step <= session.curve.step
    machine.refresh()
    assert machine.slider.toolTip() == "What was before epoch 3.00, step 30 was not kept."
