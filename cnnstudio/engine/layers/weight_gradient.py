"""The gradient of a convolution's filters: the taps of its windows times dy, summed up."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.engine.layers.layer import Array, Site
from cnnstudio.engine.layers.taps import (
    Taps,
    Windows,
    by_group,
    filters_by_group,
    in_parts,
    in_pieces,
    pieces,
)

MOST_FILTERS_FLAT = 16
"""Filters up to which BLAS multiplies dy as it lies; with more it wants a dy turned in memory."""

TAPS_WORTH_TURNING = 100
"""Taps from which it gains more by that than the turning costs."""

TAPS_WORTH_SHIFTING = 16
"""Taps of one kernel column from which each kernel column has a product of its own."""


class WeightGradient:
    """dW: taps times dy, transposed, summed over the output rows, a few rows at a time.

    It is written into `gradient`, (filters, channels of a group, kernel rows, kernel columns), from
    `x`, which has its border, and `dy`, contiguous maps with as many channels as filters.
    """

    def __init__(
        self, site: Site, x: Array, dy: Array, gradient: Array, windows: Windows, groups: int
    ) -> None:
        height, filters, width, images = dy.shape
        each = filters // groups
        taps = self._factors(site, x, dy, gradient, windows, groups)
        shifts, count = taps.shape[2:4]
        cuts = pieces(width, images, each, count)
        taps = in_pieces(taps, cuts)
        dys = in_pieces(by_group(dy, groups), cuts).swapaxes(-1, -2)[:, :, None]
        rows = in_parts(height, max(filters * width * images, cuts * gradient.size))
        most = rows[0].stop
        self._turned: Array | None = None
        if each > MOST_FILTERS_FLAT and shifts * count >= TAPS_WORTH_TURNING:
            self._turned = site.buffer(groups, most, *dys.shape[2:])
        self._products = site.buffer(groups, most, shifts, cuts, count, each)
        self._sum, self._more = site.buffer(2, groups, shifts, count, each)
        self._parts = [(taps[:, part], dys[:, part]) for part in rows]

    def _factors(
        self, site: Site, x: Array, dy: Array, gradient: Array, windows: Windows, groups: int
    ) -> Array:
        """The taps of each row, ``(groups, output rows, shifts, taps, output columns * N)``.

        Also sets the view of the gradient in the order of what is multiplied.
        """
        height, _, width, _ = dy.shape
        by_filter = filters_by_group(gradient, groups)
        self._taps: Taps | None = None
        if _can_shift(windows, gradient, groups):
            self._gradient = by_filter.transpose(0, 4, 3, 2, 1)
            return _shifted(x, windows, height, width)
        self._gradient = by_filter.transpose(0, 3, 2, 4, 1)
        self._taps = Taps(site, x, windows, height, slice(0, width), groups)
        return self._taps.rows[:, :, None]

    def compute(self) -> None:
        """For each part a product and a sum."""
        if self._taps is not None:
            self._taps.load()
        for place, (taps, dys) in enumerate(self._parts):
            products = self._products[:, : dys.shape[1]]
            np.matmul(taps, self._as_liked(dys), out=products)
            np.add.reduce(products, axis=(1, 3), out=self._more if place else self._sum)
            if place:
                np.add(self._sum, self._more, out=self._sum)
        np.copyto(self._gradient, self._sum.reshape(self._gradient.shape))

    def _as_liked(self, dys: Array) -> Array:
        """Rows of dy, transposed; in memory, if BLAS is quicker with that."""
        if self._turned is None:
            return dys
        turned = self._turned[:, : dys.shape[1]]
        np.copyto(turned, dys)
        return turned


def _can_shift(windows: Windows, gradient: Array, groups: int) -> bool:
    """Whether the taps of a kernel column are maps as they lie, and enough for a product."""
    down, right = windows
    _, depth, tall, _ = gradient.shape
    plain = groups == down.dilation == right.stride == 1
    return plain and depth * tall >= TAPS_WORTH_SHIFTING


def _shifted(x: Array, windows: Windows, height: int, width: int) -> Array:
    """A view of `x`, for each kernel column the taps (kernel rows, channels) of each row.

    It is ``(1, output rows, kernel columns, taps, output columns * N)``; nothing is copied.
    """
    down, right = windows
    row, channel, column, image = x.strides
    shape = (1, height, right.kernel, down.kernel * x.shape[1], width * x.shape[3])
    steps = (0, down.stride * row, right.dilation * column, channel, image)
    return as_strided(x, shape, steps, writeable=False)
