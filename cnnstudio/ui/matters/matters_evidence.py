"""What matters in a picture, made ready to be shown: colours, their key, and plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.model import Model
from cnnstudio.explain.cells import Path
from cnnstudio.explain.grad_cam import GradCam, grad_cam
from cnnstudio.explain.occlusion import Occlusion, occlusion
from cnnstudio.explain.saliency import Saliency, saliency
from cnnstudio.ui.maps.inquiry import Wanted
from cnnstudio.ui.typography import pretty

Floats = NDArray[np.floating]

METHODS = {"occlusion": "Occlusion", "gradient": "Gradient", "cam": "Grad-CAM"}

TIPS = {
    "occlusion": "Cover a part of the picture and see how likely the class still is",
    "gradient": "How strongly the score of the class answers to a small change of each pixel",
    "cam": "Where the maps of a block speak for the class",
}

LEAST_SCALE = 0.05
"""A fall of the probability that has the full colour at least: no scale makes much of nothing."""

NOTHING = 0.01
"""A fall of the probability that is hardly worth words."""

NOT_NUMBERS = (
    "The outputs of the network are not numbers: its weights have grown beyond all bounds."
)


@dataclass(frozen=True)
class Way:
    """How a picture is asked: the method and its setting.

    `patch` and `fill` go with occlusion, `block` with Grad-CAM; `signed` asks for gradient times
    pixel.
    """

    method: str = "occlusion"
    patch: int = 7
    fill: str = "grey"
    signed: bool = False
    block: Path | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is shown: `heat` in -1..1 over the picture, `values` behind it, words and the key.

    `at` says what a pixel's value means, in words.
    """

    heat: Floats
    values: Floats
    words: str
    ends: tuple[str, str]
    signed: bool
    at: Callable[[int, int], str]
    probability: float

    def table(self, picture: Floats) -> Iterable[Sequence[object]]:
        """The numbers for a file; `picture` (H, W, 3) has colours in 0..1."""
        coloured = bool((picture != picture[..., :1]).any())
        pixel = ("red", "green", "blue") if coloured else ("pixel",)
        yield ("row", "column", *pixel, "value")
        for (row, column), value in np.ndenumerate(self.values):
            levels = map(float, picture[row, column, : len(pixel)])
            yield (row + 1, column + 1, *levels, float(value))


Found = tuple[Occlusion | Saliency | GradCam, float]
"""The answer and the probability of the class."""


def find(
    model: Model, picture: NDArray[np.uint8], unit: int, way: Way, wanted: Wanted
) -> Found | None:
    """Ask the picture (C, H, W) about class `unit`; None when it is no longer wanted."""
    probability = float(model.probabilities(picture[np.newaxis])[0, unit])
    if way.method == "gradient":
        return saliency(model, picture, unit), probability
    if way.method == "cam":
        return grad_cam(model, picture, unit, way.block or (0,)), probability
    step = max(1, round(max(picture.shape[1:]) / 32))
    covered = occlusion(
        model, picture, unit, patch=way.patch, step=step, fill=way.fill, wanted=wanted
    )
    return None if covered is None else (covered, probability)


def evidence(found: Found, way: Way, name: str, block: str, size: tuple[int, int]) -> Evidence:
    """What is shown of an answer; `name` is the class's and `block` the asked block's."""
    answer, probability = found
    if isinstance(answer, Occlusion):
        return _covered(answer, name, size, way.fill)
    if isinstance(answer, GradCam):
        return _spoken(answer, name, block, probability)
    return _sloped(answer, name, way.signed, probability)


def _covered(found: Occlusion, name: str, size: tuple[int, int], fill: str) -> Evidence:
    values = found.on_pixels(*size)
    full = max(LEAST_SCALE, _largest(values))
    row, column = (place * found.step + (found.step - 1) // 2 for place in found.strongest)
    lowest = float(found.values.min())
    patch = pretty(f"{found.patch}x{found.patch}")
    if not np.isfinite(values).all():
        words = NOT_NUMBERS
    elif _largest(values) < NOTHING:
        words = (
            f"No {fill} patch of {patch} changes much: {name} stays at "
            f"{percent(found.probability)} wherever it lies."
        )
    else:
        words = (
            f"Covering row {row + 1}, column {column + 1} ({patch}, {fill}) matters most: {name} "
            f"falls from {percent(found.probability)} to {percent(lowest)}."
        )
        if float(values.min()) < -NOTHING:
            words += f" Blue: covering helps {name}."

    def at(row: int, column: int) -> str:
        after = found.probability - float(values[row, column])
        verb = "falls" if after <= found.probability else "rises"
        return (
            f"row {row + 1}, column {column + 1}  ·  covered here, {name} {verb} "
            f"from {percent(found.probability)} to {percent(after)}"
        )

    ends = f"+{percent(full)}", f"\u2212{percent(full)}"
    return Evidence(_scaled(values, full), values, words, ends, True, at, found.probability)


def _sloped(found: Saliency, name: str, signed: bool, probability: float) -> Evidence:
    values = found.times_input if signed else found.strength
    full = _largest(values)
    if not np.isfinite(values).all():
        words = NOT_NUMBERS
    elif full == 0:
        words = f"No pixel changes the score of {name} at all."
    elif signed:
        words = (
            f"Slope times pixel: the ink that speaks for {name} is orange, the ink against it blue."
        )
    else:
        words = (
            f"The brighter the orange, the more the score of {name} answers to a small change of "
            "that pixel."
        )

    def at(row: int, column: int) -> str:
        what = "speaks with" if signed else "slope"
        return f"row {row + 1}, column {column + 1}  ·  {what} {number(values[row, column])}"

    ends = (number(-full), number(full)) if signed else ("0", number(full))
    return Evidence(_scaled(values, full), values, words, ends, signed, at, probability)


def _spoken(found: GradCam, name: str, block: str, probability: float) -> Evidence:
    full = _largest(found.pixels)
    if not np.isfinite(found.pixels).all():
        words = NOT_NUMBERS
    elif full == 0:
        words = f"Nothing in the maps of {block} speaks for {name}."
    else:
        rows, columns = found.maps.shape
        words = pretty(
            f"Where it is orange, the {rows}x{columns} maps of {block} speak for {name}; each "
            "counts as much as the score gains from it."
        )

    def at(row: int, column: int) -> str:
        return f"row {row + 1}, column {column + 1}  ·  {number(found.pixels[row, column])}"

    heat = _scaled(found.pixels, full)
    return Evidence(heat, found.pixels, words, ("0", number(full)), False, at, probability)


def percent(share: float) -> str:
    """Such as "99.3 %"; what is next to nothing or all says so."""
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 < share < 1:
        return ">99.9 %"
    return f"{100 * share:.1f} %"


def number(value: float) -> str:
    """Three digits that count."""
    return pretty(f"{float(value):.3g}")


def _largest(values: Floats) -> float:
    return float(np.abs(np.nan_to_num(values, posinf=0, neginf=0)).max(initial=0.0))


def _scaled(values: Floats, full: float) -> Floats:
    known = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    return np.asarray(np.clip(known / (full or 1.0), -1, 1), np.float32)
