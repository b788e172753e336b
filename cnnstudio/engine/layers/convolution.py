"""CONV: windows gathered by columns only, then one batched matrix product over the output rows.

`columns` is ``(rows, C, kernel columns, output columns, N)``: each map's columns shifted by every
column of the kernel. As rows are outermost, the taps of one output row, ``(kernel rows, C, kernel
columns)`` times ``(output columns, N)``, are one block of it; the blocks of neighbouring output
rows overlap, so that the vertical taps cost no copy.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.blocks import Conv2D
from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.border import Border
from cnnstudio.engine.layers.layer import Array, Layer, Site

TAPS_WORTH_TURNING = 100
"""Taps from which BLAS gains more by a dy turned in memory than the turning costs."""

LARGEST_SUM = 1 << 20
"""Numbers in the buffer of weight gradients by output row, before they are summed."""


class ConvolutionLayer(Layer):
    """A cross-correlation without its bias and activation, which follow in the finish."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, Conv2D)
        self._border = Border(site, x, dx, block.windows())
        filters, height, width = block.output_shape(site.shape)
        self._weight = site.parameters["weight"]
        self._taps = _Taps(site, self._border.x, block.windows(), height, width)
        self._filters = site.buffer(filters, *self._taps.order)
        self._matrix = self._filters.reshape(filters, -1)
        self.y = site.buffer(height, filters, width, site.images)
        self._products = self.y.reshape(height, filters, -1)
        self.dy = None
        if site.learning:
            self._prepare_backward(site, block, filters, height, width)

    def _prepare_backward(
        self, site: Site, block: Conv2D, filters: int, height: int, width: int
    ) -> None:
        margin = block.windows()[0].kernel - 1
        bordered = site.buffer(height + 2 * margin, filters, width, site.images)
        self.dy = bordered[margin : margin + height]
        self._weight_gradient = _WeightGradient(
            site, self._taps.rows, self.dy.reshape(height, filters, -1), self._taps.order
        )
        self._input_gradient: _Gather | _Scatter | None = None
        if self._border.dx is not None:
            steps = {(window.stride, window.dilation) for window in block.windows()}
            kind = _Gather if steps == {(1, 1)} else _Scatter
            self._input_gradient = kind(
                site, bordered, self.dy, self._weight, self._border.dx, block.windows()
            )

    def forward(self) -> None:
        """Border, columns, product."""
        self._border.forward()
        self._taps.forward()
        np.copyto(self._filters, self._weight.transpose(0, 2, 1, 3))
        np.matmul(self._matrix, self._taps.rows, out=self._products)

    def backward(self) -> None:
        """The weights' gradient, then the input's if anybody needs it."""
        self._weight_gradient.compute()
        if self._input_gradient is not None:
            self._input_gradient.compute()
            self._border.backward()


class _Taps:
    """The taps of every output row: `rows` is ``(output rows, taps, output columns * N)``.

    The taps are in the order (kernel rows, channels, kernel columns), whose sizes are `order`.
    """

    def __init__(
        self, site: Site, x: Array, windows: tuple[Window, Window], height: int, width: int
    ) -> None:
        down, right = windows
        tall, channels, _, images = x.shape
        self.order = (down.kernel, channels, right.kernel)
        row, channel, column, image = x.strides
        shape = (tall, channels, right.kernel, width, images)
        shifts = (row, channel, right.dilation * column, right.stride * column, image)
        self._source = as_strided(x, shape, shifts, writeable=False)
        self._columns = site.buffer(*shape)
        row, _, tap, _, image = self._columns.strides
        block, run = channels * right.kernel, width * images
        self._dilated: Array | None = None
        if down.dilation == 1:
            self.rows = self._view(
                (height, down.kernel * block, run), (down.stride * row, tap, image)
            )
            return
        self._spread = self._view(
            (height, down.kernel, block, run),
            (down.stride * row, down.dilation * row, tap, image),
        )
        self._dilated = site.buffer(*self._spread.shape)
        self.rows = self._dilated.reshape(height, down.kernel * block, -1)

    def _view(self, shape: tuple[int, ...], strides: tuple[int, ...]) -> Array:
        return as_strided(self._columns, shape, strides, writeable=False)

    def forward(self) -> None:
        """One copy for the columns; dilated kernel rows lie apart and need another."""
        np.copyto(self._columns, self._source)
        if self._dilated is not None:
            np.copyto(self._dilated, self._spread)


class _WeightGradient:
    """dW: taps times dy, transposed, summed over the output rows."""

    def __init__(self, site: Site, rows: Array, dy: Array, order: tuple[int, ...]) -> None:
        height, filters, _ = dy.shape
        taps = rows.shape[1]
        self._rows, self._dy = rows, dy.swapaxes(1, 2)
        self._turned = self._dy
        if taps >= TAPS_WORTH_TURNING:
            self._turned = site.buffer(*self._dy.shape)
        at_once = min(height, max(1, LARGEST_SUM // (taps * filters)))
        self._parts = [slice(a, min(a + at_once, height)) for a in range(0, height, at_once)]
        self._products = site.buffer(at_once, taps, filters)
        self._by_row = self._products.reshape(at_once, *order, filters)
        self._gradient = site.gradients["weight"].transpose(2, 1, 3, 0)

    def compute(self) -> None:
        """Usually one product and one sum; large layers take their rows in parts."""
        if self._turned is not self._dy:
            np.copyto(self._turned, self._dy)
        for part in self._parts:
            count = part.stop - part.start
            np.matmul(self._rows[part], self._turned[part], out=self._products[:count])
            if part.start == 0:
                np.add.reduce(self._by_row[:count], axis=0, out=self._gradient)
            else:
                np.add(self._gradient, self._by_row[:count].sum(axis=0), out=self._gradient)


class _Gather:
    """dx for stride and dilation 1: a correlation of dy, padded above and below, with the filters.

    It is the same trick as forward: a batched product over the rows of x takes care of the kernel's
    rows. The product's rows are written with a gap of zeros behind each, so that shifting each
    kernel column's share into place and adding them up is one sum over a strided view.
    """

    def __init__(
        self,
        site: Site,
        bordered: Array,
        dy: Array,
        weight: Array,
        dx: Array,
        windows: tuple[Window, Window],
    ) -> None:
        filters, channels, tall, wide = weight.shape
        height, width, images = dx.shape[0], dx.shape[2], dx.shape[3]
        used = dy.shape[2]
        row, _, _, image = bordered.strides
        shape = (height, tall * filters, used * images)
        self._dy = as_strided(bordered, shape, (row, bordered.strides[1], image), writeable=False)
        self._weight = weight[:, :, ::-1].transpose(1, 3, 2, 0)
        self._filters = site.buffer(channels, wide, tall, filters)
        self._matrix = self._filters.reshape(channels * wide, tall * filters)
        pitch = width * images
        gapped = site.buffer(height, channels * wide, pitch)
        self._products = gapped[:, :, : used * images]
        step = gapped.strides[1]
        self._shares = as_strided(
            gapped,
            (wide, height, channels, pitch),
            (step - images * image, gapped.strides[0], wide * step, image),
            writeable=False,
        )
        self._dx = dx.reshape(height, channels, pitch)

    def compute(self) -> None:
        """One product, one sum."""
        np.copyto(self._filters, self._weight)
        np.matmul(self._matrix, self._dy, out=self._products)
        np.add.reduce(self._shares, axis=0, out=self._dx)


class _Scatter:
    """dx for any stride and dilation: the product for each tap, added where the tap came from."""

    def __init__(
        self,
        site: Site,
        bordered: Array,
        dy: Array,
        weight: Array,
        dx: Array,
        windows: tuple[Window, Window],
    ) -> None:
        filters, channels, tall, wide = weight.shape
        height, _, width, images = dy.shape
        self._dy = dy.reshape(height, filters, -1)
        self._weight = weight.reshape(filters, -1).T
        self._products = site.buffer(height, channels * tall * wide, width * images)
        taps = self._products.reshape(height, channels, tall, wide, width, images)
        self._dx = dx
        down, right = windows
        self._pairs = [
            (dx[_reached(down, i, height), :, _reached(right, j, width)], taps[:, :, i, j])
            for i in range(tall)
            for j in range(wide)
        ]

    def compute(self) -> None:
        """One product, one addition for each tap."""
        np.matmul(self._weight, self._dy, out=self._products)
        self._dx.fill(0)
        for target, share in self._pairs:
            np.add(target, share, out=target)


def _reached(window: Window, tap: int, count: int) -> slice:
    """The places that a tap reads, one for each of `count` windows."""
    start = tap * window.dilation
    return slice(start, start + (count - 1) * window.stride + 1, window.stride)
