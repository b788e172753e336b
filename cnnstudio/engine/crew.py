"""Who computes a batch: the lanes as threads or as processes, whichever is faster here."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from cnnstudio.engine.contest import Contest
from cnnstudio.engine.lane import Batch, Lane
from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.losses import Score
from cnnstudio.engine.parallel import MOST_THREADS
from cnnstudio.engine.processes import Processes

if TYPE_CHECKING:
    from cnnstudio.engine.model import Model

Lanes = Literal["threads", "processes", "fastest"]
"""What the lanes of a model are; "fastest" begins with threads and tries processes in longer runs.

All give the same bits. Processes import the program's main module, which must do nothing then
(`if __name__ == "__main__"`), so only a program whose main module is known to be so asks for them.
"""

WORTH_STARTING = 15.0
"""Seconds of computing after which processes are started: the run is then likely to last, and the
second that starting and trying them costs is little of it."""

PATIENCE = 60.0
"""Seconds that the first step waits for processes where they are wanted from the beginning."""

Found = tuple[list[Score], list[Array]]
"""The score and the gradient of each lane."""


class Crew:
    """Computes batches in threads or in processes, as `model.lanes` says.

    Processes that cannot be started, or that end before their time, are done without: the threads
    make the same step, once more if need be.
    """

    def __init__(self, model: Model, own: Lane) -> None:
        self._model, self._own = model, own
        self._processes: Processes | None = None
        self._begin()

    def _begin(self) -> None:
        self._spent = 0.0
        self._ready = False
        self._contest = Contest() if self._model.lanes == "fastest" else None
        self._hopeful = self._may_start()

    def _may_start(self) -> bool:
        """Whether it makes sense; lanes that meet in a step, for batch norm, do so as threads."""
        model = self._model
        few = 1 < model.threads <= MOST_THREADS  # each takes some 50 MiB
        possible = model.shared_state is not None and not model.statistics
        return few and possible and multiprocessing.parent_process() is None

    def rest(self) -> None:
        """End the processes; a later batch begins anew."""
        self._give_up()
        self._begin()

    def _give_up(self) -> None:
        """Go on with threads alone."""
        self._hopeful = False
        if self._processes is not None:
            self._processes.close()
            self._processes = None

    def compute(self, batch: Batch, in_threads: Callable[[Batch], Found]) -> Found:
        """The score and the gradient of each lane."""
        if not self._hopeful:
            return in_threads(batch)
        started = time.perf_counter()
        found = by_processes = self._in_processes(batch)
        if found is None:
            found = in_threads(batch)
        self._note(time.perf_counter() - started, by_processes=by_processes is not None)
        return found

    def _in_processes(self, batch: Batch) -> Found | None:
        """What the processes find, or None when this batch is for the threads."""
        try:
            if self._processes is None:
                self._start(batch)
            if self._processes is None or not self._are_due(batch, self._processes):
                return None
            return self._processes.compute(batch), self._processes.vectors
        except Exception:  # noqa: BLE001 (an error of the step itself is met again in a thread)
            self._give_up()
            return None
        except BaseException:
            self._give_up()  # an answer may still be on its way, which would be taken for another
            raise

    def _start(self, batch: Batch) -> None:
        """Start the processes when it is time; they get ready while the threads go on."""
        at_once = self._contest is None
        if at_once or self._spent >= WORTH_STARTING:
            assert self._model.shared_state is not None
            self._processes = Processes(self._model, self._own, self._model.shared_state, batch)
            self._ready = self._processes.ready(PATIENCE if at_once else 0.0)

    def _are_due(self, batch: Batch, processes: Processes) -> bool:
        """Whether it is their turn, and they can take it."""
        self._ready = self._ready or processes.ready()
        due = self._contest is None or self._contest.newcomers_turn
        return self._ready and due and processes.can_take(batch)

    def _note(self, seconds: float, *, by_processes: bool) -> None:
        """A step took so long; decide when enough is known."""
        self._spent += seconds
        contest = self._contest
        if contest is None or not self._ready or by_processes != contest.newcomers_turn:
            return
        contest.note(seconds)
        if contest.won is not None:
            self._contest = None
            if not contest.won:
                self._give_up()
