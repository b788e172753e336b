"""Autosave: a copy of unsaved work, written in the background while one works and trains."""

from __future__ import annotations

import contextlib
import time
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.ui.document.recovery_files import Orphan, Slot
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.document.snapshot import Snapshot
from cnnstudio.ui.training.worker import CLOSE_TIMEOUT, Background, Failure

IDLE = 2.0
"""Seconds without an edit, or since an epoch ended, after which the copy is written."""
LONGEST = 10.0
"""Seconds after which it is written although edits go on."""
WHILE_TRAINING = 30.0
"""Seconds of training after which it is written although the epoch has not ended."""
AFTER_FAILURE = 60.0
"""Seconds after which a failed writing is tried again."""
RESTS_PER_WRITING = 10
"""After writing there is a rest of so many times as long: large weights take their time."""

LOOK_INTERVAL = 25
"""Milliseconds between two looks at a writing that goes on."""


class Autosave(QObject):
    """Watches a session and keeps the copy in `slot` as new as its document.

    The person's own file is never touched. `saved` carries when the present copy was written, None
    when there is none. A failure is told once, and tried again.
    """

    saved = Signal(object)

    def __init__(self, session: Session, parent: QObject, slot: Slot | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._slot = slot or Slot()
        self._job: Background[bool] | None = None
        self._begun = self._rest_until = 0.0
        self._writing: Snapshot | None = None
        self._written: Snapshot | None = None
        self._since: float | None = None
        self._epochs = 0
        self._has_failed = False
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.timeout.connect(self._write)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_INTERVAL)
        self._look.timeout.connect(self._take_result)
        session.file_changed.connect(self._take_edit)
        session.progress_changed.connect(self._take_progress)

    @property
    def is_writing(self) -> bool:
        """Whether the copy is being written."""
        return self._job is not None

    def adopt(self, orphan: Orphan) -> None:
        """Take the copy that was just recovered over as this window's; raises OSError."""
        if not self._finish():
            raise TimeoutError("another copy is still being written")
        self._slot.adopt(orphan)
        self._written = None
        self.saved.emit(orphan.written)

    def close(self) -> None:
        """Remove the copy and stop: the document was saved or given up.

        A copy that a slow disk still writes after a while stays, and is offered at the next start.
        """
        self._due.stop()
        self._look.stop()
        job, self._job = self._job, None
        self._written = self._since = None
        if job is not None:
            job.join(CLOSE_TIMEOUT)
            if not job.done:
                return
        with contextlib.suppress(OSError):
            self._slot.release()

    # ---- when to write

    def _take_edit(self) -> None:
        self._epochs = len(self._session.epochs)
        if self._session.modified:
            self._plan_soon()
        else:
            self._due.stop()
            self._since = None
            if self._job is None:
                self._clear()

    def _take_progress(self) -> None:
        """Training writes after every epoch, or now and then within a long one."""
        epochs = len(self._session.epochs)
        if epochs != self._epochs:
            self._epochs = epochs
            self._plan_soon()
        elif self._session.locked and not self._due.isActive():
            self._since = time.monotonic()
            self._plan(self._since + WHILE_TRAINING)

    def _plan_soon(self) -> None:
        if self._written is not None and self._session.snapshot().shows_same(self._written):
            return
        now = time.monotonic()
        if self._since is None:
            self._since = now
        self._plan(min(now + IDLE, self._since + LONGEST))

    def _plan(self, due: float) -> None:
        seconds = max(due, self._rest_until) - time.monotonic()
        self._due.start(max(0, round(1000 * seconds)))

    # ---- writing

    def _write(self) -> None:
        self._due.stop()
        if not self._session.modified or self._job is not None:
            return  # a job that runs plans the next when it has ended
        self._since = None
        self._writing = self._session.snapshot()
        self._begun = time.monotonic()
        self._job = Background(partial(self._slot.write, self._writing))
        self._look.start()

    def _finish(self) -> bool:
        """Wait for a writing that goes on; whether none does any more."""
        if self._job is not None:
            self._job.join(CLOSE_TIMEOUT)
            self._take_result()
        return self._job is None

    def _take_result(self) -> None:
        job = self._job
        if job is None or not job.done:
            return
        self._look.stop()
        self._job = None
        now = time.monotonic()
        if job.failure is not None:
            self._rest_until = now + AFTER_FAILURE
            self._tell(job.failure)
        else:
            self._rest_until = now + RESTS_PER_WRITING * (now - self._begun)
            self._has_failed = False
            self._written = self._writing
            if job.result:
                self.saved.emit(datetime.now())
        self._go_on()

    def _go_on(self) -> None:
        """Look whether the document was saved or edited while its copy was written."""
        if not self._session.modified:
            self._clear()
        elif not self._session.locked:
            self._plan_soon()

    def _clear(self) -> None:
        self._written = None
        try:
            self._slot.clear()
        except OSError as error:
            self._tell(Failure(f"The autosaved copy cannot be removed: {error.strerror}."))
        self.saved.emit(None)

    def _tell(self, failure: Failure) -> None:
        if not self._has_failed:
            words = f"Autosave does not work, so save often. {failure.sentence}"
            self._session.noticed.emit(Notice(words, failure.details, "warning"))
        self._has_failed = True
