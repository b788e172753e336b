"""The tab "Invariance": measured on request, counted as by the engine, marked when it is old."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Flatten, FullyConnected, Input
from cnnstudio.data.datasets import Dataset
from cnnstudio.explain.invariance import UNCHANGED, Distortion, Invariance, Plan, measure
from cnnstudio.network import Network
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document import saving
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Weights
from cnnstudio.ui.matters import invariance
from cnnstudio.ui.matters.invariance import InvariancePanel
from cnnstudio.ui.matters.measurement import MOST_KEPT, Measured, Measurements, alike

Open = Callable[[Network], Session]
Make = Callable[[Session], InvariancePanel]

LONG = 30_000
PLAN = Plan((-3, 0, 3), degrees=(-90.0, 0.0, 90.0), scales=(0.5, 1.0, 1.5), noises=(0.0, 0.5))


@pytest.fixture
def make(
    open_panel: Callable[[type, Session], InvariancePanel], monkeypatch: pytest.MonkeyPatch
) -> Make:
    monkeypatch.setattr(invariance, "plan_for", lambda *_: PLAN)
    return partial(open_panel, InvariancePanel)


@pytest.fixture
def panel(session: Session, make: Make) -> InvariancePanel:
    return make(session)


def press(qtbot: QtBot, panel: InvariancePanel) -> None:
    qtbot.mouseClick(panel.button, Qt.MouseButton.LeftButton)


def measured(qtbot: QtBot, panel: InvariancePanel) -> None:
    press(qtbot, panel)
    qtbot.waitUntil(lambda: panel.running is None, timeout=LONG)


def test_nothing_is_measured_unasked(panel: InvariancePanel) -> None:
    assert panel.running is None
    assert panel.found is None
    assert "How well does it recognise" in panel.state.words
    assert panel.button.text() == "Measure"


def test_measuring_counts_as_the_engine_does(
    qtbot: QtBot, panel: InvariancePanel, session: Session
) -> None:
    measured(qtbot, panel)
    assert session.model is not None
    assert session.dataset is not None
    expected = {p.change: p for p in measure(session.model, session.dataset.test, PLAN)}
    assert panel.found is not None
    assert dict(panel.found.points) == expected
    rotation = panel.plots["rotation"].lines[0]
    assert [amount for amount, _ in rotation.points] == [-90, 0, 90]
    assert rotation.points[2][1] == expected[Distortion(degrees=90.0)]
    assert [line.name for line in panel.plots["shift"].lines] == ["right", "down"]
    assert panel.heat.point(0, 2) == expected[Distortion(right=3.0, down=-3.0)]
    assert panel.state.words.startswith(f"as they are {100 * expected[UNCHANGED].accuracy:.1f} %")
    assert panel.button.text() == "Measure again"


def test_the_pointer_reads_points_and_cells(
    qtbot: QtBot, panel: InvariancePanel, session: Session
) -> None:
    measured(qtbot, panel)
    plot = panel.plots["scale"]
    point = plot.lines[0].points[0][1]
    place = plot.place(0.5, point.accuracy).toPoint()
    qtbot.mouseMove(plot, place)
    qtbot.waitUntil(lambda: panel.state.words.startswith("scale 0.5 times: "))
    assert f"({point.correct} of {point.images}; " in panel.state.words
    cell = panel.heat.point(2, 0)
    assert cell is not None
    qtbot.mouseMove(panel.heat, panel.heat.place(2, 0).center().toPoint())
    qtbot.waitUntil(lambda: panel.state.words.startswith("3 px to the left, 3 px down: "))
    assert f"{100 * cell.accuracy:.1f} %" in panel.state.words
    qtbot.mouseMove(panel.heat, QPoint(2, 2))
    qtbot.waitUntil(lambda: panel.state.words.startswith("as they are"))


def test_newer_weights_make_it_old(qtbot: QtBot, panel: InvariancePanel, session: Session) -> None:
    seed = session.recipe.seed
    measured(qtbot, panel)
    assert not panel.is_stale
    session.set_recipe(session.recipe.with_values(seed=3))
    assert panel.is_stale
    assert "of other weights than these: measure again" in panel.state.words
    assert panel.found is not None, "it stays to be seen"
    first = panel.found
    measured(qtbot, panel)
    assert not panel.is_stale
    assert panel.found.points != first.points
    session.set_recipe(session.recipe.with_values(seed=seed))
    assert not panel.is_stale, "these weights were measured before"
    assert panel.found.points == first.points


def test_another_network_has_its_own_and_undo_brings_it_back(
    qtbot: QtBot, panel: InvariancePanel, session: Session
) -> None:
    measured(qtbot, panel)
    first = panel.found
    session.replace(1, Conv2D(3, 5, activation="relu"), "Fewer")
    assert panel.found is None
    assert panel.plots["noise"].lines[0].points == ()
    assert panel.button.text() == "Measure"
    measured(qtbot, panel)
    assert panel.found is not None
    session.undo()
    assert panel.found is first
    assert not panel.is_stale
    assert panel.button.text() == "Measure again"


def step(qtbot: QtBot, session: Session) -> None:
    """Train by one step, so that a run is paused."""
    session.set_recipe(session.recipe.with_values(validation=4, batch_size=4, warm_up=0))
    session.step()
    qtbot.waitUntil(lambda: session.training == "paused" and session.trained, timeout=LONG)


def test_it_is_there_again_after_a_copy_was_edited(
    qtbot: QtBot, panel: InvariancePanel, session: Session
) -> None:
    """Also when it still goes on, and another tab is in front meanwhile."""
    step(qtbot, session)
    measured(qtbot, panel)
    first = panel.found
    assert first is not None
    assert not panel.is_stale
    session.edit_copy()
    assert panel.found is first, "a copy has the same weights"
    assert not panel.is_stale
    session.replace(1, Conv2D(3, 5, activation="relu"), "Fewer")
    assert panel.found is None
    panel.hide()
    session.show_aside()
    panel.show()
    assert panel.found is first
    assert not panel.is_stale
    press(qtbot, panel)
    session.show_aside()
    assert panel.button.text() == "Measure"
    press(qtbot, panel)
    qtbot.waitUntil(lambda: panel.running is None and panel.found is not None, timeout=LONG)
    assert panel.found.share == 1
    session.show_aside()
    assert panel.found is not None
    assert panel.found.share == 1, "what was given up does not displace the whole"
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=LONG)


def test_a_measurement_goes_on_while_a_copy_is_edited(
    qtbot: QtBot, panel: InvariancePanel, session: Session
) -> None:
    step(qtbot, session)
    press(qtbot, panel)
    session.edit_copy()
    session.replace(1, Conv2D(3, 5, activation="relu"), "Fewer")
    qtbot.waitUntil(lambda: panel.running is None, timeout=LONG)
    assert panel.found is None
    session.show_aside()
    assert panel.found is not None
    assert panel.found.share == 1
    assert not panel.is_stale
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=LONG)


def test_only_the_latest_measurements_are_kept(session: Session) -> None:
    kept = Measurements()
    found = [Invariance(PLAN, {}) for _ in range(MOST_KEPT + 2)]
    weights = [Weights(session.network, seed, None) for seed in range(MOST_KEPT + 2)]
    for each, what in zip(weights, found, strict=True):
        kept.keep(Measured("mnist", each, what))
    assert kept.of("mnist", weights[2]) == ("mnist", weights[2], found[2])
    latest = ("mnist", weights[-1], found[-1])
    assert kept.of("mnist", weights[1]) == latest, "the latest of the network instead"
    assert kept.of("mnist", Weights(Network((Input(),)), 0, None)) is None


def test_other_pictures_are_measured_for_themselves(
    qtbot: QtBot, panel: InvariancePanel, session: Session, digits: Dataset
) -> None:
    measured(qtbot, panel)
    first = panel.found
    network = session.network
    session.restart(Project(network, data="fashion"), None)
    session.set_dataset(replace(digits, name="fashion", test=digits.test[1:]))
    assert panel.found is None
    assert panel.button.text() == "Measure"
    press(qtbot, panel)
    session.restart(Project(network), None)
    session.set_dataset(digits)
    assert panel.found is first
    assert not panel.is_stale
    assert panel.button.text() == "Measure again"
    qtbot.waitUntil(lambda: panel.running is None, timeout=LONG)


def test_weights_are_alike_when_their_numbers_are(session: Session) -> None:
    def of(values: np.ndarray) -> Weights:
        return Weights(session.network, 0, values)

    values = np.linspace(0, 1, 500)
    changed = values.copy()
    changed[400] = 2
    assert alike(of(values), of(values.copy()))
    assert not alike(of(values), of(changed))
    assert not alike(of(values), Weights(session.network, 0, None))


def test_cancelling_keeps_what_there_is(
    qtbot: QtBot, panel: InvariancePanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Plan((0, 1), degrees=tuple(np.linspace(0, 90, 20_000)))
    monkeypatch.setattr(invariance, "plan_for", lambda *_: endless)
    press(qtbot, panel)
    assert panel.button.text() == "Cancel"
    qtbot.waitUntil(lambda: panel.found is not None, timeout=LONG)
    assert "measuring: " in panel.state.words
    press(qtbot, panel)
    qtbot.waitUntil(lambda: panel.running is None, timeout=LONG)
    assert panel.found is not None
    assert 0 < panel.found.share < 1
    assert "cancelled at" in panel.state.words


def test_an_edit_ends_a_measurement(
    qtbot: QtBot, panel: InvariancePanel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Plan((0, 1), degrees=tuple(np.linspace(0, 90, 20_000)))
    monkeypatch.setattr(invariance, "plan_for", lambda *_: endless)
    press(qtbot, panel)
    session.replace(1, Conv2D(3, 5), "Fewer")
    qtbot.waitUntil(lambda: panel.running is None, timeout=LONG)
    assert panel.found is None


def test_it_goes_on_while_hidden(qtbot: QtBot, panel: InvariancePanel) -> None:
    press(qtbot, panel)
    panel.hide()
    qtbot.waitUntil(lambda: panel.running is None, timeout=LONG)
    panel.show()
    assert panel.found is not None
    assert len(panel.plots["scale"].lines[0].points) == 3


def test_the_number_of_images_is_chosen(qtbot: QtBot, panel: InvariancePanel) -> None:
    assert panel.count.currentText() == "16 images"
    measured(qtbot, panel)
    assert panel.found is not None
    assert panel.found.unchanged is not None
    assert panel.found.unchanged.images == 16


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ((Input(), Conv2D(2, 5)), "ends with maps of 24×24×2"),
        ((Input(height=30), Flatten(), FullyConnected(10)), "pictures of 30×28×1"),
        ((Input(), FullyConnected(4)), "4 outputs for the 10 classes"),
        ((Input(), Conv2D(2, 40), FullyConnected(10)), "CONV 1 does not fit: repair it first."),
    ],
)
def test_why_nothing_can_be_measured(
    qtbot: QtBot, open_session: Open, make: Make, blocks: tuple, words: str
) -> None:
    panel = make(open_session(Network(blocks)))
    assert words in panel.words.text()
    assert panel.words.isVisible()
    assert not panel.button.isEnabled()
    panel.start()
    assert panel.running is None


def test_a_drawn_picture_does_not_stand_for_the_test_images(open_session: Open, make: Make) -> None:
    session = open_session(Network((Input(height=20, width=30), FullyConnected(10))))
    session.set_probe_picture(np.zeros((1, 20, 30), np.uint8))
    panel = make(session)
    assert "pictures of 20×30×1" in panel.words.text()
    assert not panel.button.isEnabled()


def test_plots_and_map_are_saved(
    qtbot: QtBot, panel: InvariancePanel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        saving, "ask_path", lambda _session, _parent, name, suffix: tmp_path / f"{name}{suffix}"
    )
    measured(qtbot, panel)
    for widget in (panel.plots["shift"], panel.heat):
        at = QPoint(40, 40)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
        QApplication.sendEvent(widget, event)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for action in menu.actions():
            action.trigger()
        menu.close()
    stems = ("invariance-shift", "invariance-shift-map")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{stem}{suffix}" for stem in stems for suffix in (".png", ".svg", ".csv")}
    with (tmp_path / "invariance-shift-map.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 9
    point = panel.heat.point(0, 1)
    assert point is not None
    assert (rows[1]["right"], rows[1]["down"]) == ("0.0", "-3.0")
    assert int(rows[1]["correct"]) == point.correct
