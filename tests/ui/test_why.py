"""Why this number: asked as a person would, and checked against the engine."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Conv2D,
    FullyConnected,
    Input,
    MaxPool2D,
    Residual,
)
from cnnstudio.engine.model import Model
from cnnstudio.explain.cells import PICTURE, Cell
from cnnstudio.explain.weight_gradient import Weight
from cnnstudio.network import Network
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document import saving
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.maps.feature_maps import FeatureMaps
from cnnstudio.ui.parts.mosaic import INSET
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why import Why
from cnnstudio.ui.why.why_grids import Grids
from cnnstudio.ui.why.why_list import TermList
from cnnstudio.ui.why.why_numbers import full, short, tight
from cnnstudio.ui.why.why_pictures import CellPicture
from cnnstudio.ui.why.why_sheet import PRODUCT, VALUE, WEIGHT, Sheet, Spot

Open = Callable[[Network], Session]
Show = Callable[[QWidget], None]
Left = Qt.MouseButton.LeftButton
Key = Qt.Key

INSIDE = Network(
    (
        Input(),
        Residual((Conv2D(4, 3, padding=1, activation="relu"), Conv2D(4, 1)), "relu"),
        MaxPool2D(4, 4),
        FullyConnected(10),
        Activation("softmax"),
    )
)


@pytest.fixture
def make(open_panel: Callable[[type, Session], Why], qtbot: QtBot) -> Callable[[Session], Why]:
    def made(session: Session) -> Why:
        panel = open_panel(Why, session)
        panel.resize(912, 200)
        wait(qtbot, panel)
        return panel

    return made


@pytest.fixture
def why(make: Callable[[Session], Why], session: Session) -> Why:
    session.select((3,))
    return make(session)


def wait(qtbot: QtBot, why: Why) -> None:
    qtbot.waitUntil(lambda: not why.busy and why.answer is not None)


def ask(qtbot: QtBot, why: Why, item: Cell | Weight) -> None:
    why.ask(item)
    wait(qtbot, why)


def sheet_of(why: Why) -> Sheet:
    sheet = why.reckoning.sheet
    assert sheet is not None
    return sheet


def click(qtbot: QtBot, sheet: Sheet, term: int, column: int) -> None:
    at = sheet.place_of(Spot(term, column)).center().toPoint()
    qtbot.mouseClick(sheet, Left, pos=at)


# ---- what is shown


def test_a_convolution_is_reckoned_with_the_engines_numbers(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    assert session.model is not None
    weights = session.model.parameters
    window = session.activations[2][:, 4:9, 5:10]
    products = window.astype(np.float64) * weights["conv2.weight"][7]
    total, bias = products.sum(), float(weights["conv2.bias"][7])
    value = max(0.0, total + bias)
    assert value == pytest.approx(float(session.activations[3][7, 4, 5]), abs=1e-5)
    sums = sheet_of(why).sums
    assert sums is not None
    assert list(sums.terms.products) == pytest.approx(list(products.ravel()))
    assert why.reckoning.value.text() == full(value)
    words = why.reckoning.steps.text()
    assert words.startswith(f"sum of 150 products {full(total)} {'−' if bias < 0 else '+'} bias ")
    assert words.endswith(f" = {full(total + bias)} → ReLU {full(value)}")


def test_the_window_is_outlined_on_what_is_read_and_on_the_picture(qtbot: QtBot, why: Why) -> None:
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    region = why.scenes.read.region
    assert region is not None
    assert np.argwhere(region).min(axis=0).tolist() == [4, 5]
    assert np.argwhere(region).max(axis=0).tolist() == [8, 9]
    seen = why.scenes.picture.region
    assert seen is not None
    # 14x14 pixels from (8, 10) on of the padded picture, so two less on the real one.
    assert np.argwhere(seen).min(axis=0).tolist() == [6, 8]
    assert np.argwhere(seen).max(axis=0).tolist() == [19, 21]
    assert "14×14 pixels at rows 7 to 20, columns 9 to 22" in why.reckoning.note.text()
    assert why.scenes.made.cell == (4, 5)


def test_the_winner_of_a_pool_is_framed_and_named(qtbot: QtBot, why: Why, session: Session) -> None:
    ask(qtbot, why, Cell((4,), (3, 1, 2)))
    window = session.activations[3][3, 2:4, 4:6]
    sums = sheet_of(why).sums
    assert sums is not None
    assert sums.chosen == int(window.argmax())
    assert sums.columns == (VALUE,)
    assert why.reckoning.value.text() == full(float(window.max()))
    assert why.reckoning.steps.text() == "largest of 4 cells"


def test_a_long_sum_is_listed_heaviest_first_with_the_rest(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((5,), (17,)))
    sheet = sheet_of(why)
    assert isinstance(sheet, TermList)
    assert session.model is not None
    inputs = session.activations[4].ravel().astype(np.float64)
    products = inputs * session.model.parameters["fc1.weight"][17]
    order = np.argsort(-np.abs(products), kind="stable")
    assert sheet.order() == order[:200].tolist()
    count, rest = sheet.rest
    assert count == 200
    assert rest == pytest.approx(products[order[200:]].sum())
    assert sheet.sums is not None
    channel, row, column = np.unravel_index(order[0], (16, 5, 5))
    words = f"map {channel + 1}, row {row + 1}, col {column + 1}"
    assert sheet.sums.where(int(order[0])) == words


def test_the_pointer_reads_a_product(qtbot: QtBot, why: Why) -> None:
    ask(qtbot, why, Cell((1,), (0, 10, 10)))
    sheet = sheet_of(why)
    assert isinstance(sheet, Grids)
    assert sheet.has_numbers
    assert sheet.sums is not None
    term = sheet.sums.terms[7]
    qtbot.mouseMove(sheet, sheet.place_of(Spot(7, PRODUCT)).center().toPoint())
    words = f"map 1, row 12, col 13:  {full(term.value)} × {full(term.weight)}"
    assert why.reckoning.note.text().startswith(f"{words} = {full(term.product)}")
    qtbot.mouseMove(sheet, QPoint(1, 1))
    assert "sees 5×5 pixels" in why.reckoning.note.text()


# ---- walking


def test_one_walks_from_an_output_to_a_pixel_and_forward_again(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((7,), (3,)))
    visited = []
    while why.item is not None and why.item.path != PICTURE:
        assert isinstance(why.item, Cell)
        assert why.answer is not None
        place = why.item.place
        expected = float(session.activations[why.item.path[0]][place])
        assert why.answer.value == pytest.approx(expected, abs=1e-5)
        visited.append(why.item)
        sums = sheet_of(why).sums
        assert sums is not None
        heaviest = int(sums.terms.largest(1)[0]) if sums.chosen is None else sums.chosen
        assert sums.terms.cell(heaviest) is not None
        click(qtbot, sheet_of(why), heaviest, VALUE)
        wait(qtbot, why)
    assert [cell.path for cell in visited] == [(i,) for i in (7, 6, 5, 4, 3, 2, 1, 0)]
    pixel = why.item
    assert isinstance(pixel, Cell)
    assert session.probe is not None
    shade = float(session.probe.pixels[pixel.place]) / 255
    assert why.reckoning.value.text() == full(np.float32(shade))
    assert why.scenes.picture.cell == pixel.place[1:]
    for cell in reversed(visited):
        qtbot.mouseClick(why.way.back, Left)
        assert why.item == cell
    wait(qtbot, why)
    assert not why.way.back.isEnabled()
    qtbot.mouseClick(why.way.forward, Left)
    assert why.item == visited[1]
    assert session.selection == (6,)
    why.way.crumbs.linkActivated.emit("0")
    assert why.item == visited[0]


def walk_back(qtbot: QtBot, why: Why, steps: int) -> None:
    """Click on the heaviest value, again and again."""
    for _ in range(steps):
        sums = sheet_of(why).sums
        assert sums is not None
        heaviest = int(sums.terms.largest(1)[0]) if sums.chosen is None else sums.chosen
        click(qtbot, sheet_of(why), heaviest, VALUE)
        wait(qtbot, why)


def test_the_buttons_of_the_way_stay_under_the_pointer(qtbot: QtBot, why: Why) -> None:
    """Regression: they moved with the words of the pager beside them."""
    ask(qtbot, why, Cell((7,), (3,)))
    walk_back(qtbot, why, 5)
    places = set()
    for _ in range(5):
        QApplication.processEvents()
        places.add((why.way.back.pos().toTuple(), why.way.forward.pos().toTuple()))
        qtbot.mouseClick(why.way.back, Left)
        wait(qtbot, why)
    assert len(places) == 1
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    pager = set()
    for _ in range(4):
        QApplication.processEvents()
        pager.add(why.next_map.pos().toTuple())
        qtbot.mouseClick(why.next_map, Left)
        wait(qtbot, why)
    assert len(pager) == 1, "from map 8 to map 11"


def test_where_one_is_is_named_in_full_in_a_narrow_panel(qtbot: QtBot, why: Why) -> None:
    """Regression: the last crumb was cut, the older ones were whole."""
    ask(qtbot, why, Cell((7,), (3,)))
    walk_back(qtbot, why, 4)
    for width in (1200, 760, 620, 560):
        why.resize(width, 200)
        QApplication.processEvents()
        crumbs = why.way.crumbs
        assert "<b>CONV 2 (" in crumbs.text()
        assert crumbs.sizeHint().width() <= crumbs.width() + 2, width
    assert "FC 2 (" not in crumbs.text()
    why.resize(1200, 200)
    QApplication.processEvents()
    assert "FC 2 (" in crumbs.text()


def test_a_resize_before_the_way_is_shown_names_the_stations_of_before(
    qtbot: QtBot, why: Why
) -> None:
    """Regression: a block that the network shown last did not have ended the program."""
    ask(qtbot, why, Cell((5,), (3,)))
    before = why.way.crumbs.text()
    why.way.trail.start(Cell((77,), (0,)))
    why.way.resize(why.way.width() - 1, why.way.height())
    QApplication.processEvents()
    assert why.way.crumbs.text() == before


def test_stations_that_another_network_does_not_have_are_forgotten(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    """Regression: naming them ended in an exception."""
    ask(qtbot, why, Cell((7,), (3,)))
    walk_back(qtbot, why, 3)
    here = why.item
    assert here is not None
    assert len(why.way.trail.items) == 4
    session.apply(session.network.remove(6), "Shrink")
    assert why.item == here
    assert all(item.path < (7,) for item in why.way.trail.items)
    wait(qtbot, why)
    assert "FC 3" not in why.way.crumbs.text()
    why.way.step(-1)
    wait(qtbot, why)
    session.apply(Network((Input(), FullyConnected(10))), "Shrink")
    wait(qtbot, why)
    assert why.item == why.way.trail.items[0]


def test_the_keyboard_stays_with_the_terms(qtbot: QtBot, why: Why) -> None:
    """Regression: a click that led from a list to grids gave the keyboard to another panel."""
    ask(qtbot, why, Cell((5,), (3,)))
    for _ in range(2):
        walk_back(qtbot, why, 1)
        assert sheet_of(why).hasFocus()
    assert isinstance(sheet_of(why), Grids)


def test_a_long_way_of_reckoning_is_told_in_fewer_words(qtbot: QtBot, why: Why) -> None:
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    steps = why.reckoning.steps
    assert steps.text().startswith("sum of 150 products")
    assert steps.short.startswith("Σ 150 products")
    assert steps.short.endswith("→ ReLU")
    steps.resize(340, 20)
    steps.grab()
    assert steps.toolTip() == steps.text()


def test_one_walks_with_the_keyboard_alone(qtbot: QtBot, why: Why) -> None:
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    why.scenes.made.setFocus()
    qtbot.keyClick(why.scenes.made, Key.Key_Right)
    qtbot.keyClick(why.scenes.made, Key.Key_Up)
    assert why.item == Cell((3,), (7, 3, 6))
    wait(qtbot, why)
    qtbot.keyClick(why.scenes.made, Key.Key_PageDown)
    assert why.item == Cell((3,), (8, 3, 6))
    wait(qtbot, why)
    sheet = sheet_of(why)
    sheet.setFocus()
    qtbot.keyClick(sheet, Key.Key_Down)
    qtbot.keyClick(sheet, Key.Key_Right)
    assert sheet.current == Spot(6, VALUE)
    qtbot.keyClick(sheet, Key.Key_Return)
    assert why.item == Cell((2,), (0, 4, 7))
    wait(qtbot, why)
    qtbot.keyClick(why, Key.Key_Backspace)
    assert why.item == Cell((3,), (8, 3, 6))
    qtbot.keyClick(why, Key.Key_Backspace, Qt.KeyboardModifier.ShiftModifier)
    assert why.item == Cell((2,), (0, 4, 7))


def test_the_keyboard_goes_on_to_the_grid_beside_and_to_the_map_below(
    qtbot: QtBot, why: Why
) -> None:
    ask(qtbot, why, Cell((3,), (0, 0, 0)))
    sheet = sheet_of(why)
    assert sheet.neighbour(Spot(4, VALUE), 0, 1) == Spot(0, WEIGHT)
    assert sheet.neighbour(Spot(0, PRODUCT), 0, -1) == Spot(4, WEIGHT)
    assert sheet.neighbour(Spot(22, VALUE), 1, 0) == Spot(27, VALUE)
    assert sheet.neighbour(Spot(0, VALUE), -1, -1) == Spot(0, VALUE)
    assert sheet.neighbour(Spot(149, PRODUCT), 1, 1) == Spot(149, PRODUCT)


def test_a_click_in_a_picture_asks_about_that_value(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((3,), (2, 0, 0)))
    qtbot.mouseClick(why.scenes.made, Left, pos=why.scenes.made.place_of(6, 9).center().toPoint())
    assert why.item == Cell((3,), (2, 6, 9))
    wait(qtbot, why)
    qtbot.mouseClick(
        why.scenes.picture, Left, pos=why.scenes.picture.place_of(5, 7).center().toPoint()
    )
    assert why.item == Cell(PICTURE, (0, 5, 7))
    wait(qtbot, why)
    session.select((5,))
    wait(qtbot, why)
    qtbot.mouseClick(why.scenes.made, Left, pos=why.scenes.made.place_of(1, 2).center().toPoint())
    assert why.item == Cell((5,), (13,))


def test_blocks_inside_others_are_asked_too(
    qtbot: QtBot, make: Callable[[Session], Why], open_session: Open
) -> None:
    session = open_session(INSIDE)
    why = make(session)
    ask(qtbot, why, Cell((1,), (2, 5, 5)))
    assert why.answer is not None
    assert why.answer.value == pytest.approx(float(session.activations[1][2, 5, 5]), abs=1e-5)
    assert len(sheet_of(why).order()) == 2
    click(qtbot, sheet_of(why), 0, VALUE)
    assert why.item == Cell((1, 0, 1), (2, 5, 5))
    wait(qtbot, why)
    assert session.selected_path == (1, 0, 1)
    assert "CONV 2 of RESIDUAL 1" in why.way.crumbs.text()
    qtbot.mouseClick(why.way.back, Left)
    wait(qtbot, why)
    click(qtbot, sheet_of(why), 1, VALUE)
    assert why.item == Cell((1, 1, 0), (2, 5, 5)), "the projection of the shortcut"
    wait(qtbot, why)
    assert session.selection == (1,)
    assert why.item == Cell((1, 1, 0), (2, 5, 5))
    ask(qtbot, why, Cell((4,), (3,)))
    assert session.probabilities is not None
    assert why.answer.value == pytest.approx(float(session.probabilities[3]), abs=1e-5)


def test_a_picture_of_the_network_before_asks_about_nothing_that_is_gone(
    qtbot: QtBot, make: Callable[[Session], Why], open_session: Open
) -> None:
    """Regression: until it was drawn anew a click in it asked, and naming the answer ended so."""
    session = open_session(INSIDE)
    why = make(session)
    gone = Cell((1, 1, 0), (2, 5, 5))
    ask(qtbot, why, gone)
    row = (Conv2D(1, 3, padding=1, activation="relu"), Conv2D(1, 1))
    session.replace(1, Residual(row, "relu"), "Edit")  # as many channels: no projection
    why.scenes.picked.emit(Cell((1, 1, 0), (2, 6, 5)))
    wait(qtbot, why)
    assert why.item is not None
    assert why.item.path == (1,)
    why.scenes.walked.emit(gone)
    wait(qtbot, why)
    assert why.item.path == (1,)


# ---- gradients


def test_a_click_on_a_weight_asks_for_its_gradient(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((1,), (4, 10, 10)))
    click(qtbot, sheet_of(why), 7, WEIGHT)
    assert why.item == Weight((1,), "weight", (4, 0, 1, 2))
    wait(qtbot, why)
    assert session.model is not None
    assert session.probe is not None
    labels = np.array([session.probe.label])
    _, gradients = session.model.loss_and_gradients(session.probe.pixels[np.newaxis], labels)
    expected = float(gradients["conv1.weight"][4, 0, 1, 2])
    assert why.answer is not None
    assert why.answer.value == pytest.approx(expected, rel=1e-4)
    exact = Model(session.network, dtype=np.float64)
    exact.load(session.model.weights)
    _, gradients = exact.loss_and_gradients(session.probe.pixels[np.newaxis], labels)
    assert why.answer.gradient is not None
    slope = float(gradients["conv1.weight"][4, 0, 1, 2])
    assert why.answer.gradient.numeric == pytest.approx(slope, abs=1e-6)
    words = why.reckoning.steps.text()
    assert words.startswith("sum of 784 products")
    assert f"engine {full(expected)}" in words
    assert f"central difference {full(why.answer.gradient.numeric)}" in words
    click(qtbot, sheet_of(why), 30, WEIGHT)
    assert why.item == Cell((1,), (4, 1, 2)), "a gradient leads to the value that it is of"


def test_the_gradient_of_a_bias(qtbot: QtBot, why: Why, session: Session) -> None:
    ask(qtbot, why, Cell((5,), (17,)))
    qtbot.mouseClick(why.reckoning.bias, Left)
    assert why.item == Weight((5,), "bias", (17,))
    wait(qtbot, why)
    assert session.model is not None
    assert session.probe is not None
    _, gradients = session.model.loss_and_gradients(
        session.probe.pixels[np.newaxis], np.array([session.probe.label])
    )
    assert why.answer is not None
    assert why.answer.value == pytest.approx(float(gradients["fc1.bias"][17]), abs=1e-6)
    bias = full(float(session.model.parameters["fc1.bias"][17]))
    assert f"the bias is {bias}" in why.reckoning.note.text()
    assert not why.reckoning.bias.isVisible()


# ---- following


def test_a_selected_block_begins_with_its_largest_value(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    session.select((2,))
    wait(qtbot, why)
    maps = session.activations[2]
    assert why.item == Cell((2,), tuple(map(int, np.unravel_index(maps.argmax(), maps.shape))))
    assert why.chooser.currentText() == "POOL 1"
    why.chooser.setFocus()
    qtbot.keyClick(why.chooser, Key.Key_Down)
    wait(qtbot, why)
    assert session.selection == (3,)
    assert why.item is not None
    assert why.item.path == (3,)


def test_it_lives_with_weights_and_probe(qtbot: QtBot, why: Why, session: Session) -> None:
    ask(qtbot, why, Cell((7,), (3,)))
    before = why.reckoning.value.text()
    session.set_probe(5)
    qtbot.waitUntil(lambda: why.reckoning.value.text() != before)
    assert why.reckoning.value.text()[:5] == full(float(session.activations[7][3]))[:5]
    assert why.item == Cell((7,), (3,))


def test_an_edit_that_takes_the_value_away_begins_anew(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((3,), (15, 9, 9)))
    session.replace(3, Conv2D(4, 3, rounding="floor"), "Edit")
    wait(qtbot, why)
    assert why.item is not None
    assert why.item.path == (3,)
    assert why.item.place[0] < 4
    session.replace(3, Conv2D(4, 30), "Edit")
    qtbot.waitUntil(why.words.isVisible)
    assert why.words.text() == "CONV 2 does not fit: repair it first."
    session.undo()
    wait(qtbot, why)
    assert not why.words.isVisible()


def test_hidden_it_asks_nothing(qtbot: QtBot, why: Why, session: Session) -> None:
    wait(qtbot, why)
    why.hide()
    before = why.answer
    session.set_probe(7)
    session.select((1,))
    assert not why._inquiry.busy
    assert why.answer is before
    why.show()
    wait(qtbot, why)
    qtbot.waitUntil(lambda: why.answer is not before)
    assert why.item is not None
    assert why.item.path == (1,)


def test_while_training_the_numbers_are_those_of_one_moment(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    before = why.answer
    session.set_recipe(session.recipe.with_values(validation=0, epochs=500))
    session.train()
    qtbot.waitUntil(lambda: why.answer is not before, timeout=20_000)
    answer = why.answer
    assert answer is not None
    assert answer.explanation is not None
    assert answer.explanation.value == pytest.approx(answer.explanation.engine, abs=1e-5)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


def test_a_click_in_the_large_map_and_on_a_unit_asks(
    qtbot: QtBot, session: Session, themes: ThemeManager, show: Show
) -> None:
    session.select((3,))
    maps = FeatureMaps(session, themes)
    show(maps)
    maps.resize(912, 216)
    asked: list[Cell] = []
    maps.asked.connect(asked.append)
    assert maps.mosaic.choice is not None
    place = maps.large.place(0)
    side = place.width() / 10
    at = place.topLeft() + QPointF(3.5 * side + INSET, 6.5 * side + INSET)
    qtbot.mouseClick(maps.large, Left, pos=at.toPoint())
    assert asked == [Cell((3,), (maps.mosaic.choice, 6, 3))]
    session.select((5,))
    at = maps.mosaic.place(11).center() + QPointF(INSET, INSET)
    qtbot.mouseClick(maps.mosaic, Left, pos=at.toPoint())
    session.select((7,))
    pitch = maps.bars.drawn_size().width() / 10
    qtbot.mouseClick(maps.bars, Left, pos=QPoint(round(2.4 * pitch), 30))
    assert asked[1:] == [Cell((5,), (11,)), Cell((7,), (2,))]


def test_in_the_window_a_click_in_a_map_opens_the_tab(window: MainWindow, qtbot: QtBot) -> None:
    session, panels = window.session, window.panels
    session.select((3,))
    panels.show_tab("feature_maps")
    maps = panels.feature_maps
    choice = maps.mosaic.choice
    assert choice is not None
    place = maps.large.place(0)
    at = place.topLeft() + QPointF(place.width() * 0.35 + INSET, place.height() * 0.65 + INSET)
    qtbot.mouseClick(maps.large, Left, pos=at.toPoint())
    assert panels.tabs.currentWidget() is panels.why
    assert panels.why.item == Cell((3,), (choice, 6, 3))
    wait(qtbot, panels.why)
    value = float(session.activations[3][choice, 6, 3])
    assert panels.why.answer is not None
    assert panels.why.answer.value == pytest.approx(value, abs=1e-5)


def test_the_terms_are_saved(qtbot: QtBot, why: Why, tmp_path: Path, themes: ThemeManager) -> None:
    ask(qtbot, why, Cell((3,), (7, 4, 5)))
    sheet, ground = sheet_of(why), themes.theme.color("window")
    for suffix in (".png", ".svg", ".csv"):
        table = why._table() if suffix == ".csv" else ()
        saving.save(tmp_path / f"why{suffix}", sheet, table, ground)
    lines = list(csv.reader((tmp_path / "why.csv").read_text("utf-8").splitlines()))
    assert lines[0][0] == "CONV 2, map 8, row 5, column 6"
    assert lines[1] == ["from", "value", "weight", "product"]
    assert len(lines) == 152
    assert float(lines[2][1]) * float(lines[2][2]) == pytest.approx(float(lines[2][3]))
    assert b"map 6" in (tmp_path / "why.svg").read_bytes()
    assert (tmp_path / "why.png").stat().st_size > 2000


@pytest.mark.parametrize(
    ("item", "least"),
    [
        (Cell((1,), (2, 12, 14)), 1.8),
        (Cell((2,), (1, 5, 5)), 1.2),
        (Cell((3,), (5, 4, 4)), 1.2),
        (Weight((3,), "weight", (2, 1, 2, 2)), 1.3),
        (Weight((1,), "weight", (2, 0, 2, 2)), 1.2),
    ],
)
def test_windows_and_pictures_grow_with_the_room(
    qtbot: QtBot, why: Why, item: Cell | Weight, least: float
) -> None:
    """The cells stay whole pixels, everything stays inside, and a lower panel has it back."""

    def areas() -> tuple[float, float]:
        cell = sheet_of(why).place_of(Spot(0, 0))
        side = why.scenes.made.place_of(0, 0).width()
        assert cell.width() == int(cell.width())
        assert side == int(side)
        return cell.width() * cell.height(), side

    ask(qtbot, why, item)
    settle(qtbot, why)
    small = areas()
    least_height = why.minimumSizeHint().height()
    why.resize(912, 560)
    settle(qtbot, why)
    large = areas()
    assert large[0] >= least * small[0]
    assert large[1] >= small[1]
    assert why.minimumSizeHint().height() == least_height, "it does not push the panel's edge"
    shown = [each for each in picture_row(why) if each.isVisible()]
    assert len(shown) == 3
    for picture in shown:
        corner = picture.mapTo(why, picture.rect().bottomRight())
        assert why.rect().contains(corner)
        rows, columns = picture._values.shape
        assert picture.rect().contains(picture.place_of(rows - 1, columns - 1).toRect())
    sheet, sums = sheet_of(why), sheet_of(why).sums
    assert sums is not None
    last = sheet.place_of(Spot(len(sums.terms) - 1, sums.columns[-1]))
    assert last.right() <= sheet.width()
    why.resize(912, 200)
    settle(qtbot, why)
    assert areas() == small


def test_a_value_is_picked_where_the_pictures_stand_in_rows(qtbot: QtBot, why: Why) -> None:
    why.resize(912, 560)
    ask(qtbot, why, Cell((1,), (2, 12, 14)))
    settle(qtbot, why)
    made = why.scenes.made
    assert made.y() > why.scenes.picture.geometry().bottom()
    qtbot.mouseClick(made, Left, pos=made.place_of(3, 4).center().toPoint())
    assert why.item == Cell((1,), (2, 3, 4))


def settle(qtbot: QtBot, why: Why) -> None:
    """Wait until the pictures stand where they belong."""
    shown = [each for each in picture_row(why) if each.isVisible()]
    qtbot.waitUntil(lambda: all(each.size() == each.sizeHint() for each in shown))


def picture_row(why: Why) -> tuple[CellPicture, ...]:
    return why.scenes.picture, why.scenes.read, why.scenes.made


@pytest.mark.parametrize("size", [(912, 200), (720, 160), (400, 160), (912, 560), (2400, 1100)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_kind_of_number_is_painted_at_every_size(
    qtbot: QtBot, make: Callable[[Session], Why], open_session: Open, themes: ThemeManager,
    size: tuple[int, int], theme: str,
) -> None:  # fmt: skip
    themes.choose(theme)
    row = (Conv2D(4, 3, padding=1, padding_mode="partial"), BatchNorm())
    blocks = (Residual(row, "relu"), MaxPool2D(4, 4), FullyConnected(10), Activation("softmax"))
    session = open_session(Network((Input(pad=2), *blocks)))
    why = make(session)
    why.resize(*size)
    assert why.minimumSizeHint().height() <= 160
    items: list[Cell | Weight] = [
        Cell((0,), (0, 0, 0)),
        Cell((1,), (0, 3, 3)),
        Cell((1, 0, 0), (3, 0, 0)),
        Cell((1, 0, 1), (1, 4, 4)),
        Cell((2,), (1, 1, 1)),
        Cell((3,), (4,)),
        Cell((4,), (4,)),
        Cell(PICTURE, (0, 9, 9)),
        Weight((1, 0, 1), "weight", (2,)),
        Weight((1, 0, 0), "bias", (1,)),
        Weight((3,), "weight", (1, 30)),
    ]
    for item in items:
        ask(qtbot, why, item)
        image = why.grab().toImage()
        assert image.pixelColor(2, 2) == themes.theme.color("window")


@pytest.mark.parametrize(
    ("value", "cell", "narrow"),
    [
        (0.0, "0", "0"),
        (0.1234, "0.12", ".12"),
        (-3.456, "−3.46", "−3.5"),
        (12.34, "12.3", "12"),
        (1240.4, "1240", "1e3"),
        (-0.0004, "−4e-4", "−.00"),
        (3e7, "3e7", "3e7"),
        (float("nan"), "nan", "nan"),
    ],
)
def test_numbers_fit_their_cells(value: float, cell: str, narrow: str) -> None:
    assert short(value) == cell
    assert tight(value) == narrow


def test_a_sheet_that_another_answer_has_hidden_tells_and_asks_nothing(
    qtbot: QtBot, why: Why
) -> None:
    ask(qtbot, why, Cell((7,), (3,)))
    units = sheet_of(why)
    at = units.place_of(Spot(60, VALUE)).center().toPoint()
    qtbot.mousePress(units, Left, pos=at)
    pooled = Cell((2,), (0, 4, 4))
    ask(qtbot, why, pooled)
    assert sheet_of(why) is not units
    note = why.reckoning.note.text()
    qtbot.mouseMove(units, at + QPoint(0, 40))
    qtbot.keyClick(units, Key.Key_Return)
    assert why.reckoning.note.text() == note
    assert why.item == pooled


@pytest.mark.parametrize("after", [MaxPool2D(40), MaxPool2D()], ids=["misfit", "fits"])
def test_a_list_that_stays_open_over_a_shorter_network_asks_nothing(
    qtbot: QtBot, why: Why, session: Session, after: MaxPool2D
) -> None:
    why.chooser.showPopup()
    before = Network((Input(), Conv2D(4, 3), after))
    session.restart(Project(before), None)
    if why.chooser.view().isVisible():
        qtbot.keyClick(why.chooser.view(), Key.Key_End)
        qtbot.keyClick(why.chooser.view(), Key.Key_Return)
    why.chooser.activated.emit(why.chooser.count() - 1)
    assert why.item is None or why.item.path[0] < len(before)
    assert why.chooser.isEnabled() == session.report.ok


def test_turning_before_the_answer_stays_among_the_maps_of_the_block(
    qtbot: QtBot, why: Why, session: Session
) -> None:
    session.select((1,))
    why._ask()
    assert why.item is not None
    assert why.item.path == (1,), "of 6 maps, while the answer is one of 16"
    before = why.item.place[0]
    for _ in range(before + 1):
        qtbot.mouseClick(why.previous_map, Left)
    wait(qtbot, why)
    assert why.item.place[0] == 5
    assert why.map_words.text() == "map 6 of 6"


def test_a_failure_leaves_a_way_on(qtbot: QtBot, why: Why, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    first = why.item
    with monkeypatch.context() as patch:
        patch.setattr("cnnstudio.ui.why.why.answer", no_memory)
        why._walk(Cell((2,), (0, 1, 1)))
        qtbot.waitUntil(why.words.isVisible)
    why._ask()
    assert why.words.text() == "There is not enough memory for it."
    assert why.chooser.isVisible()
    assert why.next_map.isVisible()
    qtbot.mouseClick(why.way.back, Left)
    wait(qtbot, why)
    assert why.item == first
    assert not why.words.isVisible()
