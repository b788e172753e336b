"""The way back in time: the session shows weights of the past in place of the present ones."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.ui.document.views import Views


class SnapshotView(Views):
    """What is shown may be the network at a `moment` of its training; the document never is.

    Everything that reads `model`, `activations` or `probabilities` follows `weights_changed`, as
    while training. A run goes on with its own weights meanwhile.
    """

    moment_changed = Signal()
    """Another moment is shown, or the present again; see `moment`."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._moment: Snapshot | None = None

    @property
    def moment(self) -> Snapshot | None:
        """The snapshot whose weights are shown; None while they are the present ones."""
        return self._moment

    @property
    def looking(self) -> bool:
        """Whether a large network is still looking at the probe with the weights shown."""
        return self._viewer.is_looking

    def show_moment(self, moment: Snapshot | None) -> None:
        """Show the network as it was at `moment`, or with None as it is now."""
        if moment is self._moment or self.model is None:
            return
        self._moment = moment
        self._load_result()
        self.moment_changed.emit()
        self.weights_changed.emit()

    # ---- inside

    def _load_result(self) -> None:
        if self._moment is not None and self.model is not None:
            self._viewer.set_weights(self._moment.state)
        else:
            super()._load_result()

    def _view_network(self) -> None:
        """A moment belongs to the network that it was taken of."""
        left, self._moment = self._moment, None
        super()._view_network()
        if left is not None:
            self.moment_changed.emit()
