"""Pictures made ready for a network: bytes to numbers, and foreign digits to MNIST's form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.errors import DataError

DIGIT_SHARE = 20 / 28
"""The side of the box that MNIST scales a digit into, as a share of the picture's side."""

_FAINTEST = 32
"""A picture whose brightest ink is less than this (of 255) above its background is blank."""

_INK = 64
"""From this grey value on (of 255) a pixel belongs to the digit and not to its soft edge.

MNIST's boxes come from pictures without grey. Of 1, 16, 64 and 100 on 2,000 test digits redrawn in
other sizes, those from 64 on bring the answers of the originals back; fainter lines stay with 64.
"""


def to_float(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels 0..255 as float32 in 0..1, of the same shape."""
    return np.divide(pixels, np.float32(255), dtype=np.float32)


def fit_picture(picture: NDArray[np.uint8], shape: Sequence[int]) -> NDArray[np.uint8]:
    """`picture` (H, W, 1 or 3) as the network's input takes it: `shape` is (channels, H, W).

    Grey networks get the digit as MNIST has it: light on dark, scaled into a box of 20/28 of the
    side and centred by mass. A dark picture that already has the input's size is taken as it is.
    Raises DataError when the picture is blank, or the network takes neither grey nor colour.
    """
    channels, height, width = shape
    if channels == 3:
        return np.stack([resized(plane, height, width) for plane in _colour(picture)])
    if channels != 1:
        raise DataError(
            f"The network takes pictures of {channels} channels; a picture file has 1 or 3."
        )
    grey = to_grey(picture)
    if not is_light(grey) and grey.shape == (height, width):
        return grey[None]
    return centred_digit(light_ink(grey), height, width)[None]


def centred_digit(grey: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The light digit on the dark picture `grey` (H, W), scaled and centred by mass as in MNIST.

    Returns (height, width); raises DataError when there is no digit to be seen.
    """
    digit = _cropped(grey)
    high, wide = _box(digit.shape, height, width)
    small = resized(digit, high, wide).astype(np.float64)
    rows, columns = np.indices(small.shape)
    mass = small.sum()
    top = _corner(height, high, float((rows * small).sum() / mass))
    left = _corner(width, wide, float((columns * small).sum() / mass))
    result = np.zeros((height, width), np.uint8)
    result[top : top + high, left : left + wide] = small
    return result


def to_grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The brightness (H, W) of a picture (H, W, 1 or 3), by the weights of ITU-R BT.601."""
    if picture.shape[2] == 1:
        return picture[:, :, 0]
    return _to_bytes(picture @ np.array([0.299, 0.587, 0.114]))


def is_light(grey: NDArray[np.uint8]) -> bool:
    """Whether the picture (H, W) is dark ink on a light ground."""
    return _background(grey) > 127


def light_ink(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture (H, W) as light ink on a dark ground: inverted where the ground is light."""
    return 255 - grey if is_light(grey) else grey


def resized(plane: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """`plane` (H, W) resampled to (height, width): smaller by area, larger by straight lines."""
    down, across = _weights(plane.shape[0], height), _weights(plane.shape[1], width)
    return _to_bytes(down @ plane @ across.T)


def _colour(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The three planes (3, H, W) of a picture (H, W, 1 or 3)."""
    planes = np.moveaxis(picture, 2, 0)
    return np.broadcast_to(planes, (3, *planes.shape[1:]))


def _background(grey: NDArray[np.uint8]) -> float:
    """The brightness of most of the border, where a digit rarely is."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return float(np.median(border))


def _cropped(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The smallest part of the picture with all the ink, contrast stretched to the full range."""
    floor = min(_background(grey), 127.0)
    ink = np.clip(grey - floor, 0, None)
    strongest = ink.max()
    if strongest < _FAINTEST:
        raise DataError("The picture is blank: there is no digit on it.")
    ink *= 255 / strongest
    rows = np.flatnonzero((ink >= _INK).any(axis=1))
    columns = np.flatnonzero((ink >= _INK).any(axis=0))
    part = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _to_bytes(part)


def _box(size: tuple[int, ...], height: int, width: int) -> tuple[int, int]:
    """The size of the scaled digit: its longer side fills the box, its proportions stay."""
    scale = min(height * DIGIT_SHARE / size[0], width * DIGIT_SHARE / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _corner(side: int, part: int, centre: float) -> int:
    """Where a part begins so that its centre of mass lies on pixel side / 2, as in MNIST."""
    return min(max(0, round(side / 2 - centre)), side - part)


def _to_bytes(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _weights(size: int, wanted: int) -> NDArray[np.float64]:
    """The matrix (wanted, size) that resamples a row.

    A wanted pixel is the mean of the area that it covers, as in the grey that NIST's black and
    white digits have in MNIST; where it covers less than a pixel it lies between the two nearest.
    """
    step = size / wanted
    if step >= 1:
        start = np.arange(wanted)[:, None] * step
        covered = np.minimum(start + step, np.arange(1, size + 1)) - np.maximum(
            start, np.arange(size)
        )
        weights = np.clip(covered, 0, None)
    else:
        centres = (np.arange(wanted) + 0.5) * step - 0.5
        weights = np.clip(1 - np.abs(np.arange(size) - centres[:, None]), 0, None)
    normal: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return normal
