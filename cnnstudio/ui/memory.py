"""Memory that has been freed goes back to the system, so that hours of work need no more of it."""

from __future__ import annotations

import ctypes
import sys


def return_freed() -> None:
    """Give the system back what the C library keeps of what was freed; only glibc keeps much.

    Every run, and every job beside the window, has its arrays in the heap of its own thread, and
    leaves holes there. Takes some milliseconds.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
