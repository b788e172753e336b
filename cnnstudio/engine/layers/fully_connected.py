"""FC: every unit's sum over all inputs, one matrix product."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import FullyConnected
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.flatten import FlattenLayer
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site


class FullyConnectedLayer(Layer):
    """y = W x for ``x`` of (inputs, N); bias and activation follow in the finish."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        assert isinstance(site.block, FullyConnected)
        self._weight = site.parameters["weight"]
        self._gradient = site.gradients.get("weight")
        self.y = site.buffer(site.block.units, site.images)
        self.dy = site.gradient_buffer(site.block.units, site.images)

    def forward(self) -> None:
        """Compute y = W x."""
        np.matmul(self._weight, self.x, out=self.y)

    def backward(self) -> None:
        """Compute dW = dy x' and dx = W' dy, as far as anybody needs them."""
        assert self.dy is not None
        if self._gradient is not None:
            np.matmul(self.dy, self.x.T, out=self._gradient)
        if self.dx is not None:
            np.matmul(self._weight.T, self.dy, out=self.dx)


LAYERS: Layers = {
    FullyConnected: (FlattenLayer, FullyConnectedLayer, FinishLayer),
}
