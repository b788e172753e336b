"""What a run tells while it goes on, put with its document, and told on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from cnnstudio.engine.diagnosis import Finding
from cnnstudio.engine.trainer import Progress
from cnnstudio.ui.document.results import Result
from cnnstudio.ui.frame.notice import Notice, Offer
from cnnstudio.ui.training.ended_run import RunSoFar
from cnnstudio.ui.training.observation import Alarm, Noted
from cnnstudio.ui.training.run_documents import RunDocuments
from cnnstudio.ui.training.worker import Failure


class RunNews(RunDocuments):
    """Takes steps, weights, figures and alarms of the run, for the document that it trains."""

    findings_changed = Signal()
    """Something else ails the network than before; see `diagnosis`."""
    alarm_changed = Signal()
    """The run has run away, or is as good again as before; see `alarm`."""
    run_ended = Signal(object)
    """A run has come to its end, well or badly; carries an EndedRun."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._run_base: Result | None = None
        self.run_so_far: RunSoFar | None = None
        """The run that goes on; None while there is none."""
        self._run.state_changed.connect(self._tell_state)
        self._run.stepped.connect(self._take_steps)
        self._run.weights_came.connect(self._take_weights)
        self._run.failed.connect(self._tell_failure)
        self._run.noted.connect(self._take_noted)

    @property
    def alarm(self) -> Alarm | None:
        """Why the run needs somebody, with the way back; None when it does not."""
        return self.run_so_far.alarm if self.run_so_far else None

    def go_back(self) -> None:
        """Take the weights from before the loss ran away, and train on with a safer rate."""
        raise NotImplementedError

    def _run_result(self) -> Result | None:
        """What the run has made so far; its document may be aside."""
        return (self._run_sheet or self._sheet).result or self._run_base

    def _keep(self, result: Result) -> None:
        sheet = self._run_sheet or self._sheet
        sheet.results.keep(sheet.network, result)

    def _by_recipe(self, result: Result) -> Result:
        """`result` with the recipe that the run trains by now."""
        run = self.run_so_far
        if run is None or result.recipe == run.recipe:
            return result
        return replace(result, recipe=run.recipe)

    def _tell_state(self) -> None:
        self.training_changed.emit()
        if self.training == "idle":
            self._forget_changes()
            self.file_changed.emit()
            if self.editing_copy:
                self._tell_trained()
            self._end_run()

    def _end_run(self) -> None:
        run, self.run_so_far = self.run_so_far, None
        self.alarm_changed.emit()
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
        self.noticed.emit(Notice(f"{words}.", severity="done", until="next run"))
        self.progress = None
        self.progress_changed.emit()

    def _tell_failure(self, failure: Failure) -> None:
        self.noticed.emit(Notice(failure.sentence, failure.details))

    def _take_steps(self, steps: tuple[Progress, ...]) -> None:
        result = self._run_result() or Result(self._viewer.weights())
        self._keep(self._by_recipe(result.after(steps)))
        self.progress = steps[-1]
        if self.run_so_far is not None:
            self.run_so_far.take_steps(steps)
        self.progress_changed.emit()
        if self.progress.ending:
            self.noticed.emit(Notice(self.progress.ending, severity="info", until="next run"))

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
        findings = self.diagnosis
        self._note(noted)
        if noted.diagnosis is not None:
            self._tell_diagnosis(findings)
        if noted.changes is not None:
            self.changes_changed.emit()
        for words in noted.notes:
            self.noticed.emit(Notice(words, severity="warning"))
        if noted.alarm is not None:
            self.alarm_changed.emit()
            if self.alarm is not None:
                self._tell_alarm(self.alarm)

    def _tell_diagnosis(self, findings: tuple[Finding, ...]) -> None:
        """Tell of another diagnosis in the place of one with these `findings`."""
        self.diagnosis_changed.emit()
        if self.diagnosis != findings:
            self.findings_changed.emit()

    def _note(self, noted: Noted) -> None:
        """Put it with the result, or before the first step with what the run begins with."""
        run, result = self.run_so_far, self._run_result()
        if run is None or result is None:
            return
        run.take_noted(noted)
        result = self._by_recipe(result.with_noted(noted, result.changes[: run.changes]))
        if (self._run_sheet or self._sheet).result is None:
            self._run_base = result
        else:
            self._keep(result)

    def _tell_alarm(self, alarm: Alarm) -> None:
        """Say why the run needs somebody, with the way back."""
        offers = (Offer(alarm.way_back, self.go_back),)
        severity = "error" if alarm.paused else "warning"
        self.noticed.emit(Notice(alarm.sentence, "", severity, offers, until="recovery"))

    def _forget_changes(self) -> None:
        """The run has ended: what it has not taken yet it takes no more."""
        raise NotImplementedError
