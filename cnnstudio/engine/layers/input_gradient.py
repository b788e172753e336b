"""The gradient of a convolution's input: dy through the filters, back to where taps came from."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.layer import Array, Site
from cnnstudio.engine.layers.taps import (
    Windows,
    by_group,
    filters_by_group,
    in_parts,
    in_pieces,
    pieces,
)

LARGEST_PRODUCT = 1 << 18
"""Numbers in the buffer of products that Scatter adds up, unless a single row of dy has more."""


class Gather:
    """dx for stride and dilation 1: dy correlated with the turned filters.

    `bordered` holds dy between kernel rows - 1 rows of zeros above and below, so that a batched
    product over its rows takes care of the kernel's rows. The product's rows are written with a gap
    of zeros behind each: shifting each kernel column's share into place and adding them up is then
    one sum over a strided view. That goes by a few rows of dx at a time.

    `dx` is that of the maps with their border or, as far as it is smaller, of what lies inside.
    """

    def __init__(
        self, site: Site, bordered: Array, weight: Array, dx: Array, groups: int = 1
    ) -> None:
        _, depth, tall, wide = weight.shape
        turned = filters_by_group(weight, groups)[:, :, :, ::-1]
        self._weight = turned.transpose(0, 2, 4, 3, 1)
        self._filters = site.buffer(*self._weight.shape)
        self._matrix = self._filters.reshape(groups, 1, 1, depth * wide, -1)
        self._bordered = self._apart = by_group(bordered, groups)
        if groups > 1:
            self._apart = site.buffer(*self._bordered.shape)
        dys = self._rows(tall, len(dx))
        inner, run = dys.shape[2:]
        gap = (wide - 1) * site.images
        parts = in_parts(len(dx), groups * depth * wide * (run + gap))
        gapped = site.buffer(groups, parts[0].stop, depth * wide, run + gap)
        cuts = pieces(run // site.images, site.images, depth * wide, inner)
        products, shares = in_pieces(gapped[..., :run], cuts), _shares(gapped, wide, dx)
        dys, dxs = in_pieces(dys, cuts), by_group(dx, groups)
        self._parts = []
        for part in parts:
            count = part.stop - part.start
            same = products[:, :count], shares[:, :, :count]
            self._parts.append((dys[:, part], *same, dxs[:, part]))

    def _rows(self, tall: int, height: int) -> Array:
        """The windows of dy for the `height` rows in the middle, ``(groups, H, taps, W * N)``."""
        group, row, filter_, image = self._apart.strides
        groups, bordered, filters, run = self._apart.shape
        above = (bordered - tall + 1 - height) // 2
        shape = (groups, height, tall * filters, run)
        first = self._apart[:, above:]
        return as_strided(first, shape, (group, row, filter_, image), writeable=False)

    @classmethod
    def suits(cls, windows: Windows) -> bool:
        """Whether `windows` are of the kind it can do; Scatter does all."""
        return all(window.stride == window.dilation == 1 for window in windows)

    def compute(self) -> None:
        """For each part a product and a sum."""
        if self._apart is not self._bordered:
            np.copyto(self._apart, self._bordered)
        np.copyto(self._filters, self._weight)
        for dys, products, shares, dxs in self._parts:
            np.matmul(self._matrix, dys, out=products)
            np.add.reduce(shares, axis=0, out=dxs)


def _shares(gapped: Array, wide: int, dx: Array) -> Array:
    """Each kernel column's share of dx in products with gaps, for the middle columns, as in `dx`.

    It is ``(kernel columns, groups, H, C / groups, W * N)``.
    """
    _, _, width, images = dx.shape
    groups, height, rows, pitch = gapped.shape
    left = (pitch // images - width) // 2
    group, row, step, number = gapped.strides
    shape = (wide, groups, height, rows // wide, width * images)
    steps = (step - images * number, group, row, wide * step, number)
    return as_strided(gapped[..., left * images :], shape, steps, writeable=False)


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
