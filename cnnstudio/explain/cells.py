"""A cell of any map, the block before a block, and what is known of the block at a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.row import name_of
from cnnstudio.errors import NetworkError
from cnnstudio.network import Report
from cnnstudio.network.inner import Path

__all__ = ["PICTURE", "Cell", "Path", "Place", "Spot", "before", "last", "spot_at"]

Place = tuple[int, ...]
"""A value of one image, counted from 0: ``(map, row, column)`` or ``(unit,)``."""

PICTURE: Path = ()
"""The path of the picture itself, before the Input block."""


class Cell(NamedTuple):
    """One value that the block at `path` makes; at `PICTURE` it is a pixel.

    Paths are those of `network.inner`; in a Residual the row with the number 1 is the shortcut,
    so that ``(2, 1, 0)`` is its projection where it has one.
    """

    path: Path
    place: Place


@dataclass(frozen=True)
class Spot:
    """The block at a path of a network that fits: its name for people, its key, and its sizes."""

    path: Path
    name: str
    key: str
    block: Block
    input_shape: Shape
    output_shape: Shape


def spot_at(report: Report, path: Path) -> Spot:
    """What is known of the block at `path`; raises NetworkError where there is none that fits."""
    if not path or not 0 <= path[0] < len(report.blocks):
        raise NetworkError(f"There is no block at {path} of the network.")
    entry = report.blocks[path[0]]
    if entry.input_shape is None or entry.output_shape is None:
        raise NetworkError(f"{entry.name} does not fit, so that it computes nothing yet.")
    spot = Spot(path[:1], entry.name, entry.key, entry.block, entry.input_shape, entry.output_shape)
    for row, place in zip(path[1::2], path[2::2], strict=True):
        spot = _inside(spot, row, place)
    return spot


def _inside(owner: Spot, number: int, place: int) -> Spot:
    rows = owner.block.rows(owner.input_shape) if isinstance(owner.block, Composite) else ()
    row = rows[number] if 0 <= number < len(rows) else ()
    path = (*owner.path, number, place)
    if not 0 <= place < len(row):
        raise NetworkError(f"There is no block at {path} of the network.")
    key, block, shape, output = row[place]
    name = f"{name_of(key.split('.')[-1])} of {owner.name}"
    return Spot(path, name, f"{owner.key}.{key}", block, shape, output)


def before(path: Path) -> Path:
    """What the block at `path` reads: the block before it, or what enters the block around it."""
    if path[-1] > 0:
        return (*path[:-1], path[-1] - 1)
    return PICTURE if len(path) == 1 else before(path[:-2])


def last(owner: Spot, number: int) -> Path:
    """The end of row `number` of a composite: its last block, or what enters an empty row."""
    assert isinstance(owner.block, Composite)
    row = owner.block.rows(owner.input_shape)[number]
    return (*owner.path, number, len(row) - 1) if row else before(owner.path)


def shape_at(report: Report, path: Path) -> Shape:
    """The size of what the block at `path` makes, or of the picture."""
    if path == PICTURE:
        block = report.blocks[0].block
        return Shape(block.picture_shape)  # type: ignore[attr-defined]  # an Input begins each
    return spot_at(report, path).output_shape


def is_inside(place: Place, shape: tuple[int, ...]) -> bool:
    """Whether there is a value at `place` of an array of this shape."""
    return len(place) == len(shape) and all(
        0 <= number < size for number, size in zip(place, shape, strict=True)
    )


def checked(report: Report, cell: Cell) -> Cell:
    """`cell` again; raises NetworkError, with the size, where there is no such cell."""
    shape = shape_at(report, cell.path)
    if not is_inside(cell.place, shape):
        raise NetworkError(f"There is no value at {cell.place} of {shape}, counted from 0.")
    return cell
