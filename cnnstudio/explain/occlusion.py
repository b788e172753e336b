"""Occlusion: how likely a class is while a patch covers a part of the picture.

Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", section 4.2
(arXiv 1311.2901).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError

Array = NDArray[Any]

FILLS = ("grey", "mean", "black")
"""What a patch is filled with: 0.5, the picture's own mean in each channel, or 0."""

BATCH = 128
"""Covered pictures that are looked at together, between two looks at whether they are wanted."""


@dataclass(frozen=True, eq=False)
class Occlusion:
    """The probability of a class: of the whole picture, and ``(rows, columns)`` with the patch.

    The patch of ``patch x patch`` pixels has its middle in turn in the middle of every cell of
    ``step x step`` pixels; at the edge a part of it lies outside.
    """

    unit: int
    probability: float
    values: Array
    patch: int
    step: int

    @property
    def falls(self) -> Array:
        """By how much the probability falls at each place; negative where it rises."""
        return self.probability - self.values

    @property
    def strongest(self) -> tuple[int, int]:
        """Row and column of the cell where covering lowers the probability most."""
        row, column = np.unravel_index(int(self.values.argmin()), self.values.shape)
        return int(row), int(column)

    def on_pixels(self, height: int, width: int) -> Array:
        """The falls as ``(height, width)``: every pixel has that of its cell."""
        rows = np.minimum(np.arange(height) // self.step, len(self.values) - 1)
        columns = np.minimum(np.arange(width) // self.step, self.values.shape[1] - 1)
        return self.falls[rows][:, columns]


def occlusion(
    model: Model,
    picture: Array,
    unit: int,
    *,
    patch: int = 5,
    step: int = 1,
    fill: str = "grey",
    wanted: Callable[[], bool] = lambda: True,
) -> Occlusion | None:
    """The occlusion of class `unit` in `picture` (C, H, W), bytes or numbers in 0..1.

    None when it is no longer wanted half-way. Raises DataError for a picture of another size, a
    class that the network does not have, or a patch, step or fill that makes no sense.
    """
    check_class(model, unit)
    if patch < 1 or step < 1:
        raise DataError(f"A patch of {patch} pixels and steps of {step}: both must be 1 or more.")
    if fill not in FILLS:
        raise DataError(f"A patch is filled with {', '.join(FILLS)}, not with {fill!r}.")
    picture = as_numbers(model.check_pictures(picture[np.newaxis])[0])
    _, height, width = picture.shape
    rows, columns = -(-height // step), -(-width // step)
    values = np.empty(rows * columns)
    places = [(row, column) for row in range(rows) for column in range(columns)]
    for start in range(0, len(places), BATCH):
        if not wanted():
            return None
        part = places[start : start + BATCH]
        covered = [cover(picture, row, column, patch, step, fill) for row, column in part]
        values[start : start + len(part)] = model.probabilities(np.stack(covered))[:, unit]
    whole = float(model.probabilities(picture[np.newaxis])[0, unit])
    return Occlusion(unit, whole, values.reshape(rows, columns), patch, step)


def cover(picture: Array, row: int, column: int, patch: int, step: int, fill: str) -> Array:
    """A copy of `picture` (C, H, W) with the patch over the middle of a cell."""
    colours = {"grey": 0.5, "black": 0.0, "mean": picture.mean(axis=(1, 2), keepdims=True)}
    top = row * step + (step - 1) // 2 - (patch - 1) // 2
    left = column * step + (step - 1) // 2 - (patch - 1) // 2
    covered = picture.copy()
    covered[:, max(0, top) : top + patch, max(0, left) : left + patch] = colours[fill]
    return covered


def as_numbers(picture: Array) -> Array:
    """Bytes as 0..1; numbers as they are."""
    return to_float(picture) if picture.dtype == np.uint8 else picture


def class_count(model: Model) -> int | None:
    """How many classes the network tells apart; None where it ends with maps."""
    shape = model.output_shape
    return shape[0] if len(shape) == 1 else None


def check_class(model: Model, unit: int) -> None:
    """Raise DataError unless the network has an output for class `unit`."""
    classes = class_count(model)
    if classes is None:
        size = "x".join(map(str, model.output_shape))
        raise DataError(f"The network ends with maps of {size}, and has no output for each class.")
    if not 0 <= unit < classes:
        raise DataError(f"The network has classes 0 to {classes - 1}, but {unit} is asked about.")
