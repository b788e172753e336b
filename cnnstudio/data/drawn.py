"""What somebody drew or loaded, made into the picture that the network knows from its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Dataset
from cnnstudio.data.preprocess import centred_digit, fit_picture, light_ink, resized, to_grey
from cnnstudio.errors import DataError

_SAMPLE = 200
"""So many pictures tell how those of a data set are placed."""

_CENTRED = 0.6
"""Pixels by which the centre of mass strays in pictures that were centred by it; MNIST has 0.3."""

_BLANK = 32
"""Ink fainter than this (of 255) is none."""


@dataclass(frozen=True)
class Manner:
    """How the pictures of a data set lie: ink dark on a light ground, and centred by mass."""

    is_light: bool = False
    is_centred: bool = True


MNIST = Manner()
"""Light digits on a dark ground, 20/28 of the side, their centre of mass in the middle."""


def manner_of(dataset: Dataset) -> Manner:
    """How the pictures of `dataset` lie, measured on some of its test pictures."""
    if dataset.name == "mnist":
        return MNIST
    grey = dataset.test.pixels[:_SAMPLE].mean(axis=1)
    if not len(grey):
        return MNIST
    border = np.concatenate([grey[:, 0], grey[:, -1]], axis=1)
    is_light = bool(np.median(border) > 127)
    return Manner(is_light, _strays(255 - grey if is_light else grey) < _CENTRED)


def _strays(pictures: NDArray[np.float64]) -> float:
    """By how many pixels the centres of mass of light pictures (N, H, W) lie apart."""
    _, height, width = pictures.shape
    mass = np.maximum(pictures.sum(axis=(1, 2)), 1)
    rows = pictures.sum(axis=2) @ np.arange(height) / mass
    columns = pictures.sum(axis=1) @ np.arange(width) / mass
    return float(max(rows.std(), columns.std()))


def seen(ink: NDArray[np.uint8], shape: Sequence[int], manner: Manner = MNIST) -> NDArray[np.uint8]:
    """What a network with pictures of `shape` (channels, H, W) gets of light `ink` (H, W) on black.

    Where the data is centred by mass the ink is scaled and placed as in MNIST; otherwise the whole
    sheet is scaled into the picture. All channels are alike. Raises DataError for a blank sheet.
    """
    if ink.max(initial=0) < _BLANK:
        raise DataError("The picture is blank: there is nothing on it.")
    channels, height, width = shape
    place = centred_digit if manner.is_centred else _whole
    plane = place(ink, height, width)
    plane = 255 - plane if manner.is_light else plane
    return np.repeat(plane[np.newaxis], channels, axis=0)


def seen_picture(
    picture: NDArray[np.uint8], shape: Sequence[int], manner: Manner = MNIST
) -> NDArray[np.uint8]:
    """What a network with pictures of `shape` gets of a picture file (H, W, 1 or 3).

    Colours stay where the network has them, and digits become MNIST's: both as `fit_picture` does.
    Raises DataError when the picture is blank.
    """
    if shape[0] == 3 or (shape[0] == 1 and manner == MNIST):
        return fit_picture(picture, shape)
    grey = to_grey(picture)
    return seen(light_ink(grey), shape, manner)


def ink_of(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The ink (side, side) of a picture file (H, W, 1 or 3): light on black, all of it."""
    return _whole(light_ink(to_grey(picture)), side, side)


def _whole(ink: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """All of `ink`, as large as it fits, in the middle of a picture (height, width)."""
    scale = min(height / ink.shape[0], width / ink.shape[1])
    high, wide = (max(1, round(side * scale)) for side in ink.shape)
    top, left = (height - high) // 2, (width - wide) // 2
    result = np.zeros((height, width), np.uint8)
    result[top : top + high, left : left + wide] = resized(ink, high, wide)
    return result
