"""Steering a run as a person does: changes while it runs, a copy beside it, a crash."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Dropout
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.diagnosis import Diagnosis, Finding
from cnnstudio.engine.model import Model
from cnnstudio.engine.pace import STEPS
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Recipe, templates
from cnnstudio.network.project_file import Project, load, save
from cnnstudio.ui.canvas.title_row import LivePill
from cnnstudio.ui.document import recovery_files
from cnnstudio.ui.document.results import Result
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts import question
from cnnstudio.ui.training import run_folders
from cnnstudio.ui.training.observation import ALL_CLEAR, Alarm, Noted
from cnnstudio.ui.training.run_folders import Unfinished

Answer = QMessageBox.StandardButton

RECIPE = Recipe(epochs=3, batch_size=50, learning_rate=0.01, validation=100)


def few(dataset: Dataset, count: int = 600) -> Dataset:
    return Dataset(dataset.name, dataset.class_names, dataset.train[:count], dataset.test[:100])


@pytest.fixture
def digits_window(window: MainWindow) -> MainWindow:
    """The window with a small network and a few pictures."""
    tiny = templates.load("tiny")
    window.session.restart(tiny, None)
    window.session.set_recipe(RECIPE)
    window.session.set_dataset(few(window.session.dataset))
    return window


@pytest.fixture
def notices(digits_window: MainWindow) -> list[Notice]:
    told: list[Notice] = []
    digits_window.session.noticed.connect(told.append)
    return told


def wait_for_end(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


def engine(session: Session, recipe: Recipe, changes: dict[int, dict] | None = None) -> Trainer:
    """What the engine makes of the same document without a window."""
    model = Model(session.network, recipe.seed, threads=session.threads)
    run = Trainer(model, *session.dataset.split(recipe.validation), recipe, classes=10)
    for made, _ in enumerate(run.run(), start=1):
        run.change(**(changes or {}).get(made, {}))
    return run


# ---- changes while it runs


def test_a_rate_typed_while_paused_is_taken_by_the_next_step(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    window, session = digits_window, digits_window.session
    window.actions_by_name["step"].trigger()
    qtbot.waitUntil(lambda: session.progress is not None)
    window.actions_by_name["recipe"].trigger()
    field = window.inspector.form.editors["learning_rate"].field.text
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.002")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.recipe.learning_rate == 0.002
    with qtbot.waitSignal(session.changes_changed):
        pass
    assert session.changes == ((pytest.approx(0.1), "Learning rate 0.01 -> 0.002"),)
    session.set_recipe(session.recipe.with_values(batch_size=25, l2=0.001))
    window.actions_by_name["train"].trigger()
    wait_for_end(session, qtbot)
    assert session.progress.learning_rate == 0.002
    whole = engine(session, RECIPE, {1: {"learning_rate": 0.002, "batch_size": 25, "l2": 0.001}})
    assert session.model.state.tobytes() == whole.model.state.tobytes()
    assert [e.train_loss for e in session.epochs] == [
        pytest.approx(e.train_loss) for e in session.epochs
    ]
    assert session.changes[1][1] == "Batch size 50 -> 25, L2 0 -> 0.001"


def test_a_run_is_given_no_half_typed_number(digits_window: MainWindow, qtbot: QtBot) -> None:
    """Regression: it trained with the 1 of a 1e-4 that was typed slowly, and was spoilt."""
    window, session = digits_window, digits_window.session
    window.actions_by_name["step"].trigger()
    qtbot.waitUntil(lambda: session.progress is not None)
    window.actions_by_name["recipe"].trigger()
    editors = window.inspector.form.editors
    field, other = (editors[name].field.text for name in ("learning_rate", "batch_size"))
    field.setFocus()
    for text in ("1e30", "1e-", "0.5x", "1e-4"):
        field.selectAll()
        for key in text:
            QTest.keyClicks(field, key)
            assert session.recipe == RECIPE
            assert not session._pending
        session.training_changed.emit()
        assert field.text() == text, "what is typed is left alone"
        if text != "1e-4":
            QTest.keyClick(field, Qt.Key.Key_Return)
            assert editors["learning_rate"].error
            assert session.recipe == RECIPE
            assert not session._pending
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert session.recipe.learning_rate == 1e-4
    assert field.text() == "1e-4"
    other.setFocus()
    other.selectAll()
    QTest.keyClicks(other, "2")
    QTest.keyClick(other, Qt.Key.Key_Escape)
    assert (session.recipe.batch_size, other.text()) == (50, "50")
    other.selectAll()
    QTest.keyClicks(other, "25")
    QTest.keyClick(other, Qt.Key.Key_Up)
    assert (session.recipe.batch_size, other.text()) == (26, "26"), "a step from what was typed"
    session.stop()
    wait_for_end(session, qtbot)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.5")
    assert session.recipe.learning_rate == 0.5, "there is no run to spoil"


def test_a_change_before_the_first_step_is_in_the_record(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: there was no result yet to put it with, and the run seemed to repeat itself."""
    session = digits_window.session
    session._start(paused=True)
    session.set_recipe(RECIPE.with_values(learning_rate=0.002))
    qtbot.waitUntil(lambda: bool(session.run_so_far.changed))
    assert not session.trained
    with qtbot.waitSignal(session.run_ended, timeout=20_000) as caught:
        session.train()
    assert session.changes == ((0.0, "Learning rate 0.01 -> 0.002"),)
    (ended,) = caught.args
    assert [change.words for change in ended.changes] == ["Learning rate 0.01 -> 0.002"]
    assert ended.result.recipe.learning_rate == 0.002


def test_what_is_yet_to_be_written_has_no_later_steps(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: the points of a second run were in the file of the first, beside its weights."""
    session = digits_window.session
    with qtbot.waitSignal(session.run_ended, timeout=20_000) as caught:
        session.train()
    waiting, (ended,) = session.snapshot(), caught.args
    session.train()
    wait_for_end(session, qtbot)
    assert session.curve.step == 60
    for curve in (waiting.project().curve, ended.curve):
        assert curve[:, 4].tolist() == list(range(1, 31))


def test_what_is_fixed_is_locked_with_its_reason(
    digits_window: MainWindow, notices: list[Notice], qtbot: QtBot
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    session.select(())
    form = window.inspector.form
    assert form.is_locked("seed")
    assert not form.is_locked("learning_rate")
    assert "the random numbers of the run come from it" in form.labels["seed"].words.toolTip()
    session.set_recipe(session.recipe.with_values(seed=5))
    assert session.recipe == RECIPE
    assert notices[-1].sentence.startswith("Training is going on. It stays as it is until")
    session.stop()
    wait_for_end(session, qtbot)
    assert not form.is_locked("seed")
    assert "random numbers of the run come" not in form.labels["seed"].words.toolTip()


def test_changes_in_training_are_in_the_file_and_marked_again(
    digits_window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    qtbot.waitUntil(lambda: session.progress is not None)
    session.set_recipe(session.recipe.with_values(learning_rate=0.002, batch_size=25))
    session.train()
    wait_for_end(session, qtbot)
    made = session.recipe_changes
    assert made[0].words == "Batch size 50 -> 25, Learning rate 0.01 -> 0.002"
    window.documents.save_to(tmp_path / "mine.cnn")
    qtbot.waitUntil((tmp_path / "mine.cnn").exists)
    assert load(tmp_path / "mine.cnn").changes[0]["values"]["batch_size"] == 25
    session.restart(templates.load("tiny"), None)
    assert session.changes == ()
    window.documents.open(tmp_path / "mine.cnn")
    qtbot.waitUntil(lambda: session.path == tmp_path / "mine.cnn")
    assert session.recipe_changes == made
    window.training_panel.refresh()
    for plot in window.training_panel.plots:
        assert [mark.words for mark in plot.shown.marks] == [made[0].words]


def test_the_time_left_is_right_after_another_batch_size(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    session = digits_window.session
    session.step()
    qtbot.waitUntil(lambda: session.progress is not None)
    session.set_recipe(session.recipe.with_values(batch_size=10))
    session.step()
    qtbot.waitUntil(lambda: session.progress.steps_per_epoch == 50)
    assert session.progress.step == 6  # 50 of 500 images were learned from, then ten more
    for _ in range(STEPS):
        session.step()
    qtbot.waitUntil(lambda: session.progress.step == 6 + STEPS)
    assert 0 < session.progress.images_per_second < 1e6


def test_snapshots_and_figures_of_the_blocks_are_there(
    digits_window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    session = digits_window.session
    start = session.model.state.copy()
    monkeypatch.setattr("cnnstudio.engine.diagnosis.Examiner.__init__.__defaults__", (0.0,))
    session.train()
    wait_for_end(session, qtbot)
    steps = [snapshot.step for snapshot in session.snapshots]
    assert steps[:6] == [0, 1, 2, 3, 4, 5]
    assert steps[-1] > 24
    assert np.array_equal(session.snapshots[0].state, start)
    third = session.snapshots[3]
    assert third.position == pytest.approx(0.3)
    assert third.loss == pytest.approx(session.curve.loss[2])
    assert [each.name for each in session.norms] == list(session.network.names)
    assert session.norms[1].gradient > 0
    session.train()
    wait_for_end(session, qtbot)
    assert [s.step for s in session.snapshots][: len(steps)] == steps
    assert session.snapshots[-1].position > 5


def test_a_branch_begins_with_the_weights_of_then(digits_window: MainWindow, qtbot: QtBot) -> None:
    session = digits_window.session
    session.train()
    wait_for_end(session, qtbot)
    trained = session.model.state.copy()
    snapshot = next(each for each in session.snapshots if each.position > 1.5)
    assert session.branch(snapshot)
    assert np.array_equal(session.model.state, snapshot.state)
    assert [epoch.epoch for epoch in session.epochs] == [1]
    assert session.curve.epoch[-1] == pytest.approx(snapshot.position)
    assert session.snapshots[-1] is snapshot
    assert "from epoch 1." in session.title
    session.show_aside()
    assert np.array_equal(session.model.state, trained)
    assert len(session.epochs) == 3


def test_a_run_goes_on_where_one_was_stopped(digits_window: MainWindow, qtbot: QtBot) -> None:
    """Regression: it began the epoch again, so that all curves ran backwards there."""
    session = digits_window.session
    for made in range(1, 5):
        session.step()
        qtbot.waitUntil(lambda made=made: len(session.curve) == made)
    session.stop()
    wait_for_end(session, qtbot)
    session.train()
    wait_for_end(session, qtbot)
    assert session.curve.epoch == pytest.approx(np.arange(1, 31) / 10)
    assert [epoch.epoch for epoch in session.epochs] == [1, 2, 3]
    assert [snapshot.position for snapshot in session.snapshots] == pytest.approx(
        [snapshot.step / 10 for snapshot in session.snapshots]
    )


def test_a_branch_goes_on_from_inside_its_epoch(digits_window: MainWindow, qtbot: QtBot) -> None:
    session = digits_window.session
    session.train()
    wait_for_end(session, qtbot)
    snapshot = next(each for each in session.snapshots if 1 < each.position % 2 < 2)
    assert session.branch(snapshot)
    assert session.curve.step == snapshot.step
    session.step()
    qtbot.waitUntil(lambda: session.curve.step == snapshot.step + 1)
    assert session.curve.epoch[-1] == pytest.approx(snapshot.position + 0.1)
    session.stop()
    wait_for_end(session, qtbot)


def test_what_ails_a_block_stands_on_its_card_and_among_the_problems(
    digits_window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("cnnstudio.engine.diagnosis.SHARE", 1.0)  # it waits for no rest
    window, session = digits_window, digits_window.session
    network = templates.load("lecture").network
    session.apply(network, "Change")
    session.set_recipe(RECIPE.with_values(epochs=10_000))
    session._viewer.model.parameters["conv1.bias"][:4] = -100
    session._sheet.results.keep(network, Result(session.model.state.copy()))
    window.actions_by_name["tab_problems"].trigger()
    window.actions_by_name["train"].trigger()
    with qtbot.waitSignal(session.findings_changed, timeout=20_000):
        pass
    session.pause()
    finding = next(each for each in session.diagnosis if each.kind == "dead")
    assert finding.path == (1,)
    assert finding.sentence.startswith("CONV 1: 4 of its 6 feature maps are 0 for all 128 images")
    rows = [row for row in window.problems.rows if row.name.text() == "CONV 1"]
    assert any("4 of its 6 feature maps" in row.sentence.text() for row in rows)
    assert any(
        "4 of its 6 feature maps" in words
        for words in window.canvas.pipeline.cards[1].face.warnings
    )


def test_starting_over_takes_what_ailed_the_training_away(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: the cards and the tab told of it until something else was changed."""
    window, session = digits_window, digits_window.session
    found = Diagnosis(1.0, (), (Finding((1,), "dead", "CONV 1: all of its feature maps are 0."),))
    session._sheet.results.keep(
        session.network, Result(session.model.state.copy(), diagnosis=found)
    )
    session.findings_changed.emit()
    warnings = window.canvas.pipeline.cards[1].face.warnings
    assert any("feature maps are 0" in words for words in warnings)
    assert window.problems.count == 1
    with qtbot.waitSignals([session.findings_changed, session.diagnosis_changed]):
        session.start_over()
    assert not window.canvas.pipeline.cards[1].face.warnings
    assert window.problems.count == 0


def test_a_loss_that_runs_away_offers_the_way_back(digits_window: MainWindow, qtbot: QtBot) -> None:
    window, session = digits_window, digits_window.session
    session.set_recipe(RECIPE.with_values(optimizer="sgd", learning_rate=100.0, epochs=200))
    start = session.model.state.copy()
    session.train()
    qtbot.waitUntil(lambda: bool(window.messages.offers), timeout=20_000)
    assert "is likely too high" in window.messages.notice.sentence
    (offer,) = window.messages.offers
    assert offer.text() == "Go back to epoch 0.00 and train with 0.01"
    session.pause()
    offer.click()
    qtbot.waitUntil(lambda: bool(session.changes), timeout=20_000)
    assert session.changes[0][1] == ("Back to the weights of epoch 0.00, Learning rate 100 -> 0.01")
    assert session.recipe.learning_rate == 0.01
    assert session.snapshots[0].state.tobytes() == start.tobytes()
    session.stop()
    wait_for_end(session, qtbot)


def test_a_run_that_runs_away_again_after_a_lower_rate_is_told_again(
    digits_window: MainWindow, notices: list[Notice], qtbot: QtBot
) -> None:
    """Regression: only the way back made the run look out again."""
    session = digits_window.session
    session.set_recipe(RECIPE.with_values(optimizer="sgd", learning_rate=100.0, epochs=2000))

    def told() -> list[str]:
        return [each.sentence for each in notices if "likely too high" in each.sentence]

    session.train()
    qtbot.waitUntil(lambda: len(told()) == 1, timeout=20_000)
    session.set_recipe(session.recipe.with_values(learning_rate=50.0))
    qtbot.waitUntil(lambda: len(told()) == 2, timeout=20_000)
    assert "the learning rate of 100 is likely too high" in told()[0]
    assert "the learning rate of 100 was likely too high" in told()[1]
    (offer,) = digits_window.messages.offers
    assert offer.text() == "Go back to epoch 0.00 and train with 0.01"
    assert digits_window.messages.isVisible()
    session.stop()
    wait_for_end(session, qtbot)
    assert not digits_window.messages.isVisible(), "there is no run to go back in"


def test_a_loss_that_comes_back_by_itself_closes_the_way_back(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    alarm = Alarm("The loss has risen.", 0.5, 0.001)
    session._take_noted(Noted(alarm=alarm))
    assert session.alarm is alarm
    assert window.actions_by_name["go_back"].isEnabled()
    assert window.messages.isVisible()
    session._take_noted(Noted(alarm=ALL_CLEAR))
    assert session.alarm is None
    assert not window.actions_by_name["go_back"].isEnabled()
    assert not window.messages.isVisible()
    session.stop()
    wait_for_end(session, qtbot)


def test_a_card_says_why_it_cannot_be_moved(digits_window: MainWindow, qtbot: QtBot) -> None:
    window, session = digits_window, digits_window.session
    card = window.canvas.pipeline.cards[1]
    card.set_flags(hovered=True)
    assert "Training" not in card.toolTip()
    session.step()
    assert "Training is going on: stop it, or edit a copy." in card.toolTip()
    session.select((1,))
    label = window.inspector.form.labels["filters"].words
    assert label.toolTip().startswith("Training is going on: stop it, or edit a copy.")
    session.edit_copy()
    window.canvas.pipeline.cards[1].set_flags(hovered=True)
    assert "Training" not in window.canvas.pipeline.cards[1].toolTip()
    assert not window.inspector.form.is_locked("filters")
    session.stop()
    wait_for_end(session, qtbot)


# ---- a copy beside the run


def test_a_copy_is_edited_while_the_run_goes_on_with_its_own(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    qtbot.waitUntil(lambda: session.progress is not None)
    session.remove((1,))
    (offer,) = window.messages.offers
    assert offer.text() == "Edit a copy"
    offer.click()
    assert session.editing_copy
    assert not session.locked
    own, title = session.network, session.title
    assert title.endswith(" copy")
    bar = window.copies
    assert bar.isVisible()
    assert "(epoch 1 of 3) is paused; you edit a copy." in bar.words.text()
    session.insert(1, Dropout(0.5))
    edited = session.network
    assert edited != own
    live = window.canvas.findChild(LivePill)
    window.actions_by_name["train"].trigger()
    assert session.training == "running"
    assert not live.isVisible(), "the copy learns nothing"
    bar.go.click()
    assert live.isVisible()
    bar.go.click()
    assert not live.isVisible()
    wait_for_end(session, qtbot)
    assert session.network == edited
    assert "is trained; you edit a copy of it." in bar.words.text()
    assert window.messages.notice.sentence.startswith("Training “")
    assert "has ended after epoch 3" in window.messages.notice.sentence
    assert bar.go.text() == "Open the trained network"
    assert bar.drop.text() == "Close the original"
    bar.go.click()
    assert session.network == own
    assert len(session.epochs) == 3
    assert session.model.state.tobytes() == engine(session, RECIPE).model.state.tobytes()
    bar.go.click()
    assert session.network == edited
    assert session.title == title
    session.undo()
    assert session.network == own
    assert len(session.curve) == 1, "the copy knows what was learned when it was made"


def test_the_runs_document_can_be_looked_at_and_its_training_stopped_from_the_copy(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    window.actions_by_name["edit_copy"].trigger()
    assert not window.actions_by_name["edit_copy"].isEnabled()
    window.copies.go.click()
    assert session.locked
    assert window.copies.words.text().startswith("This is the network in training")
    window.copies.go.click()
    assert not session.locked
    window.copies.stop.click()
    wait_for_end(session, qtbot)
    assert window.copies.drop.isVisible()


def test_closing_asks_about_the_run_and_about_both_documents(
    digits_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    qtbot.waitUntil(lambda: session.progress is not None)
    session.edit_copy()
    session.insert(1, Dropout(0.5))
    saved: list[str] = []
    answers = iter([Answer.Yes, Answer.Save, Answer.Save])
    monkeypatch.setattr(question, "ask", lambda *_: next(answers))

    def save() -> bool:
        saved.append(session.title)
        return window.documents.save_to(tmp_path / f"{len(saved)}.cnn")

    monkeypatch.setattr(window.documents, "save", save)
    assert window.close()
    assert len(saved) == 2
    assert load(tmp_path / "1.cnn").network.blocks[1] == Dropout(0.5)
    assert len(load(tmp_path / "2.cnn").weights) > 0
    assert session.training == "idle"
    assert session.aside is None


def test_a_copy_that_is_not_to_be_closed_stays(
    digits_window: MainWindow, qtbot: QtBot, answer: Callable[[Answer], list[str]]
) -> None:
    window, session = digits_window, digits_window.session
    session.step()
    session.edit_copy()
    session.stop()
    wait_for_end(session, qtbot)
    session.show_aside()
    asked = answer(Answer.Cancel)
    window.copies.drop.click()
    assert asked == ["Save the changes?"]
    assert session.aside is not None
    answer(Answer.Discard)
    if session.title.endswith(" copy"):
        session.show_aside()
    window.copies.drop.click()
    assert session.aside is None
    assert not session.title.endswith(" copy")
    assert not window.copies.isVisible()


# ---- going on after a restart

WRITER = """
import os
import signal
import sys
from PySide6.QtCore import QTimer
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Recipe
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import autosave, recovery_files
from cnnstudio.ui.training import run_folders

autosave.IDLE = 0.02
sys.excepthook = lambda *_: os._exit(1)  # else whoever reads would wait for ever
app, window = ui.create(["cnnstudio", "tiny"])
window.show()
session = window.session
def train():
    window.finish_loading()
    d = session.dataset
    session.set_dataset(Dataset(d.name, d.class_names, d.train[:600], d.test[:100]))
    session.set_recipe(Recipe(epochs=60, batch_size=50, learning_rate=0.01, validation=100))
    session.train()
    session.pause()
    session.set_recipe(session.recipe.with_values(learning_rate=0.005))
    session.train()
def look():
    folders = run_folders.runs_folder().glob("*/note.json")
    came_far = any(run_folders._note(path).epoch > 1 for path in folders)
    if came_far and any(recovery_files.recovery_folder().glob("*.cnn")):
        print("kept", flush=True)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # before the run has ended
    if session.progress is not None and session.training == "idle":
        print("ended", flush=True)
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
QTimer.singleShot(0, train)
app.exec()
"""


@pytest.fixture
def killed() -> Iterator[None]:
    """A window was killed while it trained."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "kept\n"
    process.wait()
    process.stdout.close()
    return


@pytest.mark.usefixtures("killed")
def test_a_run_whose_window_was_killed_goes_on_to_the_same_bits(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, bar = window.session, window.recovery
    session.set_dataset(few(session.dataset))
    bar.look()
    assert bar.isVisible()
    (row,) = bar.rows
    run = row.left.run
    assert run.epoch >= 2
    assert f"was interrupted at {run.written:%H:%M}. Continue from epoch {run.epoch} of 60?" in (
        row.words.text()
    )
    QTest.mouseClick(row.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.training != "idle")
    assert session.network == run.project.network
    assert not bar.isVisible()
    assert session.recipe.learning_rate == 0.005
    qtbot.waitUntil(lambda: session.training == "idle", timeout=30_000)
    assert [epoch.epoch for epoch in session.epochs] == list(range(1, 61))
    assert session.curve.steps.tolist() == list(range(1, 601)), "it has the curve of before, too"
    assert np.allclose(session.curve.epoch, np.arange(1, 601) / 10)
    assert np.isfinite(session.curve.loss).all()
    assert [each.step for each in session.snapshots][:6] == list(range(6)), "the time machine too"
    assert window.time_machine.isVisible()
    untrained = Model(session.network, session.recipe.seed).state
    assert session.snapshots[0].state.tobytes() == untrained.tobytes()
    assert all(
        each.loss == session.curve.loss[each.step - 1] for each in session.snapshots if each.step
    ), "before the restart and after it they are counted as the curve counts"
    (change,) = session.recipe_changes
    recipe = RECIPE.with_values(epochs=60)
    made = round(change.position * 10)
    whole = engine(session, recipe, {made: {"learning_rate": 0.005}} if made else None)
    if not made:
        whole = engine(session, recipe.with_values(learning_rate=0.005))
    assert session.model.state.tobytes() == whole.model.state.tobytes()
    assert run_folders.unfinished() == (), "a run that is finished is not offered again"


@pytest.mark.usefixtures("killed")
def test_a_run_and_the_autosaved_copy_of_its_document_are_one_offer(
    window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: the copy was still offered after the run had gone on."""
    session, bar = window.session, window.recovery
    session.set_dataset(few(session.dataset))
    assert len(recovery_files.orphans()) == 1
    bar.look()
    (row,) = bar.rows
    assert bar.left == (row.left,)
    assert not bar.more.isVisible()
    QTest.mouseClick(row.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.progress is not None)
    session.stop()
    wait_for_end(session, qtbot)
    assert not bar.isVisible()
    bar.look()
    assert [each.run.stopped for each in bar.left] == [True], "what it is now, of this document"
    assert recovery_files.orphans() == (), "the copy is this window's"


@pytest.mark.usefixtures("killed")
def test_a_run_that_is_stopped_before_it_goes_on_was_stopped(
    window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: until its first step it was still called interrupted."""
    session, bar = window.session, window.recovery
    session.set_dataset(few(session.dataset))
    bar.look()
    (row,) = bar.rows
    row.go.click()
    qtbot.waitUntil(lambda: session.training != "idle")
    session.stop()
    wait_for_end(session, qtbot)
    (run,) = run_folders.unfinished()
    assert run.stopped
    assert run.epoch >= 2


def test_a_run_that_cannot_go_on_leaves_the_copy_of_its_document(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    session, bar = digits_window.session, digits_window.recovery
    stopped(digits_window, qtbot)
    (run,) = run_folders.unfinished()
    folder = run.folder.rename(run.folder.with_name("999999999-0000"))
    crashed(dataclasses.replace(run, folder=folder))
    copy = recovery_files.recovery_folder() / "999999999-1111.cnn"
    save(session.project(), copy)
    copy.with_suffix(".json").write_bytes(msgspec.json.encode({"title": session.title}))
    network = session.network
    session.restart(templates.load("lenet5"), None)
    bar.look()
    (left,) = bar.left
    assert [each.file for each in left.copies] == [copy]
    for path in folder.glob("checkpoint-*.zip"):
        path.write_bytes(b"PK")
    with qtbot.waitSignal(session.noticed):
        bar.rows[0].go.click()
    assert len(bar.left) == 2
    bar.more.click()
    row = next(row for row in bar.rows if row.left.run is None)
    row.go.click()
    assert session.network == network
    assert session.modified
    assert not copy.exists(), "it is this window's"


def test_one_run_that_crashed_twice_is_offered_once_where_it_came_furthest(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    window, session, bar = digits_window, digits_window.session, digits_window.recovery
    stopped(window, qtbot)
    (run,) = run_folders.unfinished()
    earlier = run.folder.with_name("999999999-0000")
    shutil.copytree(run.folder, earlier)
    for folder, epoch in ((run.folder, 2), (earlier, 1)):
        crashed(dataclasses.replace(run, folder=folder), epoch=epoch)
    bar.look()
    (left,) = bar.left
    assert left.run.folder == run.folder
    QTest.mouseClick(bar.rows[0].go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.training == "running")
    assert not earlier.exists()
    wait_for_end(session, qtbot)
    assert len(session.epochs) == 3
    assert not bar.isVisible()
    assert run_folders.unfinished() == ()


def test_several_runs_stand_in_one_row_with_the_others_behind_it(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    window, session, bar = digits_window, digits_window.session, digits_window.recovery
    network = session.network
    for number, rate in enumerate((0.01, 0.02, 0.03)):
        session.restart(Project(network, RECIPE.with_values(learning_rate=rate)), None)
        stopped(window, qtbot)
        run = next(each for each in run_folders.unfinished() if not each.title.startswith("run"))
        crashed(run, title=f"run {number}")
        for path in run.folder.glob("checkpoint-*.zip"):
            os.utime(path, (1_000_000_000 + number,) * 2)
    session.restart(templates.load("lenet5"), None)
    bar.look()
    assert [row.left.title for row in bar.rows] == ["run 2"]
    assert bar.more.text() == "2 more"
    bar.more.click()
    assert [row.left.title for row in bar.rows] == ["run 2", "run 1", "run 0"]
    bar.rows[1].go.click()
    qtbot.waitUntil(lambda: session.training == "running")
    assert session.recipe.learning_rate == 0.02
    assert not bar.isVisible(), "nothing is offered while something is trained"
    wait_for_end(session, qtbot)
    assert [row.left.title for row in bar.rows] == ["run 2", "run 0"]
    bar.close_button.click()
    assert not bar.isVisible()
    session.restart(templates.load("tiny"), None)
    assert not bar.isVisible(), "not before the next start"


def stopped(window: MainWindow, qtbot: QtBot) -> None:
    """Train a step and stop."""
    session = window.session
    session.step()
    qtbot.waitUntil(lambda: session.progress is not None)
    session.stop()
    wait_for_end(session, qtbot)


def test_a_run_that_was_stopped_is_offered_with_its_own_document_alone(
    digits_window: MainWindow, qtbot: QtBot, answer: Callable[[Answer], list[str]]
) -> None:
    window, session = digits_window, digits_window.session
    network = session.network
    stopped(window, qtbot)
    (run,) = run_folders.unfinished()
    assert run.stopped
    bar = window.recovery
    bar.look()
    assert bar.isVisible()
    assert "was stopped at" in bar.rows[0].words.text()
    session.restart(templates.load("lenet5"), None)
    assert not bar.isVisible()
    tiny = templates.load("tiny")
    session.restart(tiny, None)
    assert not bar.isVisible(), "another recipe"
    session.restart(type(tiny)(network, RECIPE), None)
    assert bar.isVisible()
    asked = answer(Answer.Discard)
    bar.rows[0].discard.click()
    assert asked == ["Discard the run?"]
    assert run_folders.unfinished() == ()
    assert not bar.isVisible()


def test_a_damaged_run_is_told_in_a_sentence(
    digits_window: MainWindow, notices: list[Notice], qtbot: QtBot
) -> None:
    stopped(digits_window, qtbot)
    (run,) = run_folders.unfinished()
    for path in run.folder.glob("checkpoint-*.zip"):
        path.write_bytes(path.read_bytes()[:200])
    bar = digits_window.recovery
    bar.look()
    with qtbot.waitSignal(digits_window.session.noticed):
        bar.rows[0].go.click()
    assert "cannot be continued. There is no whole checkpoint in" in notices[-1].sentence
    assert bar.rows[0].go.isEnabled()
    assert digits_window.session.training == "idle"


def test_a_run_whose_pictures_have_gone_is_told_in_a_sentence_and_stays(
    digits_window: MainWindow,
    notices: list[Notice],
    qtbot: QtBot,
    tmp_path: Path,
    answer: Callable[[Answer], list[str]],
) -> None:
    session, bar = digits_window.session, digits_window.recovery
    stopped(digits_window, qtbot)
    answer(Answer.Discard)
    (run,) = run_folders.unfinished()
    gone = tmp_path / "gone"
    note = msgspec.json.decode((run.folder / "note.json").read_bytes())
    note["project"]["data"] = str(gone)
    (run.folder / "note.json").write_bytes(msgspec.json.encode(note))
    for path in run.folder.glob("checkpoint-*.zip"):
        rewrite_data(path, str(gone))
    crashed(run)
    bar.look()
    assert bar.isVisible()
    bar.rows[0].go.click()
    qtbot.waitUntil(lambda: bool(notices) and "cannot be continued" in notices[-1].sentence)
    assert f"{gone}" in notices[-1].sentence
    assert session.training == "idle"
    assert bar.isVisible()
    assert bar.rows[0].go.isEnabled()
    assert run.folder.exists(), "the pictures may come back"


def crashed(run: Unfinished, **others: Any) -> None:
    """Let `run` be one that a crash ended; `others` are further fields of its note."""
    path = run.folder / "note.json"
    note = msgspec.json.decode(path.read_bytes()) | {"stopped": False} | others
    path.write_bytes(msgspec.json.encode(note))


def rewrite_data(path: Path, name: str) -> None:
    """Let the checkpoint at `path` be one of a run on the pictures called `name`."""
    with zipfile.ZipFile(path) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    project = msgspec.json.decode(members["project.json"])
    members["project.json"] = msgspec.json.encode(project | {"data": name})
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)


def test_a_note_that_is_damaged_still_leaves_the_run(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    stopped(digits_window, qtbot)
    (run,) = run_folders.unfinished()
    (run.folder / "note.json").write_text("{")
    (again,) = run_folders.unfinished()
    assert again.project is None
    digits_window.recovery.look()
    assert digits_window.recovery.rows[0].words.text().endswith("Continue?")


def test_a_new_run_of_the_same_document_takes_the_place_of_the_stopped_one(
    digits_window: MainWindow, qtbot: QtBot
) -> None:
    stopped(digits_window, qtbot)
    stopped(digits_window, qtbot)
    assert len(run_folders.unfinished()) == 1


def test_a_folder_that_cannot_be_written_is_told_once_and_the_run_goes_on(
    digits_window: MainWindow, notices: list[Notice], qtbot: QtBot
) -> None:
    (run_folders.runs_folder()).rmdir()
    (run_folders.paths.user_data() / "checkpoints").write_text("a file")
    session = digits_window.session
    session.train()
    wait_for_end(session, qtbot)
    assert len(session.epochs) == 3
    told = [n.sentence for n in notices if "could not be continued" in n.sentence]
    assert len(told) == 1
