"""Picture files read beside the window, one at a time."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.errors import DataError
from cnnstudio.ui.drawing import picture_files
from cnnstudio.ui.training.worker import Background

POLL_INTERVAL = 20
"""Milliseconds between two looks whether a file has been read."""


class PictureLoader(QObject):
    """Reads files: `loaded` gives the picture (H, W, 1 or 3), `failed` the sentence why not.

    PNG, PGM and PPM files are read in a thread; Qt reads the others at once, in the size wanted. Of
    files that come while one is being read the last one follows.
    """

    loaded = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._reading: Background[NDArray[np.uint8]] | None = None
        self._waiting: Path | None = None
        self._poll = QTimer(self, interval=POLL_INTERVAL)
        self._poll.timeout.connect(self._take)

    def load(self, path: Path) -> None:
        """Read the file."""
        if self._reading is not None:
            self._waiting = path
        elif picture_files.is_plain(path):
            self._reading = Background(partial(picture_files.read_plain, path))
            self._poll.start()
        else:
            self._read_by_qt(path)

    def _read_by_qt(self, path: Path) -> None:
        try:
            picture = picture_files.read_by_qt(path)
        except DataError as error:
            self.failed.emit(str(error))
        else:
            self.loaded.emit(picture)

    def _take(self) -> None:
        """Look whether the file has been read."""
        reading = self._reading
        if reading is None or not reading.done:
            return
        self._poll.stop()
        self._reading = None
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self.load(waiting)
        elif reading.result is not None:
            self.loaded.emit(reading.result)
        elif reading.failure is not None:
            self.failed.emit(reading.failure.sentence)
