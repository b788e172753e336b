"""The quick-add list: opened in every way, previewed in the row, and all by keyboard or mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Block, Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.blocks.residual import Residual
from cnnstudio.network import Network
from cnnstudio.ui.canvas.quick_add import MOST_ROWS, QuickAdd
from cnnstudio.ui.canvas.quick_add_rows import ROW, entries_for
from cnnstudio.ui.canvas.slot import QUICK, Hint
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts.row_list import ROW_ROLE
from cnnstudio.ui.theme import ThemeManager
from tests.ui.conftest import LECTURE
from tests.ui.hands import LEFT, NONE, SHIFT, click, double_click, ground, middle

CanvasOf = Callable[[Network], Canvas]
CONV = Conv2D(8, 3, padding=1, activation="relu")


def type_on(canvas: Canvas, text: str) -> QuickAdd:
    """Type with the keyboard on the canvas, the first letter opens the list."""
    QTest.keyClicks(canvas, text[0])
    assert canvas.quick_add.is_open
    QTest.keyClicks(canvas.quick_add.field, text[1:])
    return canvas.quick_add


def press(canvas: Canvas, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(canvas.quick_add.field, key, modifiers)


def row_point(quick: QuickAdd, row: int) -> QPoint:
    return quick.view.visualRect(quick.view.model().index(row, 0)).center()


def plus_of(canvas: Canvas, index: int) -> QPoint:
    return canvas.insertion_point(index)


# ---- inserting


def test_typing_on_the_canvas_and_enter_inserts_after_the_selection(canvas: Canvas) -> None:
    canvas.session.select((1,))
    quick = type_on(canvas, "conv 16 5x5")
    assert quick.field.text() == "conv 16 5x5"
    press(canvas, Qt.Key.Key_Return)
    block = canvas.session.network.blocks[2]
    assert isinstance(block, Conv2D)
    assert (block.filters, block.kernel) == (16, 5)
    assert not quick.is_open
    assert canvas.hasFocus()
    assert canvas.session.selection == (2,)
    assert len(canvas.session.history.steps) == 2


def test_shift_enter_keeps_the_list_for_the_next_block(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(Network((Input(pad=2),)))
    quick = type_on(canvas, "conv 6 5x5")
    press(canvas, Qt.Key.Key_Return, SHIFT)
    assert quick.is_open
    assert quick.field.text() == ""
    assert quick.place == (2,)
    QTest.keyClicks(quick.field, "pool")
    press(canvas, Qt.Key.Key_Return, SHIFT)
    assert [type(b) for b in canvas.session.network.blocks] == [Input, Conv2D, MaxPool2D]
    press(canvas, Qt.Key.Key_Escape)
    assert canvas.hasFocus()
    assert len(canvas.session.network) == 3


def test_a_whole_row_is_inserted_in_one_step(canvas: Canvas) -> None:
    canvas.session.select((2,))
    type_on(canvas, "conv 8 3x3 same > conv 8 3x3 same > dropout 0.2")
    offer = canvas.pipeline.slot.offer
    assert offer is not None
    assert offer.settings == "3 blocks"
    press(canvas, Qt.Key.Key_Return)
    blocks = canvas.session.network.blocks
    assert [type(b) for b in blocks[3:6]] == [Conv2D, Conv2D, Dropout]
    assert canvas.session.selection == (3, 4, 5)
    canvas.session.undo()
    assert canvas.session.network == LECTURE


def test_the_keyboard_goes_back_in_a_window_that_is_not_active(
    canvas: Canvas, show: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    canvas.ask_block()
    other = QWidget()
    show(other)
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    canvas.session.remove((2,))
    assert not canvas.quick_add.is_open
    assert canvas.focusWidget() is canvas


def test_the_lecture_network_in_one_line(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(Network())
    type_on(
        canvas,
        "input 28x28x1 pad 2 > conv 6 5x5 + relu > pool > conv 16 5x5 + relu > pool > fc 120 + relu"
        " > fc 100 + relu > fc 10".replace("conv 6 5x5", "conv 6@5x5")
        .replace("conv 16 5x5", "conv 16@5x5")
        .replace("pool", "pool max 2x2"),
    )
    press(canvas, Qt.Key.Key_Return)
    assert canvas.session.network == LECTURE
    assert len(canvas.session.history.steps) == 2


def test_the_lecture_network_by_keyboard_alone(canvas_of: CanvasOf) -> None:
    """Eight entries from the empty canvas."""
    canvas = canvas_of(Network())
    phrases = (
        "input 28x28x1 pad 2",
        "conv 6 5x5",
        "pool",
        "conv 16 5x5",
        "pool",
        "fc 120",
        "fc 100",
        "fc 10",
    )
    QTest.keyClicks(canvas, phrases[0][0])
    QTest.keyClicks(canvas.quick_add.field, phrases[0][1:])
    for phrase in phrases[1:]:
        press(canvas, Qt.Key.Key_Return, SHIFT)
        QTest.keyClicks(canvas.quick_add.field, phrase)
    press(canvas, Qt.Key.Key_Return)
    assert canvas.session.network == LECTURE


# ---- opening


def test_a_double_click_on_the_ground_adds_at_the_nearest_place(canvas: Canvas) -> None:
    below = canvas.mapFromScene(canvas.pipeline.content.bottomLeft() + QPointF(60, 6))
    double_click(canvas, below)
    assert canvas.quick_add.is_open
    assert canvas.quick_add.place == (len(LECTURE),)
    press(canvas, Qt.Key.Key_Escape)
    near = canvas.mapFromScene(canvas.card(2).scene_rect().topLeft() - QPointF(10, 30))
    double_click(canvas, near)
    assert canvas.quick_add.place == (2,)


@pytest.mark.parametrize("index", [1, 3, 4, 7])
def test_a_click_or_double_click_on_a_connector_adds_there(canvas: Canvas, index: int) -> None:
    place = plus_of(canvas, index) if index != 4 else lane(canvas)
    click(canvas, place)
    assert canvas.quick_add.place == (index,)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, place)
    assert canvas.quick_add.is_open
    QTest.keyClicks(canvas.quick_add.field, "dropout")
    press(canvas, Qt.Key.Key_Return)
    assert isinstance(canvas.session.network.blocks[index], Dropout)


def lane(canvas: Canvas) -> QPoint:
    """A point on the wire between the first two rows."""
    bottom = canvas.card(1).scene_rect().bottomLeft()
    return canvas.mapFromScene(bottom + QPointF(30, 14))


@pytest.mark.parametrize("text", ["c", "F", "5"])
def test_a_letter_or_digit_opens_it_with_the_character(canvas: Canvas, text: str) -> None:
    QTest.keyClicks(canvas, text)
    assert canvas.quick_add.field.text() == text
    assert canvas.quick_add.field.cursorPosition() == 1
    assert not canvas.quick_add.field.hasSelectedText()


def test_what_is_no_letter_does_not_open_it(canvas: Canvas) -> None:
    alt = Qt.KeyboardModifier.AltModifier
    for key, modifiers in ((Qt.Key.Key_Space, NONE), (Qt.Key.Key_Comma, NONE), (Qt.Key.Key_C, alt)):
        QTest.keyClick(canvas, key, modifiers)
    assert not canvas.quick_add.is_open


def test_the_action_and_insert_open_it(window: MainWindow) -> None:
    canvas, quick = window.canvas, window.canvas.quick_add
    window.session.select((3,))
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert quick.is_open
    assert quick.place == (4,)
    press(canvas, Qt.Key.Key_Escape)
    QTest.keyClick(canvas, Qt.Key.Key_Insert)
    assert quick.is_open
    press(canvas, Qt.Key.Key_Escape)
    window.findChild(object, "action_quick_add").trigger()
    assert quick.is_open


def test_it_does_not_open_while_training(canvas: Canvas) -> None:
    told: list[str] = []
    canvas.session.noticed.connect(lambda notice: told.append(notice.sentence))
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    QTest.keyClicks(canvas, "c")
    click(canvas, ground(canvas))
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, ground(canvas))
    assert not canvas.quick_add.is_open
    assert told == ["Training is going on: stop it to change the network."] * 2
    canvas.session._run.state = "idle"
    canvas.session.training_changed.emit()


def test_training_that_starts_closes_it(canvas: Canvas) -> None:
    quick = type_on(canvas, "conv")
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    assert not quick.is_open
    assert not canvas.pipeline.slot.isVisible()
    canvas.session._run.state = "idle"
    canvas.session.training_changed.emit()


# ---- choosing


def test_up_and_down_choose_and_go_round(canvas: Canvas) -> None:
    quick = type_on(canvas, "pool")
    rows = len(quick.entries)
    assert rows > 1
    seen = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Tab, Qt.Key.Key_Up, Qt.Key.Key_Backtab, Qt.Key.Key_Up):
        press(canvas, key)
        seen.append(quick.view.currentIndex().row())
    assert seen == [1, 2 % rows, 1, 0, rows - 1]
    press(canvas, Qt.Key.Key_Return)
    assert canvas.session.network.blocks[8] == quick.entries[rows - 1].blocks[0]


def test_every_entry_says_what_it_would_come_to(canvas: Canvas) -> None:
    canvas.session.select((1,))
    quick = type_on(canvas, "conv 16 5x5")
    first = quick.entries[0]
    assert (first.size, first.cost, first.misfit) == ("24×24×16", "2,416 params", "")
    assert first.spoken == f"{first.suggestion.title}, 16 @ 5×5 · stride 1 · ReLU, 24×24×16, " + (
        "2,416 params"
    )


def test_what_does_not_fit_says_so_with_the_arithmetic(canvas: Canvas) -> None:
    canvas.session.select((4,))
    quick = type_on(canvas, "conv 8 3x3 stride 3")
    first = quick.entries[0]
    assert first.cost == "does not fit here"
    assert first.misfit == "(5 − 3) / 3 + 1 = 1.67"
    assert first.size == "5×5×16 → ?"
    press(canvas, Qt.Key.Key_Return)  # it may be inserted all the same
    assert not canvas.session.report.ok


def test_nothing_is_known_behind_a_misfit() -> None:
    entry = entries_for("conv 16 5x5", None)[0]
    assert (entry.size, entry.cost, entry.misfit) == ("?", "? params", "")


def test_the_chosen_entry_is_previewed_in_the_row(canvas: Canvas) -> None:
    canvas.session.select((1,))
    quick = type_on(canvas, "conv 16 5x5")
    slot = canvas.pipeline.slot
    assert slot.isVisible()
    assert canvas.pipeline.slot_cell == 2
    assert slot.offer is not None
    assert (slot.offer.size, slot.offer.action) == ("24×24×16", QUICK)
    assert canvas.card(2).face.size == "12×12×16"
    press(canvas, Qt.Key.Key_Escape)
    assert not slot.isVisible()
    assert canvas.card(2).face.size == "14×14×6"
    assert canvas.session.network is LECTURE
    assert canvas.hasFocus()
    assert not quick.is_open


def test_words_that_mean_nothing_are_told_in_a_sentence(canvas: Canvas) -> None:
    quick = type_on(canvas, "xyzzy")
    assert quick.entries == []
    assert "xyzzy" in quick._none.text()
    assert quick._none.isVisible()
    press(canvas, Qt.Key.Key_Return)
    assert quick.is_open
    assert canvas.session.network is LECTURE


# ---- the mouse


def test_a_click_inserts(canvas: Canvas) -> None:
    double_click(canvas, canvas.mapFromScene(canvas.pipeline.content.bottomLeft() + QPointF(60, 6)))
    quick = canvas.quick_add
    chosen = quick.entries[1].blocks[0]
    QTest.mouseMove(quick.view.viewport(), row_point(quick, 1))
    assert quick.view.currentIndex().row() == 1  # what the pointer is on is previewed
    QTest.mouseClick(quick.view.viewport(), LEFT, NONE, row_point(quick, 1))
    assert canvas.session.network.blocks[-1] == chosen
    assert not quick.is_open
    assert canvas.hasFocus()


def test_a_click_with_shift_keeps_the_list_for_the_next_block(canvas: Canvas) -> None:
    quick = type_on(canvas, "pool")
    QTest.mouseClick(quick.view.viewport(), LEFT, SHIFT, row_point(quick, 1))
    assert len(canvas.session.network) == len(LECTURE) + 1
    assert quick.is_open
    assert quick.field.hasFocus()
    assert quick.place == (len(LECTURE) + 1,)
    assert quick.field.text() == ""


def test_the_second_click_of_a_double_click_chooses_nothing(canvas: Canvas) -> None:
    canvas.ask_block((2,))
    quick = canvas.quick_add
    view = quick.view.viewport()
    QCursor.setPos(view.mapToGlobal(row_point(quick, 1)))
    quick.dismiss()
    canvas.ask_block((2,))  # as a click on a wire does that the list then covers
    QTest.mouseClick(view, LEFT, NONE, row_point(quick, 1))
    assert quick.is_open
    assert canvas.session.network is LECTURE
    QTest.mouseClick(view, LEFT, NONE, row_point(quick, 2))
    assert len(canvas.session.network) == len(LECTURE) + 1


def test_a_click_beside_it_closes_it(canvas: Canvas) -> None:
    quick = type_on(canvas, "pool")
    away = QPoint(4, canvas.viewport().height() - 4)
    assert not quick.geometry().contains(away + canvas.viewport().pos())
    click(canvas, away)
    assert not quick.is_open
    assert not canvas.pipeline.slot.isVisible()
    assert canvas.session.network is LECTURE


def test_an_edit_from_elsewhere_closes_it(canvas: Canvas) -> None:
    quick = type_on(canvas, "pool")
    canvas.session.remove((7,))
    assert not quick.is_open


def test_going_elsewhere_closes_it(window: MainWindow) -> None:
    window.panels.docks["outline"].raise_()
    window.canvas.setFocus()
    quick = type_on(window.canvas, "pool")
    window.outline.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not quick.is_open
    assert QApplication.focusWidget() is window.outline


# ---- inside a block, looks


def test_inside_an_open_block_it_adds_to_the_inner_row(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(Network((Input(), Residual((CONV, CONV)), FullyConnected(10))))
    canvas.session.select_path((1, 0, 0))
    quick = type_on(canvas, "conv 4 3x3 same")
    assert quick.place == (1, 0, 1)
    assert quick.entries[0].size == "28×28×4"
    press(canvas, Qt.Key.Key_Return, SHIFT)
    assert quick.place == (1, 0, 2)
    press(canvas, Qt.Key.Key_Escape)
    block = canvas.session.network.blocks[1]
    assert isinstance(block, Residual)
    assert [b.filters for b in block.blocks] == [8, 4, 8]  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(750, 430), (910, 610), (1400, 900)])
@pytest.mark.parametrize("index", range(9))
def test_it_stands_wholly_on_the_canvas_and_never_on_its_slot(
    canvas: Canvas, index: int, size: tuple[int, int]
) -> None:
    canvas.resize(*size)
    canvas.session.select((index,) if index < 8 else ())
    canvas.ask_block(text="conv")
    quick = canvas.quick_add
    card = quick.card.translated(quick.pos())
    assert canvas.rect().contains(card)
    slot = canvas.slot_rect(quick.place)
    assert canvas.rect().intersects(slot)
    assert not card.intersects(slot.adjusted(0, 0, -1, -1))
    assert quick.view.height() >= 2 * ROW
    assert quick.field.height() == 44


@pytest.mark.parametrize("place", [1, 2, 3])
def test_it_leaves_the_cards_beside_the_slot_in_sight(canvas: Canvas, place: int) -> None:
    canvas.resize(1100, 720)
    canvas.ask_block((place,))
    card = canvas.quick_add.card.translated(canvas.quick_add.pos())
    for each in (place - 1, place, place + 1):
        assert not card.intersects(canvas.slot_rect((each,)))


def test_a_screen_reader_hears_the_choice(canvas: Canvas) -> None:
    quick = type_on(canvas, "pool")
    assert quick.field.accessibleName() == "Add a block"
    assert quick.view.accessibleName()
    heard = quick.field.accessibleDescription()
    assert heard.endswith(f"; 1 of {len(quick.entries)}")
    press(canvas, Qt.Key.Key_Down)
    assert quick.field.accessibleDescription().endswith(f"; 2 of {len(quick.entries)}")
    index = quick.view.model().index(0, 0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == index.data(ROW_ROLE).spoken


def test_it_is_painted_in_both_themes(canvas: Canvas, themes: ThemeManager) -> None:
    quick = type_on(canvas, "pool")
    light = quick.grab().toImage()
    themes.choose("dark")
    dark = quick.grab().toImage()
    inside = QPoint(42, 56)
    assert light.pixelColor(inside) == themes.theme.color("card") or light != dark
    assert dark.pixelColor(inside) == themes.theme.color("card")
    assert light.pixelColor(inside) != dark.pixelColor(inside)


def test_a_card_is_hidden_from_no_click_when_it_is_closed(canvas: Canvas) -> None:
    type_on(canvas, "pool")
    press(canvas, Qt.Key.Key_Escape)
    click(canvas, middle(canvas, 3))
    assert canvas.session.selection == (3,)


# ---- choosing alone


def choose(quick: QuickAdd, block: Block) -> None:
    """Click on the entry that inserts `block`."""
    row = next(n for n, entry in enumerate(quick.entries) if entry.blocks == (block,))
    assert row < MOST_ROWS, f"{block.summary()} is beyond the rows that are seen"
    QTest.mouseClick(quick.view.viewport(), LEFT, NONE, row_point(quick, row))


def test_the_lecture_network_by_clicks_alone(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(Network())
    click(canvas, canvas.mapFromScene(canvas.pipeline.grid.rect(1).center()))
    quick = canvas.quick_add
    assert quick.place == (1,)
    QTest.mouseClick(quick.keep, LEFT)
    assert quick.field.hasFocus()
    for block in (*LECTURE.blocks[:-1], FullyConnected(10)):
        choose(quick, block)
        assert quick.is_open
    assert canvas.session.network == LECTURE
    QTest.mouseClick(quick.keep, LEFT)
    choose(quick, quick.entries[0].blocks[0])
    assert not quick.is_open


def test_what_is_typed_is_not_mixed_with_what_is_likely(canvas: Canvas) -> None:
    canvas.session.select((1,))
    canvas.ask_block()
    assert canvas.quick_add.entries[0].blocks == (MaxPool2D(),)
    QTest.keyClicks(canvas.quick_add.field, "dropout")
    assert canvas.quick_add.entries[0].blocks == (Dropout(),)


def test_a_row_inside_a_block_is_offered_the_common_blocks(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(Network((Input(), Residual((CONV,)))))
    canvas.ask_block((1, 0, 1))
    assert canvas.quick_add.entries[0].blocks == (CONV,)


def test_the_slot_is_not_drawn_over_the_hint_for_the_first_block(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(Network())
    hint = next(item for item in canvas.scene().items() if isinstance(item, Hint))
    assert hint.isVisible()
    double_click(canvas, canvas.mapFromScene(hint.sceneBoundingRect().center()))
    assert canvas.quick_add.is_open
    assert canvas.pipeline.slot.isVisible()
    assert not hint.isVisible()
    press(canvas, Qt.Key.Key_Escape)
    assert hint.isVisible()
