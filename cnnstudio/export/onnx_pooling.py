"""The family POOL and Upsample in ONNX."""

from __future__ import annotations

import math

import numpy as np

from cnnstudio.blocks import AvgPool2D, GlobalAvgPool2D, MaxPool2D, Upsample
from cnnstudio.blocks.block import pair
from cnnstudio.export.onnx_place import Place, overhangs, pads


def max_pool(place: Place, block: MaxPool2D) -> str:
    """A MaxPool."""
    edge, border = _border(place, block, fill=-math.inf)
    return place.node(
        "MaxPool",
        edge,
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        pads=pads(border, overhangs(block.windows(), place.before)),
    )


def average_pool(place: Place, block: AvgPool2D) -> str:
    """An AveragePool; where padding counts and what hangs over does not, they are kept apart."""
    over = overhangs(block.windows(), place.before)
    edge, border = place.source, pair(block.padding)
    if block.count_padding:
        edge, border = _border(place, block, fill=-0.0, apart=any(over))
    return place.node(
        "AveragePool",
        edge,
        kernel_shape=pair(block.kernel),
        strides=pair(block.stride),
        pads=pads(border, over),
        count_include_pad=int(block.count_padding and not any(over)),
    )


def _border(
    place: Place, block: MaxPool2D | AvgPool2D, fill: float, *, apart: bool = False
) -> tuple[str, tuple[int, int]]:
    """The edge into the pool, and the padding that is left for the pool itself.

    Where rows and columns differ, the border is a node of its own: the ONNX reference takes a
    pool's four sides in another order than everybody else when the stride is 1.
    """
    rows, columns = pair(block.padding)
    if rows == columns and not (apart and rows):
        return place.source, (rows, columns)
    return place.pad(place.source, (rows, columns), fill=fill), (0, 0)


def global_average_pool(place: Place, block: GlobalAvgPool2D) -> str:
    """A GlobalAveragePool, whose maps of one pixel become a row."""
    pixel = (place.before[0], 1, 1)
    edge = place.step("GlobalAveragePool", (place.source,), "means", pixel)
    return place.node("Flatten", edge, axis=1)


def upsample(place: Place, block: Upsample) -> str:
    """A Resize; nearest repeats every pixel, linear counts from the middle of the pixels."""
    rows, columns = pair(block.scale)
    scales = place.constant("scales", np.array([1, 1, rows, columns], np.float32))
    if block.mode == "nearest":
        return place.node(
            "Resize",
            place.source,
            "",
            scales,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
    return place.node(
        "Resize",
        place.source,
        "",
        scales,
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
