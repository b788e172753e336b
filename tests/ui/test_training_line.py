"""What the toolbar says about the run beside its buttons."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected
from cnnstudio.network import Recipe
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.toolbar import TrainingLine
from cnnstudio.ui.theme import ThemeManager

DOT = " · "
RECIPE = Recipe(epochs=2, batch_size=4, validation=8)


@pytest.fixture
def line(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> TrainingLine:
    session.set_recipe(RECIPE)
    line = TrainingLine(session, themes)
    show(line)
    line.resize(900, 40)
    return line


def test_each_step_says_which_it_is_and_its_loss(
    line: TrainingLine, session: Session, qtbot: QtBot
) -> None:
    for made in (1, 2):
        session.step()
        qtbot.waitUntil(lambda made=made: len(session.curve) == made)
        loss = f"loss {session.curve.loss[-1]:.2g}"
        expected = DOT.join((f"step {made} of 4", loss, "epoch 1 of 2", "paused"))
        qtbot.waitUntil(lambda expected=expected: line.words == expected)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    assert line.words.startswith(DOT.join(("epoch 1 of 2", "stopped")))


def test_a_run_of_another_network_is_not_told(
    line: TrainingLine, session: Session, qtbot: QtBot
) -> None:
    untrained = session.network
    session.replace(5, FullyConnected(30, activation="relu"), "Change the units")
    session.step()
    qtbot.waitUntil(lambda: len(session.curve) == 1)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    session.undo()
    assert session.network == untrained
    assert session.progress is None
    assert line.words == ""
    session.redo()
    assert line.words.startswith("epoch 1 of 2")
