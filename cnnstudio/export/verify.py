"""An exported file run again at once: what it computes must be what the engine computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Images
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.fault import ANEW, where_it_began
from cnnstudio.engine.model import Model
from cnnstudio.errors import ExportError

LIMIT = 1e-4
"""The largest difference that a file may have; for outputs above 1, of their largest value."""

COUNT = 32
"""How many pictures are compared."""

Run = Callable[[NDArray[np.float32]], NDArray[Any]]
"""What an exported file computes: pictures (N, C, H, W) in 0..1 to the model's raw outputs."""


@dataclass(frozen=True)
class Verification:
    """How an exported file compares with the engine, and `words` that say so."""

    target: str
    images: int
    largest_difference: float
    limit: float
    words: str


def compare(
    model: Model, run: Run, images: Images | None, target: str, runner: str
) -> Verification:
    """Run the exported file on pictures and compare with `model`.

    The first real `images` are taken, or noise when there are none of the network's size. Raises
    ExportError when the difference is above LIMIT.
    """
    pictures, kind = _pictures(model, images)
    expected = model.forward(pictures)
    _check_numbers(model, pictures, expected, target)
    got = run(pictures)
    if got.shape != expected.shape:
        raise ExportError(
            f"{target} was not kept: it gives {got.shape} values instead of {expected.shape}."
        )
    scale = max(1.0, float(np.abs(expected).max()))
    difference = float(np.abs(got - expected).max()) / scale
    if not difference <= LIMIT:
        raise ExportError(
            f"{target} was not kept: {runner} gives values that differ from the engine's by "
            f"{difference:.1e}, more than {LIMIT:.0e}."
        )
    words = (
        f"{target}: {runner} agrees with the engine on {len(pictures)} {kind}, "
        f"largest difference {difference:.1e} (limit {LIMIT:.0e})."
    )
    return Verification(target, len(pictures), difference, LIMIT, words)


def _check_numbers(
    model: Model, pictures: NDArray[np.float32], outputs: NDArray[np.floating], target: str
) -> None:
    """Raise ExportError when the network itself gives no numbers to compare with."""
    if not np.isfinite(outputs).all():
        began = where_it_began(model, pictures)
        raise ExportError(
            f"{target} was not kept: what the network gives is no finite number. It began {began}. "
            f"{ANEW}."
        )


def _pictures(model: Model, images: Images | None) -> tuple[NDArray[np.float32], str]:
    shape = tuple(model.network.input.picture_shape)
    if images is not None and len(images) and images.pixels.shape[1:] == shape:
        return to_float(images.pixels[:COUNT]), "real pictures"
    noise = np.random.default_rng(0).random((COUNT, *shape), np.float32)
    return noise, "pictures of noise"
