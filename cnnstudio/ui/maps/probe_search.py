"""The search for another probe image: the next, the next of a class, the next mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from cnnstudio.data.datasets import Images
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError
from cnnstudio.network import Network
from cnnstudio.ui.document.reasons import no_weights
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.menu.command import Command
from cnnstudio.ui.parts.background import Background
from cnnstudio.ui.training.worker import give_way

ANY, WRONG = -1, -2
"""What is searched for, beside the number of a class: every image, or one taken for another."""

CHUNK = 64
"""Images that are looked at together for the next mistake."""

LOOK_INTERVAL = 15
"""Milliseconds between two looks after the search for a mistake."""


class ProbeSearch(QObject):
    """Goes on from the present probe in its set, and round at the ends.

    The next mistake of the present weights is looked for in a thread, until another search begins,
    or the network or the probe are no longer those that it began with.
    """

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._scan: _Scan | None = None
        self._jobs: list[Background[NDArray[np.intp]]] = []  # also of those given up
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)
        for signal in (session.restarted, session.network_changed, session.probe_changed):
            signal.connect(self._give_up)

    @property
    def busy(self) -> bool:
        """Whether the next mistake is being looked for."""
        return self._scan is not None

    def go(self, step: int, wanted: int = ANY) -> None:
        """Show the image after (1) or before (-1) the probe that is `wanted`."""
        probe, session = self._session.probe, self._session
        self._give_up()
        if probe is None:
            return
        if wanted == ANY:
            session.set_probe(probe.index + step, probe.origin)
            return
        try:
            images = session.images(probe.origin)
        except DataError:
            return
        order = places_after(probe.index, step, len(images))
        if wanted == WRONG:
            self._search_wrong(images, order, probe.origin)
        else:
            found = order[images.labels[order] == wanted][:1]
            self._take(found, wanted, probe.origin, len(images))

    def go_to_same(self) -> None:
        """Show the next image with the label of the present one."""
        probe = self._session.probe
        if probe is not None and probe.label is not None:
            self.go(1, probe.label)

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes that can be searched for."""
        data = self._session.dataset
        return data.class_names if data is not None and self._session.probe is not None else ()

    def stop(self) -> None:
        """Give up and wait for the threads, as on closing."""
        self._give_up()
        for job in self._jobs:
            job.join()
        self._jobs = []

    def _search_wrong(self, images: Images, order: NDArray[np.intp], origin: str) -> None:
        session = self._session
        if session.model is None:
            session.noticed.emit(Notice(no_weights(session), until="next step"))
            return
        known = session.predictor.of(origin)
        if known is not None and session.predictor.is_fresh(origin):
            wrong = np.zeros(known.total, bool)
            wrong[known.indices[known.wrong]] = True
            self._take(order[wrong[order]][:1], WRONG, origin, len(images))
            return
        weights = session.model.state.copy()
        self._scan = _Scan(session.network, weights, images, order, origin)
        self._jobs = [*(job for job in self._jobs if not job.done), self._scan.job]
        self._timer.start()

    def _look(self) -> None:
        scan = self._scan
        if scan is None:
            self._timer.stop()
        elif scan.job.done:
            self._give_up()
            if scan.job.failure is not None:
                self._tell(scan.job.failure.sentence, "error")
            elif scan.job.result is not None:
                self._take(scan.job.result, WRONG, scan.origin, scan.count)

    def _take(self, found: NDArray[np.intp], wanted: int, origin: str, count: int) -> None:
        if len(found):
            self._session.set_probe(int(found[0]), origin)
            return
        what = "mistake" if wanted == WRONG else f"other image of {self.class_names[wanted]}"
        self._tell(f"There is no {what} among the {count:,} {origin} images.", "info")

    def _tell(self, words: str, severity: str) -> None:
        self._session.noticed.emit(Notice(words, severity=severity, until="other picture"))

    def _give_up(self) -> None:
        if self._scan is not None:
            self._scan.given_up = True
        self._scan = None
        self._timer.stop()


def probe_handlers(search: ProbeSearch) -> dict[str, Callable[[], object]]:
    """What the actions of the window do."""
    return {
        "probe_next": partial(search.go, 1),
        "probe_previous": partial(search.go, -1),
        "probe_same": search.go_to_same,
        "probe_wrong": partial(search.go, 1, WRONG),
    }


def probe_commands(search: ProbeSearch) -> Iterator[Command]:
    """The next image of each class, for the list of all commands."""
    for label, name in enumerate(search.class_names):
        run = partial(search.go, 1, label)
        yield Command(f"Probe image: next {name}", run, f"The next image with the label {name}.")


def places_after(index: int, step: int, count: int) -> NDArray[np.intp]:
    """All places in the order in which they follow `index`; it comes last itself."""
    return np.asarray((index + step * np.arange(1, count + 1)) % count, np.intp)


class _Scan:
    """A thread that looks at images in an order until one is taken for another class."""

    def __init__(
        self,
        network: Network,
        weights: NDArray[np.floating],
        images: Images,
        order: NDArray[np.intp],
        origin: str,
    ) -> None:
        self.origin, self.count, self.given_up = origin, len(images), False
        self.job: Background[NDArray[np.intp]] = Background(
            partial(self._work, network, weights, images, order)
        )

    def _work(
        self,
        network: Network,
        weights: NDArray[np.floating],
        images: Images,
        order: NDArray[np.intp],
    ) -> NDArray[np.intp]:
        give_way()
        model = Model(network)
        model.state[...] = weights
        for start in range(0, len(order), CHUNK):
            if self.given_up:
                break
            part = order[start : start + CHUNK]
            labels = images.labels[part]
            model.check_labels(labels, len(part))
            wrong = model.forward(images.pixels[part]).argmax(axis=1) != labels
            if wrong.any():
                return np.asarray(part[wrong][:1])
        return order[:0]
