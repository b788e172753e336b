"""Gestures and menus leave nothing behind: no timer, no menu, no hold on blocks that have gone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from cnnstudio.blocks import Dropout
from cnnstudio.ui.canvas.edge_scroller import EdgeScroller
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.main_window import MainWindow
from tests.ui.hands import LEFT, NONE, click, drag, ground, header, middle, right_click, types


def settle() -> None:
    """Let what is deleted later go."""
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_clicks_leave_no_timers(canvas: Canvas) -> None:
    before = len(canvas.findChildren(EdgeScroller))
    for point in (middle(canvas, 1), middle(canvas, 2), ground(canvas)):
        click(canvas, point)
    settle()
    assert len(canvas.findChildren(EdgeScroller)) == before


def test_menus_go_when_they_are_closed(canvas: Canvas) -> None:
    for point in (middle(canvas, 1), ground(canvas)):
        right_click(canvas, point)
        menu = canvas.findChild(QMenu)
        assert menu is not None
        menu.close()
        settle()
        assert not canvas.findChildren(QMenu)


def test_a_menu_in_a_menu_stays_when_another_entry_is_pointed_at(canvas: Canvas) -> None:
    menu = canvas.menus.on_cards()
    saving = menu.findChildren(QMenu)[-1]
    assert saving.title() == "Save the network's drawing"
    saving.popup(QPoint(0, 0))
    saving.close()
    settle()
    assert menu.actions()[-1].text() == "Save the network's drawing"
    menu.close()
    menu.deleteLater()


@pytest.mark.parametrize("held", [1, 8])
def test_an_undo_during_a_drag_ends_the_drag(window: MainWindow, held: int) -> None:
    canvas, session = window.canvas, window.session
    blocks = session.network.blocks
    session.insert(8, Dropout(0.5))
    canvas.fit()
    canvas.setFocus()
    start = header(canvas, held)
    drag(canvas, start, start + QPoint(20, 5), canvas.insertion_point(4), release=False)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.network.blocks == blocks
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, canvas.insertion_point(4))
    assert session.network.blocks == blocks, types(canvas)
    assert session.history.redo_words == "Insert DROPOUT 1"
    assert not canvas.pipeline.slot.isVisible()


def test_a_card_under_a_panel_is_not_pointed_at(canvas: Canvas) -> None:
    """Regression: a drag that ended on the panel below lit a card that lies behind it."""
    canvas.resize(700, 260)
    canvas.actual_size()
    viewport = canvas.viewport()
    points = [middle(canvas, index) for index in range(8)]
    below = next(point for point in points if point.y() > viewport.height())
    QTest.mousePress(viewport, LEFT, NONE, points[1])
    QTest.mouseRelease(viewport, LEFT, NONE, points[1])
    assert hovered(canvas) == [1]
    start = ground(canvas)
    QTest.mousePress(viewport, LEFT, NONE, start)
    QTest.mouseMove(viewport, start + QPoint(20, 20))
    QTest.mouseRelease(viewport, LEFT, NONE, below)
    assert hovered(canvas) == []


def hovered(canvas: Canvas) -> list[int]:
    return [index for index in range(8) if canvas.card(index)._flags["hovered"]]
