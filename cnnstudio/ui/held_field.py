"""A line of text that keeps every key to itself while it is open over the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLineEdit


class HeldField(QLineEdit):
    """No shortcut of the window fires while it has the keyboard.

    Ctrl+D would change the network behind the person's back.
    """

    def event(self, event: QEvent) -> bool:
        """Claim the key before the shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)
