"""Questions say on their buttons what each answer does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.question import Answer

ANSWERS = {Answer.Yes: "Stop and close", Answer.No: "Go on training"}

Meet = Callable[[QMessageBox], None]


def meet(look: Meet) -> None:
    """Do `look` with the box that is about to be shown."""

    def met() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        look(box)

    QTimer.singleShot(0, met)


@pytest.mark.parametrize(
    ("key", "usual", "given"),
    [
        (Qt.Key.Key_Return, Answer.Yes, Answer.Yes),
        (Qt.Key.Key_Return, Answer.No, Answer.No),
        (Qt.Key.Key_Escape, Answer.Yes, Answer.No),
    ],
)
def test_it_is_answered_by_keys(
    window: MainWindow, qtbot: QtBot, key: Qt.Key, usual: Answer, given: Answer
) -> None:
    meet(lambda box: qtbot.keyClick(box, key))
    assert question.ask(window, "Stop?", "It goes on.", ANSWERS, usual) == given


def test_closing_while_it_trains_has_verbs_on_the_buttons(window: MainWindow, qtbot: QtBot) -> None:
    """Regression: "No" could be read as "do not keep what was learned"."""
    seen: list[str] = []

    def go_on(box: QMessageBox) -> None:
        seen.extend((box.text(), *sorted(button.text() for button in box.buttons())))
        qtbot.mouseClick(box.button(Answer.No), Qt.MouseButton.LeftButton)

    window.session.step()
    meet(go_on)
    assert not window.close()
    assert seen == ["Stop the training?", "Go on training", "Stop and close"]
    assert window.session.training != "idle"


def test_the_words_on_the_buttons_are_not_cut(window: MainWindow) -> None:
    widths: list[tuple[int, int]] = []

    def measure(box: QMessageBox) -> None:
        widths.extend((button.width(), button.sizeHint().width()) for button in box.buttons())
        box.reject()

    meet(measure)
    question.ask(window, "Stop?", "It goes on.", ANSWERS, Answer.Yes)
    assert len(widths) == 2
    assert all(width >= needed for width, needed in widths)
