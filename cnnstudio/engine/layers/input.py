"""INPUT: pictures into the engine's layout, normalised and padded."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Input
from cnnstudio.blocks.block import pair
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site


class InputLayer(Layer):
    """Writes pictures ``(N, C, H, W)`` to ``(H, C, W, N)`` as (x - mean) / deviation.

    Bytes are pixels from 0 to 255 and become 0..1 first; the padding is the normalised 0.
    """

    keeps_output = True

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, Input)
        channels, height, width = block.output_shape(site.shape)
        self._mean = self._scalar(site, block.mean)
        self._deviation = self._scalar(site, block.deviation)
        self._white = self._scalar(site, 255)
        self._normalises = (block.mean, block.deviation) != (0.0, 1.0)
        self.y = site.buffer(height, channels, width, site.images)
        self.y.fill((0 - self._mean) / self._deviation)
        self.dy = site.gradient_buffer(*self.y.shape)
        down, right = pair(block.pad)
        self._down, self._right = slice(down, height - down), slice(right, width - right)
        self._inner = self.y[self._down, :, self._right]

    @staticmethod
    def _scalar(site: Site, value: float) -> Array:
        return np.array(value, site.dtype)

    def load(self, pictures: Array) -> None:
        """Take up to `images` pictures ``(n, C, H, W)``; places beyond them keep old ones."""
        inner = self._inner[..., : len(pictures)]
        np.copyto(inner.transpose(3, 1, 0, 2), pictures, casting="same_kind")
        if pictures.dtype == np.uint8:
            np.divide(inner, self._white, out=inner)
        if self._normalises:
            np.subtract(inner, self._mean, out=inner)
            np.divide(inner, self._deviation, out=inner)

    def forward(self) -> None:
        """Nothing: `load` has done it."""

    def backward(self) -> None:
        """Nothing: `pixel_gradient` tells it to those who ask."""

    def pixel_gradient(self, count: int) -> Array:
        """The gradient ``(count, C, H, W)`` for pixels in 0..1, when `dy` is there."""
        assert self.dy is not None
        inner = self.dy[self._down, :, self._right, :count]
        gradient: Array = inner.transpose(3, 1, 0, 2) / self._deviation
        return gradient


LAYERS: Layers = {
    Input: (InputLayer,),
}
