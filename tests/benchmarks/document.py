"""How fast networks are checked and data is read: ``python -m tests.benchmarks.document``."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np

from cnnstudio.blocks import Conv2D, Input
from cnnstudio.network import Network, check

BLOCKS = 200
DECODE = """
import time
from cnnstudio.data import datasets
from tests.benchmarks.memory import resident
before = resident().most
begin = time.perf_counter()
datasets.load("mnist")
seconds = time.perf_counter() - begin
print(seconds, resident().most - before)
"""
"""Seconds and MiB at most for decoding all of MNIST, in a fresh process."""


def check_times(repeats: int) -> tuple[float, float]:
    """Milliseconds to check a network of 200 blocks: first, and the median of later times."""
    convolutions = (Conv2D(8 + i % 50, 3, padding=1, activation="relu") for i in range(BLOCKS - 1))
    blocks = (Input(), *convolutions)
    times = []
    for _ in range(repeats + 1):
        network = Network(blocks)
        begin = time.perf_counter()
        check(network, classes=10)
        times.append(1000 * (time.perf_counter() - begin))
    return times[0], float(np.median(times[1:]))


def main() -> None:
    """Print both."""
    first, later = check_times(50)
    print(f"check of {BLOCKS} blocks: {first:.2f} ms the first time, {later:.2f} ms after an edit")
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", DECODE], capture_output=True, text=True, check=True
        )
        seconds, memory = map(float, done.stdout.split())
        print(f"decoding MNIST: {seconds:.2f} s, {memory:.0f} MiB at most")


if __name__ == "__main__":
    main()
