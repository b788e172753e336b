"""The probe image, and the model that the window looks through: maps for one picture, now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.data.datasets import Dataset
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, Report


@dataclass(frozen=True)
class Probe:
    """One test image: its index of `total`, its pixels ``(C, H, W)`` as uint8, its label."""

    index: int
    pixels: np.ndarray
    label: int
    total: int

    @classmethod
    def of(cls, dataset: Dataset, index: int) -> Probe:
        """Test image `index` of `dataset`."""
        test = dataset.test
        return cls(index, test.pixels[index], int(test.labels[index]), len(test))


class Viewer:
    """A model of the blocks that fit, and what they make of the probe image."""

    def __init__(self) -> None:
        self.model: Model | None = None
        self.probe: Probe | None = None
        self.activations: tuple[np.ndarray, ...] = ()
        self.probabilities: np.ndarray | None = None

    def set_network(self, network: Network, report: Report, seed: int) -> None:
        """Begin again with random weights, up to the first block that does not fit."""
        fitting = next((i for i, b in enumerate(report.blocks) if not b.fits), len(network))
        self.model = Model(Network(network.blocks[:fitting]), seed=seed)
        self._look()

    def set_weights(self, weights: np.ndarray) -> None:
        """Take the flat vector `weights` of the whole network."""
        if self.model is not None:
            self.model.vector[...] = weights
            self._look()

    def weights(self) -> np.ndarray:
        """A copy of the present flat vector."""
        assert self.model is not None
        return self.model.vector.copy()

    def show(self, probe: Probe) -> None:
        """Look at another picture."""
        self.probe = probe
        self._look()

    def _look(self) -> None:
        if self.model is None or not self._takes_probe():
            self.activations, self.probabilities = (), None
            return
        assert self.probe is not None
        picture = to_float(self.probe.pixels[np.newaxis])
        self.activations = tuple(maps[0] for maps in self.model.activations(picture))
        output = self.model.probabilities(picture)[0]
        self.probabilities = output if output.ndim == 1 else None

    def _takes_probe(self) -> bool:
        if self.probe is None or self.model is None:
            return False
        return self.probe.pixels.shape == tuple(self.model.network.input.picture_shape)
