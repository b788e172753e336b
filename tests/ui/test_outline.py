"""The outline: editing by keyboard, words for a screen reader, the selection both ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network import Network
from cnnstudio.ui.outline import Outline
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager

SPOKEN = Qt.ItemDataRole.AccessibleTextRole


@pytest.fixture
def outline(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Outline:
    outline = Outline(session, themes)
    show(outline)
    outline.setFocus()
    return outline


def names(session: Session) -> list[str]:
    return [type(block).__name__ for block in session.network.blocks]


def spoken(outline: Outline, row: int) -> object:
    return outline.model().index(row, 0).data(SPOKEN)


def go_to(outline: Outline, row: int) -> None:
    outline.setCurrentIndex(outline.model().index(row, 0))


def test_rows_say_what_they_are(outline: Outline, session: Session) -> None:
    assert outline.model().rowCount() == 8
    assert outline.model().index(1, 0).data() == "CONV 1"
    assert spoken(outline, 1) == "CONV 1, 28x28x6, 156 parameters, fits"
    session.replace(2, MaxPool2D(2, 5), "Break")
    assert spoken(outline, 2) == "POOL 1, does not fit"
    assert spoken(outline, 3) == "CONV 2, size unknown"
    assert "does not fit" in outline.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    session.apply(Network((Input(), FullyConnected(20), FullyConnected(10))), "Other")
    assert spoken(outline, 2) == "FC 2, 10, 210 parameters, fits, with a warning"


def test_rows_are_painted(outline: Outline, session: Session, themes: ThemeManager) -> None:
    session.replace(2, MaxPool2D(2, 5), "Break")
    error = themes.theme.color("error").rgb()
    rect = outline.visualRect(outline.model().index(2, 0))
    picture = outline.viewport().grab(rect).toImage()
    found = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert error in found, "a block that does not fit carries the error icon"


def test_selection_goes_both_ways(outline: Outline, session: Session) -> None:
    go_to(outline, 3)
    assert session.selection == (3,)
    session.select((1, 4))
    assert sorted(i.row() for i in outline.selectedIndexes()) == [1, 4]
    index = outline.model().index(2, 0)
    outline.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
    assert session.selection == (1, 2, 4)


def test_arrow_keys_select(qtbot: QtBot, outline: Outline, session: Session) -> None:
    go_to(outline, 1)
    qtbot.keyClick(outline, Qt.Key.Key_Down)
    assert session.selection == (2,)
    qtbot.keyClick(outline, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection == (2, 3)


def test_delete_removes_and_keeps_a_selection(
    qtbot: QtBot, outline: Outline, session: Session
) -> None:
    go_to(outline, 3)
    qtbot.keyClick(outline, Qt.Key.Key_Delete)
    assert names(session)[1:4] == ["Conv2D", "MaxPool2D", "MaxPool2D"]
    assert session.selection == (3,)
    assert [i.row() for i in outline.selectedIndexes()] == [3]
    assert outline.currentIndex().row() == 3
    session.undo()
    assert outline.model().rowCount() == 8


def test_input_stays(qtbot: QtBot, outline: Outline, session: Session) -> None:
    go_to(outline, 0)
    qtbot.keyClick(outline, Qt.Key.Key_Delete)
    qtbot.keyClick(outline, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert session.history.undo_words is None


@pytest.mark.parametrize(
    "modifier", [Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier]
)
def test_moving_with_the_keyboard(
    qtbot: QtBot, outline: Outline, session: Session, modifier: Qt.KeyboardModifier
) -> None:
    go_to(outline, 1)
    qtbot.keyClick(outline, Qt.Key.Key_Down, modifier)
    assert names(session)[1:4] == ["MaxPool2D", "Conv2D", "Conv2D"]
    assert session.selection == (2,)
    assert outline.currentIndex().row() == 2
    qtbot.keyClick(outline, Qt.Key.Key_Up, modifier)
    assert names(session)[1:3] == ["Conv2D", "MaxPool2D"]
    qtbot.keyClick(outline, Qt.Key.Key_Up, modifier)
    assert names(session)[1:3] == ["Conv2D", "MaxPool2D"], "nothing goes above INPUT"
    go_to(outline, 7)
    before = session.network
    qtbot.keyClick(outline, Qt.Key.Key_Down, modifier)
    assert session.network is before


def words_of(menu: QMenu) -> list[str]:
    """The words of all entries, those of a menu in the menu in its place."""
    found = []
    for action in menu.actions():
        inner = QMenu.menuInAction(action)
        found += words_of(inner) if inner else [action.text()] if action.text() else []
    return found


@pytest.mark.parametrize("key", [Qt.Key.Key_Insert, Qt.Key.Key_Plus])
def test_insert_opens_the_palette_as_a_menu(
    qtbot: QtBot, outline: Outline, session: Session, key: Qt.Key
) -> None:
    go_to(outline, 2)
    qtbot.keyClick(outline, key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert words_of(menu) == [tile.label for group in PALETTE for tile in group.tiles]
    next(a for a in menu.actions() if a.text() == "Dropout").trigger()
    menu.close()
    assert session.network.blocks[3] == Dropout()
    assert session.selection == (3,)


def test_enter_asks_for_the_settings(qtbot: QtBot, outline: Outline) -> None:
    go_to(outline, 2)
    with qtbot.waitSignal(outline.inspected):
        qtbot.keyClick(outline, Qt.Key.Key_Return)


def test_context_menu_does_what_the_keys_do(outline: Outline, session: Session) -> None:
    go_to(outline, 1)
    actions = {action.text().split("\t")[0]: action for action in outline.context_menu().actions()}
    assert not actions["Move up"].isEnabled()
    actions["Move down"].trigger()
    assert names(session)[1:3] == ["MaxPool2D", "Conv2D"]
    actions["Delete"].trigger()
    assert Conv2D(6, 5, activation="relu") not in session.network.blocks


def test_context_menu_is_off_while_training(outline: Outline, session: Session) -> None:
    go_to(outline, 1)
    session._run.state = "running"
    enabled = [a.text() for a in outline.context_menu().actions() if a.isEnabled() and a.text()]
    session._run.state = "idle"
    assert enabled == []
