"""The taps of a convolution's windows, and their products with the filters.

Maps are ``(H, C, W, N)``. The groups are always the outermost axis of what is multiplied, so that a
convolution without groups is one with a single group.

Everything goes in parts of a few rows or columns, so that what is copied, multiplied and summed up
stays in the cache of the core meanwhile, and each product is small enough for BLAS to need no
copies of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.layer import Array, Site
from cnnstudio.engine.parallel import even

LARGEST_PART = 1 << 17
"""Numbers in the buffer of a part: in float32 half of a cache of a megabyte."""

SMALL_PRODUCT = 1_000_000
"""Multiply-adds up to which OpenBLAS multiplies two matrices where they are, on processors with
AVX-512; larger ones it copies into panels first, which takes as long when one of them is thin."""

THINNEST_PIECE = 32
"""Columns that a piece of a run has at least: each reads all the filters again."""

Windows = tuple[Window, Window]
"""The windows over rows and over columns."""


def by_group(maps: Array, groups: int) -> Array:
    """Maps as a view ``(groups, H, C / groups, W * N)``, one matrix for each row.

    They are contiguous, but some columns may be left out.
    """
    height, channels, width, images = maps.shape
    shape = (height, groups, channels // groups, width * images)
    return maps.reshape(shape, copy=False).swapaxes(0, 1)


def filters_by_group(weight: Array, groups: int) -> Array:
    """Weights ``(filters, channels, kh, kw)`` as a view with ``(groups, filters / groups)`` first.

    The channels are those of one group already.
    """
    filters, *taps = weight.shape
    return weight.reshape((groups, filters // groups, *taps), copy=False)


def pieces(width: int, images: int, rows: int, inner: int) -> int:
    """Into how many equal pieces a run of ``width * images`` is cut to make products small.

    The product of a piece is ``(rows, inner)`` times ``(inner, piece)``; 1 when it cannot be small.
    """
    run = width * images
    for count in range(1, 1 + run // THINNEST_PIECE):
        if run % count == 0 and rows * inner * run // count <= SMALL_PRODUCT:
            return count
    return 1


def in_pieces(rows: Array, count: int) -> Array:
    """Rows ``(..., taps, run)`` as a view ``(..., count, taps, run / count)``."""
    *others, taps, run = rows.shape
    return rows.reshape((*others, taps, count, run // count), copy=False).swapaxes(-2, -3)


def in_parts(count: int, size: int) -> list[slice]:
    """`count` rows of `size` numbers each in parts of at most `largest` numbers, or single rows."""
    return even(count, -(-count // max(1, LARGEST_PART // size)))


class Taps:
    """The taps of windows: `rows` is ``(groups, output rows, taps, output columns * N)``.

    The taps are in the order (kernel rows, channels of the group, kernel columns). `x` must have
    the border already. The windows are those of `height` rows and some `columns` of the output;
    without a `memory` for their columns they have their own.
    """

    def __init__(
        self,
        site: Site,
        x: Array,
        windows: Windows,
        height: int,
        columns: slice,
        groups: int,
        memory: Array | None = None,
    ) -> None:
        down, right = windows
        tall, channels, _, images = x.shape
        depth, width = channels // groups, columns.stop - columns.start
        shape = (groups, tall, depth, right.kernel, width, images)
        row, channel, column, image = x.strides
        steps = (right.dilation * column, right.stride * column, image)
        shifts = (depth * channel, row, channel, *steps)
        first = x[:, :, columns.start * right.stride :]
        self._source = as_strided(first, shape, shifts, writeable=False)
        memory = site.buffer(self._source.size) if memory is None else memory
        self._columns = memory[: self._source.size].reshape(shape)
        group, row, _, tap, _, image = self._columns.strides
        block, run = depth * right.kernel, width * images
        self._dilated: Array | None = None
        if down.dilation == 1:
            self.rows = self._view(
                (groups, height, down.kernel * block, run), (group, down.stride * row, tap, image)
            )
            return
        self._spread = self._view(
            (groups, height, down.kernel, block, run),
            (group, down.stride * row, down.dilation * row, tap, image),
        )
        self._dilated = site.buffer(*self._spread.shape)
        self.rows = self._dilated.reshape(groups, height, down.kernel * block, -1)

    def _view(self, shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
        return as_strided(self._columns, shape, strides, writeable=False)

    def load(self) -> None:
        """One copy for the columns; dilated kernel rows lie apart and need another."""
        np.copyto(self._columns, self._source)
        if self._dilated is not None:
            np.copyto(self._dilated, self._spread)


class Correlation:
    """y: the filters times the taps of `x`, which has its border; some columns at a time."""

    def __init__(
        self, site: Site, x: Array, weight: Array, y: Array, windows: Windows, groups: int
    ) -> None:
        filters, depth, tall, wide = weight.shape
        height, _, width, images = y.shape
        self._weight = filters_by_group(weight, groups).transpose(0, 1, 3, 2, 4)
        self._filters = site.buffer(*self._weight.shape)
        self._matrix = self._filters.reshape(groups, 1, 1, filters // groups, -1)
        inner, column = depth * tall * wide, len(x) * x.shape[1] * wide * images
        parts = [slice(0, width)]
        if filters // groups * inner * THINNEST_PIECE <= SMALL_PRODUCT:
            parts = in_parts(width, column)
        memory = site.buffer(parts[0].stop * column)
        self._parts = []
        for part in parts:
            taps = Taps(site, x, windows, height, part, groups, memory)
            cuts = pieces(part.stop - part.start, images, filters // groups, inner)
            products = in_pieces(by_group(y[:, :, part], groups), cuts)
            self._parts.append((taps, in_pieces(taps.rows, cuts), products))

    def compute(self) -> None:
        """For each part a copy and a product."""
        np.copyto(self._filters, self._weight)
        for taps, rows, products in self._parts:
            taps.load()
            np.matmul(self._matrix, rows, out=products)
