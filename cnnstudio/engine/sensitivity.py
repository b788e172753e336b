"""How outputs depend on pixels and on maps: gradients of a trained network as it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Array, Chance
from cnnstudio.engine.losses import SoftmaxCrossEntropy
from cnnstudio.engine.parallel import quiet
from cnnstudio.engine.pipeline import batch_first, without_head
from cnnstudio.engine.row import Arrays, Context, Row, plan_in_order
from cnnstudio.errors import DataError

if TYPE_CHECKING:
    from cnnstudio.engine.model import Model


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What `n` pictures gave, and the gradient of a number with respect to all on the way.

    `outputs` ``(n, ...)`` is that of the last block, before a softmax at the end. `maps` holds
    every block's output ``(n, ...)``, the input's with its border, and `gradients` the derivatives
    with respect to these, in the same sizes; `pixels` ``(n, C, H, W)`` those with respect to the
    pictures, for pixels in 0..1. A softmax at the end has no entry.
    """

    outputs: Array
    maps: tuple[Array, ...]
    gradients: tuple[Array, ...]
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
        context = Context(images, model.dtype, Chance(model.seed))
        arrays = Arrays(model.parameters, model.statistics)
        # An `x` with a gradient makes all layers learn; the input layer has neither.
        nothing = np.zeros(0, model.dtype)
        self._row = Row(entries, plan_in_order(entries), context, arrays, nothing, nothing)
        places = self._row.places
        self._ends = {place: number for number, place in enumerate(places)}
        self._blocks = len(entries)
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
        with quiet():
            maps = self._forward(pictures)
            outputs = maps[-1]
            gradients = self._backward(np.asarray(seed(outputs)), count)
        return Sensitivity(outputs, maps, gradients, self._input.pixel_gradient(count))

    def _forward(self, pictures: Array) -> tuple[Array, ...]:
        """A copy of every block's output; those that have nothing to do give what they get."""
        self._input.load(pictures)
        found: dict[int, Array] = {}
        for number, layer in enumerate(self._row.layers):
            layer.forward()
            place = self._row.places[number]
            if self._ends[place] == number:
                found[place] = batch_first(layer.y[..., : len(pictures)])
        for place in range(self._blocks):
            found.setdefault(place, found[max(place - 1, 0)])
        return tuple(found[place] for place in range(self._blocks))

    def _backward(self, seed: Array, count: int) -> tuple[Array, ...]:
        """The gradient of every block's output, copied before its layers use it up."""
        layers, found = self._row.layers, dict[int, Array]()
        dy = layers[-1].dy
        assert dy is not None
        dy.fill(0)
        dy[..., :count] = seed.T if seed.ndim == 2 else seed.transpose(2, 1, 3, 0)
        for number in reversed(range(len(layers))):
            layer, place = layers[number], self._row.places[number]
            if self._ends[place] == number:
                assert layer.dy is not None
                found[place] = batch_first(layer.dy[..., :count])
            layer.backward()
        for place in range(self._blocks):
            found.setdefault(place, found[max(place - 1, 0)])
        return tuple(found[place] for place in range(self._blocks))


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
