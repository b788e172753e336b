"""Lanes in processes of their own, where threads would wait for the interpreter's lock.

Weights and gradients lie in shared memory; what goes through the pipes is a short order to each
process and a short answer. A process ends when its pipe is closed, so it does not outlive the one
that started it, whatever ends that. It computes as a thread would, to the same bits.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import TYPE_CHECKING, Any

from cnnstudio.engine.lane import Batch, Lane, Task
from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.losses import Score
from cnnstudio.engine.parallel import Meeting, quiet
from cnnstudio.engine.shared_memory import SharedArray
from cnnstudio.network import Network

if TYPE_CHECKING:
    from cnnstudio.engine.model import Model


@dataclass(frozen=True)
class _Place:
    """Where a lane in another process works: the network, and the memory that it shares.

    The lane reads `state`, the weights, and `pictures`, its share of a batch; it writes `gradient`.
    """

    network: Network
    seed: int
    lane: int
    state: SharedArray
    gradient: SharedArray
    pictures: SharedArray


@dataclass(frozen=True)
class _Order:
    """What a lane is to compute, from the pictures laid ready for it."""

    labels: Array
    sizes: list[int]
    weight: float
    task: Task
    first: int


class Processes:
    """All lanes of a model but the first, each in a process; the first is `own`, in this one.

    `batch` is an example of those to come: its lanes' shares are the largest that can be taken.
    Raises whatever keeps a process from being started. The processes need a moment until `ready`.
    """

    def __init__(self, model: Model, own: Lane, state: SharedArray, batch: Batch) -> None:
        self._own, self._process = own, os.getpid()
        most = max(map(_images, batch.shares))
        shape, dtype = (most, *batch.pictures.shape[1:]), batch.pictures.dtype
        self._places = [
            _Place(
                model.network,
                model.seed,
                lane,
                state,
                SharedArray(model.vector.shape, model.dtype),
                SharedArray(shape, dtype),
            )
            for lane in range(1, model.threads)
        ]
        self._pipes: list[Connection[Any, Any]] = []
        processes: list[SpawnProcess] = []
        self._waited_for: list[Connection[Any, Any]] = []
        self.close = weakref.finalize(self, _end, self._pipes, processes, self._process)
        try:
            with _interrupts_kept_away():
                for place in self._places:
                    self._start(place, processes)
        except BaseException:
            self.close()
            raise

    def _start(self, place: _Place, processes: list[SpawnProcess]) -> None:
        context = multiprocessing.get_context("spawn")
        pipe, theirs = context.Pipe()
        self._pipes.append(pipe)
        name = f"cnnstudio-lane-{place.lane}"
        process = context.Process(target=serve, args=(theirs, place), name=name, daemon=True)
        try:
            process.start()
        finally:
            theirs.close()
        processes.append(process)
        self._waited_for.append(pipe)

    def ready(self, timeout: float = 0.0) -> bool:
        """Whether all processes can work; waits up to `timeout` seconds for each.

        Raises OSError or EOFError when one has ended instead.
        """
        while self._waited_for and self._waited_for[-1].poll(timeout):
            self._waited_for.pop().recv()
        return not self._waited_for

    def can_take(self, batch: Batch) -> bool:
        """Whether the pictures are of the kind and the number that the shared memory is for."""
        shared = self._places[0].pictures.array
        pictures = batch.pictures
        return (
            (pictures.dtype, pictures.shape[1:]) == (shared.dtype, shared.shape[1:])
            and max(map(_images, batch.shares)) <= len(shared)
            and self._process == os.getpid()  # a forked process must not speak for this one
        )

    def compute(self, batch: Batch) -> list[Score]:
        """The scores of all lanes, whose gradients are left in `vectors`.

        Raises OSError or EOFError when a process has ended, after which all have to be closed.
        """
        busy = []
        for place, pipe in zip(self._places, self._pipes, strict=True):
            if batch.shares[place.lane]:
                pipe.send(_lay_ready(batch, place))
                busy.append(pipe)
        with quiet():
            own = self._own.compute(batch.parts(0), 1 / batch.count, batch.task, 0)
        return [own, *(pipe.recv() for pipe in busy)]

    @property
    def vectors(self) -> list[Array]:
        """The gradient of each lane."""
        return [self._own.vector, *(place.gradient.array for place in self._places)]


def _images(share: list[slice]) -> int:
    return share[-1].stop - share[0].start if share else 0


def _lay_ready(batch: Batch, place: _Place) -> _Order:
    """Copy a lane's pictures to where it reads them; what it has to do with them."""
    share = batch.shares[place.lane]
    part = slice(share[0].start, share[-1].stop)
    rows = part if batch.indices is None else batch.indices[part]
    place.pictures.array[: _images(share)] = batch.pictures[rows]
    sizes = [part.stop - part.start for part in share]
    first = batch.first(place.lane)
    return _Order(batch.labels[rows], sizes, 1 / batch.count, batch.task, first)


@contextlib.contextmanager
def _interrupts_kept_away() -> Iterator[None]:
    """For as long, processes are started that never hear of Ctrl+C, not even as they begin.

    They inherit what this thread does not listen to. On Windows they cannot, and begin a little
    later not to listen.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # as it starts it would let signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(pipes: list[Connection[Any, Any]], processes: list[SpawnProcess], owner: int) -> None:
    """End the processes, which have nothing to lose, also those that are still beginning."""
    for pipe in pipes:
        pipe.close()
    for process in processes if owner == os.getpid() else ():
        process.kill()
        process.join()
        process.close()


def serve(pipe: Connection[Any, Any], place: _Place) -> None:
    """A process's life: take an order, do it, report; until nobody is at the pipe's other end.

    It ends too when something fails. The threads then do the step, and fail where it is seen.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(Exception):
        _work(pipe, place)
    os._exit(0)  # nothing is to be tidied up


def _work(pipe: Connection[Any, Any], place: _Place) -> None:
    from cnnstudio.engine.model import Model

    model = Model(place.network, seed=place.seed, dtype=place.state.array.dtype)
    vector, state = place.gradient.array, place.state.array
    lane = Lane(model, place.lane, Meeting(), vector, state[: len(model.vector)])
    pipe.send(None)
    with quiet():
        while True:
            order: _Order = pipe.recv()
            parts = _parts(place.pictures.array, order)
            pipe.send(lane.compute(parts, order.weight, order.task, order.first))


def _parts(pictures: Array, order: _Order) -> Iterator[tuple[Array, Array]]:
    """Pictures and labels of each slice."""
    start = 0
    for size in order.sizes:
        yield pictures[start : start + size], order.labels[start : start + size]
        start += size
