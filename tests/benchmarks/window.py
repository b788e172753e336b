"""How the window behaves beside a training run: ``python -m tests.benchmarks.window``.

Prints the event loop's delay, the rates of curves and maps, the training speed with and without a
window, and the time from the start of the process to the first paint. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time

import numpy as np

START = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
from cnnstudio.ui import app as ui
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


def speed_without_window(template: str, threads: int, seconds: float) -> float:
    """Training images per second of the engine alone."""
    from cnnstudio.data import datasets
    from cnnstudio.engine.model import Model
    from cnnstudio.engine.trainer import Trainer
    from cnnstudio.network import templates

    project = templates.load(template)
    train, validation = datasets.load("mnist").split(project.recipe.validation)
    model = Model(project.network, seed=project.recipe.seed, threads=threads)
    begin, speed = time.perf_counter(), 0.0
    for progress in Trainer(model, train, validation, project.recipe).run():
        speed = progress.images_per_second
        if time.perf_counter() - begin > seconds:
            break
    return speed


def beside_training(template: str, seconds: float) -> None:
    """Train in the window for `seconds` and print how it behaved."""
    from PySide6.QtCore import Qt, QTimer

    from cnnstudio.network import templates
    from cnnstudio.ui import app as ui

    app, window = ui.create(["cnnstudio"])
    gc.freeze()
    window.session.restart(templates.load(template), None)
    window.show()
    window.finish_loading()
    window.tabs.setCurrentWidget(window.training_panel)
    app.processEvents()
    counts = {"curves": 0, "maps": 0}
    session = window.session
    window.training_panel.refreshed.connect(lambda: counts.update(curves=counts["curves"] + 1))
    session.weights_changed.connect(lambda: counts.update(maps=counts["maps"] + 1))
    session.train()
    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(1000 * (now - last) - TICK)
        last = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(TICK)
    timer.timeout.connect(tick)
    QTimer.singleShot(1000, timer.start)
    QTimer.singleShot(int(1000 * (seconds + 1)), lambda: app.exit(0))
    last = time.perf_counter() + 1
    app.exec()
    timer.stop()
    speed = session.progress.images_per_second if session.progress else 0.0
    session.stop()
    session.shut_down()
    alone = speed_without_window(template, session.threads, min(seconds, 10))
    p50, p95, p99, worst = np.percentile(late[1:], [50, 95, 99, 100])
    curves, maps = (counts[name] / (seconds + 1) for name in ("curves", "maps"))
    print(f"{template}, {session.threads} threads, {seconds:.0f} s")
    print(f"  event loop late by p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} max {worst:.1f} ms")
    print(f"  curves {curves:.1f} Hz, maps {maps:.1f} Hz")
    print(f"  training {speed:,.0f} img/s, alone {alone:,.0f}, ratio {speed / alone:.2f}")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--template", default="lecture")
    arguments = parser.parse_args()
    if "DISPLAY" not in os.environ:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    starts = start_seconds(5)
    print(f"start to first paint: median {np.median(starts):.2f} s, all {np.round(starts, 2)}")
    beside_training(arguments.template, arguments.seconds)


if __name__ == "__main__":
    main()
