"""A copy on the disk of the document that was put aside, so that a crash does not lose it."""

from __future__ import annotations

import contextlib
from functools import partial

from PySide6.QtCore import QObject, QTimer

from cnnstudio.ui.document.recovery_files import Slot
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.parts.background import Background

LOOK_INTERVAL = 100
"""Milliseconds between two looks at a copy that is being written."""


class AsideCopy(QObject):
    """Writes the document when it is put aside and when its run has ended.

    While it is aside only the run changes it, which leaves checkpoints of its own.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._slot = session, Slot()
        self._job: Background[bool] | None = None
        self._again = False
        self._look = QTimer(self, interval=LOOK_INTERVAL)
        self._look.timeout.connect(self._take_result)
        session.aside_changed.connect(self._write)
        session.training_changed.connect(self._take_training)

    def close(self) -> None:
        """Remove the copy: the document was saved or given up."""
        self._look.stop()
        if self._job is not None:
            self._job.join()
            self._job = None
        with contextlib.suppress(OSError):
            self._slot.release()

    def _take_training(self) -> None:
        if self._session.training == "idle" and self._session.aside is not None:
            self._write()

    def _write(self) -> None:
        """Make the copy that of the present document aside, or have none."""
        if self._job is not None:
            self._again = True
            return
        aside = self._session.aside
        if aside is None or not aside.modified:
            with contextlib.suppress(OSError):
                self._slot.clear()
            return
        self._job = Background(partial(self._slot.write, aside.snapshot()))
        self._look.start()

    def _take_result(self) -> None:
        job = self._job
        if job is None or not job.done:
            return
        self._look.stop()
        self._job = None
        if job.failure is not None:
            words = f"The document that is aside cannot be autosaved. {job.failure.sentence}"
            self._session.noticed.emit(Notice(words, job.failure.details, "warning"))
        if self._again:
            self._again = False
            self._write()
