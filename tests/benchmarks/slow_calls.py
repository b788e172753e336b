"""Which calls hold the window's thread up: a sampler that looks at its stack when it is busy."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from types import FrameType

from tests.benchmarks.watch import Watch

LIMIT = 0.008
"""Seconds of the processor between two ticks from which on somebody is to blame."""

LOOK = 0.001
DEPTH = 2
"""So many of the outermost functions of ours are told: the slot or the paintEvent first."""


class SlowCalls:
    """Looks each millisecond; where the thread that made it is busy for LIMIT, notes its stack.

    Only where a thread's processor time can be read from another one, which is not so on Windows.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch, self._main = watch, threading.get_ident()
        self._ended = threading.Event()
        self.counts: Counter[str] = Counter()
        self.longest: dict[str, float] = {}
        self._thread = threading.Thread(target=self._work, name="slow calls", daemon=True)

    def __enter__(self) -> SlowCalls:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def told(self) -> list[str]:
        """One line for each, the longest first."""
        found = sorted(self.counts, key=lambda words: -self.longest[words])
        return [f"{1000 * self.longest[w]:5.1f} ms, {self.counts[w]:3d} times: {w}" for w in found]

    def _work(self) -> None:
        clock = time.pthread_getcpuclockid(self._main)
        told = 0.0
        while not self._ended.wait(LOOK):
            tick = self._watch.last_busy
            busy = time.clock_gettime(clock) - tick
            if busy > LIMIT:
                words = self._stack()
                self.counts[words] += tick != told
                self.longest[words] = max(busy, self.longest.get(words, 0.0))
                told = tick

    def _stack(self) -> str:
        frame: FrameType | None = sys._current_frames()[self._main]
        names = []
        while frame is not None:
            module: str = frame.f_globals["__name__"]
            if module.startswith("cnnstudio."):
                names.append(f"{module.removeprefix('cnnstudio.')}:{frame.f_code.co_name}")
            frame = frame.f_back
        return " > ".join(names[: -DEPTH - 1 : -1]) or "Qt itself"
