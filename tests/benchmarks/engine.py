"""Our engine beside PyTorch (CPU, eager): ``python -m tests.benchmarks.engine``.

Prints three tables, which ``--parts`` chooses from. `speed`: images per second, both sides in turns
in one process, the median ratio counts. `memory`: the peak of a fresh process for each side.
`target`: the time until the lecture's network recognises 99 % of the test pictures.
Ours begins with the bytes of the training set and gathers, scales and pads its batches itself;
PyTorch gets float batches that are ready and padded.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch

from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.crew import Lanes
from cnnstudio.network import Recipe, templates
from tests.benchmarks import memory, networks, ours, target, theirs
from tests.benchmarks.ours import Step

RATES = {"momentum": 0.01, "adam": 0.001}
"""Optimizers measured, with their learning rates: Adam costs PyTorch more than it costs us."""

TARGET = 0.99


@dataclass(frozen=True)
class Case:
    """One line of the table of speeds."""

    network: str
    work: str
    batch: int
    threads: int
    ours: Step
    theirs: Step


def cases(options: argparse.Namespace, data: Dataset) -> Iterator[Case]:
    train, _ = data.split(5000)
    for name, threads in itertools.product(options.networks, options.threads):
        network = networks.network_of(name)
        for batch, optimizer in itertools.product(options.batches, options.optimizers):
            rate = RATES[optimizer]
            recipe = Recipe(batch_size=batch, optimizer=optimizer, learning_rate=rate)
            mine = ours.training(network, recipe, train, threads, options.lanes)
            other = theirs.training(network, recipe, train, threads)
            yield Case(name, f"training, {optimizer}", batch, threads, mine, other)
        for batch in options.batches:
            recipe = Recipe(batch_size=batch)
            steps = [side.inference(network, recipe, data.test, threads) for side in (ours, theirs)]
            yield Case(name, "inference", batch, threads, *steps)


def speed(step: Step, seconds: float) -> float:
    """Images per second of `step`, called until the time is over."""
    started, images = time.perf_counter(), 0
    while (spent := time.perf_counter() - started) < seconds:
        images += step()
    return images / spent


def measured(case: Case, repeats: int, seconds: float) -> str:
    """One line: median speeds, and the median, least and most of the ratios."""
    mine, other = [], []
    for turn in range(repeats + 1):
        mine.append(speed(case.ours, seconds if turn else seconds / 2))
        other.append(speed(case.theirs, seconds if turn else seconds / 2))
    del mine[0], other[0]  # caches and threads warm up
    ratios = [a / b for a, b in zip(mine, other, strict=True)]
    return (
        f"| {case.network} | {case.work} | {case.batch} | {case.threads} | "
        f"{statistics.median(mine):,.0f} | {statistics.median(other):,.0f} | "
        f"{statistics.median(ratios):.2f} | {min(ratios):.2f} - {max(ratios):.2f} |"
    )


def print_speed(options: argparse.Namespace) -> None:
    print(f"Images per second, PyTorch {torch.__version__} on the CPU\n")
    print("| network | work | batch | threads | ours | PyTorch | ratio | from - to |")
    print("|---|---|---|---|---|---|---|---|")
    for case in cases(options, datasets.load("mnist")):
        print(measured(case, options.repeats, options.seconds), flush=True)


def print_memory(options: argparse.Namespace) -> None:
    """Peaks at the largest batch and thread count asked for."""
    batch, threads = max(options.batches), max(options.threads)
    print(f"\nMiB at the peak of a process of its own, batch {batch}, {threads} threads;")
    print("in brackets what came after the imports and the pictures\n")
    print("| network | work | ours | PyTorch |")
    print("|---|---|---|---|")
    for name, work in itertools.product(options.networks, ("training", "inference")):
        found = [memory.measure(side, name, work, batch, threads) for side in ("ours", "theirs")]
        cells = (f"{peak.most:,.0f} ({peak.most - peak.before:,.0f})" for peak in found)
        print(f"| {name} | {work}{', adam' * (work == 'training')} | {' | '.join(cells)} |")


def print_target(options: argparse.Namespace) -> None:
    """Seconds to the target for each seed, and their median."""
    project, data, threads = templates.load("lecture"), datasets.load("mnist"), max(options.threads)
    print(f"\nSeconds (epochs) until the lecture's network has {TARGET:.1%} of the test pictures")
    print(f"with its recipe, {threads} threads\n")
    print("| seed | ours | PyTorch |")
    print("|---|---|---|")
    rows = []
    for seed in options.seeds:
        sides = (target.ours, target.pytorch)
        rows.append([side(project, data, TARGET, seed, threads) for side in sides])
        print(f"| {seed} | {' | '.join(f'{t:.1f} ({n:.0f})' for t, n in rows[-1])} |", flush=True)
    medians = (statistics.median(row[side].seconds for row in rows) for side in (0, 1))
    print(f"| median | {' | '.join(f'{seconds:.1f}' for seconds in medians)} |")


PARTS = {"speed": print_speed, "memory": print_memory, "target": print_target}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--networks", nargs="+", default=list(networks.NAMES))
    parser.add_argument("--batches", nargs="+", type=int, default=[32, 64, 128])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--optimizers", nargs="+", choices=RATES, default=list(RATES))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each measurement")
    parser.add_argument("--lanes", choices=get_args(Lanes), default="threads", help="of ours")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4], help="of target")
    options = parser.parse_args()
    for part in options.parts:
        PARTS[part](options)


if __name__ == "__main__":
    main()
