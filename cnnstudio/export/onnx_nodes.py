"""What each block becomes in ONNX: one entry for each block type and each activation function."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
)
from cnnstudio.blocks.activation import activation_words
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.window import Window
from cnnstudio.errors import ExportError
from cnnstudio.export.onnx_graph import Graph
from cnnstudio.network import BlockReport


@dataclass(frozen=True)
class Place:
    """A block in its graph: what is known of it, its parameters, and the edge that enters it.

    Every edge and constant of the block begins with its key ("conv1.relu"), every node with its
    name ("CONV 1 ReLU").
    """

    graph: Graph
    entry: BlockReport
    parameters: Mapping[str, NDArray[Any]]
    source: str

    @property
    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The sizes before and after the block."""
        before, after = self.entry.input_shape, self.entry.output_shape
        assert before is not None
        assert after is not None
        return before, after

    def weights(self) -> tuple[str, ...]:
        """The names of weight and, if there is one, bias as constants of the graph."""
        key = self.entry.key
        names = [f"{key}.{part}" for part in ("weight", "bias")]
        return tuple(
            self.graph.constant(name, self.parameters[name])
            for name in names
            if name in self.parameters
        )

    def node(self, kind: str, *sources: str, **attributes: Any) -> str:
        """The block's main node, whose edge is the block's own."""
        key, name = self.entry.key, self.entry.name
        return self.graph.node(kind, name, sources, key, self.shapes[1], **attributes)


def emit(place: Place) -> str:
    """Add the nodes of one block; the edge that leaves it. Raises ExportError."""
    block = place.entry.block
    if type(block) not in _BLOCKS:
        raise ExportError(
            f"{place.entry.name} cannot be exported: ONNX files know no {block.title}."
        )
    return _BLOCKS[type(block)](place, block)


def _input(place: Place, block: Input) -> str:
    """The border of zeros first: it is normalised with the picture, as the engine's is."""
    edge, key = place.source, place.entry.key
    rows, columns = pair(block.pad)
    if rows or columns:
        edge = _pad(place, edge, (rows, columns), -0.0)
    if block.mean:
        mean = place.graph.number(f"{key}.mean", block.mean)
        edge = _step(place, "Sub", (edge, mean), "centred")
    if block.deviation != 1:
        deviation = place.graph.number(f"{key}.deviation", block.deviation)
        edge = _step(place, "Div", (edge, deviation), "scaled")
    return edge


def _conv(place: Place, block: Conv2D) -> str:
    edge = place.node(
        "Conv",
        place.source,
        *place.weights(),
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        dilations=pair(block.dilation),
        pads=_pads(block.windows(), place.shapes[0], pair(block.padding_size())),
        group=1,
    )
    return _activated(place, edge, block.activation)


def _max_pool(place: Place, block: MaxPool2D) -> str:
    edge, border = _pool_border(place, block, fill=-math.inf)
    return place.node(
        "MaxPool",
        edge,
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        pads=_pads(block.windows(), place.shapes[0], border),
    )


def _average_pool(place: Place, block: AvgPool2D) -> str:
    """Padding counts as zeros and what hangs over does not count, so the two are kept apart."""
    hangs_over = any(_overhangs(block.windows(), place.shapes[0]))
    edge, border = _pool_border(place, block, fill=-0.0, apart=hangs_over)
    return place.node(
        "AveragePool",
        edge,
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        pads=_pads(block.windows(), place.shapes[0], border),
        count_include_pad=0 if hangs_over else 1,
    )


def _pool_border(
    place: Place, block: MaxPool2D | AvgPool2D, fill: float, *, apart: bool = False
) -> tuple[str, tuple[int, int]]:
    """The edge into the pool, and the padding that is left for the pool itself.

    Where rows and columns differ, the border is a node of its own: the ONNX reference takes a
    pool's four sides in another order than everybody else when the stride is 1.
    """
    rows, columns = pair(block.padding)
    if rows == columns and not (apart and rows):
        return place.source, (rows, columns)
    return _pad(place, place.source, (rows, columns), fill), (0, 0)


def _fully_connected(place: Place, block: FullyConnected) -> str:
    edge, (before, _) = place.source, place.shapes
    if len(before) > 1:
        name, key = place.entry.name, place.entry.key
        count = (math.prod(before),)
        edge = place.graph.node("Flatten", f"{name} flatten", (edge,), f"{key}.row", count, axis=1)
    edge = place.node("Gemm", edge, *place.weights(), transB=1)
    return _activated(place, edge, block.activation)


def _activation(place: Place, block: Activation) -> str:
    return _activated(place, place.source, block.function)


def _dropout(place: Place, block: Dropout) -> str:
    """Nothing is dropped when the network is used; the node shows that it was while training."""
    ratio = place.graph.number(f"{place.entry.key}.rate", block.rate)
    return place.node("Dropout", place.source, ratio)


def _flatten(place: Place, block: Flatten) -> str:
    return place.node("Flatten", place.source, axis=1)


_BLOCKS: Mapping[type[Block], Callable[[Place, Any], str]] = {
    Input: _input,
    Conv2D: _conv,
    MaxPool2D: _max_pool,
    AvgPool2D: _average_pool,
    FullyConnected: _fully_connected,
    Activation: _activation,
    Dropout: _dropout,
    Flatten: _flatten,
}


def _activated(place: Place, edge: str, function: str) -> str:
    if function == "none":
        return edge
    if function in _COMPOSED:
        return _COMPOSED[function](place, edge)
    if function not in _SIMPLE:
        raise ExportError(
            f"{place.entry.name} cannot be exported: ONNX files know no {function} activation."
        )
    kind, attributes = _SIMPLE[function]
    return _step(place, kind, (edge,), activation_words(function), **attributes)


def _gelu(place: Place, edge: str) -> str:
    """X * (1 + erf(x / sqrt 2)) / 2; ONNX has a node of its own only from opset 20 on."""
    constants = (("root", math.sqrt(2)), ("one", 1.0), ("half", 0.5))
    root, one, half = (
        place.graph.number(f"{place.entry.key}.gelu_{name}", value) for name, value in constants
    )
    scaled = _step(place, "Div", (edge, root), "GELU scaled")
    share = _step(place, "Erf", (scaled,), "GELU erf")
    raised = _step(place, "Add", (share, one), "GELU raised")
    halved = _step(place, "Mul", (raised, half), "GELU halved")
    return _step(place, "Mul", (edge, halved), "GELU")


def _scaled_tanh(place: Place, edge: str) -> str:
    """1.7159 tanh(2x / 3)."""
    slope = place.graph.number(f"{place.entry.key}.slope", 2 / 3)
    height = place.graph.number(f"{place.entry.key}.height", 1.7159)
    inner = _step(place, "Mul", (edge, slope), "scaled input")
    curved = _step(place, "Tanh", (inner,), "tanh")
    return _step(place, "Mul", (curved, height), "scaled tanh")


_SIMPLE: Mapping[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {"alpha": 1.0}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {"axis": 1}),
}
_COMPOSED: Mapping[str, Callable[[Place, str], str]] = {
    "gelu": _gelu,
    "scaled_tanh": _scaled_tanh,
}


def _step(place: Place, kind: str, sources: tuple[str, ...], words: str, **attributes: Any) -> str:
    """A node beside the block's main one; it keeps the block's output size."""
    target = f"{place.entry.key}.{words.lower().replace(' ', '_')}"
    name = f"{place.entry.name} {words}"
    return place.graph.node(kind, name, sources, target, place.shapes[1], **attributes)


def _pad(place: Place, edge: str, sides: tuple[int, int], fill: float) -> str:
    """A border of `fill`, `sides` rows above and below and columns left and right.

    Zeros should be negative ones: onnxruntime moves a border of positive zeros into the pool
    behind it, which then ignores, counts or refuses it.
    """
    channels, height, width = place.shapes[0]
    rows, columns = sides
    shape = (channels, height + 2 * rows, width + 2 * columns)
    key = place.entry.key
    widths = np.array([0, 0, rows, columns, 0, 0, rows, columns], np.int64)
    border = place.graph.constant(f"{key}.border", widths)
    value = place.graph.number(f"{key}.fill", fill)
    name = f"{place.entry.name} padding"
    return place.graph.node("Pad", name, (edge, border, value), f"{key}.padded", shape)


def _pads(
    windows: tuple[Window, Window], shape: tuple[int, ...], padding: tuple[int, int]
) -> list[int]:
    """Top, left, bottom, right; windows that hang over need more at the end."""
    below, right = _overhangs(windows, shape)
    return [*padding, padding[0] + below, padding[1] + right]


def _overhangs(windows: tuple[Window, Window], shape: tuple[int, ...]) -> tuple[int, int]:
    rows, columns = windows
    return rows.overhang(shape[1]), columns.overhang(shape[2])
