"""Augmentation: each time a picture is shown it is moved, turned, scaled and bent a little.

The pictures of a slice are sampled anew, all at once: every pixel of the result looks up one place
of its picture, and what lies beyond the border is background, 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from cnnstudio.data.preprocess import to_float
from cnnstudio.errors import DataError

SMOOTHING = 4 / 28
"""The width (standard deviation) of the Gaussian that smooths elastic fields, as a share of the
longer side: 4 pixels of MNIST's 28, as in Simard et al. 2003."""

PIXELS_AT_ONCE = 2**16
"""Values that are sampled together; they take about 50 bytes each, and those fit the cache."""

_REACH = 2
"""How many smoothing widths the random numbers of a field go on beyond the border."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """How much pictures may change; every picture draws evenly between the limits, anew each time.

    `shift`: pixels at most, up or down and to the sides. `rotation`: degrees at most, around the
    centre, either way. `scaling`: a share s; height and width are each multiplied by 1 - s to
    1 + s. `elastic`: pixels; the standard deviation of the displacements of a random smooth field,
    in each direction (Simard, Steinkraus and Platt 2003, who use about 1.4). `changed`: the share
    of pictures that all this is done to; the others stay as they are.

    A shift by a whole number with nothing else moves by whole pixels and leaves pictures sharp, as
    Nielsen does; everything else reads between pixels, bilinearly, which blurs a little. Raises
    DataError for a limit that is negative, not finite, or a scaling of 1 or more.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scaling: float = 0.0
    elastic: float = 0.0
    changed: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value >= 0):
                raise DataError(f"Augmentation: {field.name} is {value}; use 0 or more.")
        if self.scaling >= 1:
            raise DataError(f"Augmentation: scaling is {self.scaling}; use a share below 1.")
        if self.changed > 1:
            raise DataError(f"Augmentation: changed is {self.changed}; use a share up to 1.")

    @property
    def is_identity(self) -> bool:
        """Whether pictures stay as they are."""
        moves = self.shift or self.rotation or self.scaling or self.elastic
        return not (moves and self.changed)

    def __call__(self, pixels: NDArray[Any], generator: np.random.Generator) -> Floats:
        """`pixels` (N, C, H, W), bytes or numbers in 0..1, changed: float32 in 0..1, same shape.

        The channels of a picture change alike. The same state of `generator` gives the same result.
        """
        result = np.empty(pixels.shape, np.float32)
        most = max(1, PIXELS_AT_ONCE // max(1, math.prod(pixels.shape[1:])))
        for first in range(0, len(pixels), most):
            part = slice(first, first + most)
            self._change(pixels[part], generator, result[part])
        return result

    def _change(self, pixels: NDArray[Any], generator: np.random.Generator, out: Floats) -> None:
        if self.is_identity:
            out[...] = _values(pixels)
        elif self._is_whole_shift:
            out[...] = _values(_shifted(pixels, int(self.shift), generator))
        else:
            rows, columns = self._places(generator, len(pixels), *pixels.shape[2:])
            _sample(_values(pixels), rows, columns, out)
        if self.changed < 1:
            kept = generator.random(len(pixels)) >= self.changed
            out[kept] = _values(pixels[kept])

    @property
    def _is_whole_shift(self) -> bool:
        other = self.rotation or self.scaling or self.elastic
        return not other and float(self.shift).is_integer()

    def _places(
        self, generator: np.random.Generator, count: int, height: int, width: int
    ) -> tuple[Floats, Floats]:
        """Row and column, each (N, H, W), that every pixel of the result is read at."""
        places = _moved_grid(*self._affine(generator, count), height, width)
        if self.elastic:
            places += np.float32(self.elastic) * smooth_fields(generator, count, height, width)
        return places[0], places[1]

    def _affine(self, generator: np.random.Generator, count: int) -> tuple[Floats, Floats]:
        """Matrices (2, N, 2) that lead from the result back to the picture, and moves (2, N).

        The first index says whether a row or a column comes out.
        """
        draws = generator.uniform(-1, 1, (5, count))
        angle = math.radians(self.rotation) * draws[0]
        scale = 1 + self.scaling * draws[1:3]
        cosine, sine = np.cos(angle), np.sin(angle)
        matrix = np.array([[cosine, sine], [-sine, cosine]]) / scale[:, None, :]
        moves = self.shift * draws[3:]
        return matrix.transpose(0, 2, 1).astype(np.float32), moves.astype(np.float32)


def moved(
    pixels: NDArray[Any],
    *,
    down: float = 0.0,
    right: float = 0.0,
    degrees: float = 0.0,
    scale: float = 1.0,
) -> Floats:
    """`pixels` (N, C, H, W), bytes or numbers in 0..1, all changed alike: float32, same shape.

    Each picture is scaled by `scale` and turned by `degrees` counter-clockwise around its centre,
    then moved by `down` and `right` pixels. Whole pixels alone leave it sharp; everything else
    reads between pixels, bilinearly. What comes from beyond the border is 0. Raises DataError for
    a scale of 0 or less.
    """
    if scale <= 0:
        raise DataError(f"Pictures cannot be scaled by {scale:g}; use a scale above 0.")
    values = _values(pixels)
    if (down, right, degrees, scale) == (0, 0, 0, 1):
        return values
    count, _, height, width = pixels.shape
    angle = math.radians(degrees)
    cosine, sine = math.cos(angle) / scale, math.sin(angle) / scale
    matrix = np.broadcast_to(
        np.array([[cosine, sine], [-sine, cosine]], np.float32)[:, None], (2, count, 2)
    )
    move = -np.einsum("inj,j->in", matrix, np.array([down, right], np.float32))
    result = np.empty(pixels.shape, np.float32)
    most = max(1, PIXELS_AT_ONCE // max(1, math.prod(pixels.shape[1:])))
    for first in range(0, count, most):
        part = slice(first, first + most)
        places = _moved_grid(matrix[:, part], move[:, part], height, width)
        _sample(values[part], places[0], places[1], result[part])
    return result


def _moved_grid(matrix: Floats, move: Floats, height: int, width: int) -> Floats:
    """Row and column, (2, N, H, W), that every pixel of the result is read at.

    `matrix` (2, N, 2) and `move` (2, N) lead from the result back to the picture, both counted from
    their centres; the first index says whether a row or a column comes out.
    """
    down = np.arange(height, dtype=np.float32) - np.float32((height - 1) / 2)
    right = np.arange(width, dtype=np.float32) - np.float32((width - 1) / 2)
    move = move + np.array([[(height - 1) / 2], [(width - 1) / 2]], np.float32)
    along_rows = matrix[:, :, 0, None] * down + move[:, :, None]
    along_columns = matrix[:, :, 1, None] * right
    places: Floats = along_rows[:, :, :, None] + along_columns[:, :, None, :]
    return places


def smooth_fields(generator: np.random.Generator, count: int, height: int, width: int) -> Floats:
    """Random smooth fields (2, count, height, width), of mean 0 and variance 1 everywhere.

    White noise is smoothed by a Gaussian. Its knots lie one width of the Gaussian apart; closer
    ones would not change the statistics by more than a ten-thousandth.
    """
    deviation = SMOOTHING * max(height, width)
    down, across = _bumps(height, deviation), _bumps(width, deviation)
    noise = generator.random((2, count, down.shape[1], across.shape[1]), np.float32)
    noise -= np.float32(0.5)
    noise *= np.float32(math.sqrt(12))
    smooth: NDArray[Any] = down @ noise @ across.T
    return smooth


@cache
def _bumps(side: int, deviation: float) -> Floats:
    """The matrix (side, knots) of one Gaussian for each knot; the squares of a row add up to 1."""
    beyond = _REACH * deviation
    knots = np.arange(-beyond, side - 1 + beyond + deviation, deviation)
    bumps = np.exp(-((np.arange(side)[:, None] - knots) ** 2) / (2 * deviation**2))
    norms = np.linalg.norm(bumps, axis=1, keepdims=True)
    result: Floats = (bumps / norms).astype(np.float32)
    result.setflags(write=False)
    return result


def _values(pixels: NDArray[Any]) -> Floats:
    """Bytes as 0..1; numbers as they are."""
    return to_float(pixels) if pixels.dtype == np.uint8 else pixels.astype(np.float32)


def _shifted(pixels: NDArray[Any], most: int, generator: np.random.Generator) -> NDArray[Any]:
    """Every picture moved by -most..most whole pixels each way."""
    count, channels, height, width = pixels.shape
    wide = np.zeros((count, channels, height + 2 * most, width + 2 * most), pixels.dtype)
    wide[:, :, most : most + height, most : most + width] = pixels
    windows = sliding_window_view(wide, (height, width), axis=(2, 3))
    down, right = generator.integers(0, 2 * most + 1, (2, count))
    chosen: NDArray[Any] = windows[np.arange(count), :, down, right]
    return chosen


def _sample(pictures: Floats, rows: Floats, columns: Floats, out: Floats) -> None:
    """Read `pictures` (N, C, H, W) at places (N, H, W), bilinearly, into `out` (N, C, H, W).

    A cell lies between four pixels and holds the four numbers of its bilinear surface side by side,
    so that each pixel of the result takes one look-up. Cells of zeros surround the picture, and
    places further off are drawn in to them.
    """
    count, (height, width) = len(pictures), pictures.shape[2:]
    cells = _cells(pictures)
    down = np.clip(rows, -1, height) + np.float32(1)
    right = np.clip(columns, -1, width) + np.float32(1)
    top, left = np.floor(down), np.floor(right)
    down -= top
    right -= left
    index = top.astype(np.intp)
    index *= width + 2
    index += left.astype(np.intp)
    index += (np.arange(count) * ((height + 2) * (width + 2)))[:, None, None]
    base, by_row, by_column, by_both = np.moveaxis(_look_up(cells, index), -1, 0)
    across, along = out.swapaxes(0, 1), by_both * right
    along += by_row
    along *= down
    np.multiply(by_column, right, out=across)
    across += along
    across += base


def _cells(pictures: Floats) -> Floats:
    """The surfaces between the pixels: (C, N (H + 2) (W + 2), 4), beginning beyond the top left.

    A surface is base + down * by_row + right * by_column + down * right * by_both.
    """
    count, channels, height, width = pictures.shape
    wide = np.zeros((channels, count, height + 3, width + 3), np.float32)
    wide[:, :, 1 : 1 + height, 1 : 1 + width] = pictures.swapaxes(0, 1)
    step_down = wide[:, :, 1:] - wide[:, :, :-1]
    cells = np.empty((channels, count, height + 2, width + 2, 4), np.float32)
    cells[..., 0] = wide[:, :, :-1, :-1]
    cells[..., 1] = step_down[..., :-1]
    np.subtract(wide[:, :, :-1, 1:], wide[:, :, :-1, :-1], out=cells[..., 2])
    np.subtract(step_down[..., 1:], step_down[..., :-1], out=cells[..., 3])
    return cells.reshape(channels, -1, 4)


def _look_up(cells: Floats, index: NDArray[np.intp]) -> Floats:
    """``cells[:, index]``: NumPy moves four floats fastest when it takes them for one number."""
    whole = cells.view(np.complex128)[:, :, 0]
    return whole.take(index, axis=1).view(np.float32).reshape(len(cells), *index.shape, 4)
