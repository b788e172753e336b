"""DROPOUT: a share of the values silenced while training."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Dropout
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site

STEPS = 1 << 16
"""Values of the 16-bit numbers that are drawn; the rate is met to within half of 1 / 65,536."""


class DropoutLayer(Layer):
    """Inverted dropout: kept values are multiplied by 1 / (1 - rate). Only in training."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        assert isinstance(site.block, Dropout)
        self._chance = site.chance
        self._limit = np.uint16(round(site.block.rate * STEPS))
        self._scale = np.array(1 / (1 - site.block.rate), site.dtype)
        self._kept = np.zeros(x.shape, bool)
        self._factor = site.buffer(*x.shape)
        self.y = site.buffer(*x.shape)
        self.dy = dx

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Only while training."""
        return site.training

    def forward(self) -> None:
        """Draw a mask, four values from each random 64-bit number, and multiply by it."""
        words = -(-self.x.size // 4)
        drawn = self._chance.generator.integers(0, 1 << 64, words, np.uint64).view(np.uint16)
        np.greater_equal(drawn[: self.x.size].reshape(self.x.shape), self._limit, out=self._kept)
        np.multiply(self._kept, self._scale, out=self._factor)
        np.multiply(self.x, self._factor, out=self.y)

    def backward(self) -> None:
        """The gradient goes where the values went."""
        assert self.dy is not None
        np.multiply(self.dy, self._factor, out=self.dy)


LAYERS: Layers = {
    Dropout: (DropoutLayer,),
}
