"""What the window's tests share: themes, a session with small pictures, drops, a leak check."""

from __future__ import annotations

import functools
import gc
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.network import Network
from cnnstudio.network.project_file import Project
from cnnstudio.ui import app as ui
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts import question
from cnnstudio.ui.theme import ThemeManager
from tests.ui.drags import drag_event, drop_event
from tests.ui.screen import screen

LECTURE = Network(
    (
        Input(pad=2),
        Conv2D(6, 5, activation="relu"),
        MaxPool2D(),
        Conv2D(16, 5, activation="relu"),
        MaxPool2D(),
        FullyConnected(120, activation="relu"),
        FullyConnected(100, activation="relu"),
        FullyConnected(10),
    )
)
"""The lecture's network."""

Answer = QMessageBox.StandardButton

Drop = Callable[[QWidget, QMimeData, QPoint], None]


@pytest.fixture(scope="session", autouse=True)
def _minded_threads(qapp: QApplication) -> None:
    """No garbage is collected in a training thread, in tests either.

    What is there before the first test stays: to look through it after every test took 50 ms.
    """
    ui.mind_threads(qapp)
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """MNIST is read once for all windows of these tests; nobody writes into its pictures."""
    load, read_once = datasets.load, functools.cache(datasets.load)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            datasets, "load", lambda name: read_once(name) if name == "mnist" else load(name)
        )
        yield


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins without preferences, a remembered layout or autosaved work."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path_factory.mktemp(name)))


@pytest.fixture(autouse=True)
def _leaks(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a top-level widget or a thread behind."""
    widgets, threads = set(_top_level_widgets()), set(threading.enumerate())
    yield
    gc.collect()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [str(widget) for widget in _top_level_widgets() if widget not in widgets]
    assert not left, f"widgets left behind: {left}"
    for thread in set(threading.enumerate()) - threads:
        thread.join(1.0)  # the lane of a model that was just collected is about to end
    running = [t.name for t in threading.enumerate() if t not in threads and t.is_alive()]
    assert not running, f"threads left behind: {running}"


def _top_level_widgets() -> list[QWidget]:
    return [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None]


class _Windows(QObject):
    """Notes the widgets that are shown as windows."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


@pytest.fixture
def shown_windows(qapp: QApplication) -> Iterator[list[str]]:
    """The types of the widgets that are shown as windows, also for a moment, as they come."""
    windows = _Windows()
    qapp.installEventFilter(windows)
    yield windows.shown
    qapp.removeEventFilter(windows)


@pytest.fixture(scope="session")
def _themes(qapp: QApplication) -> ThemeManager:
    return ThemeManager(qapp, "light")


@pytest.fixture
def themes(_themes: ThemeManager) -> ThemeManager:
    """The application in its light dress."""
    _themes.choose("light")
    return _themes


@pytest.fixture(scope="session")
def digits() -> Dataset:
    """Pictures of MNIST's size, made up."""
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (40, 1, 28, 28)).astype(np.uint8)
    labels = np.arange(40, dtype=np.uint8) % 10
    train, test = Images(pixels[:24], labels[:24]), Images(pixels[24:], labels[24:])
    return Dataset("mnist", tuple("0123456789"), train, test)


@pytest.fixture
def open_session(qapp: QApplication, digits: Dataset) -> Iterator[Callable[[Network], Session]]:
    """A function that makes a session with a network and the pictures."""
    sessions = []

    def make(network: Network) -> Session:
        session = Session(Project(network), threads=1)
        session.set_dataset(digits)
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        assert session.shut_down()


@pytest.fixture
def session(open_session: Callable[[Network], Session]) -> Session:
    """A session with the lecture's network."""
    return open_session(LECTURE)


@pytest.fixture
def show(qtbot: QtBot) -> Callable[[QWidget], None]:
    """A function that shows a widget, at the size of the canvas in the window, until the end."""

    def shown(widget: QWidget) -> None:
        widget.resize(912, 572)
        qtbot.addWidget(widget)
        with qtbot.waitExposed(widget):
            widget.show()

    return shown


@pytest.fixture
def open_panel(
    themes: ThemeManager, show: Callable[[QWidget], None]
) -> Iterator[Callable[[type, Session], Any]]:
    """A function that shows a panel of a kind, of the dock's size below; stopped at the end."""
    panels = []

    def opened(kind: type, session: Session) -> Any:
        panel = kind(session, themes)
        panels.append(panel)
        show(panel)
        panel.resize(980, 200)
        return panel

    yield opened
    for panel in panels:
        panel.stop()


@pytest.fixture
def canvas_of(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> Callable[[Network], Canvas]:
    """A function that shows a canvas with a network."""

    def make(network: Network) -> Canvas:
        canvas = Canvas(open_session(network), themes)
        show(canvas)
        canvas.setFocus()
        return canvas

    return make


@pytest.fixture
def canvas(canvas_of: Callable[[Network], Canvas]) -> Canvas:
    """A canvas with the lecture's network, which has the keyboard."""
    return canvas_of(LECTURE)


@pytest.fixture
def hold() -> Drop:
    """Drag `mime` into a widget and hold it at a position, with real events."""

    def held(widget: QWidget, mime: QMimeData, position: QPoint) -> None:
        for kind in (QDragEnterEvent, QDragMoveEvent):
            event = drag_event(kind, mime, position)
            QApplication.sendEvent(widget, event)
            if not event.isAccepted():
                return

    return held


@pytest.fixture
def drop(hold: Drop) -> Drop:
    """Drag `mime` into a widget and drop it at a position, with real events."""

    def dropped(widget: QWidget, mime: QMimeData, position: QPoint) -> None:
        hold(widget, mime, position)
        QApplication.sendEvent(widget, drop_event(mime, position))

    return dropped


@pytest.fixture
def leave() -> Callable[[QWidget], None]:
    """Take what is held over a widget away again."""
    return lambda widget: QApplication.sendEvent(widget, QDragLeaveEvent())


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    _, window = ui.create(["cnnstudio"])
    window.themes.choose("light")
    with qtbot.waitExposed(window):
        window.show()
    window.finish_loading()
    yield window
    monkeypatch.setattr(window.documents, "may_leave", lambda: True)
    window.session.shut_down()
    assert window.close()
    window.deleteLater()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[str]]:
    """Answer all questions to come; returns the list of what was asked."""

    def set_answer(button: Answer) -> list[str]:
        asked: list[str] = []

        def ask(_parent: QWidget, title: str, *_: object) -> Answer:
            asked.append(title)
            return button

        monkeypatch.setattr(question, "ask", ask)
        return asked

    return set_answer


@pytest.fixture
def display() -> Iterator[str]:
    """A display of an X server that nobody sees, for tests with the mark `needs_screen`."""
    with screen() as name:
        yield name
