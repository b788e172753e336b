"""The command list: filters as one types, runs, refuses with a reason, gives the keyboard back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import MaxPool2D
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.menu.command import Command
from cnnstudio.ui.menu.command_list import MOST_RECENT, CommandList
from cnnstudio.ui.menu.command_rows import ranked, runs
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.observation import Alarm

Key = Qt.Key
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


class Stage(QWidget):
    """A window with a field that has the keyboard, and a list of commands over it."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self.ran: list[str] = []
        self.before = QLineEdit(self)
        self.commands = [
            Command("Undo move CONV 2", self.note("undo"), keys="Ctrl+Z", name="undo"),
            Command("Export as ONNX", self.note("onnx"), refusal="A block does not fit."),
            Command("Export…", self.note("export"), keys="Ctrl+E"),
            Command("Theme: dark", self.note("dark"), checked=True),
            *(Command(f"Select FC {i}", self.note(f"FC {i}")) for i in range(20)),
        ]
        self.list = CommandList(self, themes, lambda: self.commands)

    def note(self, name: str) -> Callable[[], None]:
        return lambda: self.ran.append(name)

    def titles(self) -> list[str]:
        return [row.command.title for row in self.list.rows]


@pytest.fixture
def stage(qtbot: QtBot, themes: ThemeManager) -> Stage:
    stage = Stage(themes)
    stage.resize(900, 600)
    qtbot.addWidget(stage)
    with qtbot.waitExposed(stage):
        stage.show()
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow)
    stage.before.setFocus()
    stage.list.toggle()
    return stage


def test_it_shows_everything_what_cannot_be_run_last(stage: Stage) -> None:
    assert stage.list.field.hasFocus()
    assert stage.titles()[:3] == ["Undo move CONV 2", "Export…", "Theme: dark"]
    assert stage.titles()[-1] == "Export as ONNX"
    assert len(stage.titles()) == 24


def test_typing_filters_and_enter_runs(qtbot: QtBot, stage: Stage) -> None:
    qtbot.keyClicks(stage.list.field, "exp")
    assert stage.titles() == ["Export…", "Export as ONNX"]
    qtbot.keyClick(stage.list.field, Key.Key_Return)
    assert stage.ran == ["export"]
    assert not stage.list.is_open
    assert stage.before.hasFocus()


def test_a_command_that_cannot_be_run_is_refused(qtbot: QtBot, stage: Stage) -> None:
    qtbot.keyClicks(stage.list.field, "onnx")
    qtbot.keyClick(stage.list.field, Key.Key_Return)
    assert stage.ran == []
    assert stage.list.is_open
    assert "A block does not fit." in stage.list.field.accessibleDescription()


@pytest.mark.parametrize("key", [Key.Key_Escape, Key.Key_P])
def test_keys_that_close(qtbot: QtBot, stage: Stage, key: Qt.Key) -> None:
    modifiers = CONTROL_SHIFT if key == Key.Key_P else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(stage.list.field, key, modifiers)
    assert not stage.list.is_open
    assert stage.before.hasFocus()
    assert stage.ran == []


def test_a_click_beside_it_closes_and_one_on_a_row_runs(qtbot: QtBot, stage: Stage) -> None:
    qtbot.mouseClick(stage.list, Qt.MouseButton.LeftButton, pos=QPoint(5, 500))
    assert not stage.list.is_open
    stage.list.toggle()
    rect = stage.list.view.visualRect(stage.list.view.model().index(2, 0))
    qtbot.mouseClick(stage.list.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert stage.ran == ["dark"]


def test_arrows_go_round_and_pages_stop_at_the_ends(qtbot: QtBot, stage: Stage) -> None:
    field, view = stage.list.field, stage.list.view
    qtbot.keyClick(field, Key.Key_Up)
    assert view.currentIndex().row() == 23
    qtbot.keyClick(field, Key.Key_Down)
    assert view.currentIndex().row() == 0
    for _ in range(3):
        qtbot.keyClick(field, Key.Key_PageDown)
    assert view.currentIndex().row() == 23
    qtbot.keyClick(field, Key.Key_Tab)
    assert field.hasFocus(), "the keyboard stays in the list"


def test_what_ran_last_comes_first(qtbot: QtBot, stage: Stage) -> None:
    for typed in ("fc 7", "dark", "undo"):
        qtbot.keyClicks(stage.list.field, typed)
        qtbot.keyClick(stage.list.field, Key.Key_Return)
        stage.list.toggle()
    assert stage.titles()[:3] == ["Undo move CONV 2", "Theme: dark", "Select FC 7"]
    assert [row.is_recent for row in stage.list.rows[:4]] == [True, True, True, False]
    stage.commands[0] = Command("Undo delete FC 1", stage.note("undo"), name="undo")
    stage.list.toggle()
    stage.list.toggle()
    assert stage.titles()[0] == "Undo delete FC 1", "it is remembered by its name"
    for number in range(12):
        qtbot.keyClicks(stage.list.field, f"select fc {number}")
        qtbot.keyClick(stage.list.field, Key.Key_Return)
        stage.list.toggle()
    assert len(stage.list.recent) == MOST_RECENT


def test_nothing_found_is_said(qtbot: QtBot, stage: Stage) -> None:
    qtbot.keyClicks(stage.list.field, "xyzzy")
    assert stage.titles() == []
    assert stage.list.empty.isVisible()
    qtbot.keyClick(stage.list.field, Key.Key_Return)
    qtbot.keyClick(stage.list.field, Key.Key_Down)
    assert stage.list.is_open


def test_a_screen_reader_hears_the_rows(stage: Stage) -> None:
    heard = QAccessible.queryAccessibleInterface(stage.list.view)
    names = [heard.child(i).text(QAccessible.Text.Name) for i in range(heard.childCount())]
    assert names[0] == "Undo move CONV 2, Ctrl+Z"
    assert names[2] == "Theme: dark, on"
    assert names[-1] == "Export as ONNX, not possible now: A block does not fit."
    assert stage.list.field.accessibleDescription() == names[0]


def test_it_follows_the_size_of_the_window(stage: Stage) -> None:
    stage.resize(500, 400)
    QApplication.processEvents()
    assert stage.list.size() == stage.size()
    assert stage.rect().contains(stage.list.card.geometry())


def test_the_parts_of_a_title() -> None:
    assert runs(6, frozenset({1, 2, 5})) == [
        (0, 1, False),
        (1, 3, True),
        (3, 5, False),
        (5, 6, True),
    ]
    assert runs(0, frozenset()) == []


def test_recent_commands_win_between_equals() -> None:
    commands = [Command("Select FC 1", print), Command("Select FC 2", print)]
    assert ranked("sel", commands, ["Select FC 2"])[0].command.title == "Select FC 2"


def test_a_command_is_found_by_the_words_that_it_has_at_other_moments(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the way back was not found while the run could go back."""
    session = window.session
    alarm = Alarm("The loss runs away.", 5.67, 0.001, paused=False)
    with monkeypatch.context() as patch:
        patch.setattr(type(session), "alarm", alarm)
        patch.setattr(type(session), "training", "running")
        window.command_list.toggle()
    for typed in ("last good", "go back"):
        window.command_list.field.clear()
        qtbot.keyClicks(window.command_list.field, typed)
        first = window.command_list.rows[0]
        assert first.command.title == alarm.way_back
        assert first.command.refusal is None


def test_what_can_be_run_comes_before_what_matches_as_well() -> None:
    commands = [
        Command("Go back", print, refusal="There is nothing yet."),
        Command("Go backwards in time", print),
        Command("Gather the boxes and cakes", print),
    ]
    assert [row.command.title for row in ranked("go back", commands, [])][:2] == [
        "Go backwards in time",
        "Go back",
    ]


def test_no_shortcut_of_the_window_fires_while_it_is_open(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.session.select((1,))
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Key.Key_P, CONTROL_SHIFT)
    field = window.command_list.field
    assert field.hasFocus()
    QTest.keyClick(field, Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert len(window.session.network) == 8
    QTest.keyClicks(field, "insert max pool")
    QTest.keyClick(field, Key.Key_Return)
    assert window.session.network.blocks[2] == MaxPool2D()
    assert window.canvas.hasFocus()
