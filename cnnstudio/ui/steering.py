"""The training side of the session: the run, what it tells, and how it is steered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.engine import changes
from cnnstudio.engine.block_figures import BlockFigures
from cnnstudio.engine.changes import Change
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import EpochResult, Progress
from cnnstudio.network import Recipe
from cnnstudio.ui import readiness
from cnnstudio.ui.curve import Curve
from cnnstudio.ui.edits import TRAINING
from cnnstudio.ui.ended_run import RunSoFar
from cnnstudio.ui.notice import Notice, Offer
from cnnstudio.ui.observation import Alarm, Noted
from cnnstudio.ui.probe import too_large
from cnnstudio.ui.results import Result, changes_in, epoch_result
from cnnstudio.ui.run_folders import RunFolder, Unfinished, kept_curve
from cnnstudio.ui.sheet import Document, Sheet
from cnnstudio.ui.snapshot_view import SnapshotView
from cnnstudio.ui.training_run import TrainingRun
from cnnstudio.ui.views import not_drawn
from cnnstudio.ui.worker import Failure, Job

SETTLE = 400
"""Milliseconds without another edit before a changed setting goes to the run: a dragged number
passes many values that nobody means."""

LOWER = 10.0
"""By what the learning rate is divided when a run goes back from a loss that ran away."""


class Steering(SnapshotView):
    """Training as it can be watched and steered; the run has a document, which may be put aside.

    While a run goes on its document is locked, but for what may be changed while it runs. A copy
    of it may be edited meanwhile: then `aside` is the run's document.
    """

    progress_changed = Signal()
    training_changed = Signal()
    diagnosis_changed = Signal()
    """A look has been taken, see `diagnosis` and `norms`; at most once a second."""
    findings_changed = Signal()
    """Something else ails the network than before; see `diagnosis`."""
    changes_changed = Signal()
    """A setting was changed while the run went on; see `changes`."""
    run_ended = Signal(object)
    """A run has come to its end, well or badly; carries an EndedRun."""
    aside_changed = Signal()
    """A document was put aside, or came back; see `aside`."""
    restarted = Signal()
    """Another document has taken the place of the one before; comes last."""

    def __init__(self, parent: QObject | None, threads: int) -> None:
        super().__init__(parent)
        self.threads = threads
        self.progress: Progress | None = None
        self.aside: Sheet | None = None
        self._run_sheet: Sheet | None = None
        self._run_base: Result | None = None
        self.run_so_far: RunSoFar | None = None
        """The run that goes on; None while there is none."""
        self._told = Noted()
        self._run = TrainingRun(self)
        self._run.state_changed.connect(self._tell_state)
        self._run.stepped.connect(self._take_steps)
        self._run.weights_came.connect(self._take_weights)
        self._run.failed.connect(self._tell_failure)
        self._run.noted.connect(self._take_noted)
        self._pending: dict[str, Any] = {}
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self._send_changes)

    # ---- which document is which

    @property
    def editing_copy(self) -> bool:
        """Whether the run's document is aside, and what is shown may be edited."""
        return self.aside is not None and self.aside is self._run_sheet

    @property
    def locked(self) -> bool:
        """Whether a training run of the document goes on or is paused, so that it cannot be edited.

        What may be changed all the same while it runs is in `engine.changes.LIVE`.
        """
        return self.training != "idle" and not self.editing_copy

    @property
    def run_title(self) -> str:
        """What the document of the run, or of the last one, is called."""
        return (self._run_sheet or self._sheet).title

    def edit_copy(self) -> None:
        """Go on editing in a copy, while the run goes on with its own document."""
        if not self.locked:
            return
        copy = self.aside or self._sheet.copy()
        self.aside = self._sheet
        self._show_sheet(copy)

    def show_aside(self) -> None:
        """Show the document that was put aside, and put this one aside."""
        if self.aside is not None:
            sheet, self.aside = self.aside, self._sheet
            self._show_sheet(sheet)

    def drop_aside(self) -> None:
        """Give the document up that was put aside, unless it is being trained; ask first."""
        if self.aside is not None and (self.training == "idle" or not self.editing_copy):
            self.aside = None
            self.aside_changed.emit()

    def branch(self, snapshot: Snapshot) -> bool:
        """Begin a copy of the document with the weights of `snapshot`; whether there is one now.

        The present document is put aside.
        """
        result = self._sheet.result
        if self.training != "idle" or self.aside is not None or result is None:
            words = "Training is going on: stop it first."
            if self.training == "idle":
                words = "A copy is open already: close it first."
            self.noticed.emit(Notice(words))
            return False
        copy = self._sheet.copy(f"{self._sheet.title} from epoch {snapshot.position:.2f}")
        copy.results.keep(copy.network, result.until(snapshot))
        self.aside = self._sheet
        self._show_sheet(copy)
        return True

    def _show_sheet(self, sheet: Sheet) -> None:
        """Make `sheet` the document that is shown."""
        self._sheet = sheet
        if self.training == "idle" and sheet is not self._run_sheet:
            self.progress = None
        self._network_replaced()
        for signal in (
            self.selection_changed,
            self.recipe_changed,
            self.progress_changed,
            self.changes_changed,
            self.diagnosis_changed,
            self.file_changed,
            self.aside_changed,
        ):
            signal.emit()
        if self.training != "idle":
            self.training_changed.emit()
        self.restarted.emit()

    def _refuse_when_locked(self) -> bool:
        if self.locked:
            offer = Offer("Edit a copy", self.edit_copy)
            self.noticed.emit(Notice(TRAINING, severity="info", offers=(offer,)))
        return self.locked

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

    @property
    def changes(self) -> tuple[tuple[float, str], ...]:
        """What was changed while the weights were trained: position in epochs, and words."""
        return tuple((each.position, each.words) for each in self.recipe_changes)

    @property
    def recipe_changes(self) -> tuple[Change, ...]:
        """The same with names and values."""
        return self._result.changes if self._result else ()

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Weights of the past of this network, the earliest first; see `engine.snapshots`."""
        return self._result.snapshots if self._result else ()

    @property
    def diagnosis(self) -> tuple[Finding, ...]:
        """What ails the network in training, by block; empty where nothing is known."""
        found = self._result.diagnosis if self._result else None
        return found.findings if found else ()

    @property
    def norms(self) -> tuple[BlockFigures, ...]:
        """Lengths of gradient, weights and update for every block, from the last look."""
        found = self._result.diagnosis if self._result else None
        return found.blocks if found else ()

    def start_over(self) -> None:
        """Give the trained weights up and go back to random ones."""
        if not self._refuse_when_locked() and self.trained:
            self._sheet.results.forget(self.network)
            self.progress = None
            self._run_sheet = None
            self._show_weights()
            self.progress_changed.emit()
            self.file_changed.emit()

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

    def repeat(self, threads: int, repeats: str) -> None:
        """Train the document as the kept run `repeats` was trained, with as many threads."""
        if self.training == "idle":
            self._start(paused=False, threads=threads, repeats=repeats)

    def set_recipe(self, recipe: Recipe, *, merge: bool = False) -> None:
        """Train by `recipe` from now on; while training only what may be changed then."""
        names = _differing(self.recipe, recipe)
        refused = [words for name in names if (words := changes.refusal(name))]
        if self.locked and refused:
            self.noticed.emit(Notice(f"Training is going on. {refused[0]}"))
            return
        self._record(Document(self.network, recipe), "Change the recipe", merge=merge)
        if self.locked:
            self._pending |= {name: getattr(recipe, name) for name in names}
            self._settle.start()

    def change(self, **values: Any) -> None:
        """Change settings of the run that goes on, after the present step."""
        self.set_recipe(self.recipe.with_values(**values))
        self._send_changes()

    def go_back(self) -> None:
        """Take the weights from before the loss ran away, and train on with a lower rate."""
        sheet = self._run_sheet
        if self.training == "idle" or sheet is None:
            self.noticed.emit(Notice("The run has ended, so that it cannot go back.", "", "info"))
            return
        self._send_changes()
        recipe = sheet.recipe
        rate = max(recipe.learning_rate / LOWER, 1e-8)
        document = Document(sheet.network, recipe.with_values(learning_rate=rate))
        sheet.history = sheet.history.record(document, "Lower the learning rate", merge=False)
        if sheet is self._sheet:
            self.recipe_changed.emit()
            self.file_changed.emit()
        self._run.go_back(rate)

    def pause(self) -> None:
        """Wait after the present step."""
        self._run.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._run.resume()

    def continue_run(self, run: Unfinished, found: Checkpoint) -> None:
        """Go on with an interrupted run, whose document is shown, as if it had never been."""
        if self.dataset is None or self.training != "idle":
            self.noticed.emit(Notice(self.train_refusal or TRAINING))
            return
        self.show_moment(None)
        project = found.run.project
        recipe = project.recipe.with_values(**run.recipe_changes)
        if recipe != self.recipe:
            self._record(Document(self.network, recipe), "Change the recipe", merge=False)
        epochs = tuple(map(epoch_result, (*project.history, *found.history)))
        weights, curve = found.state.arrays["run.weights"].copy(), kept_curve(found)
        result = Result(weights, epochs, curve, changes_in(project))
        self._sheet.results.keep(self.network, result)
        self._load_result()
        self.weights_changed.emit()
        folder = RunFolder(project, self.title, self.path, found, run.folder)
        threads = found.run.environment.threads
        before = len(project.history)
        self._begin(
            Job(
                self.network,
                project.recipe,
                self.dataset,
                threads,
                epochs_before=before,
                folder=folder,
                last=found,
                curve=curve.copy(),
            ),
            result,
            paused=False,
        )

    def step(self) -> None:
        """Train one batch, then be paused."""
        if self.training == "idle":
            self._start(paused=True)
        self._send_changes()
        self._run.step()

    def stop(self) -> None:
        """End the run after the present step and keep what was learned."""
        self._send_changes()
        self._run.stop()

    # ---- inside

    def _start(self, *, paused: bool, threads: int | None = None, repeats: str = "") -> None:
        refusal = self.train_refusal
        if refusal is not None or self.dataset is None:
            self.noticed.emit(Notice(refusal or ""))
            return
        result, sheet = self._sheet.result, self._sheet
        snapshots = result.snapshots if result else ()
        epochs = len(result.epochs) if result else 0
        project = sheet.snapshot().untrained()
        job = Job(
            self.network,
            self.recipe,
            self.dataset,
            threads or self.threads,
            result.weights if result else None,
            epochs,
            snapshots,
            RunFolder(project, sheet.title, sheet.path),
            curve=result.curve.copy() if result else None,
        )
        self._begin(job, result, paused=paused, repeats=repeats)

    def _begin(self, job: Job, result: Result | None, *, paused: bool, repeats: str = "") -> None:
        self.show_moment(None)
        self._run_sheet = self._sheet
        base = self._run_base = result or Result(self._viewer.weights())
        project = replace(self._sheet.snapshot().untrained(), recipe=job.recipe)
        self.run_so_far = RunSoFar(job, project, base.curve.step, len(base.changes), repeats)
        self._pending.clear()
        self._run.start(job, paused=paused)

    def _send_changes(self) -> None:
        """Let the run have what was changed."""
        self._settle.stop()
        if self._pending and self.training != "idle":
            self._run.change(self._pending)
        self._pending = {}

    def _run_result(self) -> Result | None:
        """What the run has made so far; its document may be aside."""
        return (self._run_sheet or self._sheet).result or self._run_base

    def _keep(self, result: Result) -> None:
        sheet = self._run_sheet or self._sheet
        sheet.results.keep(sheet.network, result)

    def _tell_state(self) -> None:
        self.training_changed.emit()
        if self.training == "idle":
            self._pending.clear()
            self.file_changed.emit()
            if self.editing_copy:
                self._tell_trained()
            self._end_run()

    def _end_run(self) -> None:
        run, self.run_so_far = self.run_so_far, None
        result = self._run_result()
        if run is not None and result is not None:
            self.run_ended.emit(run.end(result, self._run.failure))

    def _tell_trained(self) -> None:
        """The run has ended beside the copy that is edited; the bar of the copy opens it."""
        assert self.aside is not None
        epochs = self.aside.result.epochs if self.aside.result else ()
        words = f"Training \u201c{self.aside.title}\u201d has ended"
        if epochs:
            words += f" after epoch {epochs[-1].epoch:,}"
            if not np.isnan(epochs[-1].validation_accuracy):
                words += f" with {100 * epochs[-1].validation_accuracy:.2f} % right"
        self.noticed.emit(Notice(f"{words}.", severity="done"))
        self.progress = None
        self.progress_changed.emit()

    def _tell_failure(self, failure: Failure) -> None:
        self.noticed.emit(Notice(failure.sentence, failure.details))

    def _take_steps(self, steps: tuple[Progress, ...]) -> None:
        result = self._run_result() or Result(self._viewer.weights())
        self._keep(result.after(steps))
        self.progress = steps[-1]
        if self.run_so_far is not None:
            self.run_so_far.take_steps(steps)
        self.progress_changed.emit()
        if self.progress.ending:
            self.noticed.emit(Notice(self.progress.ending, severity="info"))

    def _take_weights(self, weights: np.ndarray) -> None:
        sheet = self._run_sheet or self._sheet
        if sheet.result is None:
            return
        self._keep(sheet.result.with_weights(weights))
        if sheet is self._sheet and self.moment is None:
            self._viewer.set_weights(weights)
            self.weights_changed.emit()

    def _take_noted(self, noted: Noted) -> None:
        """Take what is new besides steps and weights."""
        if self.run_so_far is not None:
            self.run_so_far.take_noted(noted)
        result, findings = self._run_result(), self.diagnosis
        if result is not None and (self._run_sheet or self._sheet).result is not None:
            before = self._run_base.changes if self._run_base else ()
            self._keep(result.with_noted(noted, before))
        if noted.diagnosis is not None:
            self.diagnosis_changed.emit()
        if self.diagnosis != findings:
            self.findings_changed.emit()
        if noted.changes is not None:
            self.changes_changed.emit()
        for words in noted.notes:
            self.noticed.emit(Notice(words, severity="warning"))
        if noted.alarm is not None:
            self._tell_alarm(noted.alarm)

    def _tell_alarm(self, alarm: Alarm) -> None:
        """Say why the run needs somebody, with the way back."""
        recipe = (self._run_sheet or self._sheet).recipe
        rate = max(recipe.learning_rate / LOWER, 1e-8)
        words = f"Go back to epoch {alarm.good_at:.2f} and train with {rate:g}"
        offers = (Offer(words, self.go_back),)
        severity = "error" if alarm.paused else "warning"
        self.noticed.emit(Notice(alarm.sentence, severity=severity, offers=offers))


def _differing(old: Recipe, new: Recipe) -> Sequence[str]:
    """The names of the settings that are not the same."""
    return [name for name in Recipe.declarations() if getattr(old, name) != getattr(new, name)]
