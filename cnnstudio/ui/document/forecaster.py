"""The forecast beside the window: a trial in a thread, some time after the last edit."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.engine.forecast import Forecast, forecast
from cnnstudio.network import Network, Recipe
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.training.worker import Background, Job, give_way

PAUSE = 500
"""Milliseconds without an edit before a trial begins, so that it is in nobody's way."""

LOOK_INTERVAL = 50
"""Milliseconds between two looks at a trial that runs."""

CLOSE_TIMEOUT = 2.0
"""Seconds that closing waits for a trial that was given up: it ends with its step, or does not
matter any more."""

KEPT = 0.9
"""Of its speed a run keeps beside the window that shows it (tests/benchmarks/window.py); a trial
shows nothing."""

Question = tuple[Network, Recipe, int]
"""What a forecast depends on: the network, how it is trained, and with how many pictures."""


class Forecaster(QObject):
    """Keeps `forecast` that of the session's network and recipe; None while it is not known.

    Nothing is tried while training goes on or is impossible, and an edit ends a trial.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.forecast: Forecast | None = None
        self._session = session
        self._known: Question | None = None
        self._job: Background[Forecast | None] | None = None
        self._given_up = threading.Event()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._begin)
        self._looks = QTimer(self, interval=LOOK_INTERVAL)
        self._looks.timeout.connect(self._look)
        for signal in (
            session.network_changed,
            session.recipe_changed,
            session.training_changed,
            session.probe_changed,
        ):
            signal.connect(self._follow)
        self._follow()

    def stop(self) -> None:
        """End a trial and wait for its thread, but not long."""
        self._pause.stop()
        self._looks.stop()
        self._given_up.set()
        if self._job is not None:
            self._job.join(CLOSE_TIMEOUT)
            self._job = None

    def _follow(self) -> None:
        """Forget what is no longer true, and begin again when all is quiet."""
        if self._known != self._question():
            self._tell(None)
            self._give_up()
        elif self._session.training != "idle" and self._job is not None:
            self._give_up()
        if self._known is None and self._session.training == "idle":
            self._pause.start()
        else:
            self._pause.stop()

    def _give_up(self) -> None:
        self._given_up.set()
        self._known = None

    def _question(self) -> Question:
        """What is to be forecast; the length of a run and its rates do not matter to it."""
        session = self._session
        same = {"epochs": 1, "warm_up": 0, "patience": 0, "learning_rate": 0.001, "seed": 0}
        pictures = len(session.dataset.train) if session.dataset else 0
        return session.network, session.recipe.with_values(**same), pictures

    def _begin(self) -> None:
        session = self._session
        if self._job is not None:  # it has been given up and ends within a step
            self._pause.start()
            return
        if session.training != "idle" or session.train_refusal or session.dataset is None:
            return
        self._known, self._given_up = self._question(), threading.Event()
        network, recipe, _ = self._known
        job = Job(network, recipe, session.dataset, session.threads)
        self._job = Background(partial(_try, job, self._given_up))
        self._looks.start()

    def _look(self) -> None:
        job = self._job
        if job is None or not job.done:
            return
        self._looks.stop()
        self._job = None
        if not self._given_up.is_set():
            self._tell(job.result)

    def _tell(self, found: Forecast | None) -> None:
        if found != self.forecast:
            self.forecast = found
            self.changed.emit()


def _try(job: Job, given_up: threading.Event) -> Forecast | None:
    """The trial, ranking behind the window as training does; in a thread of its own."""
    give_way()
    train, _ = job.dataset.split(job.recipe.validation)
    found = forecast(
        job.network, job.recipe, train, job.threads, wanted=lambda: not given_up.is_set()
    )
    return found and replace(found, seconds_per_epoch=found.seconds_per_epoch / KEPT)
