"""How outputs depend on pixels and on maps: gradients of a trained network as it is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.inner_maps import places
from cnnstudio.engine.layers.composite import CompositeLayer
from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Array, Chance
from cnnstudio.engine.losses import SoftmaxCrossEntropy
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import quiet
from cnnstudio.engine.pipeline import batch_first, without_head
from cnnstudio.engine.row import Arrays, Context, Row, plan_in_order
from cnnstudio.errors import DataError
from cnnstudio.network.inner import Path

Found = dict[Path, Array]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What `n` pictures gave, and the gradient of a number with respect to all on the way.

    `outputs` ``(n, ...)`` is that of the last block, before a softmax at the end. `maps` holds
    every block's output ``(n, ...)`` by its path, the input's with its border, and `gradients` the
    derivatives with respect to these, in the same sizes; blocks inside of others are among them.
    `pixels` ``(n, C, H, W)`` has those with respect to the pictures, for pixels in 0..1. A softmax
    at the end has no entry.
    """

    outputs: Array
    maps: Mapping[Path, Array]
    gradients: Mapping[Path, Array]
    pixels: Array


class Backtrace:
    """The layers of a model for `images` pictures, that carry a gradient back to the pixels.

    They compute as in use: without dropout, and batch norm with its running statistics. The
    gradients of the parameters are left out. The weights are the model's own, as they are at each
    call. Not to be used from two threads at once.
    """

    def __init__(self, model: Model, images: int) -> None:
        self._model, self._images = model, images
        entries = without_head(model.report)
        context = Context(images, model.dtype, Chance(model.seed), in_order=True)
        arrays = Arrays(model.parameters, model.statistics)
        # An `x` with a gradient makes all layers learn; the input layer has neither.
        nothing = np.zeros(0, model.dtype)
        self._row = Row(entries, plan_in_order(entries), context, arrays, nothing, nothing)
        self._paths = [e.path for e in places(model.report) if e.path[0] < len(entries)]
        first = self._row.layers[0]
        assert isinstance(first, InputLayer)
        self._input = first

    def compute(self, pictures: Array, seed: Callable[[Array], Array]) -> Sensitivity:
        """The sensitivity of up to `images` pictures ``(n, C, H, W)``, at least one.

        `seed` gets the outputs ``(n, ...)`` and gives the derivative with respect to them of the
        number that is asked about, in the same size.
        """
        pictures = self._model.check_pictures(pictures)
        count = len(pictures)
        if not 1 <= count <= self._images:
            raise DataError(f"A backtrace takes 1 to {self._images} pictures, not {count}.")
        maps: Found = {}
        gradients: Found = {}
        with quiet():
            self._input.load(pictures)
            self._run(self._row, (), count, maps)
            outputs = batch_first(self._row.y[..., :count])
            self._seed(np.asarray(seed(outputs)), count)
            self._return(self._row, (), count, gradients)
        maps, gradients = self._of_blocks(maps), self._of_blocks(gradients)
        return Sensitivity(outputs, maps, gradients, self._input.pixel_gradient(count))

    def _run(self, row: Row, before: Path, count: int, found: Found) -> None:
        """Run a row and the rows inside, whose blocks have paths that begin with `before`."""
        for layer, place, last in row.steps:
            path = (*before, place)
            if isinstance(layer, CompositeLayer):
                for number, inside in enumerate(_rows(layer)):
                    found[(*path, number, -1)] = batch_first(inside.x[..., :count])
                    self._run(inside, (*path, number), count, found)
                    layer.join(number)
            else:
                layer.forward()
            if last:
                found[path] = batch_first(layer.y[..., :count])

    def _return(self, row: Row, before: Path, count: int, found: Found) -> None:
        """Carry the gradient at the end of a row back; each is copied before it is used up."""
        for layer, place, last in reversed(row.steps):
            path = (*before, place)
            assert layer.dy is not None
            if last:
                found[path] = batch_first(layer.dy[..., :count])
            if not isinstance(layer, CompositeLayer):
                layer.backward()
                continue
            for number, inside in enumerate(_rows(layer)):
                layer.hand_in(number)
                self._return(inside, (*path, number), count, found)
                assert inside.dx is not None
                found[(*path, number, -1)] = batch_first(inside.dx[..., :count])
            layer.gather()

    def _of_blocks(self, found: Found) -> Found:
        """By block; one that has nothing to do has what the one before it has."""
        for path in self._paths:
            if path not in found:
                found[path] = found[(*path[:-1], path[-1] - 1)]
        return {path: found[path] for path in self._paths}

    def _seed(self, seed: Array, count: int) -> None:
        """Begin the way back with `seed` ``(count, ...)``."""
        dy = self._row.dy
        assert dy is not None
        dy.fill(0)
        dy[..., :count] = seed.T if seed.ndim == 2 else seed.transpose(2, 1, 3, 0)


def _rows(layer: CompositeLayer) -> Iterator[Row]:
    for row in layer.rows:
        assert isinstance(row, Row)
        yield row


def score_sensitivity(model: Model, pictures: Array, unit: int) -> Sensitivity:
    """The sensitivity of output `unit` (or channel, summed) before a softmax, for each picture.

    Raises DataError for pictures of another size, or a unit that the network does not have.
    """
    pictures = model.check_pictures(pictures)
    units = model.output_shape[0]
    if not 0 <= unit < units:
        raise DataError(f"The network has outputs 0 to {units - 1}, but {unit} is asked about.")

    def seed(outputs: Array) -> Array:
        chosen = np.zeros_like(outputs)
        chosen[:, unit] = 1
        return chosen

    return Backtrace(model, max(1, len(pictures))).compute(pictures, seed)


def loss_sensitivity(
    model: Model, pictures: Array, labels: NDArray[np.integer[Any]]
) -> Sensitivity:
    """The sensitivity of each picture's softmax cross-entropy; `labels` are n class numbers.

    Raises DataError when pictures or labels do not go with the network.
    """
    pictures, labels = model.check_pictures(pictures), np.asarray(labels)
    model.check_labels(labels, len(pictures))

    def seed(outputs: Array) -> Array:
        logits = np.ascontiguousarray(outputs.T)
        gradient = np.empty_like(logits)
        SoftmaxCrossEntropy(logits, gradient).compute(labels, 1.0)
        return gradient.T

    return Backtrace(model, max(1, len(pictures))).compute(pictures, seed)
