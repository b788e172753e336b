"""Threads over slices of a batch, with BLAS itself kept at one thread."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

MOST_THREADS = 8

Work = Callable[[int], None]
"""What a lane does; called with the lane's number."""

Answers = SimpleQueue[BaseException | None]
"""Where the lanes say that they are done, and how it went."""

Order = tuple[Work, Answers]


def default_threads() -> int:
    """The cores that this process may use, at most 8."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        cores = os.cpu_count() or 1
    return min(cores, MOST_THREADS)


@cache
def limit_blas() -> None:
    """One thread for BLAS in this process: two on two cores can take 600 times as long."""
    threadpool_limits(limits=1, user_api="blas")


def cut(count: int, lanes: int, largest: int) -> list[list[slice]]:
    """The slices of a batch of `count` images for each lane: even, at most `largest` images."""
    return [
        [
            slice(share.start + part.start, share.start + part.stop)
            for part in _parts(share, largest)
        ]
        for share in even(count, lanes)
    ]


def _parts(share: slice, largest: int) -> list[slice]:
    size = share.stop - share.start
    return even(size, -(-size // largest)) if size else []


def even(count: int, pieces: int) -> list[slice]:
    """`count` things as `pieces` slices, differing by at most one; empty ones come last."""
    size, larger = divmod(count, pieces)
    borders = [size * i + min(i, larger) for i in range(pieces + 1)]
    return [slice(a, b) for a, b in pairwise(borders)]


def quiet() -> np.errstate:
    """No warnings of NumPy about numbers that run away; the trainer looks at the loss itself."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


class Meeting:
    """Where the lanes of a batch add numbers up in the middle of a step, as batch norm must."""

    def __init__(self) -> None:
        self._barrier = threading.Barrier(1)
        self._brought: list[list[NDArray[Any]]] = [[], []]
        self._round: list[int] = []

    def begin(self, lanes: int) -> None:
        """Expect `lanes` lanes in every round of the coming step."""
        if self._barrier.parties != lanes or self._barrier.broken:
            self._barrier = threading.Barrier(lanes)
        self._brought = [[np.zeros(0)] * lanes, [np.zeros(0)] * lanes]
        self._round = [0] * lanes

    def total(self, lane: int, numbers: NDArray[Any]) -> NDArray[Any]:
        """The sum of what all lanes bring, always in their order; waits for the others.

        Two rounds have places of their own: who has reached a round has done with the one before
        the last.
        """
        if self._barrier.parties == 1:
            return numbers
        places = self._brought[self._round[lane] % 2]
        self._round[lane] += 1
        places[lane] = numbers
        self._barrier.wait()
        total: NDArray[Any] = np.add.reduce(np.stack(places), axis=0)
        return total

    def abandon(self) -> None:
        """Let nobody wait for a lane that has failed; the others fail too."""
        self._barrier.abort()


class Pool:
    """A few threads that work in lanes; lane 0 is the thread that calls.

    The threads are daemons, wait without using the processor, and end with the pool.
    """

    def __init__(self, threads: int) -> None:
        self.lanes = threads
        self._lock = threading.Lock()
        self._orders: list[SimpleQueue[Order | None]] = []
        self._process = 0

    def _start(self) -> None:
        self._orders = [SimpleQueue() for _ in range(1, self.lanes)]
        for lane, orders in enumerate(self._orders, start=1):
            name = f"cnnstudio-lane-{lane}"
            threading.Thread(target=_serve, args=(lane, orders), name=name, daemon=True).start()
        weakref.finalize(self, _stop, self._orders)
        self._process = os.getpid()

    def run(self, work: Work) -> None:
        """Call ``work(lane)`` for every lane at once and return when all are done.

        The first error of any lane is raised, after all have ended; that of a lane which only
        waited in vain for another one comes last.
        """
        if self.lanes == 1:
            with quiet():
                work(0)
            return
        with self._lock, quiet():
            if self._process != os.getpid():  # a forked process has no threads but one
                self._start()
            # A queue for each run: after Ctrl+C in this one, late answers do not count in the next.
            done: Answers = SimpleQueue()
            for orders in self._orders:
                orders.put((work, done))
            left: BaseException | None = None
            try:
                work(0)
            except threading.BrokenBarrierError as error:
                left = error
            finally:
                errors = [done.get() for _ in self._orders]
        failed = [error for error in (*errors, left) if error is not None]
        if failed:
            raise min(failed, key=lambda error: isinstance(error, threading.BrokenBarrierError))


def _serve(lane: int, orders: SimpleQueue[Order | None]) -> None:
    """A thread's life: take an order, do it, report."""
    while (order := orders.get()) is not None:
        work, done = order
        failure: BaseException | None = None
        try:
            with quiet():
                work(lane)
        except BaseException as error:  # noqa: BLE001 (it is raised again where run was called)
            failure = error
        done.put(failure)
        # While it waits, the thread must not keep alive what it has worked for.
        del order, work, done, failure


def _stop(orders: list[SimpleQueue[Order | None]]) -> None:
    for queue in orders:
        queue.put(None)
