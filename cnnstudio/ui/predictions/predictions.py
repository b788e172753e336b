"""What the present weights make of all labelled images: pulled from the run, or reckoned aside."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.data.datasets import Images
from cnnstudio.engine.fault import check_answers
from cnnstudio.engine.metrics import Predictions
from cnnstudio.engine.model import Model
from cnnstudio.network import Network
from cnnstudio.ui.parts.background import Background, Failure
from cnnstudio.ui.training.worker import give_way

__all__ = ["Key", "Predictions", "Predictor", "Question"]

LOOK_INTERVAL = 50
"""Milliseconds between two looks after a job."""

CHUNK = 256
"""Images after which a job says how far it is, and may be given up."""

RESTS_PER_JOB = 20
"""While a run goes on, so many times as long as a job took passes before the next."""


class Key(NamedTuple):
    """What predictions belong to: two numbers for the pictures and their split, one for weights."""

    weights: int | None
    dataset: int
    kept_aside: int


@dataclass(frozen=True, eq=False)
class Question:
    """What is to be reckoned: `key` is the same as long as the answer would be."""

    of: str
    key: Key
    network: Network
    weights: Callable[[], np.ndarray]
    images: Callable[[], Images]
    epoch: float


class Predictor(QObject):
    """The newest predictions for each set, and the one job that reckons them.

    Nothing is reckoned unless somebody who is seen asks; panels ask again whenever they are drawn.
    `changed` tells of new predictions and of those dropped, `progressed` of how far a job is.
    """

    changed = Signal()
    progressed = Signal()

    def __init__(
        self, question: Callable[[str], Question | None], run_goes_on: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._question, self._run_goes_on = question, run_goes_on
        self._found: dict[str, tuple[Key, Predictions]] = {}
        self._failed: dict[str, tuple[Key, Failure]] = {}
        self._work: _Work | None = None
        self._next: str | None = None
        self._rested = 0.0
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)

    def of(self, name: str) -> Predictions | None:
        """The newest predictions for the set `name`; see `is_fresh`. None where there are none."""
        question, found = self._question(name), self._found.get(name)
        same_images = question and found and question.key[1:] == found[0][1:]
        return found[1] if found and same_images else None

    def is_fresh(self, name: str) -> bool:
        """Whether `of` is what the present weights make of all images of the set."""
        question, found = self._question(name), self._found.get(name)
        return question is not None and found is not None and found[0] == question.key

    def failure(self, name: str) -> Failure | None:
        """Why the predictions for the present weights cannot be had."""
        question, failed = self._question(name), self._failed.get(name)
        known = question is not None and failed is not None and failed[0] == question.key
        return failed[1] if known and failed else None

    def share_done(self, name: str) -> float | None:
        """How far the job for the set `name` is, 0 to 1; None where there is none."""
        work = self._work
        return work.share if work is not None and work.question.of == name else None

    def ask(self, name: str) -> None:
        """Have the predictions for the set `name` reckoned, unless they are there already."""
        question = self._question(name)
        if question is None or self.is_fresh(name) or self.failure(name) is not None:
            return
        if self._run_goes_on() and time.monotonic() < self._rested:
            return
        if self._work is None:
            self._begin(question)
        elif (self._work.question.of, self._work.question.key) != (name, question.key):
            self._next = name
            if not self._run_goes_on():
                self._work.abandoned = True

    def take(self, predictions: Predictions) -> None:
        """Take what a run tells of the validation images."""
        question = self._question(predictions.of)
        if question is not None:
            self._found[predictions.of] = question.key._replace(weights=None), predictions
            self.changed.emit()

    def forget(self) -> None:
        """Drop everything: it belongs to other weights or images."""
        self._next = None
        if self._work is not None:
            self._work.abandoned = True
        if self._found or self._failed:
            self._found, self._failed = {}, {}
            self.changed.emit()

    def shut_down(self) -> None:
        """End the job, as on closing."""
        self._timer.stop()
        if self._work is not None:
            self._work.abandoned = True
            self._work.job.join()
        self._work = None

    def _begin(self, question: Question) -> None:
        self._work = _Work(question)
        self._timer.start()

    def _look(self) -> None:
        """Look after the job; take its answer and begin the one that was asked for meanwhile."""
        work = self._work
        if work is None:
            self._timer.stop()
            return
        if not work.job.done:
            self.progressed.emit()
            return
        self._work = None
        self._timer.stop()
        self._rested = time.monotonic() + RESTS_PER_JOB * (time.monotonic() - work.began)
        following, self._next = self._next, None
        self._take_answer(work)
        if following is not None:
            self.ask(following)

    def _take_answer(self, work: _Work) -> None:
        question = work.question
        if work.abandoned:
            return
        if work.job.failure is not None:
            self._failed[question.of] = question.key, work.job.failure
        elif work.job.result is not None:
            self._found[question.of] = question.key, work.job.result
        self.changed.emit()


class _Work:
    """A job, how far it is, and whether it is still wanted."""

    def __init__(self, question: Question) -> None:
        self.question, self.share, self.abandoned = question, 0.0, False
        self.began = time.monotonic()
        reckon = partial(self._reckon, question.weights())
        self.job: Background[Predictions | None] = Background(reckon)

    def _reckon(self, weights: np.ndarray) -> Predictions | None:
        """In the thread: all outputs, chunk by chunk."""
        give_way()
        question = self.question
        images = question.images()
        model = Model(question.network)
        model.state[...] = weights
        model.check_labels(images.labels, len(images))
        parts = [np.zeros((0, *model.output_shape), model.dtype)]
        for start in range(0, len(images), CHUNK):
            if self.abandoned:
                return None
            parts.append(model.forward(images.pixels[start : start + CHUNK]))
            self.share = min(1.0, (start + CHUNK) / len(images))
        logits = np.concatenate(parts)
        check_answers(model, images.pixels, logits)
        return Predictions.from_logits(question.of, images.labels, logits, question.epoch)
