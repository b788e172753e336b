"""FLATTEN: maps laid out as one row of units, in PyTorch's order (channels, rows, columns)."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Flatten
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site


class FlattenLayer(Layer):
    """``(H, C, W, N)`` to ``(C * H * W, N)``; nothing to do for what is flat already."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        height, channels, width, images = x.shape
        maps = site.buffer(channels, height, width, images)
        self.y = maps.reshape(-1, images)
        self._maps = maps.transpose(1, 0, 2, 3)
        self.dy = None
        if dx is not None:
            gradient = site.buffer(channels, height, width, images)
            self.dy = gradient.reshape(-1, images)
            self._gradient = gradient.transpose(1, 0, 2, 3)

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Whether there are maps."""
        return not site.shape.is_flat

    def forward(self) -> None:
        """Copy, because the rows are the outermost axis of maps."""
        np.copyto(self._maps, self.x)

    def backward(self) -> None:
        """Copy back."""
        assert self.dx is not None
        np.copyto(self.dx, self._gradient)


LAYERS: Layers = {
    Flatten: (FlattenLayer,),
}
