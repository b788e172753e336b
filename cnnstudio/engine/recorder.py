"""Writes the checkpoints of a run while it trains, every so often."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine import checkpoint
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.run import Run
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import CnnFileError

EVERY = 30.0
"""Seconds of work that a killed process may lose at most, beside the step that it is in."""


class Recorder:
    """Writes to `folder` at the end of every epoch and `every` so many seconds between.

    With a `share` less often: no more than this share of the time goes into writing.
    `last` is the checkpoint that the run goes on from. The folder is made at once; raises
    CnnFileError when nothing can be written there.
    """

    def __init__(
        self,
        folder: Path,
        run: Run,
        last: Checkpoint | None = None,
        every: float = EVERY,
        share: float = 1.0,
    ) -> None:
        checkpoint.prepare(folder)
        self._folder, self._run, self._every = folder, run, every
        self._number = 0 if last is None else last.number
        self._place = (0, 0, 0) if last is None else (last.epoch, last.step, _changes_in(last))
        self._began = time.monotonic()
        self._share, self._rest = share, 0.0
        self._failed = False

    def look(
        self,
        trainer: Trainer,
        progress: Progress,
        history: Sequence[Mapping[str, Any]],
        curve: Callable[[], NDArray[np.float64]] | None = None,
    ) -> bool:
        """Write if it is time, and whether it was; `history` has the run's finished epochs.

        `curve` gives what is kept beside them, see `Checkpoint`; it is asked only for writing.
        A disk that is full need not end the run: CnnFileError is raised the first time only, and
        writing is tried again at the next time.
        """
        waited = time.monotonic() - self._began
        if waited < self._rest or (progress.finished_epoch is None and waited < self._every):
            return False
        return self.write(trainer, progress, history, curve)

    def write(
        self,
        trainer: Trainer,
        progress: Progress,
        history: Sequence[Mapping[str, Any]],
        curve: Callable[[], NDArray[np.float64]] | None = None,
    ) -> bool:
        """Write now, unless that step is written already as it is; whether it is there.

        Raises CnnFileError as `look` does.
        """
        # After a change the same step is another: its number may come again with other batches.
        place = (progress.epoch, progress.step, len(trainer.changes))
        if place == self._place:
            return True
        started = time.monotonic()
        epoch, step, _ = place
        number = self._number + 1
        made = (epoch, step, tuple(history), number)
        points = None if curve is None else curve()
        whole = Checkpoint(self._run, trainer.state(), *made, curve=points)
        try:
            checkpoint.save(self._folder, whole)
        except CnnFileError:
            if not self._failed:
                self._failed = True
                raise
            return False
        else:
            self._number, self._place = number, place
            return True
        finally:
            self._began = time.monotonic()
            self._rest = (self._began - started) / self._share - (self._began - started)


def _changes_in(last: Checkpoint) -> int:
    """How many changes the run had seen at its last checkpoint; `Trainer.restore` checks them."""
    return len(last.state.facts.get("run", {}).get("changes", ()))
