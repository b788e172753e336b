"""The palette as data: the tiles of each group, each with the block that it inserts."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.blocks.activation import Activation
from cnnstudio.blocks.block import Block
from cnnstudio.blocks.connection_table import TableConv2D
from cnnstudio.blocks.convolution import Conv2D
from cnnstudio.blocks.dropout import Dropout
from cnnstudio.blocks.flatten import Flatten
from cnnstudio.blocks.fully_connected import FullyConnected
from cnnstudio.blocks.pooling import AvgPool2D, MaxPool2D


@dataclass(frozen=True)
class Tile:
    """One entry: its words and the block it inserts."""

    label: str
    block: Block


@dataclass(frozen=True)
class TileGroup:
    """A heading of the palette with its tiles."""

    title: str
    tiles: tuple[Tile, ...]


PALETTE: tuple[TileGroup, ...] = (
    TileGroup(
        "CONV",
        (
            Tile("Conv 2D", Conv2D(8, 3, padding=1, activation="relu")),
            Tile("Table conv", TableConv2D(5, activation="scaled_tanh")),
        ),
    ),
    TileGroup("POOL", (Tile("Max pool", MaxPool2D()), Tile("Average pool", AvgPool2D()))),
    TileGroup("FC", (Tile("Fully connected", FullyConnected(100, activation="relu")),)),
    TileGroup(
        "Activation",
        (
            Tile("ReLU", Activation("relu")),
            Tile("Tanh", Activation("tanh")),
            Tile("Sigmoid", Activation("sigmoid")),
            Tile("Softmax", Activation("softmax")),
        ),
    ),
    TileGroup("Regularise", (Tile("Dropout", Dropout()),)),
    TileGroup("Shape", (Tile("Flatten", Flatten()),)),
)
