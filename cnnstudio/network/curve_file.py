"""The points of a training curve as a member of a file (safetensors)."""

from __future__ import annotations

from typing import Any

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from cnnstudio.errors import CnnFileError

LARGEST = 2**23
"""Bytes that are read of it; the longest curve that is kept has a third of that."""

_POINTS = "points"


def encode(points: NDArray[np.float64]) -> bytes:
    """``(points, columns)`` as bytes."""
    return safetensors.numpy.save({_POINTS: np.ascontiguousarray(points, np.float64)})


def decode(data: bytes) -> NDArray[np.float64]:
    """The points; raises CnnFileError when these are none."""
    try:
        arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, KeyError) as error:
        raise CnnFileError(f"its curve is damaged: {error}") from error
    points = arrays.get(_POINTS)
    if points is None or points.ndim != 2 or points.dtype != np.float64:
        raise CnnFileError("what should be its curve holds no points")
    return points
