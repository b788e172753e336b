"""Where documents are saved and exported to, and what is asked before something is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QDir, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, archive
from cnnstudio.network.project_file import Project, load
from cnnstudio.ui.document import recent
from cnnstudio.ui.frame import closing
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.menu.command_rows import ranked
from cnnstudio.ui.parts import question
from cnnstudio.ui.training.observation import Observation

Answer = QMessageBox.StandardButton
Ask = Callable[[Answer], list[str]]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path | str], None]:
    """Choose a name in all dialogs to come."""

    def set_name(name: Path | str) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(name), ""))

    return set_name


def test_a_name_without_its_suffix_gets_it(
    window: MainWindow, tmp_path: Path, choose: Callable[[Path | str], None]
) -> None:
    for name in ("plain", "version 1.5"):
        choose(tmp_path / name)
        assert window.documents.save_as()
        assert window.session.path == tmp_path / f"{name}.cnn"
    choose(tmp_path / "network.JSON")
    assert window.documents.save_as()
    assert window.session.path == tmp_path / "network.JSON"
    choose("")
    assert not window.documents.save_as()


@pytest.mark.parametrize("button", [Answer.Yes, Answer.No])
def test_a_file_that_the_dialog_did_not_ask_about_is_asked_about(
    window: MainWindow,
    tmp_path: Path,
    choose: Callable[[Path | str], None],
    answer: Ask,
    button: Answer,
) -> None:
    other = tmp_path / "mine.cnn"
    other.write_bytes(b"something else")
    choose(tmp_path / "mine")
    asked = answer(button)
    assert window.documents.save_as() is (button is Answer.Yes)
    assert asked == ["Replace the file?"]
    assert (other.read_bytes() == b"something else") is (button is Answer.No)


def test_an_export_asks_in_the_same_way(
    window: MainWindow, tmp_path: Path, choose: Callable[[Path | str], None], answer: Ask
) -> None:
    other = tmp_path / "mine.npz"
    other.write_bytes(b"something else")
    choose(tmp_path / "mine")
    asked = answer(Answer.No)
    window.documents.export(".npz")
    window.documents.finish_export()
    assert asked == ["Replace the file?"]
    assert other.read_bytes() == b"something else"


def test_weights_that_a_json_file_cannot_hold_stay_unsaved(
    window: MainWindow, tmp_path: Path
) -> None:
    session = window.session
    weights = dict(Model(session.network, seed=5).parameters)
    session.restart(Project(session.network, weights=weights), None)
    assert window.documents.save_to(tmp_path / "network.json")
    assert "network.json holds the network alone" in window.messages.notice.sentence
    assert session.modified
    assert window.isWindowModified()
    assert window.statusBar().saved_words == "Trained weights are not in network.json"
    assert window.documents.save_to(tmp_path / "network.cnn")
    assert not session.modified
    assert load(tmp_path / "network.cnn").weights is not None
    session.start_over()
    assert window.documents.save_to(tmp_path / "network.json")
    assert not session.modified


def test_saving_before_leaving_a_json_file_asks_where_the_weights_go(
    window: MainWindow, tmp_path: Path, choose: Callable[[Path | str], None], answer: Ask
) -> None:
    session = window.session
    weights = dict(Model(session.network, seed=5).parameters)
    session.restart(Project(session.network, weights=weights), None)
    assert window.documents.save_to(tmp_path / "network.json")
    answer(Answer.Save)
    choose("")
    assert not window.documents.may_leave()
    choose(tmp_path / "again.json")
    assert not window.documents.may_leave()  # the weights are still in no file
    choose(tmp_path / "network.cnn")
    assert window.documents.may_leave()
    kept = load(tmp_path / "network.cnn").weights
    assert kept is not None
    assert all(np.array_equal(kept[name], weights[name]) for name in weights)


def test_a_save_that_fails_keeps_the_window_open_and_the_work(
    window: MainWindow, tmp_path: Path, answer: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "full.cnn"
    assert window.documents.save_to(path)
    old = path.read_bytes()
    window.session.remove((1,))
    changed = window.session.network

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "write", full)
    answer(Answer.Save)
    assert not window.close()
    assert window.isVisible()
    assert "No space left on device" in window.messages.notice.sentence
    assert window.session.network is changed
    assert window.isWindowModified()
    assert path.read_bytes() == old
    monkeypatch.undo()


@pytest.mark.parametrize("way", ["new", "new_empty", "open"])
def test_what_takes_the_documents_place_asks_first(
    window: MainWindow, tmp_path: Path, answer: Ask, way: str
) -> None:
    path = tmp_path / "other.cnn"
    assert window.documents.save_to(path)
    window.session.remove((1,))
    changed = window.session.network
    arguments = {"new": ("tiny",), "new_empty": (), "open": (path,)}[way]
    asked = answer(Answer.Cancel)
    getattr(window.documents, way)(*arguments)
    assert asked == ["Save the changes?"]
    assert window.session.network is changed
    answer(Answer.Discard)
    getattr(window.documents, way)(*arguments)
    assert window.session.network is not changed


def test_the_title_tells_what_is_not_saved(window: MainWindow, tmp_path: Path) -> None:
    assert window.windowTitle() == "Lecture network[*] – CNN Studio"
    assert not window.isWindowModified()
    window.session.remove((1,))
    assert window.isWindowModified()
    assert window.documents.save_to(tmp_path / "mine.cnn")
    assert window.windowTitle() == "mine[*] – CNN Studio"
    assert not window.isWindowModified()
    window.session.undo()
    assert window.isWindowModified()


def test_closing_while_it_trains_and_saving_keeps_what_was_learned(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = tmp_path / "learned.cnn"
    assert window.documents.save_to(path)
    window.session.train()
    qtbot.waitUntil(lambda: len(window.session.curve) > 2, timeout=30_000)
    asked: list[str] = []

    def ask(_parent: object, title: str, *_: object) -> Answer:
        asked.append(title)
        return Answer.Save if title.startswith("Save") else Answer.Yes

    monkeypatch.setattr(question, "ask", ask)
    assert window.close()
    assert asked == ["Stop the training?", "Save the changes?"]
    assert window.session.training == "idle"
    kept = load(path).weights
    assert kept is not None
    assert window.session.model is not None
    assert all((kept[n] == w).all() for n, w in window.session.model.weights.items())


def test_a_step_that_takes_long_ends_before_the_window_closes(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """Regression: nobody looked after the run any more, and it seemed to go on for ever."""
    session, asked = window.session, list[str]()
    begun, goes_on, look = threading.Event(), threading.Event(), Observation.look

    def look_long(self: Observation, *arguments: Any, **options: Any) -> None:
        look(self, *arguments, **options)
        begun.set()
        goes_on.wait(20)

    def ask(_parent: object, title: str, *_: object) -> Answer:
        asked.append(title)
        return Answer.Discard if title.startswith("Save") else Answer.Yes

    monkeypatch.setattr(Observation, "look", look_long)
    monkeypatch.setattr(closing, "PATIENCE", 0.01)
    monkeypatch.setattr(question, "ask", ask)
    session.train()
    assert begun.wait(20)
    for _ in range(2):
        assert not window.close()
        assert "is still being finished" in window.messages.notice.sentence
        assert window.isVisible()
    assert asked == ["Stop the training?"], "it is asked once"
    goes_on.set()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert session.training == "idle"
    assert len(session.curve) == 1
    assert asked == ["Stop the training?", "Save the changes?"]


def test_closing_that_is_called_off_leaves_the_window_as_it_was(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    """Regression: a large copy, whose weights were still being drawn, never had any."""
    session = window.session
    session.step()
    session.edit_copy()
    layers = (FullyConnected(4000), FullyConnected(1000), FullyConnected(10))
    session.apply(Network((Input(), *layers)), "Grow")
    assert session.preparing
    answers = {"Stop the training?": Answer.Yes, "Save the changes?": Answer.Cancel}
    monkeypatch.setattr(question, "ask", lambda _parent, title, *_: answers[title])
    assert not window.close()
    assert session.training == "idle"
    qtbot.waitUntil(lambda: session.model is not None, timeout=20_000)
    assert session.train_refusal is None


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the dialogs began that were given up."""
    begun: list[str] = []

    def ask(_parent: object, _title: str, place: str, *_: object) -> tuple[str, str]:
        begun.append(place)
        return "", ""

    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, ask)
    return begun


def test_the_dialogs_of_an_untitled_document_begin_where_the_last_one_was(
    window: MainWindow, tmp_path: Path, begun: list[str]
) -> None:
    assert window.documents.save_to(tmp_path / "mine.cnn")
    window.documents.new("tiny")
    title = window.session.title
    window.documents.choose()
    window.documents.save_as()
    window.documents.export(".onnx")
    window.documents.save_figure(".svg")
    window.panels.runs.save_table()
    names = (f"{title}.cnn", f"{title}.onnx", f"{title}.svg", "runs.csv")
    assert begun == [str(tmp_path), *(str(tmp_path / name) for name in names)]


def test_recent_files_are_called_as_they_are(window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "28x28 - R&D"
    folder.mkdir()
    assert window.documents.save_to(folder / "28x28 - R&D.cnn")
    (command,) = window.documents.recent_commands()
    action = command.action(window)
    assert action.text() == "28x28 - R&&D.cnn", "an ampersand is no key of the menu"
    assert action.toolTip() == str(folder / "28x28 - R&D.cnn")
    (row,) = ranked("28x28", [command], ())
    assert (row.title, row.tip) == ("28x28 - R&D.cnn", str(folder / "28x28 - R&D.cnn"))


def test_pictures_are_loaded_and_saved_where_the_last_document_was(
    window: MainWindow, tmp_path: Path, begun: list[str]
) -> None:
    assert window.documents.save_to(tmp_path / "mine.cnn")
    window.documents.new("tiny")
    window.draw_pad.choose_file()
    window.draw_pad.load_picture(np.full((9, 9, 1), 200, np.uint8))
    menu = window.draw_pad.context_menu()
    for action in menu.actions():
        if action.text().startswith("Save as"):
            action.trigger()
    menu.close()
    names = [str(tmp_path / f"drawing{suffix}") for suffix in (".png", ".svg", ".csv")]
    assert begun == [str(tmp_path), *names]


def test_the_dialogs_begin_in_a_folder_that_is_there(
    window: MainWindow, tmp_path: Path, begun: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tmp_path / "Documents"
    monkeypatch.setattr(QDir, "homePath", lambda: str(tmp_path))
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _: str(documents))
    recent.remember(tmp_path / "gone" / "mine.cnn")
    window.documents.choose()
    documents.mkdir()
    window.documents.choose()
    assert begun == [str(tmp_path), str(documents)]
