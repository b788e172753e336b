"""What a training thread is given, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.metrics import Predictions
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import Progress
from cnnstudio.network import Network, Recipe
from cnnstudio.ui.parts.background import Failure
from cnnstudio.ui.training.observation import NOTHING, Noted
from cnnstudio.ui.training.run_folders import RunFolder


@dataclass(frozen=True)
class Job:
    """What to train: `weights` is the flat Model.state to start from, None for the seed's.

    They have been trained for `epochs_before` epochs, and for the share `begun` of the next one.
    `snapshots` and `curve` are those of the runs before, `folder` is where checkpoints go. `last`
    is the checkpoint of this network and recipe that the run goes on from, to the same bits.
    """

    network: Network
    recipe: Recipe
    dataset: Dataset
    threads: int
    weights: np.ndarray | None = None
    epochs_before: int = 0
    begun: float = 0.0
    snapshots: tuple[Snapshot, ...] = ()
    folder: RunFolder | None = None
    last: Checkpoint | None = None
    curve: Curve | None = None


@dataclass(frozen=True)
class News:
    """What happened since the last poll; `weights` is a copy of Model.state between two steps.

    When it has finished they are those to keep: what the recipe says, or after a failure of the
    training the last good ones. `noted` is all that is new besides.
    """

    steps: tuple[Progress, ...] = ()
    weights: np.ndarray | None = None
    finished: bool = False
    failure: Failure | None = None
    noted: Noted = NOTHING

    @property
    def predictions(self) -> Predictions | None:
        """The newest for the images kept aside."""
        return self.noted.predictions
