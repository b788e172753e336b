"""What training has made of the networks of a session, kept so that undo brings it back."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnstudio.engine.changes import Change
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.diagnosis import Diagnosis
from cnnstudio.engine.model import Model
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import EpochResult, Progress
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe, check
from cnnstudio.network.project_file import Project
from cnnstudio.ui.maps.probe import too_large
from cnnstudio.ui.training.observation import Noted

KEPT = 8
"""Trained weights are kept for this many networks, the latest ones."""


@dataclass(frozen=True, eq=False)
class Result:
    """What training has made of a network: weights, one EpochResult per epoch, the curve.

    `changes` are the settings that were changed meanwhile, `snapshots` weights of the past,
    `diagnosis` is the last look at what ails it; `recipe` is what the last run trained by.
    """

    weights: np.ndarray
    epochs: tuple[EpochResult, ...] = ()
    curve: Curve = dataclasses.field(default_factory=Curve)
    changes: tuple[Change, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    diagnosis: Diagnosis | None = None
    recipe: Recipe | None = None

    def after(self, steps: tuple[Progress, ...]) -> Result:
        """The result with the points and epochs of more `steps`."""
        curve = self.curve.extended(steps)
        finished = tuple(s.finished_epoch for s in steps if s.finished_epoch is not None)
        return dataclasses.replace(self, epochs=self.epochs + finished, curve=curve)

    def with_weights(self, weights: np.ndarray) -> Result:
        """The result with newer weights."""
        return dataclasses.replace(self, weights=weights)

    def with_noted(self, noted: Noted, before: tuple[Change, ...]) -> Result:
        """The result with what a run has `noted`; `before` are the changes in earlier runs."""
        newer: dict[str, Any] = {}
        if noted.changes is not None:
            newer["changes"] = (*before, *noted.changes)
        if noted.snapshots is not None:
            newer["snapshots"] = noted.snapshots
        if noted.diagnosis is not None:
            newer["diagnosis"] = noted.diagnosis
        return dataclasses.replace(self, **newer)

    def until(self, snapshot: Snapshot) -> Result:
        """What there was when `snapshot` was taken."""
        end, recipe = snapshot.position, self.recipe
        for change in reversed(self.changes):
            if recipe is not None and change.position > end:
                recipe = recipe.with_values(**change.before)
        return Result(
            snapshot.state.copy(),
            tuple(epoch for epoch in self.epochs if epoch.epoch <= end),
            self.curve.copy(snapshot.step),
            tuple(change for change in self.changes if change.position <= end),
            tuple(each for each in self.snapshots if each.step <= snapshot.step),
            recipe=recipe,
        )


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
    epochs = tuple(map(epoch_result, project.history))
    recipe = project.trained_by or project.recipe
    curve = Curve.kept(project.curve)
    return Result(model.state.copy(), epochs, curve, changes_in(project), recipe=recipe)


def changes_in(project: Project) -> tuple[Change, ...]:
    """What was changed while the network of `project` was trained, as its file tells it."""
    return tuple(Change(**record) for record in project.changes)


def epoch_result(record: Mapping[str, Any]) -> EpochResult:
    """An epoch as a file has it, where null stands for a figure that was not measured."""
    figures: dict[str, Any] = {
        name: math.nan if value is None else value for name, value in record.items()
    }
    return EpochResult(**figures)
