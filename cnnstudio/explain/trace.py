"""The numbers that a picture becomes, block by block, also inside blocks that hold others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnnstudio.blocks.row import Entry
from cnnstudio.engine.layers.layer import Chance
from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import batch_first
from cnnstudio.engine.row import Arrays, Context, Row, plan_in_order
from cnnstudio.explain.cells import PICTURE, Path, Spot, before, spot_at
from cnnstudio.explain.terms import Array


class Trace:
    """What each block of `model` makes of one `image` ``(C, H, W)``, with the present weights.

    The blocks of the network are computed at once, those inside others when somebody asks. The
    weights may not change while a trace is in use: give it a model of its own, or make a new one.
    Raises DataError for a picture of another size.
    """

    def __init__(self, model: Model, image: Array) -> None:
        self.model, self.report = model, model.report
        self.image = np.asarray(image)
        self._outputs: dict[Path, Array] = {PICTURE: _as_floats(self.image, model)}
        for index, maps in enumerate(model.activations(self.image[np.newaxis])):
            self._outputs[(index,)] = maps[0]

    def output(self, path: Path) -> Array:
        """What the block at `path` makes, ``(C, H, W)`` or ``(units,)``; or the picture."""
        if path not in self._outputs:
            spot = spot_at(self.report, path)
            self._outputs[path] = self._run(spot, self.input(path))
        return self._outputs[path]

    def input(self, path: Path) -> Array:
        """What the block at `path` reads."""
        return self.output(before(path))

    def parameters(self, spot: Spot) -> Mapping[str, Array]:
        """The learned arrays of a block by their names in it."""
        return self._arrays.of(spot.key).parameters

    def statistics(self, spot: Spot) -> Mapping[str, Array]:
        """The running statistics of a block by their names in it."""
        return self._arrays.of(spot.key).statistics

    def alone(self, spot: Spot, images: Array) -> Array:
        """What the layers of one block make of inputs ``(N, ...)``, as when the network is used."""
        entry = Entry(spot.key, spot.block, spot.input_shape, spot.output_shape)
        context = Context(len(images), self.model.dtype, Chance(self.model.seed))
        stages, arrays = plan_in_order((entry,)), self._arrays
        row = Row((entry,), stages, context, arrays, _batch_last(images, self.model), None)
        row.forward()
        return batch_first(row.y)

    @property
    def _arrays(self) -> Arrays:
        return Arrays(self.model.parameters, self.model.statistics)

    def _run(self, spot: Spot, x: Array) -> Array:
        outputs: Array = self.alone(spot, x[np.newaxis])[0]
        return outputs


def _as_floats(image: Array, model: Model) -> Array:
    """The pixels as 0..1, as the Input block takes them."""
    white = 255 if image.dtype == np.uint8 else 1
    pixels: Array = (image / np.asarray(white, model.dtype)).astype(model.dtype)
    return pixels


def _batch_last(x: Array, model: Model) -> Array:
    turned = x.T if x.ndim == 2 else x.transpose(2, 1, 3, 0)
    return np.ascontiguousarray(turned, dtype=model.dtype)
