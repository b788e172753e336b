"""The family CONV in ONNX: nodes Conv and ConvTranspose, and compositions where there is no node.

Whatever the block, bias and activation function come last.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Conv2D, ConvTranspose2D, LocallyConnected2D, TableConv2D, TiledConv2D
from cnnstudio.blocks.block import pair
from cnnstudio.engine.layers.partial import tap_ratios
from cnnstudio.export.onnx_activation import activated
from cnnstudio.export.onnx_place import Place, overhangs, paddings, pads

_BORDERS = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""The padding modes for which the node Pad has a mode of its own."""


def convolution(place: Place, block: Conv2D) -> str:
    """A Conv, after a Pad where the border is made of the maps themselves."""
    edge, sides, over = place.source, paddings(block.windows()), _overhangs(place, block)
    if any(sides) and block.padding_mode in _BORDERS:
        edge = place.pad(edge, sides, mode=_BORDERS[block.padding_mode])
        sides = (0, 0)
    weight = place.constant("weight", _correlated(place, block))
    partial = block.padding_mode == "partial" and any((*sides, *over))
    bias = () if partial else place.weights("bias")
    edge = place.node(
        "Conv",
        edge,
        weight,
        *bias,
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        dilations=pair(block.dilation),
        pads=pads(sides, over),
        group=block.groups,
    )
    if partial:
        edge = _partial(place, block, edge)
    return activated(place, edge, block.activation)


def _correlated(place: Place, block: Conv2D) -> NDArray[Any]:
    """The weight of a cross-correlation, which is what the node Conv computes."""
    weight = place.array("weight")
    assert weight is not None
    return weight[:, :, ::-1, ::-1] if block.true_convolution else weight


def _partial(place: Place, block: Conv2D, edge: str) -> str:
    """Partial convolution based padding (arXiv 1811.11718): the results scaled, then the bias.

    The scale is taps / real taps, and 0 where a window sees nothing real; there the output is 0,
    whatever the bias.
    """
    scale = tap_ratios(block.windows(), place.before[1:], place.after[1:])
    edge = place.step("Mul", (edge, place.constant("scale", scale)), "scaled")
    return _with_bias(place, edge, None if scale.all() else scale > 0)


def transposed_convolution(place: Place, block: ConvTranspose2D) -> str:
    """A ConvTranspose; its weight has the same layout."""
    added, sides, strides = map(pair, (block.output_padding, block.padding, block.stride))
    if any(more >= stride for more, stride in zip(added, strides, strict=True)):
        return _transposed_with_rest(place, block)
    edge = place.node(
        "ConvTranspose",
        place.source,
        *place.weights("weight", "bias"),
        **_transposed(block, pads(sides, (0, 0))),
        output_padding=added,
    )
    return activated(place, edge, block.activation)


def _transposed_with_rest(place: Place, block: ConvTranspose2D) -> str:
    """Output padding as large as the stride, which the dilation allows but onnxruntime refuses.

    It takes away from the padding cut off at the end, and what is left of it are rows of zeros.
    """
    added, sides = pair(block.output_padding), pair(block.padding)
    cut = [max(0, side - more) for side, more in zip(sides, added, strict=True)]
    below, right = (max(0, more - side) for side, more in zip(sides, added, strict=True))
    filters, height, width = place.after
    shape = (filters, height - below, width - right)
    sources = (place.source, *place.weights("weight"))
    edge = place.step(
        "ConvTranspose", sources, "transposed", shape, **_transposed(block, [*sides, *cut])
    )
    if below or right:
        edge = place.pad(edge, (0, 0), overhang=(below, right), shape=shape)
    return activated(place, _with_bias(place, edge), block.activation)


def _transposed(block: ConvTranspose2D, pads: list[int]) -> dict[str, Any]:
    """The node's attributes but for the output padding."""
    return {
        "kernel_shape": pair(block.kernel),
        "strides": pair(block.stride),
        "dilations": pair(block.dilation),
        "pads": pads,
        "group": block.groups,
    }


def table_convolution(place: Place, block: TableConv2D) -> str:
    """A Conv whose filters are zero for the maps that the table does not link to them."""
    links = place.array("weight")
    assert links is not None
    size = (block.filters, place.before[0], *pair(block.kernel))
    place.graph.need_room(math.prod(size))
    weight = np.zeros(size, np.float32)
    filters = np.repeat(np.arange(block.filters), [len(maps) for maps in block.links])
    weight[filters, np.concatenate(block.links)] = links
    edge = place.node(
        "Conv",
        place.source,
        place.constant("weight", weight),
        *place.weights("bias"),
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        pads=pads(paddings(block.windows()), _overhangs(place, block)),
    )
    return activated(place, edge, block.activation)


def local_convolution(place: Place, block: LocallyConnected2D) -> str:
    """Every window gathered, then summed with the filters of its own place.

    With n pictures, c channels, outputs h x w, kernel i x j and f filters: nchwij, hwfcij -> nfhw.
    """
    edge, sides, over = place.source, paddings(block.windows()), _overhangs(place, block)
    if any((*sides, *over)):
        edge = place.pad(edge, sides, overhang=over)
    width = place.before[2] + 2 * sides[1] + over[1]
    height = place.before[1] + 2 * sides[0] + over[0]
    channels = place.before[0]
    row = (channels, height * width)
    edge = place.step("Reshape", (edge, place.constant("row", _dims(row))), "pixels", row)
    pixels = _window_pixels(block, place.after, width)
    windows = (channels, *pixels.shape)
    sources = (edge, place.constant("window_pixels", pixels))
    edge = place.step("Gather", sources, "windows", windows, axis=2)
    edge = place.node("Einsum", edge, *place.weights("weight"), equation="nchwij,hwfcij->nfhw")
    return activated(place, _with_bias(place, edge), block.activation)


def _window_pixels(
    block: LocallyConnected2D, output: tuple[int, ...], width: int
) -> NDArray[np.int64]:
    """The pixels (h, w, i, j) that each window sees, counted along rows of `width` pixels."""
    rows, columns = (
        np.arange(count)[:, None] * window.stride + np.arange(window.kernel)
        for window, count in zip(block.windows(), output[1:], strict=True)
    )
    return (rows[:, None, :, None] * width + columns[None, :, None, :]).astype(np.int64)


def tiled_convolution(place: Place, block: TiledConv2D) -> str:
    """All sets of filters in one Conv; of each only the places where it has its turn are summed."""
    weight = place.array("weight")
    assert weight is not None
    down, right, filters = weight.shape[:3]
    sets, size = down * right, place.after[1:]
    edge = place.step(
        "Conv",
        (place.source, place.constant("weight", weight.reshape(-1, *weight.shape[3:]))),
        "all sets",
        (sets * filters, *size),
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        pads=pads(paddings(block.windows()), _overhangs(place, block)),
    )
    apart = (sets, filters, *size)
    edge = place.step("Reshape", (edge, place.constant("sizes", _dims(apart))), "apart", apart)
    turns = place.constant("turns", _turns(down, right, size))
    edge = place.step("Mul", (edge, turns), "in turn", apart)
    axis = place.constant("axis", np.array([1], np.int64))
    edge = place.node("ReduceSum", edge, axis, keepdims=0)
    return activated(place, _with_bias(place, edge), block.activation)


def _turns(down: int, right: int, size: tuple[int, ...]) -> NDArray[np.float32]:
    """1 where a set of filters has its turn, else 0: (sets, 1, rows, columns)."""
    rows = np.arange(size[0]) % down == np.arange(down)[:, None]
    columns = np.arange(size[1]) % right == np.arange(right)[:, None]
    both: NDArray[np.bool_] = rows[:, None, :, None] & columns[None, :, None, :]
    return both.reshape(down * right, 1, *size).astype(np.float32)


def _with_bias(place: Place, edge: str, where: NDArray[np.bool_] | None = None) -> str:
    """The bias added to the edge, if there is one: everywhere or only `where` (rows, columns)."""
    bias = place.array("bias")
    if bias is None:
        return edge
    spread = bias if bias.ndim == 3 else bias[:, None, None]
    if where is not None:
        spread = np.where(where, spread, 0)
    return place.step("Add", (edge, place.constant("bias", spread)), "with bias")


def _dims(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """What the node Reshape is given: the size of one picture, the number of pictures kept."""
    return np.array([0, *shape], np.int64)


def _overhangs(
    place: Place, block: Conv2D | TableConv2D | LocallyConnected2D | TiledConv2D
) -> tuple[int, int]:
    return overhangs(block.windows(), place.before)
