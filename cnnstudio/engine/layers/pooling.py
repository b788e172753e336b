"""POOL: windows reduced along the columns first, then along the rows.

Two short passes instead of one over all taps; and as the first row that holds the maximum is found
before the first column in it, ties go to the first maximum in row-major order, as in PyTorch.
"""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import GlobalAvgPool2D, MaxPool2D
from cnnstudio.blocks.pooling import AvgPool2D, Pool2D
from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.border import Border
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site

ROWS, COLUMNS = 0, 2
"""The axes of maps ``(H, C, W, N)``."""


class _Pass:
    """Windows along one axis; `taps` are the places that each position in the window sees."""

    def __init__(
        self, x: Array, dx: Array | None, y: Array, dy: Array | None, window: Window, axis: int
    ) -> None:
        self.y, self.dy, self.dx = y, dy, dx
        count = y.shape[axis]
        places = [
            (slice(None),) * axis
            + (slice(tap, tap + (count - 1) * window.stride + 1, window.stride),)
            for tap in range(window.kernel)
        ]
        self.taps = [x[place] for place in places]
        self.targets = [] if dx is None else [dx[place] for place in places]
        self.overlaps = window.stride < window.kernel
        self._leaves_gaps = window.kernel * count < x.shape[axis]

    def clear(self) -> None:
        """Zero what the taps do not overwrite; the layer before may have left NaN in gaps."""
        if self.overlaps or self._leaves_gaps:
            assert self.dx is not None
            self.dx.fill(0)


class _MaximumPass(_Pass):
    """The largest of the taps; backward, the first of the largest takes all.

    Of two taps the winners are noted at once, while the taps are in the cache; then `y` may be
    overwritten. With more taps, backward compares each with `y`.
    """

    def __init__(
        self, x: Array, dx: Array | None, y: Array, dy: Array | None, window: Window, axis: int
    ) -> None:
        super().__init__(x, dx, y, dy, window, axis)
        if dy is not None:
            self._won = np.zeros(y.shape, bool)
            self._share = np.zeros_like(y if self.overlaps else y[:0])

    def forward(self) -> None:
        """Take the maximum of the taps."""
        if len(self.taps) == 1:
            np.copyto(self.y, self.taps[0])
            return
        np.maximum(self.taps[0], self.taps[1], out=self.y)
        for tap in self.taps[2:]:
            np.maximum(self.y, tap, out=self.y)
        if self.dy is not None and len(self.taps) == 2:
            np.greater_equal(self.taps[0], self.taps[1], out=self._won)

    def backward(self) -> None:
        """Hand dy to the taps in turn; who has won leaves nothing for those behind."""
        assert self.dx is not None
        assert self.dy is not None
        self.clear()
        if self.overlaps:
            self._backward_overlapping(self.dy)
        else:
            self._backward_apart(self.dy)

    def _backward_apart(self, left: Array) -> None:
        last = len(self.taps) - 1
        if last == 0:
            np.copyto(self.targets[0], left)
        for place in range(last):
            self._find_winners(place)
            target = self.targets[place]
            np.multiply(left, self._won, out=target)
            rest = left if place + 1 < last else self.targets[last]
            np.subtract(left, target, out=rest)

    def _backward_overlapping(self, left: Array) -> None:
        last = len(self.taps) - 1
        for place in range(last):
            self._find_winners(place)
            np.multiply(left, self._won, out=self._share)
            np.add(self.targets[place], self._share, out=self.targets[place])
            np.subtract(left, self._share, out=left)
        np.add(self.targets[last], left, out=self.targets[last])

    def _find_winners(self, place: int) -> None:
        """Where a tap is the largest, unless that is known already."""
        if len(self.taps) > 2:
            np.equal(self.taps[place], self.y, out=self._won)


class _SumPass(_Pass):
    """The sum of the taps; backward, each takes all of dy."""

    def forward(self) -> None:
        """Add the taps up."""
        np.copyto(self.y, self.taps[0])
        for tap in self.taps[1:]:
            np.add(self.y, tap, out=self.y)

    def backward(self) -> None:
        """Every tap gets dy."""
        assert self.dx is not None
        assert self.dy is not None
        self.clear()
        for target in self.targets:
            if self.overlaps:
                np.add(target, self.dy, out=target)
            else:
                np.copyto(target, self.dy)


class PoolLayer(Layer):
    """The border and the two passes that both poolings have."""

    border_value = 0.0
    pass_type: type[_MaximumPass] | type[_SumPass]

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, Pool2D)
        rows, columns = block.windows()
        self._border = Border(site, x, dx, (rows, columns), self.border_value)
        channels, height, width = block.output_shape(site.shape)
        tall = self._border.x.shape[0]
        narrow = site.buffer(tall, channels, width, site.images)
        narrow_gradient = site.gradient_buffer(tall, channels, width, site.images)
        self.y = site.buffer(height, channels, width, site.images)
        self.dy = site.gradient_buffer(height, channels, width, site.images)
        self._across = self.pass_type(
            self._border.x, self._border.dx, narrow, narrow_gradient, columns, COLUMNS
        )
        self._down = self.pass_type(narrow, narrow_gradient, self.y, self.dy, rows, ROWS)

    def forward(self) -> None:
        """Across the columns, then down the rows."""
        self._border.forward()
        self._across.forward()
        self._down.forward()

    def backward(self) -> None:
        """The same way back."""
        self._down.backward()
        self._across.backward()
        self._border.backward()


class MaxPoolLayer(PoolLayer):
    """The largest value of every window; a border of -inf never wins."""

    border_value = -np.inf
    pass_type = _MaximumPass

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        assert isinstance(site.block, Pool2D)
        self.keeps_output = site.block.windows()[0].kernel > 2


class AvgPoolLayer(PoolLayer):
    """The mean of every window's cells; those that hang over the padding do not count."""

    pass_type = _SumPass

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        assert isinstance(site.block, AvgPool2D)
        down, right = site.block.windows()
        cells = _padded_cells if site.block.count_padding else _real_cells
        rows = cells(down, x.shape[0], self.y.shape[0])
        columns = cells(right, x.shape[2], self.y.shape[2])
        shares = 1 / (rows[:, None, None, None] * columns[:, None])
        if np.all(shares == shares.flat[0]):
            shares = shares[0, 0, 0, 0]
        self._shares = np.asarray(shares, site.dtype)

    def forward(self) -> None:
        """Sum, then divide."""
        super().forward()
        np.multiply(self.y, self._shares, out=self.y)

    def backward(self) -> None:
        """Divide, then spread."""
        assert self.dy is not None
        np.multiply(self.dy, self._shares, out=self.dy)
        super().backward()


def _padded_cells(window: Window, size: int, count: int) -> Array:
    """How many cells of the padded input each of `count` windows has."""
    starts = np.arange(count) * window.stride
    return np.minimum(starts + window.kernel, size + 2 * window.padding) - starts


def _real_cells(window: Window, size: int, count: int) -> Array:
    """How many cells of the input itself each of `count` windows has."""
    starts = np.arange(count) * window.stride - window.padding
    return np.minimum(starts + window.kernel, size) - np.maximum(starts, 0)


class GlobalAvgPoolLayer(Layer):
    """The mean of every map, ``(H, C, W, N)`` to ``(C, N)``; backward, each place has its share.

    Two sums, first the rows, which lie outermost and need no jumps, then the columns.
    """

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        height, channels, width, images = x.shape
        self._share = np.asarray(1 / (height * width), site.dtype)
        self._narrow = site.buffer(channels, width, images)
        self.y = site.buffer(channels, images)
        self.dy = site.gradient_buffer(channels, images)

    def forward(self) -> None:
        """Sum, then divide."""
        np.add.reduce(self.x, axis=0, out=self._narrow)
        np.add.reduce(self._narrow, axis=1, out=self.y)
        np.multiply(self.y, self._share, out=self.y)

    def backward(self) -> None:
        """Divide, then spread."""
        assert self.dx is not None
        assert self.dy is not None
        np.multiply(self.dy, self._share, out=self.dy)
        np.copyto(self.dx, self.dy[:, None])


LAYERS: Layers = {
    MaxPool2D: (MaxPoolLayer,),
    AvgPool2D: (AvgPoolLayer,),
    GlobalAvgPool2D: (GlobalAvgPoolLayer,),
}
