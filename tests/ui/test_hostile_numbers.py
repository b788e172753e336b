"""Weights and curves that have run away: every view is drawn, and none shows a number for them."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import BatchNorm, Conv2D, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine import inner_maps
from cnnstudio.engine.block_figures import BlockFigures
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.diagnosis import Diagnosis
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import EpochResult
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.ui.canvas.output_face import Verdict, output_face
from cnnstudio.ui.canvas.thumbnails import levels_of
from cnnstudio.ui.document.results import Result
from cnnstudio.ui.frame.panels import TABS
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.matters.matters_filter import FilterExcitement
from cnnstudio.ui.parts.bars import Bars
from cnnstudio.ui.parts.spread import Values
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.plots import CurvePlot

NETWORK = Network(
    (
        Input(),
        Conv2D(2, 4, 4, activation="relu"),
        BatchNorm(),
        Residual((Conv2D(2, 3, padding="same"),)),
        MaxPool2D(7),
        FullyConnected(10),
    )
)
"""It has a block inside another, running statistics and maps of 1x1."""

NAN, INF = math.nan, math.inf

WEIGHTS = {"nan": NAN, "overflowing": 1e38, "denormal": 1e-45}
LOST = ("nan", "overflowing")

LOSSES = {"nan": NAN, "overflowing": 1e300, "denormal": 5e-324, "infinite": INF, "zero": 0.0}


def trained(window: MainWindow, weights: float, loss: float) -> None:
    """The window shows a network that came to these weights, all alike, at this loss."""
    session = window.session
    session.restart(Project(NETWORK, Recipe(validation=20)), None)
    data = session.dataset
    session.set_dataset(Dataset("few", data.class_names, data.train[:60], data.test[:40]))
    state = np.full_like(session.model.state, weights)
    accuracy = float(loss == 0)
    curve = Curve.of(np.array([[n / 20, loss, accuracy, 1e-3, n] for n in range(1, 41)]))
    figures = [
        BlockFigures(place.path[0], place.key, *[loss] * 6, inside=place.path[1:])
        for place in inner_maps.places(session.report)
    ]
    epochs = tuple(EpochResult(n, loss, accuracy, loss, accuracy, 0.0, 0.0) for n in (1, 2))
    snapshots = tuple(Snapshot(n, n / 20, state, loss, accuracy) for n in (0, 1, 40))
    diagnosis = Diagnosis(2.0, tuple(figures))
    result = Result(state, epochs, curve, (), snapshots, diagnosis, session.recipe)
    session._sheet.results.keep(session.network, result)
    session._load_result()
    session.network_changed.emit()
    session.weights_changed.emit()
    session.progress_changed.emit()


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until no thread reckons any more, and what it found is taken."""
    predictor, excites = window.session.predictor, window.panels.matters.findChild(FilterExcitement)

    def is_done() -> bool:
        known = predictor.is_fresh("validation") or predictor.failure("validation") is not None
        found = excites.answer is not None or excites.words.text() != ""
        is_asked = window.panels.confusion.isVisible() or window.panels.mistakes.isVisible()
        return (known or not is_asked) and (found or not excites.isVisible())

    qtbot.waitUntil(is_done, timeout=20_000)
    qtbot.waitUntil(lambda: all(each.name != "background" for each in threading.enumerate()))
    QApplication.processEvents()


def shown_words(panel: QWidget) -> str:
    labels = [each for each in panel.findChildren(QLabel) if each.isVisible()]
    return "\n".join(each.text() for each in labels)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_every_tab_is_drawn(window: MainWindow, qtbot: QtBot, kind: str) -> None:
    """Regression: NaN was counted as an answer for the first class, with its share of right ones.

    That no warning of NumPy or Qt comes, and no exception while painting, is watched by pytest.
    """
    trained(window, WEIGHTS[kind], LOSSES[kind])
    session, panels = window.session, window.panels
    seen = {}
    for tab in TABS:
        panels.show_tab(tab.name)
        settle(window, qtbot)
        session.select((len(NETWORK) - 1,) if tab.name in ("why", "filters") else (1,))
        settle(window, qtbot)
        window.grab()
        seen[tab.name] = shown_words(panels.by_tab[tab.name])
    for moment in session.snapshots:
        session.show_moment(moment)
        window.grab()
    session.show_moment(None)
    lost = "The network gives no numbers for 20 of 20 pictures: it began in CONV 1, whose "
    for name in ("confusion", "mistakes"):
        assert (lost in seen[name]) == (kind in LOST), name
    assert ("The values of this map are not numbers" in seen["matters"]) == (kind == "nan")
    verdict = window.canvas.pipeline.output.face.verdict
    assert (verdict is Verdict.LOST) == (kind in LOST)
    offered = panels.matters.findChildren(QComboBox)
    words = [box.itemText(0) for box in offered if box.count()]
    assert any(each.startswith("Predicted") for each in words) == (kind not in LOST)


def test_invariance_is_not_measured_in_nan_and_may_be_again(
    window: MainWindow, qtbot: QtBot
) -> None:
    """Regression: what was NaN was counted as the first class."""
    panels = window.panels
    trained(window, NAN, 1.0)
    panels.show_tab("invariance")
    for weights, is_lost in ((NAN, True), (0.0, False)):
        trained(window, weights, 1.0)
        panels.invariance.refresh()
        assert "gives no numbers" not in shown_words(panels.invariance), "of other weights"
        panels.invariance.start()
        qtbot.waitUntil(lambda: panels.invariance.running is None, timeout=20_000)
        words = shown_words(panels.invariance)
        assert ("gives no numbers for 40 of 40 pictures" in words) == is_lost


def test_training_does_not_go_on_from_lost_weights(window: MainWindow, qtbot: QtBot) -> None:
    trained(window, NAN, 1.0)
    session, told = window.session, []
    session.noticed.connect(lambda notice: told.append(notice.sentence))
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle")
    assert any("the weight of CONV 1 is not finite" in sentence for sentence in told)


def test_the_plots_are_zoomed_into(window: MainWindow) -> None:
    """Regression: at 100 % the even axis of a part of the epochs had no height, nor a dot a place.

    The exception while painting ended the program.
    """
    window.panels.show_tab("training")
    for loss in LOSSES.values():
        trained(window, 0.0, loss)
        for plot in window.panels.training.findChildren(CurvePlot):
            for word in ("log", "linear"):
                plot.show_scale(word)
                zoom_and_point(plot)
                low, high = plot.axes.heights
                assert low < high


def zoom_and_point(plot: CurvePlot) -> None:
    """As the keys do it."""
    plot.setFocus()
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Plus, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_0):
        QTest.keyClick(plot, key)
        plot.grab()


def test_a_speed_of_nothing_tells_no_time(window: MainWindow) -> None:
    """Regression: a file whose last epoch had made 0 images a second could not be shown."""
    trained(window, 0.0, 1.0)
    assert window.session.epochs[-1].images_per_second == 0
    assert window.statusBar()._seconds_per_epoch() is None


# ---- parts


def test_the_facts_of_values_that_are_no_numbers() -> None:
    """Regression: they were left out, and the rest was told as if it were all."""

    def facts(*numbers: float, diverging: bool = False) -> list[tuple[str, str]]:
        return Values("", np.array(numbers, np.float32), 0, 1, diverging).facts

    assert facts(NAN, NAN) == [("min", "nan"), ("max", "nan"), ("mean", "nan"), ("nan", "100 %")]
    assert facts(0, NAN)[-1] == ("nan", "50 %")
    assert facts(0, INF, 1, 2) == [("min", "0"), ("max", "inf"), ("mean", "inf"), ("zeros", "25 %")]
    assert facts(1, NAN, diverging=True)[-1] == ("sd", "0"), "a filter does not see every map"


def test_bars_say_what_is_no_number(themes: ThemeManager, show: Callable[[QWidget], None]) -> None:
    """Regression: NaN and infinite ones stood there as 0.00."""
    bars = Bars(themes)
    show(bars)
    for values in ((NAN, 1, INF), (NAN, NAN, NAN), (-INF, -INF, NAN), (3e38, -3e38, 1e-45)):
        bars.show_values(np.array(values, np.float32), "abc", themes.theme.color("accent"))
        bars.grab()
        shown = bars.accessibleName().split(", ")
        assert shown[0] == f"a: {np.float32(values[0]):.2f}"
    assert bars.at(QPointF(1, 1).toPoint()) == 0


def test_maps_of_next_to_nothing_are_dark() -> None:
    maps = np.array([[[0, 1e-45]], [[1e-45, 1e-40]]], np.float32)
    assert not levels_of(maps).any()
    assert levels_of(np.array([[[0, 1e-30]]], np.float32)).max() == 255


@pytest.mark.parametrize("bad", [NAN, INF])
def test_the_output_card_gives_no_verdict_without_numbers(window: MainWindow, bad: float) -> None:
    """Regression: it said that the first class was wrong, with 0.0 %."""
    session = window.session
    shares = np.full(10, 0.1, np.float32)
    shares[3] = bad
    face = output_face(session.report, session.dataset, session.probe, shares, trained=True)
    known = dataclasses.replace(face, tip="")
    assert (known.verdict, known.words, known.percents) == (Verdict.LOST, "gives no numbers", ())
