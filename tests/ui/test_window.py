"""The whole window, offscreen: from an empty network to an exported model, and its manners."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QUrl, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio import cli
from cnnstudio.blocks import Block, FullyConnected
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network.project_file import load
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import mime
from cnnstudio.ui.frame.dock import TABBED_HEIGHT, TITLE_HEIGHT
from cnnstudio.ui.main_window import MainWindow
from tests.ui.turn import turn

Answer = QMessageBox.StandardButton


def tile(label: str) -> Block:
    return next(t.block for group in PALETTE for t in group.tiles if t.label == label)


def set_number(window: MainWindow, name: str, value: int) -> None:
    """Type into the inspector as a person does."""
    turn()
    editor = window.inspector.findChild(QWidget, f"setting_{name}")
    field = editor if isinstance(editor, QLineEdit) else editor.findChild(QLineEdit)
    field.setFocus()
    field.selectAll()
    for letter in str(value):
        QTest.keyClick(QApplication.focusWidget(), letter)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)


def choose(window: MainWindow, name: str, word: str) -> None:
    turn()
    editor = window.inspector.findChild(QWidget, f"setting_{name}")
    box = editor if isinstance(editor, QComboBox) else editor.findChild(QComboBox)
    box.setFocus()
    QTest.keyClicks(box, word)


def test_from_nothing_to_an_exported_model(
    window: MainWindow, qtbot: QtBot, drop: Callable[..., None], tmp_path: Path
) -> None:
    session, canvas = window.session, window.canvas
    window.documents.new_empty()
    assert len(session.network) == 1
    session.select((0,))
    set_number(window, "pad", 2)
    for label, settings in (
        ("Conv 2D", {"filters": 6, "kernel": 5, "padding": 0}),
        ("Max pool", {}),
        ("Conv 2D", {"filters": 16, "kernel": 5, "padding": 0}),
        ("Max pool", {}),
        ("Fully connected", {"units": 120}),
        ("Fully connected", {"units": 100}),
        ("Fully connected", {"units": 10}),
    ):
        place = len(session.network)
        drop(canvas.viewport(), mime.encode_block(tile(label)), canvas.insertion_point(place))
        assert session.selection == (place,)
        for name, value in settings.items():
            set_number(window, name, value)
    choose(window, "activation", "None")
    assert session.report.ok
    assert (session.report.parameters, session.report.multiply_adds) == (63_802, 418_600)
    assert not session.report.problems

    before = [maps.copy() for maps in session.activations]
    window.actions_by_name["train"].trigger()
    qtbot.waitUntil(lambda: len(session.curve) > 40, timeout=30_000)
    window.actions_by_name["stop"].trigger()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=10_000)
    assert session.curve.loss[-10:].mean() < session.curve.loss[:10].mean()
    assert not np.array_equal(before[1], session.activations[1])

    path = tmp_path / "mine.cnn"
    assert window.documents.save_to(path)
    assert not window.isWindowModified()
    assert load(path).preview is not None
    weights = session.model.vector.copy()
    window.documents.open(path)
    assert np.array_equal(weights, session.model.vector)
    assert "mine" in window.windowTitle()

    target = tmp_path / "mine.onnx"
    window.documents.export_to(target)
    window.documents.finish_export()
    assert "agrees with the engine on 32 real pictures" in window.messages.notice.sentence
    assert target.stat().st_size > 4 * 63_802


def test_window_and_command_line_give_the_same_numbers(
    window: MainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    session = window.session
    window.documents.new("tiny")
    session.set_recipe(session.recipe.with_values(epochs=1, seed=3, batch_size=256))
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=60_000)
    capsys.readouterr()
    assert (
        cli.main(["train", "tiny", "--epochs", "1", "--seed", "3", "--batch-size", "256", "--json"])
        == cli.DONE
    )
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    (epoch,) = session.epochs
    for name in ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy"):
        assert first[name] == getattr(epoch, name), name
    assert last["parameters"] == session.report.parameters


def test_first_launch_shows_the_lectures_network_ready_to_train(window: MainWindow) -> None:
    assert window.session.report.parameters == 63_802
    assert window.session.train_refusal is None
    assert window.actions_by_name["train"].isEnabled()
    assert window.session.probe.label == 7
    assert not window.session.modified
    assert len(window.session.activations) == 8


def test_no_part_is_a_window_for_a_moment(shown_windows: list[str], window: MainWindow) -> None:
    assert shown_windows == ["MainWindow"]
    assert window.isVisible()


def test_a_number_of_several_digits_is_typed_into_one_field(window: MainWindow) -> None:
    """Regression: the form was hidden and shown at each digit, and the field lost the keyboard."""
    window.session.select((5,))
    set_number(window, "units", 345)
    assert window.session.network.blocks[5] == FullyConnected(345, activation="relu")
    window.session.undo()
    assert window.session.network.blocks[5].units == 120


def test_undo_and_redo_say_what_they_do(window: MainWindow) -> None:
    window.session.select((1,))
    window.actions_by_name["delete"].trigger()
    assert window.actions_by_name["undo"].text() == "Undo delete CONV 1"
    window.actions_by_name["undo"].trigger()
    assert window.actions_by_name["redo"].text() == "Redo delete CONV 1"
    assert window.session.report.parameters == 63_802


def test_copy_cut_paste_and_duplicate(window: MainWindow) -> None:
    session = window.session
    conv, pool = session.network.blocks[1:3]
    session.select((1, 2))
    window.actions_by_name["copy"].trigger()
    session.select((4,))
    window.actions_by_name["paste"].trigger()
    assert session.network.blocks[5:7] == (conv, pool)
    assert session.selection == (5, 6)
    window.actions_by_name["cut"].trigger()
    assert len(session.network) == 8
    window.actions_by_name["paste"].trigger()
    window.actions_by_name["duplicate"].trigger()
    assert len(session.network) == 12
    QApplication.clipboard().setText("no blocks at all")
    window.actions_by_name["paste"].trigger()
    assert "no block" in window.messages.notice.sentence
    assert len(session.network) == 12


def test_train_is_off_with_the_reason_while_a_block_does_not_fit(window: MainWindow) -> None:
    session = window.session
    block = session.network.blocks[3].with_values(stride=2)
    session.replace(3, block, "Change")
    train = window.actions_by_name["train"]
    assert not train.isEnabled()
    assert "(14 − 5) / 2 + 1 = 5.50" in train.toolTip()
    tab = window.tabs.indexOf(window.problems)
    assert window.tabs.tabText(tab) == "Problems (1)"
    session.undo()
    assert train.isEnabled()


@pytest.mark.parametrize(
    ("button", "closed"), [(Answer.Cancel, False), (Answer.Discard, True), (Answer.Save, True)]
)
def test_closing_asks_about_unsaved_work(
    window: MainWindow,
    answer: Callable[[Answer], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    button: Answer,
    closed: bool,
) -> None:
    path = tmp_path / "kept.cnn"
    assert window.documents.save_to(path)
    asked = answer(button)
    window.session.remove((1,))
    assert window.isWindowModified()
    assert window.close() is closed
    assert asked == ["Save the changes?"]
    assert (load(path).network == window.session.network) is (button is Answer.Save)
    window.show()


def test_closing_while_it_trains_asks_and_stops_the_thread(
    window: MainWindow, answer: Callable[[Answer], list[str]], qtbot: QtBot
) -> None:
    session = window.session
    session.train()
    qtbot.waitUntil(lambda: len(session.curve) > 2, timeout=10_000)
    answer(Answer.No)
    assert not window.close()
    assert session.training == "running"
    asked = answer(Answer.Yes)
    window.close()
    assert asked[0] == "Stop the training?"
    assert session.training == "idle"


def test_a_broken_file_is_told_and_what_is_open_stays(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "broken.cnn"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    window.documents.open(path)
    assert "broken.cnn" in window.messages.notice.sentence
    assert window.messages.isVisible()
    assert window.session.report.parameters == 63_802


def test_an_unwritable_target_is_told_and_nothing_is_lost(
    window: MainWindow, tmp_path: Path
) -> None:
    window.session.remove((1,))
    folder = tmp_path / "folder.cnn"
    folder.mkdir()
    assert not window.documents.save_to(folder)
    assert "folder.cnn" in window.messages.notice.sentence
    assert window.session.modified


def test_a_project_dropped_on_the_canvas_is_opened(
    window: MainWindow, drop: Callable[..., None], tmp_path: Path
) -> None:
    path = tmp_path / "dropped.cnn"
    window.documents.new("tiny")
    assert window.documents.save_to(path)
    window.documents.new("lecture")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop(window.canvas.viewport(), data, window.canvas.rect().center())
    assert window.session.path == path


def test_the_theme_changes_while_the_window_is_open(window: MainWindow) -> None:
    light = window.grab().toImage().pixelColor(5, 300)
    window.findChild(QObject, "action_theme_dark").trigger()
    dark = window.grab().toImage().pixelColor(5, 300)
    assert light.lightness() > 200
    assert dark.lightness() < 60


def test_reset_layout_brings_every_panel_back(window: MainWindow) -> None:
    for dock in window.docks:
        dock.close()
    window.docks[0].setFloating(True)
    window.actions_by_name["reset_layout"].trigger()
    assert all(dock.isVisible() and not dock.isFloating() for dock in window.docks)


def test_reset_layout_leaves_the_title_of_a_tab_to_the_tab(
    window: MainWindow, qtbot: QtBot
) -> None:
    def title_heights() -> dict[str, int]:
        return {n: dock.titleBarWidget().height() for n, dock in window.panels.docks.items()}

    qtbot.waitUntil(lambda: title_heights()["draw"] == TABBED_HEIGHT)
    home = title_heights()
    window.panels.docks["inspector"].setFloating(True)
    window.actions_by_name["panel_blocks"].trigger()
    window.actions_by_name["panel_blocks"].trigger()
    for _ in range(2):
        window.actions_by_name["reset_layout"].trigger()
        turn()
        qtbot.waitUntil(lambda: title_heights() == home)


def test_a_panel_taken_from_behind_a_tab_gets_its_title(window: MainWindow, qtbot: QtBot) -> None:
    draw, outline = (window.panels.docks[name].titleBarWidget() for name in ("draw", "outline"))
    qtbot.waitUntil(lambda: draw.height() == outline.height() == TABBED_HEIGHT)
    window.panels.docks["draw"].setFloating(True)
    qtbot.waitUntil(lambda: draw.height() == outline.height() == TITLE_HEIGHT)


def test_starting_with_a_file_that_is_broken_opens_the_window_and_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "none.cnn"
    _, window = ui.create(["cnnstudio", str(path)])
    with qtbot.waitSignal(window.session.noticed) as told:
        window.show()
    assert "none.cnn" in told.args[0].sentence
    window.finish_loading()
    assert window.close()
    window.deleteLater()


def test_without_a_display_one_sentence_names_the_headless_command() -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {k: v for k, v in os.environ.items() if k not in hidden}
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux runs without a display")
    done = subprocess.run(
        [sys.executable, "-m", "cnnstudio"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "cnnstudio train lecture" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_nobody_foresaw_is_told_with_its_details(
    window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        ui.tell_failure(window.session, type(error), error, error.__traceback__)
    assert "your network is unharmed" in window.messages.notice.sentence
    assert "ZeroDivisionError: by nothing" in window.messages.notice.details
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert window.session.report.parameters == 63_802


class Emitter(QObject):
    fired = Signal()


def test_this_pyside_keeps_pythons_constants_alive(window: MainWindow) -> None:
    """Canary: PySide6 6.12.0 on Python 3.11 drops references of True and None (PITFALLS)."""
    emitter = Emitter()
    before = sys.getrefcount(True), sys.getrefcount(None)
    for _ in range(2000):
        emitter.fired.emit()
    for _ in range(200):
        window.canvas.viewport().repaint()
    after = sys.getrefcount(True), sys.getrefcount(None)
    assert all(a >= b - 50 for a, b in zip(after, before, strict=True))


def test_window_that_is_gone_leaves_nothing_in_memory(qapp: QApplication) -> None:
    """Not even one that was painted a moment ago: what still waits must not hold it."""
    _, window = ui.create(["cnnstudio"])
    window.finish_loading()
    window.grab()
    left = weakref.ref(window.session)
    assert window.session.shut_down()
    window.close()
    window.deleteLater()
    del window
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert left() is None
