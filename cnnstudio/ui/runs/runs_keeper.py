"""Keeps every run that has ended, with what its network makes of the test images; in a thread."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.model import named_weights
from cnnstudio.engine.run import Pictures, fingerprint
from cnnstudio.errors import CnnFileError, CnnStudioError
from cnnstudio.network import check
from cnnstudio.network.project_file import Project
from cnnstudio.runs import continuing, keeping
from cnnstudio.runs.outcome import reckon
from cnnstudio.runs.record import KeptRun, Outcome
from cnnstudio.runs.reproduction import Reproduction
from cnnstudio.runs.store import RunStore
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.parts.errands import Errands
from cnnstudio.ui.runs.runs_rows import RunRow, row_of
from cnnstudio.ui.training.ended_run import EndedRun
from cnnstudio.ui.training.worker import Failure, give_way

PATIENCE = 3.0
"""Seconds that closing waits for the test images; after that a run is kept without them."""

CLOSE_TIMEOUT = 10.0
"""Seconds that closing waits for a run to be written, in all."""


@dataclass(frozen=True)
class _Kept:
    """A run that has been kept; `verdict` where it was to repeat another."""

    row: RunRow
    verdict: Reproduction | None


class RunsKeeper(QObject):
    """Writes what `session.run_ended` tells to `store`, one run after the other.

    `kept` carries the RunRow of a run that is in the store now.
    """

    kept = Signal(object)

    def __init__(self, session: Session, store: RunStore, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._store = session, store
        self._pictures: tuple[Dataset, int, Pictures] | None = None
        self._hurries = False
        self._errands = Errands(self)
        session.run_ended.connect(self._keep)

    @property
    def busy(self) -> bool:
        """Whether a run is being written."""
        return self._errands.busy

    def close_and_wait(self) -> None:
        """Wait until all runs are written, but not for long."""
        begin = time.monotonic()
        if not self._errands.finish(PATIENCE):
            self._hurries = True
            self._errands.finish(CLOSE_TIMEOUT - (time.monotonic() - begin))
        self._errands.drop()

    def _keep(self, ended: EndedRun) -> None:
        if ended.is_worth_keeping:
            self._errands.run(partial(self._write, ended), self._take, self._tell)

    def _take(self, kept: _Kept) -> None:
        self.kept.emit(kept.row)
        if kept.verdict is not None:
            severity = "done" if kept.verdict.same else "warning"
            self._session.noticed.emit(
                Notice(kept.verdict.sentence, severity=severity, until="next run")
            )

    def _tell(self, failure: Failure) -> None:
        self._session.noticed.emit(Notice(failure.sentence, failure.details))

    # ---- in the thread

    def _write(self, ended: EndedRun) -> _Kept:
        give_way()
        run, verdict = self._judged(self._kept_run(ended))
        return _Kept(row_of(continuing.keep(run, self._store)), verdict)

    def _kept_run(self, ended: EndedRun) -> KeptRun:
        run, job = ended.run, ended.run.job
        weights = named_weights(check(job.network), ended.result.weights)
        trained_by = ended.result.recipe
        project = dataclasses.replace(
            ended.project_untrained,
            weights=weights,
            trained_by=trained_by,
            curve=ended.curve,
        )
        return keeping.kept_run(
            project,
            ended.points,
            self._outcome(project, job.dataset),
            begun=run.start.begun,
            seconds=ended.seconds,
            ending=ended.ending,
            threads=job.threads,
            epochs_before=job.epochs_before,
            pretrained=not run.start.fresh,
            pictures=self._fingerprint(job.dataset, job.recipe.validation),
            changes=ended.changes,
            fault=ended.fault,
            repeats=run.start.repeats,
        )

    def _outcome(self, project: Project, dataset: Dataset) -> Outcome | None:
        """What it makes of the test images; None where they do not go with it."""
        try:
            return reckon(project, "test", dataset.test, lambda: not self._hurries)
        except CnnStudioError:
            return None

    def _fingerprint(self, dataset: Dataset, validation: int) -> Pictures:
        """That of the last pictures is at hand."""
        known = self._pictures
        if known is None or known[0] is not dataset or known[1] != validation:
            known = self._pictures = dataset, validation, fingerprint(*dataset.split(validation))
        return known[2]

    def _judged(self, run: KeptRun) -> tuple[KeptRun, Reproduction | None]:
        """The run, and whether it repeats what it was to repeat; None where that is gone."""
        if not run.facts.repeats:
            return run, None
        try:
            return keeping.judged(run, self._store.load(run.facts.repeats))
        except CnnFileError:
            return run, None
