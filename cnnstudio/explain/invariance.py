"""Invariance: how well a network recognises pictures that are moved, turned, scaled or noisy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.augment import moved
from cnnstudio.data.datasets import Images
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.fault import check_answers
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError

Array = NDArray[Any]

KINDS = ("right", "down", "degrees", "scale", "noise")
"""The curves that can be drawn, by the name of what changes along them."""

CONFIDENT = 1.959964
"""Standard deviations of a normal distribution that hold 95 % of it."""

AT_ONCE = 2**20
"""Values of the pictures that are changed together."""


@dataclass(frozen=True)
class Distortion:
    """What is done to every picture.

    Pixels to the right and down, degrees counter-clockwise, a scale, and the standard deviation of
    Gaussian noise on pixels in 0..1.
    """

    right: float = 0.0
    down: float = 0.0
    degrees: float = 0.0
    scale: float = 1.0
    noise: float = 0.0

    def __call__(self, pixels: Array, first: int = 0) -> Array:
        """`pixels` (N, C, H, W), bytes or numbers in 0..1, changed: float32 in 0..1.

        The noise depends on the place only, counted from `first`, so that a curve over its
        strength compares like with like.
        """
        values = to_float(pixels) if pixels.dtype == np.uint8 else pixels.astype(np.float32)
        if (self.right, self.down, self.degrees, self.scale) != (0, 0, 0, 1):
            values = moved(
                values, down=self.down, right=self.right, degrees=self.degrees, scale=self.scale
            )
        if self.noise:
            generator = np.random.default_rng((0, first))
            noise = generator.standard_normal(values.shape, np.float32)
            values = np.clip(values + np.float32(self.noise) * noise, 0, 1)
        return values


UNCHANGED = Distortion()


@dataclass(frozen=True)
class Point:
    """How many of `images` pictures were recognised after a change."""

    change: Distortion
    correct: int
    images: int

    @property
    def accuracy(self) -> float:
        """The share that was recognised."""
        return self.correct / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """The shares between which the true one lies with 95 % confidence (Wilson 1927)."""
        n, p, z = self.images, self.accuracy, CONFIDENT
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Plan:
    """What is to be measured: the amounts along each curve, and the shifts of the heat map."""

    shifts: tuple[int, ...]
    degrees: tuple[float, ...] = tuple(range(-90, 91, 15))
    scales: tuple[float, ...] = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5)
    noises: tuple[float, ...] = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6)

    def curve(self, kind: str) -> tuple[Distortion, ...]:
        """The changes along one of the KINDS."""
        shifts = tuple(map(float, self.shifts))
        amounts = {"degrees": self.degrees, "scale": self.scales, "noise": self.noises}
        return tuple(Distortion(**{kind: amount}) for amount in amounts.get(kind, shifts))

    @cached_property
    def shifted(self) -> tuple[tuple[Distortion, ...], ...]:
        """The changes of the heat map: rows go down, columns to the right."""
        return tuple(
            tuple(Distortion(right=float(right), down=float(down)) for right in self.shifts)
            for down in self.shifts
        )

    @cached_property
    def changes(self) -> tuple[Distortion, ...]:
        """All of them, each once: the curves first."""
        curves = [change for kind in KINDS for change in self.curve(kind)]
        cells = [change for row in self.shifted for change in row]
        return tuple(dict.fromkeys([UNCHANGED, *curves, *cells]))


def plan_for(height: int, width: int) -> Plan:
    """Shifts of up to 6 of 28 pixels, in 6 steps to each side where there are as many pixels."""
    most = max(1, round(min(height, width) * 6 / 28))
    steps = min(6, most)
    ways = [round(most * step / steps) for step in range(1, steps + 1)]
    return Plan((*(-way for way in reversed(ways)), 0, *ways))


@dataclass(frozen=True, eq=False)
class Invariance:
    """What has been measured of a plan; curves and heat map have gaps where nothing has yet."""

    plan: Plan
    points: Mapping[Distortion, Point] = field(default_factory=dict)

    def curve(self, kind: str) -> tuple[Point, ...]:
        """The points along one of the KINDS that have been measured, in their order."""
        return tuple(self.points[c] for c in self.plan.curve(kind) if c in self.points)

    @property
    def unchanged(self) -> Point | None:
        """The point of the pictures as they are."""
        return self.points.get(UNCHANGED)

    @cached_property
    def heat(self) -> NDArray[np.float64]:
        """Accuracy over shifts, ``(down, right)``; NaN where it has not been measured."""
        known = self.points
        return np.array(
            [
                [known[c].accuracy if c in known else np.nan for c in row]
                for row in self.plan.shifted
            ]
        )

    @property
    def share(self) -> float:
        """How much of the plan is done."""
        return len(self.points) / len(self.plan.changes)


def measure(
    model: Model,
    images: Images,
    plan: Plan,
    wanted: Callable[[], bool] = lambda: True,
) -> Iterator[Point]:
    """Every point of `plan` in turn, until it is no longer wanted.

    Raises DataError when there are no images, or they do not go with the network, TrainingError
    when its answers are no numbers.
    """
    model.check_labels(images.labels, len(images))
    if not len(images):
        raise DataError("Accuracy needs at least one picture.")
    for change in plan.changes:
        correct = 0
        for part in _parts(images):
            if not wanted():
                return
            pictures = change(images.pixels[part], part.start)
            outputs = model.forward(pictures)
            check_answers(model, pictures, outputs)
            correct += int(np.count_nonzero(outputs.argmax(axis=1) == images.labels[part]))
        yield Point(change, correct, len(images))


def _parts(images: Images) -> Iterator[slice]:
    most = max(1, AT_ONCE // max(1, math.prod(images.pixels.shape[1:])))
    for start in range(0, len(images), most):
        yield slice(start, min(start + most, len(images)))


def spread(total: int, count: int) -> NDArray[np.intp]:
    """`count` of `total` images, evenly spread, as data sets often begin with the easy ones."""
    if count >= total:
        return np.arange(total)
    return np.linspace(0, total - 1, count).round().astype(np.intp)
