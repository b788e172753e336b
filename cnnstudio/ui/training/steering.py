"""How a run is started, steered and ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer

from cnnstudio.engine import changes
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.network import Recipe
from cnnstudio.ui.document import readiness
from cnnstudio.ui.document.edits import TRAINING
from cnnstudio.ui.document.reasons import no_pictures, undrawn
from cnnstudio.ui.document.results import Result, changes_in, epoch_result
from cnnstudio.ui.frame.notice import Notice, Until
from cnnstudio.ui.inspector.setting_words import differing, step_words
from cnnstudio.ui.training.ended_run import RunSoFar
from cnnstudio.ui.training.run_folders import RunFolder, Unfinished
from cnnstudio.ui.training.run_news import RunNews
from cnnstudio.ui.training.run_start import RunStart, starting
from cnnstudio.ui.training.worker import Job
from cnnstudio.ui.typography import pretty

SETTLE = 400
"""Milliseconds without another edit before a changed setting goes to the run: a dragged number
passes many values that nobody means."""


class Steering(RunNews):
    """Training from the present weights: start, pause, step, change, go back, continue, stop."""

    def __init__(self, parent: QObject | None, threads: int) -> None:
        super().__init__(parent)
        self.threads = threads
        self._pending: dict[str, Any] = {}
        self._settle = QTimer(self, singleShot=True, interval=SETTLE)
        self._settle.timeout.connect(self._send_changes)

    @property
    def train_refusal(self) -> str | None:
        """Why training cannot start, in one sentence; None when it can."""
        if self.dataset is None:
            return no_pictures(self)
        reason = readiness.refusal(self.network, self.report, self.dataset)
        return pretty(reason or "") or undrawn(self) or None

    def train(self) -> None:
        """Start training from the present weights, or go on when paused."""
        if self.training == "idle":
            self._start(paused=False)
        else:
            self._send_changes()
            self._run.resume()

    def repeat(self, threads: int, repeats: str) -> None:
        """Train the document as the kept run `repeats` was trained, with as many threads."""
        if self.training == "idle":
            self._start(paused=False, threads=threads, repeats=repeats)

    def set_recipe(self, recipe: Recipe, *, merge: bool = False) -> None:
        """Train by `recipe` from now on; while training only what may be changed then."""
        names = differing(self.recipe, recipe)
        refused = [words for name in names if (words := changes.refusal(name))]
        if self.locked and refused:
            self.noticed.emit(Notice(f"Training is going on. {refused[0]}", until="end of run"))
            return
        self._record_recipe(recipe, merge=merge)
        if self.locked:
            self._pending |= {name: getattr(recipe, name) for name in names}
            self._settle.start()

    def take_run_recipe(self) -> None:
        """Train by the recipe of the last run again."""
        recipe = self.run_recipe
        if recipe is not None and not self._refuse_when_locked():
            words = "Take the run's recipe back"
            self._record(self.history.document._replace(recipe=recipe), words, merge=False)

    def go_back(self) -> None:
        """Take the weights from before the loss ran away, and train on with a safer rate."""
        sheet, alarm = self._run_sheet, self.alarm
        if alarm is None or sheet is None or self.run_so_far is None:
            return  # the run is as good again, or has ended
        self.run_so_far.alarm = None
        self.alarm_changed.emit()
        self._send_changes()
        recipe = sheet.recipe
        lower = recipe.with_values(learning_rate=alarm.rate)
        document = sheet.history.document._replace(recipe=lower)
        words = step_words(recipe, lower)
        sheet.history = sheet.history.record(document, words)
        if sheet is self._sheet:
            self.recipe_changed.emit()
            self.file_changed.emit()
        self._run.go_back(alarm.rate)

    def pause(self) -> None:
        """Wait after the present step."""
        self._run.pause()

    def continue_run(
        self, run: Unfinished, found: Checkpoint, snapshots: tuple[Snapshot, ...] = ()
    ) -> None:
        """Go on with an interrupted run, whose document is shown, as if it had never been."""
        if self.dataset is None or self.training != "idle":
            reason = self.train_refusal
            until: Until = "next run" if reason else "unlocked"
            self.noticed.emit(Notice(reason or TRAINING, until=until))
            return
        self.show_moment(None)
        project = found.run.project
        recipe = project.recipe.with_values(**run.recipe_changes)
        if recipe != self.recipe:
            self._record_recipe(recipe)
        epochs = tuple(map(epoch_result, (*project.history, *found.history)))
        weights, curve = found.state.arrays["run.weights"].copy(), Curve.kept(found.curve)
        result = Result(weights, epochs, curve, changes_in(project), snapshots)
        findings = self.diagnosis
        self._sheet.results.keep(self.network, result)
        self._tell_diagnosis(findings)
        self._load_result()
        self.weights_changed.emit()
        start = run.start if run.start.begun else starting(steps=0, fresh=False)
        folder = RunFolder(project, self.title, self.path, found, run.folder, start=start)
        threads = found.run.environment.threads
        before = len(project.history)
        self._begin(
            Job(
                self.network,
                project.recipe,
                self.dataset,
                threads,
                epochs_before=before,
                snapshots=snapshots,
                folder=folder,
                last=found,
                curve=curve.copy(),
            ),
            result,
            start,
            paused=False,
        )
        assert self.run_so_far is not None
        self.run_so_far.epochs += epochs[before:]

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

    def start_over(self) -> None:
        """Give the trained weights up and go back to random ones."""
        if not self._refuse_when_locked() and self.trained:
            findings = self.diagnosis
            self._sheet.results.forget(self.network)
            self.progress = None
            self._run_sheet = None
            self._show_weights()
            self._tell_diagnosis(findings)
            self.progress_changed.emit()
            self.file_changed.emit()

    # ---- inside

    def _start(self, *, paused: bool, threads: int | None = None, repeats: str = "") -> None:
        refusal = self.train_refusal
        if refusal is not None or self.dataset is None:
            self.noticed.emit(Notice(refusal or "", until="next step"))
            return
        result, sheet = self._sheet.result, self._sheet
        snapshots = result.snapshots if result else ()
        epochs = len(result.epochs) if result else 0
        project = sheet.snapshot().untrained()
        steps = result.curve.step if result else 0
        start = starting(steps=steps, fresh=result is None, repeats=repeats)
        job = Job(
            self.network,
            self.recipe,
            self.dataset,
            threads or self.threads,
            result.weights if result else None,
            epochs,
            result.curve.begun(epochs) if result else 0.0,
            snapshots,
            RunFolder(project, sheet.title, sheet.path, start=start),
            curve=result.curve.copy() if result else None,
        )
        self._begin(job, result, start, paused=paused)

    def _begin(self, job: Job, result: Result | None, start: RunStart, *, paused: bool) -> None:
        self.show_moment(None)
        self._run_sheet = self._sheet
        base = self._run_base = result or Result(self._viewer.weights())
        project = replace(self._sheet.snapshot().untrained(), recipe=job.recipe)
        self.run_so_far = RunSoFar(job, project, start, len(base.changes))
        self._pending.clear()
        self._run.start(job, paused=paused)

    def _send_changes(self) -> None:
        """Let the run have what was changed."""
        self._settle.stop()
        if self._pending and self.training != "idle":
            self._run.change(self._pending)
        self._pending = {}

    def _forget_changes(self) -> None:
        self._pending.clear()
