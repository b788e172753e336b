"""CONV: a correlation as one matrix product for each row of the output, batched over the rows.

Horizontal taps are copied next to each other once (an im2col of one kernel row); the rows of a
window then follow each other in memory, so that overlapping views replace the copies for the
vertical taps. That is kernel-rows times less to copy than an ordinary im2col.
"""

from __future__ import annotations

from cnnstudio.blocks import Conv2D
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.border import Border
from cnnstudio.engine.layers.input_gradient import Gather, Scatter
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site
from cnnstudio.engine.layers.partial import PartialPadding
from cnnstudio.engine.layers.taps import Correlation
from cnnstudio.engine.layers.weight_gradient import WeightGradient


class ConvolutionLayer(Layer):
    """A cross-correlation without its bias and activation, which follow in the finish."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, Conv2D)
        windows = block.windows()
        filters, height, width = block.output_shape(site.shape)
        # A border of zeros has no gradient that anybody needs; Gather leaves it out.
        inside = Gather.suits(windows) and block.padding_mode in ("zeros", "partial")
        self._border = Border(site, x, None if inside else dx, windows, mode=block.padding_mode)
        weight = _as_correlated(block, site.parameters["weight"])
        self.y = site.buffer(height, filters, width, site.images)
        self.dy = None
        self._correlation = Correlation(site, self._border.x, weight, self.y, windows, block.groups)
        if site.learning:
            target = dx if inside else self._border.dx
            self._prepare_backward(site, block, weight, target)
        self._partial: PartialPadding | None = None
        if block.padding_mode == "partial":
            self._partial = PartialPadding(site, windows, self.y, self.dy)

    def _prepare_backward(self, site: Site, block: Conv2D, weight: Array, dx: Array | None) -> None:
        height, filters, width, images = self.y.shape
        windows, groups, border = block.windows(), block.groups, self._border
        margin = windows[0].kernel - 1
        bordered = site.buffer(height + 2 * margin, filters, width, images)
        dy = self.dy = bordered[margin : margin + height]
        self._weight_gradient: WeightGradient | None = None
        if "weight" in site.gradients:
            gradient = _as_correlated(block, site.gradients["weight"])
            self._weight_gradient = WeightGradient(site, border.x, dy, gradient, windows, groups)
        self._input_gradient: Gather | Scatter | None = None
        if dx is not None and Gather.suits(windows):
            self._input_gradient = Gather(site, bordered, weight, dx, groups)
        elif dx is not None:
            self._input_gradient = Scatter(site, dy, weight, dx, windows, groups)

    def forward(self) -> None:
        """Border, columns, product."""
        self._border.forward()
        self._correlation.compute()
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
