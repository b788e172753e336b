"""How weights begin: He's rule before functions that cut below zero, Glorot's before the others."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine.layers.layer import Array
from cnnstudio.network import Report

HALVED = frozenset({"relu", "leaky_relu", "elu", "gelu"})
"""Functions that keep about half of their inputs, for which He's rule doubles the variance."""

BEGIN_AT_ONE = frozenset({"weight", "running_variance"})
"""The arrays of batch norm that begin at 1; its others begin at 0."""


class Leaf(NamedTuple):
    """A block that holds no rows, wherever it stands, with its key in the whole network."""

    key: str
    block: Block
    shape: Shape


def leaves(report: Report) -> tuple[Leaf, ...]:
    """The blocks of a network and of all rows inside them, in the order of their parameters."""
    return tuple(
        leaf
        for entry in report.blocks
        if entry.input_shape is not None
        for leaf in _leaves(Leaf(entry.key, entry.block, entry.input_shape))
    )


def _leaves(place: Leaf) -> Iterator[Leaf]:
    if not isinstance(place.block, Composite):
        yield place
        return
    for entry in place.block.entries(place.shape):
        yield from _leaves(Leaf(f"{place.key}.{entry.key}", entry.block, entry.input_shape))


def initial_values(report: Report, seed: int) -> Iterator[tuple[str, Array]]:
    """Name and float64 values of every weight, drawn in the order of the blocks; biases are 0.

    Normal, with variance 2 / inputs (He et al. 2015) or 2 / (inputs + outputs) (Glorot 2010).
    """
    generator = np.random.default_rng(seed)
    row = leaves(report)
    for place, (key, block, shape) in enumerate(row):
        draws = _draws(block, shape)
        for name, size in (block.parameter_shapes(shape) | block.state_shapes(shape)).items():
            values = np.full(size, float(not draws and name in BEGIN_AT_ONE))
            if draws and name == "weight":
                inputs, outputs = block.fans(shape)
                fan = inputs if _function_after(row, place) in HALVED else inputs + outputs
                values = generator.normal(0.0, math.sqrt(2 / fan), size)
            yield f"{key}.{name}", values


def _draws(block: Block, shape: Shape) -> bool:
    """Whether the block's weights combine inputs, and so must begin at random."""
    return len(block.parameter_shapes(shape).get("weight", ())) > 1


def _function_after(row: tuple[Leaf, ...], place: int) -> str:
    """The function that the outputs of a block go through before the next weights."""
    for index, (_, block, shape) in enumerate(row[place:]):
        if index > 0 and _draws(block, shape):
            break
        values = block.values()
        function: str = values.get("function", values.get("activation", "none"))
        if function != "none":
            return function
    return "none"
