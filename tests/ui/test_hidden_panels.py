"""What is not in sight costs nothing: while a network trains, no hidden panel draws or reckons."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter
from types import FrameType
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Recipe, text_form
from cnnstudio.network.project_file import Project
from cnnstudio.ui.frame.panels import TABS
from cnnstudio.ui.main_window import MainWindow

TINY = text_form.read("INPUT 28x28x1 > CONV 4@5x5 + RELU > POOL max 2x2 > FC 10")
ENDLESS = Recipe().with_values(validation=8, epochs=10_000, warm_up=0, patience=0, batch_size=8)

GLANCE = 12
"""So many calls a slot may make to find that its panel is hidden, or that nothing is new."""

LIVE = {"training", "feature_maps", "filters", "why", "confusion", "mistakes", "matters"}
"""Tabs that move while a network trains."""


@dataclasses.dataclass
class Meter:
    """Counts the calls below each slot of the panels, for those that are hidden and those seen."""

    panels: dict[str, QWidget]
    hidden: Counter[str] = dataclasses.field(default_factory=Counter)
    seen: Counter[str] = dataclasses.field(default_factory=Counter)
    _slot: FrameType | None = None
    _name: str = ""
    _calls: int = 0

    def note(self, frame: FrameType, event: str, _argument: Any) -> None:
        """For sys.setprofile."""
        if event == "call":
            self._calls += 1
            if self._slot is None:
                self._begin(frame)
        elif event == "return" and frame is self._slot:
            panel = self._name.partition(" ")[0]
            calls = self.seen if self.panels[panel].isVisible() else self.hidden
            calls[self._name] = max(calls[self._name], self._calls)
            self._slot = None

    def _begin(self, frame: FrameType) -> None:
        if frame.f_code.co_varnames[:1] != ("self",):
            return
        panel = self._panel_of(frame.f_locals["self"])
        if panel is not None:
            self._slot, self._calls = frame, 0
            self._name = f"{panel} {frame.f_code.co_qualname}"

    def _panel_of(self, part: object) -> str | None:
        while isinstance(part, QObject) and isValid(part):
            for name, panel in self.panels.items():
                if part is panel:
                    return name
            part = part.parent()
        return None


@pytest.fixture
def training(
    qtbot: QtBot, window: MainWindow, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """A window in which a tiny network trains, with predictions and maps of it at hand."""
    train = digits.train[np.tile(np.arange(len(digits.train)), 20)]
    data = dataclasses.replace(digits, train=train)
    monkeypatch.setattr(datasets, "load", lambda _name: data)
    window.session.restart(Project(TINY, ENDLESS), None)
    window.session.set_dataset(data)
    with qtbot.waitSignal(window.session.weights_changed, timeout=10_000):
        window.session.train()
    return window


def bring(window: MainWindow, name: str) -> None:
    """Bring a tab to the front, or hide them all and bring the outline there, or with "" not."""
    window.panels.docks["tabs"].setHidden(name not in window.panels.by_tab)
    window.panels.docks["outline" if name == "outline" else "draw"].raise_()
    if name in window.panels.by_tab:
        window.panels.show_tab(name)


def test_hidden_panels_do_nothing_while_a_network_trains(
    qtbot: QtBot, training: MainWindow
) -> None:
    panels: dict[str, QWidget] = {
        **training.panels.by_tab,
        "outline": training.panels.outline,
        "draw": training.panels.draw,
    }
    for tab in TABS:
        bring(training, tab.name)
        qtbot.waitUntil(panels[tab.name].isVisible)
    meter = Meter(panels)
    for name in ("", *(tab.name for tab in TABS), "outline"):
        bring(training, name)
        qtbot.waitUntil(lambda: not training.panels.runs.shelf.busy)  # a list that is being read
        for _ in range(2):
            watch(meter, qtbot, training)
        shown = {each for each in panels if panels[each].isVisible()}
        assert shown == {name or "draw", "outline" if name == "outline" else "draw"}
    works = {slot: calls for slot, calls in meter.hidden.items() if calls > GLANCE}
    assert not works, "slots of hidden panels, and how many calls they make"
    busy = {slot.partition(" ")[0] for slot, calls in meter.seen.items() if calls > GLANCE}
    assert busy >= LIVE, "the meter sees what those in front do"


def watch(meter: Meter, qtbot: QtBot, window: MainWindow) -> None:
    """Let it train until there are new weights."""
    sys.setprofile(meter.note)
    try:
        with qtbot.waitSignal(window.session.weights_changed, timeout=10_000):
            pass
    finally:
        sys.setprofile(None)
