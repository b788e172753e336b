"""The border that padding and overhanging windows put around the maps."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.layer import Array, Site


class Border:
    """The maps with their border: `x` and `dx` are those of the layer where there is none.

    `value` fills the border; it is written once and never touched again.
    """

    def __init__(
        self,
        site: Site,
        x: Array,
        dx: Array | None,
        windows: tuple[Window, Window],
        value: float = 0.0,
    ) -> None:
        self.x, self.dx = x, dx
        self._inner: Array | None = None
        height, channels, width, images = x.shape
        rows, columns = windows
        tall = height + 2 * rows.padding + rows.overhang(height)
        wide = width + 2 * columns.padding + columns.overhang(width)
        if (tall, wide) == (height, width):
            return
        self._source, self._target = x, dx
        down, right = slice(rows.padding, rows.padding + height), slice(columns.padding, None)
        self.x = site.buffer(tall, channels, wide, images)
        self.x.fill(value)
        self._inner = self.x[down, :, right][:, :, :width]
        if dx is not None:
            self.dx = site.buffer(tall, channels, wide, images)
            self._inner_gradient = self.dx[down, :, right][:, :, :width]

    def forward(self) -> None:
        """Put the maps inside their border."""
        if self._inner is not None:
            np.copyto(self._inner, self._source)

    def backward(self) -> None:
        """Hand back the gradient of the maps without the border."""
        if self._inner is not None and self._target is not None:
            np.copyto(self._target, self._inner_gradient)
