"""The canvas's context menus: what they offer where, with shortcuts and icons."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Dropout, Input, MaxPool2D
from cnnstudio.blocks.residual import Residual
from cnnstudio.explain.cells import Cell
from cnnstudio.network import Network
from cnnstudio.ui.canvas.thumbnails import _cells, _map_tiles
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.main_window import MainWindow
from tests.ui.hands import middle, right_click

CanvasOf = Callable[[Network], Canvas]


def menu_of(canvas: Canvas) -> QMenu:
    return next(menu for menu in canvas.findChildren(QMenu) if menu.isVisible())


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def choose(menu: QMenu, text: str) -> None:
    entry(menu, text).trigger()
    menu.close()


def test_the_menu_of_a_card(canvas: Canvas) -> None:
    right_click(canvas, middle(canvas, 3))
    assert canvas.session.selection == (3,)
    menu = menu_of(canvas)
    assert texts(menu) == [
        "Add a block after…",
        "Insert after",
        "Cut",
        "Copy",
        "Copy as text",
        "Paste after",
        "Duplicate",
        "Delete",
        "Select all",
        "Save the network's drawing",
    ]
    for name, keys in (
        ("Add a block after…", "Ctrl+K"),
        ("Cut", QKeySequence.StandardKey.Cut),
        ("Copy as text", "Ctrl+Shift+C"),
        ("Duplicate", "Ctrl+D"),
        ("Delete", QKeySequence.StandardKey.Delete),
    ):
        action = entry(menu, name)
        assert action.shortcut() == QKeySequence(keys)
        assert action.isShortcutVisibleInContextMenu()
        assert action.isEnabled()
    assert not entry(menu, "Cut").icon().isNull()
    menu.close()


def test_the_menu_of_several_cards_is_for_all(canvas: Canvas) -> None:
    canvas.session.select((2, 4))
    right_click(canvas, middle(canvas, 4))
    assert canvas.session.selection == (2, 4)
    choose(menu_of(canvas), "Delete")
    assert len(canvas.session.network) == 6


def test_the_input_cannot_be_cut(canvas: Canvas) -> None:
    right_click(canvas, middle(canvas, 0))
    menu = menu_of(canvas)
    for name in ("Cut", "Copy", "Duplicate", "Delete"):
        assert not entry(menu, name).isEnabled()
    assert "INPUT" in entry(menu, "Delete").toolTip()
    assert entry(menu, "Paste after").isEnabled()
    menu.close()


def test_the_menu_of_a_connector_inserts_there(canvas: Canvas) -> None:
    right_click(canvas, canvas.insertion_point(3))
    menu = menu_of(canvas)
    assert texts(menu) == ["Add a block here…", "Insert here", "Paste here"]
    blocks = entry(menu, "Insert here").menu()
    assert isinstance(blocks, QMenu)
    choose(blocks, "Dropout")
    menu.close()
    assert isinstance(canvas.session.network.blocks[3], Dropout)


@pytest.mark.parametrize("text", ["Add a block here…", "Paste here"])
def test_the_menu_of_the_ground_works_at_the_nearest_place(canvas: Canvas, text: str) -> None:
    QGuiApplication.clipboard().setText("DROPOUT 0.2")
    near = canvas.mapFromScene(canvas.card(2).scene_rect().topLeft() - QPointF(10, 30))
    right_click(canvas, near)
    menu = menu_of(canvas)
    assert texts(menu) == [
        "Add a block here…",
        "Insert here",
        "Paste here",
        "Select all",
        "Copy network as text",
        "Fit in view",
        "Zoom to 100 %",
        "Save the network's drawing",
    ]
    choose(menu, text)
    if text == "Paste here":
        assert isinstance(canvas.session.network.blocks[2], Dropout)
    else:
        assert canvas.quick_add.place == (2,)


def test_below_the_row_the_ground_is_its_end(canvas: Canvas) -> None:
    below = canvas.mapFromScene(canvas.pipeline.content.bottomLeft() + QPointF(60, 6))
    right_click(canvas, below)
    choose(menu_of(canvas), "Add a block here…")
    assert canvas.quick_add.place == (8,)


def test_the_ground_selects_all_fits_and_copies(canvas: Canvas) -> None:
    canvas.zoom_in()
    for text in ("Select all", "Copy network as text", "Fit in view"):
        right_click(canvas, QPoint(8, 8))
        choose(menu_of(canvas), text)
    assert canvas.session.selection == tuple(range(1, 8))
    assert QGuiApplication.clipboard().text().startswith("INPUT 28x28x1 pad 2 > CONV 6@5x5")
    assert canvas.zoom == 1  # the OUTPUT is a strip below the second row


def test_the_menu_key_opens_the_menu_of_the_selection(canvas: Canvas) -> None:
    reason = QContextMenuEvent.Reason.Keyboard
    for selection, first in (((5,), "Add a block after…"), ((), "Add a block here…")):
        canvas.session.select(selection)
        event = QContextMenuEvent(reason, QPoint(1, 1), canvas.mapToGlobal(QPoint(1, 1)))
        QApplication.sendEvent(canvas.viewport(), event)
        menu = menu_of(canvas)
        assert texts(menu)[0] == first
        menu.close()


def test_nothing_can_be_changed_by_a_menu_while_training(canvas: Canvas) -> None:
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    right_click(canvas, middle(canvas, 3))
    menu = menu_of(canvas)
    on = {action.text() for action in menu.actions() if action.isEnabled() and action.text()}
    assert on == {"Copy", "Copy as text", "Select all", "Save the network's drawing"}
    assert "Training" in entry(menu, "Cut").toolTip()
    menu.close()
    canvas.session._run.state = "idle"
    canvas.session.training_changed.emit()


def test_inside_an_open_block_the_menu_is_for_the_inner_block(canvas_of: CanvasOf) -> None:
    conv = Conv2D(8, 3, padding=1)
    canvas = canvas_of(Network((Input(), Residual((conv, conv)), MaxPool2D())))
    canvas.pipeline.toggle(canvas.card(1))
    canvas.session.select_path((1, 0, 1))
    plate = canvas.pipeline.plate((1, 0, 1))
    assert plate is not None
    QApplication.processEvents()
    right_click(canvas, canvas.mapFromScene(plate.scene_rect().center()))
    choose(menu_of(canvas), "Delete")
    assert canvas.session.network.blocks[1] == Residual((conv,))


@pytest.mark.parametrize(
    ("index", "place"), [(0, (0, 9, 12)), (1, (4, 20, 7)), (4, (15, 3, 1)), (5, (37,)), (7, (9,))]
)
def test_the_menu_of_a_card_asks_why_a_value_is_what_it_is(
    canvas: Canvas, qtbot: QtBot, index: int, place: tuple[int, ...]
) -> None:
    card, values = canvas.card(index), canvas.session.activations[index]
    rect = values.shape[1:]
    tiles, _ = (
        (_cells(values.shape[0], 1), None)
        if values.ndim == 1
        else _map_tiles(min(16, values.shape[0]), rect, 1, index == 0)
    )
    left, top, width, height = tiles[place[0]]
    down, across = (place[1:] or (0, 0))[0], (place[1:] or (0, 0))[1]
    rows, columns = rect or (1, 1)
    point = QPointF(left + (across + 0.5) * width / columns, top + (down + 0.5) * height / rows)
    found = card.value_at(point)
    assert found == (place, float(values[place]))
    seen = canvas.mapFromScene(card.mapToScene(point))
    right_click(canvas, seen)
    menu = menu_of(canvas)
    first = menu.actions()[0]
    assert first.text().startswith("Why is this value ")
    with qtbot.waitSignal(canvas.asked) as asked:
        first.trigger()
    menu.close()
    cell = asked.args[0]
    assert cell.path == (index,)
    assert cell.place[0] == place[0]
    assert np.abs(np.subtract(cell.place, place)).max() <= 1, "to a pixel of the screen"


def test_beside_the_maps_of_a_card_nothing_is_asked(canvas: Canvas) -> None:
    card = canvas.card(1)
    right_click(canvas, canvas.mapFromScene(card.mapToScene(QPointF(20, 100))))
    assert not any(text.startswith("Why") for text in texts(menu_of(canvas)))


def test_the_window_answers_what_the_canvas_asks(window: MainWindow, qtbot: QtBot) -> None:
    cell = Cell((3,), (5, 2, 4))
    window.canvas.asked.emit(cell)
    why = window.panels.why
    qtbot.waitUntil(lambda: why.isVisible() and not why.busy)
    assert why.item == cell
    assert why.answer is not None
    expected = float(window.session.activations[3][cell.place])
    assert why.answer.value == pytest.approx(expected, abs=1e-5)
