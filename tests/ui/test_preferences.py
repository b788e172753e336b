"""What is remembered between two starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from cnnstudio import paths
from cnnstudio.ui import app as ui
from cnnstudio.ui import preferences
from cnnstudio.ui.preferences import Preferences


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "user_config", lambda: tmp_path)
    return tmp_path


def test_a_chosen_theme_is_there_at_the_next_start(folder: Path, qapp: QApplication) -> None:
    for start in (1, 2):
        _, window = ui.create(["cnnstudio"])
        window.finish_loading()
        if start == 1:
            window.findChild(QObject, "action_theme_dark").trigger()
        assert window.themes.choice == "dark"
        assert window.findChild(QObject, "action_theme_dark").isChecked()
        assert window.close()
        window.deleteLater()
    window.themes.choose("light")
    assert preferences.load() == Preferences(theme="dark")


@pytest.mark.parametrize("damage", [b"", b"{", b'{"theme": 5}', b"\xff\xfe", b"[]"])
def test_damaged_preferences_are_those_of_a_first_start(folder: Path, damage: bytes) -> None:
    (folder / "preferences.json").write_bytes(damage)
    assert preferences.load() == Preferences()


def test_preferences_that_cannot_be_written_do_no_harm(folder: Path) -> None:
    (folder / "preferences.json").mkdir()
    preferences.save(Preferences(theme="light"))
    assert preferences.load() == Preferences()


def test_an_unknown_theme_is_the_systems(folder: Path, qapp: QApplication) -> None:
    preferences.save(Preferences(theme="pink"))
    _, window = ui.create(["cnnstudio"])
    assert window.themes.choice == "system"
    window.finish_loading()
    assert window.close()
    window.deleteLater()
