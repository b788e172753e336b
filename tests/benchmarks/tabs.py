"""What each tab costs while it is in front and the network trains: the thread's time, the delay."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from cnnstudio.ui.frame.panels import TABS
from cnnstudio.ui.main_window import MainWindow
from tests.benchmarks.slow_calls import SlowCalls
from tests.benchmarks.watch import WARM_UP, Behaviour, Watch, delays, opened

NONE = "(all hidden)"


def each_tab(template: str, seconds: float, *, blame: bool) -> None:
    """Train with each tab in front in turn, and print a line for each.

    First with the dock below hidden: what the canvas and the rest of the window take. Every tab
    has been looked at before, so that what a hidden one still does shows in all lines.
    """
    app, window = opened(template)
    watch = Watch(app, window)
    watch.begin()
    for tab in TABS:
        window.panels.show_tab(tab.name)
        watch.wait(0.3)
    print(f"{template}, {window.session.threads} threads, {seconds:.0f} s for each tab in front")
    print("the window's thread: of a core; its work between two ticks, p99 and most; ticks late")
    for name in (NONE, *(tab.name for tab in TABS), "outline"):
        _bring(window, name)
        watch.wait(WARM_UP)
        watch.seen = Behaviour()
        with watch.counted() as seen, SlowCalls(watch) if blame else nullcontext() as slow:
            watch.wait(seconds)
        _tell(name, seen, window.session.recipe.batch_size)
        for line in slow.told() if slow else ():
            print(f"      {line}")
    watch.end()
    window.session.shut_down()
    window.panels.stop()


def _bring(window: MainWindow, name: str) -> None:
    """Bring a tab to the front, or the outline before Draw a digit, or hide the dock below."""
    docks = window.panels.docks
    docks["outline" if name == "outline" else "draw"].raise_()
    docks["tabs"].setHidden(name in (NONE, "outline"))
    if name not in (NONE, "outline"):
        window.panels.show_tab(name)
        if name == "invariance":
            window.panels.invariance.start()


def _tell(name: str, seen: Behaviour, batch: int) -> None:
    work, late = delays(seen.busy), delays(seen.late)
    print(
        f"{name:>14}  {seen.share:6.1%}  work {work[0]:4.1f} {work[1]:5.1f} ms"
        f"  late {late[0]:5.1f} {late[1]:5.1f} ms  maps {seen.maps / seen.seconds:.1f} Hz"
        f"  {batch * seen.steps / seen.seconds:7,.0f} img/s"
    )
    sys.stdout.flush()
