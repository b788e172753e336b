"""The Alt key alone opens the menu, as people know it from other programs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

_SPOILING = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.WindowDeactivate,
    QEvent.Type.Shortcut,
)
"""What happens between press and release when Alt is meant as a part of something else."""


class AltKey(QObject):
    """Calls `act` when Alt is pressed and released with nothing between.

    The owner calls `press` for the key events that reach it; only while Alt is down are the events
    of the application watched.
    """

    def __init__(self, act: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._act = act
        self._is_down = False

    def press(self, event: QKeyEvent) -> None:
        """Alt went down, if it was that."""
        alone = event.modifiers() in (
            Qt.KeyboardModifier.AltModifier,
            Qt.KeyboardModifier.NoModifier,
        )
        if event.key() == Qt.Key.Key_Alt and alone and not self._is_down:
            self._is_down = True
            _application().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch what comes until Alt is released."""
        if event.type() == QEvent.Type.KeyRelease and _is_alt(event):
            self._let_go()
            self._act()
        elif event.type() in _SPOILING or (
            event.type() == QEvent.Type.KeyPress and not _is_alt(event)
        ):
            self._let_go()
        return False

    def _let_go(self) -> None:
        self._is_down = False
        _application().removeEventFilter(self)


def _is_alt(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application
