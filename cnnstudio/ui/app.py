"""Starting the window: fonts, theme, data in the background, and the manners of the process."""

from __future__ import annotations

import gc
import itertools
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from cnnstudio.engine.parallel import default_threads, limit_blas
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import templates
from cnnstudio.network.atomic import exists
from cnnstudio.ui import preferences
from cnnstudio.ui.document import recent
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.memory import return_freed
from cnnstudio.ui.theme import ThemeManager

FIRST_DOCUMENT = "lecture"
COLLECT_INTERVAL = 1000
"""Milliseconds between two collections of garbage, always in the main thread."""

COLLECT_ALL_EVERY = 60
"""Every so many collections look at old objects too, which takes some 10 ms instead of 0.1."""

SWITCH_INTERVAL = 0.001
"""Seconds after which a thread gives way: the window answers beside one that computes."""

_COLLECTOR = "garbageCollector"

_ONE_PAINTER = "QT_NO_GUI_THREADPOOL"
"""Makes Qt paint in the window's thread alone: otherwise it wakes a thread for each core to fill
large areas, and waits for them while training has the cores."""


def create(argv: Sequence[str]) -> tuple[QApplication, MainWindow]:
    """Build the application and the window without entering the event loop.

    `argv` is the program's name and, if wanted, the file to open. A file that cannot be read is
    told in the window, which then shows the first document.
    """
    os.environ.setdefault(_ONE_PAINTER, "1")
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(list(argv[:1]))
    app.setApplicationName("CNN Studio")
    app.setApplicationDisplayName("CNN Studio")
    mind_threads(app)
    limit_blas()
    themes = ThemeManager(app, preferences.load().theme, dressed=bool(app.styleSheet()))
    session = Session(templates.load(FIRST_DOCUMENT), threads=default_threads())
    window = MainWindow(session, themes)
    themes.dress()
    if len(argv) > 1:
        _open(session, argv[1])
    window.restore_layout()
    window.recovery.look()
    window.load_data()
    return app, window


def run(argv: Sequence[str]) -> int:
    """Show the window until it is closed; without a display say so and return 2."""
    missing = missing_display()
    if missing:
        sys.stderr.write(missing + "\n")
        return 2
    app, window = create(argv)
    gc.freeze()  # what stands for good is not looked at again, so that collecting takes no time
    sys.excepthook = partial(tell_failure, window.session)
    signal.signal(signal.SIGINT, lambda *_: window.close())
    window.show()
    return app.exec()


def tell_failure(
    session: Session,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Tell of an error that nobody foresaw in the window, and let it live on.

    An error in a slot ends that slot only: the document is a value, and stays as it was.
    """
    sys.__excepthook__(kind, error, trace)
    details = "".join(traceback.format_exception(kind, error, trace))
    words = "Something went wrong inside CNN Studio; your network is unharmed. Save it to be sure."
    session.noticed.emit(Notice(words, details))


def missing_display() -> str | None:
    """A sentence when there is no display to open a window on, None when there is one.

    Qt would abort the process instead of saying so.
    """
    wants_screen = "QT_QPA_PLATFORM" not in os.environ and sys.platform.startswith("linux")
    if wants_screen and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return (
            "There is no display to open the window on; "
            "train without one: cnnstudio train lecture --epochs 4"
        )
    return None


def mind_threads(app: QApplication) -> None:
    """Prepare the process for a window beside threads that compute.

    Python's collector may run in a training thread and free Qt objects there, which crashes; so it
    is turned off, and a timer of `app` collects in the main thread. Threads give way often enough
    for the window to answer at once.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.disable()
    if app.findChild(QTimer, _COLLECTOR) is None:
        timer = QTimer(app)
        timer.setObjectName(_COLLECTOR)
        timer.setInterval(COLLECT_INTERVAL)
        generations = itertools.cycle([1] * (COLLECT_ALL_EVERY - 1) + [2])
        timer.timeout.connect(lambda: _collect(next(generations)))
        timer.start()


def _collect(generation: int) -> None:
    gc.collect(generation)
    if generation == 2:
        return_freed()


def _open(session: Session, name: str) -> None:
    path = Path(name)
    try:
        is_file = exists(path) and path.is_file()
        session.restart(templates.open_document(name), path if is_file else None)
        if is_file:
            recent.remember(path)
    except CnnStudioError as error:
        notice = Notice(str(error), until="other document")
        QTimer.singleShot(0, session, lambda: session.noticed.emit(notice))
