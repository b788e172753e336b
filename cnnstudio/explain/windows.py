"""Which cells each window sees: the geometry that arithmetic, fields and gradients share.

A side of a window is an array ``(outputs, taps)`` of the input's rows or columns that each tap of
each output meets, and OUTSIDE where it meets none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.blocks import AvgPool2D, Block, Conv2D, ConvTranspose2D, Shape
from cnnstudio.blocks.pooling import Pool2D
from cnnstudio.blocks.window import Window, Windowed
from cnnstudio.explain.terms import Bools, Ints

OUTSIDE = -1


@dataclass(frozen=True, eq=False)
class Side:
    """One direction of all windows: the input's `places` (outputs, taps), and which are padding.

    `padded` are the taps on the padding, also where it repeats a real cell; `beyond` those that
    hang over it. `size` is the number of the input's rows or columns.
    """

    size: int
    places: Ints
    padded: Bools
    beyond: Bools

    @property
    def touched(self) -> Bools:
        """Whether an output sees an input: ``(size, outputs)``."""
        found = np.zeros((self.size, len(self.places)), bool)
        outputs, taps = np.nonzero(self.places != OUTSIDE)
        found[self.places[outputs, taps], outputs] = True
        return found


Sight = tuple[Side, Side]
"""The windows over rows and over columns."""


def sight_of(block: Block, shape: Shape) -> Sight:
    """What all windows of a CONV or POOL block see of maps of size `shape`."""
    _, *counts = block.output_shape(shape)
    assert isinstance(block, Windowed | ConvTranspose2D)
    make = _painted if isinstance(block, ConvTranspose2D) else _looked_at
    mode = block.padding_mode if isinstance(block, Conv2D) else "zeros"
    rows, columns = (
        make(window, size, count, mode)
        for window, size, count in zip(block.windows(), shape[1:], counts, strict=True)
    )
    return rows, columns


def _looked_at(window: Window, size: int, count: int, mode: str) -> Side:
    """The ordinary window: output o's tap t lies at o * stride - padding + t * dilation."""
    starts = np.arange(count)[:, None] * window.stride - window.padding
    raw = starts + np.arange(window.kernel) * window.dilation
    real = (raw >= 0) & (raw < size)
    beyond = raw >= size + window.padding
    places = np.where(real, raw, OUTSIDE)
    repeated = ~real & ~beyond
    places[repeated] = _repeated(raw[repeated], size, mode)
    return Side(size, places, repeated, beyond)


def _repeated(raw: Ints, size: int, mode: str) -> Ints:
    """The real cells that padding shows; OUTSIDE where it holds zeros."""
    if mode == "reflect":
        return np.where(raw < 0, -raw, 2 * (size - 1) - raw)
    if mode == "replicate":
        return np.clip(raw, 0, size - 1)
    if mode == "circular":
        return raw % size
    return np.full_like(raw, OUTSIDE)


def _painted(window: Window, size: int, count: int, _mode: str) -> Side:
    """The transposed window: input i paints tap t at i * stride - padding + t * dilation."""
    raw = np.arange(count)[:, None] + window.padding - np.arange(window.kernel) * window.dilation
    places, left = np.divmod(raw, window.stride)
    real = (left == 0) & (places >= 0) & (places < size)
    nothing = np.zeros(real.shape, bool)
    return Side(size, np.where(real, places, OUTSIDE), nothing, nothing)


def taps_of(block: Block, side: Side, output: int) -> Ints:
    """The taps of one output that take part, in the order of the input's rows or columns.

    Padding takes part in a convolution, and in a mean that counts it, but never wins a maximum;
    a transposed window has only the taps that some input painted.
    """
    places = side.places[output]
    if isinstance(block, ConvTranspose2D):
        taps = np.flatnonzero(places != OUTSIDE)
        return taps[np.argsort(places[taps])]
    if isinstance(block, AvgPool2D) and block.count_padding:
        return np.flatnonzero(~side.beyond[output])
    if isinstance(block, Pool2D):
        return np.flatnonzero(places != OUTSIDE)
    return np.arange(len(places))
