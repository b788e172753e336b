"""Cut, copy, paste and duplicate: blocks on the clipboard, also as readable JSON and as a line."""

from __future__ import annotations

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from cnnstudio.blocks import Block, Input
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import inner, text_form
from cnnstudio.network.inner import Path
from cnnstudio.ui.document import mime
from cnnstudio.ui.document.insertion import place_after_selection, put
from cnnstudio.ui.document.session import Notice, Session


class Clipboard:
    """The edits that go through the system's clipboard."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def copy(self) -> None:
        """Copy the selected blocks."""
        blocks = self._selected()
        if blocks:
            QGuiApplication.clipboard().setMimeData(mime.encode_fragment(blocks))

    def copy_text(self, *, whole: bool = False) -> None:
        """Copy the selected blocks as a line of text; the `whole` network if none is selected."""
        chosen = () if whole else self._session.selected_blocks
        blocks = chosen or self._session.network.blocks
        QGuiApplication.clipboard().setText(text_form.write_blocks(blocks))
        what = "the network" if len(blocks) == len(self._session.network) else _called(blocks)
        words = f"Copied {what} as text."
        self._session.noticed.emit(Notice(words, severity="done", until="soon"))

    def cut(self) -> None:
        """Copy the selected blocks and delete them."""
        self.copy()
        self._session.remove_selected(verb="Cut")

    def paste(self, place: Path | None = None) -> None:
        """Insert the clipboard's blocks at `place`, by default after the selection.

        Says so in a sentence when there are none.
        """
        try:
            blocks = mime.decode_fragment(QGuiApplication.clipboard().mimeData() or QMimeData())
        except CnnStudioError as error:
            refusal = Notice(str(error), severity="warning", until="next step")
            self._session.noticed.emit(refusal)
            return
        put(self._session, place or place_after_selection(self._session), blocks, "Paste")

    def duplicate(self) -> None:
        """Insert a copy of the selected blocks after them."""
        session, blocks = self._session, self._selected()
        if blocks:
            name = inner.called(session.network, session.movable_paths)
            put(session, place_after_selection(session), blocks, "Duplicate", name)

    def _selected(self) -> tuple[Block, ...]:
        """The selected blocks without the Input, of which a network has one already."""
        chosen = self._session.selected_blocks
        return tuple(block for block in chosen if not isinstance(block, Input))


def _called(blocks: tuple[Block, ...]) -> str:
    return blocks[0].stem.upper() if len(blocks) == 1 else f"{len(blocks)} blocks"
