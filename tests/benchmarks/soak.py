"""Whether memory grows while the window trains on and on."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from cnnstudio.ui.frame.panels import TABS
from cnnstudio.ui.main_window import MainWindow
from tests.benchmarks.watch import Watch, opened

EVERY = 10.0
"""Seconds between two readings."""

SETTLED = 5.0
"""Minutes after which memory may no longer grow; of shorter runs the first third."""

MOST_KINDS = 8


def resident() -> float:
    """MiB that this process has now; where the system does not say, at most so far."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        import os

        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


@dataclass
class Readings:
    """Memory over time; `begin` is the second from which on it counts."""

    begin: float
    seconds: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def slope(self) -> float:
        """MiB in ten minutes, of the line that fits best through what counts."""
        counted = [i for i, second in enumerate(self.seconds) if second >= self.begin]
        if len(counted) < 2:
            return float("nan")
        seconds, sizes = (np.array(each)[counted] for each in (self.seconds, self.sizes))
        return float(600 * np.polyfit(seconds, sizes, 1)[0])


def soak(template: str, minutes: float, epochs: int | None, *, walks: bool) -> None:
    """Train for so long, run after run of so many epochs, and print what the process holds.

    With `walks` another tab comes to the front at every reading.
    """
    app, window = opened(template)
    if epochs is not None:
        window.session.set_recipe(window.session.recipe.with_values(epochs=epochs))
    watch = Watch(app, window)
    readings = Readings(60 * min(SETTLED, minutes / 3))
    print(f"{template}, {window.session.threads} threads, {minutes:g} minutes of training")
    watch.begin()
    began = time.perf_counter()
    number = 0
    while time.perf_counter() - began < 60 * minutes:
        watch.wait(EVERY)
        if walks:
            window.panels.show_tab(TABS[number % len(TABS)].name)
        _read(readings, window, time.perf_counter() - began, is_told=number % 3 == 0)
        number += 1
    watch.end()
    window.session.shut_down()
    window.panels.stop()
    grown = (_kinds() - readings.kinds).most_common(MOST_KINDS)
    print(f"slope after {readings.begin:.0f} s: {readings.slope:.2f} MiB in 10 minutes")
    print("more objects since: " + ", ".join(f"{count} {kind}" for kind, count in grown))


def _read(readings: Readings, window: MainWindow, seconds: float, *, is_told: bool) -> None:
    readings.seconds.append(seconds)
    readings.sizes.append(resident())
    if seconds >= readings.begin and not readings.kinds:
        readings.kinds = _kinds()
    if is_told:
        session = window.session
        snapshots = sum(each.state.nbytes for each in session.snapshots) / 2**20
        print(
            f"{seconds:6.0f} s  {readings.sizes[-1]:7.1f} MiB  {len(gc.get_objects()):,} objects"
            f"  {len(QApplication.allWidgets()):,} widgets  {threading.active_count()} threads"
            f"  {len(session.epochs)} epochs, {len(session.curve):,} points,"
            f" {len(session.snapshots)} snapshots of {snapshots:.1f} MiB",
            flush=True,
        )


def _kinds() -> Counter[str]:
    """How many objects there are of each type."""
    gc.collect()
    return Counter(type(each).__qualname__ for each in gc.get_objects())
