"""A locked file that tells whether the process lives that took it; the lock is the system's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO


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


def is_alive(lock: Path, owner: str) -> bool:
    """Whether the process that took `lock` lives, whose number `owner` begins with.

    This process's own are told by their name: to open and close one would give it up.
    """
    if owner.partition("-")[0] == str(os.getpid()):
        return True
    try:
        with lock.open("rb+", buffering=0) as file:
            return not try_lock(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True
