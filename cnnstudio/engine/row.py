"""Layers in a row: the whole network, or a row inside a composite block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from cnnstudio.blocks import Block, Shape
from cnnstudio.engine.layers import LAYERS
from cnnstudio.engine.layers.activation import FinishLayer, function_of
from cnnstudio.engine.layers.layer import Array, Chance, Layer, Site
from cnnstudio.engine.layers.pooling import MaxPoolLayer
from cnnstudio.engine.parallel import Meeting

Stage = tuple[int, type[Layer]]
"""A layer to be built: the block's place and the layer's type."""


class Entry(Protocol):
    """A block of a row, with its key and the size that it gets."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def block(self) -> Block: ...  # noqa: D102
    @property
    def input_shape(self) -> Shape | None: ...  # noqa: D102


@dataclass(frozen=True)
class Arrays:
    """Arrays by name ("conv1.weight"): parameters, running statistics, and gradients to train."""

    parameters: Mapping[str, Array]
    statistics: Mapping[str, Array]
    gradients: Mapping[str, Array] | None = None

    def of(self, key: str) -> Arrays:
        """The arrays of one block, by their names in it."""
        gradients = None if self.gradients is None else _under(self.gradients, key)
        return Arrays(_under(self.parameters, key), _under(self.statistics, key), gradients)


def _under(arrays: Mapping[str, Array], key: str) -> dict[str, Array]:
    start = f"{key}."
    return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}


@dataclass(frozen=True)
class Context:
    """What all layers of a pipeline share.

    With `in_order` the rows inside of blocks compute in the blocks' order, so that each block's
    output can be seen.
    """

    images: int
    dtype: np.dtype[Any]
    chance: Chance
    meeting: Meeting = field(default_factory=Meeting)
    lane: int = 0
    in_order: bool = False


Plan = Callable[[Sequence[Entry]], tuple[Stage, ...]]


def plan(entries: Sequence[Entry]) -> tuple[Stage, ...]:
    """The layers of a row in the order of computing.

    A maximum goes before bias and rising functions, which gives the same values, because the
    largest input has the largest output; what follows has less to do.
    """
    stages: list[Stage] = []
    for stage in plan_in_order(entries):
        place = len(stages)
        if stage[1] is MaxPoolLayer:
            while place > 0 and _commutes(entries, stages[place - 1]):
                place -= 1
        stages.insert(place, stage)
    return tuple(stages)


def plan_in_order(entries: Sequence[Entry]) -> tuple[Stage, ...]:
    """The layers of a row, each block's together."""
    return tuple((i, layer) for i, e in enumerate(entries) for layer in LAYERS[type(e.block)])


def _commutes(entries: Sequence[Entry], stage: Stage) -> bool:
    index, layer = stage
    if layer is not FinishLayer:
        return False
    function = function_of(entries[index].block)
    return function is None or function.monotone


class Row:
    """The layers of `entries` for slices of one size, with all their buffers.

    `x` and `dx` are what enters and its gradient (None when nobody needs it), `y` and `dy` the same
    at the end; for a row of no layers they are the same arrays.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        stages: tuple[Stage, ...],
        context: Context,
        arrays: Arrays,
        x: Array,
        dx: Array | None,
    ) -> None:
        self.layers: list[Layer] = []
        self.places: list[int] = []
        self._context, self.x, self.dx = context, x, dx
        learning = dx is not None
        for index, layer_type in stages:
            entry = entries[index]
            own = arrays.of(entry.key)
            learning = learning or (own.gradients is not None and bool(own.parameters))
            self._add(index, layer_type, self._site(entry, own, learning))
        self.y = self.layers[-1].y if self.layers else x
        self.dy = self.layers[-1].dy if self.layers else dx
        self._forward = [layer.forward for layer in self.layers]
        self._backward = [layer.backward for layer in reversed(self.layers) if layer.dy is not None]

    def _site(self, entry: Entry, arrays: Arrays, learning: bool) -> Site:
        context = self._context
        assert entry.input_shape is not None

        def row(entries: Sequence[Entry], x: Array, dx: Array | None) -> Row:
            stages = plan_in_order(entries) if context.in_order else plan(entries)
            return Row(entries, stages, context, arrays, x, dx)

        return Site(
            block=entry.block,
            shape=entry.input_shape,
            images=context.images,
            dtype=context.dtype,
            parameters=arrays.parameters,
            gradients=arrays.gradients or {},
            statistics=arrays.statistics,
            training=arrays.gradients is not None,
            learning=learning,
            may_overwrite=bool(self.layers) and not self.layers[-1].keeps_output,
            chance=context.chance,
            meeting=context.meeting,
            lane=context.lane,
            row=row,
        )

    def _add(self, index: int, layer_type: type[Layer], site: Site) -> None:
        """Build one layer unless it has nothing to do."""
        if layer_type.needed(site):
            before = self.layers[-1] if self.layers else None
            x, dx = (before.y, before.dy) if before else (self.x, self.dx)
            self.layers.append(layer_type(site, x, dx))
            self.places.append(index)

    @property
    def steps(self) -> list[tuple[Layer, int, bool]]:
        """Each layer with the place of its block, and whether it is the last one of that block."""
        after = [*self.places, -1][1:]
        ends = [place != next_ for place, next_ in zip(self.places, after, strict=True)]
        return list(zip(self.layers, self.places, ends, strict=True))

    def forward(self) -> None:
        """Write `y` from `x`."""
        for forward in self._forward:
            forward()

    def backward(self) -> None:
        """Write `dx` and the gradients of the parameters, from `dy`, which is used up."""
        for backward in self._backward:
            backward()
