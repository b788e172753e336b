"""What a block inside another one makes of the probe image, looked at in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from cnnstudio.blocks.row import rows_of
from cnnstudio.explain.trace import Trace
from cnnstudio.network import Network, inner
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Inquiry, Wanted, Weights, Workshop
from cnnstudio.ui.maps.probe import Probe

Asked = tuple[inner.Path, Probe]
"""A block and a picture."""


class InnerMaps(QObject):
    """Asks for the output of the block at a path; `changed` tells when it is there."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._inquiry, self._workshop = Inquiry(session, self), Workshop()
        self._inquiry.answered.connect(self._take)
        self._inquiry.failed.connect(self._fail)
        self._asked: Asked | None = None
        self._network: Network | None = None
        self._values: NDArray[np.floating] | None = None

    @property
    def failure(self) -> str:
        """Why there is no output, in one sentence."""
        return self._inquiry.failure

    def of(self, path: inner.Path) -> NDArray[np.floating] | None:
        """The newest output ``(C, H, W)`` or ``(units,)`` of the block; None until it is there."""
        session, probe = self._session, self._session.probe
        if session.model is None or probe is None:
            return None
        weights, asked = Weights.of(session), (path, probe)
        self._inquiry.ask(asked, weights, partial(self._work, weights, path, probe))
        same = self._asked is not None and self._asked[0] == path and self._asked[1] is probe
        return self._values if same and self._network is session.network else None

    def stop(self) -> None:
        """Give up and wait for the thread, as on closing."""
        self._inquiry.stop()

    def _work(
        self, weights: Weights, path: inner.Path, probe: Probe, wanted: Wanted
    ) -> NDArray[np.floating] | None:
        if not wanted():
            return None
        return np.asarray(Trace(self._workshop.model(weights), probe.pixels).output(path))

    def _take(self, asked: Asked, weights: Weights, values: NDArray[np.floating]) -> None:
        self._asked, self._network, self._values = asked, weights.network, values
        self.changed.emit()

    def _fail(self) -> None:
        self._values = None
        self.changed.emit()


def paths_inside(network: Network, path: inner.Path) -> Iterator[inner.Path]:
    """The paths of all blocks inside the one at `path`, each before those inside it."""
    for number, row in enumerate(rows_of(inner.block_at(network, path))):
        for place in range(len(row)):
            found = (*path, number, place)
            yield found
            yield from paths_inside(network, found)


def words_inside(network: Network, path: inner.Path) -> str:
    """Where a block is in the one of the network, such as "Branch 2 > RESIDUAL 1 > CONV 1"."""
    words = []
    for end in range(3, len(path) + 1, 2):
        owner = path[: end - 2]
        if len(rows_of(inner.block_at(network, owner))) > 1:
            words.append(f"Branch {path[end - 2] + 1}")
        words.append(inner.name(network, path[:end]))
    return " › ".join(words)
