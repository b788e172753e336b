"""Bring a panel up to date after the canvas has been painted, and only while it can be seen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget


class Later(QObject):
    """Calls `function` once, however often it was asked for, when the events that wait are done.

    So an edit is first seen on the canvas, and in `part` with the next turn of the event loop.
    While `part` is hidden nothing is done: its showEvent calls `flush`, and so does everything
    that reads or uses what `function` makes.
    """

    def __init__(self, part: QWidget, function: Callable[[], object]) -> None:
        super().__init__(part)
        self._part, self._function = part, function
        self._asked = False
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._follow)

    def ask(self) -> None:
        """Call the function soon, or when `part` is next shown or read."""
        self._asked = True
        if self._part.isVisible():
            self._timer.start()

    def _follow(self) -> None:
        """The events that waited are done; meanwhile `part` may have been hidden."""
        if self._part.isVisible():
            self.flush()

    def flush(self) -> None:
        """Call it now, if it was asked for."""
        if self._asked:
            self._asked = False
            self._timer.stop()
            self._function()
