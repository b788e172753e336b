"""The tab Health: what a look at a run measured, block by block."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, Residual
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.block_figures import BlockFigures
from cnnstudio.engine.diagnosis import Diagnosis, Finding
from cnnstudio.network import Network, Recipe, templates
from cnnstudio.ui.document.results import Result
from cnnstudio.ui.document.saving import save
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.training import norms_drawing
from cnnstudio.ui.training.norms import Norms
from cnnstudio.ui.training.norms_drawing import COLUMNS, HEAD, ROW

NETWORK = Network(
    (
        Input(),
        Conv2D(2, 4, stride=4, activation="relu"),
        Residual((Conv2D(2, 3, padding="same", activation="relu"),)),
        FullyConnected(10),
    )
)


@pytest.fixture
def health(window: MainWindow) -> Norms:
    session = window.session
    session.restart(dataclasses.replace(templates.load("tiny"), network=NETWORK), None)
    session.set_recipe(Recipe(epochs=200, batch_size=50, learning_rate=0.01, validation=100))
    data = session.dataset
    session.set_dataset(Dataset("few", data.class_names, data.train[:600], data.test[:100]))
    window.panels.show_tab("health")
    return window.panels.health


FIGURES = (
    BlockFigures(0, "INPUT"),
    BlockFigures(1, "CONV 1", 0.5, 0.1, 2.0, 0.001, dead=0.5, units=2, looked=128),
    BlockFigures(2, "RESIDUAL 1", 0.7, 0.1, 2.0, 0.002),
    BlockFigures(2, "CONV 1 of RESIDUAL 1", 0.7, 0.1, 2.0, 0.002, inside=(0, 0)),
    BlockFigures(3, "FC 1", 1.5, 0.2, 3.0, 0.4),
)


def look(window: MainWindow, *findings: Finding) -> None:
    """The network is trained, and these are the figures of the last look."""
    session = window.session
    found = Diagnosis(1.0, FIGURES, findings)
    result = Result(session.model.state.copy(), diagnosis=found)
    session._sheet.results.keep(session.network, result)
    window.panels.health.refresh()


@pytest.fixture
def trained(window: MainWindow, health: Norms) -> Norms:
    assert health.empty.isVisible()
    look(window)
    return health


def test_the_rows_are_the_figures_of_the_last_look(
    window: MainWindow, health: Norms, qtbot: QtBot
) -> None:
    session, rows = window.session, lambda: health.table.rows
    session.train()
    qtbot.waitUntil(lambda: bool(rows()), timeout=10_000)
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=10_000)
    health.refresh()
    assert health.table.isVisible()
    assert [(each.path, each.name) for each in rows()] == [
        ((1,), "CONV 1"),
        ((2,), "RESIDUAL 1"),
        ((2, 0, 0), "CONV 1 of RESIDUAL 1"),
        ((3,), "FC 1"),
    ]
    assert list(rows()) == [each for each in session.norms if each.name != "INPUT"]
    assert all(each.gradient > 0 and 0 < each.ratio < 1 for each in rows())


def test_a_click_and_the_keys_choose_a_block(window: MainWindow, trained: Norms) -> None:
    table, session = trained.table, window.session
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(60, HEAD + 2 * ROW + 5))
    assert session.selected_path == (2, 0, 0), "the block inside"
    assert table.accessibleDescription().startswith("CONV 1 of RESIDUAL 1, gradient ")
    for keys, chosen in (
        ("Down", (3,)),
        ("Down", (3,)),
        ("Up", (2, 0, 0)),
        ("Up", (2,)),
        ("Home", (1,)),
        ("Up", (1,)),
        ("Down", (2,)),
        ("End", (3,)),
    ):
        QTest.keyClick(table, getattr(Qt.Key, f"Key_{keys}"))
        assert session.selected_path == chosen, keys
    QTest.mouseClick(table, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    assert session.selected_path == (3,), "the titles are no block"


def test_what_ails_a_block_stands_in_its_row(window: MainWindow, trained: Norms) -> None:
    window.session.select(())
    assert trained.table.accessibleDescription() == "4 blocks, nothing ails them"
    look(window, Finding((2, 0, 0), "dead", "CONV 1 of RESIDUAL 1: dead."))
    assert trained.table.found == {(2, 0, 0): "dead"}
    assert trained.table.accessibleDescription().startswith("CONV 1 of RESIDUAL 1, gradient")
    assert trained.table.accessibleDescription().endswith("dead")


def test_out_of_sight_nothing_is_drawn_and_later_it_catches_up(
    window: MainWindow, health: Norms
) -> None:
    window.panels.show_tab("sizes")
    look(window)
    window.session.diagnosis_changed.emit()
    assert health.table.rows == ()
    window.panels.show_tab("health")
    assert len(health.table.rows) == 4
    window.session.start_over()
    health.refresh()
    assert health.empty.isVisible(), "random weights have no figures"


def test_it_is_saved_as_picture_drawing_and_table(
    window: MainWindow, trained: Norms, tmp_path: Path
) -> None:
    table, ground = trained.table, window.themes.theme.color("window")
    lines = list(norms_drawing.table(table.rows, {(3,): "fast"}))
    for suffix in (".png", ".svg", ".csv"):
        save(tmp_path / f"health{suffix}", table, lines, ground)
    with (tmp_path / "health.csv").open(newline="") as file:
        read = list(csv.DictReader(file))
    assert [line["block"] for line in read] == [each.name for each in table.rows]
    assert float(read[0]["gradient norm"]) == table.rows[0].gradient
    assert float(read[0]["dead share"]) == table.rows[0].dead
    assert (read[3]["dead share"], read[3]["found"]) == ("", "fast")
    assert (tmp_path / "health.png").read_bytes().startswith(b"\x89PNG")
    assert "RESIDUAL 1" in (tmp_path / "health.svg").read_text()


def test_the_scales_end_where_they_say() -> None:
    gradient, ratio, idle = COLUMNS
    assert [gradient.share(value) for value in (0.0, 1e-9, 1e-4, 1e-1, 1e2, 1e9)] == [
        0,
        0,
        0,
        pytest.approx(0.5),
        1,
        1,
    ]
    assert [ratio.share(value) for value in (1e-6, 1e-3, 1.0)] == [0, pytest.approx(0.5), 1]
    assert gradient.share(float("inf")) == 1
    dead = BlockFigures(1, "CONV 1", ratio=0.0094, dead=0.5)
    assert (ratio.words(dead), idle.words(dead), idle.share(0.5)) == ("0.0094", "50 % dead", 0.5)
    written = [
        ratio.words(dataclasses.replace(dead, ratio=value))
        for value in (0.0011, 0.00041, 0.00099999)
    ]
    assert written == ["0.0011", "0.00041", "0.001"]  # those beside each other are written alike
    flat = BlockFigures(1, "FC 1", saturated=0.25)
    assert (gradient.words(flat), idle.words(flat)) == ("\N{EN DASH}", "25 % saturated")
