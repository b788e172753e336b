"""What an action of the window is: an entry of the table that all menus are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

from cnnstudio.blocks import Family
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.menu.needs import Need

Standard = QKeySequence.StandardKey


@dataclass(frozen=True)
class Spec:
    """One action: its name in code, its words, where it stands, and a sentence of help."""

    name: str
    text: str
    menu: str
    """The menu, "File", or a menu in it, "File/Export as"; "" for the command list alone."""
    help: str
    keys: tuple[Standard | str, ...] = ()
    icon: str = ""
    needs: tuple[Need, ...] = ()
    """What must be there for it to run; the first that is not is told in the tooltip."""
    section: str = ""
    """Entries of a menu whose sections differ are parted by a line."""
    command: str = ""
    """The words in the command list, where `text` alone says too little."""
    words: Callable[[Session], str] | None = None
    """The words at this moment, where they change: "Undo move CONV 2"."""
    family: Family | None = None
    """The block family that colours the icon."""

    def refusal(self, session: Session) -> str | None:
        """Why it cannot run now, in one sentence; None when it can."""
        return next((words for need in self.needs if (words := need(session))), None)
