"""Project files dropped on the window, wherever on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.network.project_file import SUFFIXES

_DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class FileDrop(QObject):
    """Watches widgets and calls `open_file` with the project that is dropped on one of them.

    A filter, because Qt offers a drop only to the innermost widget that takes drops of any kind.
    """

    def __init__(self, open_file: Callable[[Path], None], *widgets: QWidget) -> None:
        super().__init__(widgets[0])
        self._open = open_file
        for widget in widgets:
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags that carry a project file, leave all others to the widget."""
        if event.type() not in _DRAGS or not isinstance(event, QDropEvent):
            return False
        path = _project_in(event)
        if path is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._open(path)
        return True


def _project_in(event: QDropEvent) -> Path | None:
    files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return next((path for path in files if path.suffix.lower() in SUFFIXES), None)
