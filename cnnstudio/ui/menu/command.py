"""Something that can be run at this moment: a row of the command list, an entry of a menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from cnnstudio.blocks import Family


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
    family: Family | None = None
    """The block family that colours the icon."""
    checked: bool = False
    """Whether it is on already, such as the theme in use."""
    name: str = ""
    """What it is remembered by among those run last, where its words change."""
    other_title: str = ""
    """What it is called at other moments; it is found by these words, too."""

    @property
    def key(self) -> str:
        """What it is remembered by."""
        return self.name or self.title

    @property
    def spoken(self) -> str:
        """Everything about it in one line, for a screen reader."""
        state = f"not possible now: {self.refusal}" if self.refusal else ""
        parts = (self.title, "on" if self.checked else "", self.keys, state or self.help)
        return ", ".join(part for part in parts if part)

    def action(self, parent: QObject) -> QAction:
        """An entry of a menu that runs it."""
        action = QAction(self.title.replace("&", "&&"), parent)
        action.setToolTip(self.refusal or self.help)
        action.setEnabled(self.refusal is None)
        action.triggered.connect(lambda _checked=False: self.run())
        return action


Source = Callable[[], Iterable[Command]]
"""What can be run at this moment, made from the state: repairs, recent files, ..."""


def prefixed(words: str, commands: Iterable[Command]) -> Iterator[Command]:
    """Commands of a menu for the list of all, where their titles need `words` before them."""
    return (replace(command, title=f"{words}{command.title}") for command in commands)
