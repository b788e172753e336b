"""A network in words on the command line of the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.network.text_form import write
from cnnstudio.ui import app as ui

LINE = "INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > POOL max 2x2 > FC 10"


@pytest.mark.parametrize("line", [LINE, "INPUT 28x28x1" + " > CONV 4@3x3 same + RELU" * 30])
def test_the_window_opens_on_words(qtbot: QtBot, line: str) -> None:
    _, window = ui.create(["cnnstudio", line])
    window.finish_loading()
    assert write(window.session.network) == line
    assert window.session.path is None
    assert not window.session.modified
    assert window.close()
    window.deleteLater()


def test_words_that_are_wrong_are_told_in_the_window(qtbot: QtBot) -> None:
    _, window = ui.create(["cnnstudio", "CONV 6@5y5 > FC 10"])
    with qtbot.waitSignal(window.session.noticed) as told:
        pass
    assert told.args is not None
    assert 'kernel "5y5" is not understood' in told.args[0].sentence
    assert len(window.session.network) == 8
    window.finish_loading()
    assert window.close()
    window.deleteLater()
