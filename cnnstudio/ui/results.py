"""What training has made of the networks of a session, kept so that undo brings it back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import EpochResult, Progress
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, check
from cnnstudio.network.project_file import Project
from cnnstudio.ui.curve import Curve
from cnnstudio.ui.probe import too_large

KEPT = 8
"""Trained weights are kept for this many networks, the latest ones."""


@dataclass(frozen=True, eq=False)
class Result:
    """What training has made of a network: weights, one EpochResult per epoch, the curve."""

    weights: np.ndarray
    epochs: tuple[EpochResult, ...] = ()
    curve: Curve = dataclasses.field(default_factory=Curve)

    def after(self, steps: tuple[Progress, ...]) -> Result:
        """The result with the points and epochs of more `steps`."""
        self.curve.extend(steps)
        finished = tuple(s.finished_epoch for s in steps if s.finished_epoch is not None)
        return Result(self.weights, self.epochs + finished, self.curve)

    def with_weights(self, weights: np.ndarray) -> Result:
        """The result with newer weights."""
        return Result(weights, self.epochs, self.curve)


class Results:
    """The results by network; the oldest are forgotten."""

    def __init__(self) -> None:
        self._results: dict[Network, Result] = {}
        self._latest: tuple[Network, Result | None] | None = None

    def of(self, network: Network) -> Result | None:
        """The result of `network`; None when it is not trained.

        The last answer is at hand: the window asks a hundred times a second, and to find a network
        in a dictionary takes its hash, with those of all its blocks.
        """
        if self._latest is None or self._latest[0] is not network:
            self._latest = network, self._results.get(network)
        return self._latest[1]

    def keep(self, network: Network, result: Result) -> None:
        """Remember `result`, as the latest."""
        self._results.pop(network, None)
        self._results[network] = result
        self._latest = network, result
        while len(self._results) > KEPT:
            del self._results[next(iter(self._results))]

    def forget(self, network: Network) -> None:
        """Give the result of `network` up."""
        self._results.pop(network, None)
        self._latest = None


def result_of(project: Project) -> Result | None:
    """The result in a file; None when it is not trained. Raises a CnnStudioError."""
    if project.weights is None:
        return None
    refusal = too_large(check(project.network))
    if refusal is not None:
        raise TrainingError(refusal)
    model = Model(project.network)
    model.load(project.weights)
    return Result(model.state.copy(), tuple(map(_epoch_result, project.history)))


def _epoch_result(record: Mapping[str, Any]) -> EpochResult:
    """An epoch as a file has it, where null stands for a figure that was not measured."""
    figures: dict[str, Any] = {
        name: math.nan if value is None else value for name, value in record.items()
    }
    return EpochResult(**figures)
