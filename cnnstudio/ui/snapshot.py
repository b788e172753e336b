"""The document at one moment, to be written to a file by whichever thread has the time."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cnnstudio.engine.model import named_weights
from cnnstudio.network import Network, Recipe, check
from cnnstudio.network.project_file import Project
from cnnstudio.ui.results import Result


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What there is to save; nothing in it changes any more.

    `opened` is the project that the document began with, `path` its file if it has one, `title`
    what people call it.
    """

    opened: Project
    network: Network
    recipe: Recipe
    result: Result | None
    path: Path | None
    title: str

    @property
    def is_sound(self) -> bool:
        """Whether all weights are numbers."""
        return self.result is None or bool(np.isfinite(self.result.weights).all())

    def shows_same(self, other: Snapshot) -> bool:
        """Whether `other` has the same network, recipe and training result."""
        mine, others = (self.network, self.recipe), (other.network, other.recipe)
        return self.result is other.result and mine == others

    def untrained(self) -> Project:
        """The project without weights and picture; its history is that of the runs before."""
        history = tuple(dataclasses.asdict(e) for e in self.result.epochs) if self.result else ()
        return dataclasses.replace(
            self.opened,
            network=self.network,
            recipe=self.recipe,
            weights=None,
            history=history,
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
            history=tuple(dataclasses.asdict(epoch) for epoch in result.epochs) if result else (),
            preview=preview,
            name=name or self.title,
        )
