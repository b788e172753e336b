"""The connection table: cells to click, drag over and reach by keyboard, and the named table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, TableConv2D
from cnnstudio.blocks.connection_table import TABLES
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.inspector import Inspector
from cnnstudio.ui.inspector.table_editor import TableEditor
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SMALL = TableConv2D(3, table=((0, 1), (2,)))


@pytest.fixture
def session(open_session: Callable[[Network], Session]) -> Session:
    session = open_session(Network((Input(), Conv2D(6, 5), SMALL, FullyConnected(10))))
    session.select((2,))
    return session


@pytest.fixture
def inspector(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Inspector:
    inspector = Inspector(session, themes)
    show(inspector)
    inspector.resize(304, 700)
    return inspector


@pytest.fixture
def editor(inspector: Inspector) -> TableEditor:
    assert inspector.form is not None
    editor = inspector.form.editors["table"]
    assert isinstance(editor, TableEditor)
    return editor


def place(editor: TableEditor, row: int, column: int) -> QPoint:
    return editor.grid.cell(row, column).center()


def table(session: Session) -> object:
    block = session.network.blocks[2]
    assert isinstance(block, TableConv2D)
    return block.table


def colour(editor: TableEditor, row: int, column: int) -> str:
    return editor.grid.grab().toImage().pixelColor(place(editor, row, column)).name()


def test_a_row_for_each_map_of_the_input(editor: TableEditor, themes: ThemeManager) -> None:
    assert editor.words.text() == "2 filters, 3 links"
    last = editor.grid.cell(5, 1)
    assert editor.grid.rect().contains(last)
    assert not editor.grid.rect().contains(editor.grid.cell(6, 1))
    linked, other = colour(editor, 1, 0), colour(editor, 1, 1)
    assert linked == themes.theme.families["CONV"]["solid"].lower()
    assert other == themes.theme.color("field").name()


def test_a_click_links_a_map_and_another_one_lets_go(
    qtbot: QtBot, editor: TableEditor, session: Session
) -> None:
    qtbot.mouseClick(editor.grid, LEFT, pos=place(editor, 4, 1))
    assert table(session) == ((0, 1), (2, 4))
    qtbot.mouseClick(editor.grid, LEFT, pos=place(editor, 2, 1))
    assert table(session) == ((0, 1), (4,))
    words = [step.words for step in session.history.steps[1:]]
    assert words == ["Change table of CONV 2"] * 2
    session.undo()
    assert table(session) == ((0, 1), (2, 4))


def test_a_filter_keeps_one_map(qtbot: QtBot, editor: TableEditor, session: Session) -> None:
    qtbot.mouseClick(editor.grid, LEFT, pos=place(editor, 2, 1))
    assert editor.error == "Filter 2 must see at least one map."
    assert table(session) == SMALL.table
    qtbot.mouseClick(editor.grid, LEFT, pos=place(editor, 3, 1))
    assert editor.error == ""


def test_a_drag_is_one_step(qtbot: QtBot, editor: TableEditor, session: Session) -> None:
    qtbot.mousePress(editor.grid, LEFT, pos=place(editor, 3, 0))
    for row in (4, 5):
        QTest.mouseMove(editor.grid, place(editor, row, 0))
    qtbot.mouseRelease(editor.grid, LEFT, pos=place(editor, 5, 0))
    assert table(session) == ((0, 1, 3, 4, 5), (2,))
    assert len(session.history.steps) == 2


def test_the_keyboard_reaches_every_cell(
    qtbot: QtBot, editor: TableEditor, session: Session
) -> None:
    editor.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Space):
        qtbot.keyClick(editor.grid, key)
    assert table(session) == ((0, 1), (1, 2))


def test_filters_come_and_go(qtbot: QtBot, editor: TableEditor, session: Session) -> None:
    qtbot.mouseClick(editor.more, LEFT)
    assert table(session) == ((0, 1), (2,), (0, 1, 2, 3, 4, 5))
    assert session.report.blocks[2].output_shape == (3, 22, 22)
    qtbot.mouseClick(editor.fewer, LEFT)
    qtbot.mouseClick(editor.fewer, LEFT)
    assert table(session) == ((0, 1),)
    assert not editor.fewer.isEnabled()


def test_the_named_table(qtbot: QtBot, editor: TableEditor, session: Session) -> None:
    button = editor.word_buttons["lenet5"]
    qtbot.mouseClick(button, LEFT)
    assert table(session) == "lenet5"
    assert button.isChecked()
    assert editor.words.text() == "16 filters, 60 links"
    qtbot.mouseClick(editor.grid, LEFT, pos=place(editor, 0, 1))
    changed = [list(row) for row in TABLES["lenet5"]]
    changed[1] = [0, *changed[1]]
    assert table(session) == tuple(map(tuple, changed))
    assert not button.isChecked()
    assert editor.area.horizontalScrollBar().maximum() == 0, "16 filters are seen at once"


def test_maps_that_are_not_there_are_marked(
    editor: TableEditor, session: Session, themes: ThemeManager
) -> None:
    session.replace(1, Conv2D(2, 5), "Fewer maps")
    assert not session.report.blocks[2].fits
    turn()
    assert colour(editor, 2, 1) == themes.theme.color("error").name()
    assert colour(editor, 1, 0) == themes.theme.families["CONV"]["solid"].lower()


def test_locked_while_training(qtbot: QtBot, editor: TableEditor, session: Session) -> None:
    session._run.state = "running"
    session.training_changed.emit()
    assert not editor.more.isVisible()
    qtbot.mouseClick(editor.grid, LEFT, pos=place(editor, 5, 1))
    editor.setFocus()
    qtbot.keyClick(editor.grid, Qt.Key.Key_Space)
    assert table(session) == SMALL.table
    session._run.state = "idle"
    session.training_changed.emit()
