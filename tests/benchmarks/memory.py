"""The memory of a fresh process that trains or recognises, on our side or on PyTorch's.

`measure` starts one; ``python -m tests.benchmarks.memory ours lecture training 64 2`` is one, and
prints how many MiB are resident before the work, and at most until its end. Our process does
not import PyTorch.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnstudio.data.datasets import Images
from cnnstudio.network import Recipe
from tests.benchmarks.networks import network_of

STEPS = 20
PICTURES = 1024
"""Random ones, kept as bytes; memory does not depend on what they show."""


class Memory(NamedTuple):
    """MiB: resident before the work, and at most until its end."""

    before: float
    most: float


def resident() -> Memory:
    """What this process holds now, and its peak.

    Linux reports the peak of whoever started a process in its getrusage too, so the peak is read
    from the memory map; where there is none (macOS), only the peak is known.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", status.read_text()))
        return Memory(int(found["VmRSS"]) / 1024, int(found["VmHWM"]) / 1024)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return Memory(most, most)


def measure(side: str, network: str, work: str, batch: int, threads: int) -> Memory:
    """What a fresh process needs; raises CalledProcessError when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", __name__, side, network, work, str(batch), str(threads)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    before, most = map(float, done.stdout.split())
    return Memory(before, most)


def main(side: str, name: str, work: str, batch: str, threads: str) -> None:
    """Do the work of a process: 20 steps with Adam."""
    task = getattr(importlib.import_module(f"tests.benchmarks.{side}"), work)
    numbers = np.random.default_rng(0)
    pixels = numbers.integers(0, 256, (PICTURES, 1, 28, 28), dtype=np.uint8)
    images = Images(pixels, numbers.integers(0, 10, PICTURES, dtype=np.uint8))
    network, recipe = network_of(name), Recipe(batch_size=int(batch))
    before = resident().before
    step = task(network, recipe, images, int(threads))
    for _ in range(STEPS):
        step()
    print(before, resident().most)


if __name__ == "__main__":
    main(*sys.argv[1:])
