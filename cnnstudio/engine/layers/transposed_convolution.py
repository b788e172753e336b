"""CONV transposed: a convolution's two directions with their parts exchanged.

Forward does what a convolution does backward, it adds up the products where its windows lie in the
output; backward gathers the windows of dy and multiplies them, as a convolution does forward.
"""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import ConvTranspose2D
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.border import Border
from cnnstudio.engine.layers.input_gradient import Gather, Scatter
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site
from cnnstudio.engine.layers.taps import Correlation, Windows
from cnnstudio.engine.layers.weight_gradient import WeightGradient


class TransposedConvolutionLayer(Layer):
    """A transposed convolution without its bias and activation.

    Its weight ``(channels, filters / groups, kh, kw)`` is that of the convolution from the output
    to the input, whose windows are the block's.
    """

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, ConvTranspose2D)
        windows, groups = block.windows(), block.groups
        filters, height, width = block.output_shape(site.shape)
        self.y = site.buffer(height, filters, width, site.images)
        self.dy = site.gradient_buffer(*self.y.shape)
        self._whole, self._kept = _cut(site, self.y, windows)
        self._painting: _Phases | Scatter
        if _Phases.suits(windows, groups):
            self._painting = _Phases(site, x, self._whole, windows)
        else:
            weight = site.parameters["weight"]
            self._painting = Scatter(site, x, weight, self._whole, windows, groups)
        if self.dy is not None:
            self._prepare_backward(site, self.dy, windows, groups)

    def _prepare_backward(self, site: Site, dy: Array, windows: Windows, groups: int) -> None:
        self._border = Border(site, dy, None, windows)
        bordered = self._border.x
        self._weight_gradient: WeightGradient | None = None
        if "weight" in site.gradients:
            gradient = site.gradients["weight"]
            self._weight_gradient = WeightGradient(
                site, bordered, self.x, gradient, windows, groups
            )
        self._correlation: Correlation | None = None
        if self.dx is not None:
            weight = site.parameters["weight"]
            self._correlation = Correlation(site, bordered, weight, self.dx, windows, groups)

    def forward(self) -> None:
        """Products, added up; then the padding is cut off."""
        self._painting.compute()
        if self._whole is not self.y:
            np.copyto(self.y, self._kept)

    def backward(self) -> None:
        """The taps of dy; from them the gradients of weights and input that anybody needs."""
        self._border.forward()
        if self._weight_gradient is not None:
            self._weight_gradient.compute()
        if self._correlation is not None:
            self._correlation.compute()


class _Phases:
    """The output for dilation 1 and a single group, as one stride-1 painting for each phase.

    A phase is every stride-th row and column of the output. Only every stride-th tap reaches it,
    and for stride 1 the products can be gathered, which is faster than adding each where it lies.
    """

    def __init__(self, site: Site, x: Array, whole: Array, windows: Windows) -> None:
        down, right = windows
        height, channels, width, images = x.shape
        margin = -(-down.kernel // down.stride) - 1
        self._bordered = site.buffer(height + 2 * margin, channels, width, images)
        self._x, self._inner = x, self._bordered[margin : margin + height]
        self._whole = whole
        self._phases = [
            self._phase(site, windows, i, j)
            for i in range(min(down.stride, down.kernel))
            for j in range(min(right.stride, right.kernel))
        ]

    @classmethod
    def suits(cls, windows: Windows, groups: int) -> bool:
        """Whether it can be done and pays, because products overlap; Scatter does all."""
        overlap = any(window.kernel > window.stride for window in windows)
        return overlap and groups == 1 and all(window.dilation == 1 for window in windows)

    def _phase(
        self, site: Site, windows: Windows, row: int, column: int
    ) -> tuple[Gather, Array, Array]:
        """What gathers one phase, where to, and where that belongs in the output."""
        down, right = windows
        weight = site.parameters["weight"][:, :, row :: down.stride, column :: right.stride]
        tall, wide = weight.shape[2:]
        height, width = len(self._x) + tall - 1, self._x.shape[2] + wide - 1
        target = self._whole[row :: down.stride, :, column :: right.stride][:height, :, :width]
        plane = target if target.flags.c_contiguous else site.buffer(*target.shape)
        spare = (len(self._bordered) - len(self._x)) // 2 - (tall - 1)
        bordered = self._bordered[spare : len(self._bordered) - spare]
        return Gather(site, bordered, weight, plane), plane, target

    def compute(self) -> None:
        """Gather each phase; what no tap reaches stays zero."""
        np.copyto(self._inner, self._x)
        self._whole.fill(0)
        for gather, plane, target in self._phases:
            gather.compute()
            if plane is not target:
                np.copyto(target, plane)


def _cut(site: Site, y: Array, windows: Windows) -> tuple[Array, Array]:
    """The output with what padding will cut off, and the view of it that is kept."""
    rows, columns = windows
    if rows.padding == columns.padding == 0:
        return y, y
    height, filters, width, images = y.shape
    whole = site.buffer(height + 2 * rows.padding, filters, width + 2 * columns.padding, images)
    down = slice(rows.padding, rows.padding + height)
    right = slice(columns.padding, columns.padding + width)
    return whole, whole[down, :, right]


LAYERS: Layers = {
    ConvTranspose2D: (TransposedConvolutionLayer, FinishLayer),
}
