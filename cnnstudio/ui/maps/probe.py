"""The probe image, and the model that the window looks through: maps for one picture, now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import has_softmax_head
from cnnstudio.network import Network, Report
from cnnstudio.ui.parts.background import Background, Failure

SLOW_PARAMETERS = 3_000_000
SLOW_MULTIPLY_ADDS = 500_000_000
"""From here on making the model, or its maps, takes so long that the window would stall."""
MANY_BLOCKS = 48
"""With more blocks, too: each takes its time, however small it is."""

MOST_PARAMETERS = 100_000_000
MOST_MAP_VALUES = 50_000_000
MOST_MULTIPLY_ADDS = 20_000_000_000
"""What the window can hold: 0.4 GB of weights, 1.6 GB with Adam, seconds for one picture."""


def too_large(report: Report) -> str | None:
    """Why the window cannot hold the network, in one sentence; None when it can."""
    for number, most, words in (
        (report.parameters, MOST_PARAMETERS, "parameters"),
        (report.activations, MOST_MAP_VALUES, "values in its maps"),
        (report.multiply_adds, MOST_MULTIPLY_ADDS, "multiply-adds per image"),
    ):
        if number > most:
            return (
                f"The network has {number:,} {words}, more than the {most:,} that can be trained "
                f"here: pool earlier, or use fewer filters or units."
            )
    return None


@dataclass(frozen=True, eq=False)
class Probe:
    """One image: its index of `total`, its pixels ``(C, H, W)`` as uint8, its label.

    It is one of the "test" images, or of those kept aside for "validation": `origin` says so. A
    drawn picture has no label: nobody has said what it is. Its index is that of the image shown
    before it, to which one goes back.
    """

    index: int
    pixels: np.ndarray
    label: int | None
    total: int
    origin: str = "test"

    @classmethod
    def of(cls, dataset: Dataset, index: int) -> Probe:
        """Test image `index` of `dataset`."""
        return cls.among(dataset.test, index, "test")

    @classmethod
    def among(cls, images: Images, index: int, origin: str) -> Probe:
        """Image `index` of the set called `origin`."""
        return cls(index, images.pixels[index], int(images.labels[index]), len(images), origin)

    @property
    def is_drawn(self) -> bool:
        """Whether a person made the picture, so that it is none of the test images."""
        return self.label is None

    def redrawn(self, pixels: np.ndarray) -> Probe:
        """A drawn picture `pixels` ``(C, H, W)`` in place of this one."""
        return replace(self, pixels=pixels, label=None)

    def label_words(self, class_names: Sequence[str]) -> str:
        """What it is, for people: "label 7" or "drawn"."""
        return "drawn" if self.label is None else f"label {class_names[self.label]}"


@dataclass(frozen=True, eq=False)
class Seen:
    """What a model makes of the probe."""

    activations: tuple[np.ndarray, ...] = ()
    probabilities: np.ndarray | None = None


class Viewer:
    """A model of the blocks that fit, and what they make of the probe image.

    The model of a large network is made in a thread: `pending` until `advance` says that it is
    there. A network that is too large has no model. A large network also looks in a thread at what
    it is shown: `is_looking` until `take_look` says that it has been seen.
    """

    def __init__(self) -> None:
        self.model: Model | None = None
        self.probe: Probe | None = None
        self.failure: Failure | None = None
        self.look_failure: Failure | None = None
        """Why the last look in a thread saw nothing."""
        self.version = 0
        """Counts the changes of the weights."""
        self._seen = Seen()
        self._make: partial[Model] | None = None
        self._former: Model | None = None  # freed when the next one is there: it takes a while
        self._job: Background[tuple[Model, Probe | None, Seen]] | None = None
        self._is_slow = False
        self._glance: _Glance | None = None
        self._has_changed = False  # since the glance began
        self._seen_probe: Probe | None = None

    @property
    def activations(self) -> tuple[np.ndarray, ...]:
        """What every block makes of the probe; empty when there is no model or no probe."""
        return self._seen.activations

    @property
    def probabilities(self) -> np.ndarray | None:
        """The softmax of the output; None where it is not a row of units."""
        return self._seen.probabilities

    @property
    def pending(self) -> bool:
        """Whether the model is still to be made."""
        return self._make is not None

    def set_network(self, network: Network, report: Report, seed: int) -> None:
        """Begin again with random weights, up to the first block that does not fit."""
        fitting = next((i for i, b in enumerate(report.blocks) if not b.fits), len(network))
        known = network if fitting == len(network) else Network(network.blocks[:fitting])
        make = partial(Model, known, seed=seed)
        self._former = self.model or self._former
        self.model = self._make = self._job = self.failure = None
        self.version += 1
        self._is_slow = _is_slow(report)
        if too_large(report) is None:
            if self._is_slow:
                self._make = make
            else:
                self.model, self._former = make(), None
        self._look()

    def advance(self) -> bool:
        """Begin to make the pending model, or look after it; whether it has just been done."""
        if self._make is None:
            return False
        if self._job is None:
            self._job = Background(partial(_make_and_look, self._make, self.probe))
        if not self._job.done:
            return False
        self.failure = self._job.failure
        if self._job.result is not None:
            self.model, probe, self._seen = self._job.result
            self._seen_probe = probe
            if probe is not self.probe:
                self._look()
        self._make = self._job = self._former = None
        self.version += 1
        return True

    def abandon(self) -> None:
        """Make no model any more; waits for one that is being made."""
        if self._job is not None:
            self._job.join()
        if self._glance is not None:
            self._glance.job.join()
        self._make = self._job = self._glance = None

    def set_weights(self, weights: np.ndarray) -> None:
        """Take `weights`, the flat Model.state of the whole network."""
        if self.model is not None:
            self.model.state[...] = weights
            self.version += 1
            self._look()

    def weights(self) -> np.ndarray:
        """A copy of the present Model.state."""
        assert self.model is not None
        return self.model.state.copy()

    def show(self, probe: Probe | None) -> None:
        """Look at another picture, or at none."""
        self.probe = probe
        self._look()

    @property
    def is_looking(self) -> bool:
        """Whether a large network is looking at the probe; see `take_look`."""
        return self._glance is not None

    def take_look(self) -> bool:
        """Look after a large network; whether it has just seen the probe, or a drawing before it.

        A drawing grows stroke by stroke: what was seen of it a moment ago is better than nothing.
        """
        glance = self._glance
        if glance is None or not glance.job.done:
            return False
        self._glance = None
        is_present = glance.model is self.model and _may_stand_for(glance.probe, self.probe)
        if is_present:
            self._seen, self.look_failure = glance.job.result or Seen(), glance.job.failure
        if self._has_changed:
            self._begin_glance()
        return is_present

    def _look(self) -> None:
        """See the probe, in a thread where the window would stall meanwhile."""
        if not self._is_slow or self.model is None or self.probe is None:
            self._seen, self._seen_probe = _look(self.model, self.probe), self.probe
            self.look_failure = None
            return
        if not _may_stand_for(self._seen_probe, self.probe):
            self._seen = Seen()
        self._seen_probe, self._has_changed, self.look_failure = self.probe, True, None
        if self._glance is None:
            self._begin_glance()

    def _begin_glance(self) -> None:
        """Weights that come meanwhile may mix with those before: then one more glance follows."""
        self._has_changed = False
        if self.model is not None and self.probe is not None:
            job = Background(partial(_look, self.model, self.probe))
            self._glance = _Glance(self.model, self.probe, job)


@dataclass(frozen=True, eq=False)
class _Glance:
    """A thread in which `model` looks at `probe`."""

    model: Model
    probe: Probe
    job: Background[Seen]


def _may_stand_for(seen: Probe | None, probe: Probe | None) -> bool:
    """Whether what was seen of a picture may be shown until another one has been seen."""
    return seen is probe or (
        seen is not None and probe is not None and seen.is_drawn and probe.is_drawn
    )


def _is_slow(report: Report) -> bool:
    return (
        len(report.blocks) > MANY_BLOCKS
        or report.parameters >= SLOW_PARAMETERS
        or report.multiply_adds >= SLOW_MULTIPLY_ADDS
    )


def _make_and_look(
    make: Callable[[], Model], probe: Probe | None
) -> tuple[Model, Probe | None, Seen]:
    model = make()
    return model, probe, _look(model, probe)


def _look(model: Model | None, probe: Probe | None) -> Seen:
    if model is None or probe is None:
        return Seen()
    if probe.pixels.shape != tuple(model.network.input.picture_shape):
        return Seen()
    activations = [maps[0] for maps in model.activations(to_float(probe.pixels[np.newaxis]))]
    return Seen(tuple(activations), _probabilities(model, activations[-1]))


def _probabilities(model: Model, output: np.ndarray) -> np.ndarray | None:
    """The softmax of what the last block gives, unless that block is one."""
    if output.ndim != 1:
        return None
    if has_softmax_head(model.report):
        return output
    return np.asarray(softmax(output[np.newaxis])[0])
