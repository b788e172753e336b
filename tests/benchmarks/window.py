"""How the window behaves beside a training run: ``python -m tests.benchmarks.window``.

Prints the time from the start of the process to the first paint, and five figures: the event loop's
delay at the 99th percentile and at worst, the rates of curves and maps, and the share of the
training speed that is kept beside a window. For that, short runs in the window and in a process
without one take turns, and each in the window is compared with the two beside it, so that a machine
that grows slower or faster does so for both. The delay
is watched in a run of its own, as long as all turns, with a timer that ticks 200 times a second:
ticks take some of the training's speed, so that there are none in the turns. Beside the delay,
which other programs add to, stands the work that the window's own thread does between two ticks,
which they do not touch. ``--seconds 60 --turns 1`` watches long runs.

``--tabs`` trains with each tab in front in turn, and with ``--blame`` tells which functions hold
the thread up. ``--soak MINUTES`` trains on and on and prints how memory grows, with ``--walk``
from tab to tab, with ``--epochs 10000`` in one run. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from typing import IO

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data import datasets
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import templates
from cnnstudio.ui.training.worker import NICENESS
from tests.benchmarks.soak import soak
from tests.benchmarks.tabs import each_tab
from tests.benchmarks.watch import WARM_UP, Behaviour, Watch, delays, opened

Speeds = NDArray[np.float64]
"""Images per second of several runs."""

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


def beside_training(template: str, turns: int, seconds: float) -> None:
    """Train in the window and without one in turns, and print how it went."""
    app, window = opened(template)
    threads = window.session.threads
    watch, alone = Watch(app, window), Alone(template, threads, seconds)
    outside, watched = [alone.speed()], []
    for _ in range(turns):
        watched.append(watch.run(seconds, ticks=False))
        outside.append(alone.speed())
    alone.end()
    timed = watch.run(turns * seconds, ticks=True)
    batch = window.session.recipe.batch_size
    window.session.shut_down()
    window.panels.stop()
    print(f"{template}, {threads} threads, {turns} turns of {seconds:.0f} s")
    _tell_pace(timed)
    _tell_share(np.array(outside), np.array([batch * w.steps / w.seconds for w in watched]))
    own = np.median([seen.share for seen in watched])
    print(f"  the window's thread takes {own:.1%} of a core")


def _tell_pace(seen: Behaviour) -> None:
    """How late the event loop is, and how often curves and maps come."""
    late, work = delays(seen.late), delays(seen.busy)
    print(f"  event loop late by, p99 {late[0]:.1f} ms, worst {late[1]:.1f} (goal 16 and 50)")
    print(f"  its own work between two ticks, p99 {work[0]:.1f} ms, most {work[1]:.1f}")
    curves, maps = seen.curves / seen.seconds, seen.maps / seen.seconds
    print(f"  curves {curves:.1f} Hz (goal 10), maps {maps:.1f} Hz (5)")


def _tell_share(outside: Speeds, inside: Speeds) -> None:
    """Images per second in each turn, and without a window before and after each."""
    ratios = np.sort(inside / ((outside[:-1] + outside[1:]) / 2))
    low, middle, high = np.percentile(ratios, [25, 50, 75])
    print(f"  training {np.median(inside):,.0f} img/s, alone {np.median(outside):,.0f} (medians)")
    print(f"  share kept: median {middle:.2f} (goal 0.90), quartiles {low:.2f} and {high:.2f}")
    print(f"    all {np.round(ratios, 2)}")


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each run")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--template", default="lecture")
    parser.add_argument("--tabs", action="store_true", help="with each tab in front in turn")
    parser.add_argument("--blame", action="store_true", help="with --tabs: by whom it is held up")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="train on and on")
    parser.add_argument("--epochs", type=int, help="with --soak: of each run, 10000 for one run")
    parser.add_argument("--walk", action="store_true", help="with --soak: from tab to tab")
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.template, arguments.threads, arguments.seconds)
        return
    if "DISPLAY" not in os.environ:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if arguments.tabs:
        each_tab(arguments.template, arguments.seconds, blame=arguments.blame)
        return
    if arguments.soak:
        soak(arguments.template, arguments.soak, arguments.epochs, walks=arguments.walk)
        return
    starts = start_seconds(5)
    print(f"start to first paint: median {np.median(starts):.2f} s, all {np.round(starts, 2)}")
    beside_training(arguments.template, arguments.turns, arguments.seconds)


if __name__ == "__main__":
    main()
