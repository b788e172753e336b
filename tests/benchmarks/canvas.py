"""How long an edit of 200 blocks takes until it is seen: ``python -m tests.benchmarks.canvas``.

Each edit is timed from the session's call until everything that it changes in sight is painted, in
the whole window at 1440x900, and with ``--alone`` for the canvas without the panels around it. The
time that the window's thread took of a core stands beside it, which other work on the machine
changes less. Between two edits the window comes to rest: maps that are computed later are not part
of an edit. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    Residual,
)
from cnnstudio.network import Network
from cnnstudio.ui import app as ui
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.session import Session

SMALL = Conv2D(4, 3, padding=1, activation="relu")
KINDS: tuple[Block, ...] = (
    SMALL,
    BatchNorm(),
    Conv2D(8, 3, padding=1),
    Activation("relu"),
    Dropout(),
    Residual((SMALL, Conv2D(4, 3, padding=1))),
)
REST = 0.35
"""Seconds between two edits."""


class Paints(QObject):
    """Notes when the viewport was painted last."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.count = 0
        window.canvas.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count the paint events."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def network(blocks: int) -> Network:
    """A network of so many blocks of mixed kinds, the output with ten units."""
    middle = [KINDS[i % len(KINDS)] for i in range(blocks - 2)]
    return Network((Input(), *middle, FullyConnected(10)))


def edits(session: Session, number: int) -> dict[str, Callable[[], None]]:
    """One edit of each kind near the beginning, where most sizes after it change."""
    place = 1 + number % 6
    changed = SMALL.with_values(filters=5 + number % 4)
    return {
        "insert": lambda: session.insert(place, SMALL),
        "change a setting": lambda: session.replace(place, changed, f"Change {number}"),
        "move": lambda: session.move((place,), place + 3),
        "undo": session.undo,
    }


Times = dict[str, list[tuple[float, float]]]
"""For each kind of edit its milliseconds, and those that the window's thread had a core for."""


def measure(app: QApplication, window: MainWindow, repeats: int) -> Times:
    """Make each edit `repeats` times."""
    times: Times = {}
    paints, session = Paints(window), window.session
    for number in range(repeats):
        for name, edit in edits(session, number).items():
            rest(app)
            before, begin, own = paints.count, time.perf_counter(), time.thread_time()
            edit()
            while paints.count == before:
                app.processEvents()
            took, had = time.perf_counter() - begin, time.thread_time() - own
            times.setdefault(name, []).append((1000 * took, 1000 * had))
    return times


def rest(app: QApplication) -> None:
    """Let everything come to an end that the last edit has begun."""
    end = time.perf_counter() + REST
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.005)


def table(times: Times) -> str:
    """One line for each kind of edit, and one for all."""
    rows = {**times, "all": [took for each in times.values() for took in each]}
    lines = [
        "| edit | p50 | p95 | max | of a core: p50 | p95 | max |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, values in rows.items():
        figures = np.percentile(values, (50, 95, 100), axis=0).T.ravel()
        lines.append(f"| {name} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--alone", action="store_true", help="without the other panels")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app, window = ui.create(["cnnstudio"])
    window.resize(1440, 900)
    window.show()
    window.finish_loading()
    if options.alone:
        _silence(window)
    window.session.apply(network(options.blocks), "Benchmark")
    rest(app)
    print(table(measure(app, window, options.repeats)))
    window.session.shut_down()
    app.exit(0)
    os._exit(0)


def _silence(window: MainWindow) -> None:
    """Let nothing but the canvas follow the session."""
    session, canvas = window.session, window.canvas
    for signal in (session.network_changed, session.weights_changed, session.selection_changed):
        signal.disconnect()
    session.network_changed.connect(canvas.pipeline.sync)
    session.weights_changed.connect(canvas.pipeline._show_values)
    session.selection_changed.connect(canvas.pipeline._show_selection)


if __name__ == "__main__":
    main()
