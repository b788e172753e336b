"""A question about the present weights, answered in a thread: one at a time, the newest wins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.engine.model import Model
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.training.worker import Background, give_way

LOOK_INTERVAL = 30
"""Milliseconds between two looks after a job."""

RESTS = 20
"""While a run goes on, so many times as long as a job took passes before the next."""


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a network at one moment: `values` nobody changes, None for the seed's."""

    network: Network
    seed: int
    values: np.ndarray | None

    @classmethod
    def of(cls, session: Session) -> Weights:
        """Those that the session shows: of a moment of the past, or what training has made."""
        result, moment = session.snapshot().result, session.moment
        values = result.weights if result else None
        return cls(session.network, session.recipe.seed, moment.state if moment else values)

    def same_as(self, other: Weights | None) -> bool:
        """Whether `other` are these."""
        if other is None or self.network != other.network or self.values is not other.values:
            return False
        return self.values is not None or self.seed == other.seed


class Workshop:
    """The model that the jobs of one inquiry use in turn; made in their thread."""

    def __init__(self) -> None:
        self._model: Model | None = None
        self._weights: Weights | None = None

    def model(self, weights: Weights) -> Model:
        """The model with `weights`, only for the job that asks."""
        if self._model is None or not weights.same_as(self._weights):
            same = self._weights is not None and self._weights.network == weights.network
            if self._model is None or not same or weights.values is None:
                self._model = Model(weights.network, seed=weights.seed)
            if weights.values is not None:
                self._model.state[...] = weights.values
            self._weights = weights
        return self._model


Wanted = Callable[[], bool]
Work = Callable[[Wanted], object]
"""What is done in the thread; it looks now and then whether it is still wanted."""


@dataclass(frozen=True, eq=False)
class _Question:
    what: object
    weights: Weights
    work: Work

    def same_as(self, other: _Question | None) -> bool:
        return other is not None and self.what == other.what and self.weights.same_as(other.weights)


class Inquiry(QObject):
    """Answers questions one after the other; `answered` carries (what, weights, answer).

    Another question ends the job before it, and its answer comes whatever was answered before; the
    same one about newer weights waits for the job's end, so that something is seen while a run goes
    on. Then jobs take a small share of the time, but another question does not wait for its turn.
    A question that failed is not tried again with the same weights; `failed` tells that it did.
    """

    answered = Signal(object, object, object)
    failed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.failure = ""
        """Why there is no answer to what was asked last, in one sentence."""
        self._last: _Question | None = None  # that was asked, answered by now or not
        self._asked: _Question | None = None
        self._next: _Question | None = None
        self._job: Background[object] | None = None
        self._given_up = threading.Event()
        self._began = self._rested = 0.0
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._asked is not None or self._next is not None

    def ask(self, what: object, weights: Weights, work: Work) -> None:
        """Have `work` done, unless this is what was asked last."""
        question, last = _Question(what, weights, work), self._last
        if question.same_as(last):
            return
        if last is not None and last.what != what:
            self.drop()
        self._last = self._next = question
        self._timer.start()
        if self._job is None:
            self._look()

    def drop(self) -> None:
        """Give up what is under way; what was answered may be asked again."""
        self._given_up.set()
        self._last = self._asked = self._next = None
        self.failure, self._rested = "", 0.0

    def stop(self) -> None:
        """Give everything up and wait for the thread, as on closing."""
        self.drop()
        self._timer.stop()
        if self._job is not None:
            self._job.join()
            self._job = None

    def _look(self) -> None:
        """Take the answer of a job that is done, and begin the next."""
        job = self._job
        if job is not None:
            if not job.done:
                return
            self._job = None
            self._finish(job)
        if self._next is None:
            self._timer.stop()
        elif self._session.training != "running" or time.monotonic() >= self._rested:
            self._begin(self._next)

    def _begin(self, question: _Question) -> None:
        self._asked, self._next = question, None
        self._given_up, self._began = threading.Event(), time.monotonic()
        given_up = self._given_up

        def work() -> object:
            give_way()
            return question.work(lambda: not given_up.is_set())

        self._job = Background(work)

    def _finish(self, job: Background[object]) -> None:
        question, self._asked = self._asked, None
        if self._given_up.is_set() or question is None:
            return
        self._rested = time.monotonic() + RESTS * (time.monotonic() - self._began)
        self.failure = job.failure.sentence if job.failure else ""
        if job.failure is not None:
            self.failed.emit()
        elif job.result is not None:
            self.answered.emit(question.what, question.weights, job.result)
