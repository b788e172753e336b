"""Enlarging the dock below: most of the window for its tabs, and back."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from cnnstudio.ui.frame.tab_row import TabRow

MOST = 1 << 14
"""More pixels than there are: the canvas keeps its least height."""

LEAST_CANVAS = 150
"""Pixels of height that the canvas keeps beside a large panel: the cards can still be clicked."""


class LowerPanel(QObject):
    """Gives `dock` the room of `canvas`, but for its least height, and takes it back.

    The dock is large while it is higher than the canvas, whoever made it so; `ordinary` is its
    height where it is not known how high it was before.
    """

    def __init__(
        self, window: QMainWindow, dock: QDockWidget, tabs: TabRow, canvas: QWidget, ordinary: int
    ) -> None:
        super().__init__(window)
        self._window, self._dock, self._tabs, self._canvas = window, dock, tabs, canvas
        self._ordinary, self._canvas_height = ordinary, canvas.minimumHeight()
        tabs.enlarging.connect(self.toggle)
        canvas.installEventFilter(self)

    @property
    def is_large(self) -> bool:
        """Whether the dock is in the window and higher than the canvas."""
        return not self._dock.isFloating() and self._dock.height() > self._canvas.height()

    def toggle(self) -> None:
        """Enlarge the dock, or give the canvas its room back; a hidden dock is shown large."""
        was_away = self._dock.isHidden() or self._dock.isFloating()
        self._dock.setFloating(False)
        self._dock.show()
        if self.is_large and not was_away:
            self._resize(self._ordinary, self._canvas_height)
            return
        if not was_away:
            self._ordinary = self._dock.height()
        self._resize(MOST, LEAST_CANVAS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell the row of tabs where the canvas has got another height."""
        if event.type() == QEvent.Type.Resize:
            self._tabs.show_large(self.is_large)
        return super().eventFilter(watched, event)

    def _resize(self, height: int, canvas_height: int) -> None:
        self._canvas.setMinimumHeight(canvas_height)
        for widget in (self._canvas.parentWidget(), self._window):
            layout = widget.layout() if widget is not None else None
            if layout is not None:
                layout.activate()  # resizeDocks goes by what is known of the least sizes
        self._window.resizeDocks([self._dock], [height], Qt.Orientation.Vertical)
