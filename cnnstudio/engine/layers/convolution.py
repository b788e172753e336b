"""CONV: a correlation as one matrix product for each row of the output, batched over the rows.

Horizontal taps are copied next to each other once (an im2col of one kernel row); the rows of a
window then follow each other in memory, so that overlapping views replace the copies for the
vertical taps. That is kernel-rows times less to copy than an ordinary im2col.
"""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Conv2D
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.border import Border
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site
from cnnstudio.engine.layers.partial import PartialPadding
from cnnstudio.engine.layers.taps import (
    Gather,
    Scatter,
    Taps,
    WeightGradient,
    by_group,
    filters_by_group,
    in_pieces,
)


class ConvolutionLayer(Layer):
    """A cross-correlation without its bias and activation, which follow in the finish."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, Conv2D)
        windows, groups = block.windows(), block.groups
        filters, height, width = block.output_shape(site.shape)
        self._border = Border(site, x, dx, windows, mode=block.padding_mode)
        self._taps = Taps(site, self._border.x, windows, height, width, groups)
        weight = _as_correlated(block, site.parameters["weight"])
        self._weight = filters_by_group(weight, groups).transpose(0, 1, 3, 2, 4)
        self._filters = site.buffer(*self._weight.shape)
        self._matrix = self._filters.reshape(groups, 1, 1, filters // groups, -1)
        self.y = site.buffer(height, filters, width, site.images)
        cuts = self._taps.pieces(filters // groups)
        self._products = in_pieces(by_group(self.y, groups), cuts)
        self._rows = in_pieces(self._taps.rows, cuts)
        self.dy = None
        if site.learning:
            self._prepare_backward(site, block, weight)
        self._partial: PartialPadding | None = None
        if block.padding_mode == "partial":
            self._partial = PartialPadding(site, windows, self.y, self.dy)

    def _prepare_backward(self, site: Site, block: Conv2D, weight: Array) -> None:
        height, filters, width, images = self.y.shape
        windows, groups = block.windows(), block.groups
        margin = windows[0].kernel - 1
        bordered = site.buffer(height + 2 * margin, filters, width, images)
        self.dy = bordered[margin : margin + height]
        self._weight_gradient: WeightGradient | None = None
        if "weight" in site.gradients:
            gradient = _as_correlated(block, site.gradients["weight"])
            self._weight_gradient = WeightGradient(site, self._taps, self.dy, gradient)
        self._input_gradient: Gather | Scatter | None = None
        dx = self._border.dx
        if dx is not None and Gather.suits(windows):
            self._input_gradient = Gather(site, bordered, weight, dx, groups)
        elif dx is not None:
            self._input_gradient = Scatter(site, self.dy, weight, dx, windows, groups)

    def forward(self) -> None:
        """Border, columns, product."""
        self._border.forward()
        self._taps.forward()
        np.copyto(self._filters, self._weight)
        np.matmul(self._matrix, self._rows, out=self._products)
        if self._partial is not None:
            self._partial.forward()

    def backward(self) -> None:
        """The weights' gradient and the input's, as far as anybody needs them."""
        if self._partial is not None:
            self._partial.backward()
        if self._weight_gradient is not None:
            self._weight_gradient.compute()
        if self._input_gradient is not None:
            self._input_gradient.compute()
            self._border.backward()


def _as_correlated(block: Conv2D, weight: Array) -> Array:
    """The filters as the correlation applies them: a true convolution turns them first."""
    return weight[:, :, ::-1, ::-1] if block.true_convolution else weight


LAYERS: Layers = {
    Conv2D: (ConvolutionLayer, FinishLayer),
}
