"""What each block becomes in ONNX: one entry for each block type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
    TiledConv2D,
    Upsample,
)
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.row import Entry, name_of
from cnnstudio.errors import ExportError
from cnnstudio.export import onnx_convolution, onnx_pooling
from cnnstudio.export.onnx_activation import activated
from cnnstudio.export.onnx_place import Place
from cnnstudio.network import BlockReport


def emit(place: Place) -> str:
    """Add the nodes of one block; the edge that leaves it. Raises ExportError."""
    block = place.entry.block
    if type(block) not in BLOCKS:
        raise ExportError(
            f"{place.entry.name} cannot be exported: ONNX files know no {block.title}."
        )
    return BLOCKS[type(block)](place, block)


def _input(place: Place, block: Input) -> str:
    """The border of zeros first: it is normalised with the picture, as the engine's is."""
    edge, sides = place.source, pair(block.pad)
    if any(sides):
        edge = place.pad(edge, sides)
    if block.mean:
        edge = place.step("Sub", (edge, place.number("mean", block.mean)), "centred")
    if block.deviation != 1:
        edge = place.step("Div", (edge, place.number("deviation", block.deviation)), "scaled")
    return edge


def _fully_connected(place: Place, block: FullyConnected) -> str:
    edge = place.source
    if not place.before.is_flat:
        edge = place.step("Flatten", (edge,), "row", (math.prod(place.before),), axis=1)
    edge = place.node("Gemm", edge, *place.weights("weight", "bias"), transB=1)
    return activated(place, edge, block.activation)


def _activation(place: Place, block: Activation) -> str:
    return activated(place, place.source, block.function)


def _batch_norm(place: Place, block: BatchNorm) -> str:
    """With the running statistics, as the network is used."""
    arrays = place.weights("weight", "bias", "running_mean", "running_variance")
    return place.node("BatchNormalization", place.source, *arrays, epsilon=block.epsilon)


def _dropout(place: Place, block: Dropout) -> str:
    """Nothing is dropped when the network is used; the node shows that it was while training."""
    return place.node("Dropout", place.source, place.number("rate", block.rate))


def _flatten(place: Place, block: Flatten) -> str:
    return place.node("Flatten", place.source, axis=1)


def _residual(place: Place, block: Residual) -> str:
    edge = place.node("Add", *_rows(place, block))
    return activated(place, edge, block.activation)


def _parallel(place: Place, block: Parallel) -> str:
    ends = _rows(place, block)
    if block.joins_by_sum:
        return place.node("Sum", *ends)
    return place.node("Concat", *ends, axis=1)


def _rows(place: Place, block: Composite) -> list[str]:
    """Add the blocks of all rows; the edges that leave the rows."""
    ends = []
    for row in block.rows(place.before):
        edge = place.source
        for entry in row:
            edge = emit(Place(place.graph, _inside(place, entry), place.arrays, edge))
        ends.append(edge)
    return ends


def _inside(place: Place, entry: Entry) -> BlockReport:
    """A block of a row, with the names of the block that holds it before its own."""
    return BlockReport(
        f"{place.entry.name} {name_of(entry.key)}",
        f"{place.entry.key}.{entry.key}",
        entry.block,
        entry.input_shape,
        entry.output_shape,
    )


BLOCKS: Mapping[type[Block], Callable[[Place, Any], str]] = {
    Input: _input,
    Conv2D: onnx_convolution.convolution,
    ConvTranspose2D: onnx_convolution.transposed_convolution,
    LocallyConnected2D: onnx_convolution.local_convolution,
    TiledConv2D: onnx_convolution.tiled_convolution,
    TableConv2D: onnx_convolution.table_convolution,
    MaxPool2D: onnx_pooling.max_pool,
    AvgPool2D: onnx_pooling.average_pool,
    GlobalAvgPool2D: onnx_pooling.global_average_pool,
    FullyConnected: _fully_connected,
    Activation: _activation,
    BatchNorm: _batch_norm,
    Dropout: _dropout,
    Flatten: _flatten,
    Upsample: onnx_pooling.upsample,
    Residual: _residual,
    Parallel: _parallel,
}
"""How each block type is written."""
