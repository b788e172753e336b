"""The throttle calls at once, then rarely, and never forgets the last request."""

from __future__ import annotations

import pytest
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
    qtbot.waitUntil(lambda: not throttle._timer.isActive())
    assert calls == [1, 5]
    throttle.ask()
    assert calls == [1, 5, 5]


def test_near_the_end_of_a_pause_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, calls = QObject(), []
    throttle = Throttle(lambda: calls.append(throttle._timer.isActive()), 10_000, owner)
    throttle.ask()
    for left, count in ((1600, 1), (1400, 2)):
        with monkeypatch.context() as patch:
            patch.setattr(throttle._timer, "remainingTime", lambda left=left: left)
            throttle.ask()
        assert len(calls) == count
    assert throttle._timer.remainingTime() > 9000, "the pause begins anew"
    throttle._end_pause()
    assert len(calls) == 2, "what was asked for before has been done"
