"""Is an epoch as long as was foreseen: ``python -m tests.benchmarks.forecast [TEMPLATE ...]``.

Opens the window and, for each template, waits for the forecast in the status bar, trains in the
window and reads the time of an epoch there; both are training alone, without the validation. The
last line of a template has the medians of all turns, and what an epoch takes with its validation.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from cnnstudio.network import templates
from cnnstudio.ui import app as ui
from cnnstudio.ui.main_window import MainWindow

TEMPLATES = ("tiny", "lecture", "nielsen-2", "nielsen")
EPOCHS = 2
TURNS = 3
LONGEST_RUN = 15.0
"""Seconds after which an epoch is reckoned from the part of it that is done."""

PATIENCE = 60.0
"""Seconds that a forecast may take."""


class Turn(NamedTuple):
    """Seconds: of the epoch foreseen and real, the same with validation, and until it was told."""

    foreseen: float
    real: float
    whole: float
    waited: float


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("templates", nargs="*", default=TEMPLATES)
    parser.add_argument("--turns", type=int, default=TURNS)
    arguments = parser.parse_args()
    if "DISPLAY" not in os.environ:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app, window = ui.create(["cnnstudio"])
    gc.freeze()
    window.show()
    window.finish_loading()
    print("| network | forecast, s | real, s | off by | with validation, s | told after, s |")
    print("|---|---|---|---|---|---|")
    for name in arguments.templates:
        turns = [turn(app, window, name) for _ in range(arguments.turns)]
        for each in turns if len(turns) > 1 else ():
            print(row(name, each), flush=True)
        print(row(f"**{name}**", median(turns)), flush=True)
    window.session.shut_down()
    window.forecaster.stop()


def turn(app: QApplication, window: MainWindow, name: str) -> Turn:
    """Ask for a forecast of a template and train it, in the window."""
    session = window.session
    project = templates.load(name)
    recipe = project.recipe.with_values(epochs=EPOCHS, patience=0)
    session.restart(templates.load("harley-original"), None)  # so that nothing is known
    wait(app, lambda: False, 0.3)
    session.restart(project, None)
    session.set_recipe(recipe)
    asked = time.perf_counter()
    wait(app, lambda: window.forecaster.forecast is not None, PATIENCE)
    waited = time.perf_counter() - asked
    assert window.forecaster.forecast is not None
    foreseen = window.forecaster.forecast.seconds_per_epoch
    begin = time.perf_counter()
    session.train()
    wait(app, lambda: not session.locked, LONGEST_RUN)
    whole = (time.perf_counter() - begin) / EPOCHS
    if session.locked and session.progress is not None and session.dataset is not None:
        count = len(session.dataset.train) - recipe.validation
        speed = session.progress.images_per_second
        assert speed is not None
        real, whole = count / speed, float("nan")
        session.stop()
        wait(app, lambda: not session.locked, PATIENCE)
    else:
        real = statistics.mean(epoch.seconds for epoch in session.epochs)
    return Turn(foreseen, real, whole, waited)


def wait(app: QApplication, done: Callable[[], bool], seconds: float) -> None:
    """Let the window live until `done`, or for so many seconds."""
    clock = QElapsedTimer()
    clock.start()
    while not done() and clock.elapsed() < 1000 * seconds:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


def median(turns: list[Turn]) -> Turn:
    """The median of each figure."""
    return Turn(*map(statistics.median, zip(*turns, strict=True)))


def row(name: str, each: Turn) -> str:
    """A line of the table."""
    off = each.foreseen / each.real - 1
    figures = f"{each.foreseen:.2f} | {each.real:.2f} | {off:+.0%} | {each.whole:.2f}"
    return f"| {name} | {figures} | {each.waited:.1f} |"


if __name__ == "__main__":
    main()
