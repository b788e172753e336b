"""A shortcut whose action is off says why, and shows what is in the way of training."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, MaxPool2D
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.main_window import MainWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
MISFIT = Conv2D(16, 5, stride=2)
"""On 14x14 maps it does not fit."""


@pytest.fixture
def active(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.canvas.setFocus()
    return window


@pytest.mark.parametrize("key", [Qt.Key.Key_F5, Qt.Key.Key_F7])
def test_training_what_does_not_fit_shows_the_misfit_and_its_repairs(
    active: MainWindow, key: Qt.Key
) -> None:
    session, doctor = active.session, active.canvas.doctor
    session.replace(3, MISFIT, "Edit CONV 2")
    session.select((7,))
    QTest.keyClick(active.canvas, key)
    assert active.messages.isVisible()
    assert active.messages.notice.sentence == session.train_refusal
    assert session.selection == (3,)
    assert doctor.is_open
    assert doctor.place == 3
    card = active.canvas.mapFromScene(active.canvas.card(3).scene_rect()).boundingRect()
    assert active.canvas.viewport().rect().contains(card)
    QTest.keyClick(doctor.view, Qt.Key.Key_Return)
    assert session.report.ok
    assert not active.messages.isVisible()


def test_training_what_fits_but_not_the_pictures_says_what_to_do(active: MainWindow) -> None:
    active.session.remove((7,))
    QTest.keyClick(active.canvas, Qt.Key.Key_F5)
    assert "MNIST has 10 classes" in active.messages.notice.sentence
    assert active.messages.isVisible()
    active.session.insert(1, MaxPool2D())
    assert active.messages.isVisible(), "it still holds"
    active.session.undo()
    active.session.undo()
    assert not active.messages.isVisible()


def test_another_message_stays_when_the_network_can_be_trained(active: MainWindow) -> None:
    active.session.remove((7,))
    QTest.keyClick(active.canvas, Qt.Key.Key_F5)
    active.session.noticed.emit(Notice("Something else."))
    active.session.undo()
    assert active.messages.isVisible()


def test_other_keys_say_it_in_passing(active: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(active.canvas, Qt.Key.Key_Z, CONTROL)
    status = active.statusBar()
    assert status.currentMessage() == "There is nothing to undo."
    QTest.keyClick(active.canvas, Qt.Key.Key_C, CONTROL)
    assert status.currentMessage() == "No block is selected."
    assert not active.messages.isVisible()
    active.session.remove((7,))
    QTest.keyClick(active.canvas, Qt.Key.Key_Z, CONTROL)
    assert len(active.session.network) == 8, "an action that is on is done"


def test_a_field_keeps_the_keys_that_it_uses(active: MainWindow) -> None:
    active.session.select((1,))
    fields = active.inspector.findChildren(QLineEdit)
    field = next(each for each in fields if each.isVisible() and each.isEnabled())
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Z, CONTROL)
    assert not active.statusBar().currentMessage()
