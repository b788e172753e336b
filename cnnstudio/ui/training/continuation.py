"""Going on with a run that ended with its window: its checkpoint, its document, its pictures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.engine import checkpoint, snapshot_files
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.parts.background import Background
from cnnstudio.ui.training.run_folders import Unfinished

LOOK_INTERVAL = 50
"""Milliseconds between two looks at a checkpoint that is being read."""

Kept = tuple[Checkpoint, tuple[Snapshot, ...]]
"""A run on the disk, and its snapshots up to then."""


class Continuation(QObject):
    """Goes on with one run at a time.

    `begun` comes just before the run goes on; `ended` when it does not, with True where it cannot
    and False where the person kept another document.
    """

    begun = Signal()
    ended = Signal(bool)

    def __init__(self, session: Session, documents: Documents, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._documents = session, documents
        self._run: Unfinished | None = None
        self._job: Background[Kept | None] | None = None
        self._loaded: Kept | None = None
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a run is about to go on."""
        return self._run is not None

    def go_on(self, run: Unfinished) -> None:
        """Read the checkpoint in a thread; when it is there, go on with it."""
        if not self.busy:
            self._run = run
            self._job = Background(partial(_read, run.folder))
            self._timer.start()

    def close_and_wait(self) -> None:
        """Wait for a checkpoint that is being read, and do nothing with it."""
        self._timer.stop()
        if self._job is not None:
            self._job.join()
            self._job = None

    def _look(self) -> None:
        """Go on when the checkpoint is there and, after it has brought its document, the data."""
        job, run = self._job, self._run
        if run is None or (job is not None and not job.done):
            return
        if job is not None:
            self._job = None
            self._loaded = job.result
            if self._loaded is None:
                self._end(job.failure.sentence if job.failure else "Its checkpoint has gone.")
                return
            if not self._open_document(run, self._loaded[0]):
                self._end("")
                return
        if self._loaded is not None:
            self._go_on(run, self._loaded)

    def _go_on(self, run: Unfinished, kept: Kept) -> None:
        """Continue when the pictures are there; not when they never will be."""
        session, project = self._session, kept[0].run.project
        if (session.network, session.data_name) != (project.network, project.data):
            self._end("")  # another document was opened meanwhile
        elif session.data_failure:
            self._end(session.data_failure)
        elif session.dataset is not None:
            self._rest()
            self.begun.emit()
            session.continue_run(run, *kept)

    def _open_document(self, run: Unfinished, found: Checkpoint) -> bool:
        """Show the document of the run, unless it is there; whether it is."""
        if run.belongs_to(self._session.snapshot().untrained()):
            return True
        project = found.run.project
        return self._documents.show_recovered(project, run.origin, run.written)

    def _end(self, sentence: str) -> None:
        title = self._run.title if self._run else ""
        self._rest()
        if sentence:
            words = f"The run of “{title}” cannot be continued. {sentence}"
            self._session.noticed.emit(Notice(words))
        self.ended.emit(bool(sentence))

    def _rest(self) -> None:
        self._timer.stop()
        self._run = self._loaded = None


def _read(folder: Path) -> Kept | None:
    """What is kept in a run's folder, None where there is nothing; raises CnnFileError."""
    found = checkpoint.load(folder)
    if found is None:
        return None
    state, steps = found.state.arrays["run.weights"], Curve.kept(found.curve).step
    return found, snapshot_files.load(folder, state, steps)
