"""Blocks dragged onto the canvas from the palette, or from another window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent

from cnnstudio.blocks import Block
from cnnstudio.errors import CnnStudioError
from cnnstudio.ui.canvas.edge_scroller import EdgeScroller
from cnnstudio.ui.document import mime
from cnnstudio.ui.document.insertion import put
from cnnstudio.ui.document.session import Notice
from cnnstudio.ui.typography import pretty

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas


class BlockDrop:
    """Previews a block that is held over the row, and inserts it when it is dropped."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._block: Block | None = None
        self._pointer = QPoint()
        self._scroller = EdgeScroller(canvas)

    def enter(self, event: QDragMoveEvent) -> None:
        """Take what is a block, while nothing is locked."""
        if not self._takes(event):
            return
        try:
            self._block = mime.decode_block(event.mimeData())
        except CnnStudioError:
            self._block = None  # told on the drop, where the person expects something to happen
        event.acceptProposedAction()

    def move(self, event: QDragMoveEvent) -> None:
        """Open the slot where the block would go."""
        if self._takes(event):
            self._pointer = event.position().toPoint()
            self.scrolled()
            self._scroller.follow(self._pointer)
            event.acceptProposedAction()

    def scrolled(self) -> None:
        """The row has moved under the pointer: preview the place that is there now."""
        pipeline = self._canvas.pipeline
        if self._block is not None:
            target = pipeline.drop_path(self._canvas.mapToScene(self._pointer))
            if target != pipeline.drop_target:
                pipeline.preview_insertion_at(target, self._block)

    def drop(self, event: QDropEvent) -> None:
        """Insert the block."""
        if not self._takes(event):
            return
        canvas = self._canvas
        target = canvas.pipeline.drop_path(canvas.mapToScene(event.position().toPoint()))
        try:
            put(canvas.session, target, (mime.decode_block(event.mimeData()),))
        except CnnStudioError as error:
            canvas.session.noticed.emit(Notice(pretty(str(error)), until="next step"))
        self.end()
        event.acceptProposedAction()
        canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def end(self) -> None:
        """Nothing is held any more: close the slot."""
        self._block = None
        self._scroller.stop()
        self._canvas.pipeline.end_preview()

    def _takes(self, event: QDropEvent) -> bool:
        taken = mime.has_block(event.mimeData()) and not self._canvas.session.locked
        if not taken:
            event.ignore()
        return taken
