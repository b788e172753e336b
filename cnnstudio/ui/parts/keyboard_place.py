"""Where the keyboard was before something opened, to give it back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

LONGEST_TRAIL = 16
"""So many widgets that had the keyboard are remembered."""


class KeyboardPlace:
    """Remembers the widget that has the keyboard, which may be gone when it is given back."""

    def __init__(self) -> None:
        self._widget: QWidget | None = None

    def remember(self) -> None:
        """Remember who has the keyboard now."""
        self._widget = QApplication.focusWidget()

    def give_back(self, instead: QWidget | None = None) -> None:
        """Give the keyboard to who had it, or to `instead` where that one can no longer take it."""
        before, self._widget = self._widget, None
        widget = before if before is not None and _takes_keys(before) else instead
        if widget is not None:
            widget.setFocus(Qt.FocusReason.PopupFocusReason)


class KeyboardTrail(QObject):
    """Who had the keyboard in a window, for when who has it is hidden or switched off.

    Qt would go on to the next widget as the Tab key does, which may be any field or card.
    """

    def __init__(self, window: QWidget, instead: QWidget) -> None:
        super().__init__(window)
        self._window, self._instead = window, instead
        self._trail: list[QWidget] = []
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._note)

    @property
    def is_lost(self) -> bool:
        """Whether who has the keyboard can no longer take keys."""
        widget = QApplication.focusWidget()
        return widget is not None and not _takes_keys(widget)

    def go_back(self) -> None:
        """Give the keyboard to who had it before and still takes it, or else to `instead`."""
        left = [each for each in self._trail if _takes_keys(each)]
        here = [each for each in left if each.window() is self._window]
        (here[-1] if here else self._instead).setFocus(Qt.FocusReason.OtherFocusReason)

    def _note(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is not None:
            others = [each for each in self._trail if each is not now]
            self._trail = [*others, now][-LONGEST_TRAIL:]


def _takes_keys(widget: QWidget) -> bool:
    return isValid(widget) and widget.isVisible() and widget.isEnabled()


def take_what_is_typed(window: QWidget) -> None:
    """Let the field of `window` that has the keyboard, or had it last, take what is in it."""
    field = window.focusWidget()
    if isinstance(field, QLineEdit):
        leaves = QFocusEvent(QEvent.Type.FocusOut, Qt.FocusReason.OtherFocusReason)
        QApplication.sendEvent(field, leaves)


def goes_elsewhere(event: QFocusEvent) -> bool:
    """Whether the person takes the keyboard elsewhere, not only to a menu or another window."""
    stays = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
    return event.reason() not in stays
