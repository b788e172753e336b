"""The filters: one diverging scale, white at zero, biases, input maps of deeper blocks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.network import Network
from cnnstudio.ui.filters import Filters, signed
from cnnstudio.ui.mosaic import INSET
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager


@pytest.fixture
def panel(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Filters:
    assert session.model is not None
    weights = session.model.parameters["conv1.weight"]
    weights[...] = 0
    weights[0, 0, 0, 0], weights[1, 0, 2, 3], weights[2, 0, 4, 4] = 0.5, -0.5, 0.25
    session.model.parameters["conv1.bias"][0] = -0.48
    session.select((1,))
    panel = Filters(session, themes)
    show(panel)
    panel.resize(912, 216)
    return panel


def colour(panel: Filters, index: int, row: int, column: int) -> QColor:
    place = panel.mosaic.place(index)
    scale = place.width() / 5
    x, y = place.x() + (column + 0.5) * scale, place.y() + (row + 0.5) * scale
    point = QPoint(round(x) + INSET, round(y) + INSET)
    return panel.mosaic.grab().toImage().pixelColor(point)


def test_zero_is_white_and_the_ends_are_full(panel: Filters, themes: ThemeManager) -> None:
    table = themes.theme.filters_table()
    assert colour(panel, 0, 0, 0).name() == QColor(*map(int, table[255])).name()
    assert colour(panel, 1, 2, 3).name() == QColor(*map(int, table[0])).name()
    neutral = colour(panel, 3, 1, 1)
    assert min(neutral.red(), neutral.green(), neutral.blue()) >= 245
    half = colour(panel, 2, 4, 4)
    assert half.red() > half.blue() + 50


def test_head_says_what_is_shown(panel: Filters, session: Session) -> None:
    assert panel.caption.text() == "6 filters of 5×5  ·  white is 0  ·  random weights"
    assert panel.colours.accessibleName() == "Colours from −0.50 to +0.50"
    assert not panel.inputs.isVisible()
    panel.mosaic.hovered.emit((0, 0, 0))
    assert panel.caption.text() == "filter 1  ·  row 1, column 1  ·  +0.50  ·  bias −0.48"


def test_deeper_block_has_a_sheet_for_each_input_map(panel: Filters, session: Session) -> None:
    session.select((3,))
    assert panel.caption.text().startswith("16 filters of 5×5 for 6 input maps")
    assert panel.inputs.isVisible()
    assert panel.mosaic.count == 16 * 6
    panel.mosaic.hovered.emit((8, 1, 2))
    assert panel.caption.text().startswith("filter 2  ·  input map 3  ·  row 2, column 3")
    panel.inputs.setCurrentIndex(panel.inputs.findData(4))
    panel.refresh()
    assert panel.mosaic.count == 16
    panel.mosaic.hovered.emit((8, 1, 2))
    assert session.model is not None
    weight = session.model.parameters["conv2.weight"][8, 4, 1, 2]
    words = f"filter 9  ·  input map 5  ·  row 2, column 3  ·  {signed(float(weight))}"
    assert panel.caption.text().startswith(words)


def test_only_conv_blocks_are_offered(panel: Filters, session: Session) -> None:
    session.select((5,))
    offered = [panel.chooser.itemText(i) for i in range(panel.chooser.count())]
    assert offered == ["CONV 1", "CONV 2"]
    assert panel.chooser.currentText() == "CONV 1"
    assert panel.caption.text().endswith("FC 1 has no filters")


def test_network_without_filters_says_so(panel: Filters, session: Session) -> None:
    session.apply(Network((Input(), FullyConnected(10))), "Other")
    assert panel.words.text() == "Only CONV blocks have filters, and this network has none."
    assert panel.words.isVisible()
    session.undo()
    assert not panel.words.isVisible()
    session.replace(2, MaxPool2D(2, 5), "Break")
    assert panel.words.text() == "The filters are shown as soon as the network fits."


def test_filters_without_bias(panel: Filters, session: Session) -> None:
    session.replace(1, Conv2D(6, 5, bias=False), "No bias")
    panel.mosaic.hovered.emit((0, 0, 0))
    assert "bias" not in panel.caption.text()


def test_table_has_every_weight(panel: Filters, session: Session) -> None:
    header, *rows = panel._table()
    assert header == ("filter", "input map", "row", "column", "weight")
    assert len(rows) == 6 * 25
    values = np.array([row[-1] for row in rows]).reshape(6, 1, 5, 5)
    assert session.model is not None
    assert np.array_equal(values, session.model.parameters["conv1.weight"])


@pytest.mark.parametrize(
    ("value", "words"), [(0.0, "0"), (0.36, "+0.36"), (-0.71, "−0.71"), (0.0123, "+0.012")]
)
def test_signed(value: float, words: str) -> None:
    assert signed(value) == words
