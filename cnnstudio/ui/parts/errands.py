"""Functions that run in a thread one after the other, and what is done with their results."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer

from cnnstudio.ui.parts.background import Background, Failure

LOOK_INTERVAL = 30
"""Milliseconds between two looks at the errand that runs."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class _Errand:
    """`run` is for the thread, the others are for the window's."""

    run: Callable[[], Any]
    take: Callable[[Any], object]
    fail: Callable[[Failure], object]


class Errands(QObject):
    """One errand at a time, in the order in which they were given; nothing waits for them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: deque[_Errand] = deque()
        self._present: tuple[_Errand, Background[Any]] | None = None
        self._closed = False
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether there is an errand whose result has not been taken."""
        return self._present is not None or bool(self._waiting)

    def run(
        self,
        function: Callable[[], Result],
        take: Callable[[Result], object],
        fail: Callable[[Failure], object],
    ) -> None:
        """Run `function` in the thread; then call `take` with its result, or `fail`.

        After `drop` nothing is done.
        """
        if not self._closed:
            self._waiting.append(_Errand(function, take, fail))
            self._begin()

    def finish(self, seconds: float) -> bool:
        """Wait for all of them, but no longer than `seconds`; whether they are done."""
        deadline = time.monotonic() + seconds
        while self._present is not None and time.monotonic() < deadline:
            self._present[1].join(max(0.0, deadline - time.monotonic()))
            self._look()
        if not self.busy:
            self._timer.stop()
        return not self.busy

    def drop(self) -> None:
        """Want nothing from now on: no errand is begun, and no result taken."""
        self._closed = True
        self._waiting.clear()
        self._present = None
        self._timer.stop()

    def _begin(self) -> None:
        if self._present is None and self._waiting:
            errand = self._waiting.popleft()
            self._present = errand, Background(errand.run)
            self._timer.start()

    def _look(self) -> None:
        if self._present is None:
            self._timer.stop()
            return
        errand, job = self._present
        if not job.done:
            return
        self._present = None
        self._timer.stop()
        self._begin()
        if job.failure is not None:
            errand.fail(job.failure)
        else:
            errand.take(job.result)
