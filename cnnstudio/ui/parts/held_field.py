"""A line of text that keeps every key to itself while it is open over the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

BARE = (
    "QLineEdit, QLineEdit:hover, QLineEdit:focus { border: none; background: transparent;"
    " padding: 0; font-size: 14px; }"
)
"""The style of a field that stands on a card of its own."""


class HeldField(QLineEdit):
    """No shortcut of the window fires while it has the keyboard.

    Ctrl+D would change the network behind the person's back. `take_key` gets every key first, and
    says whether it means something there.
    """

    def __init__(
        self, take_key: Callable[[QKeyEvent], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._take_key = take_key

    def event(self, event: QEvent) -> bool:
        """Claim the key before the shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """First who holds it, then the field."""
        if not self._take_key(event):
            super().keyPressEvent(event)
