"""How the window behaves beside a training run: ``python -m tests.benchmarks.window``.

Prints the time from the start of the process to the first paint, the event loop's delay, the rates
of curves and maps, what the window's own thread takes of a core, and the training speed with and
without a window. For the speed, short runs in the window and in a process without one take turns,
so that a machine that grows slower or faster does so for both. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from cnnstudio.data import datasets
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import templates
from cnnstudio.ui import app as ui
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.worker import NICENESS

START = """
import sys, time
from cnnstudio import cli
ui = cli.window_module()
from PySide6.QtCore import QEvent, QObject, QTimer
app, window = ui.create(["cnnstudio"])
class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            window.canvas.viewport().removeEventFilter(self)
            QTimer.singleShot(0, self, lambda: (print(time.time(), flush=True), app.quit()))
        return False
watcher = FirstPaint()
window.canvas.viewport().installEventFilter(watcher)
window.show()
app.exec()
window.session.shut_down()
window.finish_loading()
"""
TICK = 5
"""Milliseconds between two ticks of the timer whose lateness is measured."""

WARM_UP = 1.0
"""Seconds of each run that are not counted."""


def start_seconds(repeats: int) -> list[float]:
    """Seconds from starting the process to the end of the first paint of the canvas."""
    seconds = []
    for _ in range(repeats):
        begin = time.time()
        output = subprocess.run(
            [sys.executable, "-c", START], capture_output=True, text=True, check=True
        )
        seconds.append(float(output.stdout.split()[-1]) - begin)
    return seconds


# ---- without a window: another process, which trains when it is told to


def serve(template: str, threads: int, seconds: float) -> None:
    """For every line that comes in, train anew and write the images per second."""
    if sys.platform == "linux":
        os.nice(NICENESS)  # the window's worker has this rank too
    project = templates.load(template)
    train, validation = datasets.load("mnist").split(project.recipe.validation)
    for _ in sys.stdin:
        seed = project.recipe.seed
        model = Model(project.network, seed=seed, threads=threads, lanes="fastest")
        trainer = Trainer(model, train, validation, project.recipe)
        print(_speed(trainer, project.recipe.batch_size, seconds), flush=True)


def _speed(trainer: Trainer, batch: int, seconds: float) -> float:
    times = [time.perf_counter()]
    for _ in trainer.run():
        times.append(time.perf_counter())
        if times[-1] - times[0] > WARM_UP + seconds:
            break
    counted = [moment for moment in times if moment - times[0] > WARM_UP]
    return batch * (len(counted) - 1) / (counted[-1] - counted[0])


class Alone:
    """The process without a window."""

    def __init__(self, template: str, threads: int, seconds: float) -> None:
        words = ["--serve", "--template", template, "--threads", threads, "--seconds", seconds]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.window", *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def speed(self) -> float:
        """Images per second of one turn."""
        put, get = self._pipes()
        put.write("train\n")
        put.flush()
        return float(get.readline())

    def end(self) -> None:
        """Let the process end."""
        self._pipes()[0].close()
        self._process.wait()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


# ---- in the window


@dataclass
class Behaviour:
    """What was seen while the window trained; `late` in milliseconds."""

    late: list[float] = field(default_factory=list)
    curves: int = 0
    maps: int = 0
    seconds: float = 0.0
    own_seconds: float = 0.0
    """Of the processor, taken by the window's thread."""


class Watch(QObject):
    """Trains in a window for some seconds at a time and notes how it behaves."""

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app, self._window, self.seen = app, window, Behaviour()
        self._counting, self._last = False, 0.0
        self._ticks = QTimer(self, interval=TICK, timerType=Qt.TimerType.PreciseTimer)
        self._ticks.timeout.connect(self._tick)
        window.training_panel.refreshed.connect(self._count_curves)
        window.session.weights_changed.connect(self._count_maps)

    def speed(self, seconds: float) -> float:
        """Images per second of one turn, from new weights on."""
        session = self._window.session
        session.start_over()
        session.train()
        self._run(WARM_UP)
        before, begin = len(session.curve), time.perf_counter()
        with self._counted():
            self._run(seconds)
        speed = (len(session.curve) - before) / (time.perf_counter() - begin)
        session.stop()
        while session.locked:
            self._run(0.05)
        return speed * session.recipe.batch_size

    def _run(self, seconds: float) -> None:
        """Let the event loop run; to quit would close the window, which asks first."""
        QTimer.singleShot(round(1000 * seconds), lambda: self._app.exit(0))
        self._app.exec()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        seen, begin, own = self.seen, time.perf_counter(), time.thread_time()
        self._counting, self._last = True, begin
        self._ticks.start()
        yield
        self._ticks.stop()
        self._counting = False
        seen.seconds += time.perf_counter() - begin
        seen.own_seconds += time.thread_time() - own

    def _tick(self) -> None:
        now = time.perf_counter()
        self.seen.late.append(1000 * (now - self._last) - TICK)
        self._last = now

    def _count_curves(self) -> None:
        self.seen.curves += self._counting

    def _count_maps(self) -> None:
        self.seen.maps += self._counting


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


def beside_training(template: str, turns: int, seconds: float) -> None:
    """Train in the window and without one in turns, and print how it went."""
    app, window = opened(template)
    threads = window.session.threads
    watch, alone = Watch(app, window), Alone(template, threads, seconds)
    pairs = [(alone.speed(), watch.speed(seconds)) for _ in range(turns)]
    alone.end()
    window.session.shut_down()
    seen, ratios = watch.seen, [inside / outside for outside, inside in pairs]
    p50, p95, p99, worst = np.percentile(seen.late, [50, 95, 99, 100])
    without, inside = np.median(pairs, axis=0)
    print(f"{template}, {threads} threads, {turns} turns of {seconds:.0f} s")
    print(f"  event loop late by p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} max {worst:.1f} ms")
    print(f"  curves {seen.curves / seen.seconds:.1f} Hz, maps {seen.maps / seen.seconds:.1f} Hz")
    print(f"  the window's thread takes {seen.own_seconds / seen.seconds:.1%} of a core")
    print(f"  training {inside:,.0f} img/s, alone {without:,.0f} (medians)")
    print(f"  share: median {np.median(ratios):.2f}, all {np.round(np.sort(ratios), 2)}")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each run")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--template", default="lecture")
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.template, arguments.threads, arguments.seconds)
        return
    if "DISPLAY" not in os.environ:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    starts = start_seconds(5)
    print(f"start to first paint: median {np.median(starts):.2f} s, all {np.round(starts, 2)}")
    beside_training(arguments.template, arguments.turns, arguments.seconds)


if __name__ == "__main__":
    main()
