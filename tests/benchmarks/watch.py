"""A window that trains while the lateness of its event loop, its work and its rates are noted."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from cnnstudio.network import templates
from cnnstudio.ui import app as ui
from cnnstudio.ui.main_window import MainWindow

TICK = 5
"""Milliseconds between two ticks of the timer whose lateness is measured."""

WARM_UP = 1.0
"""Seconds of each run that are not counted."""


@dataclass
class Behaviour:
    """What was seen while the window trained.

    `late` is how late each tick came, in milliseconds; `busy` how long the window's own thread
    had the processor since the tick before. The first depends on what else the machine does, the
    second does not: it is what a quiet machine would be late by.
    """

    late: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    curves: int = 0
    maps: int = 0
    steps: int = 0
    seconds: float = 0.0
    own_seconds: float = 0.0
    """Of the processor, taken by the window's thread."""

    @property
    def share(self) -> float:
        """Of a core, taken by the window's thread."""
        return self.own_seconds / self.seconds


def delays(milliseconds: list[float]) -> tuple[float, float]:
    """The 99th percentile and the worst."""
    return float(np.percentile(milliseconds, 99)), max(milliseconds)


class Watch(QObject):
    """Trains in a window for some seconds at a time and notes how it behaves."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app, self._window, self.seen = app, window, Behaviour()
        self._counting, self._wants_run = False, False
        self._last = self.last_busy = 0.0
        self._ticks = QTimer(self, interval=TICK, timerType=Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._tick)
        window.training_panel.refreshed.connect(self._count_curves)
        window.session.weights_changed.connect(self._count_maps)
        window.session._run.stepped.connect(self._count_steps)
        window.session.training_changed.connect(self._go_on)

    def run(self, seconds: float, *, ticks: bool) -> Behaviour:
        """How it behaves in one turn, from new weights on; without ticks nothing is late or busy.

        Two hundred ticks a second take their share of the speed, which is not the window's.
        """
        self.seen = Behaviour()
        self.begin()
        self.wait(WARM_UP)
        with self.counted(ticks=ticks):
            self.wait(seconds)
        self.end()
        return self.seen

    def begin(self) -> None:
        """Train from new weights on, again and again where a run comes to its end."""
        self._window.session.start_over()
        self._wants_run = True
        self._go_on()

    def end(self) -> None:
        """Stop, and wait for the end."""
        self._wants_run = False
        self._window.session.stop()
        while self._window.session.locked:
            self.wait(0.05)

    def wait(self, seconds: float) -> None:
        """Let the event loop run; to quit would close the window, which asks first."""
        QTimer.singleShot(round(1000 * seconds), lambda: self._app.exit(0))
        self._app.exec()

    @contextmanager
    def counted(self, *, ticks: bool = True) -> Iterator[Behaviour]:
        """Note what happens inside in `seen`."""
        seen, begin, own = self.seen, time.perf_counter(), time.thread_time()
        self._counting, self._last, self.last_busy = True, begin, own
        if ticks:
            self._ticks.start()
        yield seen
        self._ticks.stop()
        self._counting = False
        seen.seconds += time.perf_counter() - begin
        seen.own_seconds += time.thread_time() - own

    def _go_on(self) -> None:
        if self._wants_run and self._window.session.training == "idle":
            QTimer.singleShot(0, self, self._train)

    def _train(self) -> None:
        if self._wants_run and self._window.session.training == "idle":
            self._window.session.train()

    def _tick(self) -> None:
        now, busy = time.perf_counter(), time.thread_time()
        self.seen.late.append(1000 * (now - self._last) - TICK)
        self.seen.busy.append(1000 * (busy - self.last_busy))
        self._last, self.last_busy = now, busy

    def _count_curves(self) -> None:
        self.seen.curves += self._counting

    def _count_maps(self) -> None:
        self.seen.maps += self._counting

    def _count_steps(self, steps: tuple[object, ...]) -> None:
        self.seen.steps += len(steps) if self._counting else 0


def opened(template: str) -> tuple[QApplication, MainWindow]:
    """The window, ready to train a template, its curves in sight."""
    app, window = ui.create(["cnnstudio"])
    gc.freeze()
    window.session.restart(templates.load(template), None)
    window.show()
    window.finish_loading()
    window.tabs.setCurrentWidget(window.training_panel)
    app.processEvents()
    return app, window
