"""How weights begin: He's rule before functions that cut below zero, Glorot's before the others."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from cnnstudio.blocks import Conv2D, FullyConnected
from cnnstudio.engine.layers.layer import Array
from cnnstudio.network import Report

HALVED = frozenset({"relu", "leaky_relu", "elu", "gelu"})
"""Functions that keep about half of their inputs, for which He's rule doubles the variance."""


def initial_values(report: Report, seed: int) -> Iterator[tuple[str, Array]]:
    """Name and float64 values of every parameter, drawn in the order of the blocks; biases are 0.

    Normal, with variance 2 / inputs (He et al. 2015) or 2 / (inputs + outputs) (Glorot 2010).
    """
    generator = np.random.default_rng(seed)
    for index, entry in enumerate(report.blocks):
        assert entry.input_shape is not None
        for name, shape in entry.block.parameter_shapes(entry.input_shape).items():
            values = np.zeros(shape)
            if name == "weight":
                inputs, outputs = math.prod(shape[1:]), shape[0] * math.prod(shape[2:])
                fan = inputs if _function_after(report, index) in HALVED else inputs + outputs
                values = generator.normal(0.0, math.sqrt(2 / fan), shape)
            yield f"{entry.key}.{name}", values


def _function_after(report: Report, index: int) -> str:
    """The function that the outputs of a block go through before the next weights."""
    for entry in report.blocks[index:]:
        values = entry.block.values()
        function: str = values.get("function", values.get("activation", "none"))
        if function != "none":
            return function
        if entry is not report.blocks[index] and isinstance(entry.block, (Conv2D, FullyConnected)):
            break
    return "none"
