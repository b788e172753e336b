"""Where the keyboard was before something opened, to give it back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


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


def _takes_keys(widget: QWidget) -> bool:
    return isValid(widget) and widget.isVisible() and widget.isEnabled()


def goes_elsewhere(event: QFocusEvent) -> bool:
    """Whether the person takes the keyboard elsewhere, not only to a menu or another window."""
    stays = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
    return event.reason() not in stays
