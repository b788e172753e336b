"""What a block is: its settings, size rule, parameter rule, cost and words."""

from __future__ import annotations

from collections.abc import Mapping

from cnnstudio.blocks.activation import Activation
from cnnstudio.blocks.block import Block, Family, Formula, Reach, Shape
from cnnstudio.blocks.convolution import Conv2D
from cnnstudio.blocks.dropout import Dropout
from cnnstudio.blocks.flatten import Flatten
from cnnstudio.blocks.fully_connected import FullyConnected
from cnnstudio.blocks.input import Input
from cnnstudio.blocks.pooling import AvgPool2D, MaxPool2D

BLOCK_TYPES: tuple[type[Block], ...] = (
    Input,
    Conv2D,
    MaxPool2D,
    AvgPool2D,
    FullyConnected,
    Activation,
    Dropout,
    Flatten,
)
"""Every block type; the contract tests loop over them."""

TYPES_BY_NAME: Mapping[str, type[Block]] = {kind.__name__: kind for kind in BLOCK_TYPES}
"""The block types by the name that files use."""

__all__ = [
    "BLOCK_TYPES",
    "TYPES_BY_NAME",
    "Activation",
    "AvgPool2D",
    "Block",
    "Conv2D",
    "Dropout",
    "Family",
    "Flatten",
    "Formula",
    "FullyConnected",
    "Input",
    "MaxPool2D",
    "Reach",
    "Shape",
]
