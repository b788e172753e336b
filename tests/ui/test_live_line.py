"""Words that change while the window runs: what has room, and that nothing is laid out anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from cnnstudio.ui.parts.live_line import BOLD, LiveLine, Part
from cnnstudio.ui.theme import FAMILY_NAME, ThemeManager, font

PARTS = (Part("epoch 1/4", BOLD), Part("12 %"), Part("0:07 left", BOLD, "errortext"))


class Requests(QObject):
    """Counts how often a widget is asked to lay itself out."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.fixture
def line(themes: ThemeManager, show: Callable[[QWidget], None]) -> LiveLine:
    page, line = QWidget(), LiveLine(themes, 12, tabular=True)
    row = QHBoxLayout(page)
    row.addWidget(line, 1)
    row.addWidget(QLabel("beside"))
    show(page)
    line.page = page  # type: ignore[attr-defined] # the test keeps it alive
    page.resize(400, 40)
    QApplication.processEvents()
    return line


def test_the_first_parts_are_shown_as_far_as_there_is_room(line: LiveLine) -> None:
    line.show_parts(PARTS, " · ")
    assert line.words == "epoch 1/4 · 12 % · 0:07 left"
    assert line.accessibleName() == line.words
    line.setFixedWidth(110)
    assert line.words == "epoch 1/4 · 12 %"
    line.setFixedWidth(40)
    assert line.words == "epoch 1/4"
    assert line._elided(PARTS[0], 0) == "epo…"
    line.show_parts((), "")
    assert line.words == ""


def test_short_words_stand_where_the_least_has_no_room_otherwise(line: LiveLine) -> None:
    parts = (Part("epoch 12 of 100", BOLD, short="12/100"), Part("2 min left"), Part("53 %"))
    line.show_parts(parts, " · ", least=2)
    assert line.words == "epoch 12 of 100 · 2 min left · 53 %"
    assert line.accessibleName() == line.words
    line.setFixedWidth(175)
    assert line.words == "epoch 12 of 100 · 2 min left"
    line.setFixedWidth(120)
    assert line.words == "12/100 · 2 min left"
    line.setFixedWidth(60)
    assert line.words == "12/100"
    assert line.accessibleName() == "epoch 12 of 100 · 2 min left · 53 %"


def test_no_weight_is_smeared_from_a_lighter_one(themes: ThemeManager) -> None:
    for weight in (400, BOLD):
        face = QFontInfo(font(12, weight))
        brought = {QFontDatabase.weight(FAMILY_NAME, s) for s in QFontDatabase.styles(FAMILY_NAME)}
        assert face.family() == FAMILY_NAME
        assert weight in brought


def test_new_words_lay_nothing_out(line: LiveLine) -> None:
    requests = Requests(line.parentWidget())
    line.show_parts(PARTS, " · ")
    QApplication.processEvents()
    assert requests.count == 0
    line.parentWidget().findChild(QLabel).setText("a label does")
    QApplication.processEvents()
    assert requests.count


def test_parts_have_their_colours(line: LiveLine, themes: ThemeManager) -> None:
    line.show_parts(PARTS, " · ")
    picture = line.grab().toImage()
    points = [(x, y) for x in range(picture.width()) for y in range(picture.height())]
    seen = {picture.pixelColor(x, y).name() for x, y in points}
    assert {themes.theme.color(token).name() for token in ("text", "errortext")} <= seen
