"""RESIDUAL and PARALLEL: rows of layers that share their input, and the joining of their ends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from cnnstudio.blocks import Parallel, Residual
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine.layers.activation import FinishLayer
from cnnstudio.engine.layers.layer import Array, InnerRow, Layer, Layers, Site


class CompositeLayer(Layer):
    """Runs every row on the same `x`; adds their ends, or stacks them along the channels."""

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        block = site.block
        assert isinstance(block, Composite)
        rows = block.rows(site.shape)
        self._shares = [None if dx is None else site.buffer(*dx.shape) for _ in rows]
        self._rows = [site.row(row, x, dx) for row, dx in zip(rows, self._shares, strict=True)]
        channels, *sides = block.output_shape(site.shape)
        shape = (channels, site.images)
        if sides:
            shape = (sides[0], channels, sides[1], site.images)  # type: ignore[assignment]
        self.y = site.buffer(*shape)
        self.dy = site.gradient_buffer(*shape)
        self._adds = block.joins_by_sum
        self._places = self._parts()

    def _parts(self) -> list[tuple[slice, ...]]:
        """Where each row's end stands in `y`: everywhere in a sum, else at its channels."""
        if self._adds:
            return [(slice(None),) for _ in self._rows]
        axis = 0 if self.y.ndim == 2 else 1
        ends = np.cumsum([0, *(row.y.shape[axis] for row in self._rows)])
        whole = (slice(None),) * axis
        return [(*whole, slice(a, b)) for a, b in pairwise(ends)]

    @property
    def rows(self) -> list[InnerRow]:
        """The rows in the order of `Composite.rows`, the one of a shortcut that adapts included."""
        return self._rows

    def forward(self) -> None:
        """Every row, then the join."""
        for number, row in enumerate(self._rows):
            row.forward()
            self.join(number)

    def join(self, number: int) -> None:
        """Take over what row `number` made, after those before it."""
        row, place = self._rows[number], self._places[number]
        if self._adds and number > 0:
            np.add(self.y, row.y, out=self.y)
        else:
            np.copyto(self.y[place], row.y)

    def hand_in(self, number: int) -> InnerRow:
        """Row `number`, with its part of `dy` at its end."""
        row = self._rows[number]
        if row.dy is not None:
            assert self.dy is not None
            np.copyto(row.dy, self.dy[self._places[number]])
        return row

    def backward(self) -> None:
        """Each row gets its part of `dy`; the gradients that come out are added."""
        for number in range(len(self._rows)):
            row = self.hand_in(number)
            if row.dy is not None:
                row.backward()
        self.gather()

    def gather(self) -> None:
        """Write `dx`, the sum of what came out of the rows, if somebody needs it."""
        if self.dx is None:
            return
        for number, share in enumerate(self._shares):
            assert share is not None
            if number == 0:
                np.copyto(self.dx, share)
            else:
                np.add(self.dx, share, out=self.dx)


LAYERS: Layers = {
    Residual: (CompositeLayer, FinishLayer),
    Parallel: (CompositeLayer,),
}
