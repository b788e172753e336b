"""Threads beside processes as the lanes of our engine: ``python -m tests.benchmarks.lanes``.

Both train in turns in one program, each its own copy of the same network; short turns, so that what
else the machine does meets both. Their weights are the same bits before the turns begin.
``--pin`` keeps each lane on a core of its own, on Linux: where others use the machine too, the
system else puts a process that is woken beside the one that woke it.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Iterator

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Images
from cnnstudio.engine.crew import Lanes
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.network import Recipe
from tests.benchmarks import networks

WARM_UP = 20
"""Steps before the turns."""

WAYS: tuple[tuple[Lanes, int], ...] = (("threads", 1), ("threads", 2), ("processes", 2))


def runs(name: str, batch: int, images: Images, *, pin: bool) -> list[Iterator[Progress]]:
    """A run for each way, some steps old."""
    recipe = Recipe(epochs=10_000, batch_size=batch, optimizer="momentum", learning_rate=0.001)
    found, weights = [], []
    for lanes, threads in WAYS:
        model = Model(networks.network_of(name), threads=threads, lanes=lanes)
        run = Trainer(model, images, images[:0], recipe).run()
        for _ in itertools.islice(run, WARM_UP):
            pass
        found.append(run)
        weights.append(model.state.tobytes())
        if pin:
            model.pool.run(lambda lane: os.sched_setaffinity(threading.get_native_id(), {lane}))
    if len(multiprocessing.active_children()) != 1 or weights[1] != weights[2]:
        raise SystemExit("the processes have not started, or have computed other bits")
    if pin:
        os.sched_setaffinity(multiprocessing.active_children()[0].pid or 0, {1})
    return found


def speed(run: Iterator[Progress], batch: int, seconds: float) -> float:
    """Images per second until the time is over."""
    started, images = time.perf_counter(), 0
    while (spent := time.perf_counter() - started) < seconds:
        next(run)
        images += batch
    return images / spent


def line(name: str, batch: int, images: Images, options: argparse.Namespace) -> str:
    """Median speeds, and the median and quartiles of the ratio of processes to threads."""
    found = runs(name, batch, images, pin=options.pin)
    turns = [[speed(run, batch, options.seconds) for run in found] for _ in range(options.turns)]
    for run in found:
        run.close()
    medians = " | ".join(f"{statistics.median(side):,.0f}" for side in zip(*turns, strict=True))
    low, middle, high = statistics.quantiles([new / old for _, old, new in turns], n=4)
    return f"| {name} | {batch} | {medians} | {middle:.2f} | {low:.2f} - {high:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=list(networks.NAMES))
    parser.add_argument("--batches", nargs="+", type=int, default=[32, 64, 128])
    parser.add_argument("--turns", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=0.15, help="for each turn")
    parser.add_argument("--pin", action="store_true", help="each lane on a core of its own")
    options = parser.parse_args()
    if options.pin:
        os.sched_setaffinity(0, {0})
    images, _ = datasets.load("mnist").split(5000)
    print("| network | batch | one thread | two threads | two processes | ratio | quartiles |")
    print("|---|---|---|---|---|---|---|")
    for name, batch in itertools.product(options.networks, options.batches):
        print(line(name, batch, images, options), flush=True)


if __name__ == "__main__":
    main()
