"""Autosave and what a crash leaves behind: with real processes that are killed."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Dropout
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, templates
from cnnstudio.network.project_file import Project, load, save
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import autosave, recovery_files
from cnnstudio.ui.document.process_lock import new_name, process_of
from cnnstudio.ui.document.recovery_files import Slot, orphans, recovery_folder
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.document.snapshot import Snapshot
from cnnstudio.ui.main_window import MainWindow
from tests.ui.turn import turn

Answer = QMessageBox.StandardButton

WRITER = """
import sys
from PySide6.QtCore import QTimer
from cnnstudio.blocks import Dropout
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import autosave

autosave.IDLE = 0.05
app, window = ui.create(["cnnstudio", *sys.argv[2:]])
window.show()
session = window.session
def edit():
    session.remove((1,))
    session.insert(1, Dropout(0.25))
    session.set_recipe(session.recipe.with_values(epochs=7))
def train():
    window.finish_loading()
    session.set_recipe(session.recipe.with_values(epochs=1, batch_size=256))
    session.train()
QTimer.singleShot(0, train if sys.argv[1] == "train" else edit)
window.autosave.saved.connect(lambda moment: print("written", moment, flush=True))
app.exec()
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Autosave without waiting."""
    monkeypatch.setattr(autosave, "IDLE", 0.01)
    monkeypatch.setattr(autosave, "RESTS_PER_WRITING", 0)


@pytest.fixture
def writer() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A function that starts a window in a process of its own, which edits and goes on."""
    started = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("written 2")
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def copies() -> list[Path]:
    return sorted(recovery_folder().glob("*.cnn"))


def left_behind(tmp_path: Path, title: str = "lost", network: Network | None = None) -> Path:
    """A copy as a dead process leaves it."""
    file = recovery_folder() / f"999999999-{title}.cnn"
    save(Project(network or templates.load("tiny").network, name=title), file)
    file.with_suffix(".json").write_text(f'{{"title": "{title}"}}')
    file.with_suffix(".lock").touch()
    return file


# ---- the copy


@pytest.mark.usefixtures("quick")
def test_an_edit_is_copied_and_a_save_removes_the_copy(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    bar = window.statusBar()
    with qtbot.waitSignal(window.autosave.saved):
        window.session.remove((1,))
    (copy,) = copies()
    assert load(copy).network == window.session.network
    assert f"Autosaved {time.strftime('%H:')}" in bar.saved_words
    assert window.isWindowModified()
    with qtbot.waitSignal(window.autosave.saved):
        window.session.set_recipe(window.session.recipe.with_values(epochs=9))
    assert load(copy).recipe.epochs == 9
    assert window.documents.save_to(tmp_path / "mine.cnn")
    assert copies() == []
    assert bar.saved_words == "Saved as mine.cnn"


@pytest.mark.usefixtures("quick")
def test_another_name_is_copied_too(window: MainWindow, qtbot: QtBot) -> None:
    """Regression: a copy with the same network was taken for the same."""
    with qtbot.waitSignal(window.autosave.saved):
        window.session.remove((1,))
    with qtbot.waitSignal(window.autosave.saved):
        window.session.rename("Mine")
    (copy,) = copies()
    assert load(copy).name == "Mine"
    assert json.loads(copy.with_suffix(".json").read_text())["title"] == "Mine"


@pytest.mark.usefixtures("quick")
def test_undoing_everything_removes_the_copy(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.autosave.saved):
        window.session.remove((1,))
    window.session.undo()
    assert copies() == []
    assert window.statusBar().saved_words == ""


@pytest.mark.usefixtures("quick")
def test_a_save_during_the_writing_leaves_no_copy(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Slot.write
    monkeypatch.setattr(Slot, "write", lambda *args: (time.sleep(0.2), write(*args))[1])
    window.session.remove((1,))
    qtbot.waitUntil(lambda: window.autosave.is_writing)
    assert window.documents.save_to(tmp_path / "mine.cnn")
    qtbot.waitUntil(lambda: not window.autosave.is_writing)
    assert copies() == []


@pytest.mark.usefixtures("quick")
def test_edits_that_go_on_are_copied_all_the_same(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(autosave, "IDLE", 0.4)
    monkeypatch.setattr(autosave, "LONGEST", 0.6)
    keeper = autosave.Autosave(session, session)
    written = []
    keeper.saved.connect(written.append)
    end = time.monotonic() + 20
    while not written and time.monotonic() < end:
        session.insert(1, Dropout())
        qtbot.wait(100)
    assert written
    keeper.close()


@pytest.mark.usefixtures("quick")
def test_training_is_copied_with_weights_and_history(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    window.documents.new("tiny")
    session.set_recipe(session.recipe.with_values(epochs=3, batch_size=256))
    session.train()

    def has_learned() -> bool:
        return any(load(copy).history for copy in copies())

    qtbot.waitUntil(has_learned, timeout=60_000)
    (copy,) = copies()
    kept = load(copy)
    assert kept.weights is not None
    assert len(kept.history) >= 1
    fresh = Model(session.network, seed=session.recipe.seed).weights
    assert any(not np.array_equal(kept.weights[name], fresh[name]) for name in fresh)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


@pytest.mark.usefixtures("quick")
def test_a_folder_that_cannot_be_written_is_told_once_and_nothing_else_suffers(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    window.session.noticed.connect(told.append)
    monkeypatch.setattr(autosave, "AFTER_FAILURE", 0.0)
    folder = recovery_folder()
    folder.rmdir()
    folder.write_text("in the way")
    window.session.remove((1,))
    qtbot.waitUntil(lambda: bool(told))
    window.session.remove((1,))
    qtbot.wait(300)
    assert len(told) == 1
    assert "Autosave does not work, so save often." in told[0].sentence
    assert window.statusBar().saved_words == "Not saved"
    folder.unlink()
    qtbot.waitUntil(lambda: "Autosaved" in window.statusBar().saved_words, timeout=10_000)


def test_weights_that_are_no_numbers_leave_the_last_good_copy(session: Session) -> None:
    slot = Slot()
    assert slot.write(session.snapshot())
    broken = Model(session.network)
    broken.vector[3] = np.nan
    session.restart(Project(session.network, weights=dict(broken.weights)), None)
    assert not slot.write(session.snapshot())
    assert load(copies()[0]).weights is None
    slot.release()
    assert list(recovery_folder().iterdir()) == []


@pytest.mark.usefixtures("quick")
def test_closing_with_discard_leaves_nothing(
    window: MainWindow, qtbot: QtBot, answer: Callable[[Answer], list[str]]
) -> None:
    with qtbot.waitSignal(window.autosave.saved):
        window.session.remove((1,))
    answer(Answer.Cancel)
    assert not window.close()
    assert len(copies()) == 1
    answer(Answer.Discard)
    assert window.close()
    assert list(recovery_folder().iterdir()) == []


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Writing begins and does not end before the event, which a test's end sets."""
    go, write = threading.Event(), Slot.write

    def wait(slot: Slot, snapshot: Snapshot) -> bool:
        go.wait(20)
        return write(slot, snapshot)

    monkeypatch.setattr(Slot, "write", wait)
    monkeypatch.setattr(autosave, "CLOSE_TIMEOUT", 0.05)
    yield go
    go.set()


@pytest.mark.usefixtures("quick")
def test_closing_does_not_wait_for_ever_for_a_slow_disk(
    session: Session, qtbot: QtBot, slow_disk: threading.Event
) -> None:
    keeper = autosave.Autosave(session, session)
    session.remove((1,))
    qtbot.waitUntil(lambda: keeper.is_writing)
    job = keeper._job
    assert job is not None
    keeper.close()
    assert not job.done
    assert not keeper.is_writing
    slow_disk.set()
    job.join(20)
    assert load(copies()[0]).network == session.network  # left for the next start to offer
    keeper._slot.release()


@pytest.mark.usefixtures("quick")
def test_a_copy_is_not_taken_over_while_another_is_written(
    session: Session, qtbot: QtBot, tmp_path: Path, slow_disk: threading.Event
) -> None:
    keeper = autosave.Autosave(session, session)
    file = left_behind(tmp_path, "other")
    (orphan,) = orphans()
    session.remove((1,))
    qtbot.waitUntil(lambda: keeper.is_writing)
    with pytest.raises(TimeoutError, match="still being written"):
        keeper.adopt(orphan)
    assert file.exists()
    slow_disk.set()
    with qtbot.waitSignal(keeper.saved):
        pass
    keeper.close()


# ---- after a crash


def test_what_a_killed_window_held_is_offered_and_recovered_exactly(
    writer: Callable[..., subprocess.Popen[str]], qtbot: QtBot, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.cnn"
    save(dataclasses.replace(templates.load("lenet5"), name="mine"), mine)
    process = writer("edit", mine)
    assert orphans() == ()  # it lives
    process.kill()
    process.wait()
    _, window = ui.create(["cnnstudio"])
    window.themes.choose("light")
    with qtbot.waitExposed(window):
        window.show()
    window.finish_loading()
    (row,) = window.recovery.rows
    assert window.recovery.isVisible()
    assert "“mine” from" in row.go.accessibleName()
    QTest.mouseClick(row.go, Qt.MouseButton.LeftButton)
    lenet = templates.load("lenet5")
    expected = lenet.network.remove(1).insert(1, Dropout(0.25))
    assert window.session.network == expected
    assert window.session.recipe == lenet.recipe.with_values(epochs=7)
    assert window.session.path == mine
    assert window.isWindowModified()
    assert not window.recovery.isVisible()
    (copy,) = copies()
    assert process_of(copy.name) == process_of(new_name())
    assert load(mine).network == lenet.network  # the person's own file is untouched
    assert window.documents.save()
    assert copies() == []
    assert load(mine).network == expected
    assert window.close()
    window.deleteLater()


def test_what_was_learned_before_a_kill_comes_back(
    writer: Callable[..., subprocess.Popen[str]], qtbot: QtBot, window: MainWindow
) -> None:
    process = writer("train", "tiny")
    process.stdout.readline()  # the first was the recipe, the next has an epoch
    process.kill()
    process.wait()
    window.recovery.look()
    (row,) = window.recovery.rows
    kept = load(row.left.copies[0].file)
    row.go.click()
    session = window.session
    assert session.trained
    assert len(session.epochs) == len(kept.history)
    assert kept.weights is not None
    for name, array in kept.weights.items():
        assert np.array_equal(session.model.weights[name], array), name
    assert session.modified


def test_several_are_offered_newest_first_and_one_is_discarded_after_a_question(
    window: MainWindow, tmp_path: Path, answer: Callable[[Answer], list[str]]
) -> None:
    titles = ("one", "two", "three", "four", "five", "six", "seven")
    for number, title in enumerate(titles):
        file = left_behind(tmp_path, title)
        os.utime(file, (1_000_000_000 + number, 1_000_000_000 + number))
    window.recovery.look()
    bar = window.recovery
    assert [row.left.title for row in bar.rows] == ["seven"]
    assert bar.more.text() == "6 more"
    QTest.mouseClick(bar.more, Qt.MouseButton.LeftButton)
    assert [row.left.title for row in bar.rows] == ["seven", "six", "five", "four", "three"]
    assert bar._beyond.text() == "and 2 more when these are dealt with"
    answer(Answer.Cancel)
    bar.rows[1].discard.click()
    assert len(bar.left) == 7
    asked = answer(Answer.Discard)
    bar.rows[1].discard.click()
    assert asked == ["Discard the unsaved work?"]
    assert [row.left.title for row in bar.rows] == ["seven", "five", "four", "three", "two"]
    assert "999999999-six" not in {path.stem for path in copies()}
    assert len(copies()) == 6
    QTest.mouseClick(bar.more, Qt.MouseButton.LeftButton)
    assert [row.left.title for row in bar.rows] == ["seven"]


@pytest.mark.parametrize("is_open", [False, True], ids=["one row", "all rows"])
def test_the_buttons_of_the_bar_stand_in_one_line(
    window: MainWindow, tmp_path: Path, *, is_open: bool
) -> None:
    """Regression: at the first look those at the right stood higher than those of the row."""
    for title in ("one", "two", "three"):
        left_behind(tmp_path, title)
    bar = window.recovery
    bar.look()
    bar.more.setChecked(is_open)
    turn()
    first = bar.rows[0]
    buttons = (first.go, first.discard, bar.more, bar.close_button)
    middles = [button.mapTo(bar, button.rect().center()).y() for button in buttons]
    assert max(middles) - min(middles) <= 1, middles
    assert first.go.height() == bar.more.height()


def test_not_now_keeps_the_offer_for_the_next_start(window: MainWindow, tmp_path: Path) -> None:
    file = left_behind(tmp_path)
    window.recovery.look()
    assert window.recovery.isVisible()
    window.recovery.close_button.click()
    assert not window.recovery.isVisible()
    assert file.exists()
    window.recovery.look()
    assert [left.copies[0].file for left in window.recovery.left] == [file]


def test_recovering_asks_about_what_is_open(
    window: MainWindow, tmp_path: Path, answer: Callable[[Answer], list[str]]
) -> None:
    file = left_behind(tmp_path)
    window.recovery.look()
    window.session.remove((1,))
    asked = answer(Answer.Cancel)
    window.recovery.rows[0].go.click()
    assert asked == ["Save the changes?"]
    assert file.exists()
    assert len(window.recovery.left) == 1


def test_a_damaged_copy_is_told_and_stays(window: MainWindow, tmp_path: Path) -> None:
    file = left_behind(tmp_path)
    file.write_bytes(file.read_bytes()[:200])
    window.recovery.look()
    window.recovery.rows[0].go.click()
    notice = window.messages.notice
    assert "“lost” cannot be recovered." in notice.sentence
    assert str(file) in notice.details
    assert file.exists()
    assert len(window.recovery.left) == 1


def test_one_that_another_window_took_meanwhile_is_told(window: MainWindow, tmp_path: Path) -> None:
    file = left_behind(tmp_path)
    window.recovery.look()
    window.recovery.left[0].discard()
    assert not file.exists()
    window.recovery.rows[0].go.click()
    assert "cannot be recovered" in window.messages.notice.sentence
    assert window.recovery.left == ()


def test_a_file_saved_since_the_crash_is_not_saved_over(window: MainWindow, tmp_path: Path) -> None:
    mine = tmp_path / "mine.cnn"
    file = left_behind(tmp_path)
    file.with_suffix(".json").write_text(f'{{"title": "mine", "path": "{mine}"}}')
    save(templates.load("lenet5"), mine)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    window.recovery.look()
    window.recovery.rows[0].go.click()
    assert window.session.path is None
    assert window.session.network == templates.load("tiny").network


def test_a_lost_note_of_the_origin_costs_only_the_name(tmp_path: Path) -> None:
    file = left_behind(tmp_path)
    for damage in (b"", b"{", b'{"title": 5}', b"\xff"):
        file.with_suffix(".json").write_bytes(damage)
        (orphan,) = orphans()
        assert (orphan.title, orphan.origin) == ("Untitled network", None)
    file.with_suffix(".json").unlink()
    file.with_suffix(".lock").unlink()
    assert len(orphans()) == 1


def test_a_window_that_only_looks_does_not_keep_the_lock_from_its_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter((False, False))
    real = recovery_files.try_lock
    monkeypatch.setattr(recovery_files, "try_lock", lambda file: next(answers, None) is None)
    slot = Slot()
    slot._take()
    assert next(answers, None) is None, "it was asked again until the other one was done"
    monkeypatch.setattr(recovery_files, "try_lock", real)
    slot.release()


def test_a_dead_process_of_the_same_number_deceives_nobody(tmp_path: Path) -> None:
    """Regression: what such a one had left was taken for this one's own; containers repeat them."""
    file = left_behind(tmp_path)
    for name in (f"{os.getpid()}-0123", f"{os.getpid()}_01234567-0123"):
        for suffix in (".cnn", ".json", ".lock"):
            copy = recovery_folder() / f"{name}{suffix}"
            copy.write_bytes(file.with_suffix(suffix).read_bytes())
    assert len(orphans()) == 3


def test_a_copy_that_cannot_be_taken_over_keeps_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = left_behind(tmp_path)
    (orphan,) = orphans()
    real = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if path == file:
            raise PermissionError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    slot = Slot()
    with pytest.raises(PermissionError):
        slot.adopt(orphan)
    slot.release()
    assert [each.title for each in orphans()] == ["lost"]


def test_locks_without_copies_are_swept_when_they_are_old(tmp_path: Path) -> None:
    young, old = (recovery_folder() / f"999999999-{name}.lock" for name in ("young", "old"))
    young.touch()
    old.touch()
    os.utime(old, (1_000_000_000, 1_000_000_000))
    assert orphans() == ()
    assert (young.exists(), old.exists()) == (True, False)


def test_autosave_never_holds_the_window_up(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs in the window's thread, with 1.6 million trained weights."""
    project = templates.load("nielsen")
    weights = dict(Model(project.network).weights)
    window.session.restart(Project(project.network, weights=weights), None, saved=False)
    keeper = window.autosave
    keeper._due.stop()
    begin = time.perf_counter()
    keeper._write()
    spent = time.perf_counter() - begin
    qtbot.waitUntil(lambda: len(copies()) == 1 and not keeper.is_writing, timeout=20_000)
    assert spent < 0.016
    assert load(copies()[0]).weights.keys() == weights.keys()
    QApplication.processEvents()
