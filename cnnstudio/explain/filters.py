"""Which weights a filter uses at a place, and where a weight is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnstudio.blocks import Block, Conv2D, ConvTranspose2D, Shape, TableConv2D
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.local_convolution import LocallyConnected2D, UnsharedConvolution
from cnnstudio.explain.cells import Place
from cnnstudio.explain.terms import Bools, Ints


@dataclass(frozen=True, eq=False)
class Filter:
    """The weights of one output: for each of the input `maps` a kernel.

    `places` is ``(maps, kernel rows, kernel columns, k)``: where in the block's array ``weight``
    each lies. `bias` is where in ``bias`` its constant lies.
    """

    maps: Ints
    places: Ints
    bias: Place


def filter_of(block: Block, shape: Shape, place: Place) -> Filter:
    """The filter that makes the value at `place` (map, row, column) of a CONV block."""
    number, row, column = place
    if isinstance(block, LocallyConnected2D):
        return _unshared(block, shape, place, (number, row, column))
    if isinstance(block, UnsharedConvolution):
        return _unshared(block, shape, place, (number,))
    if isinstance(block, ConvTranspose2D):
        return _transposed(block, shape, number)
    if isinstance(block, TableConv2D):
        return _linked(block, number)
    assert isinstance(block, Conv2D)
    return _shared(block, shape, number)


def _shared(block: Conv2D, shape: Shape, number: int) -> Filter:
    depth = shape[0] // block.groups
    group = number // (block.filters // block.groups)
    places = _grid((number,), depth, pair(block.kernel))
    if block.true_convolution:
        places = places[:, ::-1, ::-1]
    return Filter(group * depth + np.arange(depth), places, (number,))


def _transposed(block: ConvTranspose2D, shape: Shape, number: int) -> Filter:
    group, own = divmod(number, block.filters // block.groups)
    depth = shape[0] // block.groups
    maps = group * depth + np.arange(depth)
    places = _grid((own,), depth, pair(block.kernel))[..., [1, 0, 2, 3]]
    places[..., 0] += group * depth
    return Filter(maps, places, (number,))


def _linked(block: TableConv2D, number: int) -> Filter:
    maps = np.array(block.links[number])
    first = sum(len(linked) for linked in block.links[:number])
    places = _grid((), len(maps), pair(block.kernel))
    places[..., 0] += first
    return Filter(maps, places, (number,))


def _unshared(block: UnsharedConvolution, shape: Shape, place: Place, bias: Place) -> Filter:
    number, row, column = place
    down, right = block.sets(shape)
    start = (row % down, column % right, number)
    return Filter(np.arange(shape[0]), _grid(start, shape[0], pair(block.kernel)), bias)


def _grid(start: Place, depth: int, kernel: tuple[int, int]) -> Ints:
    """Places ``(*start, map, row, column)`` for a kernel on `depth` maps."""
    tail = np.moveaxis(np.indices((depth, *kernel)), 0, -1)
    head = np.broadcast_to(np.array(start, np.intp), (*tail.shape[:-1], len(start)))
    return np.concatenate([head, tail], axis=-1).astype(np.intp)


def connections(block: Block, shape: Shape) -> Bools:
    """Which of the input's maps each of the output's sees: ``(output maps, input maps)``."""
    count = block.output_shape(shape)[0]
    found = np.zeros((count, shape[0]), bool)
    for number in range(count):
        found[number, filter_of(block, shape, (number, 0, 0)).maps] = True
    return found


class Use(NamedTuple):
    """Where a weight is used: its filter's map, the input map, the tap, and the output's places."""

    number: int
    map: int
    tap: tuple[int, int]
    rows: slice = slice(None)
    columns: slice = slice(None)


def use_of(block: Block, shape: Shape, index: Place) -> Use:
    """Where the weight at `index` of a CONV block's array ``weight`` is used."""
    *head, row, column = index
    if isinstance(block, UnsharedConvolution):
        down, right, number, map_ = head
        sets = block.sets(shape)
        places = slice(down, None, sets[0]), slice(right, None, sets[1])
        return Use(number, map_, (row, column), *places)
    if isinstance(block, TableConv2D):
        number, map_ = block.pairs[head[0]]
        return Use(number, map_, (row, column))
    if isinstance(block, ConvTranspose2D):
        group = head[0] // (shape[0] // block.groups)
        return Use(group * (block.filters // block.groups) + head[1], head[0], (row, column))
    assert isinstance(block, Conv2D)
    group = head[0] // (block.filters // block.groups)
    map_ = group * (shape[0] // block.groups) + head[1]
    rows, columns = pair(block.kernel)
    tap = (rows - 1 - row, columns - 1 - column) if block.true_convolution else (row, column)
    return Use(head[0], map_, tap)
