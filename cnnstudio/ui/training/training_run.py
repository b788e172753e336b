"""A training run beside the window: its state, and a timer that pulls what is new."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.ui.training.observation import NOTHING
from cnnstudio.ui.training.worker import CLOSE_TIMEOUT, Failure, Job, TrainingWorker

PULL_INTERVAL = 95
"""Milliseconds between two looks at the training run: curves move at 10 Hz."""

WEIGHTS_EVERY = 2
"""The maps are redrawn at every so many looks: about 5 Hz."""

RESTS_PER_LOOK = 6
"""After redrawing the maps the window has so many times as long for other things."""


class TrainingRun(QObject):
    """One run at a time: ``idle``, ``running`` or ``paused``.

    `stepped` carries a tuple of Progress, `weights_came` a flat vector taken between two steps,
    `failed` a Failure, `predicted` what the model makes of the images kept aside, as the worker
    tells it, `noted` all that is new besides; `state_changed` comes last when a run ends.
    """

    state_changed = Signal()
    stepped = Signal(object)
    weights_came = Signal(object)
    failed = Signal(object)
    predicted = Signal(object)
    noted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.state = "idle"
        self.failure: Failure | None = None
        """Why the last run failed; None where it did not."""
        self._worker: TrainingWorker | None = None
        self._looks = self._next_look = self._rest = 0
        self._timer = QTimer(self)
        self._timer.setInterval(PULL_INTERVAL)
        self._timer.timeout.connect(self._pull)

    def start(self, job: Job, *, paused: bool) -> None:
        """Begin `job`; `paused` to wait for `step`."""
        self._worker = TrainingWorker(job, paused=paused)
        self._worker.start()
        self._looks, self._next_look, self._rest = 0, WEIGHTS_EVERY, 0
        self._timer.start()
        self._set_state("paused" if paused else "running")

    def pause(self) -> None:
        """Wait after the present step."""
        if self._worker and self.state == "running":
            self._worker.pause()
            self._set_state("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        if self._worker and self.state == "paused":
            self._worker.resume()
            self._set_state("running")

    def step(self) -> None:
        """Let one step through and be paused."""
        self.pause()
        if self._worker:
            self._worker.step()

    def stop(self) -> None:
        """End after the present step."""
        if self._worker:
            self._worker.stop()

    def change(self, values: dict[str, Any]) -> None:
        """Change settings of the run after the present step."""
        if self._worker:
            self._worker.change(values)

    def go_back(self, rate: float) -> None:
        """Go back to the weights of the lowest loss and train on with the learning rate `rate`."""
        if self._worker:
            self._worker.go_back(rate)
            self.resume()

    def request_predictions(self) -> None:
        """Ask for a look at the images kept aside; it comes when it costs next to nothing."""
        if self._worker and self.state == "running":
            self._worker.request_predictions()

    def end(self, patience: float = CLOSE_TIMEOUT) -> bool:
        """Stop and wait so many seconds for the thread, as on closing; whether it has ended.

        Where it has not, it goes on to the end of its step, and is heard of as ever.
        """
        if self._worker is None:
            return True
        self._worker.stop()
        ended = self._worker.join(patience)
        self._pull()
        return ended

    def _set_state(self, state: str) -> None:
        self.state = state
        self.state_changed.emit()

    def _pull(self) -> None:
        """Take what the worker has to tell, and ask for the next weights."""
        worker = self._worker
        if worker is None:
            return
        news = worker.poll()
        if news.steps:
            self.stepped.emit(news.steps)
        if news.noted.predictions is not None:
            self.predicted.emit(news.noted.predictions)
        if news.noted is not NOTHING:
            self.noted.emit(news.noted)
        if news.weights is not None:
            begin = time.perf_counter()
            self.weights_came.emit(news.weights)
            spent = 1000 * (time.perf_counter() - begin)
            self._rest = round(RESTS_PER_LOOK * spent / PULL_INTERVAL)
        self._looks += 1
        if self._looks >= self._next_look:
            worker.request_weights()
            self._next_look = self._looks + max(WEIGHTS_EVERY, self._rest)
        if news.noted.alarm is not None and news.noted.alarm.paused and self.state == "running":
            self._set_state("paused")
        if news.finished:
            self.failure = news.failure
            self._finish(worker)
            if news.failure:
                self.failed.emit(news.failure)

    def _finish(self, worker: TrainingWorker) -> None:
        worker.join()
        self._worker = None
        self._timer.stop()
        self._set_state("idle")
