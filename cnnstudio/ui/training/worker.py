"""The training thread: a run beside the window.

The window pulls: it asks `TrainingWorker.poll` for what is new with a timer. The thread never
calls into Qt, so nothing of Qt is created, signalled or destroyed outside the main thread.
"""

from __future__ import annotations

import dataclasses
import threading
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnstudio.engine import environment
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.model import Model
from cnnstudio.engine.run import Run, conflicts, fingerprint
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import CnnStudioError, TrainingError
from cnnstudio.ui.parts.background import Background, Failure
from cnnstudio.ui.training.job import Job, News
from cnnstudio.ui.training.observation import NOTHING, Observation
from cnnstudio.ui.training.thread_rank import NICENESS, give_way

__all__ = [
    "NICENESS",
    "Background",
    "Failure",
    "Job",
    "News",
    "TrainingWorker",
    "give_way",
]

CLOSE_TIMEOUT = 10.0
"""Seconds that closing the window waits for a step, or a validation, to come to its end."""


class TrainingWorker:
    """Runs a Job in a thread; may be paused, stepped and stopped between two steps."""

    def __init__(self, job: Job, *, paused: bool = False) -> None:
        self._job = job
        self._condition = threading.Condition()
        self._steps: list[Progress] = []
        self._weights: np.ndarray | None = None
        self._wants_weights = False
        self._noted = NOTHING
        self._wants_predictions = False
        self._orders: list[Callable[[Observation], None]] = []
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

    def change(self, values: dict[str, Any]) -> None:
        """Change settings of the run after the present step, also while it is paused."""
        self._order(lambda observation: observation.change(values))

    def go_back(self, rate: float) -> None:
        """Go back to the weights of the lowest loss, and on with the learning rate `rate`."""
        self._order(lambda observation: observation.go_back(rate))

    def _order(self, order: Callable[[Observation], None]) -> None:
        with self._condition:
            self._orders.append(order)
            self._condition.notify_all()

    def poll(self) -> News:
        """What is new since the last call; never waits for a step."""
        with self._condition:
            news = News(
                tuple(self._steps),
                self._weights,
                self._finished,
                self._failure,
                self._noted,
            )
            self._steps, self._weights, self._noted = [], None, NOTHING
        return news

    def _work(self) -> None:
        try:
            give_way()
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
        classes = len(job.dataset.class_names)
        made = job.epochs_before, job.begun
        trainer = Trainer(model, train, validation, job.recipe, classes, *made)
        history: tuple[dict[str, Any], ...] = ()
        if job.last is not None:
            self._restore(trainer, job.last)
            history = tuple(dict(epoch) for epoch in job.last.history)
        earlier = (job.snapshots, job.folder, history, job.curve)
        observation = Observation(trainer, classes, *earlier)
        try:
            self._run(trainer, observation)
        finally:
            self._note(observation)
            self._publish(model)
        with self._condition:
            self._finished = True

    def _restore(self, trainer: Trainer, last: Checkpoint) -> None:
        """Go on where `last` stands; raises TrainingError when these are other pictures."""
        now = Run(
            last.run.project,
            last.run.limit,
            fingerprint(trainer.train, trainer.validation),
            environment.present(trainer.model.threads),
        )
        reason = next(conflicts(last.run, now), None)
        if reason is not None:
            raise TrainingError(f"The run cannot be continued: {reason}.")
        trainer.restore(last.state)
        told = environment.differences(last.run.environment, now.environment)
        with self._condition:
            self._noted = self._noted.then(notes=(*last.warnings, *told))

    def _run(self, trainer: Trainer, observation: Observation) -> None:
        """Train to the end; numbers that run away make it wait, until somebody helps or stops."""
        last: Progress | None = None
        goes_on = self._may_go_on(observation)
        while goes_on and not trainer.finished:
            try:
                last = self._make_steps(trainer, observation) or last
            except TrainingError as error:
                self._wait_for_help(str(error), trainer, observation)
                goes_on = self._may_go_on(observation, trainer.model)
            else:
                goes_on = False
        if last is not None:
            trainer.keep()
        observation.close(finished=trainer.finished, last=last)

    def _make_steps(self, trainer: Trainer, observation: Observation) -> Progress | None:
        """Make steps until the end, or until the run is to stop; the last one's progress."""
        last = None
        observation.prepare()
        for progress in trainer.run():
            last = progress
            observation.look(progress, wants_predictions=self._wants_predictions)
            self._tell(progress, trainer.model, observation)
            if not self._may_go_on(observation, trainer.model):
                break
            observation.prepare()
        return last

    def _wait_for_help(self, words: str, trainer: Trainer, observation: Observation) -> None:
        observation.ran_away(words)
        self._note(observation)
        self._publish(trainer.model)
        with self._condition:
            self._paused = True

    def _tell(self, progress: Progress, model: Model, observation: Observation) -> None:
        with self._condition:
            self._steps.append(progress)
            wanted, self._wants_weights = self._wants_weights, False
        self._note(observation)
        if wanted:
            self._publish(model)

    def _note(self, observation: Observation) -> None:
        """Tell what the observation has noted."""
        noted = observation.take()
        if noted is NOTHING:
            return
        newer = {f.name: getattr(noted, f.name) for f in dataclasses.fields(noted)}
        with self._condition:
            if noted.predictions is not None:
                self._wants_predictions = False
            self._noted = self._noted.then(**newer)

    def _publish(self, model: Model) -> None:
        copy = model.state.copy()
        with self._condition:
            self._weights = copy

    def _may_go_on(self, observation: Observation, model: Model | None = None) -> bool:
        """Wait while paused, and obey orders; False when the run is to end."""
        if self._paused and model is not None:
            self._publish(model)
        while True:
            with self._condition:
                while self._waits():
                    self._condition.wait()
                orders, self._orders = self._orders, []
                if not orders:
                    return self._takes_step()
            for order in orders:
                self._obey(order, observation)
            if model is not None:
                self._publish(model)

    def _takes_step(self) -> bool:
        """Whether a step is to be made: those that were asked for come before the stop."""
        if self._permits:
            self._permits -= 1
            return True
        return not self._stopped

    def _waits(self) -> bool:
        return self._paused and not self._permits and not self._stopped and not self._orders

    def _obey(self, order: Callable[[Observation], None], observation: Observation) -> None:
        try:
            order(observation)
        except CnnStudioError as error:
            with self._condition:
                self._noted = self._noted.then(notes=(str(error),))
        self._note(observation)
