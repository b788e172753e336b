"""What is no number, hatched, so that nobody takes it for zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PITCH, WIDTH = 6, 2
"""Pixels from one stripe to the next, and of a stripe."""


def lost(values: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Where `values` are no finite numbers; None where all are, as one sum tells."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(values.sum()):
            return None
    return np.asarray(~np.isfinite(values))


def hatch(
    pixels: NDArray[np.uint32], where: NDArray[np.bool_], colour: int, ratio: float = 1.0
) -> None:
    """Lay stripes of a colour (0xAARRGGBB) over the `pixels` ``(rows, columns)`` that are meant.

    `ratio` is that of the screen.
    """
    rows, columns = pixels.shape
    places = np.add.outer(np.arange(rows), np.arange(columns))
    pixels[where & (places % round(PITCH * ratio) < WIDTH * ratio)] = colour
