"""The window in use: what people stumbled over, each once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize

from cnnstudio.ui.main_window import FIRST_SIZE, SMALLEST_SIZE, MainWindow, first_size


@pytest.mark.parametrize(
    ("screen", "size"),
    [
        (QSize(1920, 1080), FIRST_SIZE),
        (QSize(1440, 900), QSize(1440, 860)),
        (QSize(1280, 720), QSize(1280, 680)),
        (QSize(800, 600), SMALLEST_SIZE),
    ],
)
def test_the_window_opens_no_larger_than_the_screen(screen: QSize, size: QSize) -> None:
    assert first_size(screen) == size


def test_the_toolbar_does_not_move_when_train_becomes_continue(window: MainWindow) -> None:
    window.resize(FIRST_SIZE)
    train = window.toolbar.widgetForAction(window.actions_by_name["train"])
    pause = window.toolbar.widgetForAction(window.actions_by_name["pause"])
    place = pause.pos()
    window.session.step()
    assert window.session.training == "paused"
    assert window.actions_by_name["train"].text() == "Continue"
    window.toolbar.layout().activate()
    assert train.width() >= train.sizeHint().width(), "the word is not cut"
    assert pause.pos() == place
