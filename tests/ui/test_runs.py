"""The tab of runs as a person uses it: train, look, compare, make again, delete, open."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import datetime
from itertools import accumulate
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio import paths
from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine import checkpoint, environment
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, Recipe, schema
from cnnstudio.network.project_file import Project
from cnnstudio.runs.comparison import compare
from cnnstudio.runs.keeping import FEWEST_STEPS
from cnnstudio.runs.record import KeptRun, facts_of
from cnnstudio.runs.store import Listed, RunStore
from cnnstudio.runs.wording import duration, recipe_words, shortly, when
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts.keyboard_place import take_what_is_typed
from cnnstudio.ui.runs.runs import Runs
from cnnstudio.ui.runs.runs_compare import RunsCompare
from cnnstudio.ui.runs.runs_differences import lines_of
from cnnstudio.ui.runs.runs_keeper import RunsKeeper
from cnnstudio.ui.runs.runs_model import NOTE, TITLE
from cnnstudio.ui.runs.runs_rows import (
    COLUMNS,
    NOTHING,
    PLACES,
    count_words,
    fitted,
    loss_words,
    ordered,
    read_rows,
    row_of,
)
from cnnstudio.ui.runs.runs_table import EDGE, ROW, fitting
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.training import run_folders
from cnnstudio.ui.training.plot_hand import LEAST_SPAN

Show = Callable[[QWidget], None]
Answer = QMessageBox.StandardButton
CTRL = Qt.KeyboardModifier.ControlModifier

NETWORK = Network((Input(), Conv2D(2, 4, 4), FullyConnected(10)))
WIDER = Network((Input(), Conv2D(4, 4, 4, activation="relu"), FullyConnected(10)))
RECIPE = Recipe(epochs=2, batch_size=10, validation=60, learning_rate=0.003)


@pytest.fixture(scope="module")
def pictures() -> Dataset:
    """Pictures with a bright bar for each class in much noise, so that some are taken wrongly."""
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 10, 500).astype(np.uint8)
    pixels = generator.integers(0, 120, (500, 1, 28, 28)).astype(np.uint8)
    for picture, label in zip(pixels[:, 0], labels, strict=True):
        picture[2 * label + 3 : 2 * label + 7, 4:20] += 50
    train, test = Images(pixels[:260], labels[:260]), Images(pixels[260:], labels[260:])
    return Dataset("mnist", tuple("0123456789"), train, test)


@pytest.fixture
def session(open_session: Callable[[Network], Session], pictures: Dataset) -> Session:
    session = open_session(NETWORK)
    session.set_dataset(pictures)
    session.set_recipe(RECIPE)
    return session


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def told(session: Session) -> list[Notice]:
    """What the window has said."""
    notices: list[Notice] = []
    session.noticed.connect(notices.append)
    return notices


@pytest.fixture
def panel(
    qtbot: QtBot, session: Session, themes: ThemeManager, store: RunStore, show: Show
) -> Runs:
    panel = Runs(session, themes, store)
    show(panel)
    panel.resize(912, 216)
    settle(qtbot, panel)
    qtbot.addWidget(panel, before_close_func=lambda panel: panel.stop())
    return panel


def settle(qtbot: QtBot, panel: Runs) -> None:
    """Wait until nothing is read or written any more."""
    qtbot.waitUntil(lambda: not panel.shelf.busy and not panel.keeper.busy, timeout=10_000)


def train(qtbot: QtBot, panel: Runs, session: Session) -> None:
    """Train to the end, and wait until the run is kept."""
    with qtbot.waitSignal(session.run_ended, timeout=20_000):
        session.train()
    settle(qtbot, panel)


def stop(qtbot: QtBot, panel: Runs, session: Session) -> None:
    """Stop the run, and wait until it is kept, if it is."""
    with qtbot.waitSignal(session.run_ended, timeout=5000):
        session.stop()
    settle(qtbot, panel)


def kept_run(title: str = "Small", network: Network = NETWORK, **others: object) -> KeptRun:
    """A run that was never made: one epoch with these figures."""
    epoch = {
        "epoch": 1,
        "train_loss": 0.5,
        "train_accuracy": 0.8,
        "validation_loss": 0.4,
        "validation_accuracy": 0.85,
        "seconds": 1.0,
        "images_per_second": 100.0,
    }
    model = Model(network, seed=1)
    project = Project(network, RECIPE, dict(model.weights), (epoch,), name=title)
    facts = facts_of(
        project,
        begun="2026-11-20T10:00:00+01:00",
        seconds=1.0,
        ending="finished",
        environment=environment.present(1),
    )
    facts = msgspec.structs.replace(facts, **others)
    return KeptRun(facts, project, np.array([[0.5, 1.0, 0.5], [1.0, 0.5, 0.75]]))


def choose(panel: Runs, *titles: str) -> None:
    """Choose runs as a click and clicks with Ctrl do."""
    panel.table.choose([row.name for row in panel.model.kept if row.title in titles])


# ---- keeping


def test_a_run_is_kept_with_all_that_there_is_of_it(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    assert panel.empty.isVisible()
    train(qtbot, panel, session)
    (row,) = panel.model.kept
    run = store.load(row.name)
    assert run.project.network == NETWORK
    assert run.recipe == RECIPE
    assert run.facts.ending == "finished"
    assert (run.facts.epochs, run.facts.epochs_before, run.facts.pretrained) == (2, 0, False)
    assert len(run.curve) == 2 * 20
    assert run.curve[-1, 0] == 2.0
    assert np.array_equal(run.curve[:, 1], session.curve.loss)
    assert run.facts.pictures is not None
    assert (run.facts.pictures.train, run.facts.pictures.validation) == (200, 60)
    assert session.model is not None
    measured = evaluate(session.model, session.images("test"))
    assert run.outcome is not None
    assert np.array_equal(run.outcome.predicted, measured.predictions)
    assert run.facts.test_accuracy == measured.accuracy
    assert row.cells["test"] == f"{100 * measured.accuracy:.2f} %"
    assert (
        row.cells["validation"]
        == f"{100 * max(e.validation_accuracy for e in session.epochs):.2f} %"
    )
    assert not panel.empty.isVisible()


def test_the_second_run_of_a_document_has_only_its_own_curve(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    train(qtbot, panel, session)
    train(qtbot, panel, session)
    second = store.load(panel.model.kept[0].name)
    if not second.facts.epochs_before:
        second = store.load(panel.model.kept[1].name)
    assert (second.facts.epochs, second.facts.epochs_before) == (2, 2)
    assert second.facts.pretrained
    assert len(second.curve) == 40
    assert second.curve[0, 0] == 2 + 1 / 20
    assert len(second.project.history) == 4


@pytest.mark.parametrize("earlier", [0, 1], ids=["from the start", "after another"])
def test_a_run_that_went_on_after_a_restart_is_kept_whole(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, earlier: int
) -> None:
    """Regression: its curve began at the restart, and so did its time; and it stood there twice."""
    for _ in range(earlier):
        train(qtbot, panel, session)
    project = session.project()
    for _ in range(25):
        seen = len(session.curve)
        session.step()
        qtbot.waitUntil(lambda seen=seen: len(session.curve) > seen, timeout=5000)
    stop(qtbot, panel, session)
    part = panel.model.kept[0]
    assert part.cells["ending"] == "stopped"
    panel.shelf.describe(part.name, "note", "went well so far")
    settle(qtbot, panel)
    stopped = store.load(part.name)
    (run,) = run_folders.unfinished()
    session.restart(Project(NETWORK, RECIPE), None)
    found = checkpoint.load(run.folder)
    assert found is not None
    session.restart(project, None)
    with qtbot.waitSignal(session.run_ended, timeout=20_000):
        session.continue_run(run, found)
    settle(qtbot, panel)
    assert len(panel.model.kept) == 1 + earlier
    assert [each.name for each in store.listing().runs] == [row.name for row in panel.model.kept]
    row = panel.model.kept[0]
    assert (row.name, row.cells["ending"], row.cells["note"]) == (
        part.name,
        "finished",
        "went well so far",
    )
    whole = store.load(row.name)
    assert whole.facts.epochs_before == 2 * earlier
    assert whole.facts.begun == stopped.facts.begun
    assert whole.facts.pretrained == bool(earlier)
    assert (whole.facts.epochs, len(whole.project.history)) == (2, 2 + 2 * earlier)
    assert np.array_equal(whole.curve[:25], stopped.curve)
    assert np.allclose(whole.curve[:, 0], 2 * earlier + np.arange(1, 41) / 20)
    assert whole.facts.seconds > stopped.facts.seconds


def test_a_run_of_a_few_steps_is_a_try_and_a_longer_one_is_kept(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    session.set_recipe(RECIPE.with_values(batch_size=1, epochs=9))
    for _ in range(3):
        seen = len(session.curve)
        session.step()
        qtbot.waitUntil(lambda seen=seen: len(session.curve) > seen, timeout=5000)
    stop(qtbot, panel, session)
    assert len(panel.model.kept) == 0
    session.train()
    qtbot.waitUntil(lambda: len(session.curve) >= 3 + FEWEST_STEPS, timeout=5000)
    session.pause()
    stop(qtbot, panel, session)
    assert len(panel.model.kept) == 1
    assert store.load(panel.model.kept[0].name).facts.ending == "stopped"


def test_a_run_that_ran_away_is_kept_as_failed_with_the_reason(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    session.set_recipe(RECIPE.with_values(optimizer="sgd", learning_rate=100.0))
    session.train()
    qtbot.waitUntil(lambda: session.training == "paused", timeout=10_000)
    with qtbot.waitSignal(session.run_ended, timeout=5000):
        session.stop()
    settle(qtbot, panel)
    rows = panel.model.kept
    if rows:  # at least one step was good
        facts = store.load(rows[0].name).facts
        assert facts.ending == "failed"
        assert facts.fault.endswith(".")


def test_what_was_changed_meanwhile_is_kept_and_the_recipe_is_the_first(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 1, timeout=5000)
    session.set_recipe(session.recipe.with_values(learning_rate=0.001))
    with qtbot.waitSignal(session.run_ended, timeout=20_000):
        session.train()
    settle(qtbot, panel)
    run = store.load(panel.model.kept[0].name)
    assert run.recipe == RECIPE
    assert [change.words for change in run.facts.changes] == ["Learning rate 0.003 -> 0.001"]


def test_a_folder_that_cannot_be_written_is_one_sentence(
    qtbot: QtBot, session: Session, told: list[Notice], tmp_path: Path
) -> None:
    (tmp_path / "runs").write_text("in the way")
    keeper = RunsKeeper(session, RunStore(tmp_path / "runs"), session)
    with qtbot.waitSignal(session.run_ended, timeout=20_000):
        session.train()
    qtbot.waitUntil(lambda: not keeper.busy, timeout=10_000)
    assert ["cannot be kept in" in notice.sentence for notice in told] == [True]


def test_closing_the_window_while_it_trains_keeps_the_run(
    qtbot: QtBot, window: MainWindow, pictures: Dataset, answer: Callable[[Answer], list[str]]
) -> None:
    session = window.session
    session.set_dataset(pictures)
    session.set_recipe(RECIPE.with_values(epochs=5000))
    session.train()
    qtbot.waitUntil(lambda: len(session.epochs) >= 1, timeout=20_000)
    session.saved_as(Path("x.cnn"))
    answer(Answer.Yes)
    window.documents.may_leave = lambda: True  # type: ignore[method-assign]
    assert window.close()
    (listed,) = RunStore(paths.user_data() / "runs").listing().runs
    assert listed.facts.ending == "stopped"
    assert listed.facts.epochs >= 1


def test_nothing_is_begun_after_the_end(qtbot: QtBot, panel: Runs) -> None:
    panel.stop()
    panel.shelf.tidy()
    panel.shelf.refresh()
    assert not panel.shelf.busy


# ---- the table


def test_the_run_that_goes_on_stands_at_the_top_and_moves(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, themes: ThemeManager
) -> None:
    store.add(kept_run())
    panel.shelf.refresh()
    settle(qtbot, panel)
    session.set_recipe(RECIPE.with_values(epochs=3000))
    session.train()
    qtbot.waitUntil(
        lambda: panel.model.live is not None and "epochs" in panel.model.live.cells, timeout=5000
    )
    assert panel.model.rowCount() == 2
    panel.table.selectAll()
    shown = panel.table.viewport().grab().toImage()
    cells = [panel.table.visualRect(panel.model.index(line, TITLE)) for line in range(2)]
    grounds = [shown.pixelColor(cell.bottomLeft() + QPoint(12, -3)) for cell in cells]
    tint = themes.theme.color("accenttint")
    assert [ground == tint for ground in grounds] == [False, True], "it cannot be chosen"
    panel.table.clearSelection()
    first = panel.model.at(0)
    assert first.cells["ending"] == "running"
    session.edit_copy()
    session.insert(2, Conv2D(4, 4, 2))
    qtbot.waitUntil(lambda: panel.model.at(0) is not first, timeout=5000)
    assert panel.model.at(0).cells["parameters"] == first.cells["parameters"]
    session.show_aside()
    assert not panel.model.flags(panel.model.index(0, 0)) & Qt.ItemFlag.ItemIsSelectable
    qtbot.waitUntil(
        lambda: panel.model.at(0).cells["epochs"] != first.cells["epochs"], timeout=5000
    )
    panel.hide()
    last = panel.model.live
    seen = len(session.curve)
    qtbot.waitUntil(lambda: len(session.curve) > seen + 50, timeout=5000)
    assert panel.model.live is last
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=5000)
    panel.show()
    settle(qtbot, panel)
    assert panel.model.live is None
    assert len(panel.model.kept) == 2


def test_a_click_on_a_head_sorts_and_what_is_not_known_comes_last(
    qtbot: QtBot, panel: Runs, store: RunStore
) -> None:
    for title, test in (("a", 0.5), ("b", None), ("c", 0.9)):
        store.add(kept_run(title, test_accuracy=test))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "c")
    heads = panel.table.horizontalHeader()
    place = PLACES["test"]
    at = QPoint(heads.sectionViewportPosition(place) + 20, 10)
    orders = []
    for _ in range(2):
        qtbot.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=at)
        orders.append("".join(row.title for row in panel.model.kept))
        assert [row.title for row in panel.table.chosen] == ["c"]
    assert sorted(orders) == ["acb", "cab"]


def test_title_and_note_are_edited_in_the_table(qtbot: QtBot, panel: Runs, store: RunStore) -> None:
    name = store.add(kept_run("Old"))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "Old")
    for column, words in ((TITLE, "Best so far"), (NOTE, "with more filters")):
        index = panel.model.index(0, column)
        panel.table.setCurrentIndex(index)
        qtbot.keyClick(panel.table, Qt.Key.Key_F2)
        editor = panel.table.findChild(QLineEdit)
        assert editor is not None
        editor.selectAll()
        qtbot.keyClicks(editor, words)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: panel.table.findChild(QLineEdit) is None)
    settle(qtbot, panel)
    facts = store.load(name).facts
    assert (facts.title, facts.note) == ("Best so far", "with more filters")
    assert panel.model.kept[0].title == "Best so far"


def test_a_half_written_note_stays_while_another_program_is_used(
    qtbot: QtBot, panel: Runs, store: RunStore
) -> None:
    store.add(kept_run("Old"))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "Old")
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.table.setCurrentIndex(panel.model.index(0, NOTE))
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    editor = panel.table.findChild(QLineEdit)
    qtbot.keyClicks(editor, "with mo")
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    assert panel.model.kept[0].facts.note == ""
    assert QApplication.focusWidget() is editor
    qtbot.keyClicks(editor, "re")
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    take_what_is_typed(panel)  # as when the window is closed from elsewhere
    qtbot.waitUntil(lambda: panel.model.kept[0].facts.note == "with more")
    settle(qtbot, panel)


def test_a_double_click_on_the_note_writes_it_and_elsewhere_opens_the_run(
    qtbot: QtBot, panel: Runs, store: RunStore
) -> None:
    """Regression: the run was opened in the place of what one worked at."""
    name = store.add(kept_run())
    panel.shelf.refresh()
    settle(qtbot, panel)
    table, asked = panel.table, []
    table.asked.connect(asked.append)
    table.scrollTo(panel.model.index(0, NOTE))
    place = table.visualRect(panel.model.index(0, NOTE)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    editor = table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "mine")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)
    settle(qtbot, panel)
    assert store.load(name).facts.note == "mine"
    assert not asked
    table.scrollTo(panel.model.index(0, TITLE))
    place = table.visualRect(panel.model.index(0, TITLE)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked == ["open"]


@pytest.mark.parametrize("column", [TITLE, NOTE], ids=["title", "note"])
def test_enter_that_ends_an_edit_opens_nothing(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, column: int
) -> None:
    """Regression: the run was opened in place of the document."""
    store.add(kept_run("Kept", WIDER))
    panel.shelf.refresh()
    settle(qtbot, panel)
    asked: list[str] = []
    panel.table.asked.connect(asked.append)
    choose(panel, "Kept")
    panel.table.edit_cell(column)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "Mine")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.table.findChild(QLineEdit) is None)
    settle(qtbot, panel)
    assert asked == []
    assert session.network == NETWORK
    facts = panel.model.kept[0].facts
    assert facts is not None
    assert "Mine" in (facts.title, facts.note)


def test_what_is_being_written_outlives_the_end_of_a_run(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    """Regression: a run that was kept reset the table, and what was typed was gone."""
    for title in ("a", "b"):
        store.add(kept_run(title))
    panel.shelf.refresh()
    settle(qtbot, panel)
    session.train()
    qtbot.waitUntil(lambda: panel.model.live is not None, timeout=5000)
    choose(panel, "b")
    panel.table.edit_cell(NOTE)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "half a ")
    qtbot.waitUntil(lambda: len(panel.model.kept) == 3 and panel.model.live is None, timeout=20_000)
    assert panel.table.findChild(QLineEdit) is editor
    assert [row.title for row in panel.table.chosen] == ["b"]
    line = panel.model.line_of(panel.table.chosen[0].name)
    qtbot.waitUntil(lambda: editor.y() == panel.table.rowViewportPosition(line))
    qtbot.keyClicks(editor, "note")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    settle(qtbot, panel)
    notes = {run.facts.title: run.facts.note for run in store.listing().runs}
    assert (notes["a"], notes["b"]) == ("", "half a note")


def test_deleting_is_taken_back_by_the_bar(qtbot: QtBot, panel: Runs, store: RunStore) -> None:
    for title in "abc":
        store.add(kept_run(title))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "a", "c")
    assert len(panel.table.chosen) == 2
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [row.title for row in panel.model.kept] == ["b"]
    assert panel.undo_bar.words.text() == "2 runs were deleted."
    settle(qtbot, panel)
    assert [run.facts.title for run in store.listing().runs] == ["b"]
    qtbot.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    assert {run.facts.title for run in store.listing().runs} == {"a", "b", "c"}
    assert {row.title for row in panel.model.kept} == {"a", "b", "c"}
    assert not panel.undo_bar.isVisible()


def test_the_delete_key_in_the_table_leaves_the_blocks_alone(
    qtbot: QtBot, window: MainWindow
) -> None:
    panel = window.panels.runs
    RunStore(paths.user_data() / "runs").add(kept_run("a"))
    window.panels.show_tab("runs")
    qtbot.waitUntil(lambda: len(panel.model.kept) == 1, timeout=5000)
    window.session.select((1,))
    before = window.session.network
    choose(panel, "a")
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert window.session.network is before
    assert panel.model.kept == ()
    settle(qtbot, panel)


def test_the_undo_key_brings_deleted_runs_back_and_not_a_step_of_the_network(
    qtbot: QtBot, window: MainWindow
) -> None:
    """Regression: it took back a step of the network, or said that there is nothing to undo."""
    panel, session = window.panels.runs, window.session
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for title in "ab":
        RunStore(paths.user_data() / "runs").add(kept_run(title))
    window.panels.show_tab("runs")
    qtbot.waitUntil(lambda: len(panel.model.kept) == 2, timeout=5000)
    session.select((1,))
    session.remove_selected()
    mine = session.network
    for title in "ab":
        choose(panel, title)
        qtbot.mouseClick(panel.buttons["delete"], Qt.MouseButton.LeftButton)
    assert panel.model.kept == ()
    for left in (("b",), ("a", "b")):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CTRL)
        assert tuple(sorted(row.title for row in panel.model.kept)) == left
        assert session.network is mine
    assert not panel.undo_bar.isVisible()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z, CTRL)
    assert session.network is not mine
    settle(qtbot, panel)


def test_a_damaged_run_is_told_once_and_the_others_are_shown(
    qtbot: QtBot, panel: Runs, store: RunStore, told: list[Notice], tmp_path: Path
) -> None:
    bad = store.add(kept_run("bad"))
    store.add(kept_run("good"))
    (tmp_path / "runs" / bad / "run.json").write_text("{")
    for _ in range(2):
        panel.shelf.refresh()
        settle(qtbot, panel)
    assert [row.title for row in panel.model.kept] == ["good"]
    assert len(told) == 1
    assert bad in told[0].sentence


def test_three_hundred_runs_do_not_hold_the_window_up(
    qtbot: QtBot,
    session: Session,
    themes: ThemeManager,
    store: RunStore,
    show: Show,
    tmp_path: Path,
) -> None:
    facts = kept_run().facts
    for number in range(300):
        folder = tmp_path / "runs" / f"20261120-100000-{number:06x}"
        folder.mkdir(parents=True)
        own = msgspec.structs.replace(facts, title=f"Run {number}")
        (folder / "run.json").write_bytes(schema.encode(own))
    panel = Runs(session, themes, store)
    panel.hide()
    panel.resize(912, 216)
    begin = time.perf_counter()
    show(panel)
    opened = time.perf_counter() - begin
    qtbot.waitUntil(lambda: len(panel.model.kept) == 300, timeout=10_000)
    begin = time.perf_counter()
    panel.model.show(panel.shelf.rows)
    filled = time.perf_counter() - begin
    begin = time.perf_counter()
    panel.grab()
    painted = time.perf_counter() - begin
    panel.stop()
    assert opened < 0.5  # nothing is read before it is seen
    assert filled < 0.1
    assert painted < 0.2


# ---- opening


def test_enter_opens_the_network_with_weights_and_recipe(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore
) -> None:
    kept = kept_run("Kept", WIDER)
    store.add(kept)
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "Kept")
    with qtbot.waitSignal(session.restarted, timeout=5000):
        qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert session.network == WIDER
    assert session.recipe == RECIPE
    assert session.title == "Kept"
    assert session.trained
    assert not session.modified
    assert session.model is not None
    assert kept.project.weights is not None
    for name, array in kept.project.weights.items():
        assert np.array_equal(session.model.weights[name], array)


def test_opening_asks_when_something_is_not_saved(
    qtbot: QtBot, window: MainWindow, answer: Callable[[Answer], list[str]]
) -> None:
    panel = window.panels.runs
    RunStore(paths.user_data() / "runs").add(kept_run("Kept", WIDER))
    window.panels.show_tab("runs")
    qtbot.waitUntil(lambda: len(panel.model.kept) == 1, timeout=5000)
    session = window.session
    session.select((1,))
    session.remove_selected()
    mine = session.network
    asked = answer(Answer.Cancel)
    choose(panel, "Kept")
    qtbot.mouseClick(panel.buttons["open"], Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    assert asked == ["Save the changes?"]
    assert session.network is mine
    answer(Answer.Discard)
    qtbot.mouseClick(panel.buttons["open"], Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    assert session.network == WIDER


# ---- comparing and making again


def test_two_runs_are_compared_and_a_flipped_image_becomes_the_probe(
    qtbot: QtBot, panel: Runs, session: Session
) -> None:
    train(qtbot, panel, session)
    assert session.model is not None
    first = evaluate(session.model, session.images("test"))
    session.restart(Project(WIDER, RECIPE.with_values(epochs=3)), None)
    train(qtbot, panel, session)
    second = evaluate(session.model, session.images("test"))
    labels = session.images("test").labels
    panel.table.selectAll()
    qtbot.mouseClick(panel.buttons["compare"], Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    view = panel.compare
    assert view.isVisible()
    lines = {line.what: (line.first, line.second) for line in view.differences.lines}
    assert lines["CONV 1: Filters"] == ("2", "4")
    assert lines["Epochs"] == ("2", "3")
    right = first.predictions == labels, second.predictions == labels
    expected = {
        "mended": np.flatnonzero(~right[0] & right[1]),
        "spoiled": np.flatnonzero(right[0] & ~right[1]),
    }
    for kind, wanted in expected.items():
        qtbot.mouseClick(view.kinds.buttons[kind], Qt.MouseButton.LeftButton)
        assert view.kinds.buttons[kind].text().endswith(f" {len(wanted):,}")
        assert len(view.grid) == len(wanted) > 0
        for place, index in enumerate(wanted):
            assert np.array_equal(view.grid.picture(place), session.images("test").pixels[index])
            words = f"{labels[index]}: {first.predictions[index]}→{second.predictions[index]}"
            assert view.grid.caption(place) == words
    middle = view.grid.place(0).center()
    qtbot.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert session.probe is not None
    assert (session.probe.index, session.probe.origin) == (int(wanted[0]), "test")
    rows = [row for row in view.plots["accuracy"].table() if str(row[6]).startswith("2 ")]
    assert [row[3] for row in rows if row[3] != ""] == [
        pytest.approx(100 * epoch.validation_accuracy) for epoch in session.epochs
    ]
    assert [row[1] for row in rows if row[1] != ""] == pytest.approx(100 * session.curve.accuracy)
    qtbot.mouseClick(view.whats.buttons["loss"], Qt.MouseButton.LeftButton)
    assert view.plots["loss"].isVisible()
    assert not view.plots["accuracy"].isVisible()
    for _ in range(100):
        qtbot.keyClick(view.plots["loss"], Qt.Key.Key_Plus)
    view.grab()
    assert np.ptp(view.plots["loss"].axes.epochs) == pytest.approx(LEAST_SPAN)
    qtbot.keyClick(view.grid, Qt.Key.Key_Escape)
    assert panel.table.isVisible()


def test_zooming_into_compared_curves_shows_more_of_them(
    qtbot: QtBot, session: Session, themes: ThemeManager, show: Show
) -> None:
    """Regression: the axis went down to the first batch, and no points were added."""
    epochs = np.linspace(0.002, 20, 10_000)
    right = 0.99 - 0.9 * np.exp(-epochs / 0.1)
    curve = np.column_stack([epochs, 1 - right, right])
    view = RunsCompare(session, themes)
    show(view)
    runs = (kept_run(), kept_run("Other"))
    view.show_runs(*(dataclasses.replace(run, curve=curve) for run in runs))
    plot = view.plots["accuracy"]
    plot.setFocus()
    for _ in range(4):
        qtbot.keyClick(plot, Qt.Key.Key_Plus)
    start, end = plot.axes.epochs
    assert end - start < 2
    low, high = plot.axes.heights
    scale = plot.shown.frame.scale
    assert scale.height_of(98.0) < low < scale.height_of(99.0) < high
    for line in (line for line in plot.shown.lines if line.steep):
        assert ((line.epochs > start) & (line.epochs < end)).sum() > 100


def test_compared_curves_keep_their_names_behind_the_last_measurement(
    session: Session, themes: ThemeManager, show: Show
) -> None:
    """Regression: they stood where the view no longer was."""
    epochs = np.linspace(0.01, 1.9, 200)
    curve = np.column_stack([epochs, 1 / (1 + epochs), epochs / 2])
    view = RunsCompare(session, themes)
    show(view)
    runs = (kept_run(), kept_run("Other"))
    view.show_runs(*(dataclasses.replace(run, curve=curve) for run in runs))
    plot = view.plots["loss"]

    def names() -> list[str]:
        return sorted(end.name for end in plot.shown.ends)

    assert names() == ["1", "2"]
    for part in ((0.5, 1.9), (1.4, 1.9)):  # the one measurement was at 1
        view._zoom(plot, part)
        assert names() == ["1", "2"], part


def test_curves_of_chosen_runs_are_laid_over_training(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.panels.runs
    for title in "ab":
        RunStore(paths.user_data() / "runs").add(kept_run(title))
    window.panels.show_tab("runs")
    qtbot.waitUntil(lambda: len(panel.model.kept) == 2, timeout=5000)
    panel.table.selectAll()
    qtbot.mouseClick(panel.buttons["curves"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.training_panel.isVisible(), timeout=5000)
    assert {run.name for run in window.training_panel.runs} == {"a", "b"}
    assert np.array_equal(window.training_panel.runs[0].curve, kept_run().curve)


def test_a_run_is_made_again_to_the_same_bits(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, told: list[Notice]
) -> None:
    train(qtbot, panel, session)
    (row,) = panel.model.kept
    session.restart(Project(WIDER), None)
    panel.table.choose([row.name])
    with qtbot.waitSignal(session.run_ended, timeout=20_000):
        qtbot.mouseClick(panel.buttons["reproduce"], Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    again = next(each for each in panel.model.kept if each.name != row.name)
    assert again.remark == "repeat"
    assert again.facts is not None
    assert again.facts.repeats == row.name
    assert session.network == NETWORK
    assert told[-1].sentence == "The curve is the same to the last bit over all 40 steps."
    assert again.facts.verdict == told[-1].sentence
    old, new = store.load(row.name), store.load(again.name)
    assert old.curve.tobytes() == new.curve.tobytes()


def test_another_curve_is_told_with_what_is_not_the_same(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, told: list[Notice]
) -> None:
    train(qtbot, panel, session)
    (row,) = panel.model.kept
    run = store.load(row.name)
    store.delete(row.name)
    run.curve[10, 1] += 1e-9
    other = msgspec.structs.replace(run.facts.environment, numpy="1.0")
    facts = msgspec.structs.replace(run.facts, environment=other)
    name = store.add(dataclasses.replace(run, facts=facts))
    panel.shelf.refresh()
    settle(qtbot, panel)
    panel.table.choose([name])
    with qtbot.waitSignal(session.run_ended, timeout=20_000):
        panel.reproduce()
    settle(qtbot, panel)
    assert "version of NumPy was 1.0" in told[0].sentence
    assert told[-1].severity == "warning"
    assert "part at step 11 of 40" in told[-1].sentence
    assert "version of NumPy was 1.0" in told[-1].sentence


def test_a_run_whose_pictures_have_gone_is_not_waited_for(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, told: list[Notice]
) -> None:
    store.add(kept_run("Gone"))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "Gone")
    session.restarted.connect(lambda: session.set_dataset(None, "There is no data set 'gone'."))
    panel.reproduce()
    qtbot.waitUntil(lambda: len(told) > 0)
    assert told[-1].sentence.endswith("cannot be made again. There is no data set 'gone'.")
    assert not panel.repeater.waits


def test_a_run_from_trained_weights_is_not_made_again(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, told: list[Notice]
) -> None:
    store.add(kept_run("Later", epochs_before=3))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "Later")
    panel.reproduce()
    settle(qtbot, panel)
    assert "3 epochs before it" in told[-1].sentence
    assert session.training == "idle"


# ---- words


def test_a_run_on_the_first_images_is_left_to_the_command_line(
    qtbot: QtBot, panel: Runs, session: Session, store: RunStore, told: list[Notice]
) -> None:
    name = store.add(kept_run("Part", limit=640))
    panel.shelf.refresh()
    settle(qtbot, panel)
    choose(panel, "Part")
    panel.reproduce()
    qtbot.waitUntil(lambda: len(told) > 0)
    assert "the first 640 images only" in told[-1].sentence
    assert told[-1].sentence.endswith(f"cnnstudio runs reproduce {name}")
    assert session.training == "idle"
    assert not panel.repeater.waits


def test_words_of_the_cells() -> None:
    assert [duration(s) for s in (0.44, 12, 185, 3729)] == ["0.4 s", "12 s", "3:05", "1:02:09"]
    recipe = Recipe(optimizer="momentum", learning_rate=0.1, l2=0.0001, label_smoothing=0.1)
    words = "SGD with momentum 0.1, batch 64, L2 0.0001, label smoothing 0.1"
    assert recipe_words(recipe) == words
    assert [loss_words(loss) for loss in (None, 1.2345, 0.05623, 0.0012345)] == [
        NOTHING,
        "1.23",
        "0.0562",
        "0.0012",
    ]
    assert [count_words(count) for count in (63_802, 999_999, 1_672_570)] == [
        "63,802",
        "999,999",
        "1.67 M",
    ]
    row = row_of(Listed("a", kept_run(epochs=22, epochs_before=4).facts))
    assert row.cells["epochs"] == "4 + 22", "what came before is before"
    assert row.tips["epochs"] == "It went on from weights that 4 epochs before it had made."
    assert not row_of(Listed("a", kept_run().facts)).tips["epochs"]
    later = row_of(Listed("a", kept_run(pretrained=True).facts))
    assert later.tips["epochs"] == "It went on from weights that had been trained before."


@pytest.mark.parametrize(
    ("ending", "recipe", "words"),
    [
        ("finished", {}, "Measured after epoch 7"),
        ("finished", {"patience": 3}, "Measured with the weights of the best epoch"),
        ("stopped", {}, "Measured with the weights at the stop, maybe inside an epoch"),
        ("stopped", {"patience": 3}, "Measured with the weights of the best epoch"),
        ("failed", {}, "Measured with the weights that were kept"),
    ],
)
def test_tips_say_which_weights_were_measured(
    ending: str, recipe: dict[str, int], words: str
) -> None:
    facts = kept_run(
        ending=ending,
        recipe=recipe,
        epochs=3,
        epochs_before=4,
        best_accuracy=0.8,
        validation_accuracy=0.8,
        test_accuracy=0.9,
    ).facts
    tips = row_of(Listed("a", facts)).tips
    assert (tips["validation"], tips["test"]) == ("Measured after epoch 7", words)
    worse = msgspec.structs.replace(facts, validation_accuracy=0.75, test_accuracy=None)
    tips = row_of(Listed("a", worse)).tips
    assert tips["validation"] == "The best of all epochs; 75.00 % after epoch 7"
    assert not tips["test"]


@pytest.mark.parametrize(
    ("window_width", "last"), [(1240, "ending"), (1280, "note"), (1440, "note")]
)
def test_no_column_is_cut_at_the_edge(
    qtbot: QtBot, window: MainWindow, window_width: int, last: str
) -> None:
    """Regression: at 1280 pixels half of Time was in sight, and then Ended and Note were not."""
    for title in "abcdefgh":
        RunStore(paths.user_data() / "runs").add(kept_run(title))
    window.resize(window_width, 720)
    window.panels.show_tab("runs")
    table = window.panels.runs.table
    qtbot.waitUntil(lambda: len(window.panels.runs.model.kept) == 8, timeout=5000)
    qtbot.waitUntil(table.verticalScrollBar().isVisible)
    edge, place = table.viewport().width(), PLACES[last]
    assert table.columnViewportPosition(place) + table.columnWidth(place) == edge
    assert all(table.columnWidth(i) >= column.least for i, column in enumerate(COLUMNS))
    heads = QFontMetricsF(font(11, 500))
    assert all(heads.horizontalAdvance(c.title) + 2 * EDGE <= c.least for c in COLUMNS)
    if last == "note":
        assert not table.horizontalScrollBar().isVisible()
        assert table.viewport().height() >= 4 * ROW, "four runs are whole"
    table.setColumnWidth(0, 300)
    window.resize(window_width + 40, 720)
    assert table.columnWidth(0) == 300, "what somebody set stays"


@pytest.mark.parametrize("room", [0, 60, 500, 708, 868, 1178, 3000])
def test_columns_take_the_room_there_is(room: int) -> None:
    widths = fitted(room)
    assert len(widths) == len(COLUMNS)
    for width, column in zip(widths[1:], COLUMNS[1:], strict=True):
        assert column.least <= width <= column.width
    whole = [end for end in accumulate(widths) if end <= room]
    assert not whole or whole[-1] == room or len(whole) == len(COLUMNS)


def test_names_that_people_gave_are_written_as_they_are(store: RunStore) -> None:
    store.add(kept_run("28x28 - a", note="28x28 - b"))
    (row,) = read_rows(store).rows
    letters = QFontMetricsF(font(12))
    assert fitting(row, "note", letters, 400) == "28x28 - b"
    one, two = (
        dataclasses.replace(run, project=dataclasses.replace(run.project, data=data))
        for run, data in ((kept_run(), "28x28 - a"), (kept_run(network=WIDER), "mnist"))
    )
    lines = {line.what: (line.first, line.second) for line in lines_of(compare(one, two))}
    assert lines["Data"] == ("28x28 - a", "mnist")


def test_a_cell_without_room_has_fewer_words() -> None:
    recipe = dict(Recipe(optimizer="nesterov", learning_rate=0.05, batch_size=32).values())
    kept = kept_run(
        begun="2019-11-20T10:00:00",
        ending="stopped early",
        recipe=recipe,
        parameters=105_866,
        epochs_before=12,
    )
    row = row_of(Listed("a", kept.facts))
    letters = QFontMetricsF(font(12, tabular=True))

    def told(name: str, room: float) -> str:
        return fitting(row, name, letters, room)

    assert told("recipe", 300) == "SGD with Nesterov momentum 0.05, batch 32"
    assert told("recipe", 160) == "Nesterov 0.05, batch 32"
    assert told("recipe", 100) == "Nesterov 0.05"
    assert told("recipe", COLUMNS[PLACES["recipe"]].least - 2 * EDGE) == "Nest. 0.05"
    assert told("recipe", 40).endswith("…")
    assert [told("ending", 90), told("ending", 48)] == ["stopped early", "early"]
    assert [told("parameters", 60), told("parameters", 43)] == ["105,866", "106 k"]
    assert [told("epochs", 60), told("epochs", 36)] == ["12 + 1", "12+1"]
    assert [told("begun", 120), told("begun", 52)] == ["20 Nov 2019 10:00", "11/2019"]


def test_times_in_few_letters() -> None:
    now = datetime.now().astimezone()
    assert when(now.isoformat()) == f"today {now:%H:%M}"
    assert shortly(now.isoformat()) == f"{now:%H:%M}"
    assert shortly("2019-03-07T10:00:00") == "3/2019"
    assert when("2019-03-07T10:00:00") == "7 Mar 2019 10:00"
    assert shortly("damaged") == when("damaged") == "damaged"


def test_rows_with_equal_values_stay_in_order(store: RunStore) -> None:
    for title in "ab":
        store.add(kept_run(title))
    rows = read_rows(store).rows
    assert [row.name for row in ordered(rows, "loss", falling=False)] == [row.name for row in rows]
