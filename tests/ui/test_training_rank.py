"""The training thread gives way to the window's."""

from __future__ import annotations

import os
import sys
import threading

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.training.thread_rank import LAST_RANK, NICENESS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ranks threads one by one")
def test_training_gives_way_to_the_window(session: Session, qtbot: QtBot) -> None:
    session.set_recipe(session.recipe.with_values(validation=4))
    session.step()
    threads = [thread for thread in threading.enumerate() if thread.name == "training"]
    assert len(threads) == 1
    number = threads[0].native_id
    assert number is not None
    window = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    rank = min(window + NICENESS, LAST_RANK)
    qtbot.waitUntil(lambda: os.getpriority(os.PRIO_PROCESS, number) == rank)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ranks threads one by one")
def test_it_trains_where_it_may_not_give_way(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the thread ended at once, and the run seemed to go on for ever."""

    def refuse(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setpriority", refuse)
    session.set_recipe(session.recipe.with_values(validation=4))
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 1)
