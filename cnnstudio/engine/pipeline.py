"""A network as a row of layers with their buffers, for slices of one size."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Activation
from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.row import Arrays, Context, Row, Stage, plan, plan_in_order
from cnnstudio.network import BlockReport, Report


def has_softmax_head(report: Report) -> bool:
    """Whether the last block is a softmax: forward then gives the values before it."""
    last = report.blocks[-1].block
    return isinstance(last, Activation) and last.function == "softmax"


class Pipeline:
    """The layers of a network for slices of `context.images` pictures, with all their buffers.

    A softmax at the end is left out. With `by_block` the layers stand in the blocks' order and
    include it, so that the output of every block can be seen.
    """

    def __init__(
        self, report: Report, context: Context, arrays: Arrays, *, by_block: bool = False
    ) -> None:
        self.images, self.chance = context.images, context.chance
        entries, stages = report.blocks, plan_in_order(report.blocks)
        if not by_block:
            entries = without_head(report)
            stages = plan(entries)
        self._blocks = len(report.blocks)
        self._row = _row_of(entries, stages, context, arrays)
        first = self._row.layers[0]
        assert isinstance(first, InputLayer)
        self._input = first
        self.y, self.dy = self._row.y, self._row.dy

    def forward(self, pictures: Array) -> Array:
        """The outputs ``(..., n)`` for up to `images` pictures ``(n, C, H, W)``: a buffer."""
        self._input.load(pictures)
        self._row.forward()
        return self.y[..., : len(pictures)]

    def backward(self) -> None:
        """Write the gradients of all parameters, from `dy`, which the caller has filled."""
        self._row.backward()

    def activations(self, pictures: Array) -> list[Array]:
        """A copy of every block's output ``(n, ...)``; needs the layers in the blocks' order."""
        count = len(pictures)
        self._input.load(pictures)
        found = outputs(self._row, count)
        for index in range(self._blocks):
            found.setdefault(index, found[max(index - 1, 0)])
        return [found[index] for index in range(self._blocks)]


def outputs(row: Row, count: int) -> dict[int, Array]:
    """Run a row, its layers in the blocks' order: a copy of what each makes of `count` images.

    By the block's place, ``(n, ...)``; a block that does nothing has none.
    """
    found: dict[int, Array] = {}
    for layer, place, last in row.steps:
        layer.forward()
        if last:
            found[place] = batch_first(layer.y[..., :count])
    return found


def without_head(report: Report) -> tuple[BlockReport, ...]:
    """The blocks of a network but for a softmax at its end."""
    return report.blocks[:-1] if has_softmax_head(report) else report.blocks


def _row_of(
    entries: tuple[BlockReport, ...], stages: tuple[Stage, ...], context: Context, arrays: Arrays
) -> Row:
    """The layers; the input layer takes pictures instead of an `x`."""
    return Row(entries, stages, context, arrays, np.zeros(0, context.dtype), None)


def batch_first(y: Array) -> Array:
    """A copy of ``(H, C, W, N)`` as ``(N, C, H, W)``, or of ``(units, N)`` as ``(N, units)``."""
    return (y.T if y.ndim == 2 else y.transpose(3, 1, 0, 2)).copy()
