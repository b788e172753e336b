"""A network as a row of layers with their buffers, for slices of one size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnstudio.blocks import Activation
from cnnstudio.engine.layers import LAYERS
from cnnstudio.engine.layers.activation import FinishLayer, function_of
from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Array, Chance, Layer, Site
from cnnstudio.engine.layers.pooling import MaxPoolLayer
from cnnstudio.network import BlockReport, Report

Stage = tuple[int, type[Layer]]
"""A layer to be built: the block's place and the layer's type."""


@dataclass(frozen=True)
class Arrays:
    """Parameters and, for training, gradients by name ("conv1.weight"), and the seed of chance."""

    parameters: Mapping[str, Array]
    gradients: Mapping[str, Array] | None = None
    seed: int = 0


def has_softmax_head(report: Report) -> bool:
    """Whether the last block is a softmax: forward then gives the values before it."""
    last = report.blocks[-1].block
    return isinstance(last, Activation) and last.function == "softmax"


def plan(report: Report) -> tuple[Stage, ...]:
    """The layers of a network in the order of computing, without the softmax at its end.

    A maximum goes before bias and rising functions, which gives the same values, because the
    largest input has the largest output; what follows has less to do.
    """
    blocks = report.blocks[:-1] if has_softmax_head(report) else report.blocks
    stages: list[Stage] = []
    for stage in plan_in_order(blocks):
        place = len(stages)
        if stage[1] is MaxPoolLayer:
            while place > 0 and _commutes(report, stages[place - 1]):
                place -= 1
        stages.insert(place, stage)
    return tuple(stages)


def plan_in_order(blocks: tuple[BlockReport, ...]) -> tuple[Stage, ...]:
    """The layers of `blocks`, each block's together."""
    return tuple(
        (i, layer) for i, entry in enumerate(blocks) for layer in LAYERS[type(entry.block)]
    )


def _commutes(report: Report, stage: Stage) -> bool:
    index, layer = stage
    if layer is not FinishLayer:
        return False
    function = function_of(report.blocks[index].block)
    return function is None or function.monotone


class Pipeline:
    """The layers of `stages` for slices of `images` pictures, with all their buffers."""

    def __init__(
        self,
        report: Report,
        stages: tuple[Stage, ...],
        images: int,
        dtype: np.dtype[Any],
        arrays: Arrays,
    ) -> None:
        self.images = images
        self.chance = Chance(arrays.seed)
        self._report, self._dtype, self._arrays = report, dtype, arrays
        self.layers: list[Layer] = []
        self.places: list[int] = []
        learning = False
        for index, layer_type in stages:
            learning = self._add(index, layer_type, learning)
        first = self.layers[0]
        assert isinstance(first, InputLayer)
        self._input = first
        self.y = self.layers[-1].y
        self.dy = self.layers[-1].dy
        self._forward = [layer.forward for layer in self.layers[1:]]
        self._backward = [x.backward for x in reversed(self.layers) if x.dy is not None]

    def _add(self, index: int, layer_type: type[Layer], learning: bool) -> bool:
        """Build one layer unless it has nothing to do; returns whether gradients come so far."""
        entry = self._report.blocks[index]
        before = self.layers[-1] if self.layers else None
        gradients = self._arrays.gradients
        parameters = _of_block(self._arrays.parameters, entry.key)
        learning = learning or (gradients is not None and bool(parameters))
        assert entry.input_shape is not None
        site = Site(
            block=entry.block,
            shape=entry.input_shape,
            images=self.images,
            dtype=self._dtype,
            parameters=parameters,
            gradients=_of_block(gradients or {}, entry.key),
            training=gradients is not None,
            learning=learning,
            may_overwrite=before is not None and not before.keeps_output,
            chance=self.chance,
        )
        if layer_type.needed(site):
            x = before.y if before else np.zeros(0, self._dtype)
            self.layers.append(layer_type(site, x, before.dy if before else None))
            self.places.append(index)
        return learning

    def forward(self, pictures: Array) -> Array:
        """The outputs ``(..., n)`` for up to `images` pictures ``(n, C, H, W)``: a buffer."""
        self._input.load(pictures)
        for forward in self._forward:
            forward()
        return self.y[..., : len(pictures)]

    def backward(self) -> None:
        """Write the gradients of all parameters, from `dy`, which the caller has filled."""
        for backward in self._backward:
            backward()

    def activations(self, pictures: Array) -> list[Array]:
        """A copy of every block's output ``(n, ...)``; needs the stages in the blocks' order."""
        count = len(pictures)
        self._input.load(pictures)
        found: dict[int, Array] = {}
        following = [*self.places[1:], -1]
        for layer, place, after in zip(self.layers, self.places, following, strict=True):
            if layer is not self._input:
                layer.forward()
            if place != after:
                found[place] = batch_first(layer.y[..., :count])
        for index in range(len(self._report.blocks)):
            found.setdefault(index, found[max(index - 1, 0)])
        return [found[index] for index in range(len(self._report.blocks))]


def _of_block(arrays: Mapping[str, Array], key: str) -> dict[str, Array]:
    start = f"{key}."
    return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}


def batch_first(y: Array) -> Array:
    """A copy of ``(H, C, W, N)`` as ``(N, C, H, W)``, or of ``(units, N)`` as ``(N, units)``."""
    return (y.T if y.ndim == 2 else y.transpose(3, 1, 0, 2)).copy()
