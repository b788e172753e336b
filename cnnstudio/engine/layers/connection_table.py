"""CONV with a connection table: a dense convolution whose filters are zero where no link is."""

from __future__ import annotations

import dataclasses

import numpy as np

from cnnstudio.blocks import TableConv2D
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.convolution import ConvolutionLayer
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site


class TableConvolutionLayer(Layer):
    """A ConvolutionLayer whose weights come from the links, and whose gradient goes back to them.

    A table links half of all pairs or more in practice, and one large product takes less time than
    many small ones.
    """

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, TableConv2D)
        filters, maps = np.array(block.pairs).T
        self._links = (filters, maps)
        self._weight = site.parameters["weight"]
        self._gradient = site.gradients.get("weight")
        dense = block.dense()
        shape = dense.parameter_shapes(site.shape)["weight"]
        self._filters, self._filters_gradient = site.buffer(*shape), site.buffer(*shape)
        inner = dataclasses.replace(
            site,
            block=dense,
            parameters={"weight": self._filters},
            gradients={} if self._gradient is None else {"weight": self._filters_gradient},
        )
        self._inner = ConvolutionLayer(inner, x, dx)
        self.y, self.dy = self._inner.y, self._inner.dy

    def forward(self) -> None:
        """Put the weights where their links are; the others stay zero."""
        self._filters[self._links] = self._weight
        self._inner.forward()

    def backward(self) -> None:
        """Take the gradient from where the links are."""
        self._inner.backward()
        if self._gradient is not None:
            np.copyto(self._gradient, self._filters_gradient[self._links])


LAYERS: Layers = {
    TableConv2D: (TableConvolutionLayer, FinishLayer),
}
