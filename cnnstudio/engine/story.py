"""What a run tells while it goes on: its finished epochs, and its curve."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.run import now
from cnnstudio.engine.trainer import Progress
from cnnstudio.network.project_file import Project

BUNCH = 256
"""Steps that are put into the curve at once; one by one would cost far more."""


class Story:
    """`history` has the finished epochs of the run, each with the fields of EpochResult.

    `last` is its last step; the curve begins with that of the weights it went on from, which had
    been trained for `before` steps. `begun` is when the run began, now unless it was earlier.
    """

    def __init__(
        self,
        history: Iterable[Mapping[str, Any]] = (),
        curve: Curve | None = None,
        before: int = 0,
        begun: str = "",
    ) -> None:
        self.history: list[dict[str, Any]] = [dict(epoch) for epoch in history]
        self.before, self.begun = before, begun or now()
        self._curve, self._steps = curve or Curve(), list[Progress]()
        self.last: Progress | None = None

    @classmethod
    def of(cls, project: Project, found: Checkpoint | None) -> Story:
        """That of a run of `project` up to its checkpoint, or of one that begins."""
        if found is not None:
            run = found.run
            return cls(found.history, Curve.kept(found.curve), run.steps_before, run.begun)
        curve = Curve.kept(project.curve if project.weights is not None else None)
        return cls((), curve, curve.step)

    @property
    def curve(self) -> Curve:
        """The curve of all steps so far."""
        self._curve = self._curve.extended(self._steps)
        self._steps.clear()
        return self._curve

    def take(self, progress: Progress) -> None:
        """A step has been made."""
        self.last = progress
        self._steps.append(progress)
        if len(self._steps) == BUNCH:
            self._curve = self.curve
        if progress.finished_epoch is not None:
            self.history.append(dataclasses.asdict(progress.finished_epoch))
