"""How long an edit of 200 blocks takes until it is seen: ``python -m tests.benchmarks.canvas``.

Each edit is timed from the session's call until the window at 1440x900 is painted with the canvas
as it is then, and until the panels that follow (see `ui.later`) are painted too; with ``--alone``
there are none around the canvas. The time that the window's thread took of a core stands beside it,
which other work on the machine changes less. Between two edits the window comes to rest: maps that
are computed later are not part of an edit. Nothing is asserted.
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
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow

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


Moment = tuple[float, float]
"""Seconds of the clock, and of a core that this thread has had."""


def now() -> Moment:
    """This moment."""
    return time.perf_counter(), time.thread_time()


class TimedWindow(MainWindow):
    """Notes when it was last painted together with the canvas."""

    painted: Moment | None = None
    _has_canvas = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the canvas painted; the window is installed as a filter of its viewport."""
        self._has_canvas = self._has_canvas or event.type() == QEvent.Type.Paint
        return False

    def event(self, event: QEvent) -> bool:
        """Paint what is to be painted, and note when that was done."""
        done = super().event(event)
        if event.type() == QEvent.Type.UpdateRequest and self._has_canvas:
            self.painted, self._has_canvas = self.painted or now(), False
        return done


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


Times = dict[str, list[tuple[float, ...]]]
"""For each kind of edit its milliseconds on the canvas, and in all parts, each also of a core."""


def measure(app: QApplication, window: TimedWindow, repeats: int) -> Times:
    """Make each edit `repeats` times."""
    times: Times = {}
    for number in range(repeats):
        for name, edit in edits(window.session, number).items():
            rest(app)
            window.painted, begin = None, now()
            edit()
            while window.painted is None:
                app.processEvents()
            for _ in range(2):  # the panels, and painting them
                app.processEvents()
            ends = (*window.painted, *now())
            took = [1000 * (end - start) for end, start in zip(ends, begin * 2, strict=True)]
            times.setdefault(name, []).append(tuple(took))
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
    heads = ("canvas", "of a core", "all parts", "of a core")
    lines = ["| edit | " + " | ".join(f"{head}: p50 | p95" for head in heads) + " |"]
    lines.append("|---" * 9 + "|")
    for name, values in rows.items():
        figures = np.percentile(values, (50, 95), axis=0).T.ravel()
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
    ui.MainWindow = TimedWindow  # type: ignore[misc]
    app, window = ui.create(["cnnstudio"])
    assert isinstance(window, TimedWindow)
    window.canvas.viewport().installEventFilter(window)
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
