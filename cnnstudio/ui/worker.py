"""The one place that owns a thread: a training run beside the window, and background jobs.

The window pulls: it asks `TrainingWorker.poll` for what is new with a timer. The thread never
calls into Qt, so nothing of Qt is created, signalled or destroyed outside the main thread.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.metrics import Predictions
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Network, Recipe
from cnnstudio.ui.predictions_live import LiveValidation

Result = TypeVar("Result")

NICENESS = 10
LAST_RANK = 19
"""By how much training ranks behind the window, and the last rank that Linux has."""

CLOSE_TIMEOUT = 10.0
"""Seconds that closing the window waits for a step, or a validation, to come to its end."""


@dataclass(frozen=True)
class Job:
    """What to train: `weights` is the flat Model.state to start from, None for the seed's."""

    network: Network
    recipe: Recipe
    dataset: Dataset
    threads: int
    weights: np.ndarray | None = None
    epochs_before: int = 0


@dataclass(frozen=True)
class Failure:
    """Why a job ended early: one sentence, and the traceback where it was not foreseen."""

    sentence: str
    details: str = ""


@dataclass(frozen=True)
class News:
    """What happened since the last poll; `weights` is a copy of Model.state between two steps.

    When it has finished they are those to keep: what the recipe says, or after a failure of the
    training the last good ones. `predictions` are the newest for the images kept aside.
    """

    steps: tuple[Progress, ...] = ()
    weights: np.ndarray | None = None
    finished: bool = False
    failure: Failure | None = None
    predictions: Predictions | None = None


class TrainingWorker:
    """Runs a Job in a thread; may be paused, stepped and stopped between two steps."""

    def __init__(self, job: Job, *, paused: bool = False) -> None:
        self._job = job
        self._condition = threading.Condition()
        self._steps: list[Progress] = []
        self._weights: np.ndarray | None = None
        self._wants_weights = False
        self._predictions: Predictions | None = None
        self._wants_predictions = False
        self._permits = 0
        self._paused = paused
        self._stopped = False
        self._finished = False
        self._failure: Failure | None = None
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def pause(self) -> None:
        """Wait after the present step."""
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        """Go on after a pause."""
        with self._condition:
            self._paused = False
            self._condition.notify_all()

    def step(self) -> None:
        """Let one more step through while paused."""
        with self._condition:
            self._permits += 1
            self._condition.notify_all()

    def stop(self) -> None:
        """End after the present step; what was learned is in the last News."""
        with self._condition:
            self._stopped = True
            self._condition.notify_all()

    def join(self, timeout: float = CLOSE_TIMEOUT) -> bool:
        """Wait for the thread; whether it has ended."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def request_weights(self) -> None:
        """Ask for a copy of the weights after the present step."""
        with self._condition:
            self._wants_weights = True

    def request_predictions(self) -> None:
        """Ask for a look at the images kept aside, as soon as it costs next to nothing."""
        with self._condition:
            self._wants_predictions = True

    def poll(self) -> News:
        """What is new since the last call; never waits for a step."""
        with self._condition:
            news = News(
                tuple(self._steps),
                self._weights,
                self._finished,
                self._failure,
                self._predictions,
            )
            self._steps, self._weights, self._predictions = [], None, None
        return news

    def _work(self) -> None:
        give_way()
        try:
            self._train()
        except CnnStudioError as error:
            self._fail(Failure(str(error)))
        except MemoryError:
            self._fail(Failure("There is not enough memory to train this network."))
        except Exception:  # noqa: BLE001 - the last line of defence of a thread: told, not lost
            self._fail(Failure("Training stopped on an internal error.", traceback.format_exc()))

    def _fail(self, failure: Failure) -> None:
        with self._condition:
            self._failure, self._finished = failure, True

    def _train(self) -> None:
        job = self._job
        seed, threads = job.recipe.seed, job.threads
        model = Model(job.network, seed=seed, threads=threads, lanes="fastest")
        if job.weights is not None:
            model.state[...] = job.weights
        train, validation = job.dataset.split(job.recipe.validation)
        trainer = Trainer(
            model,
            train,
            validation,
            job.recipe,
            classes=len(job.dataset.class_names),
            epochs_before=job.epochs_before,
        )
        try:
            self._run(trainer)
        finally:
            self._publish(model)
        with self._condition:
            self._finished = True

    def _run(self, trainer: Trainer) -> None:
        if self._may_go_on():
            live = LiveValidation(trainer.validation)
            for progress in trainer.run():
                self._look(progress, trainer, live)
                self._tell(progress, trainer.model)
                if not self._may_go_on(trainer.model):
                    break
            trainer.keep()

    def _tell(self, progress: Progress, model: Model) -> None:
        with self._condition:
            self._steps.append(progress)
            wanted, self._wants_weights = self._wants_weights, False
        if wanted:
            self._publish(model)

    def _look(self, progress: Progress, trainer: Trainer, live: LiveValidation) -> None:
        """Tell what the end of an epoch measured, or what a look that was asked for has seen."""
        if progress.finished_epoch is not None and trainer.measured is not None:
            found = live.measured(trainer.measured, progress.epoch)
        elif self._wants_predictions and live.due:
            with trainer.learning.averaged():
                found = live.look(trainer.model, progress.epoch)
        else:
            return
        with self._condition:
            self._predictions, self._wants_predictions = found, False

    def _publish(self, model: Model) -> None:
        copy = model.state.copy()
        with self._condition:
            self._weights = copy

    def _may_go_on(self, model: Model | None = None) -> bool:
        """Wait while paused; False when the run is to end."""
        if self._paused and model is not None:
            self._publish(model)
        with self._condition:
            while self._paused and not self._permits and not self._stopped:
                self._condition.wait()
            if self._permits:
                self._permits -= 1
            return not self._stopped


def give_way() -> None:
    """Let the window's thread have the processor first, where threads have a rank of their own.

    Training uses every core, so that without this the window waits for its turn. The threads that
    share the work inherit the rank.
    """
    if sys.platform == "linux":
        own = threading.get_native_id()
        rank = os.getpriority(os.PRIO_PROCESS, own) + NICENESS
        os.setpriority(os.PRIO_PROCESS, own, min(rank, LAST_RANK))


class Background(Generic[Result]):
    """A function that runs in a thread, once; its result is pulled."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._result: Result | None = None
        self._failure: Failure | None = None
        self._thread = threading.Thread(target=self._work, name="background", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the function has ended, well or badly."""
        return not self._thread.is_alive()

    @property
    def failure(self) -> Failure | None:
        """Why it failed; None while it runs or when it went well."""
        return self._failure

    @property
    def result(self) -> Result | None:
        """What the function returned; None while it runs or when it failed."""
        return self._result

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(timeout)

    def _work(self) -> None:
        try:
            self._result = self._function()
        except CnnStudioError as error:
            self._failure = Failure(str(error))
        except MemoryError:
            self._failure = Failure("There is not enough memory for it.")
        except Exception:  # noqa: BLE001 - the last line of defence of a thread: told, not lost
            self._failure = Failure("Something went wrong inside.", traceback.format_exc())
