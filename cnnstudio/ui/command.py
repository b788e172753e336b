"""Something that can be run at this moment: a row of the command list, an entry of a menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from cnnstudio.ui.typography import pretty


@dataclass(frozen=True)
class Command:
    """Its words, what it does, and why it cannot be run where it cannot."""

    title: str
    run: Callable[[], object]
    help: str = ""
    keys: str = ""
    """The shortcut in words, "Ctrl+Z"."""
    refusal: str | None = None
    icon: str = ""

    def action(self, parent: QObject) -> QAction:
        """An entry of a menu that runs it."""
        action = QAction(pretty(self.title), parent)
        action.setToolTip(pretty(self.refusal or self.help))
        action.setEnabled(self.refusal is None)
        action.triggered.connect(lambda _checked=False: self.run())
        return action
