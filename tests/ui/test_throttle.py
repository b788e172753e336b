"""The throttle calls at once, then rarely, and never forgets the last request."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cnnstudio.ui.parts.throttle import Throttle


def test_the_first_is_at_once_and_the_last_is_not_lost(qtbot: QtBot) -> None:
    owner, calls, asked = QObject(), [], []
    throttle = Throttle(lambda: calls.append(len(asked)), 100, owner)
    for number in range(5):
        asked.append(number)
        throttle.ask()
    assert calls == [1]
    qtbot.waitUntil(lambda: calls == [1, 5])
    qtbot.wait(250)
    assert calls == [1, 5]
    throttle.ask()
    assert calls == [1, 5, 5]
