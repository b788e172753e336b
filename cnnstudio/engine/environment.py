"""What decides the last bits of a result beside seed and recipe: machine, versions, threads."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from threadpoolctl import threadpool_info

from cnnstudio import __version__


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a run computes; equal environments give equal bits."""

    system: str
    processor: str
    python: str
    numpy: str
    blas: str
    program: str
    threads: int


_WORDS = {
    "system": "system",
    "processor": "processor",
    "python": "version of Python",
    "numpy": "version of NumPy",
    "blas": "BLAS library",
    "program": "version of CNN Studio",
    "threads": "number of threads",
}


def present(threads: int) -> Environment:
    """The environment of this process, in which a model computes with `threads` threads."""
    return Environment(
        system=" ".join(filter(None, (platform.system(), *platform.libc_ver()))),
        processor=_processor(),
        python=platform.python_version(),
        numpy=np.__version__,
        blas=_blas(),
        program=__version__,
        threads=threads,
    )


def differences(before: Environment, now: Environment) -> list[str]:
    """A sentence for each thing that is not as it was, so that the last bits may differ."""
    pairs = [(words, getattr(before, name), getattr(now, name)) for name, words in _WORDS.items()]
    return [
        f"The result may differ in the last bits, because the {words} was {old} and is {new}."
        for words, old, new in pairs
        if old != new
    ]


@cache
def _processor() -> str:
    """The processor's name and the instructions that NumPy found in it."""
    found = np.show_config(mode="dicts")
    assert isinstance(found, dict)
    instructions = found.get("SIMD Extensions", {}).get("found", [])
    name = _processor_name()
    return f"{name} ({', '.join(instructions)})" if instructions else name


def _processor_name() -> str:
    """On Linux the platform module knows no more than the architecture."""
    if sys.platform == "linux":
        try:
            lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        for line in lines:
            key, _, name = line.partition(":")
            if key.strip() == "model name":
                return f"{platform.machine()} {name.strip()}"
    return f"{platform.machine()} {platform.processor()}".strip()


def _blas() -> str:
    """The BLAS libraries in this process, with the kernels that they chose for the processor."""
    parts = ("internal_api", "version", "architecture")
    found = [entry for entry in threadpool_info() if entry.get("user_api") == "blas"]
    return ", ".join(sorted({" ".join(str(e[p]) for p in parts if e.get(p)) for e in found}))
