"""The network's name above the cards: edited by a double click, taken back by Undo, saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cnnstudio.network.project_file import load
from cnnstudio.ui.canvas.title_name import NameField, TitleName
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.main_window import MainWindow


@pytest.fixture
def active(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with the keyboard on the canvas."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.canvas.setFocus()
    return window


def double_click(window: MainWindow, qtbot: QtBot) -> NameField:
    """Open the field as a person does."""
    name = window.canvas.findChild(TitleName)
    qtbot.mouseDClick(name, Qt.MouseButton.LeftButton)
    assert name.field.isVisible() != window.session.locked
    return name.field


def test_a_double_click_renames_and_undo_takes_it_back(active: MainWindow, qtbot: QtBot) -> None:
    session, before = active.session, active.session.title
    field = double_click(active, qtbot)
    assert field.hasFocus()
    assert field.selectedText() == before
    qtbot.keyClicks(field, "  My   net ")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.title == "My net"
    assert active.windowTitle() == "My net[*] – CNN Studio"
    assert not field.isVisible()
    assert QApplication.focusWidget() is active.canvas
    assert session.modified
    assert session.history.undo_words == "Rename to “My net”"
    session.remove((1,))
    assert session.title == "My net", "the steps behind it keep the name"
    session.set_recipe(session.recipe.with_values(epochs=7))
    assert session.title == "My net"
    for _ in range(3):
        session.undo()
    assert session.title == before
    assert not session.modified


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_nothing_typed_changes_nothing(active: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    session, before = active.session, active.session.title
    field = double_click(active, qtbot)
    qtbot.keyClicks(field, "Other" if key == Qt.Key.Key_Escape else "  ")
    qtbot.keyClick(field, key)
    assert not field.isVisible()
    assert session.title == before
    assert session.history.undo_words is None


@pytest.mark.parametrize("name", ["Longer than the field holds " * 4, "Two  spaces"])
def test_looking_at_the_name_changes_nothing(
    active: MainWindow, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    session, path = active.session, tmp_path / f"{name.strip()}.cnn"
    assert active.documents.save_to(path)
    before = session.title
    double_click(active, qtbot)
    active.inspector.focus_first()
    assert session.title == before
    assert session.history.undo_words is None


def test_a_name_is_no_markup(active: MainWindow) -> None:
    active.session.rename("A <b>bold</b> test")
    words = active.canvas.findChild(TitleName).findChild(QLabel)
    active.session.noticed.emit(Notice("A <b>bold</b> test is not there."))
    for label in (words, *active.messages.findChildren(QLabel)):
        assert label.textFormat() == Qt.TextFormat.PlainText or not label.text()


def test_the_bar_writes_the_name_of_a_file_as_it_is(active: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "net 28x28 - a.cnn"
    path.write_text("no network", encoding="utf-8")
    assert not active.documents.open(path)
    said = [label.text() for label in active.messages.findChildren(QLabel)]
    assert any(words.startswith("net 28x28 - a.cnn ") for words in said), said


def test_going_elsewhere_takes_the_name(active: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClicks(double_click(active, qtbot), "Taken")
    active.inspector.focus_first()
    assert active.session.title == "Taken"


def test_the_name_is_in_the_file_and_other_than_the_files(
    active: MainWindow, tmp_path: Path
) -> None:
    session, path = active.session, tmp_path / "first.cnn"
    assert active.documents.save_to(path)
    assert (session.title, load(path).name) == ("first", "first")
    session.rename("My net")
    assert active.documents.save_to(path)
    assert not session.modified
    active.documents.new("tiny")
    active.documents.open(path)
    assert session.title == "My net"
    assert active.windowTitle() == "My net[*] (first.cnn) – CNN Studio"
    assert not session.modified


def test_a_copy_of_a_renamed_network_is_called_a_copy(active: MainWindow) -> None:
    session = active.session
    session.rename("My net")
    session.step()
    session.edit_copy()
    assert session.title == "My net copy"
    session.show_aside()
    assert session.title == "My net"


def test_a_network_in_training_keeps_its_name(active: MainWindow, qtbot: QtBot) -> None:
    active.session.step()
    assert not double_click(active, qtbot).isVisible()
    assert "Training is going on" in active.messages.notice.sentence
