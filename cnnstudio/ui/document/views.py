"""What the session shows of the network: its model, the probe image, the maps for it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError
from cnnstudio.network import Network, Report, check, inner
from cnnstudio.ui.document.edits import Edits
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.maps.probe import Probe, Viewer
from cnnstudio.ui.training.worker import Failure

LOOK_INTERVAL = 15
"""Milliseconds between two questions whether a large network has seen the probe."""

PREPARE_INTERVAL = 150
"""Milliseconds without an edit before the weights of a large network are drawn in a thread."""


class Views(Edits):
    """The pictures, and what the present weights make of one of them.

    `activations` holds one array for each block from the input on, ``(C, H, W)`` or ``(units,)``,
    for the probe image; it ends before the first block that does not fit, and is empty until the
    pictures are loaded. `probabilities` is the softmax of the output, or None.
    """

    weights_changed = Signal()
    probe_changed = Signal()

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self.dataset: Dataset | None = None
        self.data_failure = ""
        """Why there are no pictures, in one sentence; empty while they are on their way."""
        self._viewer = Viewer()
        self._preparation = QTimer(self)
        self._preparation.setInterval(PREPARE_INTERVAL)
        self._preparation.timeout.connect(self._prepare)
        self._looks = QTimer(self, interval=LOOK_INTERVAL)
        self._looks.timeout.connect(self._take_look)
        self.weights_changed.connect(self._await_look)

    @property
    def classes(self) -> int | None:
        """How many classes the data has; None until it is loaded."""
        return len(self.dataset.class_names) if self.dataset else None

    def preview(self, network: Network) -> Report:
        """What `network` would come to, without making it the document."""
        return check(network, self.classes)

    @property
    def model(self) -> Model | None:
        """The model of the present weights.

        None while the network does not fit or is too large, and while the weights of a large
        network are being drawn: then `network_changed` tells when they are there.
        """
        return self._viewer.model if self.report.ok else None

    @property
    def preparing(self) -> bool:
        """Whether the weights of a large network are still being drawn; see `model`."""
        return self._viewer.pending

    @property
    def weights_failure(self) -> Failure | None:
        """Why the weights of a large network could not be drawn; None where they could."""
        return self._viewer.failure

    @property
    def look_failure(self) -> Failure | None:
        """Why a large network saw nothing of the probe image; None where it did, or still looks."""
        return self._viewer.look_failure

    @property
    def activations(self) -> tuple[np.ndarray, ...]:
        """What every block makes of the probe image; see the class."""
        return self._viewer.activations

    @property
    def probabilities(self) -> np.ndarray | None:
        """The ten probabilities for the probe image; None where there are none."""
        return self._viewer.probabilities if self.report.ok else None

    @property
    def probe(self) -> Probe | None:
        """The picture that the maps are shown for; None until the data is loaded."""
        return self._viewer.probe

    @property
    def data_name(self) -> str:
        """The data set that the document is trained on: a name, or a folder."""
        return self._sheet.opened.data

    def set_dataset(self, dataset: Dataset | None, failure: str = "") -> None:
        """Take the pictures that have been loaded, or None while others are on their way.

        `failure` says why there will be none.
        """
        self.dataset, self.data_failure = dataset, failure
        self.report = check(self.network, self.classes)
        self._viewer.show(Probe.of(dataset, 0) if dataset else None)
        self.probe_changed.emit()
        self.network_changed.emit()
        self.weights_changed.emit()

    def images(self, of: str) -> Images:
        """The labelled images of the set "test", or of those kept aside for "validation".

        Raises DataError when there are none such.
        """
        if self.dataset is None:
            raise DataError(f"The pictures of {self.data_name} are not loaded.")
        if of == "test":
            return self.dataset.test
        return self.dataset.split(self.recipe.validation)[1]

    def set_probe(self, index: int, of: str = "test") -> None:
        """Show the maps for image `index` of a set, see `images`; beyond the ends it goes round."""
        try:
            images = self.images(of)
        except DataError:
            return
        if len(images):
            self._viewer.show(Probe.among(images, index % len(images), of))
            self.probe_changed.emit()
            self.weights_changed.emit()

    def use_test_image(self) -> None:
        """Go back from a drawn picture to the test image before it."""
        if self.probe is not None and self.probe.is_drawn:
            self.set_probe(self.probe.index, self.probe.origin)

    def set_probe_picture(self, pixels: np.ndarray) -> None:
        """Show the maps for a drawn picture, uint8 of the input's ``(C, H, W)``.

        `use_test_image` goes back; before the data is loaded nothing is shown.
        """
        probe = self._viewer.probe
        if probe is not None:
            self._viewer.show(probe.redrawn(pixels))
            self.probe_changed.emit()
            self.weights_changed.emit()

    # ---- inside

    def _network_replaced(self) -> None:
        self.report = check(self.network, self.classes)
        before = self.selected_paths
        self._sheet.chosen = inner.remaining(self.network, before)
        selection_lost = self.selected_paths != before
        self._view_network()
        self.network_changed.emit()
        if selection_lost:
            self.selection_changed.emit()
        self.weights_changed.emit()

    def _view_network(self) -> None:
        self._viewer.set_network(self.network, self.report, self.recipe.seed)
        self._load_result()
        if self._viewer.pending:
            self._preparation.start()
        else:
            self._preparation.stop()

    def _prepare(self) -> None:
        """Go on with the weights of a large network; tell when they are there."""
        if self._viewer.advance():
            self._prepared()

    def _prepared(self) -> None:
        self._preparation.stop()
        self._load_result()
        self.network_changed.emit()
        self.weights_changed.emit()
        failure = self._viewer.failure
        if failure is not None:
            self.noticed.emit(Notice(not_drawn(failure), failure.details))

    def _await_look(self) -> None:
        """Ask again and again while a large network looks at the probe."""
        if self._viewer.is_looking:
            self._looks.start()
        else:
            self._looks.stop()

    def _take_look(self) -> None:
        if self._viewer.take_look():
            self.weights_changed.emit()
        else:
            self._await_look()

    def _load_result(self) -> None:
        result = self._sheet.result
        if result is not None and self.model is not None:
            self._viewer.set_weights(result.weights)

    def _show_weights(self) -> None:
        self._view_network()
        self.weights_changed.emit()

    def _seed_replaced(self) -> None:
        """Random weights follow the seed; trained ones stay."""
        if self._sheet.result is None:
            self._show_weights()


def not_drawn(failure: Failure) -> str:
    """Why there are no weights, in one sentence."""
    return f"The weights of the network could not be drawn: {failure.sentence}"
