"""The weights of a block as pictures: for each filter a sheet for each input map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    Flatten,
    FullyConnected,
    LocallyConnected2D,
    Shape,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.blocks.block import pair, size_words
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.row import name_of

Weights = NDArray[np.floating]

Place = tuple[int, int, int, int]
"""Filter, sheet, row and column."""

FILTERED = (Conv2D, ConvTranspose2D, LocallyConnected2D, TiledConv2D, TableConv2D)
"""The block types whose weights are filters."""


KEEPING = (Activation, BatchNorm, Dropout)
"""The block types that leave every value in its place."""

MOST_UNITS = 4096
"""The weights of more units are not shown as pictures."""

MOST_IN_MATRIX = 1 << 21
"""Nor is a matrix of more weights."""


class Filtered(NamedTuple):
    """A block with filters: its key in the parameters, and its name where it is inside another.

    For an FC behind maps, whose units are filters as large as these, `maps` is their size.
    """

    key: str
    block: Block
    name: str = ""
    maps: Shape | None = None


@dataclass(frozen=True, eq=False)
class Sheets:
    """Weights ``(filters, sheets, rows, columns)``, NaN where a filter does not see a map.

    `first` is for each filter the input map of its first sheet. A sheet holds the weights of
    ``places`` (rows, columns) side by side, which for most blocks is one place for all. In a
    `matrix` each filter is a unit with one row of weights, one for each input.
    """

    values: Weights
    bias: Weights | None
    first: tuple[int, ...]
    words: str
    places: tuple[int, int] = (1, 1)
    unit: str = "filter"
    matrix: bool = False
    seen: NDArray[np.bool_] | None = None
    """Where a filter ``(filters, sheets)`` sees a map; None where all do."""

    def place_words(self, row: int, column: int) -> str:
        """Which weight this is: its row and column, and the place that it is for."""
        if self.matrix:
            return f"input {column + 1}"
        rows, columns = (
            side // count for side, count in zip(self.values.shape[2:], self.places, strict=True)
        )
        words = f"row {row % rows + 1}, column {column % columns + 1}"
        if self.places == (1, 1):
            return words
        return f"place {row // rows + 1}, {column // columns + 1}  ·  {words}"


class Entry(Protocol):
    """A block of a row, with its key and the size that it gets."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def block(self) -> Block: ...  # noqa: D102
    @property
    def input_shape(self) -> Shape | None: ...  # noqa: D102


def filtered_at(entries: Sequence[Entry], index: int) -> list[Filtered]:
    """The block at `index` of a row if it has filters, or the blocks inside it that have."""
    key, block, shape = entries[index].key, entries[index].block, entries[index].input_shape
    if isinstance(block, FILTERED):
        return [Filtered(key, block)]
    if isinstance(block, FullyConnected):
        return _units_at(entries, index)
    if isinstance(block, Composite) and shape is not None:
        return list(_inside(key, block, shape, ""))
    return []


def _units_at(entries: Sequence[Entry], index: int) -> list[Filtered]:
    """The FC at `index` of a row, if it is not too large to be shown."""
    key, block, shape = entries[index].key, entries[index].block, entries[index].input_shape
    assert isinstance(block, FullyConnected)
    maps = maps_before(entries, index)
    inputs = prod(shape) if shape is not None else 0
    if block.units > MOST_UNITS or (maps is None and block.units * inputs > MOST_IN_MATRIX):
        return []
    return [Filtered(key, block, maps=maps)]


def maps_before(entries: Sequence[Entry], index: int) -> Shape | None:
    """The maps whose values, in their order, the block at `index` gets; None for another row."""
    shape = entries[index].input_shape
    while shape is not None and shape.is_flat and index > 0:
        index -= 1
        if not isinstance(entries[index].block, (*KEEPING, Flatten)):
            return None
        shape = entries[index].input_shape
    return None if shape is None or shape.is_flat else shape


def has_filters(block: Block) -> bool:
    """Whether `block`, or a block inside it, has weights that can be shown."""
    if isinstance(block, Composite):
        return any(map(has_filters, _inner(block)))
    return isinstance(block, (*FILTERED, FullyConnected))


def _inner(block: Composite) -> Iterator[Block]:
    for value in block.values().values():
        for part in value if isinstance(value, tuple) else ():
            yield from part if isinstance(part, tuple) else (part,)


def _inside(key: str, block: Composite, shape: Shape, before: str) -> Iterator[Filtered]:
    for row in block.rows(shape):
        for place, entry in enumerate(row):
            words = [name_of(part).replace("BRANCH", "Branch") for part in entry.key.split(".")]
            name = " › ".join([before, *words] if before else words)
            inner = f"{key}.{entry.key}"
            if isinstance(entry.block, Composite):
                yield from _inside(inner, entry.block, entry.input_shape, name)
            else:
                for found in filtered_at(row, place):
                    yield found._replace(key=inner, name=name)


def sheets_of(found: Filtered, parameters: Mapping[str, Weights]) -> Sheets:
    """The weights of a block with filters, taken from a model's parameters."""
    block, weight = found.block, parameters[f"{found.key}.weight"]
    bias = parameters.get(f"{found.key}.bias")
    if isinstance(block, TableConv2D):
        return _linked(block, weight, bias)
    if isinstance(block, (LocallyConnected2D, TiledConv2D)):
        return _unshared(block, weight, bias)
    if isinstance(block, FullyConnected):
        return _connected(found, weight, bias)
    if isinstance(block, ConvTranspose2D):
        weight = _turned(weight, block.groups)
    assert isinstance(block, (Conv2D, ConvTranspose2D))
    filters, maps = weight.shape[:2]
    first = tuple(i // (filters // block.groups) * maps for i in range(filters))
    words = f"{_count(filters)} of {size_words(block.kernel)}"
    if maps > 1:
        words += f" for {maps} input maps" + (" each" if block.groups > 1 else "")
    return Sheets(weight, bias, first, words)


def place_in_array(found: Filtered, shape: Sequence[int], place: Place) -> tuple[int, ...] | None:
    """Where a weight of the sheets is in the block's array of this `shape`; None for no link."""
    block, (filter_, sheet, row, column) = found.block, place
    if isinstance(block, TableConv2D):
        linked = sheet in block.links[filter_]
        return (_pairs(block).index((filter_, sheet)), row, column) if linked else None
    if isinstance(block, (LocallyConnected2D, TiledConv2D)):
        rows, columns = shape[-2:]
        return row // rows, column // columns, filter_, sheet, row % rows, column % columns
    if isinstance(block, FullyConnected):
        height, width = found.maps[1:] if found.maps is not None else (1, shape[1])
        return filter_, (sheet * height + row) * width + column
    if isinstance(block, ConvTranspose2D):
        maps, filters = shape[0] // block.groups, shape[1]
        return filter_ // filters * maps + sheet, filter_ % filters, row, column
    return place


def _connected(found: Filtered, weight: Weights, bias: Weights | None) -> Sheets:
    """A unit's weights as pictures of the size of the maps that it reads, or as a matrix's row."""
    if found.maps is None:
        values, (units, inputs) = weight[:, np.newaxis, np.newaxis], weight.shape
        words = f"{units:,} units (rows), {inputs:,} inputs (columns)"
        return Sheets(values, bias, (0,) * units, words, unit="unit", matrix=True)
    channels, height, width = found.maps
    values = weight.reshape(-1, channels, height, width)
    count = "1 unit" if len(values) == 1 else f"{len(values):,} units"
    words = f"{count}, each with {height}x{width} weights"
    words += f" for {channels:,} input maps" if channels > 1 else ""
    return Sheets(values, bias, (0,) * len(values), words, unit="unit")


def _turned(weight: Weights, groups: int) -> Weights:
    """``(maps, filters of a group, ...)`` as ``(filters, maps of a group, ...)``."""
    maps, filters, *kernel = weight.shape
    parts = weight.reshape(groups, maps // groups, filters, *kernel)
    return parts.swapaxes(1, 2).reshape(groups * filters, maps // groups, *kernel)


def _unshared(
    block: LocallyConnected2D | TiledConv2D, weight: Weights, bias: Weights | None
) -> Sheets:
    """Sheets with the kernels of all places side by side, as they lie on the map."""
    down, right, filters, maps, rows, columns = weight.shape
    values = weight.transpose(2, 3, 0, 4, 1, 5).reshape(filters, maps, down * rows, right * columns)
    places = "places" if isinstance(block, LocallyConnected2D) else "tiles"
    words = f"{_count(filters)} of {size_words(block.kernel)} in {down}x{right} {places}"
    words += f" for {maps} input maps" if maps > 1 else ""
    shared = bias if bias is not None and bias.ndim == 1 else None
    return Sheets(values, shared, (0,) * filters, words, (down, right))


def _linked(block: TableConv2D, weight: Weights, bias: Weights | None) -> Sheets:
    maps = 1 + max(row[-1] for row in block.links)
    values = np.full((block.filters, maps, *pair(block.kernel)), np.nan, weight.dtype)
    pairs = _pairs(block)
    links, seen = tuple(np.array(pairs).T), np.zeros(values.shape[:2], bool)
    values[links], seen[links] = weight, True
    words = f"{_count(block.filters)} of {size_words(block.kernel)} with {len(pairs)} links"
    return Sheets(values, bias, (0,) * block.filters, words, seen=seen)


def _pairs(block: TableConv2D) -> list[tuple[int, int]]:
    """Filter and input map of each link, in the order in which their weights are kept."""
    return [(filter_, seen) for filter_, row in enumerate(block.links) for seen in row]


def _count(filters: int) -> str:
    return "1 filter" if filters == 1 else f"{filters:,} filters"
