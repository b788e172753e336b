"""The palette as data: the tiles of each group, each with the block that it inserts."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from cnnstudio.blocks import BLOCK_TYPES
from cnnstudio.blocks.activation import Activation
from cnnstudio.blocks.block import Block, Family
from cnnstudio.blocks.connection_table import TableConv2D
from cnnstudio.blocks.convolution import Conv2D
from cnnstudio.blocks.dropout import Dropout
from cnnstudio.blocks.flatten import Flatten
from cnnstudio.blocks.fully_connected import FullyConnected
from cnnstudio.blocks.local_convolution import LocallyConnected2D, TiledConv2D
from cnnstudio.blocks.normalization import BatchNorm
from cnnstudio.blocks.parallel import Parallel
from cnnstudio.blocks.pooling import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from cnnstudio.blocks.residual import Residual
from cnnstudio.blocks.transposed_convolution import ConvTranspose2D
from cnnstudio.blocks.upsample import Upsample

_TWO_CONVOLUTIONS = (Conv2D(8, 3, padding=1, activation="relu"), Conv2D(8, 3, padding=1))
_SMALL_AND_LARGE = (
    (Conv2D(4, 1, activation="relu"),),
    (Conv2D(4, 3, padding=1, activation="relu"),),
    (Conv2D(4, 5, padding=2, activation="relu"),),
)


@dataclass(frozen=True)
class Tile:
    """One entry: its words and the block it inserts; a `rare` one is folded away at first."""

    label: str
    block: Block
    rare: bool = False


@dataclass(frozen=True)
class TileGroup:
    """A heading of the palette with its tiles."""

    title: str
    family: Family
    tiles: tuple[Tile, ...]


_GROUPS: tuple[TileGroup, ...] = (
    TileGroup(
        "CONV",
        Family.CONV,
        (
            Tile("Conv 2D", Conv2D(8, 3, padding=1, activation="relu")),
            Tile("Transposed conv", ConvTranspose2D(8, 2, stride=2, activation="relu")),
            Tile("Locally connected", LocallyConnected2D(8, 3, padding=1, activation="relu")),
            Tile("Tiled conv", TiledConv2D(8, 3, padding=1, activation="relu"), rare=True),
            Tile("Table conv", TableConv2D(3, padding=1, activation="relu"), rare=True),
        ),
    ),
    TileGroup(
        "POOL",
        Family.POOL,
        (
            Tile("Max pool", MaxPool2D()),
            Tile("Average pool", AvgPool2D()),
            Tile("Global average", GlobalAvgPool2D()),
        ),
    ),
    TileGroup("FC", Family.FC, (Tile("Fully connected", FullyConnected(100, activation="relu")),)),
    TileGroup(
        "Composite",
        Family.COMPOSITE,
        (
            Tile("Residual", Residual(_TWO_CONVOLUTIONS, activation="relu")),
            Tile("Parallel", Parallel(_SMALL_AND_LARGE)),
        ),
    ),
    TileGroup(
        "Activation",
        Family.ACTIVATION,
        (
            Tile("ReLU", Activation("relu")),
            Tile("Tanh", Activation("tanh")),
            Tile("Sigmoid", Activation("sigmoid")),
            Tile("Softmax", Activation("softmax")),
            Tile("Leaky ReLU", Activation("leaky_relu"), rare=True),
            Tile("ELU", Activation("elu"), rare=True),
            Tile("GELU", Activation("gelu"), rare=True),
            Tile("Scaled tanh", Activation("scaled_tanh"), rare=True),
        ),
    ),
    TileGroup(
        "Regularise",
        Family.REGULARISE,
        (Tile("Dropout", Dropout()), Tile("Batch norm", BatchNorm())),
    ),
    TileGroup("Shape", Family.SHAPE, (Tile("Flatten", Flatten()), Tile("Upsample", Upsample()))),
)


def _completed(group: TileGroup) -> TileGroup:
    """`group` with a tile for every block type of its family that has none of its own."""
    shown = {type(tile.block) for group in _GROUPS for tile in group.tiles}
    missing = [kind for kind in BLOCK_TYPES if kind.family is group.family and kind not in shown]
    tiles = [Tile(kind.title, kind()) for kind in missing]
    return dataclasses.replace(group, tiles=(*group.tiles, *tiles))


PALETTE = tuple(_completed(group) for group in _GROUPS)
"""The groups from top to bottom, with every block type."""
