"""The feature maps follow the selection, the probe image and the weights, while they are seen."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Flatten, FullyConnected, Input, MaxPool2D
from cnnstudio.network import Network
from cnnstudio.ui import saving
from cnnstudio.ui.feature_maps import FeatureMaps
from cnnstudio.ui.mosaic import INSET
from cnnstudio.ui.session import Notice, Session
from cnnstudio.ui.theme import ThemeManager

Open = Callable[[Network], Session]


def make(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> FeatureMaps:
    panel = FeatureMaps(session, themes)
    show(panel)
    panel.resize(912, 216)
    return panel


@pytest.fixture
def panel(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> FeatureMaps:
    session.select((1,))
    return make(session, themes, show)


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
    value = f"{session.activations[1][2, 3, 6]:.2f}".replace("-", "−")
    assert panel.caption.text() == f"map 3  ·  row 4, column 7  ·  {value}"
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
        saving, "ask_path", lambda _parent, name, suffix: tmp_path / f"{name}{suffix}"
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
