"""Measurements of invariance: one that goes on in a thread, and those that are done."""

from __future__ import annotations

import threading
from functools import partial
from typing import NamedTuple

import numpy as np

from cnnstudio.data.datasets import Images
from cnnstudio.engine.model import Model
from cnnstudio.explain.invariance import Invariance, Plan, Point, measure
from cnnstudio.network import Network
from cnnstudio.ui.maps.inquiry import Weights
from cnnstudio.ui.training.worker import Background, give_way

MOST_KEPT = 12
"""So many measurements are kept, the latest ones."""

GLANCE = 64
"""Weights that are compared before all: those of another step differ from the first on."""


class Measurement:
    """A measurement that goes on in a thread; `points` are those that have come so far."""

    def __init__(self, data: str, weights: Weights, images: Images, plan: Plan) -> None:
        self.data, self.weights, self.plan = data, weights, plan
        self.points: list[Point] = []
        self.given_up = threading.Event()
        self.job: Background[None] = Background(partial(self._work, images))

    @property
    def found(self) -> Measured:
        """What there is of it."""
        points = {point.change: point for point in self.points[:]}
        return Measured(self.data, self.weights, Invariance(self.plan, points))

    def is_of(self, data: str, network: Network) -> bool:
        """Whether it is of these pictures and this network."""
        return (self.data, self.weights.network) == (data, network)

    def _work(self, images: Images) -> None:
        give_way()
        model = Model(self.weights.network, seed=self.weights.seed)
        if self.weights.values is not None:
            model.state[...] = self.weights.values
        for point in measure(model, images, self.plan, lambda: not self.given_up.is_set()):
            self.points.append(point)


class Measured(NamedTuple):
    """What was found for some weights with the pictures called `data`."""

    data: str
    weights: Weights
    found: Invariance

    def is_of(self, data: str, weights: Weights) -> bool:
        """Whether it is of these pictures and these weights."""
        return self.data == data and alike(self.weights, weights)


class Measurements:
    """The latest measurement of each weights, and of their network whatever weights it has.

    Those with other pictures are others.
    """

    def __init__(self) -> None:
        self._kept: list[Measured] = []

    def keep(self, measured: Measured) -> None:
        """Remember it as the latest, in place of an earlier one of the same weights.

        A part of a measurement does not displace a whole one.
        """
        data, weights, found = measured
        before = [each for each in self._kept if each.is_of(data, weights)]
        if found.share < 1 and any(each.found.share == 1 for each in before):
            measured = before[-1]
        others = [each for each in self._kept if not each.is_of(data, weights)]
        self._kept = [*others[1 - MOST_KEPT :], measured]

    def of(self, data: str, weights: Weights) -> Measured | None:
        """That of these weights; else the latest of the network with other weights."""
        network = weights.network
        known = [m for m in self._kept if (m.data, m.weights.network) == (data, network)]
        same = [each for each in known if each.is_of(data, weights)]
        return (same or known)[-1] if known else None


def alike(first: Weights, second: Weights) -> bool:
    """Whether both are the same numbers; a copy of a document has a copy of its weights."""
    if first.same_as(second):
        return True
    one, other = first.values, second.values
    if first.network != second.network or one is None or other is None:
        return False
    glance = np.array_equal(one[:GLANCE], other[:GLANCE], equal_nan=True)
    return glance and np.array_equal(one, other, equal_nan=True)
