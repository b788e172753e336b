"""A locked file that tells whether the process lives that took it; the lock is the system's own."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import BinaryIO

_PROCESS = f"{os.getpid()}_{secrets.token_hex(4)}"
"""What this process is called: its number is given again after its end, in a container at once."""


def new_name() -> str:
    """A name for what this process locks: `<process>-<token>`."""
    return f"{_PROCESS}-{secrets.token_hex(4)}"


def process_of(name: str) -> str:
    """What the process is called that gave this name, see `new_name`."""
    return name.partition("-")[0]


def try_lock(file: BinaryIO) -> bool:
    """Lock an open file for this process unless another has; the lock ends with the process.

    Not inherited by worker processes, so that it does not outlive this one with them.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def is_alive(lock: Path, name: str) -> bool:
    """Whether the process lives that took `lock`, for what it has given `name`.

    This process's own are told by that: to open and close one would give it up.
    """
    if process_of(name) == _PROCESS:
        return True
    try:
        with lock.open("rb+", buffering=0) as file:
            return not try_lock(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
