"""The feature maps follow the selection, the probe image and the weights, while they are seen."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Flatten, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.model import Model
from cnnstudio.engine.sensitivity import loss_sensitivity
from cnnstudio.explain.cells import Cell
from cnnstudio.network import Network
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document import saving
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.maps.feature_maps import FeatureMaps
from cnnstudio.ui.parts.mosaic import INSET
from cnnstudio.ui.parts.spread import number
from cnnstudio.ui.theme import ThemeManager

Open = Callable[[Network], Session]


def make(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> FeatureMaps:
    panel = FeatureMaps(session, themes)
    show(panel)
    panel.resize(912, 216)
    return panel


@pytest.fixture
def panel(
    session: Session, themes: ThemeManager, show: Callable[[QWidget], None]
) -> Iterator[FeatureMaps]:
    session.select((1,))
    panel = make(session, themes, show)
    yield panel
    panel.stop()


def test_maps_of_the_selected_block(panel: FeatureMaps, session: Session) -> None:
    assert panel.chooser.currentText() == "CONV 1"
    assert panel.caption.text() == "6 maps of 28×28 after ReLU  ·  random weights"
    assert panel.mosaic.count == 6
    session.select((4,))
    assert panel.chooser.currentText() == "POOL 2"
    assert panel.caption.text().startswith("16 maps of 5×5  ·")
    session.select(())
    assert panel.chooser.currentText() == "POOL 2", "it stays when nothing is selected"


def test_chooser_selects_the_block(qtbot: QtBot, panel: FeatureMaps, session: Session) -> None:
    panel.chooser.setFocus()
    qtbot.keyClick(panel.chooser, Qt.Key.Key_Down)
    assert session.selection == (2,)
    assert panel.caption.text().startswith("6 maps of 14×14")


def test_brightest_value_is_white(panel: FeatureMaps, session: Session) -> None:
    maps = session.activations[1]
    index, row, column = np.unravel_index(maps.argmax(), maps.shape)
    place = panel.mosaic.place(int(index))
    scale = place.width() / maps.shape[2]
    point = QPoint(
        round(place.x() + (column + 0.5) * scale) + INSET,
        round(place.y() + (row + 0.5) * scale) + INSET,
    )
    assert panel.mosaic.grab().toImage().pixelColor(point).name() == "#ffffff"


def test_pointer_reads_a_value(qtbot: QtBot, panel: FeatureMaps, session: Session) -> None:
    panel.mosaic.hovered.emit((2, 3, 6))
    value = number(float(session.activations[1][2, 3, 6]))
    assert panel.caption.text() == f"map 3  ·  row 4, column 7  ·  {value}"
    session.activations[1][2, 3, 6] = 0.0004
    panel.mosaic.hovered.emit((2, 3, 6))
    assert panel.caption.text().endswith("  ·  4.0·10⁻⁴")
    panel.mosaic.hovered.emit(None)
    assert panel.caption.text().startswith("6 maps")


def test_click_enlarges(qtbot: QtBot, panel: FeatureMaps) -> None:
    assert not panel.large.isVisible()
    corner = panel.mosaic.place(3).center().toPoint()
    qtbot.mouseClick(panel.mosaic, Qt.MouseButton.LeftButton, pos=corner)
    assert panel.large.isVisible()
    assert panel.large.count == 1
    panel.large.hovered.emit((0, 0, 0))
    assert panel.caption.text().startswith("map 4  ·  row 1, column 1")
    qtbot.keyClick(panel.mosaic, Qt.Key.Key_Escape)
    assert not panel.large.isVisible()


def test_of_many_maps_the_strongest_is_large(panel: FeatureMaps, session: Session) -> None:
    session.select((3,))
    assert panel.large.isVisible()
    assert panel.mosaic.choice is not None
    choice = panel.mosaic.choice
    session.weights_changed.emit()
    assert panel.mosaic.choice == choice


def test_a_large_map_asks_for_no_more_height(panel: FeatureMaps, session: Session) -> None:
    """Regression: the dock grew, and the tabs went away below the pointer."""
    least = panel.minimumSizeHint().height()
    session.select((4,))
    assert panel.large.isVisible()
    assert panel.minimumSizeHint().height() == least
    panel.resize(panel.width(), panel.height() - 100)
    panel.resize(panel.width(), panel.height() + 100)
    assert panel.minimumSizeHint().height() == least


def test_units_are_cells_and_few_units_bars(panel: FeatureMaps, session: Session) -> None:
    session.select((5,))
    assert panel.mosaic.count == 120
    assert not panel.bars.isVisible()
    panel.mosaic.hovered.emit((7, 0, 0))
    assert panel.caption.text().startswith("unit 8  ·  ")
    session.select((7,))
    assert panel.bars.isVisible()
    assert not panel.picture.isVisible()
    winner = int(session.activations[7].argmax())
    names = panel.bars.accessibleName().split(", ")
    assert names[winner] == f"{winner}: {session.activations[7].max():.2f}"
    panel.bars.hovered.emit(winner)
    assert panel.caption.text() == f"unit {winner + 1}  ·  {session.activations[7].max():.2f}"
    session.select((1,))
    assert panel.picture.isVisible()


def test_probe_goes_on_and_back(qtbot: QtBot, panel: FeatureMaps, session: Session) -> None:
    assert panel.probe_bar.label.text() == "of 16, label 4"
    before = panel.mosaic.grab().toImage()
    qtbot.mouseClick(panel.probe_bar.next, Qt.MouseButton.LeftButton)
    assert session.probe is not None
    assert session.probe.index == 1
    assert panel.probe_bar.number.text.text() == "2"
    assert panel.mosaic.grab().toImage() != before
    qtbot.mouseClick(panel.probe_bar.previous, Qt.MouseButton.LeftButton)
    assert session.probe.index == 0
    qtbot.mouseClick(panel.probe_bar.previous, Qt.MouseButton.LeftButton)
    assert session.probe.index == 15


def test_probe_by_number(qtbot: QtBot, panel: FeatureMaps, session: Session) -> None:
    def enter(text: str) -> int:
        panel.probe_bar.number.text.setFocus()
        panel.probe_bar.number.text.selectAll()
        qtbot.keyClicks(panel.probe_bar.number.text, text)
        qtbot.keyClick(panel.probe_bar.number.text, Qt.Key.Key_Return)
        assert session.probe is not None
        return session.probe.index

    assert enter("12") == 11
    for bad in ("0", "17", "x"):
        assert enter(bad) == 11
    qtbot.keyClick(panel.probe_bar.number.text, Qt.Key.Key_Escape)
    assert panel.probe_bar.number.text.text() == "12"


def test_a_shorter_network_is_opened_while_the_panel_is_hidden(
    panel: FeatureMaps, session: Session
) -> None:
    session.select((7,))
    panel.hide()
    session.restart(Project(Network((Input(pad=2), FullyConnected(10)))), None)
    panel.show()
    assert panel.chooser.currentText() == "INPUT"


def test_hidden_panel_is_not_drawn_until_it_is_shown(
    panel: FeatureMaps, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    monkeypatch.setattr(panel, "_draw", lambda: drawn.append(1))
    panel.hide()
    session.set_probe(3)
    session.weights_changed.emit()
    assert drawn == []
    panel.show()
    assert drawn == [1]


def test_misfit_leaves_the_blocks_before_it(panel: FeatureMaps, session: Session) -> None:
    session.select((3,))
    session.replace(2, MaxPool2D(2, 5), "Break")
    offered = [panel.chooser.itemText(i) for i in range(panel.chooser.count())]
    assert offered == ["INPUT", "CONV 1"]
    assert panel.current == 0


def test_wrong_picture_size_is_explained(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    session = open_session(Network((Input(height=30), Flatten(), FullyConnected(10))))
    panel = make(session, themes, show)
    assert panel.words.isVisible()
    assert "INPUT takes pictures of 30×28×1" in panel.words.text()
    assert not panel.mosaic.isVisible()


def test_dead_maps_are_black(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    session = open_session(Network((Input(), Conv2D(2, 3, activation="relu"), Flatten())))
    assert session.model is not None
    session.model.parameters["conv1.weight"][1] = -1
    session.model.parameters["conv1.bias"][1] = -1
    session.set_probe(0)
    session.select((1,))
    panel = make(session, themes, show)
    inside = panel.mosaic.place(1).center().toPoint() + QPoint(INSET, INSET)
    black = QColor(*map(int, themes.theme.maps_table()[0])).name()
    assert panel.mosaic.grab().toImage().pixelColor(inside).name() == black


def test_saved_from_the_context_menu(
    panel: FeatureMaps,
    session: Session,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notices: list[Notice] = []
    session.noticed.connect(notices.append)
    monkeypatch.setattr(
        saving, "ask_path", lambda _session, _parent, name, suffix: tmp_path / f"{name}{suffix}"
    )
    for action in menu_of(panel).actions():
        action.trigger()
    menu_of(panel).close()
    assert [notice.severity for notice in notices] == ["done"] * 3
    with (tmp_path / "conv1-maps.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6 * 28 * 28
    assert rows[0]["map"] == rows[0]["row"] == rows[0]["column"] == "1"
    assert float(rows[0]["value"]) == pytest.approx(float(session.activations[1][0, 0, 0]))
    picture = QImage(str(tmp_path / "conv1-maps.png"))
    assert picture.width() == 2 * panel.mosaic.drawn_size().width()
    assert (tmp_path / "conv1-maps.svg").read_text(encoding="utf-8").count("map 6") == 1


def test_the_table_is_of_what_was_under_the_pointer(
    qtbot: QtBot, panel: FeatureMaps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    monkeypatch.setattr(saving, "ask_path", lambda *_: path)
    qtbot.mouseMove(panel.facts.spread)
    menu = menu_of(panel)
    qtbot.mouseMove(panel.mosaic)
    assert not panel.facts.spread.underMouse(), "as after the menu, or the question for a file"
    menu.actions()[-1].trigger()
    menu.close()
    with path.open(encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["from", "to", "count"]
    assert sum(int(row[2]) for row in rows) == 6 * 28 * 28


def test_unwritable_place_becomes_a_notice(
    panel: FeatureMaps, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[Notice] = []
    session.noticed.connect(notices.append)
    monkeypatch.setattr(saving, "ask_path", lambda *_: tmp_path / "missing" / "maps.png")
    menu_of(panel).actions()[0].trigger()
    menu_of(panel).close()
    assert notices[0].severity == "error"
    assert notices[0].sentence.startswith("maps.png cannot be written: ")


def menu_of(panel: FeatureMaps) -> QMenu:
    """The open context menu, opened if need be."""
    menu = QApplication.activePopupWidget()
    if menu is None:
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, QPoint(50, 90), panel.mapToGlobal(QPoint(50, 90))
        )
        QApplication.sendEvent(panel, event)
        menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def gradients_on(qtbot: QtBot, panel: FeatureMaps) -> None:
    if not panel.facts.gradients.isChecked():
        qtbot.mouseClick(panel.facts.gradients, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.slopes.found is not None, timeout=10_000)


def test_gradients_of_maps_are_those_of_the_loss(
    qtbot: QtBot, panel: FeatureMaps, session: Session
) -> None:
    session.select((3,))
    assert not panel.slope_mosaic.isVisible()
    gradients_on(qtbot, panel)
    assert panel.slope_mosaic.isVisible()
    model, probe = session.model, session.probe
    assert model is not None
    assert probe is not None
    expected = loss_sensitivity(model, to_float(probe.pixels[None]), np.array([probe.label]))
    header, *rows = panel._table()
    assert header == ("map", "row", "column", "value", "gradient")
    told = np.array([row[-1] for row in rows]).reshape(16, 10, 10)
    assert told == pytest.approx(expected.gradients[(3,)][0], abs=1e-7)
    top = float(np.abs(told).max())
    assert f"gradient of the loss for label 4, at most {number(top)}" in panel.caption.text()
    place = tuple(int(i) for i in np.unravel_index(np.abs(told).argmax(), told.shape))
    panel.slope_mosaic.hovered.emit(place)
    assert panel.caption.text().endswith(f"gradient {number(float(told[place]))}")
    session.set_probe(3)
    qtbot.waitUntil(lambda: panel.slopes.found is not None, timeout=10_000)
    assert panel.slopes.found is not None
    assert panel.slopes.found.probe is session.probe


def test_a_gradient_agrees_with_a_small_change(
    qtbot: QtBot, panel: FeatureMaps, session: Session
) -> None:
    """Of the last block's values the gradient is softmax minus the label's one."""
    session.select((7,))
    gradients_on(qtbot, panel)
    assert session.probabilities is not None
    expected = session.probabilities.copy()
    expected[4] -= 1
    found = panel.slopes.found
    assert found is not None
    assert found.maps[(7,)] == pytest.approx(expected, abs=1e-6)
    assert panel.slope_bars.isVisible()


def test_a_map_chosen_among_gradients_is_large(
    qtbot: QtBot, panel: FeatureMaps, session: Session
) -> None:
    session.select((3,))
    gradients_on(qtbot, panel)
    middle = panel.slope_mosaic.place(5).center().toPoint()
    qtbot.mouseClick(panel.slope_mosaic, Qt.MouseButton.LeftButton, pos=middle)
    assert panel.mosaic.choice == panel.slope_mosaic.choice == 5
    assert panel.large._captions[0][0] == "gradient of map 6"


def test_facts_of_all_maps_and_of_the_chosen_one(panel: FeatureMaps, session: Session) -> None:
    def facts() -> dict[str, str]:
        values = panel.facts.spread.values
        assert values is not None
        return dict(values.facts)

    maps = session.activations[1]
    assert facts() == {
        "min": number(maps.min()),
        "max": number(maps.max()),
        "mean": number(maps.mean()),
        "zeros": f"{100 * np.mean(maps == 0):.0f} %",
    }
    panel.mosaic._choose(2)
    assert facts()["mean"] == number(maps[2].mean())
    values = panel.facts.spread.values
    assert values is not None
    counts, borders = values.counts
    expected, _ = np.histogram(maps[2], borders)
    assert np.array_equal(counts, expected)
    assert counts.sum() == maps[2].size
    assert "zeros" in panel.facts.spread.accessibleDescription()


def test_maps_share_a_scale_or_have_their_own(
    qtbot: QtBot, panel: FeatureMaps, session: Session
) -> None:
    maps = session.activations[1]
    top = maps.max(axis=(1, 2))
    weak = int(top.argmin())
    assert panel._levels(maps)[weak].max() > 255 * top[weak] / top.max()
    qtbot.mouseClick(panel.facts.scale.buttons["shared"], Qt.MouseButton.LeftButton)
    levels = panel._levels(maps)
    assert levels == pytest.approx(255 * np.clip(maps, 0, None) / top.max(), abs=0.5001)
    assert np.array_equal(panel.mosaic._levels, levels)


def test_blocks_inside_a_block_can_be_looked_into(
    qtbot: QtBot, open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    residual = Residual((Conv2D(4, 3, padding=1, activation="relu"), Conv2D(4, 3, padding=1)))
    blocks = (Input(), Conv2D(4, 3), residual, FullyConnected(10))
    session = open_session(Network(blocks))
    panel = make(session, themes, show)
    session.select_path((2, 0, 0))
    qtbot.waitUntil(lambda: panel._values is not None, timeout=10_000)
    assert panel.chooser.currentText() == "RESIDUAL 1"
    assert panel.inside.currentText() == "CONV 1"
    assert panel.caption.text().startswith("4 maps of 26×26 after ReLU")
    model, probe = session.model, session.probe
    assert model is not None
    assert probe is not None
    weights = {
        f"conv1.{name}": model.parameters[f"residual1.conv1.{name}"] for name in ("weight", "bias")
    }
    alone = Model(Network((Input(4, 26, 26), session.network.blocks[2].blocks[0])))
    alone.load(weights)
    expected = alone.forward(session.activations[1][None])[0]
    assert panel._values == pytest.approx(expected, abs=1e-5)
    gradients_on(qtbot, panel)
    slopes = loss_sensitivity(model, to_float(probe.pixels[None]), np.array([probe.label]))
    header, *rows = panel._table()
    assert header[-1] == "gradient"
    assert np.array([row[-1] for row in rows]) == pytest.approx(
        slopes.gradients[2, 0, 0].reshape(-1), abs=1e-7
    )
    assert "gradient of the loss for label" in panel.caption.text()
    panel.inside.setCurrentIndex(0)
    panel.inside.activated.emit(0)
    assert session.selected_path == (2,)
    assert np.array_equal(panel._values, session.activations[2])
    panel.stop()


def test_values_are_asked_about(qtbot: QtBot, panel: FeatureMaps, session: Session) -> None:
    asked: list[Cell] = []
    panel.asked.connect(asked.append)
    place = panel.mosaic.place(2)
    point = place.topLeft().toPoint() + QPoint(INSET + 1, INSET + 1)
    qtbot.mouseDClick(panel.mosaic, Qt.MouseButton.LeftButton, pos=point)
    assert asked.pop() == Cell((1,), (2, 0, 0))
    assert panel.mosaic.choice == 2
    qtbot.mouseClick(panel.large, Qt.MouseButton.LeftButton, pos=QPoint(INSET + 1, INSET + 1))
    assert asked.pop() == Cell((1,), (2, 0, 0))
    session.select((7,))
    qtbot.mouseClick(panel.bars, Qt.MouseButton.LeftButton, pos=QPoint(10, 40))
    assert asked.pop() == Cell((7,), (0,))
    position = panel.mapFromGlobal(panel.bars.mapToGlobal(QPoint(10, 40)))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, position, panel.mapToGlobal(position))
    QApplication.sendEvent(panel, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    first = menu.actions()[0]
    assert first.text().startswith("Why is unit 1  ·  ")
    first.trigger()
    menu.close()
    assert asked == [Cell((7,), (0,))]


def test_a_number_is_typed_while_the_weights_change(
    qtbot: QtBot, panel: FeatureMaps, session: Session
) -> None:
    field = panel.probe_bar.number.text
    qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
    field.selectAll()
    for digit in "12":
        qtbot.keyClicks(field, digit)
        session.weights_changed.emit()
    assert field.text() == "12"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert session.probe is not None
    assert session.probe.index == 11
    field.selectAll()
    qtbot.keyClicks(field, "3")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "12"
    qtbot.keyClicks(field, "99")
    panel.chooser.setFocus()
    session.weights_changed.emit()
    assert field.text() == "12", "a number that there is not does not stay"


def test_a_failure_inside_is_told_until_something_else_is_looked_at(
    qtbot: QtBot,
    open_session: Open,
    themes: ThemeManager,
    show: Callable[[QWidget], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    residual = Residual((Conv2D(2, 3, padding=1),))
    session = open_session(Network((Input(), Conv2D(2, 9), residual, FullyConnected(10))))
    panel = make(session, themes, show)
    with monkeypatch.context() as patch:
        patch.setattr("cnnstudio.ui.maps.inner_maps.Trace", no_memory)
        session.select_path((2, 0, 0))
        assert panel.words.text() == "Looking inside …"
        words = "There is not enough memory for it."
        qtbot.waitUntil(lambda: panel.words.text() == words, timeout=10_000)
        panel.refresh()
        assert panel.words.text() == words
    session.set_probe(1)
    qtbot.waitUntil(lambda: not panel.words.isVisible(), timeout=10_000)
    panel.stop()


def test_a_map_of_no_numbers_is_hatched_also_where_it_is_large(
    panel: FeatureMaps, session: Session
) -> None:
    assert session.model is not None
    state = session.model.state.copy()
    session.model.parameters["conv1.weight"][4] = np.nan
    lost, session.model.state[...] = session.model.state.copy(), state
    session._viewer.set_weights(lost)
    panel.mosaic._choose(4)
    panel.refresh()
    assert panel.mosaic.accessibleName().startswith(
        "6 maps of 28x28, 1 with values that are no numbers"
    )
    assert panel.large.accessibleName().startswith("1 maps of 28x28, 1 with values")
