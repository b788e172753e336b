"""CONV without sharing: one matrix product for each place of the output, with its own filters.

The places are taken in parts, some rows at a time. A part's windows are copied next to each other,
in the order of the weights, into a scratch buffer that fits the cache, and multiplied there.
Backward copies them once more, so that the windows of all parts never take memory at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.blocks import LocallyConnected2D, TiledConv2D
from cnnstudio.blocks.local_convolution import UnsharedConvolution
from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.border import Border
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site

LARGEST_PART = 1 << 18
"""Numbers in the windows of one part, unless a single row of the output has more."""


@dataclass(frozen=True)
class Turns:
    """Places along one side of the output: `sets` of filters in turn, `times` over.

    The first place is `start`, its set of filters `first`.
    """

    start: int
    first: int
    sets: int
    times: int

    @property
    def count(self) -> int:
        """How many places there are."""
        return self.times * self.sets

    @property
    def places(self) -> slice:
        """The places."""
        return slice(self.start, self.start + self.count)

    @property
    def used(self) -> slice:
        """The sets of filters."""
        return slice(self.first, self.first + self.sets)


def turns(size: int, sets: int, most: int) -> Iterator[Turns]:
    """All of `size` places with `sets` of filters in turn, in parts of at most `most` places.

    A part takes all the sets a number of times, or some of them once.
    """
    start = 0
    while start < size:
        first, count = start % sets, min(most, size - start)
        times = count // sets if first == 0 else 0
        part = Turns(start, first, sets, times)
        if times == 0:
            part = Turns(start, first, min(count, sets - first), 1)
        yield part
        start += part.count


@dataclass(frozen=True)
class _Arrays:
    """What the parts work on: maps with their border, and matrices for each set of filters.

    `weight` and `gradient` are ``(sets down, sets right, filters, taps)``. `windows` and `sums`
    are scratch; without `sums` every set has a single place, so that its gradient is no sum.
    """

    x: Array
    dx: Array | None
    y: Array
    dy: Array | None
    weight: Array
    gradient: Array | None
    windows: Array
    sums: Array | None


class UnsharedConvolutionLayer(Layer):
    """LocallyConnected2D and TiledConv2D without their bias and activation."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, UnsharedConvolution)
        self._border = Border(site, x, dx, block.windows())
        filters, height, width = block.output_shape(site.shape)
        self.y = site.buffer(height, filters, width, site.images)
        self.dy = site.gradient_buffer(*self.y.shape)
        weight = _matrices(site.parameters["weight"])
        down, right, _, taps = weight.shape
        rows = max(1, LARGEST_PART // (width * taps * site.images))
        places = [(a, b) for a in turns(height, down, rows) for b in turns(width, right, width)]
        most = max(a.count * b.count for a, b in places)
        wanted = "weight" in site.gradients
        shared = wanted and (down, right) != (height, width)
        self._arrays = _Arrays(
            x=self._border.x,
            dx=self._border.dx,
            y=self.y,
            dy=self.dy,
            weight=weight,
            gradient=_matrices(site.gradients["weight"]) if wanted else None,
            windows=site.buffer(most * taps * site.images),
            sums=site.gradient_buffer(most * filters * taps) if shared else None,
        )
        self._parts = [_Part(self._arrays, block.windows(), a, b) for a, b in places]

    def forward(self) -> None:
        """Border, then part by part."""
        self._border.forward()
        for part in self._parts:
            part.forward()

    def backward(self) -> None:
        """Part by part: the gradients of weights and input, as far as anybody needs them."""
        if self._arrays.gradient is not None and self._arrays.sums is not None:
            self._arrays.gradient.fill(0)
        if self._arrays.dx is not None:
            self._arrays.dx.fill(0)
        for part in self._parts:
            part.backward()
        self._border.backward()


class _Part:
    """The products of some rows and columns of the output, one for each place.

    They are batched over ``(times, sets)`` of the rows and of the columns.
    """

    def __init__(
        self, arrays: _Arrays, windows: tuple[Window, Window], rows: Turns, columns: Turns
    ) -> None:
        self._source = _windows(arrays.x, windows, rows, columns)
        self._windows = _scratch(arrays.windows, self._source.shape)
        count, channels, tall, wide, *rest = self._windows.shape
        taps = channels * tall * wide
        self._taps = _by_place(self._windows.reshape(count, taps, *rest), rows, columns)
        self._y = _by_place(arrays.y[rows.places, :, columns.places], rows, columns)
        self._weight = arrays.weight[rows.used, columns.used][None, :, None]
        if arrays.dy is None:
            return
        self._dy = _by_place(arrays.dy[rows.places, :, columns.places], rows, columns)
        self._gradient: Array | None = None
        if arrays.gradient is not None:
            self._gradient = arrays.gradient[rows.used, columns.used][None, :, None]
        self._sums: Array | None = None
        if arrays.sums is not None:
            self._sums = _scratch(arrays.sums, (*self._dy.shape[:-1], taps))
        self._pairs: list[tuple[Array, Array]] = []
        if arrays.dx is not None:
            targets = _windows(arrays.dx, windows, rows, columns)
            places = np.ndindex(tall, wide)
            self._pairs = [(targets[:, :, i, j], self._windows[:, :, i, j]) for i, j in places]

    def forward(self) -> None:
        """Copy, multiply."""
        np.copyto(self._windows, self._source)
        np.matmul(self._weight, self._taps, out=self._y)

    def backward(self) -> None:
        """The weights' gradient from the windows; then their gradient takes their place."""
        if self._gradient is not None:
            self._add_to(self._gradient)
        if self._pairs:
            np.matmul(self._weight.swapaxes(-1, -2), self._dy, out=self._taps)
        for target, share in self._pairs:
            np.add(target, share, out=target)

    def _add_to(self, gradient: Array) -> None:
        """Write the weights' gradient, or add it where several places have the same weights."""
        np.copyto(self._windows, self._source)
        taps = self._taps.swapaxes(-1, -2)
        if self._sums is None:
            np.matmul(self._dy, taps, out=gradient)
        else:
            np.matmul(self._dy, taps, out=self._sums)
            total = np.add.reduce(self._sums, axis=(0, 2), keepdims=True)
            np.add(gradient, total, out=gradient)


class PlaceBiasLayer(Layer):
    """A bias for each place of each map, ``(filters, H, W)``, added in place."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        self.y, self.dy = x, dx
        self._bias = site.parameters["bias"].transpose(1, 0, 2)[..., None]
        self._gradient: Array | None = None
        if "bias" in site.gradients:
            self._gradient = site.gradients["bias"].transpose(1, 0, 2)

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Whether there is a bias."""
        return "bias" in site.parameters

    def forward(self) -> None:
        """Add."""
        np.add(self.x, self._bias, out=self.y)

    def backward(self) -> None:
        """The bias's gradient is the sum over the images."""
        if self._gradient is not None and self.dy is not None:
            np.add.reduce(self.dy, axis=-1, out=self._gradient)


def _matrices(weight: Array) -> Array:
    """Weights ``(sets down, sets right, filters, channels, kh, kw)`` as a matrix for each set."""
    return weight.reshape((*weight.shape[:3], -1), copy=False)


def _windows(maps: Array, windows: tuple[Window, Window], rows: Turns, columns: Turns) -> Array:
    """The windows of some places as a view ``(rows, C, kernel rows, kernel columns, columns, N)``.

    Windows may overlap: write only to those that one place of the kernel sees.
    """
    down, right = windows
    first = maps[rows.start * down.stride :, :, columns.start * right.stride :]
    row, channel, column, image = maps.strides
    _, channels, _, images = maps.shape
    shape = (rows.count, channels, down.kernel, right.kernel, columns.count, images)
    steps = (down.stride * row, channel, row, column, right.stride * column, image)
    return as_strided(first, shape, steps)


def _by_place(maps: Array, rows: Turns, columns: Turns) -> Array:
    """Maps ``(rows, C, columns, N)`` as matrices ``(C, N)`` for (times, sets) of both."""
    _, channels, _, images = maps.shape
    shape = (rows.times, rows.sets, channels, columns.times, columns.sets, images)
    return maps.reshape(shape, copy=False).transpose(0, 1, 3, 4, 2, 5)


def _scratch(buffer: Array, shape: tuple[int, ...]) -> Array:
    """The first numbers of a flat buffer in `shape`."""
    return buffer[: math.prod(shape)].reshape(shape)


LAYERS: Layers = {
    LocallyConnected2D: (UnsharedConvolutionLayer, PlaceBiasLayer, FinishLayer),
    TiledConv2D: (UnsharedConvolutionLayer, FinishLayer),
}
