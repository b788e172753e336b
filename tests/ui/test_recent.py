"""The recent files: in the menu, through damage, and when they are gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

from cnnstudio import paths
from cnnstudio.network import templates
from cnnstudio.network.project_file import save
from cnnstudio.ui import app as ui
from cnnstudio.ui.document import recent
from cnnstudio.ui.main_window import MainWindow


def entries(window: MainWindow) -> dict[str, object]:
    """The entries of File > Open recent as they are when it opens."""
    menu: QMenu = window.menus.by_path["File/Open recent"]
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if not action.isSeparator()}


def test_the_latest_come_first_once_each_and_ten_at_most() -> None:
    for number in (*range(12), 5):
        recent.remember(Path(f"/folder/{number}.cnn"))
    assert [path.stem for path in recent.load()] == [
        "5", "11", "10", "9", "8", "7", "6", "4", "3", "2",
    ]  # fmt: skip
    recent.forget(Path("/folder/11.cnn"))
    assert [path.stem for path in recent.load()][:2] == ["5", "10"]
    recent.clear()
    assert recent.load() == ()


def test_a_relative_name_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recent.remember(Path("mine.cnn"))
    assert recent.load() == (tmp_path / "mine.cnn",)


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b'{"a": 1}', b'[""]'])
def test_a_damaged_list_is_empty_and_works_again(damage: bytes) -> None:
    (paths.user_config() / "recent.json").write_bytes(damage)
    assert recent.load() == ()
    recent.remember(Path("/folder/a.cnn"))
    assert recent.load() == (Path("/folder/a.cnn"),)


def test_a_list_that_cannot_be_written_does_no_harm() -> None:
    (paths.user_config() / "recent.json").mkdir()
    recent.remember(Path("/folder/a.cnn"))
    assert recent.load() == ()


def test_the_menu_has_what_was_opened_and_saved(window: MainWindow, tmp_path: Path) -> None:
    assert list(entries(window)) == ["No recent files", "Clear the list"]
    opened, saved = tmp_path / "opened.cnn", tmp_path / "saved.cnn"
    save(templates.load("tiny"), opened)
    window.documents.open(opened)
    window.documents.save_to(saved)
    found = entries(window)
    assert list(found) == ["saved.cnn", "opened.cnn", "Clear the list"]
    assert found["opened.cnn"].toolTip() == str(opened)
    found["opened.cnn"].trigger()
    assert window.session.path == opened
    assert next(iter(entries(window))) == "opened.cnn"
    found["Clear the list"].trigger()
    assert recent.load() == ()
    assert opened.exists()


def test_a_file_on_the_command_line_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "given.cnn"
    save(templates.load("tiny"), path)
    _, window = ui.create(["cnnstudio", str(path)])
    window.finish_loading()
    assert recent.load() == (path,)
    assert window.session.path == path
    assert not window.isWindowModified()
    assert window.close()
    window.deleteLater()


def test_one_that_is_gone_leaves_the_list_with_a_sentence(
    window: MainWindow, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.cnn"
    recent.remember(gone)
    entries(window)["gone.cnn"].trigger()
    assert window.messages.notice.sentence == (
        f"gone.cnn is no longer in {tmp_path}: it was taken off the recent files."
    )
    assert recent.load() == ()


def test_opening_one_asks_about_unsaved_work(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.cnn"
    save(templates.load("tiny"), path)
    recent.remember(path)
    window.session.remove((1,))
    asked: list[str] = []
    refuse: Callable[[], bool] = lambda: bool(asked.append("asked"))  # noqa: E731
    monkeypatch.setattr(window.documents, "may_leave", refuse)
    entries(window)["kept.cnn"].trigger()
    assert asked == ["asked"]
    assert window.session.path is None
