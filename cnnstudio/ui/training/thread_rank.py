"""The rank of a thread that works behind the window."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICENESS = 10
LAST_RANK = 19
"""By how much training ranks behind the window, and the last rank that Linux has."""


def give_way() -> None:
    """Let the window's thread have the processor first, where threads have a rank of their own.

    Training uses every core, so that without this the window waits for its turn. The threads that
    share the work inherit the rank. Where the system refuses, nothing but the turn is lost.
    """
    if sys.platform == "linux":
        own = threading.get_native_id()
        with contextlib.suppress(OSError):
            rank = os.getpriority(os.PRIO_PROCESS, own) + NICENESS
            os.setpriority(os.PRIO_PROCESS, own, min(rank, LAST_RANK))
