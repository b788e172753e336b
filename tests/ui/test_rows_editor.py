"""Rows of blocks inside a block: lines to add, move and remove, and settings that open below."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
)
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.inner_row import InnerRow
from cnnstudio.ui.inspector.inspector import Inspector
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.rows_editor import BranchesEditor, RowEditor
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

Open = Callable[[Network], Session]
Show = Callable[[QWidget], None]
ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier

FIRST, SECOND = Conv2D(8, 3, padding=1, activation="relu"), Conv2D(8, 3, padding=1)
RESIDUAL = Residual((FIRST, BatchNorm(), SECOND))
PARALLEL = Parallel(((Conv2D(4, 1),), (Conv2D(4, 3, padding=1),)))


@pytest.fixture
def inspect(open_session: Open, themes: ThemeManager, show: Show) -> Callable[[Block], Inspector]:
    kept = []

    def opened(block: Block) -> Inspector:
        session = open_session(Network((Input(), Conv2D(6, 5), block, FullyConnected(10))))
        session.select((2,))
        inspector = Inspector(session, themes)
        show(inspector)
        inspector.resize(304, 900)
        kept.append(inspector)
        return inspector

    return opened


def row_of(inspector: Inspector) -> InnerRow:
    assert inspector.form is not None
    editor = inspector.form.editors["blocks"]
    assert isinstance(editor, RowEditor)
    return editor.row


def branches_of(inspector: Inspector) -> BranchesEditor:
    assert inspector.form is not None
    editor = inspector.form.editors["branches"]
    assert isinstance(editor, BranchesEditor)
    return editor


def inside(inspector: Inspector) -> tuple[Block, ...]:
    block = inspector._session.network.blocks[2]
    assert isinstance(block, Residual)
    return block.blocks


def form_of(row: InnerRow) -> SettingsForm:
    return next(form for form in row.forms.values() if form.isVisible())


def words_of(row: InnerRow) -> list[str]:
    return [line.accessibleName() for line in row.lines]


def test_each_block_is_a_line_with_its_size(inspect: Callable[[Block], Inspector]) -> None:
    row = row_of(inspect(RESIDUAL))
    assert words_of(row) == [
        "CONV 1, 8 @ 3×3 · stride 1 · pad 1 · ReLU, output 24×24×8",
        "NORM 1, batch norm · momentum 0.1, output 24×24×8",
        "CONV 2, 8 @ 3×3 · stride 1 · pad 1, output 24×24×8",
    ]
    assert not row.detail.isVisible()


def test_a_click_opens_the_settings_below_the_line(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(RESIDUAL)
    row = row_of(inspector)
    qtbot.mouseClick(row.lines[2], Qt.MouseButton.LeftButton)
    form = form_of(row)
    assert {name: e.value() for name, e in form.editors.items()} == SECOND.values()
    assert inspector.findChild(NumberEditor, "setting_blocks_2_filters") is form.editors["filters"]
    assert inspector.findChild(QWidget, "setting_activation") is not form.editors["activation"]
    qtbot.mouseClick(row.lines[0], Qt.MouseButton.LeftButton)
    assert {name: e.value() for name, e in form.editors.items()} == FIRST.values()
    qtbot.mouseClick(row.lines[0], Qt.MouseButton.LeftButton)
    assert not row.detail.isVisible()


def test_typing_inside_is_one_step_and_keeps_the_keyboard(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(RESIDUAL)
    session, row = inspector._session, row_of(inspector)
    row.choose(0)
    editor = form_of(row).editors["filters"]
    assert isinstance(editor, NumberEditor)
    editor.field.text.setFocus()
    editor.field.text.selectAll()
    qtbot.keyClicks(editor.field.text, "12")
    assert editor.field.text.hasFocus()
    assert inside(inspector) == (FIRST.with_values(filters=12), BatchNorm(), SECOND)
    assert [step.words for step in session.history.steps[1:]] == ["Change row of RESIDUAL 1"]
    session.undo()
    assert session.network.blocks[2] == RESIDUAL
    turn()
    assert editor.value() == 8


def test_blocks_are_added_after_the_chosen_one(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(RESIDUAL)
    row = row_of(inspector)
    row.choose(0)
    qtbot.mouseClick(row.add, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == "ReLU").trigger()
    menu.close()
    assert inside(inspector) == (FIRST, Activation("relu"), BatchNorm(), SECOND)
    assert row.chosen == 1
    assert row.lines[1].hasFocus()
    row.choose(None)
    row.insert(Dropout())
    assert inside(inspector)[-1] == Dropout()


def test_keys_move_duplicate_and_remove(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(RESIDUAL)
    row = row_of(inspector)
    row.lines[0].setFocus()
    qtbot.keyClick(row.lines[0], Qt.Key.Key_Down, ALT)
    assert inside(inspector) == (BatchNorm(), FIRST, SECOND)
    assert row.lines[1].hasFocus()
    qtbot.keyClick(row.lines[1], Qt.Key.Key_D, CONTROL)
    assert inside(inspector) == (BatchNorm(), FIRST, FIRST, SECOND)
    qtbot.keyClick(row.lines[2], Qt.Key.Key_Delete)
    qtbot.keyClick(row.lines[2], Qt.Key.Key_Up)
    assert row.lines[1].hasFocus()
    qtbot.keyClick(row.lines[1], Qt.Key.Key_Delete)
    assert inside(inspector) == (BatchNorm(), SECOND)
    session = inspector._session
    for _ in range(4):
        session.undo()
    assert session.network.blocks[2] == RESIDUAL
    turn()
    assert len(row.lines) == 3


def test_the_last_block_stays(qtbot: QtBot, inspect: Callable[[Block], Inspector]) -> None:
    inspector = inspect(Residual((FIRST,)))
    row = row_of(inspector)
    row.choose(0)
    assert not row.detail.delete.isEnabled()
    qtbot.keyClick(row.lines[0], Qt.Key.Key_Delete)
    assert inside(inspector) == (FIRST,)


def test_what_does_not_fit_inside_is_told(inspect: Callable[[Block], Inspector]) -> None:
    inspector = inspect(Residual((FIRST, MaxPool2D(5, 5), SECOND)))
    row = row_of(inspector)
    assert words_of(row)[1].endswith("Does not fit: (24 − 5) / 5 + 1 = 4.80.")
    assert words_of(row)[2].endswith("output ?")
    row.choose(1)
    assert row.detail.problem.isVisible()
    row.choose(2)
    assert not row.detail.problem.isVisible()


def test_branches_are_added_and_removed(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(PARALLEL)
    session, editor = inspector._session, branches_of(inspector)
    qtbot.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert session.network.blocks[2] == Parallel((*PARALLEL.branches, ()))
    assert not editor.rows[2].empty.isHidden()
    editor.rows[2].insert(FIRST)
    assert session.network.blocks[2] == Parallel((*PARALLEL.branches, (FIRST,)))
    qtbot.mouseClick(editor.branches[0].remove, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(editor.branches[0].remove, Qt.MouseButton.LeftButton)
    assert session.network.blocks[2] == Parallel(((FIRST,),))
    assert not editor.branches[0].remove.isVisible(), "one branch is the least"
    assert [branch.title.text() for branch in editor.branches] == ["Branch 1"]


def test_only_one_block_of_all_branches_is_open(inspect: Callable[[Block], Inspector]) -> None:
    editor = branches_of(inspect(PARALLEL))
    editor.rows[0].choose(0)
    editor.rows[1].choose(0)
    assert [row.chosen for row in editor.rows] == [None, 0]


def test_rows_in_rows_open_too_and_have_a_bound(inspect: Callable[[Block], Inspector]) -> None:
    inspector = inspect(Residual((RESIDUAL,)))
    row = row_of(inspector)
    row.choose(0)
    nested = form_of(row).editors["blocks"]
    assert isinstance(nested, RowEditor)
    nested.row.choose(0)
    nested.row.insert(Residual((Dropout(),)))
    assert inside(inspector)[0] == Residual((FIRST, Residual((Dropout(),)), BatchNorm(), SECOND))
    deep: Block = Dropout()
    for _ in range(5):
        deep = Residual((deep,))
    before = inspector._session.network
    nested.row.insert(deep)
    assert inspector._session.network is before
    assert "at most 6 deep" in nested.error + inspector.form.editors["blocks"].error  # type: ignore[union-attr]
    assert [line.accessibleName()[:6] for line in nested.row.lines] == [
        "CONV 1",
        "RESIDU",
        "NORM 1",
        "CONV 2",
    ]


def test_another_block_shows_its_rows_closed(
    inspect: Callable[[Block], Inspector],
) -> None:
    inspector = inspect(RESIDUAL)
    session = inspector._session
    session.insert(3, Residual((Flatten(), Dropout())))
    session.select((2,))
    row_of(inspector).choose(2)
    session.select((3,))
    assert row_of(inspector).chosen is None
    assert len(row_of(inspector).lines) == 2
    session.select((2, 3))
    assert inspector.form is not None
    editor = inspector.form.editors["blocks"]
    assert isinstance(editor, RowEditor)
    assert editor.mixed.isVisible()
    assert not editor.row.isVisible()


def test_nothing_changes_while_training(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(RESIDUAL)
    session, row = inspector._session, row_of(inspector)
    session._run.state = "running"
    session.training_changed.emit()
    row.choose(0)
    assert form_of(row).isVisible(), "the settings can be read"
    assert not row.add.isVisible()
    assert not any(button.isVisible() for button in row.detail.buttons)
    qtbot.keyClick(row.lines[0], Qt.Key.Key_Delete)
    qtbot.keyClick(row.lines[0], Qt.Key.Key_Insert)
    assert QApplication.activePopupWidget() is None
    assert session.network.blocks[2] == RESIDUAL
    session._run.state = "idle"
    session.training_changed.emit()
    assert row.add.isVisible()


def test_a_new_line_is_scrolled_into_sight(
    qtbot: QtBot, inspect: Callable[[Block], Inspector]
) -> None:
    inspector = inspect(RESIDUAL)
    inspector.resize(304, 300)
    row = row_of(inspector)
    for _ in range(6):
        row.insert(Dropout())
    line = row.lines[-1]
    sight = inspector.viewport().rect()
    qtbot.waitUntil(
        lambda: (
            sight.contains(line.mapTo(inspector.viewport(), line.rect().center()))
            and line.visibleRegion().boundingRect() == line.rect()
        )
    )
    row.lines[0].setFocus()
    row.shift(0, 1)
    first = row.lines[1]
    qtbot.waitUntil(lambda: first.visibleRegion().boundingRect() == first.rect())
