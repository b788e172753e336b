"""Maps as bytes for a table of colours: on one scale for all, and around a neutral zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.floating]


def shared_levels(maps: Maps) -> NDArray[np.uint8]:
    """Maps ``(C, H, W)`` as bytes, 0 to the largest value of all of them."""
    finite = np.nan_to_num(maps, nan=0.0, posinf=0.0, neginf=0.0)
    top = float(finite.max(initial=0.0)) or 1.0
    return np.asarray(np.rint(np.clip(finite / top, 0, 1) * 255), np.uint8)


def diverging_levels(maps: Maps, *, shared: bool, most: float | None = None) -> NDArray[np.uint8]:
    """Values ``(n, ...)`` as bytes, from -m over 127.5 at zero to m; what is no number is zero.

    m is `most`, else the largest magnitude of all, or without `shared` that of each map.
    """
    finite = np.nan_to_num(maps, nan=0.0, posinf=0.0, neginf=0.0)
    if most is None:
        axes = None if shared else tuple(range(1, maps.ndim))
        found = np.abs(finite).max(axis=axes, keepdims=True, initial=0.0)
    else:
        found = np.full((1,) * maps.ndim, most, finite.dtype)
    shares = np.divide(finite, found, out=np.zeros_like(finite), where=found > 0)
    return np.asarray(np.rint(127.5 + 127.5 * np.clip(shares, -1, 1)), np.uint8)
