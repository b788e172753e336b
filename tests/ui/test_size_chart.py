"""The chart of sizes: what stands where, what is marked, and what a click and a key do."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    BatchNorm,
    Conv2D,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    MaxPool2D,
)
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.sizes.size_chart import SizeChart
from cnnstudio.ui.sizes.size_stops import shrinking_runs, stops, table
from cnnstudio.ui.theme import ThemeManager

Open = Callable[[Network], Session]
Show = Callable[[QWidget], None]

MISFIT = Network((Input(pad=2), Conv2D(6, 5), MaxPool2D(5, 5), FullyConnected(10)))
SHRINKING = Network(
    (Input(pad=2), *[Conv2D(8, 5, activation="relu") for _ in range(3)], FullyConnected(10))
)
OBLONG = Network((Input(1, 40, 28), Conv2D(8, (5, 3)), GlobalAvgPool2D(), FullyConnected(10)))
LONG = Network((Input(), *[BatchNorm() for _ in range(60)]))


@pytest.fixture
def chart(session: Session, themes: ThemeManager, show: Show) -> SizeChart:
    return shown(session, themes, show)


def shown(session: Session, themes: ThemeManager, show: Show) -> SizeChart:
    chart = SizeChart(session, themes)
    show(chart)
    chart.resize(912, 200)
    return chart


def column(chart: SizeChart, index: int) -> QPoint:
    place = chart.place()
    return QPoint(round(place.x(index)), round(place.lines.center().y()))


def picture(chart: SizeChart) -> QImage:
    return chart.grab().toImage()


def has_near(image: QImage, x: float, y: float, colour: QColor) -> bool:
    """Whether a pixel like `colour` is within three of a place."""
    ratio = image.devicePixelRatio()
    places = [(x + dx, y + dy) for dx in range(-3, 4) for dy in range(-3, 4)]
    found = [image.pixelColor(round(px * ratio), round(py * ratio)) for px, py in places]
    return any(
        sum(abs(a - b) for a, b in zip(each.getRgb(), colour.getRgb(), strict=True)) < 60  # type: ignore[arg-type]
        for each in found
    )


def test_the_stops_are_the_sizes_of_the_report(session: Session) -> None:
    found = stops(session.report)
    assert [stop.side for stop in found[:5]] == [(32, 32), (28, 28), (14, 14), (10, 10), (5, 5)]
    assert [stop.count for stop in found] == [1, 6, 6, 16, 16, 120, 100, 10]
    assert [stop.field for stop in found[:6]] == [
        (1, 1),
        (5, 5),
        (6, 6),
        (14, 14),
        (16, 16),
        (32, 32),
    ]
    assert found[5].side is None
    assert found[3].words == "CONV 2: 10×10×16\none value sees 14×14 pixels, neighbours 2 apart"


def test_a_misfit_and_what_is_behind_it_are_marked(open_session: Open) -> None:
    found = stops(open_session(MISFIT).report)
    assert [stop.state for stop in found] == ["known", "known", "misfit", "unknown"]
    assert found[2].words == "POOL 1 does not fit"
    assert "before they fit" in found[3].words or "before it fit" in found[3].words


def test_maps_that_shrink_are_a_run_from_the_block_before(open_session: Open) -> None:
    report = open_session(SHRINKING).report
    assert shrinking_runs(report) == [(0, 3)]
    assert "shrinks the maps" in stops(report)[3].words


def test_the_lines_stand_at_their_values(chart: SizeChart, themes: ThemeManager) -> None:
    image, place = picture(chart), chart.place()
    for index, (side, field) in enumerate([(32, 1), (28, 5), (14, 6), (10, 14), (5, 16)]):
        x = place.x(index)
        assert has_near(image, x, place.y(side), themes.theme.color("train"))
        assert has_near(image, x, place.y(field), themes.theme.color("valid"))
    assert place.y(32) < place.y(5) <= place.lines.bottom()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("network", [MISFIT, SHRINKING, OBLONG, LONG, Network((Input(),))])
def test_every_kind_of_network_is_drawn(
    open_session: Open, themes: ThemeManager, show: Show, network: Network, theme: str
) -> None:
    chart = shown(open_session(network), themes, show)
    themes.choose(theme)
    image = picture(chart)
    x, y = (
        chart.place().x(0),
        chart.place().y(max(network.input.output_shape(network.input.picture_shape)[1:])),
    )
    assert has_near(image, x, y, themes.theme.color("train"))
    misfits = [i for i, stop in enumerate(chart.stops) if stop.state == "misfit"]
    for index in misfits:
        middle = column(chart, index)
        assert any(
            has_near(image, middle.x(), middle.y() + dy, themes.theme.color("error"))
            for dy in range(-8, 9)
        )


def test_a_click_selects_and_control_adds(qtbot: QtBot, chart: SizeChart, session: Session) -> None:
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=column(chart, 3))
    assert session.selection == (3,)
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, control, column(chart, 1))
    assert session.selection == (1, 3)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, control, column(chart, 3))
    assert session.selection == (1,)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert session.selection == (1,), "beside the chart nothing happens"


def test_the_keyboard_goes_from_block_to_block(
    qtbot: QtBot, chart: SizeChart, session: Session
) -> None:
    chart.setFocus()
    for key, expected in (
        (Qt.Key.Key_Right, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_End, 7),
        (Qt.Key.Key_Right, 7),
        (Qt.Key.Key_Left, 6),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
    ):
        qtbot.keyClick(chart, key)
        assert session.selection == (expected,)
    assert chart.accessibleDescription().startswith("INPUT: 32×32×1")


def test_the_pointer_tells_the_values(qtbot: QtBot, chart: SizeChart) -> None:
    before = picture(chart)
    qtbot.mouseMove(chart, QPoint(2, 2))  # a pointer that is there already moves nothing
    qtbot.mouseMove(chart, column(chart, 5))
    assert chart.toolTip().startswith("FC 1: 120 units\none value sees 32×32")
    assert picture(chart) != before
    qtbot.mouseMove(chart, QPoint(2, 2))
    assert chart.toolTip() == ""
    assert picture(chart) == before


def test_the_chart_follows_the_network(chart: SizeChart, session: Session) -> None:
    session.insert(1, Conv2D(12, 5))
    assert [stop.name for stop in chart.stops][:3] == ["INPUT", "CONV 1", "CONV 2"]
    session.undo()
    assert chart.stops[1].count == 6


def test_the_table_has_a_row_for_every_block(open_session: Open) -> None:
    header, *rows = table(open_session(MISFIT).report)
    assert len(rows) == 4
    assert dict(zip(header, rows[1], strict=True)) == {
        "block": "CONV 1",
        "type": "Conv2D",
        "height": 28,
        "width": 28,
        "channels or units": 6,
        "receptive field rows": 5,
        "receptive field columns": 5,
        "state": "known",
    }
    assert rows[3][2:] == ("", "", "", "", "", "unknown")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv"])
def test_it_is_saved_from_its_menu(
    qtbot: QtBot,
    chart: SizeChart,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    suffix: str,
) -> None:
    path = tmp_path / f"sizes{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    place = column(chart, 1)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, chart.mapToGlobal(place))
    QApplication.sendEvent(chart, event)
    menu = chart.findChild(QMenu)
    assert menu is not None
    next(a for a in menu.actions() if suffix[1:].upper() in a.text()).trigger()
    menu.close()
    if suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            assert len(list(csv.reader(file))) == 9
    else:
        assert path.stat().st_size > 2000
    if suffix == ".png":
        assert QImage(str(path)).width() == 2 * chart.width()


def test_the_window_has_it_as_a_tab(window: MainWindow, qtbot: QtBot) -> None:
    titles = [window.tabs.tabText(i) for i in range(window.tabs.count())]
    assert "Sizes" in titles
    window.actions_by_name["tab_sizes"].trigger()
    chart = window.panels.sizes
    qtbot.waitUntil(chart.isVisible)
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=column(chart, 3))
    assert window.inspector.header.name.text() == "CONV 2"
