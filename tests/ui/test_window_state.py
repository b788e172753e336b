"""The remembered window: it comes back, and no damage to what is remembered does harm."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QByteArray, QRect
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from cnnstudio import paths
from cnnstudio.ui import app as ui
from cnnstudio.ui.frame import window_state
from cnnstudio.ui.frame.window_state import WindowState, _on_screen, load, save
from cnnstudio.ui.main_window import MainWindow

MUTATIONS = 400

CRASH = """
import os, signal
from cnnstudio.ui import app as ui
from cnnstudio.ui.main_window import MainWindow

MainWindow.restoreState = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
ui.create(["cnnstudio"])
"""
"""A start in which Qt dies of the layout that it is given."""


@pytest.fixture
def start(qtbot: QtBot) -> Iterator[object]:
    """A function that starts the program and shows its window; and one that closes it."""
    opened: list[MainWindow] = []

    def begin() -> MainWindow:
        _, window = ui.create(["cnnstudio"])
        with qtbot.waitExposed(window):
            window.show()
        window.finish_loading()
        qtbot.waitUntil(_file().exists)
        opened.append(window)
        return window

    yield begin
    for window in opened:
        window.close()
        window.deleteLater()


def _file() -> Path:
    return paths.user_config() / "window.json"


def end(window: MainWindow) -> None:
    assert window.close()


def shown(window: MainWindow) -> dict[str, tuple[bool, bool]]:
    return {dock.objectName(): (dock.isVisible(), dock.isFloating()) for dock in window.docks}


def rearrange(window: MainWindow) -> None:
    window.docks[1].close()
    window.docks[3].setFloating(True)
    window.tabs.setCurrentWidget(window.filters)
    window.resize(1180, 700)


def test_the_window_is_where_it_was(start, qtbot: QtBot) -> None:
    first = start()
    rearrange(first)
    before = shown(first)
    assert before["dockTemplates"] == (False, False)
    end(first)
    second = start()
    assert shown(second) == before
    assert second.tabs.currentWidget() is second.filters
    assert second.size() == first.size()


def test_reset_layout_works_after_everything_was_moved(start) -> None:
    first = start()
    home = shown(first)
    rearrange(first)
    end(first)
    second = start()
    assert shown(second) != home
    second.actions_by_name["reset_layout"].trigger()
    assert shown(second) == home
    assert second.tabs.currentWidget() is second.training_panel
    end(second)
    assert shown(start()) == home


def test_a_start_that_crashes_is_followed_by_the_first_layout(start) -> None:
    first = start()
    home = shown(first)
    rearrange(first)
    end(first)
    crashed = subprocess.run(
        [sys.executable, "-c", CRASH],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert crashed.returncode == -signal.SIGKILL
    assert not _file().exists()
    assert shown(start()) == home


def test_a_layout_that_qt_refuses_leaves_the_first_one(start) -> None:
    first = start()
    home = shown(first)
    rearrange(first)
    end(first)
    state = load()
    assert state is not None
    save(msgspec.structs.replace(state, docks=b"\x00\x00\x00\xff nothing"))
    assert shown(start()) == home


@pytest.mark.parametrize("part", ["layout", "version", "Qt", "docks"])
def test_the_layout_of_another_version_is_left_aside(start, part: str) -> None:
    first = start()
    home = shown(first)
    rearrange(first)
    end(first)
    state = load()
    assert state is not None
    words = state.key.split()
    words[{"layout": 0, "version": 1, "Qt": 2, "docks": 3}[part]] = "other"
    save(msgspec.structs.replace(state, key=" ".join(words)))
    assert shown(start()) == home


def test_no_mutation_of_the_file_is_ever_given_to_qt(start) -> None:
    """Bits, cuts, doubled parts and noise: each is seen by the seal, or changes nothing."""
    first = start()
    rearrange(first)
    end(first)
    good, state = _file().read_bytes(), load()
    assert state is not None
    chance = random.Random(0)
    for number in range(MUTATIONS):
        _file().write_bytes(mutated(good, chance))
        found = load()
        assert found is None or found == state, number


def mutated(good: bytes, chance: random.Random) -> bytes:
    data = bytearray(good)
    kind = chance.randrange(5)
    place = chance.randrange(len(data))
    if kind == 0:
        data[place] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del data[place:]
    elif kind == 2:
        data[place:place] = data[: chance.randrange(len(data))]
    elif kind == 3:
        del data[place : place + chance.randrange(1, 40)]
    else:
        data = bytearray(chance.randbytes(chance.randrange(2000)))
    return bytes(data)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff", b'{"state": {}, "seal": ""}'])
def test_a_start_with_a_damaged_file_has_the_first_layout(start, damage: bytes) -> None:
    home = shown(start())
    _file().write_bytes(damage)
    assert shown(start()) == home


def test_a_window_off_the_screen_comes_back_onto_it(start) -> None:
    first = start()
    end(first)
    state = load()
    assert state is not None
    for place in ((90_000, 90_000, 1200, 800), (-5000, 0, 1200, 800), (0, -900, 1200, 800)):
        save(msgspec.structs.replace(state, place=place))
        window = start()
        assert window.screen().availableGeometry().intersects(window.geometry())
        assert window.y() >= 0
        end(window)


def test_places_on_the_screen_are_kept_and_no_larger_than_it(qapp: QApplication) -> None:
    room = qapp.primaryScreen().availableGeometry()
    inside = QRect(room.left() + 10, room.top() + 10, 300, 200)
    assert _on_screen(inside) == inside
    huge = QRect(room.left(), room.top(), 100_000, 100_000)
    assert _on_screen(huge) == QRect(room.topLeft(), room.size())
    assert _on_screen(QRect(room.right() - 5, room.top(), 300, 200)) is None


def test_a_maximized_window_is_maximized_again(start, qtbot: QtBot) -> None:
    first = start()
    first.showMaximized()
    qtbot.waitUntil(first.isMaximized)
    end(first)
    assert load().is_maximized
    assert start().isMaximized()


def test_what_cannot_be_written_is_no_harm(start, monkeypatch: pytest.MonkeyPatch) -> None:
    first = start()
    _file().unlink()
    _file().mkdir()
    end(first)
    _file().rmdir()
    assert load() is None


def test_a_window_that_was_never_painted_remembers_nothing(qtbot: QtBot) -> None:
    _, window = ui.create(["cnnstudio"])
    window.finish_loading()
    assert window.close()
    window.deleteLater()
    assert not _file().exists()
    assert isinstance(window, QMainWindow)


def test_a_state_survives_its_file(tmp_path: Path) -> None:
    state = WindowState("1 x", (1, -2, 3, 4), False, bytes(range(256)), "filters")
    window_state.save(state)
    assert window_state.load() == state
    window_state.forget()
    assert window_state.load() is None
    assert QByteArray(state.docks).size() == 256


def test_a_layout_from_before_a_panel_was_there_comes_back(start) -> None:
    """Such a layout does not name the dock; it goes where it is at home, as a tab."""
    first = start()
    first.panels.docks["templates"].close()
    first.removeDockWidget(first.panels.docks["draw"])
    first.panels.docks["outline"].raise_()
    blob = bytes(first.saveState().data())
    blob = blob.replace("Draw".encode("utf-16-be"), "Else".encode("utf-16-be"))
    end(first)
    state = load()
    assert state is not None
    key = state.key.replace(" dockDraw", "")
    assert key != state.key
    save(msgspec.structs.replace(state, key=key, docks=blob))
    second = start()
    QApplication.processEvents()
    assert second.panels.docks["templates"].isHidden()
    draw, outline = second.panels.docks["draw"], second.panels.docks["outline"]
    assert second.tabifiedDockWidgets(draw) == [outline]
    assert not second.draw_pad.visibleRegion().isEmpty()
