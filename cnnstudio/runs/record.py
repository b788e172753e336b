"""A kept run: the network, how it was trained, its curve and what it made of the pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnnstudio.engine.environment import Environment
from cnnstudio.engine.run import Count, Pictures
from cnnstudio.network import Recipe, check, text_form
from cnnstudio.network.project_file import Project

FORMAT = "cnnstudio-run"
VERSION = 1

Ending = Literal["finished", "stopped early", "stopped", "failed"]
"""How a run ended: all its epochs, its patience was over, by the person, or by a fault."""


def no_curve() -> NDArray[np.float64]:
    """The curve of a run that has made no step."""
    return np.zeros((0, 3))


class KeptChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person changed while the run went on; `at` is the position in epochs."""

    at: float
    words: str


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """run.json: all that the table of runs shows, so that no other file is read for it.

    `begun` is the local time with its distance from UTC (ISO 8601), `seconds` those of training
    alone. `network` is its text form, `recipe` the settings that it was begun with.
    `epochs` are those made in this run, after `epochs_before` of earlier ones; `pretrained` when it
    went on from trained weights, even with no whole epoch before. `limit` is how many of the
    training pictures it learned from, the first ones, None for all. The losses and accuracies are
    those of the last epoch measured, None where none was; `best_accuracy` is the best on the
    pictures kept aside, `test_accuracy` that of the weights kept, on the test pictures. `fault` is
    the sentence of a run that failed; `repeats` is the name of the run that this one was to
    reproduce, and `verdict` the sentence that says whether it did.
    """

    title: str
    begun: str
    seconds: float
    ending: Ending
    network: str
    parameters: Count
    seed: int
    epochs: Count
    epochs_before: Count
    environment: Environment
    data: str = ""
    recipe: dict[str, int | float | str] = {}
    pretrained: bool = False
    limit: Count | None = None
    pictures: Pictures | None = None
    train_loss: float | None = None
    train_accuracy: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    best_accuracy: float | None = None
    test_accuracy: float | None = None
    changes: list[KeptChange] = []
    fault: str = ""
    repeats: str = ""
    verdict: str = ""
    note: str = ""
    format: str = FORMAT
    version: Count = VERSION


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the trained network made of the pictures of the set called `of`, in their order.

    `labels` and `predicted` are ``(N,)`` class numbers, `confidences` ``(N,)`` the probabilities of
    the classes predicted.
    """

    of: str
    labels: NDArray[np.integer[Any]]
    predicted: NDArray[np.integer[Any]]
    confidences: NDArray[np.floating[Any]]

    @property
    def accuracy(self) -> float | None:
        """The share that is right; None where there are no pictures."""
        return float((self.predicted == self.labels).mean()) if len(self.labels) else None


@dataclass(frozen=True, eq=False)
class KeptRun:
    """A run: its facts, the project as it left it, and its curve.

    `curve` is ``(points, 3)``: position in epochs, mean loss of the batch, share of it that was
    right; a point for each step, or of a very long run for several older ones. `project` has the
    trained weights and the history of all epochs.
    """

    facts: Facts
    project: Project
    curve: NDArray[np.float64] = field(default_factory=no_curve)
    outcome: Outcome | None = None

    @property
    def recipe(self) -> Recipe:
        """How it was trained."""
        return self.project.recipe


def facts_of(
    project: Project,
    *,
    begun: str,
    seconds: float,
    ending: Ending,
    environment: Environment,
    epochs_before: int = 0,
    title: str = "",
    **others: Any,
) -> Facts:
    """The facts of a run that left `project`; `others` are further fields of Facts."""
    made = project.history[epochs_before:]
    last = made[-1] if made else {}
    accuracies = [_figure(epoch.get("validation_accuracy")) for epoch in made]
    return Facts(
        title=title or project.name,
        begun=begun,
        seconds=seconds,
        ending=ending,
        network=text_form.write(project.network),
        parameters=check(project.network).parameters,
        seed=project.recipe.seed,
        epochs=len(made),
        epochs_before=epochs_before,
        environment=environment,
        data=project.data,
        recipe=dict(project.recipe.values()),
        train_loss=_figure(last.get("train_loss")),
        train_accuracy=_figure(last.get("train_accuracy")),
        validation_loss=_figure(last.get("validation_loss")),
        validation_accuracy=_figure(last.get("validation_accuracy")),
        best_accuracy=max((a for a in accuracies if a is not None), default=None),
        **others,
    )


def _figure(value: float | None) -> float | None:
    """A figure that was measured, None for one that was not, or that is no finite number."""
    return value if value is not None and math.isfinite(value) else None
