"""Partial convolution based padding (arXiv 1811.11718): results scaled by the share of pixels."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.layer import Array, Site


class PartialPadding:
    """Scales what a convolution made of a border of zeros: y * kh * kw / n.

    n counts the window's taps on real pixels; what hangs over the edge is no real pixel either. The
    bias, which the finish adds later, is not scaled. A window without any real pixel must give 0
    with its bias, so its y is -bias; dy there is then part of the bias's gradient, with that sign.
    """

    def __init__(
        self, site: Site, windows: tuple[Window, Window], y: Array, dy: Array | None
    ) -> None:
        self._y, self._dy = y, dy
        height, channels, width, _ = y.shape
        ratios = tap_ratios(windows, site.shape[1:], (height, width))
        self._ratios = ratios[:, None, :, None].astype(site.dtype)
        self._empty = np.nonzero(ratios == 0)
        self._bias: Array | None = None
        if "bias" in site.parameters and self._empty[0].size:
            self._bias = site.parameters["bias"].reshape(channels, 1)
        self._gradient = site.gradients.get("bias")

    def forward(self) -> None:
        """Scale y, and make room for the bias where there is nothing but padding."""
        np.multiply(self._y, self._ratios, out=self._y)
        if self._bias is not None:
            down, across = self._empty
            self._y[down, :, across] = -self._bias

    def backward(self) -> None:
        """Scale dy; the finish has summed the bias's gradient over all windows before."""
        assert self._dy is not None
        if self._bias is not None and self._gradient is not None:
            down, across = self._empty
            share = self._dy[down, :, across].sum(axis=(0, 2))
            np.subtract(self._gradient, share, out=self._gradient)
        np.multiply(self._dy, self._ratios, out=self._dy)


def tap_ratios(
    windows: tuple[Window, Window], size: tuple[int, ...], counts: tuple[int, ...]
) -> Array:
    """All taps over the real ones, (rows, columns), of `counts` windows on maps of `size`.

    0 where a window has no real tap.
    """
    sides = zip(windows, size, counts, strict=True)
    rows, columns = (_real_taps(window, pixels, count) for window, pixels, count in sides)
    real = np.outer(rows, columns)
    taps = windows[0].kernel * windows[1].kernel
    ratios: Array = np.divide(taps, real, out=np.zeros(real.shape), where=real > 0)
    return ratios


def _real_taps(window: Window, size: int, count: int) -> Array:
    """How many taps of each of `count` windows fall on the `size` pixels of the map."""
    starts = np.arange(count)[:, None] * window.stride - window.padding
    places = starts + np.arange(window.kernel) * window.dilation
    found: Array = np.count_nonzero((places >= 0) & (places < size), axis=1)
    return found
