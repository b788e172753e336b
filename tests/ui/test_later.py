"""What is brought up to date later: once, while it can be seen, and before anything reads it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts.later import Later
from tests.ui.turn import turn


def test_many_changes_are_one_call(show: Callable[[QWidget], None]) -> None:
    calls: list[int] = []
    part = QWidget()
    show(part)
    later = Later(part, lambda: calls.append(1))
    later.ask()
    later.ask()
    assert calls == []
    turn()
    assert calls == [1]
    turn()
    assert calls == [1]


def test_what_is_hidden_waits_until_it_is_read(qtbot: QtBot) -> None:
    calls: list[int] = []
    part = QWidget()
    qtbot.addWidget(part)
    later = Later(part, lambda: calls.append(1))
    later.flush()
    assert calls == [], "nothing was asked for"
    later.ask()
    turn()
    assert calls == []
    later.flush()
    later.flush()
    assert calls == [1]


class Paints(QObject):
    """Notes what the inspector says whenever the canvas has been painted."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window, self.said = window, []
        window.canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.said.append(self.window.inspector._header.name.text())
        return False


def test_an_edit_is_seen_on_the_canvas_first(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.select((1,))
    qtbot.wait(1)
    paints = Paints(window)
    session.insert(3, Conv2D(4, 3))
    qtbot.waitUntil(lambda: window.inspector._header.name.text() == "CONV 2")
    assert paints.said[0] == "CONV 1"


def test_all_parts_agree_a_turn_after_an_edit(window: MainWindow) -> None:
    session = window.session
    for edit in (
        lambda: session.insert(3, Conv2D(4, 3, padding=1)),
        lambda: session.move((3,), 2),
        lambda: session.replace(2, Conv2D(5, 3, padding=1), "Change"),
        lambda: session.remove((2,)),
        session.undo,
        session.undo,
    ):
        edit()
        turn()
        assert_agreed(window)


def assert_agreed(window: MainWindow) -> None:
    """What each part has shown, asked for without bringing it up to date."""
    session = window.session
    names, sizes = session.network.names, [str(b.output_shape) for b in session.report.blocks]
    assert [card.face.name for card in window.canvas.pipeline.cards] == list(names)
    model = window.outline.model()
    assert [model.index(i, 0).data() for i in range(model.rowCount())] == list(names)
    inspector, (place,) = window.inspector, session.selection
    assert inspector._header.name.text() == names[place]
    assert inspector._facts.output.result.text().replace("×", "x") == sizes[place]
    assert f"{session.report.parameters:,}" in window.statusBar()._totals.words
