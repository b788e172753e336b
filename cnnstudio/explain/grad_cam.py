"""Grad-CAM: where the maps of a block speak for a class (arXiv 1610.02391)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.inner_maps import places
from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import without_head
from cnnstudio.engine.sensitivity import score_sensitivity
from cnnstudio.errors import DataError
from cnnstudio.explain.cells import Path
from cnnstudio.explain.middles import Middles, middles
from cnnstudio.explain.occlusion import check_class
from cnnstudio.network import Report, inner

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class GradCam:
    """The maps of a block, each weighted by how much the score of a class gains from it.

    `weights` (channels,) are the mean gradients (equation 1), `maps` ``(h, w)`` the weighted sum
    without what speaks against the class (equation 2), `pixels` ``(H, W)`` the same on the picture.
    """

    unit: int
    path: Path
    weights: Array
    maps: Array
    pixels: Array


def cam_paths(report: Report) -> tuple[Path, ...]:
    """The paths of the blocks behind the Input whose maps can be asked, also inside of others."""
    blocks = len(without_head(report))
    return tuple(
        place.path
        for place in places(report)
        if 0 < place.path[0] < blocks and not place.output_shape.is_flat
    )


def grad_cam(model: Model, picture: Array, unit: int, path: Path) -> GradCam:
    """Grad-CAM of class `unit` in `picture` (C, H, W) for the block at `path`.

    Raises DataError for a picture of another size, a class that the network does not have, or a
    block without maps.
    """
    check_class(model, unit)
    if path not in cam_paths(model.report):
        raise DataError(f"Grad-CAM needs a block with maps, but {_name(model, path)} has none.")
    found = score_sensitivity(model, picture[np.newaxis], unit)
    maps, gradient = found.maps[path][0], found.gradients[path][0]
    weights = gradient.mean(axis=(1, 2))
    coarse = np.maximum(np.einsum("c,chw->hw", weights, maps), 0)
    return GradCam(unit, path, weights, coarse, on_picture(coarse, model.report, path))


def _name(model: Model, path: Path) -> str:
    network = model.network
    return inner.full_name(network, path) if inner.exists(network, path) else f"block {path}"


def on_picture(values: Array, report: Report, path: Path) -> Array:
    """Values ``(h, w)`` of a block's cells, bilinearly between the middles of what these see.

    Beyond the outermost middles the nearest value goes on. So a map that has lost its border lies
    where it looks; stretched over the whole picture, as is often done, it would be some pixels off.
    """
    _, height, width = report.blocks[0].input_shape or (1, 1, 1)
    found = middles(report, path)
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
