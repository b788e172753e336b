"""What a block is: its settings, size rule, parameter rule, cost and words."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.blocks.activation import Activation
from cnnstudio.blocks.block import Block, Family, Formula, Reach, Shape
from cnnstudio.blocks.connection_table import TableConv2D
from cnnstudio.blocks.convolution import Conv2D
from cnnstudio.blocks.dropout import Dropout
from cnnstudio.blocks.flatten import Flatten
from cnnstudio.blocks.fully_connected import FullyConnected
from cnnstudio.blocks.input import Input
from cnnstudio.blocks.local_convolution import LocallyConnected2D, TiledConv2D
from cnnstudio.blocks.normalization import BatchNorm
from cnnstudio.blocks.parallel import Parallel
from cnnstudio.blocks.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from cnnstudio.blocks.residual import Residual
from cnnstudio.blocks.transposed_convolution import ConvTranspose2D
from cnnstudio.blocks.upsample import Upsample

BLOCK_TYPES: tuple[type[Block], ...] = (
    Input,
    Conv2D,
    ConvTranspose2D,
    LocallyConnected2D,
    TiledConv2D,
    TableConv2D,
    MaxPool2D,
    AvgPool2D,
    GlobalAvgPool2D,
    FullyConnected,
    Activation,
    BatchNorm,
    Dropout,
    Flatten,
    Upsample,
    Residual,
    Parallel,
)
"""Every block type; the contract tests loop over them."""

TYPES_BY_NAME: Mapping[str, type[Block]] = {kind.__name__: kind for kind in BLOCK_TYPES}
"""The block types by the name that files use."""

__all__ = [
    "BLOCK_TYPES",
    "TYPES_BY_NAME",
    "Activation",
    "AvgPool2D",
    "BatchNorm",
    "Block",
    "Conv2D",
    "ConvTranspose2D",
    "Dropout",
    "Family",
    "Flatten",
    "Formula",
    "FullyConnected",
    "GlobalAvgPool2D",
    "Input",
    "LocallyConnected2D",
    "MaxPool2D",
    "Parallel",
    "Reach",
    "Residual",
    "Shape",
    "TableConv2D",
    "TiledConv2D",
    "Upsample",
]
