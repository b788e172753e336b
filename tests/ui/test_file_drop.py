"""Files dropped on the window, wherever: real drop events to its native surface."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QUrl
from PySide6.QtGui import QDragEnterEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QWidget

from cnnstudio.network import templates
from cnnstudio.network.project_file import save
from cnnstudio.ui.main_window import MainWindow
from tests.ui.drags import drag_event, drop_event

Answer = QMessageBox.StandardButton


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop_at(native: QWindow, mime: QMimeData, place: QPoint) -> None:
    """What the system sends when files are let go over a window; DragEnter first."""
    enter = drag_event(QDragEnterEvent, mime, place)
    QApplication.sendEvent(native, enter)
    assert enter.isAccepted()
    event = drop_event(mime, place)
    assert event.type() == QEvent.Type.Drop
    QApplication.sendEvent(native, event)


def middle(window: MainWindow, widget: QWidget) -> QPoint:
    return widget.mapTo(window, widget.rect().center())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "dropped.cnn"
    save(templates.load("tiny"), path)
    return path


@pytest.mark.parametrize("where", ["canvas", "palette", "inspector", "outline", "toolBar", "field"])
def test_a_project_is_opened_wherever_it_is_dropped(
    window: MainWindow, project: Path, where: str
) -> None:
    window.session.select((1,))
    if where == "field":
        widget = next(w for w in window.inspector.findChildren(QLineEdit) if w.isVisible())
    else:
        widget = window.findChild(QWidget, where)
    words = widget.text() if isinstance(widget, QLineEdit) else ""
    drop_at(window.windowHandle(), files(project), middle(window, widget))
    assert window.session.path == project
    assert window.session.network == templates.load("tiny").network
    assert "file:" not in words


def test_a_panel_that_floats_takes_it_too(window: MainWindow, project: Path) -> None:
    dock = window.docks[3]
    dock.setFloating(True)
    QApplication.processEvents()
    drop_at(dock.windowHandle(), files(project), dock.rect().center())
    assert window.session.path == project
    dock.setFloating(False)


def test_a_network_in_json_is_opened(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "Network.JSON"
    save(templates.load("tiny"), path)
    drop_at(window.windowHandle(), files(path), QPoint(600, 400))
    assert window.session.network == templates.load("tiny").network


def test_another_file_is_answered_with_a_sentence(window: MainWindow, tmp_path: Path) -> None:
    before = window.session.network
    drop_at(window.windowHandle(), files(tmp_path / "cat.txt"), QPoint(600, 400))
    assert window.messages.notice.sentence == (
        "cat.txt is neither a project of CNN Studio nor a picture: drop a file that ends in .cnn "
        "or .json, or a PNG or JPEG."
    )
    assert window.session.network is before


def test_among_several_files_the_project_is_opened(
    window: MainWindow, project: Path, tmp_path: Path
) -> None:
    mime = files(tmp_path / "cat.png", project)
    drop_at(window.windowHandle(), mime, QPoint(600, 400))
    assert window.session.path == project


@pytest.mark.parametrize("button", [Answer.Cancel, Answer.Discard])
def test_unsaved_work_is_asked_about(
    window: MainWindow,
    project: Path,
    answer: Callable[[Answer], list[str]],
    button: Answer,
) -> None:
    window.session.remove((1,))
    asked = answer(button)
    drop_at(window.windowHandle(), files(project), QPoint(600, 400))
    assert asked == ["Save the changes?"]
    assert (window.session.path == project) is (button is Answer.Discard)


def test_while_training_it_says_to_stop_first(window: MainWindow, project: Path) -> None:
    window.session._run.state = "running"
    drop_at(window.windowHandle(), files(project), QPoint(600, 400))
    window.session._run.state = "idle"
    assert window.messages.notice.sentence == "Training is going on: stop it first."
    assert window.session.path is None


@pytest.mark.parametrize("name", ["dropped.cnn", "cat.png"])
def test_what_is_open_over_the_window_makes_way(
    window: MainWindow, project: Path, name: str
) -> None:
    window.gallery.open()
    drop_at(window.windowHandle(), files(project.with_name(name)), QPoint(600, 400))
    assert not window.gallery.is_open
    window.shortcut_sheet.toggle()
    drop_at(window.windowHandle(), files(project.with_name(name)), QPoint(600, 400))
    assert not window.shortcut_sheet.is_open
    assert (window.session.path == project) is (name == project.name)


def test_words_are_left_to_the_fields(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setText("no file")
    event = drag_event(QDragEnterEvent, mime, QPoint(600, 400))
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()
