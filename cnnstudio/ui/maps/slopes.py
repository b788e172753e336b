"""The gradients of the loss for the probe image, of all maps or of all weights, from a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.model import Model
from cnnstudio.engine.sensitivity import loss_sensitivity
from cnnstudio.network import inner
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Inquiry, Wanted, Weights, Workshop
from cnnstudio.ui.maps.probe import Probe


@dataclass(frozen=True, eq=False)
class Gradients:
    """What was reckoned: for the picture `probe` and the class `label`.

    `maps` has the gradient of each block's output, ``(C, H, W)`` or ``(units,)``, by its path, also
    inside of others; `weights` that of each learned array by name. The other one is empty.
    """

    probe: Probe
    label: int
    maps: Mapping[inner.Path, NDArray[np.floating]] = field(default_factory=dict)
    weights: dict[str, NDArray[np.floating]] | None = None


class Slopes(QObject):
    """Asks for gradients of "maps" or "weights" when its panel is drawn; `changed` tells of new."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject, of: str) -> None:
        super().__init__(parent)
        self._session, self._of = session, of
        self._inquiry, self._workshop = Inquiry(session, self), Workshop()
        self._inquiry.answered.connect(self._take)
        self._inquiry.failed.connect(self._fail)
        self._found: Gradients | None = None
        self._network: object = None

    @property
    def failure(self) -> str:
        """Why there are none, in one sentence."""
        return self._inquiry.failure

    @property
    def found(self) -> Gradients | None:
        """The newest for the present network and picture; None until they are there."""
        found, session = self._found, self._session
        same = found is not None and found.probe is session.probe
        return found if same and self._network is session.network else None

    def ask(self) -> None:
        """Have the gradients reckoned for the present probe and weights, if they are not known."""
        session = self._session
        probe = session.probe
        if session.model is None or probe is None or session.probabilities is None:
            return
        label = int(session.probabilities.argmax()) if probe.label is None else probe.label
        weights = Weights.of(session)
        self._inquiry.ask(probe, weights, partial(self._work, weights, probe, label))

    def label_words(self) -> str:
        """What the loss is for: "label 7", or "7" that a drawn picture is taken for."""
        found, data = self._found, self._session.dataset
        if found is None or data is None:
            return ""
        known = found.label < len(data.class_names)
        name = data.class_names[found.label] if known else str(found.label)
        return f"label {name}" if found.probe.label is not None else f"answer {name}"

    def stop(self) -> None:
        """Give up and wait for the thread, as on closing."""
        self._inquiry.stop()

    def _work(self, weights: Weights, probe: Probe, label: int, wanted: Wanted) -> Gradients | None:
        if not wanted():
            return None
        model = self._workshop.model(weights)
        return gradients_of(model, probe, label, self._of)

    def _take(self, _what: object, weights: Weights, found: Gradients) -> None:
        self._found, self._network = found, weights.network
        self.changed.emit()

    def _fail(self) -> None:
        self._found = None
        self.changed.emit()


def gradients_of(model: Model, probe: Probe, label: int, of: str) -> Gradients:
    """The gradients of the loss for one picture: of all "maps", or of all "weights"."""
    pictures, labels = to_float(probe.pixels[np.newaxis]), np.array([label])
    if of == "weights":
        return Gradients(probe, label, weights=model.loss_and_gradients(pictures, labels)[1])
    found = loss_sensitivity(model, pictures, labels)
    return Gradients(probe, label, maps={path: each[0] for path, each in found.gradients.items()})
