"""The message bar: a sentence goes when it no longer holds, and not before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Input, MaxPool2D
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.network import archive, templates
from cnnstudio.network.project_file import save
from cnnstudio.ui.document.edits import TRAINING
from cnnstudio.ui.document.saving import write_and_tell
from cnnstudio.ui.frame.message_bar import SOON
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.maps.probe_search import ProbeSearch

UNFIT = '{"blocks": [{"type": "Conv2D", "settings": {"filters": -3}}]}'


def sentence(window: MainWindow) -> str:
    """What the bar says now; empty while it is closed."""
    return window.messages.notice.sentence if window.messages.isVisible() else ""


def paste(window: MainWindow, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    window.actions_by_name["paste"].trigger()


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "broken.cnn"
    path.write_bytes(b"no project")
    return path


def test_a_file_that_cannot_be_opened_is_told_until_another_document_is_shown(
    window: MainWindow, broken: Path, tmp_path: Path
) -> None:
    good = tmp_path / "good.cnn"
    assert window.documents.save_to(good)
    window.documents.open(broken)
    assert "broken.cnn cannot be opened" in sentence(window)
    window.session.select((1,))
    assert "broken.cnn" in sentence(window), "nothing came of it yet"
    window.documents.open(good)
    assert sentence(window) == ""


def test_a_refused_paste_is_told_until_one_succeeds(window: MainWindow) -> None:
    paste(window, UNFIT)
    assert "Conv2D" in sentence(window)
    paste(window, "POOL max 2x2")
    assert sentence(window) == ""
    assert any(isinstance(block, MaxPool2D) for block in window.session.network.blocks)


@pytest.mark.parametrize("template", ["tiny", "lenet5"])
def test_a_refused_paste_does_not_stand_over_another_document(
    window: MainWindow, template: str
) -> None:
    paste(window, UNFIT)
    window.documents.new(template)
    assert sentence(window) == ""


def test_an_edit_that_is_refused_is_told_until_one_is_not(window: MainWindow) -> None:
    session = window.session
    session.insert(3, Input())
    assert "Input" in sentence(window) or "INPUT" in sentence(window)
    session.remove((1,))
    assert sentence(window) == ""


def test_what_was_done_goes_with_the_next_step(window: MainWindow) -> None:
    window.actions_by_name["copy_text"].trigger()
    assert sentence(window) == "Copied the network as text."
    window.session.insert(1, Conv2D(4, 3))
    assert sentence(window) == ""


def test_what_was_done_goes_by_itself(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (fading,) = window.messages.findChildren(QTimer)
    write_and_tell(window.session, tmp_path / "maps.png", lambda: None)
    assert sentence(window) == "Saved maps.png."
    assert (fading.isActive(), fading.interval()) == (True, SOON)
    window.messages.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # wherever it was left
    fading.start(1)
    qtbot.waitUntil(lambda: sentence(window) == "")


def test_the_next_sentence_does_not_go_with_the_time_of_the_one_before(
    window: MainWindow, broken: Path
) -> None:
    (fading,) = window.messages.findChildren(QTimer)
    window.actions_by_name["copy_text"].trigger()
    window.documents.open(broken)
    assert not fading.isActive()
    assert "broken.cnn" in sentence(window)


def test_a_save_that_failed_is_told_until_one_succeeds(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    window.session.remove((1,))
    with monkeypatch.context() as patch:
        patch.setattr(archive, "write", full)
        assert not window.documents.save_to(tmp_path / "mine.cnn")
    window.session.remove((1,))
    assert "No space left on device" in sentence(window), "it is not saved yet"
    assert window.documents.save_to(tmp_path / "mine.cnn")
    assert sentence(window) == ""


def test_pictures_that_cannot_be_read_are_told_until_another_document_is_shown(
    window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "gone.cnn"
    save(replace(templates.load("tiny"), data=str(tmp_path / "gone")), path)
    window.documents.open(path)
    window.finish_loading()
    window.session.remove((1,))
    assert "gone" in sentence(window), "they are not there yet"
    window.session.saved_as(path)
    window.documents.new("tiny")
    window.finish_loading()
    assert sentence(window) == ""


def test_that_nothing_can_be_edited_is_told_until_it_can(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    window.outline.setCurrentIndex(window.outline.model().index(1))
    session.train()
    window.outline.edit_block()
    assert sentence(window) == TRAINING
    session.edit_copy()
    assert sentence(window) == ""
    session.show_aside()
    window.outline.edit_block()
    assert sentence(window) == TRAINING
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle")
    assert sentence(window) == ""


def test_a_run_that_is_refused_is_told_until_something_is_changed(window: MainWindow) -> None:
    window.session.replace(1, Conv2D(4, 3, stride=4), "Edit CONV 1")
    window.session.train()
    assert "does not fit" in sentence(window)
    window.session.undo()
    assert sentence(window) == ""


def test_a_picture_that_is_refused_is_told_until_there_is_one(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    pad, bad = window.draw_pad, tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    pad.load_file(bad)
    qtbot.waitUntil(lambda: "bad.png" in sentence(window))
    pad.load_picture(np.pad(np.full((2, 2, 1), 255, np.uint8), ((7, 7), (7, 7), (0, 0))))
    assert sentence(window) == ""
    QGuiApplication.clipboard().setMimeData(QMimeData())
    pad.paste()
    assert "no picture on the clipboard" in sentence(window)
    pad.clear_sheet()
    assert sentence(window) == ""


def test_an_image_that_is_not_there_is_told_until_another_is_looked_at(
    window: MainWindow, digits: Dataset
) -> None:
    ones = Images(digits.test.pixels, np.ones(len(digits.test), np.uint8))
    window.session.set_dataset(replace(digits, test=ones))
    search = ProbeSearch(window.session, window)
    search.go(1, 5)
    assert "no other image of 5" in sentence(window)
    window.session.set_probe(3)
    assert sentence(window) == ""
    search.go(1, 5)
    window.session.remove((1,))
    assert sentence(window) == "", "it may be another answer now"


def test_a_run_that_cannot_be_changed_is_told_until_another_begins(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.panels.runs.shelf.describe("gone", "note", "mine")
    qtbot.waitUntil(lambda: sentence(window) != "")
    window.session.remove((1,))
    assert sentence(window) != ""
    window.session.undo()
    window.session.train()
    assert sentence(window) == ""
