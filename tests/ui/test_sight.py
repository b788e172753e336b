"""A file is shown as it was left, and what is damaged or too much is left aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnstudio import paths
from cnnstudio.network import templates, text_form
from cnnstudio.network.project_file import Project, save
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import sight
from cnnstudio.ui.document.sight import Sight
from cnnstudio.ui.main_window import MainWindow

LONG = text_form.read("INPUT 32x32x1 > " + " > ".join(["CONV 4@3x3 pad=1"] * 20) + " > FC 10")


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.cnn"
    save(Project(LONG), path)
    return path


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.cnn"
    save(templates.load("tiny"), path)
    return path


def test_a_file_that_is_opened_again_is_shown_as_it_was_left(
    window: MainWindow, long: Path, tiny: Path
) -> None:
    window.documents.open(long)
    window.canvas.zoom_in()
    window.canvas.verticalScrollBar().setValue(700)
    left = window.canvas.sight
    assert left.y == 700
    window.documents.open(tiny)
    window.canvas.actual_size()
    window.documents.open(long)
    assert window.canvas.sight == left


def test_what_is_fitted_is_fitted_again(window: MainWindow, long: Path, tiny: Path) -> None:
    window.documents.open(long)
    window.canvas.fit()
    zoom = window.canvas.zoom
    assert zoom < 1
    window.documents.open(tiny)
    window.canvas.actual_size()
    window.documents.open(long)
    assert window.canvas.zoom == pytest.approx(zoom)
    window.resize(1600, 1000)
    assert window.canvas.zoom > zoom, "it follows the window"


def test_it_is_kept_until_the_next_start(long: Path, qtbot: QtBot) -> None:
    for start in range(2):
        _, window = ui.create(["cnnstudio", str(long)])
        with qtbot.waitExposed(window):
            window.show()
        if start == 0:
            window.canvas.zoom_out()
            window.canvas.verticalScrollBar().setValue(300)
            left = window.canvas.sight
        else:
            assert window.canvas.sight == left
        window.finish_loading()
        assert window.close()
        window.deleteLater()


def test_another_theme_tab_or_step_leaves_it(window: MainWindow, long: Path) -> None:
    window.documents.open(long)
    window.canvas.zoom_in()
    window.canvas.verticalScrollBar().setValue(500)
    left = window.canvas.sight
    window.themes.choose("dark")
    window.tabs.setCurrentIndex(1)
    window.session.replace(8, LONG.blocks[8].with_values(filters=5), "Change")
    window.session.undo()
    assert window.canvas.sight == left


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"a": {"zoom": 1e9, "x": 0, "y": 0}}', '{"a": {"zoom": 1, "x": 1e300}}'],
)
def test_a_damaged_memory_is_none(text: str) -> None:
    paths.user_config().mkdir(parents=True, exist_ok=True)
    (paths.user_config() / "sights.json").write_text(text)
    assert sight.load() == {}


def test_only_the_latest_are_kept() -> None:
    sight.save({str(number): Sight(1.0, 0, number) for number in range(30)})
    assert list(sight.load()) == [str(number) for number in range(sight.MOST)]


def test_what_is_in_no_file_is_not_kept(
    window: MainWindow, answer: Callable[..., list[str]]
) -> None:
    window.canvas.zoom_in()
    window.documents.new("tiny")
    assert sight.load() == {}
