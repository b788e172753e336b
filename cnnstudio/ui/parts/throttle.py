"""Call something at most so often, and never forget the last time that it was asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

EARLY = 0.15
"""The share of a pause that is let off: together with what asks, the call costs the least."""


class Throttle(QObject):
    """Calls `function` when asked: at once, or, soon after the last call, when `pause` ms are over.

    New words in a label make Qt lay the whole window out anew, so that what changes twenty times a
    second, and is not read as often, goes through here. Who asks near the end of a pause does not
    wait: beside training threads, which fill the processor's caches, work that is done alone takes
    several times as long as in a row with other work.
    """

    def __init__(self, function: Callable[[], object], pause: int, parent: QObject) -> None:
        super().__init__(parent)
        self._function = function
        self._asked = False
        self._timer = QTimer(self, singleShot=True, interval=pause)
        self._timer.timeout.connect(self._end_pause)

    def ask(self) -> None:
        """Call the function now or at the end of the pause."""
        if self._timer.remainingTime() > EARLY * self._timer.interval():
            self._asked = True
        else:
            self._asked = False
            self._timer.start()
            self._function()

    def _end_pause(self) -> None:
        if self._asked:
            self.ask()
