"""The bars of the classes: what is painted again, and that it is what a whole painting shows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.ui.parts.class_bars import ClassBars
from cnnstudio.ui.theme import ThemeManager

NAMES = tuple("0123456789")


class Paints(QObject):
    """How many pixels of a widget are painted."""

    def __init__(self, watched: ClassBars) -> None:
        super().__init__(watched)
        self.pixels = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count."""
        if isinstance(event, QPaintEvent):
            self.pixels += sum(r.width() * r.height() for r in event.region())
        return False


@pytest.fixture
def bars(qtbot: QtBot, themes: ThemeManager) -> ClassBars:
    bars = ClassBars(themes)
    qtbot.addWidget(bars)
    bars.resize(160, 150)
    bars.show()
    qtbot.waitExposed(bars)
    QApplication.processEvents()
    return bars


def shares(*pairs: tuple[int, float]) -> np.ndarray:
    found = np.zeros(10)
    for place, share in pairs:
        found[place] = share
    return found


def painted_by(bars: ClassBars, paints: Paints, given: np.ndarray) -> int:
    """The pixels that are painted for other shares."""
    QApplication.processEvents()
    paints.pixels = 0
    bars.show_shares(NAMES, given)
    QApplication.processEvents()
    return paints.pixels


def test_only_rows_that_look_another_way_are_painted(bars: ClassBars) -> None:
    paints = Paints(bars)
    assert painted_by(bars, paints, shares((3, 1.0))) > 0
    assert painted_by(bars, paints, shares((3, 0.9999), (4, 0.0001))) == 0
    few = painted_by(bars, paints, shares((3, 0.9), (4, 0.1)))
    assert 0 < few < bars.width() * bars.height() / 3
    assert painted_by(bars, paints, shares((3, 0.1), (8, 0.9))) > 0


def test_what_is_painted_in_parts_is_what_a_whole_painting_shows(bars: ClassBars) -> None:
    chance = np.random.default_rng(0)
    for _ in range(20):
        bars.show_shares(NAMES, chance.dirichlet(np.full(10, 0.1)))
        QApplication.processEvents()
        in_parts = bars.screen().grabWindow(bars.winId()).toImage()
        bars.update()
        QApplication.processEvents()
        assert bars.screen().grabWindow(bars.winId()).toImage() == in_parts


def test_the_bars_come_back_after_words(bars: ClassBars) -> None:
    paints = Paints(bars)
    given = shares((2, 0.75), (5, 0.25))
    painted_by(bars, paints, given)
    bars.show_words("Nothing fits.")
    assert painted_by(bars, paints, given) == bars.width() * bars.height()
