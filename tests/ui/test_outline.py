"""The outline: editing by keyboard, words for a screen reader, the selection both ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QAccessible, QFocusEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    BatchNorm,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
)
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.outline.outline import Outline
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

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
    words = "CONV 1, 28x28x6, 156 parameters, 6 @ 5x5, stride 1, ReLU, fits"
    assert spoken(outline, 1) == words
    session.replace(2, MaxPool2D(2, 5), "Break")
    assert spoken(outline, 2) == (
        "POOL 1, size unknown, 2x2 max, stride 5. Does not fit: (28 - 2) / 5 + 1 = 6.20"
    )
    assert spoken(outline, 3) == "CONV 2, size unknown, 16 @ 5x5, stride 1, ReLU"
    assert "does not fit" in outline.model().index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    session.apply(Network((Input(), FullyConnected(20), FullyConnected(10))), "Other")
    assert "FC 2, 10, 210 parameters, 10 units, fits, with a warning. " in spoken(outline, 2)


def test_a_screen_reader_hears_every_row(outline: Outline, session: Session) -> None:
    session.replace(2, MaxPool2D(2, 5), "Break")
    turn()
    heard = QAccessible.queryAccessibleInterface(outline)
    assert heard.text(QAccessible.Text.Name) == "Outline of the network"
    assert "F2 or Enter edits it" in heard.text(QAccessible.Text.Description)
    names = [heard.child(i).text(QAccessible.Text.Name) for i in range(heard.childCount())]
    assert len(names) == 8
    for entry, name in zip(session.report.blocks, names, strict=True):
        assert name.startswith(f"{entry.name}, ")
        assert str(entry.output_shape or "size unknown") in name
        assert entry.parameters is None or f"{entry.parameters:,} parameters" in name
    assert "(28 - 2) / 5 + 1 = 6.20" in names[2]


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
    turn()
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
    turn()
    assert outline.currentIndex().row() == 2
    qtbot.keyClick(outline, Qt.Key.Key_Up, modifier)
    assert names(session)[1:3] == ["Conv2D", "MaxPool2D"]
    qtbot.keyClick(outline, Qt.Key.Key_Up, modifier)
    assert names(session)[1:3] == ["Conv2D", "MaxPool2D"], "nothing goes above INPUT"
    go_to(outline, 7)
    before = session.network
    qtbot.keyClick(outline, Qt.Key.Key_Down, modifier)
    assert session.network is before


@pytest.mark.parametrize("key", [Qt.Key.Key_Insert, Qt.Key.Key_Plus])
def test_insert_asks_for_a_block_behind_the_row(
    qtbot: QtBot, outline: Outline, session: Session, key: Qt.Key
) -> None:
    go_to(outline, 2)
    with qtbot.waitSignal(outline.adding) as asked:
        qtbot.keyClick(outline, key)
    assert asked.args == [(3,)]
    session.apply(NESTED, "Nest")
    go_to(outline, 3)
    with qtbot.waitSignal(outline.adding) as asked:
        qtbot.keyClick(outline, key)
    assert asked.args == [(2, 0, 1)]


def words_of(menu: QMenu) -> list[str]:
    """The words of all entries, those of a menu in the menu in its place."""
    found = []
    for action in menu.actions():
        inner = QMenu.menuInAction(action)
        found += words_of(inner) if inner else [action.text()] if action.text() else []
    return found


def test_the_palette_as_a_menu(outline: Outline, session: Session) -> None:
    go_to(outline, 2)
    whole = outline.context_menu()
    (menu,) = (inner for each in whole.actions() if (inner := QMenu.menuInAction(each)))
    assert words_of(menu) == [tile.label for group in PALETTE for tile in group.tiles]
    next(a for a in menu.actions() if a.text() == "Dropout").trigger()
    assert session.network.blocks[3] == Dropout()
    assert session.selection == (3,)


def test_alt_enter_asks_for_the_settings(qtbot: QtBot, outline: Outline) -> None:
    go_to(outline, 2)
    with qtbot.waitSignal(outline.inspected):
        qtbot.keyClick(outline, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)


def type_over(qtbot: QtBot, outline: Outline, text: str) -> None:
    outline.editor.field.selectAll()
    qtbot.keyClicks(outline.editor.field, text)


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_Return])
def test_a_block_is_edited_as_text(
    qtbot: QtBot, outline: Outline, session: Session, key: Qt.Key
) -> None:
    go_to(outline, 1)
    qtbot.keyClick(outline, key)
    editor = outline.editor
    assert editor.field.text() == "CONV 6@5x5 + RELU"
    type_over(qtbot, outline, "conv 8@3x3 same + tanh")
    assert editor.told.text() == "32×32×8 · 80 params · 85,646 in all"
    assert session.network.blocks[1] == Conv2D(6, 5, activation="relu"), "nothing before Enter"
    qtbot.keyClick(editor.field, Qt.Key.Key_Return)
    assert session.network.blocks[1] == Conv2D(8, 3, padding="same", activation="tanh")
    assert session.history.undo_words == "Edit CONV 1"
    assert not editor.is_open
    assert session.selection == (1,)


def test_a_text_without_sense_is_told_and_changes_nothing(
    qtbot: QtBot, outline: Outline, session: Session
) -> None:
    before = session.network
    go_to(outline, 1)
    qtbot.keyClick(outline, Qt.Key.Key_F2)
    type_over(qtbot, outline, "conv 6@5x5 stryde 2")
    assert "did you mean stride?" in outline.editor.told.text()
    assert "stryde" in outline.editor.field.accessibleDescription()
    qtbot.keyClick(outline.editor.field, Qt.Key.Key_Return)
    assert outline.editor.is_open, "what was typed is not lost"
    qtbot.keyClick(outline.editor.field, Qt.Key.Key_Escape)
    assert not outline.editor.is_open
    assert session.network is before


def test_a_misfit_is_told_with_its_numbers_and_may_be_taken(
    qtbot: QtBot, outline: Outline, session: Session
) -> None:
    go_to(outline, 3)
    qtbot.keyClick(outline, Qt.Key.Key_F2)
    type_over(qtbot, outline, "conv 16@5x5 stride 2")
    assert "(14 − 5) / 2 + 1 = 5.50" in outline.editor.told.text()
    qtbot.keyClick(outline.editor.field, Qt.Key.Key_Return)
    assert session.network.blocks[3].stride == 2
    assert not session.report.ok


def test_one_block_becomes_several(qtbot: QtBot, outline: Outline, session: Session) -> None:
    go_to(outline, 2)
    qtbot.keyClick(outline, Qt.Key.Key_F2)
    type_over(qtbot, outline, "relu > pool 2")
    qtbot.keyClick(outline.editor.field, Qt.Key.Key_Return)
    assert names(session)[1:5] == ["Conv2D", "Activation", "MaxPool2D", "Conv2D"]


@pytest.mark.parametrize(
    ("text", "pad", "told"),
    [
        ("input 28x28x1 pad 4", 4, "36×36×1"),
        ("input 28x28x1 > conv 6@5x5", 2, "INPUT stays alone"),
        ("conv 6@5x5", 2, "INPUT stays alone"),
        ("", 2, "There is no block in the text"),
    ],
)
def test_the_input_as_text(
    qtbot: QtBot, outline: Outline, session: Session, text: str, pad: int, told: str
) -> None:
    go_to(outline, 0)
    qtbot.keyClick(outline, Qt.Key.Key_F2)
    outline.editor.field.clear()
    type_over(qtbot, outline, text + " ")
    assert told in outline.editor.told.text()
    qtbot.keyClick(outline.editor.field, Qt.Key.Key_Return)
    assert session.network.input.pad == pad


def test_going_elsewhere_takes_the_text(qtbot: QtBot, outline: Outline, session: Session) -> None:
    go_to(outline, 7)
    qtbot.keyClick(outline, Qt.Key.Key_F2)
    type_over(qtbot, outline, "fc 12")
    QApplication.sendEvent(outline.editor.field, QFocusEvent(QEvent.Type.FocusOut))
    assert session.network.blocks[7] == FullyConnected(12)


def test_a_click_on_another_row_takes_the_text(
    qtbot: QtBot, outline: Outline, session: Session
) -> None:
    outline.resize(300, 300)
    go_to(outline, 2)
    qtbot.keyClick(outline, Qt.Key.Key_F2)
    type_over(qtbot, outline, "pool 4x4")
    assert outline.editor.field.hasFocus()
    place = outline.visualRect(outline.model().index(7, 0)).center()
    qtbot.mouseClick(outline.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.network.blocks[2] == MaxPool2D(4, 4)
    assert session.selection == (7,)
    assert outline.hasFocus()


def test_letters_find_a_block_by_its_name(qtbot: QtBot, outline: Outline, session: Session) -> None:
    go_to(outline, 0)
    qtbot.keyClicks(outline, "fc 2")
    assert session.selection == (6,)


NESTED = Network(
    (
        Input(pad=2),
        Conv2D(6, 5, activation="relu"),
        Residual((Conv2D(6, 3, padding=1, activation="relu"), Conv2D(6, 3, padding=1))),
        Parallel(((), (Conv2D(6, 3, padding=1),))),
        FullyConnected(10),
    )
)
"""A network with blocks inside blocks, and a branch that is empty."""


@pytest.fixture
def nested(outline: Outline, session: Session) -> Outline:
    session.apply(NESTED, "Nest")
    return outline


def tree(outline: Outline) -> list[tuple[int, ...]]:
    return [row.path for row in outline.model().rows]


def test_blocks_inside_blocks_have_rows(nested: Outline, session: Session) -> None:
    paths = [(0,), (1,), (2,), (2, 0, 0), (2, 0, 1), (3,), (3, 0, 0), (3, 1, 0), (4,)]
    assert tree(nested) == paths
    assert spoken(nested, 3).startswith("CONV 1 of RESIDUAL 1, 28x28x6, 330 parameters")
    assert spoken(nested, 6) == "empty of branch 1 of PARALLEL 1: a block can be put in"
    go_to(nested, 4)
    assert session.selected_path == (2, 0, 1)
    assert session.selection == (2,), "the block that holds it"
    session.select_path((3, 1, 0))
    turn()
    assert [index.row() for index in nested.selectedIndexes()] == [7]
    assert nested.currentIndex().row() == 7


def test_an_inner_row_says_what_is_wrong_with_its_block(
    outline: Outline, session: Session, themes: ThemeManager
) -> None:
    good, linear = Conv2D(6, 3, padding=1, activation="relu"), Conv2D(6, 3, padding=1)
    session.apply(Network((Input(pad=2), Residual((linear, good)), FullyConnected(10))), "Unwise")
    assert spoken(outline, 2) == (
        "CONV 1 of RESIDUAL 1, 32x32x6, 60 parameters, 6 @ 3x3, stride 1, pad 1, fits"
    )
    words = "CONV 2 of RESIDUAL 1, 32x32x6, 330 parameters, 6 @ 3x3, stride 1, pad 1, ReLU, fits, "
    assert str(spoken(outline, 3)).startswith(f"{words}with a warning. Follows CONV 1 with no ")
    tip = outline.model().index(3, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "CONV 2 follows CONV 1 with no non-linear function" in tip
    warned = outline.grab(outline.rect_of((1, 0, 1))).toImage()
    session.replace_at((1, 0, 0), good, "Mend")
    assert "warning" not in str(spoken(outline, 3))
    assert outline.grab(outline.rect_of((1, 0, 1))).toImage() != warned, "the sign has gone"
    session.replace_at((1, 0, 1), Conv2D(6, 3, stride=2), "Break")
    assert "size unknown, 6 @ 3x3, stride 2. Does not fit: (32 - 3)" in str(spoken(outline, 3))


def test_an_inner_block_is_edited_moved_and_deleted(
    qtbot: QtBot, nested: Outline, session: Session
) -> None:
    go_to(nested, 4)
    qtbot.keyClick(nested, Qt.Key.Key_F2)
    assert nested.editor.field.accessibleName() == "CONV 2 of RESIDUAL 1 as text"
    type_over(qtbot, nested, "batchnorm")
    qtbot.keyClick(nested.editor.field, Qt.Key.Key_Return)
    assert session.network.blocks[2].blocks[1] == BatchNorm()
    assert session.history.undo_words == "Edit CONV 2 of RESIDUAL 1"
    assert session.selected_path == (2, 0, 1)
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(nested, Qt.Key.Key_Up, alt)
    assert session.network.blocks[2].blocks[0] == BatchNorm()
    assert session.selected_path == (2, 0, 0)
    qtbot.keyClick(nested, Qt.Key.Key_Up, alt)
    assert session.network.blocks[2] == BatchNorm(), "up out of its block"
    assert session.selected_path == (2,)
    qtbot.keyClick(nested, Qt.Key.Key_Down, alt)
    qtbot.keyClick(nested, Qt.Key.Key_Right, alt)
    assert session.network.blocks[2].blocks[-1] == BatchNorm(), "into the block above"
    qtbot.keyClick(nested, Qt.Key.Key_Left, alt)
    assert session.network.blocks[3] == BatchNorm(), "out behind its block"
    go_to(nested, 3)
    qtbot.keyClick(nested, Qt.Key.Key_Delete)
    told = session.history.undo_words
    assert told == "Move NORM 1 of RESIDUAL 1 out", "a row of a RESIDUAL keeps one block"


def test_down_goes_on_to_the_next_branch(qtbot: QtBot, nested: Outline, session: Session) -> None:
    go_to(nested, 7)
    alt = Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(nested, Qt.Key.Key_Up, alt)
    assert session.selected_path == (3, 0, 0)
    qtbot.keyClick(nested, Qt.Key.Key_Down, alt)
    assert session.selected_path == (3, 1, 0)
    qtbot.keyClick(nested, Qt.Key.Key_Down, alt)
    assert session.selection == (4,)
    assert session.network.blocks[4] == Conv2D(6, 3, padding=1)


def test_a_range_over_inner_rows_is_one_of_the_network(
    qtbot: QtBot, nested: Outline, session: Session
) -> None:
    go_to(nested, 1)
    for _ in range(4):
        qtbot.keyClick(nested, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection == (1, 2, 3)


def ctrl_click(qtbot: QtBot, outline: Outline, path: tuple[int, ...]) -> None:
    place = outline.rect_of(path).center()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(outline.viewport(), Qt.MouseButton.LeftButton, control, place)


def chosen(outline: Outline) -> list[tuple[int, ...]]:
    rows = outline.model().rows
    return sorted(rows[index.row()].path for index in outline.selectedIndexes())


def test_ctrl_selects_several_inner_rows_and_begins_anew_in_another(
    qtbot: QtBot, nested: Outline, session: Session
) -> None:
    go_to(nested, 3)
    ctrl_click(qtbot, nested, (2, 0, 1))
    assert list(session.selected_paths) == chosen(nested) == [(2, 0, 0), (2, 0, 1)]
    ctrl_click(qtbot, nested, (2, 0, 0))
    assert list(session.selected_paths) == chosen(nested) == [(2, 0, 1)]
    ctrl_click(qtbot, nested, (3, 1, 0))
    assert list(session.selected_paths) == chosen(nested) == [(3, 1, 0)]
    ctrl_click(qtbot, nested, (1,))
    assert list(session.selected_paths) == chosen(nested) == [(1,)]


def test_shift_extends_in_an_inner_row_and_beyond_it(
    qtbot: QtBot, nested: Outline, session: Session
) -> None:
    go_to(nested, 3)
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(nested, Qt.Key.Key_Down, shift)
    assert list(session.selected_paths) == chosen(nested) == [(2, 0, 0), (2, 0, 1)]
    qtbot.keyClick(nested, Qt.Key.Key_Down, shift)
    assert list(session.selected_paths) == chosen(nested) == [(2,), (3,)]
    qtbot.keyClick(nested, Qt.Key.Key_Up, shift)
    assert list(session.selected_paths) == chosen(nested) == [(2, 0, 0), (2, 0, 1)]


def test_several_inner_rows_are_moved_and_deleted_by_key(
    qtbot: QtBot, nested: Outline, session: Session
) -> None:
    first, second = NESTED.blocks[2].blocks  # type: ignore[attr-defined]
    norm = BatchNorm()
    session.insert_at((2, 0, 2), norm)
    session.select_paths([(2, 0, 0), (2, 0, 1)])
    turn()
    control, alt = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(nested, Qt.Key.Key_Down, control)
    assert session.network.blocks[2].blocks == (norm, first, second)  # type: ignore[attr-defined]
    assert list(session.selected_paths) == chosen(nested) == [(2, 0, 1), (2, 0, 2)]
    qtbot.keyClick(nested, Qt.Key.Key_Down, control)
    assert session.network.blocks[2:5] == (Residual((norm,)), first, second), "out of the block"
    qtbot.keyClick(nested, Qt.Key.Key_Right, alt)
    assert session.network.blocks[2].blocks == (norm, first, second)  # type: ignore[attr-defined]
    qtbot.keyClick(nested, Qt.Key.Key_Delete)
    assert session.history.undo_words == "Delete 2 blocks of RESIDUAL 1"
    assert session.network.blocks[2].blocks == (norm,)  # type: ignore[attr-defined]


def test_context_menu_does_what_the_keys_do(outline: Outline, session: Session) -> None:
    go_to(outline, 1)
    actions = {action.text().split("\t")[0]: action for action in outline.context_menu().actions()}
    assert not actions["Move up"].isEnabled()
    assert not actions["Move out of its block"].isEnabled()
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


@pytest.fixture
def in_window(window: MainWindow, qtbot: QtBot) -> Outline:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.panels.go_to("outline")
    return window.outline


def test_copy_cut_paste_and_duplicate_by_keyboard(
    qtbot: QtBot, in_window: Outline, window: MainWindow
) -> None:
    session, control = window.session, Qt.KeyboardModifier.ControlModifier
    session.apply(NESTED, "Nest")
    go_to(in_window, 3)
    inner_conv = session.network.blocks[2].blocks[0]
    for key in (Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_D):
        qtbot.keyClick(in_window, key, control)
    assert session.network.blocks[2].blocks[:3] == (inner_conv,) * 3
    go_to(in_window, 1)
    conv = session.network.blocks[1]
    qtbot.keyClick(in_window, Qt.Key.Key_X, control)
    assert conv not in session.network.blocks
    qtbot.keyClick(in_window, Qt.Key.Key_End)
    qtbot.keyClick(in_window, Qt.Key.Key_V, control)
    assert session.network.blocks[-1] == conv


def test_a_network_is_built_in_the_outline_alone(
    qtbot: QtBot, in_window: Outline, window: MainWindow
) -> None:
    """From nothing to the lecture's network without a mouse, the keyboard always where it was."""
    lecture = window.session.network
    window.documents.new_empty()
    in_window.setFocus()
    qtbot.keyClick(in_window, Qt.Key.Key_Home)
    qtbot.keyClick(in_window, Qt.Key.Key_F2)
    type_over(qtbot, in_window, "input 28x28x1 pad 2")
    qtbot.keyClick(in_window.editor.field, Qt.Key.Key_Return)
    for words in ("conv 6 5x5", "pool", "conv 16 5x5", "pool", "fc 120", "fc 100", "fc 10"):
        assert in_window.hasFocus()
        qtbot.keyClick(in_window, Qt.Key.Key_Insert)
        qtbot.keyClicks(window.canvas.quick_add.field, words)
        qtbot.keyClick(window.canvas.quick_add.field, Qt.Key.Key_Return)
    assert window.session.network == lecture
