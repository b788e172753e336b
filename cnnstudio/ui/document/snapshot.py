"""The document at one moment, to be written to a file by whichever thread has the time."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnnstudio.engine.model import named_weights
from cnnstudio.network import Network, Recipe, check
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document.results import Result


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What there is to save; nothing in it changes any more.

    `opened` is the project that the document began with, `path` its file if it has one, `title`
    what people call it. `curve` is that of the result, whose own goes on growing.
    """

    opened: Project
    network: Network
    recipe: Recipe
    result: Result | None
    path: Path | None
    title: str
    curve: np.ndarray | None

    @property
    def is_sound(self) -> bool:
        """Whether all weights are numbers."""
        return self.result is None or bool(np.isfinite(self.result.weights).all())

    def shows_same(self, other: Snapshot) -> bool:
        """Whether `other` is to be written as the same: all but what it began with."""
        mine = self.network, self.recipe, self.title, self.path
        others = other.network, other.recipe, other.title, other.path
        return self.result is other.result and mine == others

    @property
    def _past(self) -> dict[str, Any]:
        """The epochs and the changes of the recipe that made the weights, as a project has them."""
        if self.result is None:
            return {"history": (), "changes": ()}
        return {
            "history": tuple(dataclasses.asdict(epoch) for epoch in self.result.epochs),
            "changes": tuple(dataclasses.asdict(change) for change in self.result.changes),
        }

    def untrained(self) -> Project:
        """The project without weights and picture; its history is that of the runs before."""
        return dataclasses.replace(
            self.opened,
            network=self.network,
            recipe=self.recipe,
            weights=None,
            trained_by=None,
            curve=None,
            **self._past,
            preview=None,
            name=self.title,
        )

    def project(self, preview: bytes | None = None, name: str = "") -> Project:
        """The project to write; `name` instead of the title."""
        result = self.result
        return dataclasses.replace(
            self.opened,
            network=self.network,
            recipe=self.recipe,
            weights=named_weights(check(self.network), result.weights) if result else None,
            trained_by=result.recipe if result else None,
            curve=self.curve,
            **self._past,
            preview=preview,
            name=name or self.title,
        )
