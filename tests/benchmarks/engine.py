"""Our engine beside PyTorch (CPU, eager): ``python -m tests.benchmarks.engine [--seconds 1]``.

Both do the same work: momentum or Adam on batches of 64 real MNIST pictures. Ours begins
with the bytes of the whole training set and gathers, scales and pads its batches itself; PyTorch
gets float batches that are ready and padded. They take turns, and the median ratio counts.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import torch
from torch.nn import functional

from cnnstudio.data import datasets, preprocess
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe, templates
from tests.engine.torch_reference import copy_weights, torch_network

BATCH = 64
READY_BATCHES = 40
OPTIMIZERS = {"momentum": 0.01, "adam": 0.001}
"""Both are measured: Adam costs PyTorch more than it costs us. The values are learning rates."""

Task = Callable[[float], float]
"""Works for about so many seconds and returns images per second."""


@dataclass(frozen=True)
class Case:
    name: str
    threads: int
    work: str
    ours: Task
    theirs: Task


def timed(step: Callable[[], int]) -> Task:
    """A task that calls `step`, which returns how many images it did, until the time is over."""

    def task(seconds: float) -> float:
        started, images = time.perf_counter(), 0
        while (spent := time.perf_counter() - started) < seconds:
            images += step()
        return images / spent

    return task


def our_training(network: Network, recipe: Recipe, data: Dataset, threads: int) -> Task:
    model = Model(network, threads=threads)
    train, _ = data.split(recipe.validation)
    progress = Trainer(model, train, train[:0], recipe.with_values(epochs=1000)).run()

    def step() -> int:
        next(progress)
        return BATCH

    return timed(step)


def their_training(network: Network, recipe: Recipe, data: Dataset, threads: int) -> Task:
    module = torch_network(network)
    copy_weights(dict(Model(network).parameters), module)
    prepare, module = module[0], module[1:]
    optimizer: torch.optim.Optimizer
    if recipe.optimizer == "adam":
        optimizer = torch.optim.Adam(module.parameters(), recipe.learning_rate)
    else:
        momentum = recipe.momentum if recipe.optimizer == "momentum" else 0.0
        optimizer = torch.optim.SGD(module.parameters(), recipe.learning_rate, momentum)
    ready = [(prepare(pictures), labels) for pictures, labels in batches(data)]
    turn = iter(ready[:0])

    def step() -> int:
        nonlocal turn
        batch = next(turn, None)
        if batch is None:
            turn = iter(ready)
            batch = next(turn)
        optimizer.zero_grad()
        functional.cross_entropy(module(batch[0]), batch[1]).backward()
        optimizer.step()
        return BATCH

    return with_threads(threads, timed(step))


def batches(data: Dataset) -> list[tuple[torch.Tensor, torch.Tensor]]:
    pixels = torch.from_numpy(preprocess.to_float(data.train.pixels[: BATCH * READY_BATCHES]))
    labels = torch.from_numpy(data.train.labels[: BATCH * READY_BATCHES].astype("int64"))
    return list(zip(pixels.split(BATCH), labels.split(BATCH), strict=True))


def our_inference(network: Network, data: Dataset, threads: int) -> Task:
    model = Model(network, threads=threads)

    def step() -> int:
        return len(model.forward(data.test.pixels[:1000]))

    return timed(step)


def their_inference(network: Network, data: Dataset, threads: int) -> Task:
    module = torch_network(network).eval()
    pictures = module[0](torch.from_numpy(preprocess.to_float(data.test.pixels[:1000])))
    module = module[1:]

    def step() -> int:
        with torch.inference_mode():
            for part in pictures.split(BATCH):
                module(part)
        return len(pictures)

    return with_threads(threads, timed(step))


def with_threads(threads: int, task: Task) -> Task:
    def task_with_threads(seconds: float) -> float:
        torch.set_num_threads(threads)
        return task(seconds)

    return task_with_threads


def cases(names: list[str], thread_counts: list[int], data: Dataset) -> list[Case]:
    found = []
    for name, threads in itertools.product(names, thread_counts):
        project = templates.load(name)
        network = project.network
        for optimizer, rate in OPTIMIZERS.items():
            recipe = project.recipe.with_values(
                batch_size=BATCH, optimizer=optimizer, learning_rate=rate
            )
            ours = our_training(network, recipe, data, threads)
            theirs = their_training(network, recipe, data, threads)
            found.append(Case(name, threads, f"training, {optimizer}", ours, theirs))
        ours = our_inference(network, data, threads)
        theirs = their_inference(network, data, threads)
        found.append(Case(name, threads, "inference", ours, theirs))
    return found


def measure(case: Case, repeats: int, seconds: float) -> str:
    """One line of the table: median speeds, and the median, least and most of the ratios."""
    case.ours(seconds / 2)
    case.theirs(seconds / 2)
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(case.ours(seconds))
        theirs.append(case.theirs(seconds))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return (
        f"| {case.name} | {case.work} | {case.threads} | {statistics.median(ours):,.0f} | "
        f"{statistics.median(theirs):,.0f} | {statistics.median(ratios):.2f} | "
        f"{min(ratios):.2f} - {max(ratios):.2f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", default=["lecture", "nielsen"])
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="for each measurement")
    options = parser.parse_args()
    data = datasets.load("mnist")
    print(f"Images per second, batch {BATCH}, PyTorch {torch.__version__} on the CPU")
    print("| network | work | threads | ours | PyTorch | ratio | from - to |")
    print("|---|---|---|---|---|---|---|")
    for case in cases(options.networks, options.threads, data):
        print(measure(case, options.repeats, options.seconds), flush=True)


if __name__ == "__main__":
    main()
