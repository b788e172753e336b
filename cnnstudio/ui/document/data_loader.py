"""Loads the document's pictures in the background; the maps appear when they are there."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.training.worker import Background

LOOK_INTERVAL = 20
"""Milliseconds between two looks at the pictures being read."""

CLOSE_TIMEOUT = 1.0
"""Seconds that closing waits for pictures that nobody wants any more."""


class DataLoader(QObject):
    """Gives the session the data set that its document names, now and whenever another is shown.

    Pictures that could not be read are tried again with the next document.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._wanted = ""
        self._job: Background[Dataset] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)
        session.restarted.connect(self.load)

    def load(self) -> None:
        """Begin to read the data set, unless it is there or on its way; drop what was wanted."""
        name = self._session.data_name
        if name == self._wanted and not self._session.data_failure:
            return
        self._wanted = name
        self._session.set_dataset(None)
        self._job = Background(partial(datasets.load, name))
        self._timer.start()

    def finish(self) -> None:
        """Wait until the pictures are there."""
        if self._job is not None:
            self._job.join()
        self._look()

    def stop(self) -> None:
        """Want nothing any more; a thread that reads long is left to end by itself."""
        self._timer.stop()
        if self._job is not None:
            self._job.join(CLOSE_TIMEOUT)
            self._job = None

    def _look(self) -> None:
        job = self._job
        if job is None or not job.done:
            return
        self._job = None
        self._timer.stop()
        if job.result is not None:
            self._session.set_dataset(job.result)
        elif job.failure is not None:
            sentence, details = job.failure.sentence, job.failure.details
            self._session.set_dataset(None, sentence)
            self._session.noticed.emit(Notice(sentence, details, until="other document"))
