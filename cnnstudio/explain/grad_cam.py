"""Grad-CAM: where the maps of a block speak for a class (arXiv 1610.02391)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import without_head
from cnnstudio.engine.sensitivity import score_sensitivity
from cnnstudio.errors import DataError
from cnnstudio.explain.middles import Middles, middles
from cnnstudio.explain.occlusion import check_class
from cnnstudio.network import Report

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class GradCam:
    """The maps of a block, each weighted by how much the score of a class gains from it.

    `weights` (channels,) are the mean gradients (equation 1), `maps` ``(h, w)`` the weighted sum
    without what speaks against the class (equation 2), `pixels` ``(H, W)`` the same on the picture.
    """

    unit: int
    block: int
    weights: Array
    maps: Array
    pixels: Array


def cam_blocks(report: Report) -> tuple[int, ...]:
    """The places of the blocks behind the Input whose maps can be asked."""
    entries = without_head(report)
    shapes = [entry.output_shape for entry in entries]
    return tuple(i for i, shape in enumerate(shapes) if i and shape and not shape.is_flat)


def grad_cam(model: Model, picture: Array, unit: int, block: int) -> GradCam:
    """Grad-CAM of class `unit` in `picture` (C, H, W) for the block at this place.

    Raises DataError for a picture of another size, a class that the network does not have, or a
    block without maps.
    """
    check_class(model, unit)
    if block not in cam_blocks(model.report):
        raise DataError(f"Grad-CAM needs a block with maps, but {_name(model, block)} has none.")
    found = score_sensitivity(model, picture[np.newaxis], unit)
    maps, gradient = found.maps[(block,)][0], found.gradients[(block,)][0]
    weights = gradient.mean(axis=(1, 2))
    coarse = np.maximum(np.einsum("c,chw->hw", weights, maps), 0)
    return GradCam(unit, block, weights, coarse, on_picture(coarse, model.report, block))


def _name(model: Model, block: int) -> str:
    names = model.network.names
    return names[block] if 0 <= block < len(names) else f"block {block}"


def on_picture(values: Array, report: Report, block: int) -> Array:
    """Values ``(h, w)`` of a block's cells, bilinearly between the middles of what these see.

    Beyond the outermost middles the nearest value goes on. So a map that has lost its border lies
    where it looks; stretched over the whole picture, as is often done, it would be some pixels off.
    """
    _, height, width = report.blocks[0].input_shape or (1, 1, 1)
    found = middles(report, block)
    if found is None:
        found = _stretched(values.shape[0], height), _stretched(values.shape[1], width)
    down = _shares(found[0], values.shape[0], height)
    across = _shares(found[1], values.shape[1], width)
    return np.asarray(down @ values @ across.T, values.dtype)


def _stretched(cells: int, pixels: int) -> Middles:
    """Cells that share the picture evenly."""
    return Middles((pixels / cells - 1) / 2, pixels / cells)


def _shares(places: Middles, cells: int, pixels: int) -> Array:
    """The share ``(pixels, cells)`` of every cell in every pixel, in one direction."""
    cell = np.clip((np.arange(pixels) - places.first) / places.jump, 0, cells - 1)
    before = np.minimum(cell.astype(int), max(0, cells - 2))
    shares = np.zeros((pixels, cells))
    shares[np.arange(pixels), before] = 1 - (cell - before)
    if cells > 1:
        shares[np.arange(pixels), before + 1] = cell - before
    return shares
