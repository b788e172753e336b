"""What the layers share: where a layer stands, its buffers, forward and backward.

Inside the engine the batch is the last axis. Maps are ``(H, C, W, N)``: rows, channels, columns,
images; rows of units are ``(units, N)``. With the rows outermost, the windows of one output row
are one block of memory, so that the convolution needs no copy for its vertical taps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Block, Shape
from cnnstudio.engine.parallel import Meeting

Array = NDArray[Any]

CACHE_LINE = 64
"""Bytes; buffers begin at a multiple of it, which the vector units reward."""


def buffer(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Zeros of `shape` that begin on a cache line."""
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.zeros(size + CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % CACHE_LINE
    return raw[start : start + size].view(dtype).reshape(shape)


class Chance:
    """The random numbers of one slice of one step, the same whichever thread asks for them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._generator: np.random.Generator | None = None
        self.begin(0, 0)

    def begin(self, step: int, part: int) -> None:
        """Start the numbers that belong to slice `part` of step `step`."""
        self._key = (self._seed, step, part)
        self._generator = None

    @property
    def generator(self) -> np.random.Generator:
        """The generator, seeded by (seed, step, slice)."""
        if self._generator is None:
            self._generator = np.random.Generator(np.random.SFC64(self._key))
        return self._generator


class InnerRow(Protocol):
    """The layers of a row inside a block."""

    y: Array
    dy: Array | None

    def forward(self) -> None:
        """Write `y` from what enters the row."""

    def backward(self) -> None:
        """Write the gradient of what enters, and of the parameters, from `dy`."""


def _no_rows(_entries: Sequence[Any], _x: Array, _dx: Array | None) -> InnerRow:
    raise NotImplementedError


@dataclass(frozen=True)
class Site:
    """Where a layer stands: its block and input size, the slice's size, the block's arrays.

    `learning` says that this block or one before it has parameters to be trained, so that the
    gradient must come this far. `may_overwrite` says that nobody needs the layer's input again.
    `meeting` is where the lanes of a batch add numbers up, of which `lane` is this one. `row` makes
    the layers of blocks that stand inside this block, for an input and its gradient.
    """

    block: Block
    shape: Shape
    images: int
    dtype: np.dtype[Any]
    parameters: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, Array] = field(default_factory=dict)
    statistics: Mapping[str, Array] = field(default_factory=dict)
    training: bool = False
    learning: bool = False
    may_overwrite: bool = False
    chance: Chance = field(default_factory=lambda: Chance(0))
    meeting: Meeting = field(default_factory=Meeting)
    lane: int = 0
    row: Callable[[Sequence[Any], Array, Array | None], InnerRow] = _no_rows

    def buffer(self, *shape: int) -> Array:
        """Zeros of `shape` in the model's type."""
        return buffer(shape, self.dtype)

    def gradient_buffer(self, *shape: int) -> Array | None:
        """Zeros of `shape`, or None when no gradient comes this far."""
        return self.buffer(*shape) if self.learning else None


class Layer:
    """The arithmetic of (a part of) one block for slices of one size, with its buffers.

    A layer reads its input `x` and writes its output `y`; backward, it reads `dy`, the gradient of
    the loss with respect to `y`, and writes `dx`. `x` and `dx` are the `y` and `dy` of the layer
    before. All four are contiguous and stay the same arrays for good, so views of them can be made
    once. `dx` is None when nothing before needs it, `dy` when this layer does not either.
    """

    x: Array
    dx: Array | None
    y: Array
    dy: Array | None
    keeps_output: bool = False
    """Whether `y` is needed again after the next layer has read it."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        self.x, self.dx = x, dx

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Whether the layer has anything to do at `site`."""
        return True

    def forward(self) -> None:
        """Write `y` from `x`."""
        raise NotImplementedError

    def backward(self) -> None:
        """Write `dx` and the gradients of the parameters from `dy`; `dy` may be used up."""
        raise NotImplementedError


Layers = Mapping[type[Block], tuple[type[Layer], ...]]
"""The layers that do the arithmetic of each block type, in their order."""
