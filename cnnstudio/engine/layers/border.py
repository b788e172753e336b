"""The border that padding and overhanging windows put around the maps."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.layer import Array, Site

ROWS, COLUMNS = 0, 2
"""The axes of maps ``(H, C, W, N)``."""


class Border:
    """The maps with their border: `x` and `dx` are those of the layer where there is none.

    The padding repeats pixels of the maps in the modes ``reflect``, ``replicate`` and ``circular``.
    In all others, and always where windows hang over the padding, it holds `value`, which is
    written once and never touched again.
    """

    def __init__(
        self,
        site: Site,
        x: Array,
        dx: Array | None,
        windows: tuple[Window, Window],
        value: float = 0.0,
        mode: str = "zeros",
    ) -> None:
        self.x, self.dx = x, dx
        self._inner: Array | None = None
        height, channels, width, images = x.shape
        rows, columns = windows
        tall = height + 2 * rows.padding + rows.overhang(height)
        wide = width + 2 * columns.padding + columns.overhang(width)
        if (tall, wide) == (height, width):
            return
        self._source, self._target = x, dx
        down = slice(rows.padding, rows.padding + height)
        right = slice(columns.padding, columns.padding + width)
        self.x = site.buffer(tall, channels, wide, images)
        self.x.fill(value)
        self._inner = self.x[down, :, right]
        self._strips = _strips(self.x, down, right, mode)
        if dx is not None:
            self.dx = site.buffer(tall, channels, wide, images)
            self._inner_gradient = self.dx[down, :, right]
            self._gradient_strips = _strips(self.dx, down, right, mode)[::-1]

    def forward(self) -> None:
        """Put the maps inside their border, and repeat their pixels in it."""
        if self._inner is None:
            return
        np.copyto(self._inner, self._source)
        for strip in self._strips:
            strip.fill()

    def backward(self) -> None:
        """Hand back the gradient of the maps, with what came through pixels repeated outside."""
        if self._inner is None or self._target is None:
            return
        for strip in self._gradient_strips:
            strip.fold()
        np.copyto(self._target, self._inner_gradient)


class _Strip:
    """A side of the border, and the pixels it repeats: as many as it has, or a single line."""

    def __init__(self, maps: Array, axis: int, place: slice, origin: slice) -> None:
        before = (slice(None),) * axis
        self._axis = axis
        self._border, self._pixels = maps[(*before, place)], maps[(*before, origin)]
        self._one_line = self._border.shape != self._pixels.shape

    def fill(self) -> None:
        """Repeat the pixels."""
        np.copyto(self._border, self._pixels)

    def fold(self) -> None:
        """Add the gradient of the border to that of the pixels."""
        share = self._border
        if self._one_line:
            share = share.sum(axis=self._axis, keepdims=True)
        np.add(self._pixels, share, out=self._pixels)


def _strips(maps: Array, down: slice, right: slice, mode: str) -> list[_Strip]:
    """The sides in the order of filling: columns of the inner rows, then rows with corners."""
    columns = [_Strip(maps[down], COLUMNS, *places) for places in _repeats(right, mode)]
    return columns + [_Strip(maps, ROWS, *places) for places in _repeats(down, mode)]


def _repeats(inner: slice, mode: str) -> list[tuple[slice, slice]]:
    """The border before and behind the pixels `inner`, each with the places that it repeats."""
    first, behind = inner.start, inner.stop
    before, after = slice(0, first), slice(behind, behind + first)
    size = behind - first
    if first == 0:
        return []
    if mode == "reflect":  # behind - 2 - first is size - 2, which is no less than `first` - 1
        return [
            (before, slice(2 * first, first, -1)),
            (after, slice(behind - 2, size - 2, -1)),
        ]
    if mode == "replicate":
        return [(before, slice(first, first + 1)), (after, slice(behind - 1, behind))]
    if mode == "circular":
        return [(before, slice(size, behind)), (after, slice(first, 2 * first))]
    return []
