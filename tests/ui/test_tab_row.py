"""The tabs of the dock below: all in sight in a narrow window; the panel can be enlarged."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from cnnstudio.ui.frame.panels import TABS
from cnnstudio.ui.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton


def in_sight(bar: QTabBar) -> bool:
    return all(bar.rect().contains(bar.tabRect(index)) for index in range(bar.count()))


@pytest.mark.parametrize("width", [1180, 1280, 1366, 1440, 1920])
def test_all_tabs_are_in_sight(window: MainWindow, qtbot: QtBot, width: int) -> None:
    window.resize(width, 720)
    qtbot.waitUntil(lambda: window.width() == width)
    window.panels.tabs.note(window.problems, "(12)")
    bar = window.tabs.tabBar()
    qtbot.waitUntil(lambda: in_sight(bar))
    shown = [bar.tabText(index) for index in range(bar.count())]
    assert shown[-1] == "Problems (12)"
    for index, tab in enumerate(TABS[:-1]):
        assert shown[index] in (tab.title, tab.short)
        assert tab.title in (shown[index], bar.tabToolTip(index)), "the short one tells the other"
        wide = bar.fontMetrics().horizontalAdvance(shown[index])
        assert bar.tabRect(index).width() > wide + 6, "no two titles run into one"
    if width >= 1366:
        assert shown[:-1] == [tab.title for tab in TABS[:-1]]


def test_titles_come_back_with_the_room(window: MainWindow, qtbot: QtBot) -> None:
    bar, maps = window.tabs.tabBar(), window.tabs.indexOf(window.feature_maps)
    window.resize(1180, 720)
    window.panels.tabs.note(window.problems, "(12)")
    qtbot.waitUntil(lambda: bar.tabText(maps) == "Maps")
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: not bar.tabToolTip(maps))
    assert bar.tabText(maps) == "Feature maps"


@pytest.mark.parametrize("way", ["key", "double click", "button"])
def test_the_lower_panel_is_enlarged_and_back(window: MainWindow, qtbot: QtBot, way: str) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    dock, canvas, bar = window.panels.docks["tabs"], window.canvas, window.tabs.tabBar()
    before = dock.height()
    button = window.panels.tabs.button
    assert "Enlarge" in button.toolTip()

    def toggle() -> None:
        if way == "key":
            QTest.keyClick(window, Qt.Key.Key_F9)
        elif way == "button":
            QTest.mouseClick(button, LEFT)
        else:
            QTest.mouseDClick(bar, LEFT, pos=bar.tabRect(4).center())

    toggle()
    qtbot.waitUntil(lambda: dock.height() > before + 50)
    assert canvas.height() == canvas.minimumHeight() < dock.height()
    assert "canvas" in button.toolTip()
    toggle()
    qtbot.waitUntil(lambda: dock.height() == before)
    assert "Enlarge" in button.toolTip()


def test_a_hidden_or_floating_panel_comes_back_large(window: MainWindow, qtbot: QtBot) -> None:
    dock = window.panels.docks["tabs"]
    enlarge = window.actions_by_name["enlarge_tabs"]
    dock.hide()
    enlarge.trigger()
    qtbot.waitUntil(lambda: dock.isVisible() and window.lower_panel.is_large)
    dock.setFloating(True)
    dock.move(QPoint(0, 0))
    enlarge.trigger()
    qtbot.waitUntil(lambda: not dock.isFloating() and window.lower_panel.is_large)
    enlarge.trigger()
    qtbot.waitUntil(lambda: not window.lower_panel.is_large)
