"""Cut, copy, paste and duplicate: blocks on the clipboard, also as readable JSON."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from cnnstudio.blocks import Block, Input
from cnnstudio.errors import CnnStudioError
from cnnstudio.ui import mime
from cnnstudio.ui.session import Notice, Session


class Clipboard:
    """The edits that go through the system's clipboard."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def copy(self) -> None:
        """Copy the selected blocks."""
        blocks = self._selected()
        if blocks:
            QGuiApplication.clipboard().setMimeData(mime.encode_fragment(blocks))

    def cut(self) -> None:
        """Copy the selected blocks and delete them."""
        self.copy()
        self._session.remove(self._session.selection)

    def paste(self) -> None:
        """Insert the clipboard's blocks after the selection; says so when there are none."""
        try:
            blocks = mime.decode_fragment(QGuiApplication.clipboard().mimeData())
        except CnnStudioError as error:
            self._session.noticed.emit(Notice(str(error)))
            return
        self._insert(blocks)

    def duplicate(self) -> None:
        """Insert a copy of the selected blocks after them."""
        self._insert(self._selected())

    def _selected(self) -> tuple[Block, ...]:
        return tuple(self._session.network.blocks[i] for i in self._session.selection if i > 0)

    def _insert(self, blocks: tuple[Block, ...]) -> None:
        """A network has one Input already, so one that was copied is left out."""
        inner = tuple(block for block in blocks if not isinstance(block, Input))
        if inner:
            self._session.insert_after_selection(*inner)
