"""The mosaic: what is painted where, what is under the pointer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

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
