"""What training has made of the present network, as the session tells it."""

from __future__ import annotations

from cnnstudio.engine.block_figures import BlockFigures
from cnnstudio.engine.changes import Change
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import EpochResult
from cnnstudio.network import Recipe
from cnnstudio.ui.document.results import Result
from cnnstudio.ui.training.snapshot_view import SnapshotView


class Learned(SnapshotView):
    """Epochs, curve, changes, snapshots and diagnosis of the present weights."""

    @property
    def _result(self) -> Result | None:
        return self._sheet.result

    @property
    def epochs(self) -> tuple[EpochResult, ...]:
        """What each finished epoch of the present weights came to."""
        return self._result.epochs if self._result else ()

    @property
    def curve(self) -> Curve:
        """The curve of the steps that made the present weights."""
        return self._result.curve if self._result else Curve()

    @property
    def run_recipe(self) -> Recipe | None:
        """What the present weights were last trained by; None where that is not known."""
        return self._result.recipe if self._result else None

    @property
    def trained(self) -> bool:
        """Whether the present weights have been trained; otherwise they are random."""
        return self._result is not None

    @property
    def changes(self) -> tuple[tuple[float, str], ...]:
        """What was changed while the weights were trained: position in epochs, and words."""
        return tuple((each.position, each.words) for each in self.recipe_changes)

    @property
    def recipe_changes(self) -> tuple[Change, ...]:
        """The same with names and values."""
        return self._result.changes if self._result else ()

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Weights of the past of this network, the earliest first; see `engine.snapshots`."""
        return self._result.snapshots if self._result else ()

    @property
    def diagnosis(self) -> tuple[Finding, ...]:
        """What ails the network in training, by block; empty where nothing is known."""
        found = self._result.diagnosis if self._result else None
        return found.findings if found else ()

    @property
    def norms(self) -> tuple[BlockFigures, ...]:
        """Lengths of gradient, weights and update for every block, from the last look."""
        found = self._result.diagnosis if self._result else None
        return found.blocks if found else ()
