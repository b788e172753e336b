"""Where the window and its panels were: kept between two starts, forgotten when it does harm.

Qt's own description of the docks is opaque, and one from another version or a damaged one can crash
Qt. So it carries the versions and a checksum, and is taken out of the settings folder before it is
tried: it comes back only after the window was painted, and a start that crashed is followed by one
with the first layout.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec
from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabWidget, QWidget

from cnnstudio import __version__, paths
from cnnstudio.network.atomic import replacing

_FILE = "window.json"
_LAYOUT = 1
"""Changed when panels are made in another way, so that older descriptions are left aside."""

GRIP = QPoint(120, 24)
"""Pixels of the window's upper edge that must be on a screen to take hold of it."""


class WindowState(msgspec.Struct, frozen=True):
    """The window as it was: place in pixels, the docks as Qt describes them, the tab in front."""

    key: str
    place: tuple[int, int, int, int]
    is_maximized: bool
    docks: bytes
    tab: str


class Sealed(msgspec.Struct, frozen=True):
    """What is in the file: a state and its checksum."""

    state: msgspec.Raw
    seal: str


class WindowMemory(QObject):
    """Puts `window` where it was, and remembers where it is when it is closed.

    `tabs` is the row of tabs whose front one is remembered; `settle` gives docks that came to the
    program later than the layout a place in it. Call `restore` before the window is shown.
    """

    def __init__(
        self,
        window: QMainWindow,
        tabs: QTabWidget,
        settle: Callable[[Collection[str]], None] = lambda _names: None,
    ) -> None:
        super().__init__(window)
        self._window, self._tabs, self._settle = window, tabs, settle
        self._was_painted = False
        self._saving = QTimer(self, singleShot=True, interval=0)
        self._saving.timeout.connect(self.save)

    def restore(self) -> bool:
        """Bring the last layout back; False where there is none that can be used."""
        self._window.installEventFilter(self)
        state = load()
        forget()
        if state is None:
            return False
        later = self._later_docks(state.key.split())
        if later is None or not self._apply(state):
            return False
        if later:
            self._settle(later)
        return True

    def _later_docks(self, key: list[str]) -> set[str] | None:
        """The docks that a layout with `key` does not know; None where it is another version's."""
        versions, docks = _versions(), self._docks()
        known = set(key[len(versions) :])
        if tuple(key[: len(versions)]) != versions or not known or known - docks:
            return None
        return docks - known

    def save(self) -> None:
        """Remember the window as it is now; nothing before it was painted."""
        if self._was_painted:
            save(self._state())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint: after that the layout has done no harm."""
        if event.type() == QEvent.Type.Paint:
            self._was_painted = True
            self._window.removeEventFilter(self)
            self._saving.start()
        return False

    def _apply(self, state: WindowState) -> bool:
        """Show `state`, or the layout as it was before where Qt refuses it."""
        before = self._window.saveState()
        if not self._window.restoreState(QByteArray(state.docks)):
            self._window.restoreState(before)
            return False
        place = _on_screen(QRect(*state.place))
        if place is not None:
            self._window.setGeometry(place)
        if state.is_maximized:
            self._window.setWindowState(self._window.windowState() | Qt.WindowState.WindowMaximized)
        tab = self._tabs.findChild(QWidget, state.tab)
        if tab is not None and self._tabs.indexOf(tab) >= 0:
            self._tabs.setCurrentWidget(tab)
        return True

    def _state(self) -> WindowState:
        window, tab = self._window, self._tabs.currentWidget()
        rect = window.normalGeometry() if window.isMaximized() else window.geometry()
        return WindowState(
            self._key(),
            (rect.x(), rect.y(), rect.width(), rect.height()),
            window.isMaximized(),
            bytes(window.saveState().data()),
            tab.objectName() if tab is not None else "",
        )

    def _key(self) -> str:
        """What must be the same for a description of the docks to be understood.

        Docks that it does not name came later: Qt puts them at the end of their area.
        """
        return " ".join((*_versions(), *sorted(self._docks())))

    def _docks(self) -> set[str]:
        return {dock.objectName() for dock in self._window.findChildren(QDockWidget)}


def _versions() -> tuple[str, ...]:
    return (str(_LAYOUT), __version__, qVersion())


def load() -> WindowState | None:
    """The state in the settings folder; None where it is missing, damaged or unreadable."""
    try:
        sealed = msgspec.json.decode(_path().read_bytes(), type=Sealed)
        if _seal(bytes(sealed.state)) != sealed.seal:
            return None
        return msgspec.json.decode(sealed.state, type=WindowState)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def save(state: WindowState) -> None:
    """Keep `state`; where nothing can be written the next start has the first layout."""
    encoded = msgspec.json.encode(state)
    sealed = Sealed(msgspec.Raw(encoded), _seal(encoded))
    with contextlib.suppress(OSError), replacing(_path()) as temporary:
        temporary.write_bytes(msgspec.json.encode(sealed))


def forget() -> None:
    """Take the state out of the settings folder."""
    with contextlib.suppress(OSError):
        _path().unlink(missing_ok=True)


def _path() -> Path:
    return paths.user_config() / _FILE


def _seal(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _on_screen(place: QRect) -> QRect | None:
    """`place` no larger than its screen; None where its upper edge could not be taken hold of."""
    for screen in QGuiApplication.screens():
        room = screen.availableGeometry()
        seen = QRect(place.topLeft(), place.size()).intersected(room)
        top_is_seen = room.top() <= place.top() <= room.bottom() - GRIP.y()
        if seen.width() >= GRIP.x() and seen.height() >= GRIP.y() and top_is_seen:
            return QRect(place.topLeft(), place.size().boundedTo(room.size()))
    return None
