"""The window's state: document, history, selection, weights and the training run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from cnnstudio.engine.trainer import EpochResult, Progress
from cnnstudio.network.project_file import Project
from cnnstudio.ui import readiness
from cnnstudio.ui.curve import Curve
from cnnstudio.ui.edits import TRAINING
from cnnstudio.ui.notice import Notice
from cnnstudio.ui.predictions import Key, Predictions, Predictor, Question
from cnnstudio.ui.probe import too_large
from cnnstudio.ui.results import Result
from cnnstudio.ui.sheet import Sheet
from cnnstudio.ui.snapshot import Snapshot
from cnnstudio.ui.training_run import TrainingRun
from cnnstudio.ui.views import Views, not_drawn
from cnnstudio.ui.worker import Failure, Job

__all__ = ["TRAINING", "Notice", "Session"]


class Session(Views):
    """The one state that all parts of the window show; they change it only through its methods.

    The document and its edits are in `Edits`, the pictures and maps in `Views`; here are the file
    and the training run.
    """

    progress_changed = Signal()
    training_changed = Signal()
    restarted = Signal()
    """Another document has taken the place of the one before; comes last."""
    predictions_changed = Signal()
    """What the weights make of the labelled images is known, or no longer; see `predictor`."""

    def __init__(self, project: Project, *, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.threads = threads
        self.progress: Progress | None = None
        self._run = TrainingRun(self)
        self._run.state_changed.connect(self._tell_state)
        self._run.stepped.connect(self._take_steps)
        self._run.weights_came.connect(self._take_weights)
        self._run.failed.connect(self._tell_failure)
        self.predictor = Predictor(self._question, lambda: self.training == "running")
        self._run.predicted.connect(self.predictor.take)
        self.predictor.changed.connect(self.predictions_changed)
        self.network_changed.connect(self.predictor.forget)
        self.restart(project, None)

    # ---- the document

    @property
    def locked(self) -> bool:
        """Whether a training run goes on or is paused, so that nothing may be edited."""
        return self.training != "idle"

    @property
    def modified(self) -> bool:
        """Whether there is something that is not in the file."""
        return self._sheet.modified

    @property
    def weights_left_out(self) -> bool:
        """Whether there are trained weights and the document's file is a .json, without them."""
        return self.trained and self.path is not None and self.path.suffix.lower() == ".json"

    def restart(self, project: Project, path: Path | None, *, saved: bool = True) -> None:
        """Show another document; the one before is given up, so ask first.

        `saved` is False for one that is in no file of the person's, such as a recovered one.
        """
        self._sheet = Sheet(project, path, saved=saved)
        self.progress = None
        self._network_replaced()
        self.recipe_changed.emit()
        self.progress_changed.emit()
        self.file_changed.emit()
        self.restarted.emit()

    def project(self, preview: bytes | None = None, name: str = "") -> Project:
        """The document as it is written to a file; `name` instead of its present title."""
        return self.snapshot().project(preview, name)

    def snapshot(self) -> Snapshot:
        """The document as it is now, for another thread to write."""
        return self._sheet.snapshot()

    def saved_as(self, path: Path) -> None:
        """Remember that the present state is in the file at `path`, a .json without its weights."""
        self._sheet.saved_as(path)
        self.file_changed.emit()

    # ---- what training has made

    @property
    def _result(self) -> Result | None:
        return self._sheet.result

    @property
    def epochs(self) -> tuple[EpochResult, ...]:
        """What each finished epoch of the present weights came to."""
        return self._result.epochs if self._result else ()

    @property
    def curve(self) -> Curve:
        """The curve of the steps that made the present weights."""
        return self._result.curve if self._result else Curve()

    @property
    def trained(self) -> bool:
        """Whether the present weights have been trained; otherwise they are random."""
        return self._result is not None

    def start_over(self) -> None:
        """Give the trained weights up and go back to random ones."""
        if not self._refuse_when_locked() and self.trained:
            self._sheet.results.forget(self.network)
            self.progress = None
            self._show_weights()
            self.progress_changed.emit()
            self.file_changed.emit()

    @property
    def predictions(self) -> Predictions | None:
        """The newest that is known for the images kept aside; see `predictor` for more."""
        return self.predictor.of("validation")

    def ask_predictions(self, of: str) -> None:
        """Have what the present weights make of a set reckoned; whoever is seen may ask often."""
        if of == "validation" and self.training == "running":
            self._run.request_predictions()
        else:
            self.predictor.ask(of)

    # ---- training

    @property
    def train_refusal(self) -> str | None:
        """Why training cannot start, in one sentence; None when it can."""
        if self.dataset is None:
            return f"The pictures of {self.data_name} are not loaded."
        reason = readiness.refusal(self.network, self.report, self.dataset)
        if reason is not None:
            return reason
        if self._viewer.pending:
            return "The network is large: its random weights are still being drawn."
        if self._viewer.failure is not None:
            return not_drawn(self._viewer.failure)
        return too_large(self.report)

    @property
    def training(self) -> str:
        """The state of the run: ``idle``, ``running`` or ``paused``."""
        return self._run.state

    def train(self) -> None:
        """Start training from the present weights, or go on when paused."""
        if self.training == "idle":
            self._start(paused=False)
        else:
            self._run.resume()

    def pause(self) -> None:
        """Wait after the present step."""
        self._run.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._run.resume()

    def step(self) -> None:
        """Train one batch, then be paused."""
        if self.training == "idle":
            self._start(paused=True)
        self._run.step()

    def stop(self) -> None:
        """End the run after the present step and keep what was learned."""
        self._run.stop()

    def shut_down(self) -> bool:
        """Stop the run and wait for its thread, as on closing; whether it has ended."""
        self._preparation.stop()
        self._viewer.abandon()
        self.predictor.shut_down()
        return self._run.shut_down()

    # ---- inside

    def _view_network(self) -> None:
        super()._view_network()
        self.predictor.forget()

    def _question(self, of: str) -> Question | None:
        """What would have to be reckoned to know the predictions for a set now."""
        if self.model is None or self.dataset is None:
            return None
        key = Key(self._viewer.version, id(self.dataset), self.recipe.validation)
        images = partial(self.images, of)
        return Question(of, key, self.network, self._viewer.weights, images, len(self.epochs))

    def _start(self, *, paused: bool) -> None:
        refusal = self.train_refusal
        if refusal is not None or self.dataset is None:
            self.noticed.emit(Notice(refusal or ""))
            return
        result = self._result
        job = Job(
            self.network,
            self.recipe,
            self.dataset,
            self.threads,
            result.weights if result else None,
            len(result.epochs) if result else 0,
        )
        self._run.start(job, paused=paused)

    def _tell_state(self) -> None:
        self.training_changed.emit()
        if self.training == "idle":
            self.file_changed.emit()

    def _tell_failure(self, failure: Failure) -> None:
        self.noticed.emit(Notice(failure.sentence, failure.details))

    def _take_steps(self, steps: tuple[Progress, ...]) -> None:
        result = self._result or Result(self._viewer.weights())
        self._sheet.results.keep(self.network, result.after(steps))
        self.progress = steps[-1]
        self.progress_changed.emit()
        if self.progress.ending:
            self.noticed.emit(Notice(self.progress.ending, severity="info"))

    def _take_weights(self, weights: np.ndarray) -> None:
        if self._result is not None:
            self._sheet.results.keep(self.network, self._result.with_weights(weights))
            self._viewer.set_weights(weights)
            self.weights_changed.emit()
