"""What most excites a filter or unit: the pictures of a data set, and one made by ascent."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    MaxPool2D,
    Upsample,
)
from cnnstudio.engine.inner_maps import Place, places
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import has_softmax_head
from cnnstudio.engine.sensitivity import Backtrace
from cnnstudio.errors import DataError
from cnnstudio.explain.cells import Cell, Path, shape_at
from cnnstudio.explain.fields import field_on
from cnnstudio.network import Network, Report, inner

Array = NDArray[Any]

BATCH = 256
"""Pictures that are looked at together, between two looks at whether they are wanted."""

AT_ONCE = 2**24
"""Values of maps that are looked at together."""

STARTS = 4
"""Pictures that the ascent begins with; the best of them is kept."""

STEPS = 80
RATE, LAST_RATE = 0.25, 0.03
"""The step of the ascent, at first and at last, in deviations of the gradient."""

DECAY = 0.08
"""The share that every pixel loses at a step: what excites nothing becomes black."""

BLUR = 0.35
"""The share of a pixel that its neighbours give at a step, which keeps noise out."""


Box = tuple[int, int, int, int]
"""A rectangle of pixels: top, left, height and width."""


@dataclass(frozen=True)
class Exciting:
    """A picture by its number: the largest `value` of a map, where it is, and what it sees.

    `place` is ``(row, column)`` of the map; None for a unit. `box` encloses the receptive field.
    """

    index: int
    value: float
    place: tuple[int, int] | None
    box: Box


@dataclass(frozen=True, eq=False)
class Excitations:
    """The most exciting of `images` pictures for every map or unit of a block.

    `indices`, `values` and `cells` are ``(channels, count)``, the strongest first; a cell is the
    place of the largest value in the map.
    """

    report: Report
    path: Path
    images: int
    indices: Array
    values: Array
    cells: Array

    def of(self, channel: int) -> tuple[Exciting, ...]:
        """The pictures that most excite a map or unit, the strongest first."""
        shape = shape_at(self.report, self.path)
        found = []
        for rank, cell in enumerate(self.cells[channel]):
            place = None if shape.is_flat else divmod(int(cell), shape[2])
            box = box_of(self.report, self.path, channel, place)
            index, value = self.indices[channel, rank], self.values[channel, rank]
            found.append(Exciting(int(index), float(value), place, box))
        return tuple(found)


def box_of(report: Report, path: Path, channel: int, place: tuple[int, int] | None) -> Box:
    """The rectangle of pixels that encloses what a cell, or without a place a unit, sees."""
    cell = Cell(path, (channel, *(place or ())))
    return field_on(report, cell).rectangle or (0, 0, 0, 0)


def excitations(
    model: Model,
    pictures: Array,
    path: Path,
    count: int = 9,
    wanted: Callable[[], bool] = lambda: True,
) -> Excitations | None:
    """Which of `pictures` (N, C, H, W) most excite each map or unit of the block at `path`.

    Equal ones stand in the order of the pictures. None when it is no longer wanted half-way; raises
    DataError for pictures of another size.
    """
    front = up_to(model, path)
    channels = front.output_shape[0]
    indices = np.zeros((0, channels), int)
    values, cells = np.zeros((0, channels), model.dtype), np.zeros((0, channels), int)
    size = max(1, min(BATCH, AT_ONCE // math.prod(front.output_shape)))
    for start in range(0, len(pictures), size):
        if not wanted():
            return None
        maps = _values(front, pictures[start : start + size])
        maps = maps.reshape(*maps.shape[:2], -1)
        own = maps.argmax(axis=2)
        highest = np.take_along_axis(maps, own[..., None], axis=2)[..., 0]
        numbers = np.broadcast_to(np.arange(start, start + len(own))[:, None], own.shape)
        indices, cells = np.concatenate([indices, numbers]), np.concatenate([cells, own])
        values = np.concatenate([values, np.nan_to_num(highest, nan=-np.inf)])
        best = np.argsort(-values, axis=0, kind="stable")[:count]
        indices, values, cells = (
            np.take_along_axis(each, best, axis=0) for each in (indices, values, cells)
        )
    return Excitations(model.report, path, len(pictures), indices.T, values.T, cells.T)


def _values(front: Model, pictures: Array) -> Array:
    """What its last block makes of them; the values before a softmax at the end say another."""
    outputs = front.forward(pictures)
    return softmax(outputs) if has_softmax_head(front.report) else outputs


HANDING_ON = (MaxPool2D, AvgPool2D, GlobalAvgPool2D, Dropout, Flatten, Upsample)
"""Blocks whose values are those of the block before, pooled, repeated or as they are."""


@dataclass(frozen=True, eq=False)
class Ascent:
    """A picture `pixels` (C, H, W) in 0..1 that excites a map or unit, and by how much.

    `value` is that of the cell in the middle of the map, or of the unit, before the block's
    activation function; `start` what the best of the first pictures, of noise, came to.
    """

    pixels: Array
    value: float
    start: float
    place: tuple[int, int] | None
    box: Box


def ascend(
    model: Model,
    path: Path,
    channel: int,
    *,
    steps: int = STEPS,
    seed: int = 0,
    wanted: Callable[[], bool] = lambda: True,
) -> Ascent | None:
    """A picture that excites a map or unit, found by going up its gradient from faint noise.

    Each step is bounded, decays and blurs the picture a little, and keeps it in 0..1 (activation
    maximisation with the regularisers of Yosinski et al., arXiv 1506.06579). The same seed gives
    the same picture. None when it is no longer wanted half-way; raises DataError for a channel that
    the block does not have.
    """
    front = up_to(model, path, before_activation=True)
    shape = front.output_shape
    if not 0 <= channel < shape[0]:
        name = inner.full_name(model.network, path)
        raise DataError(f"{name} has maps 0 to {shape[0] - 1}, but {channel} is asked about.")
    place = (shape[1] // 2, shape[2] // 2) if len(shape) == 3 else None
    cell = (slice(None), channel, *(place or ()))
    x = np.random.default_rng(seed).random((STARTS, *model.network.input.picture_shape)) * 0.2
    best, highest, first = x, np.full(STARTS, -np.inf), np.zeros(STARTS)
    trace = Backtrace(front, STARTS)
    for step in range(steps + 1):
        if not wanted():
            return None
        found = trace.compute(x, lambda outputs: _one(outputs, cell))
        values = found.outputs[cell]
        first = values if step == 0 else first
        better = values > highest
        best = np.where(better[:, None, None, None], x, best)
        highest = np.where(better, values, highest)
        x = _stepped(x, found.pixels, RATE + (LAST_RATE - RATE) * step / max(1, steps))
    winner = int(highest.argmax())
    box = box_of(model.report, path, channel, place)
    return Ascent(
        best[winner].astype(np.float32), float(highest[winner]), float(first.max()), place, box
    )


def _one(outputs: Array, cell: tuple[Any, ...]) -> Array:
    chosen = np.zeros_like(outputs)
    chosen[cell] = 1
    return chosen


def _stepped(x: Array, gradient: Array, rate: float) -> Array:
    """One step up, in deviations of the gradient where there is some, then decay and blur."""
    gradient = np.nan_to_num(gradient)
    size = np.sqrt((gradient**2).mean(axis=(1, 2, 3), keepdims=True))
    x = x + rate * np.clip(gradient / np.maximum(size, 1e-12), -2, 2)
    x = (1 - DECAY) * x
    return np.asarray(np.clip((1 - BLUR) * x + BLUR * _blurred(x), 0, 1))


def _blurred(x: Array) -> Array:
    """The mean of the four neighbours; beyond the edge the picture goes on as it ends."""
    wide = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="edge")
    up, below = wide[:, :, :-2, 1:-1], wide[:, :, 2:, 1:-1]
    left, right = wide[:, :, 1:-1, :-2], wide[:, :, 1:-1, 2:]
    return np.asarray((up + below + left + right) / 4)


def up_to(model: Model, path: Path, *, before_activation: bool = False) -> Model:
    """A model that ends with the block at `path`, with copies of the weights.

    Blocks that stand inside others go into the row of the network, as nothing joins them here. With
    `before_activation` the function that the values come from is left out, its own or that of a
    block before it whose values it only pools or hands on: where a ReLU gives 0 nothing shows the
    way up.
    """
    row = _way_to(model, path)
    if before_activation:
        row = _without_function(row)
    network = Network(tuple(place.block for place in row))
    front = Model(network, seed=model.seed, dtype=model.dtype, threads=model.threads)
    sources = {key: place.key for key, place in zip(network.keys, row, strict=True)}
    front.load({name: model.weights[_source(name, sources)] for name in front.weights})
    return front


def _source(name: str, sources: Mapping[str, str]) -> str:
    """The name in the whole network of an array of the front one."""
    key, _, rest = name.partition(".")
    return f"{sources[key]}.{rest}"


def _way_to(model: Model, path: Path) -> tuple[Place, ...]:
    """All blocks from the picture to the one at `path`; blocks that hold it are left out."""
    known = {place.path: place for place in places(model.report)}
    if path not in known:
        raise DataError(f"There is no block at place {path} of the network.")
    found: list[Place] = []
    for level in range(0, len(path), 2):
        last = path[level] + (level + 1 == len(path))
        found += [known[(*path[:level], place)] for place in range(last)]
    return tuple(found)


def _without_function(row: tuple[Place, ...]) -> tuple[Place, ...]:
    """The row without the function that its last values come from."""
    for at in range(len(row) - 1, 0, -1):
        block, before, after = row[at].block, row[:at], row[at + 1 :]
        if isinstance(block, Activation):
            return _without_function(before) + after
        if block.values().get("activation", "none") != "none":
            plain = replace(row[at], block=block.with_values(activation="none"))
            return (*before, plain, *after)
        if not isinstance(block, HANDING_ON):
            break
    return row
