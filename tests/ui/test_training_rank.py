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
