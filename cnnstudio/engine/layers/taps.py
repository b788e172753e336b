"""The products of a convolution: the taps of its windows, and its two gradients.

Maps are ``(H, C, W, N)``. The groups are always the outermost axis of what is multiplied, so that a
convolution without groups is one with a single group.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.layer import Array, Site

TAPS_WORTH_TURNING = 100
"""Taps from which BLAS gains more by a dy turned in memory than the turning costs."""

LARGEST_SUM = 1 << 20
"""Numbers in the buffer of weight gradients by output row, before they are summed."""

LARGEST_PRODUCT = 1 << 18
"""Numbers in the buffer of products that Scatter adds up, unless a single row of dy has more."""

SMALL_PRODUCT = 1_000_000
"""Multiply-adds up to which OpenBLAS multiplies two matrices where they are, on processors with
AVX-512; larger ones it copies into panels first, which takes as long when one of them is thin."""

THINNEST_PIECE = 32
"""Columns that a piece of a run has at least: each reads all the filters again."""

Windows = tuple[Window, Window]
"""The windows over rows and over columns."""


def by_group(maps: Array, groups: int) -> Array:
    """Contiguous maps as a view ``(groups, H, C / groups, W * N)``, one matrix for each row."""
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
    for count in range(1, 1 + width * images // THINNEST_PIECE):
        if width % count == 0 and rows * inner * width // count * images <= SMALL_PRODUCT:
            return count
    return 1


def in_pieces(rows: Array, count: int) -> Array:
    """Rows ``(..., taps, run)`` as a view ``(..., count, taps, run / count)``."""
    *others, taps, run = rows.shape
    return rows.reshape((*others, taps, count, run // count), copy=False).swapaxes(-2, -3)


class Taps:
    """The taps of all windows: `rows` is ``(groups, output rows, taps, output columns * N)``.

    The taps are in the order (kernel rows, channels of the group, kernel columns), whose sizes are
    `order`. `x` must have the border already.
    """

    def __init__(
        self, site: Site, x: Array, windows: Windows, height: int, width: int, groups: int = 1
    ) -> None:
        down, right = windows
        tall, channels, _, images = x.shape
        depth = channels // groups
        self.order = (down.kernel, depth, right.kernel)
        row, channel, column, image = x.strides
        shape = (groups, tall, depth, right.kernel, width, images)
        steps = (right.dilation * column, right.stride * column, image)
        shifts = (depth * channel, row, channel, *steps)
        self._source = as_strided(x, shape, shifts, writeable=False)
        self._columns = site.buffer(*shape)
        group, row, _, tap, _, image = self._columns.strides
        block, run = depth * right.kernel, width * images
        self._width, self._images = width, images
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

    def pieces(self, filters: int) -> int:
        """Into how many pieces a row is cut, to be multiplied with so many filters."""
        return pieces(self._width, self._images, filters, self.rows.shape[2])

    def _view(self, shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
        return as_strided(self._columns, shape, strides, writeable=False)

    def forward(self) -> None:
        """One copy for the columns; dilated kernel rows lie apart and need another."""
        np.copyto(self._columns, self._source)
        if self._dilated is not None:
            np.copyto(self._dilated, self._spread)


class WeightGradient:
    """dW: taps times dy, transposed, summed over the output rows.

    It is written into `gradient`, (filters, channels of a group, kernel rows, kernel columns),
    from the `taps` of the input and `dy`, contiguous maps with as many channels as filters.
    """

    def __init__(self, site: Site, taps: Taps, dy: Array, gradient: Array) -> None:
        groups, height, count, _ = taps.rows.shape
        filters = dy.shape[1]
        cuts = taps.pieces(filters // groups)
        self._rows = in_pieces(taps.rows, cuts)
        self._dy = in_pieces(by_group(dy, groups), cuts).swapaxes(-1, -2)
        self._turned = self._dy
        if count >= TAPS_WORTH_TURNING:
            self._turned = site.buffer(*self._dy.shape)
        at_once = min(height, max(1, LARGEST_SUM // (cuts * count * filters)))
        self._parts = [slice(a, min(a + at_once, height)) for a in range(0, height, at_once)]
        self._products = site.buffer(groups, at_once, cuts, count, filters // groups)
        self._by_row = self._products.reshape(groups, at_once, cuts, *taps.order, -1)
        self._gradient = filters_by_group(gradient, groups).transpose(0, 3, 2, 4, 1)

    def compute(self) -> None:
        """Usually one product and one sum; large layers take their rows in parts."""
        if self._turned is not self._dy:
            np.copyto(self._turned, self._dy)
        for part in self._parts:
            count = part.stop - part.start
            products, by_row = self._products[:, :count], self._by_row[:, :count]
            np.matmul(self._rows[:, part], self._turned[:, part], out=products)
            if part.start == 0:
                np.add.reduce(by_row, axis=(1, 2), out=self._gradient)
            else:
                np.add(self._gradient, by_row.sum(axis=(1, 2)), out=self._gradient)


class Gather:
    """dx for stride and dilation 1: dy correlated with the turned filters.

    It is the same trick as forward: a batched product over the rows of x takes care of the kernel's
    rows. For that, `bordered` holds dy between kernel rows - 1 rows of zeros above and below; with
    groups it is copied, group by group. The product's rows are written with a gap of zeros behind
    each, so that shifting each kernel column's share into place and adding them up is one sum over
    a strided view.
    """

    def __init__(
        self, site: Site, bordered: Array, weight: Array, dx: Array, groups: int = 1
    ) -> None:
        _, depth, tall, wide = weight.shape
        height, _, width, images = dx.shape
        self._bordered = by_group(bordered, groups)
        self._apart = self._bordered
        if groups > 1:
            self._apart = site.buffer(*self._bordered.shape)
        group, row, filter_, image = self._apart.strides
        filters, run = self._apart.shape[2:]
        shape = (groups, height, tall * filters, run)
        self._dy = as_strided(self._apart, shape, (group, row, filter_, image), writeable=False)
        turned = filters_by_group(weight, groups)[:, :, :, ::-1]
        self._weight = turned.transpose(0, 2, 4, 3, 1)
        self._filters = site.buffer(*self._weight.shape)
        self._matrix = self._filters.reshape(groups, 1, 1, depth * wide, tall * filters)
        pitch = width * images
        gapped = site.buffer(groups, height, depth * wide, pitch)
        cuts = pieces(run // images, images, depth * wide, tall * filters)
        self._dy = in_pieces(self._dy, cuts)
        self._products = in_pieces(gapped[..., :run], cuts)
        group, row, step, image = gapped.strides
        self._shares = as_strided(
            gapped,
            (wide, groups, height, depth, pitch),
            (step - images * image, group, row, wide * step, image),
            writeable=False,
        )
        self._dx = by_group(dx, groups)

    @classmethod
    def suits(cls, windows: Windows) -> bool:
        """Whether `windows` are of the kind it can do; Scatter does all."""
        return all(window.stride == window.dilation == 1 for window in windows)

    def compute(self) -> None:
        """One product, one sum."""
        if self._apart is not self._bordered:
            np.copyto(self._apart, self._bordered)
        np.copyto(self._filters, self._weight)
        np.matmul(self._matrix, self._dy, out=self._products)
        np.add.reduce(self._shares, axis=0, out=self._dx)


class Scatter:
    """dx for any windows and groups: the product for each tap, added where the tap came from.

    A few rows of dy are taken at a time, so that their products are still in the cache.
    """

    def __init__(
        self, site: Site, dy: Array, weight: Array, dx: Array, windows: Windows, groups: int = 1
    ) -> None:
        _, depth, tall, wide = weight.shape
        height, filters, width, images = dy.shape
        self._dy = by_group(dy, groups)
        self._weight = filters_by_group(weight, groups)
        self._filters = site.buffer(*self._weight.shape)
        matrix = self._filters.reshape(groups, 1, filters // groups, -1)
        self._matrix = matrix.swapaxes(2, 3)
        count, run = depth * tall * wide, width * images
        self._rows = min(height, max(1, LARGEST_PRODUCT // (groups * count * run)))
        self._products = site.buffer(groups, self._rows, count, run)
        self._taps = self._products.reshape(groups, self._rows, depth, tall, wide, width, images)
        self._dx = dx
        apart = (dx.shape[0], groups, depth, *dx.shape[2:])
        self._by_group = dx.reshape(apart, copy=False).swapaxes(0, 1)
        self._windows = windows
        self._parts = [self._part(start) for start in range(0, height, self._rows)]

    def _part(self, start: int) -> tuple[Array, Array, list[tuple[Array, Array]]]:
        """Some rows of dy, their products, and for each tap where its share of these belongs."""
        dy = self._dy[:, start : start + self._rows]
        rows = dy.shape[1]
        down, right = self._windows
        tall, wide, width = self._taps.shape[3:6]
        target = self._by_group[:, start * down.stride :]
        pairs = [
            (
                target[:, _reached(down, i, rows), :, _reached(right, j, width)],
                self._taps[:, :rows, :, i, j],
            )
            for i in range(tall)
            for j in range(wide)
        ]
        return dy, self._products[:, :rows], pairs

    def compute(self) -> None:
        """For each part one product, and one addition for each tap."""
        np.copyto(self._filters, self._weight)
        self._dx.fill(0)
        for dy, products, pairs in self._parts:
            np.matmul(self._matrix, dy, out=products)
            for target, share in pairs:
                np.add(target, share, out=target)


def _reached(window: Window, tap: int, count: int) -> slice:
    """The places that a tap reads, one for each of `count` windows."""
    start = tap * window.dilation
    return slice(start, start + (count - 1) * window.stride + 1, window.stride)
