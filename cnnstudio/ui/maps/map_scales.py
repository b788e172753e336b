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
    top: float | Maps
    if most is not None or shared:
        top = limit(maps) if most is None else most
    else:
        each = np.array([limit(one) for one in maps], maps.dtype)
        top = each.reshape(-1, *(1,) * (maps.ndim - 1))
    with np.errstate(over="ignore", invalid="ignore"):
        levels = maps * np.asarray(127.5 / top, maps.dtype)
        levels += 128  # a half more, as the bytes are cut off and not rounded
    levels[~np.isfinite(levels)] = 128
    np.clip(levels, 0, 255, out=levels)
    return levels.astype(np.uint8)


def limit(values: Maps) -> float:
    """The largest magnitude, 1 where all are zero; what is no number does not count."""
    found = max(float(values.max(initial=0.0)), -float(values.min(initial=0.0)))
    if not np.isfinite(found):
        finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        found = float(np.abs(finite).max(initial=0.0))
    return found or 1.0
