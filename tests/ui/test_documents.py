"""Where documents are saved and exported to, and what is asked before something is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cnnstudio.engine.model import Model
from cnnstudio.network.project_file import Project, load
from cnnstudio.ui.main_window import MainWindow

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
    assert window.documents.save_to(tmp_path / "network.cnn")
    assert not session.modified
    assert load(tmp_path / "network.cnn").weights is not None
    session.start_over()
    assert window.documents.save_to(tmp_path / "network.json")
    assert not session.modified
