"""Projects and pictures dropped on the window, wherever on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDropEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.network.project_file import SUFFIXES
from cnnstudio.ui.drawing import picture_files


class FileDrop(QObject):
    """Watches widgets: calls `open_file` with a project that is dropped on one of them.

    A picture goes to `load_picture`; any other file makes it call `refuse` with a sentence. A
    widget's native window is watched too, which hears of a drag before the fields and lists inside
    that would take it for themselves.
    """

    taken = Signal()
    """A file was dropped: comes before it is opened or refused."""

    def __init__(
        self,
        open_file: Callable[[Path], None],
        load_picture: Callable[[Path], None],
        refuse: Callable[[str], None],
        *widgets: QWidget,
    ) -> None:
        super().__init__(widgets[0])
        self._open, self._load, self._refuse = open_file, load_picture, refuse
        for widget in widgets:
            widget.setAcceptDrops(True)
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take drags that carry files, leave all others to the widget."""
        # By their classes: asking an event for its type takes longer, and a window has many events.
        if isinstance(event, QShowEvent) and isinstance(watched, QWidget):
            self._watch_native(watched)
        if not isinstance(event, QDropEvent):
            return False
        files = _files_in(event)
        if not files:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._take(files)
        return True

    def _watch_native(self, widget: QWidget) -> None:
        native = widget.windowHandle() if widget.isWindow() else None
        if native is not None:
            native.installEventFilter(self)  # a filter that is there already is only moved

    def _take(self, files: list[Path]) -> None:
        self.taken.emit()
        project = _first(files, SUFFIXES)
        picture = _first(files, picture_files.SUFFIXES)
        if project is not None:
            self._open(project)
        elif picture is not None:
            self._load(picture)
        else:
            self._refuse(
                f"{files[0].name} is neither a project of CNN Studio nor a picture: drop a file "
                "that ends in .cnn or .json, or a PNG or JPEG."
            )


def _first(files: Iterable[Path], suffixes: Collection[str]) -> Path | None:
    return next((path for path in files if path.suffix.lower() in suffixes), None)


def _files_in(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
