"""The sheet of keys and gestures: all of the table is on it, and it can be read and closed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.menu.shortcut_sheet import GESTURES, Group, groups, in_columns


@pytest.fixture
def opened(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.canvas.setFocus()
    window.actions_by_name["shortcuts"].trigger()
    return window


def words(window: MainWindow) -> list[str]:
    return [label.text() for label in window.shortcut_sheet.findChildren(QLabel)]


def test_every_shortcut_and_gesture_stands_on_it(opened: MainWindow) -> None:
    shown = words(opened)
    for name, action in opened.actions_by_name.items():
        if action.shortcut().isEmpty():
            continue
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        assert any(keys in text for text in shown), name
        assert opened.action_set.specs[name].text.removesuffix("…") in shown, name
    for gesture, what in (line for part in GESTURES for line in part.lines):
        assert gesture in shown
        assert what in shown
    assert "" not in shown


def test_the_same_key_has_one_name_everywhere(opened: MainWindow) -> None:
    assert not [text for text in words(opened) if "Return" in text]
    native = QKeySequence.SequenceFormat.NativeText
    shown = [action.shortcut().toString(native) for action in opened.actions_by_name.values()]
    assert not [keys for keys in shown if "Return" in keys], "as the menus write them"
    enter = opened.actions_by_name["open_composite"].shortcuts()
    assert {QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")} <= set(enter)


def test_it_can_be_read(opened: MainWindow) -> None:
    sheet = opened.shortcut_sheet
    assert opened.rect().contains(sheet.card.geometry())
    assert sheet.area.hasFocus()
    for text in sheet.findChildren(QLabel):
        assert text.font().pixelSize() >= 11
        assert text.width() >= text.minimumSizeHint().width(), text.text()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_F1])
def test_keys_close_it(opened: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(opened.shortcut_sheet.area, key)
    assert not opened.shortcut_sheet.is_open
    assert opened.canvas.hasFocus()


def test_a_click_beside_it_closes_it(opened: MainWindow) -> None:
    QTest.mouseClick(opened.shortcut_sheet, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert not opened.shortcut_sheet.is_open


def test_nothing_is_changed_behind_it(opened: MainWindow) -> None:
    opened.session.select((1,))
    control = Qt.KeyboardModifier.ControlModifier
    QTest.keyClick(opened.shortcut_sheet.area, Qt.Key.Key_D, control)
    QTest.keyClick(opened.shortcut_sheet.area, Qt.Key.Key_Delete)
    assert len(opened.session.network) == 8


def test_columns_keep_the_order_and_are_about_even(opened: MainWindow) -> None:
    parts = groups(opened.action_set)
    columns = in_columns(parts, 3)
    assert [part for column in columns for part in column] == parts
    heights = [sum(len(part.lines) + 2 for part in column) for column in columns]
    assert max(heights) < 2 * min(heights)
    assert in_columns([Group("One", (("a", "b"),))], 3) == [[], [Group("One", (("a", "b"),))], []]
