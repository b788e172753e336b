"""Select, drag, copy, delete: the gestures on the canvas, each cancelled by Escape."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRubberBand, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Input
from cnnstudio.network import Network
from cnnstudio.ui.canvas.connector import Wire
from cnnstudio.ui.canvas.slot import COPY
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document import mime
from cnnstudio.ui.main_window import MainWindow
from tests.ui.hands import (
    CTRL,
    LEFT,
    NONE,
    SHIFT,
    click,
    double_click,
    drag,
    ground,
    header,
    middle,
    move,
    types,
)

Drop = Callable[[QWidget, QMimeData, QPoint], None]
CONV = Conv2D(8, 3, padding=1)
LONG = Network((Input(), *[CONV] * 30))


def band(canvas: Canvas) -> QRubberBand | None:
    bands = canvas.viewport().findChildren(QRubberBand)
    return next((each for each in bands if each.isVisible()), None)


def around(canvas: Canvas, first: int, last: int) -> tuple[QPoint, QPoint]:
    """Where a rubber band begins and ends that touches the cards from `first` to `last`."""
    rect = canvas.card(first).scene_rect() | canvas.card(last).scene_rect()
    start = canvas.mapFromScene(rect.topLeft() - QPointF(8, 8))
    return start, canvas.mapFromScene(rect.bottomRight() - QPointF(20, 30))


# ---- many at once


def test_cards_that_are_not_neighbours_move_together(canvas: Canvas) -> None:
    blocks = canvas.session.network.blocks
    click(canvas, middle(canvas, 1))
    click(canvas, middle(canvas, 3), CTRL)
    click(canvas, middle(canvas, 5), CTRL)
    drag(canvas, header(canvas, 3), header(canvas, 3) + QPoint(14, 4), canvas.insertion_point(8))
    expected = [blocks[i] for i in (0, 2, 4, 6, 7, 1, 3, 5)]
    assert list(canvas.session.network.blocks) == expected
    assert canvas.session.selection == (5, 6, 7)
    assert canvas.session.history.undo_words == "Move 3 blocks"


def test_cards_that_are_not_neighbours_are_deleted_together(canvas: Canvas) -> None:
    blocks = canvas.session.network.blocks
    for index, modifiers in ((1, NONE), (3, CTRL), (6, CTRL)):
        click(canvas, middle(canvas, index), modifiers)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert list(canvas.session.network.blocks) == [blocks[i] for i in (0, 2, 4, 5, 7)]
    canvas.session.undo()
    assert canvas.session.network.blocks == blocks


def test_shift_selects_a_range_and_drags_it(canvas: Canvas) -> None:
    blocks = canvas.session.network.blocks
    click(canvas, middle(canvas, 5))
    start = header(canvas, 6)
    QTest.mousePress(canvas.viewport(), LEFT, SHIFT, start)
    assert canvas.session.selection == (5, 6)
    move(canvas, start + QPoint(20, 0), SHIFT)
    move(canvas, canvas.insertion_point(1), SHIFT)
    QTest.mouseRelease(canvas.viewport(), LEFT, SHIFT, canvas.insertion_point(1))
    assert canvas.session.network.blocks[1:3] == blocks[5:7]


def test_several_cards_dropped_on_the_palette_are_removed(window: MainWindow) -> None:
    canvas = window.canvas
    canvas.session.select((2, 4))
    palette = window.palette_panel
    place = palette.mapTo(window, palette.rect().center())
    target = canvas.viewport().mapFrom(window, place)
    drag(canvas, header(canvas, 2), header(canvas, 2) + QPoint(20, 0), target)
    assert "MaxPool2D" not in types(canvas)
    assert canvas.session.history.undo_words == "Delete 2 blocks"


# ---- rubber band


def test_a_rubber_band_adds_with_shift_or_ctrl(canvas: Canvas) -> None:
    for modifiers in (SHIFT, CTRL):
        canvas.session.select((7,))
        drag(canvas, *around(canvas, 1, 2), modifiers=modifiers)
        assert canvas.session.selection == (1, 2, 7)
    drag(canvas, *around(canvas, 1, 2))
    assert canvas.session.selection == (1, 2)


def test_escape_takes_a_rubber_band_back(canvas: Canvas) -> None:
    canvas.session.select((4, 6))
    drag(canvas, *around(canvas, 1, 2), release=False)
    assert band(canvas) is not None
    assert canvas.session.selection == (1, 2)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert band(canvas) is None
    assert canvas.session.selection == (4, 6)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, middle(canvas, 1))
    assert canvas.session.selection == (4, 6)


def test_a_rubber_band_scrolls_beyond_the_edge_and_keeps_its_corner(
    canvas_of: Callable[[Network], Canvas], qtbot: QtBot
) -> None:
    canvas = canvas_of(LONG)
    start, _ = around(canvas, 0, 0)
    corner = canvas.mapToScene(start)
    below = QPoint(700, canvas.viewport().height() + 40)
    drag(canvas, start, QPoint(200, 200), below, release=False)
    qtbot.waitUntil(lambda: canvas.session.selection[-1:] == (30,), timeout=20_000)
    shown = band(canvas)
    assert shown is not None
    assert canvas.mapFromScene(corner) == shown.geometry().topLeft()
    assert len(canvas.session.selection) > 20
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, below)


def test_a_drag_ends_where_the_button_is_released(canvas: Canvas) -> None:
    """Regression: Qt leaves out the last move when another one waits behind the release."""
    before = canvas.session.network
    start, end = header(canvas, 1), canvas.insertion_point(5)
    drag(canvas, start, start + QPoint(20, 0), release=False)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.session.network == before.move(1, 5)


def test_a_rubber_band_ends_where_the_button_is_released(canvas: Canvas) -> None:
    start, end = around(canvas, 1, 2)
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.session.selection == (1, 2)
    assert band(canvas) is None


# ---- copying with Ctrl


def test_ctrl_and_drag_copies(canvas: Canvas) -> None:
    blocks = canvas.session.network.blocks
    start, end = header(canvas, 1), canvas.insertion_point(4)
    drag(canvas, start, start + QPoint(20, 0), end, modifiers=CTRL, release=False)
    offer = canvas.pipeline.slot.offer
    assert offer is not None
    assert offer.action == COPY or not offer.fits
    assert not canvas.card(1).has_flag("lifted")
    QTest.mouseRelease(canvas.viewport(), LEFT, CTRL, end)
    assert canvas.session.network.blocks == (*blocks[:4], blocks[1], *blocks[4:])
    assert canvas.session.selection == (4,)
    assert canvas.session.history.undo_words == "Copy CONV 1"


def test_ctrl_may_be_pressed_and_released_during_a_drag(canvas: Canvas) -> None:
    before = canvas.session.network
    start, end = header(canvas, 1), canvas.insertion_point(5)
    drag(canvas, start, start + QPoint(20, 0), end, release=False)
    assert canvas.card(1).has_flag("lifted")
    QTest.keyPress(canvas, Qt.Key.Key_Control)
    assert not canvas.card(1).has_flag("lifted")
    assert canvas.pipeline.slot.isVisible()
    QTest.keyRelease(canvas, Qt.Key.Key_Control)
    assert canvas.card(1).has_flag("lifted")
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.session.network == before.move(1, 5)


def test_a_ctrl_drag_of_several_copies_all_and_escape_none(canvas: Canvas) -> None:
    before = canvas.session.network
    canvas.session.select((1, 2))
    start, end = header(canvas, 2), canvas.insertion_point(8)
    drag(canvas, start, start + QPoint(20, 0), end, modifiers=CTRL, release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.session.network is before
    assert canvas.session.selection == (1, 2)
    drag(canvas, start, start + QPoint(20, 0), end, modifiers=CTRL)
    assert canvas.session.network.blocks == (*before.blocks, *before.blocks[1:3])


def test_a_ctrl_drag_of_a_card_that_is_not_selected_copies_it_alone(canvas: Canvas) -> None:
    before = canvas.session.network
    canvas.session.select((5, 6))
    start, end = header(canvas, 1), canvas.insertion_point(4)
    drag(canvas, start, start + QPoint(20, 0), end, modifiers=CTRL)
    assert canvas.session.network == before.insert(4, before.blocks[1])


def test_a_bubble_at_the_edge_calls_for_no_scroll_bar(
    canvas_of: Callable[[Network], Canvas],
) -> None:
    fitting, misfit = Conv2D(8, 1), Conv2D(16, 29)
    canvas = canvas_of(Network((Input(), fitting, fitting, misfit)))
    QApplication.processEvents()
    assert canvas.pipeline.bubble is not None
    assert not canvas.horizontalScrollBar().isVisible()


def test_a_cancelled_drag_leaves_the_selection_as_it_was(canvas: Canvas) -> None:
    canvas.session.select((5, 6))
    start = header(canvas, 1)
    drag(canvas, start, start + QPoint(20, 0), canvas.insertion_point(4), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.session.selection == (5, 6)
    assert len(canvas.session.history.steps) == 1


def test_keys_wait_until_a_drag_has_ended(canvas: Canvas) -> None:
    before = canvas.session.network
    start = header(canvas, 1)
    drag(canvas, start, start + QPoint(20, 0), canvas.insertion_point(4), release=False)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_C, Qt.Key.Key_Right, Qt.Key.Key_Space):
        QTest.keyClick(canvas, key)
    assert canvas.session.network is before
    assert not canvas.quick_add.is_open
    QTest.keyClick(canvas, Qt.Key.Key_Escape)


def test_another_button_does_not_end_a_drag(canvas: Canvas) -> None:
    before = canvas.session.network
    start, end = header(canvas, 1), canvas.insertion_point(5)
    drag(canvas, start, start + QPoint(20, 0), end, release=False)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.MiddleButton, NONE, end)
    assert canvas.session.network is before
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.session.network == before.move(1, 5)


# ---- connectors


@pytest.mark.parametrize("x", [-14, 40, 300, 700])
def test_a_drop_anywhere_on_the_wire_between_two_rows_goes_there(
    canvas: Canvas, hold: Drop, drop: Drop, x: int
) -> None:
    last = canvas.card(3).scene_rect()
    place = canvas.mapFromScene(QPointF(canvas.card(0).scene_rect().left() + x, last.bottom() + 14))
    data = mime.encode_block(CONV)
    hold(canvas.viewport(), data, place)
    assert canvas.pipeline.slot_cell == 4
    assert canvas.pipeline.connectors[3]._kind is Wire.PREVIEW
    assert canvas.pipeline.connectors[2]._kind is Wire.NORMAL
    drop(canvas.viewport(), data, place)
    assert canvas.session.network.blocks[4] == CONV


@pytest.mark.parametrize("off", [QPoint(0, 0), QPoint(40, 0), QPoint(-40, 60), QPoint(0, -70)])
def test_a_drop_near_a_connector_goes_there(canvas: Canvas, drop: Drop, off: QPoint) -> None:
    drop(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(2) + off)
    assert canvas.session.network.blocks[2] == CONV


# ---- scrolling while dragging


@pytest.mark.parametrize("edge", ["left", "right", "top", "bottom"])
def test_a_drag_near_any_edge_scrolls(
    canvas_of: Callable[[Network], Canvas], hold: Drop, qtbot: QtBot, edge: str
) -> None:
    canvas = canvas_of(LONG)
    for _ in range(5):
        canvas.zoom_in()
    qtbot.waitUntil(lambda: canvas.horizontalScrollBar().isVisible())
    bar = canvas.horizontalScrollBar()
    if edge in ("top", "bottom"):
        bar = canvas.verticalScrollBar()
    bar.setValue((bar.minimum() + bar.maximum()) // 2)
    before, area = bar.value(), canvas.viewport().rect()
    places = {
        "left": QPoint(3, area.center().y()),
        "right": QPoint(area.right() - 3, area.center().y()),
        "top": QPoint(area.center().x(), 3),
        "bottom": QPoint(area.center().x(), area.bottom() - 3),
    }
    hold(canvas.viewport(), mime.encode_block(CONV), places[edge])
    way = -1 if edge in ("left", "top") else 1
    qtbot.waitUntil(lambda: way * (bar.value() - before) > 60)


def test_a_dragged_card_scrolls_and_lands_where_it_is_let_go(
    canvas_of: Callable[[Network], Canvas], qtbot: QtBot
) -> None:
    canvas = canvas_of(LONG)
    block = Conv2D(5, 3, padding=1)
    canvas.session.replace(1, block, "Change")
    start, edge = header(canvas, 1), QPoint(700, canvas.viewport().height() - 5)
    drag(canvas, start, start + QPoint(20, 0), edge, release=False)
    bar = canvas.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() >= bar.maximum(), timeout=20_000)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, edge)
    assert canvas.session.network.blocks.index(block) > 20


# ---- double-click


def test_a_double_click_on_a_card_goes_to_its_settings(window: MainWindow) -> None:
    canvas = window.canvas
    double_click(canvas, middle(canvas, 1))
    assert window.session.selection == (1,)
    assert window.inspector.isAncestorOf(QApplication.focusWidget())
    assert not canvas.quick_add.is_open


def test_enter_on_a_selected_card_goes_to_its_settings(window: MainWindow) -> None:
    canvas = window.canvas
    canvas.setFocus()
    canvas.session.select((3,))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert window.inspector.isAncestorOf(QApplication.focusWidget())


def test_a_click_on_the_ground_selects_nothing(canvas: Canvas) -> None:
    canvas.session.select((2, 3))
    click(canvas, ground(canvas))
    assert canvas.session.selection == ()
