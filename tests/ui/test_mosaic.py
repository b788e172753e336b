"""The mosaic: what is painted where, what is under the pointer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.ui.parts.hatch import lost
from cnnstudio.ui.parts.mosaic import INSET, Mosaic
from cnnstudio.ui.theme import ThemeManager, packed

LEVELS = np.arange(6 * 4 * 5, dtype=np.uint8).reshape(6, 4, 5) * 2
"""Six maps of 4 rows and 5 columns, each value another one."""


@pytest.fixture
def mosaic(themes: ThemeManager, show: Callable[[QWidget], None]) -> Mosaic:
    mosaic = Mosaic(themes)
    show(mosaic)
    mosaic.resize(500, 160)
    mosaic.show_maps(LEVELS, themes.theme.maps_table())
    return mosaic


def middle(mosaic: Mosaic, index: int, row: int, column: int) -> QPoint:
    """The pixel in the middle of a value."""
    place = mosaic.place(index)
    _, rows, columns = LEVELS.shape
    x = place.x() + (column + 0.5) * place.width() / columns
    y = place.y() + (row + 0.5) * place.height() / rows
    return QPoint(round(x) + INSET, round(y) + INSET)


def test_every_value_has_its_colour_and_is_found(mosaic: Mosaic, themes: ThemeManager) -> None:
    picture = mosaic.grab().toImage()
    table = themes.theme.maps_table()
    for index, row, column in np.ndindex(*LEVELS.shape):
        point = middle(mosaic, index, row, column)
        expected = QColor(*map(int, table[LEVELS[index, row, column]]))
        assert picture.pixelColor(point).name() == expected.name()
        assert mosaic.at(point) == (index, row, column)
    assert mosaic.at(QPoint(499, 159)) is None


def test_pointer_tells_the_value(qtbot: QtBot, mosaic: Mosaic) -> None:
    with qtbot.waitSignal(mosaic.hovered, check_params_cb=lambda at: at == (2, 3, 4)):
        qtbot.mouseMove(mosaic, middle(mosaic, 2, 3, 4))


def test_click_chooses_and_gives_back(qtbot: QtBot, mosaic: Mosaic) -> None:
    seen: list[object] = []
    mosaic.chosen.connect(seen.append)
    for _ in range(2):
        qtbot.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=middle(mosaic, 4, 0, 0))
    qtbot.keyClick(mosaic, Qt.Key.Key_Right)
    qtbot.keyClick(mosaic, Qt.Key.Key_Right)
    qtbot.keyClick(mosaic, Qt.Key.Key_Escape)
    assert seen == [4, None, 0, 1, None]
    assert mosaic.choice is None


def test_new_values_replace_the_picture(mosaic: Mosaic, themes: ThemeManager) -> None:
    white = np.full_like(LEVELS, 255)
    mosaic.show_maps(white, themes.theme.maps_table())
    colour = mosaic.grab().toImage().pixelColor(middle(mosaic, 5, 3, 4))
    assert colour.name() == "#ffffff"


def test_table_becomes_opaque_pixels() -> None:
    table = np.array([[1, 2, 3], [255, 0, 16]], np.uint8)
    assert [hex(pixel) for pixel in packed(table)] == ["0xff010203", "0xffff0010"]


def test_what_is_no_number_is_hatched_and_nothing_else(
    mosaic: Mosaic, themes: ThemeManager
) -> None:
    """Regression: it looked like zero."""
    before, name = mosaic.grab().toImage(), mosaic.accessibleName()
    where = np.zeros(LEVELS.shape, bool)
    where[2], where[4, 1, 3] = True, True
    mosaic.show_maps(LEVELS, themes.theme.maps_table(), lost=where)
    after, tone = mosaic.grab().toImage(), themes.theme.color("errortext").name()
    hatched = set()
    for x in range(before.width()):
        for y in range(before.height()):
            if after.pixel(x, y) != before.pixel(x, y):
                assert after.pixelColor(x, y).name() == tone
                hatched.add(mosaic.at(QPoint(x, y)))
    assert hatched == {tuple(map(int, place)) for place in np.argwhere(where)}
    assert mosaic.accessibleName() == f"{name}, 2 with values that are no numbers"
    where[2] = False
    mosaic.show_maps(LEVELS, themes.theme.maps_table(), lost=where)
    assert mosaic.accessibleName() == f"{name}, 1 with values that are no numbers"
    mosaic.show_maps(LEVELS, themes.theme.maps_table())
    assert mosaic.grab().toImage() == before
    assert mosaic.accessibleName() == name


def test_values_are_lost_where_they_are_no_finite_numbers() -> None:
    assert lost(np.zeros((2, 3))) is None
    large = lost(np.full(9, 3e38, np.float32))
    assert large is not None
    assert not large.any(), "their sum is infinite, and no value is"
    found = lost(np.array([1.0, np.nan, np.inf, -np.inf]))
    assert found is not None
    assert found.tolist() == [False, True, True, True]
