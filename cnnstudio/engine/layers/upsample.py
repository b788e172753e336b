"""UPSAMPLE: pixels repeated, or mixed with their neighbours, one direction after the other."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Upsample
from cnnstudio.blocks.block import pair
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site

PLACES_AT_ONCE = 32
"""Rows or columns that are mixed by one matrix product."""


class NearestLayer(Layer):
    """Every pixel repeated: `y` seen as ``(H, scale, C, W, scale, N)`` is filled by one copy."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        down, right = _scale(site)
        height, channels, width, images = x.shape
        apart = (height, down, channels, width, right, images)
        self.y = site.buffer(height * down, channels, width * right, images)
        self.dy = site.gradient_buffer(*self.y.shape)
        self._repeated = self.y.reshape(apart)
        self._gradients = None if self.dy is None else self.dy.reshape(apart)

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Whether the block repeats pixels."""
        return isinstance(site.block, Upsample) and site.block.mode == "nearest"

    def forward(self) -> None:
        """Copy."""
        np.copyto(self._repeated, self.x[:, None, :, :, None])

    def backward(self) -> None:
        """Sum over the repetitions."""
        assert self._gradients is not None
        np.add.reduce(self._gradients, axis=(1, 4), out=self.dx)


class BilinearLayer(Layer):
    """Rows, then columns, mixed by a matrix of shares; backward, by the transposed matrices.

    Mixed rows are one product, as rows are outermost; columns take one for each row and channel.
    """

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        down, right = _scale(site)
        height, channels, width, images = x.shape
        down_shares = bilinear_shares(height, down).astype(site.dtype)
        right_shares = bilinear_shares(width, right).astype(site.dtype)
        self._down, self._right = _Mixture(down_shares), _Mixture(right_shares)
        self._up, self._left = _Mixture(down_shares.T), _Mixture(right_shares.T)
        tall, wide = height * down, width * right
        self._mixed = site.buffer(tall, channels, width, images)
        self.y = site.buffer(tall, channels, wide, images)
        self.dy = site.gradient_buffer(*self.y.shape)

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Whether the block mixes pixels."""
        return isinstance(site.block, Upsample) and site.block.mode == "bilinear"

    def forward(self) -> None:
        """Rows, then columns."""
        self._down.mix(_by_row(self.x), _by_row(self._mixed))
        self._right.mix(self._mixed, self.y)

    def backward(self) -> None:
        """The same way back; the mixed rows are needed no more and take their gradient."""
        assert self.dx is not None
        assert self.dy is not None
        self._left.mix(self.dy, self._mixed)
        self._up.mix(_by_row(self._mixed), _by_row(self.dx))


class _Mixture:
    """A matrix ``(places after, places before)`` with few entries, all near its diagonal.

    Some places after are made at a time, from the few before that have a share in them.
    """

    def __init__(self, shares: Array) -> None:
        self._parts = []
        for start in range(0, len(shares), PLACES_AT_ONCE):
            rows = shares[start : start + PLACES_AT_ONCE]
            used = np.flatnonzero(rows.any(axis=0))
            after, before = slice(start, start + len(rows)), slice(used[0], used[-1] + 1)
            self._parts.append((after, before, np.ascontiguousarray(rows[:, before])))

    def mix(self, before: Array, after: Array) -> None:
        """Write `after` from `before`; the places are the last axis but one."""
        for places, sources, shares in self._parts:
            np.matmul(shares, before[..., sources, :], out=after[..., places, :])


def bilinear_shares(size: int, scale: int) -> Array:
    """The share ``(size * scale, size)`` of every pixel in every mixed one, in one direction.

    The centre of output pixel o lies at (o + 1/2) / scale - 1/2 among the inputs; what would come
    from past the edge comes from the pixel at the edge.
    """
    centres = (np.arange(size * scale) + 0.5) / scale - 0.5
    before = np.floor(centres).astype(int)
    share = centres - before
    shares = np.zeros((size * scale, size))
    places = np.arange(size * scale)
    np.add.at(shares, (places, np.clip(before, 0, size - 1)), 1 - share)
    np.add.at(shares, (places, np.clip(before + 1, 0, size - 1)), share)
    return shares


def _scale(site: Site) -> tuple[int, int]:
    assert isinstance(site.block, Upsample)
    return pair(site.block.scale)


def _by_row(maps: Array) -> Array:
    """Maps with one matrix row for each of their rows."""
    return maps.reshape(len(maps), -1)


LAYERS: Layers = {
    Upsample: (NearestLayer, BilinearLayer),
}
