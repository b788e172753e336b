"""The filters: one diverging scale, white at zero, biases, input maps of deeper blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    Activation,
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.data.preprocess import to_float
from cnnstudio.explain.cells import spot_at
from cnnstudio.explain.weight_gradient import Weight
from cnnstudio.network import Network, check
from cnnstudio.ui.document.saving import save
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.maps.filter_sheets import filtered_at, place_in_array, sheets_of
from cnnstudio.ui.maps.filter_words import ordinal, signed
from cnnstudio.ui.maps.filters import Filters
from cnnstudio.ui.parts.mosaic import INSET
from cnnstudio.ui.parts.spread import number
from cnnstudio.ui.theme import ThemeManager


@pytest.fixture
def panel(
    session: Session, themes: ThemeManager, show: Callable[[QWidget], None]
) -> Iterator[Filters]:
    assert session.model is not None
    weights = session.model.parameters["conv1.weight"]
    weights[...] = 0
    weights[0, 0, 0, 0], weights[1, 0, 2, 3], weights[2, 0, 4, 4] = 0.5, -0.5, 0.25
    session.model.parameters["conv1.bias"][0] = -0.48
    session.select((1,))
    panel = Filters(session, themes)
    show(panel)
    panel.resize(912, 216)
    yield panel
    panel.stop()


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
    assert "min −0.50, max 0.50" in panel.facts.spread.accessibleDescription()
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


def test_every_block_with_weights_is_offered(panel: Filters, session: Session) -> None:
    session.select((5,))
    offered = [panel.chooser.itemText(i) for i in range(panel.chooser.count())]
    assert offered == ["CONV 1", "CONV 2", "FC 1", "FC 2", "FC 3"]
    assert panel.chooser.currentText() == "FC 1"
    session.select((4,))
    assert panel.chooser.currentText() == "FC 1"
    assert panel.caption.text().endswith("POOL 2 has no filters")


def test_network_without_filters_says_so(panel: Filters, session: Session) -> None:
    session.apply(Network((Input(), GlobalAvgPool2D())), "Other")
    assert panel.words.text().startswith("Only CONV and FC blocks have weights to show")
    assert panel.words.isVisible()
    session.undo()
    assert not panel.words.isVisible()
    session.replace(2, MaxPool2D(2, 5), "Break")
    assert panel.words.text() == "POOL 1 does not fit: repair it first."


def test_weights_of_an_fc_behind_another_are_a_matrix(
    qtbot: QtBot, panel: Filters, session: Session, themes: ThemeManager, tmp_path: Path
) -> None:
    session.select((6,))
    assert session.model is not None
    weights = session.model.parameters["fc2.weight"]
    weights[...] = 0
    weights[30, 7], weights[99, 119], weights[0, 0] = 0.5, -0.5, 0.25
    panel.refresh()
    expected = "100 units (rows), 120 inputs (columns)  ·  white is 0  ·  random weights"
    assert panel.caption.text() == expected
    assert not panel.inputs.isVisible()
    image, table = panel.mosaic.grab().toImage(), themes.theme.filters_table()
    step = panel.mosaic.place(0).width() / 120
    assert step == panel.mosaic.place(0).height() == int(step)
    assert panel.mosaic.place(99).bottom() == 100 * step, "the rows leave nothing free"

    def middle(unit: int, column: int) -> QPoint:
        return QPoint(*(INSET + int((at + 0.5) * step) for at in (column, unit)))

    for unit, column, level in ((30, 7, 255), (99, 119, 0), (0, 0, 191), (30, 8, 128)):
        found = image.pixelColor(middle(unit, column))
        assert found.name() == QColor(*map(int, table[level])).name()
    qtbot.mouseMove(panel.mosaic, middle(30, 7))
    bias = signed(float(session.model.parameters["fc2.bias"][30]))
    words = f"unit 31  ·  input 8  ·  +0.50  ·  bias {bias}"
    qtbot.waitUntil(lambda: panel.caption.text() == words)
    qtbot.mouseClick(panel.mosaic, Qt.MouseButton.LeftButton, pos=middle(30, 7))
    values = panel.facts.spread.values
    assert values is not None
    assert values.words == "unit 31"
    qtbot.keyClick(panel.mosaic, Qt.Key.Key_Down)
    assert panel.mosaic.choice == 31
    header, *rows = panel._table()
    assert header == ("unit", "input", "weight")
    assert np.array_equal(np.array([row[-1] for row in rows]).reshape(100, 120), weights)
    source = panel._saveable()
    assert source is not None
    assert source[:2] == (panel.mosaic, "fc2-filters")
    for suffix in (".png", ".svg", ".csv"):
        save(tmp_path / f"a{suffix}", panel.mosaic, panel._table(), QColor("white"))
    saved = QImage(str(tmp_path / "a.png"))
    assert saved.width() == 2 * 120 * step
    red = QColor(*map(int, table[255])).name()
    assert saved.pixelColor(int(2 * 7.5 * step), int(2 * 30.5 * step)).name() == red


def test_the_table_is_of_what_was_under_the_pointer(
    qtbot: QtBot, panel: Filters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread, path = panel.facts.spread, tmp_path / "a.csv"
    assert spread.values is not None
    expected = [
        "from,to,count",
        *(",".join(map(str, row)) for row in list(spread.values.table())[1:]),
    ]
    qtbot.mouseMove(spread)
    at = panel.mapFromGlobal(spread.mapToGlobal(spread.rect().center()))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, panel.mapToGlobal(at))
    QApplication.sendEvent(panel, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.mouseMove(panel.mosaic)
    assert not spread.underMouse(), "as after the menu, or the question for a file"
    monkeypatch.setattr("cnnstudio.ui.document.saving.ask_path", lambda *_: path)
    menu.actions()[-1].trigger()
    menu.close()
    assert path.read_text(encoding="utf-8").splitlines() == expected


def test_a_matrix_wider_than_the_panel_says_what_is_drawn(
    qtbot: QtBot,
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    blocks = (Input(), FullyConnected(1500), FullyConnected(200), FullyConnected(4100))
    session = open_session(Network((*blocks, FullyConnected(10))))
    qtbot.waitUntil(lambda: session.model is not None)
    session.select((2,))
    panel = Filters(session, themes)
    show(panel)
    panel.resize(912, 216)
    panel.refresh()
    assert "every 3rd input is drawn" in panel.caption.text()
    point = panel.mosaic.place(199).bottomRight().toPoint() + QPoint(INSET - 1, INSET - 1)
    assert panel.mosaic.at(point) == (199, 0, 1497)
    session.select((3,))
    assert panel.chooser.currentText() == "FC 2"
    assert panel.caption.text().endswith("FC 3 has too many weights for a picture")


@pytest.mark.parametrize(
    ("count", "words"), [(2, "2nd"), (3, "3rd"), (4, "4th"), (12, "12th"), (21, "21st")]
)
def test_ordinals(count: int, words: str) -> None:
    assert ordinal(count) == words


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
    ("value", "words"),
    [
        (0.0, "0"),
        (0.36, "+0.36"),
        (-0.71, "−0.71"),
        (0.0123, "+0.012"),
        (-0.0004, "−4.0·10⁻⁴"),
        (-0.0, "0"),
        (float("nan"), "nan"),
        (float("inf"), "+inf"),
    ],
)
def test_signed(value: float, words: str) -> None:
    assert signed(value) == words


def shown_of(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    block: Block,
) -> tuple[Filters, Session]:
    """The panel for `block` behind a CONV of 6 filters."""
    session = open_session(Network((Input(), Conv2D(6, 5), block, FullyConnected(10))))
    session.select((2,))
    panel = Filters(session, themes)
    show(panel)
    return panel, session


@pytest.mark.parametrize(
    ("block", "words", "sheets"),
    [
        (Conv2D(4, 3, groups=2), "4 filters of 3×3 for 3 input maps each", 12),
        (Conv2D(12, 3, groups=6), "12 filters of 3×3", 12),
        (ConvTranspose2D(4, (2, 3)), "4 filters of 2×3 for 6 input maps", 24),
        (LocallyConnected2D(2, 3, 3), "2 filters of 3×3 in 8×8 places for 6 input maps", 2),
        (TiledConv2D(2, 3, 2), "2 filters of 3×3 in 2×2 tiles for 6 input maps", 2),
        (TableConv2D(3), "16 filters of 3×3 with 60 links", 96),
    ],
)
def test_every_kind_of_filter_is_shown(
    block: Block,
    words: str,
    sheets: int,
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    if isinstance(block, LocallyConnected2D):
        block = block.with_values(rounding="floor")
    panel, _ = shown_of(open_session, themes, show, block)
    assert panel.caption.text().split("  ·  ")[0] == words
    assert panel.mosaic.count == sheets


def test_the_maps_of_a_group_keep_their_numbers(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    for block, shape in (
        (Conv2D(4, 3, groups=2), (4, 3)),
        (ConvTranspose2D(4, 3, groups=2), (6, 2)),
    ):
        panel, session = shown_of(open_session, themes, show, block)
        assert session.model is not None
        weight = session.model.parameters[f"{block.stem}{2 if block.stem == 'conv' else 1}.weight"]
        assert weight.shape[:2] == shape
        weight[...] = 0
        index = (2, 1) if isinstance(block, Conv2D) else (4, 0)
        weight[(*index, 0, 2)] = 0.5
        panel.refresh()
        rows = [row for row in panel._table() if row[-1] == 0.5]
        assert rows == [(3, 5, 1, 3, 0.5)], "filter 3 is in the second group, its map 2 is map 5"
        panel.mosaic.hovered.emit((2 * 3 + 1, 0, 2))
        words = panel.caption.text()
        assert words.startswith("filter 3  ·  input map 5  ·  row 1, column 3  ·  +0.50"), words


def test_unshared_weights_say_for_which_place_they_are(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    panel, session = shown_of(open_session, themes, show, TiledConv2D(2, 3, 2))
    assert session.model is not None
    weight = session.model.parameters["tiled1.weight"]
    weight[...] = 0
    weight[1, 0, 1, 4, 2, 0] = -0.5
    panel.inputs.setCurrentIndex(0)
    panel.refresh()
    panel.mosaic.hovered.emit((6 + 4, 3 + 2, 0))
    expected = "filter 2  ·  input map 5  ·  place 2, 1  ·  row 3, column 1  ·  −0.50"
    assert panel.caption.text().startswith(expected)


def test_a_table_tells_links_from_zeros(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    panel, session = shown_of(open_session, themes, show, TableConv2D(3))
    assert session.model is not None
    weight = session.model.parameters[f"{session.network.keys[2]}.weight"]
    weight[3] = 0.25  # the fourth link is the first of the second filter: map 2
    panel.refresh()
    panel.mosaic.hovered.emit((6 + 1, 0, 0))
    assert "filter 2  ·  input map 2  ·  row 1, column 1  ·  +0.25" in panel.caption.text()
    panel.mosaic.hovered.emit((6, 0, 0))
    assert "filter 2  ·  input map 1  ·  row 1, column 1  ·  no link" in panel.caption.text()
    assert len(list(panel._table())) == 1 + 60 * 9


def test_blocks_inside_a_block_are_offered(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    inner = Residual((Conv2D(6, 3, padding=1), Activation("relu"), Conv2D(8, 3, padding=1)))
    block = Parallel(((Conv2D(2, 1),), (inner,)))
    panel, session = shown_of(open_session, themes, show, block)
    names = [panel.inner.itemText(i) for i in range(panel.inner.count())]
    assert names == [
        "Branch 1 › CONV 1",
        "Branch 2 › RESIDUAL 1 › CONV 1",
        "Branch 2 › RESIDUAL 1 › CONV 2",
        "Branch 2 › RESIDUAL 1 › PROJECTION",
    ]
    assert panel.inner.isVisible()
    panel.inner.setCurrentIndex(2)
    panel.refresh()
    assert panel.caption.text().startswith("8 filters of 3×3 for 6 input maps")
    saved = panel._saveable()
    assert saved is not None
    assert saved[1] == "parallel1-branch2-residual1-conv2-filters"
    session.select((1,))
    assert not panel.inner.isVisible()
    assert panel.caption.text().startswith("6 filters of 5×5")


def test_a_block_without_filters_inside_is_not_offered(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    panel, _ = shown_of(open_session, themes, show, Residual((Activation("relu"),)))
    offered = [panel.chooser.itemText(i) for i in range(panel.chooser.count())]
    assert offered == ["CONV 1", "FC 1"]


def test_units_inside_a_block_are_offered(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    inner = Residual((FullyConnected(7, activation="relu"), FullyConnected(5)))
    panel, session = shown_of(open_session, themes, show, inner)
    names = [panel.inner.itemText(i) for i in range(panel.inner.count())]
    assert names == ["FC 1", "FC 2", "PROJECTION"]
    assert panel.caption.text().startswith("7 units, each with 24×24 weights for 6 input maps")
    panel.inner.setCurrentIndex(1)
    panel.refresh()
    assert panel.caption.text().startswith("5 units (rows), 7 inputs (columns)")
    assert session.model is not None
    session.model.parameters["residual1.fc2.weight"][4, 6] = 9
    assert (5, 7, 9.0) in list(panel._table())


def test_gradients_of_weights_are_those_of_the_engine(
    qtbot: QtBot, panel: Filters, session: Session
) -> None:
    session.select((3,))
    session.set_recipe(session.recipe.with_values(seed=7))  # the weights as they are drawn
    qtbot.mouseClick(panel.facts.gradients, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.slopes.found is not None, timeout=10_000)
    assert panel.slope_mosaic.isVisible()
    model, probe = session.model, session.probe
    assert model is not None
    assert probe is not None
    _, gradients = model.loss_and_gradients(to_float(probe.pixels[None]), np.array([probe.label]))
    expected = gradients["conv2.weight"]
    header, *rows = panel._table()
    assert header[-1] == "gradient"
    told = np.array([row[-1] for row in rows]).reshape(expected.shape)
    assert told == pytest.approx(expected, abs=1e-7)
    panel.slope_mosaic.hovered.emit((8, 1, 2))
    slope = number(float(expected[1, 2, 1, 2]))
    assert f"gradient {slope}" in panel.caption.text()


def test_weights_of_an_fc_behind_maps_are_pictures(panel: Filters, session: Session) -> None:
    session.select((5,))
    assert panel.caption.text().startswith("120 units, each with 5×5 weights for 16 input maps")
    assert panel.inputs.currentText() == "Input map 1", "1,920 pictures would be too many"
    assert panel.mosaic.count == 120
    panel.inputs.setCurrentIndex(panel.inputs.findData(9))
    panel.refresh()
    panel.mosaic.hovered.emit((30, 4, 2))
    assert session.model is not None
    weight = session.model.parameters["fc1.weight"][30].reshape(16, 5, 5)[9, 4, 2]
    words = f"unit 31  ·  input map 10  ·  row 5, column 3  ·  {signed(float(weight))}"
    assert panel.caption.text().startswith(words)


@pytest.mark.parametrize("between", [(), (Flatten(),), (Flatten(), Dropout(0.2))])
def test_weights_of_an_fc_on_the_picture_have_its_size(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    between: tuple[Block, ...],
) -> None:
    session = open_session(Network((Input(), *between, FullyConnected(10))))
    session.select((1 + len(between),))
    panel = Filters(session, themes)
    show(panel)
    assert panel.caption.text().startswith("10 units, each with 28×28 weights")
    assert panel.mosaic.count == 10
    assert session.model is not None
    weights = session.model.parameters["fc1.weight"].reshape(10, 28, 28)
    levels = 127.5 + 127.5 * weights / np.abs(weights).max()
    assert panel.mosaic._levels == pytest.approx(levels, abs=0.51)


def test_a_chosen_filter_that_another_block_has_not_is_given_up(
    panel: Filters, session: Session
) -> None:
    session.select((3,))
    panel.mosaic._choose(95)
    session.select((1,))
    values = panel.facts.spread.values
    assert values is not None
    assert values.words == "all weights"
    assert panel.mosaic.choice is None


def test_spread_of_all_weights_and_of_a_chosen_filter(panel: Filters, session: Session) -> None:
    session.select((3,))
    assert session.model is not None
    weights = session.model.parameters["conv2.weight"]
    values = panel.facts.spread.values
    assert values is not None
    facts = dict(values.facts)
    assert facts["sd"] == number(weights.std())
    counts, borders = values.counts
    assert np.array_equal(counts, np.histogram(weights, borders)[0])
    assert borders[0] == -borders[-1], "zero is in the middle"
    panel.mosaic._choose(6 + 4)
    values = panel.facts.spread.values
    assert values is not None
    assert values.words == "filter 2, input map 5"
    assert np.array_equal(values.numbers, weights[1, 4])


@pytest.mark.parametrize(
    ("block", "path", "place"),
    [
        (Conv2D(4, 3, groups=2), (2,), (2, 1, 0, 2)),
        (ConvTranspose2D(4, 3, groups=2), (2,), (4, 1, 0, 2)),
        (TiledConv2D(2, 3, 2), (2,), (1, 0, 1, 4, 2, 0)),
        (TableConv2D(3), (2,), (3, 1, 2)),
        (FullyConnected(3), (3,), (7, 2)),
        (FullyConnected(3), (2,), (1, 2 * 24 * 24 + 5 * 24 + 7)),
        (Parallel(((Conv2D(2, 1),), (Conv2D(3, 3, padding=1),))), (2, 1, 0), (2, 4, 1, 0)),
    ],
)
def test_a_double_click_asks_about_the_weight_under_it(
    qtbot: QtBot,
    block: Block,
    path: tuple[int, ...],
    place: tuple[int, ...],
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    panel, session = shown_of(open_session, themes, show, block)
    session.select(path[:1])
    panel.resize(912, 900)
    if len(path) > 1:
        panel.inner.setCurrentIndex(1)
    panel.inputs.setCurrentIndex(0)
    assert session.model is not None
    key = spot_at(session.report, path).key + ".weight"
    session.model.parameters[key][place] = 9
    panel.refresh()
    sheets = panel._sheets
    assert sheets is not None
    shown = sheets.values.reshape(-1, *sheets.values.shape[2:])
    index, row, column = np.argwhere(shown == 9)[0].tolist()
    tile = panel.mosaic.place(index)
    step = tile.width() / shown.shape[2]
    point = tile.topLeft().toPoint() + QPoint(
        INSET + int((column + 0.5) * step), INSET + int((row + 0.5) * step)
    )
    with qtbot.waitSignal(panel.asked) as asked:
        qtbot.mouseDClick(panel.mosaic, Qt.MouseButton.LeftButton, pos=point)
    assert asked.args == [Weight(path, "weight", place)]
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, point, panel.mosaic.mapToGlobal(point)
    )
    QApplication.sendEvent(panel.mosaic, event)
    menu = panel.findChild(QMenu)
    assert menu is not None
    with qtbot.waitSignal(panel.asked) as asked:
        menu.actions()[0].trigger()
    menu.close()
    assert asked.args == [Weight(path, "weight", place)]


@pytest.mark.parametrize(
    "block",
    [
        Conv2D(4, 3, groups=2),
        ConvTranspose2D(4, 3, groups=2),
        LocallyConnected2D(2, 4, stride=2),
        TiledConv2D(2, 3, 2),
        TableConv2D(3),
        FullyConnected(3),
    ],
    ids=lambda block: type(block).__name__,
)
def test_every_weight_of_the_sheets_is_found_in_the_array(block: Block) -> None:
    report = check(Network((Input(), Conv2D(6, 15), block, FullyConnected(10))))
    for index in (2, 3):
        (found,) = filtered_at(report.blocks, index)
        entry = report.blocks[index]
        assert entry.input_shape is not None
        shape = entry.block.parameter_shapes(entry.input_shape)["weight"]
        numbers = np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
        sheets = sheets_of(found, {f"{found.key}.weight": numbers}).values
        assert np.nanmax(sheets) == numbers.size - 1
        for place, number_ in np.ndenumerate(sheets):
            at = place_in_array(found, shape, place)
            assert np.isnan(number_) if at is None else numbers[at] == number_


def test_the_window_says_why_a_weight_gets_its_gradient(window: MainWindow, qtbot: QtBot) -> None:
    weight = Weight((1,), "weight", (2, 0, 1, 3))
    window.panels.filters.asked.emit(weight)
    why = window.panels.why
    qtbot.waitUntil(lambda: why.isVisible() and not why.busy)
    assert why.item == weight
    assert why.answer is not None
    assert why.answer.gradient is not None
    assert why.answer.gradient.total == pytest.approx(why.answer.gradient.engine, abs=1e-5)


def test_no_link_has_no_gradient_to_ask_about(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    panel, _ = shown_of(open_session, themes, show, TableConv2D(3))
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.mosaic.asked.emit((6, 0, 0))
    assert not asked


def test_weights_that_are_no_numbers_are_hatched_but_not_those_that_are_not_there(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    panel, session = shown_of(open_session, themes, show, TableConv2D(3))
    assert "no numbers" not in panel.mosaic.accessibleName()
    assert session.model is not None
    session.model.parameters["conv2.weight"][7] = np.nan
    panel.refresh()
    assert panel.mosaic.accessibleName().endswith("1 with values that are no numbers")
