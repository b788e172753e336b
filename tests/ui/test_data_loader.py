"""The window learns the pictures that its document names."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import templates
from cnnstudio.network.project_file import save
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import data_loader
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.menu.present_commands import data_lines


@pytest.fixture
def window(qapp: QApplication) -> Iterator[MainWindow]:
    _, window = ui.create(["cnnstudio"])
    window.finish_loading()
    yield window
    assert window.close()
    window.deleteLater()


def idx(path: Path, array: np.ndarray) -> None:
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(head + array.tobytes())


def folder_of_pictures(folder: Path) -> Path:
    folder.mkdir()
    for part, count in (("train", 30), ("t10k", 10)):
        idx(folder / f"{part}-images-idx3-ubyte", np.full((count, 28, 28), 77, np.uint8))
        idx(folder / f"{part}-labels-idx1-ubyte", np.arange(count, dtype=np.uint8) % 10)
    return folder


def test_a_project_brings_its_own_pictures_and_keeps_them(
    window: MainWindow, tmp_path: Path
) -> None:
    folder = folder_of_pictures(tmp_path / "greys")
    path = tmp_path / "grey.cnn"
    save(replace(templates.load("tiny"), data=str(folder)), path)
    window.documents.open(path)
    assert "still being loaded" in window.session.train_refusal
    window.finish_loading()
    assert window.session.dataset.name == "greys"
    assert window.session.probe.pixels.max() == 77
    assert window.session.project().data == str(folder)
    window.documents.new("lecture")
    window.finish_loading()
    assert window.session.dataset.name == "mnist"
    assert window.session.train_refusal is None


def test_pictures_that_are_gone_are_named_and_training_waits(
    window: MainWindow, tmp_path: Path
) -> None:
    path = tmp_path / "gone.cnn"
    save(replace(templates.load("tiny"), data=str(tmp_path / "gone")), path)
    window.documents.open(path)
    window.finish_loading()
    assert "gone" in window.messages.notice.sentence
    assert not window.actions_by_name["train"].isEnabled()
    assert window.session.activations == ()
    failure = window.session.data_failure
    assert window.canvas.pipeline.output.face.words == "The pictures cannot be read"
    assert window.canvas.pipeline.output.face.tip == failure
    data = next(b for b in window.findChildren(QToolButton) if b.accessibleName() == "Data: none")
    assert data.toolTip() == failure
    (line,) = data_lines(window.session)
    assert (line.title, line.refusal) == ("The pictures cannot be read", failure)


def test_the_folder_of_pictures_that_are_gone_is_written_as_it_is(
    window: MainWindow, tmp_path: Path
) -> None:
    path, folder = tmp_path / "gone.cnn", tmp_path / "28x28 - a"
    save(replace(templates.load("tiny"), data=str(folder)), path)
    window.documents.open(path)
    window.finish_loading()
    failure = window.session.data_failure
    assert str(folder) in failure
    window.draw_pad._show()
    window.training_panel.empty.refresh()
    shown = (
        window.session.train_refusal,
        window.actions_by_name["train"].toolTip(),
        window.draw_pad.bars.words,
        window.training_panel.empty.words.text(),
        next(c.refusal for c in window.action_set.commands() if c.name == "train"),
    )
    assert [failure in (words or "") for words in shown] == [True] * len(shown), shown


def test_pictures_that_have_come_meanwhile_are_there_when_it_is_opened_again(
    window: MainWindow, tmp_path: Path
) -> None:
    folder, path = tmp_path / "disk", tmp_path / "on-disk.cnn"
    save(replace(templates.load("tiny"), data=str(folder)), path)
    window.documents.open(path)
    window.finish_loading()
    assert window.session.data_failure
    window.session.saved_as(path)  # does not try again
    assert window.session.data_failure
    folder_of_pictures(folder)
    window.documents.open(path)
    window.finish_loading()
    assert window.session.dataset.name == "disk"
    assert not window.session.data_failure


def test_pictures_that_nobody_wants_any_more_hold_nothing_up(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    go_on, load = threading.Event(), datasets.load
    waited: list[bool] = []  # whether a thread was waited for

    def slow(name: str) -> Dataset:
        if name != "mnist":
            waited.append(not go_on.wait(10))
        return load(name)

    monkeypatch.setattr(datasets, "load", slow)
    monkeypatch.setattr(data_loader, "CLOSE_TIMEOUT", 0.01)
    path = tmp_path / "slow.cnn"
    save(replace(templates.load("tiny"), data=str(folder_of_pictures(tmp_path / "slow"))), path)
    window.documents.open(path)
    assert window.session.dataset is None
    window.documents.new("lecture")
    qtbot.waitUntil(lambda: window.session.dataset is not None)
    assert window.session.dataset.name == "mnist"
    window.documents.open(path)
    assert window.close()
    assert window.session.dataset is None
    assert not waited
    go_on.set()
