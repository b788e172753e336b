"""Arrays in memory that this process shares with those it starts."""

from __future__ import annotations

import math
import multiprocessing
from typing import Any

import numpy as np

from cnnstudio.engine.layers.layer import CACHE_LINE, Array


class SharedArray:
    """Zeros of `shape` that a process which is started with this object has too.

    The memory has no name in the system that could be left over: it ends with the last process that
    has it, however that ends. `array` begins on a cache line. Raises OSError where there is none.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._shape, self._dtype = shape, dtype
        size = math.prod(shape) * dtype.itemsize
        self._raw = multiprocessing.get_context("spawn").RawArray("B", size + CACHE_LINE)
        self.array = self._view()

    def _view(self) -> Array:
        raw = np.frombuffer(self._raw, np.uint8)
        start = -raw.ctypes.data % CACHE_LINE  # the same in each process, as pages are aligned
        size = math.prod(self._shape) * self._dtype.itemsize
        return raw[start : start + size].view(self._dtype).reshape(self._shape)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "array"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.array = self._view()
