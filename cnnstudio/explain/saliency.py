"""Saliency: how strongly the score of a class answers to a small change of each pixel.

Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks" (arXiv 1312.6034, section 3);
gradient times input as in Shrikumar et al. (arXiv 1605.01713).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.model import Model
from cnnstudio.engine.sensitivity import score_sensitivity
from cnnstudio.explain.occlusion import as_numbers, check_class

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Saliency:
    """The score of a class before the softmax, and its derivative for each pixel of `picture`.

    Both arrays are ``(C, H, W)``, for pixels in 0..1.
    """

    unit: int
    score: float
    gradient: Array
    picture: Array

    @property
    def strength(self) -> Array:
        """``(H, W)``: the largest slope of a pixel's channels, without its sign."""
        return np.asarray(np.abs(self.gradient).max(axis=0))

    @property
    def times_input(self) -> Array:
        """``(H, W)``: gradient times pixel, summed over the channels; what speaks for the class."""
        return np.asarray((self.gradient * self.picture).sum(axis=0))


def saliency(model: Model, picture: Array, unit: int) -> Saliency:
    """The saliency of class `unit` in `picture` (C, H, W), bytes or numbers in 0..1.

    Raises DataError for a picture of another size, or a class that the network does not have.
    """
    check_class(model, unit)
    found = score_sensitivity(model, picture[np.newaxis], unit)
    score = float(found.outputs[0, unit])
    return Saliency(unit, score, found.pixels[0], as_numbers(picture))
