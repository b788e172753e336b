"""The window's state: document, history, selection, weights and the training run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from cnnstudio.blocks import Block
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import EpochResult, Progress
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import History, Network, Recipe, Repair, Report, check, inner
from cnnstudio.network.project_file import Project
from cnnstudio.ui import readiness
from cnnstudio.ui.curve import Curve
from cnnstudio.ui.probe import Probe, Viewer, too_large
from cnnstudio.ui.results import Result, Results, result_of
from cnnstudio.ui.snapshot import Snapshot
from cnnstudio.ui.training_run import TrainingRun
from cnnstudio.ui.worker import Failure, Job

PREPARE_INTERVAL = 150
"""Milliseconds without an edit before the weights of a large network are drawn in a thread."""

TRAINING = "Training is going on: stop it to change the network."
"""Why nothing can be edited."""


class Document(NamedTuple):
    """What undo and redo bring back."""

    network: Network
    recipe: Recipe


@dataclass(frozen=True)
class Notice:
    """A sentence for the bar in the window; `details` is for copying."""

    sentence: str
    details: str = ""
    severity: str = "error"


class Session(QObject):
    """The one state that all parts of the window show; they change it only through its methods.

    `activations` holds one array for each block from the input on, ``(C, H, W)`` or ``(units,)``,
    for the probe image; it ends before the first block that does not fit, and is empty until the
    pictures are loaded. `probabilities` is the softmax of the output, or None.
    """

    network_changed = Signal()
    selection_changed = Signal()
    weights_changed = Signal()
    progress_changed = Signal()
    training_changed = Signal()
    recipe_changed = Signal()
    probe_changed = Signal()
    file_changed = Signal()
    restarted = Signal()
    """Another document has taken the place of the one before; comes last."""
    repairs_asked = Signal(int)
    """All repairs of the block at this place are asked for."""
    noticed = Signal(object)

    def __init__(self, project: Project, *, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.threads = threads
        self.dataset: Dataset | None = None
        self.selection: tuple[int, ...] = ()
        self.inner: inner.Path | None = None
        """The selected block inside another one, which then is the selection; see `inner.Path`."""
        self.progress: Progress | None = None
        self._viewer = Viewer()
        self._run = TrainingRun(self)
        self._run.state_changed.connect(self._tell_state)
        self._run.stepped.connect(self._take_steps)
        self._run.weights_came.connect(self._take_weights)
        self._run.failed.connect(self._tell_failure)
        self._preparation = QTimer(self)
        self._preparation.setInterval(PREPARE_INTERVAL)
        self._preparation.timeout.connect(self._prepare)
        self.restart(project, None)

    # ---- the document

    @property
    def network(self) -> Network:
        """The present network."""
        return self.history.document.network

    @property
    def recipe(self) -> Recipe:
        """The present training recipe."""
        return self.history.document.recipe

    @property
    def classes(self) -> int | None:
        """How many classes the data has; None until it is loaded."""
        return len(self.dataset.class_names) if self.dataset else None

    @property
    def locked(self) -> bool:
        """Whether a training run goes on or is paused, so that nothing may be edited."""
        return self.training != "idle"

    @property
    def modified(self) -> bool:
        """Whether there is something that is not in the file."""
        return (self.history.document, self._result) != self._saved

    def restart(self, project: Project, path: Path | None, *, saved: bool = True) -> None:
        """Show another document; the one before is given up, so ask first.

        `saved` is False for one that is in no file of the person's, such as a recovered one.
        """
        result = result_of(project)
        self.path = path
        self.title = path.stem if path else project.name or "Untitled network"
        self.selection, self.inner = (), None
        self._opened = project
        self.history: History[Document] = History.start(Document(project.network, project.recipe))
        self._results = Results()
        if result is not None:
            self._results.keep(project.network, result)
        self._saved = (self.history.document, self._result) if saved else None
        self.progress = None
        self._network_replaced()
        self.recipe_changed.emit()
        self.progress_changed.emit()
        self.file_changed.emit()
        self.restarted.emit()

    def project(self, preview: bytes | None = None, name: str = "") -> Project:
        """The document as it is written to a file; `name` instead of its present title."""
        return self.snapshot().project(preview, name)

    def snapshot(self) -> Snapshot:
        """The document as it is now, for another thread to write."""
        return Snapshot(
            self._opened, self.network, self.recipe, self._result, self.path, self.title
        )

    def saved_as(self, path: Path) -> None:
        """Remember that the present state is in the file at `path`, a .json without its weights."""
        self.path, self.title = path, path.stem
        kept = None if path.suffix.lower() == ".json" else self._result
        self._saved = (self.history.document, kept)
        self.file_changed.emit()

    # ---- edits

    def insert(self, index: int, *blocks: Block, verb: str = "Insert") -> None:
        """Put `blocks` at place `index` and select them; `verb` begins the name of the step."""
        title = blocks[0].title if len(blocks) == 1 else f"{len(blocks)} blocks"
        places = tuple(range(index, index + len(blocks)))
        self._edit(lambda: self.network.insert(index, *blocks), f"{verb} {title}", places)

    def remove(self, indices: Iterable[int]) -> None:
        """Take the blocks at `indices` out; the Input stays."""
        places = sorted(set(indices) - {0})
        if places:
            next_to = min(places[0], len(self.network) - len(places) - 1)
            selection = (next_to,) if next_to > 0 else ()
            self._edit(
                lambda: self.network.remove(*places), f"Delete {self._called(places)}", selection
            )

    def move(self, indices: Iterable[int], index: int) -> None:
        """Move the blocks at `indices` to where `index` is in the present network."""
        places = sorted(set(indices) - {0})
        if places:
            start = index - sum(1 for place in places if place < index)
            selection = tuple(range(start, start + len(places)))
            self._edit(
                lambda: self.network.move(places, index), f"Move {self._called(places)}", selection
            )

    def insert_inner(self, path: inner.Path, *blocks: Block, verb: str = "Insert") -> None:
        """Put `blocks` before `path` in the row of a block, and select the first."""
        words = inner.insert_words(self.network, path, blocks, verb)
        self._edit(lambda: inner.insert(self.network, path, *blocks), words, path[:1], path)

    def replace_inner(
        self, path: inner.Path, block: Block, words: str, *, merge: bool = False
    ) -> None:
        """Put `block` in place of the one at `path`; `merge` joins it to the gesture before."""
        self._edit(lambda: inner.replace(self.network, path, block), words, None, merge=merge)

    def move_to(self, paths: Collection[inner.Path], target: inner.Path) -> None:
        """Move blocks of any rows before `target` in any row, and select the first of them."""
        if all(len(path) == 1 for path in (*paths, target)):
            self.move((path[0] for path in paths), target[0])
        elif paths:
            words = inner.move_words(self.network, paths, target)
            place = inner.landing(paths, target)
            selection = (
                (place[0],) if len(place) > 1 else tuple(range(place[0], place[0] + len(paths)))
            )
            self._edit(
                lambda: inner.move(self.network, paths, target),
                words,
                selection,
                place if len(place) > 1 else None,
            )

    def remove_selected(self) -> None:
        """Take out the selected inner block, or the selected blocks; the Input stays."""
        path = self.inner
        if path is None:
            self.remove(self.selection)
            return
        left = len(inner.row_at(self.network, path)) - 1
        next_to = (*path[:-1], min(path[-1], left - 1)) if left else path[:-2]
        self._edit(
            lambda: inner.remove(self.network, path),
            f"Delete {inner.full_name(self.network, path)}",
            path[:1],
            next_to if len(next_to) > 1 else None,
        )

    def replace(self, index: int, block: Block, words: str, *, merge: bool = False) -> None:
        """Put `block` in place of the one at `index`; `merge` joins it to the gesture before."""
        self._edit(lambda: self.network.replace(index, block), words, None, merge=merge)

    def apply(self, network: Network, words: str, *, merge: bool = False) -> None:
        """Make `network` the document, as the step called `words`."""
        self._edit(lambda: network, words, None, merge=merge)

    def repair(self, repair: Repair) -> None:
        """Apply a repair that `report` offers, and select what was repaired."""
        words = f"Repair {self.network.names[repair.place]}: {repair.change}"
        place = repair.places(self.network)[repair.place]
        selection = (repair.index,) if place is None else (place,)
        self._edit(lambda: repair.apply(self.network), words, selection)

    def ask_repairs(self, index: int) -> None:
        """Ask for all repairs of the block at `index` with what they lead to."""
        if not self._refuse_when_locked():
            self.repairs_asked.emit(index)

    def set_recipe(self, recipe: Recipe, *, merge: bool = False) -> None:
        """Train by `recipe` from now on."""
        if not self._refuse_when_locked():
            self._record(Document(self.network, recipe), "Change the recipe", merge=merge)

    def undo(self) -> None:
        """One step back."""
        self.travel(-1)

    def redo(self) -> None:
        """One step forward."""
        self.travel(1)

    def travel(self, steps: int) -> None:
        """So many steps forward at once, or back where `steps` is negative."""
        if not self._refuse_when_locked():
            self._travel(self.history.travel(steps))

    def select(self, indices: Iterable[int]) -> None:
        """Select the blocks at `indices`."""
        self._choose(tuple(sorted({i for i in indices if 0 <= i < len(self.network)})), None)

    def select_inner(self, path: inner.Path) -> None:
        """Select the block at `path` inside another one; a path of one number is a block itself."""
        if inner.exists(self.network, path):
            self._choose(path[:1], path if len(path) > 1 else None)

    def _choose(self, selection: tuple[int, ...], path: inner.Path | None) -> None:
        if (selection, path) != (self.selection, self.inner):
            self.selection, self.inner = selection, path
            self.selection_changed.emit()

    @property
    def selected_blocks(self) -> tuple[Block, ...]:
        """The inner block that is selected, or the selected blocks of the network."""
        if self.inner is not None:
            return (inner.block_at(self.network, self.inner),)
        return tuple(self.network.blocks[index] for index in self.selection)

    def preview(self, network: Network) -> Report:
        """What `network` would come to, without making it the document."""
        return check(network, self.classes)

    # ---- pictures and weights

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
    def epochs(self) -> tuple[EpochResult, ...]:
        """What each finished epoch of the present weights came to."""
        return self._result.epochs if self._result else ()

    @property
    def curve(self) -> Curve:
        """The curve of the steps that made the present weights."""
        return self._result.curve if self._result else Curve()

    @property
    def trained(self) -> bool:
        """Whether the present weights have been trained; otherwise they are random."""
        return self._result is not None

    @property
    def data_name(self) -> str:
        """The data set that the document is trained on: a name, or a folder."""
        return self._opened.data

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Take the pictures that have been loaded, or None while others are on their way."""
        self.dataset = dataset
        self.report = check(self.network, self.classes)
        self._viewer.show(Probe.of(dataset, 0) if dataset else None)
        self.probe_changed.emit()
        self.network_changed.emit()
        self.weights_changed.emit()

    def set_probe(self, index: int) -> None:
        """Show the maps for test image `index`; beyond the ends it goes round."""
        if self.dataset is not None:
            self._viewer.show(Probe.of(self.dataset, index % len(self.dataset.test)))
            self.probe_changed.emit()
            self.weights_changed.emit()

    def set_probe_picture(self, pixels: np.ndarray) -> None:
        """Show the maps for a drawn picture, uint8 of the input's ``(C, H, W)``.

        `set_probe` goes back to the test images; before the data is loaded nothing is shown.
        """
        probe = self._viewer.probe
        if probe is not None:
            self._viewer.show(probe.redrawn(pixels))
            self.probe_changed.emit()
            self.weights_changed.emit()

    def start_over(self) -> None:
        """Give the trained weights up and go back to random ones."""
        if not self._refuse_when_locked() and self.trained:
            self._results.forget(self.network)
            self.progress = None
            self._show_weights()
            self.progress_changed.emit()
            self.file_changed.emit()

    # ---- training

    @property
    def train_refusal(self) -> str | None:
        """Why training cannot start, in one sentence; None when it can."""
        if self.dataset is None:
            return f"The pictures of {self.data_name} are not loaded."
        reason = readiness.refusal(self.network, self.report, self.dataset)
        if reason is not None:
            return reason
        if self._viewer.pending:
            return "The network is large: its random weights are still being drawn."
        if self._viewer.failure is not None:
            return _not_drawn(self._viewer.failure)
        return too_large(self.report)

    @property
    def training(self) -> str:
        """The state of the run: ``idle``, ``running`` or ``paused``."""
        return self._run.state

    def train(self) -> None:
        """Start training from the present weights, or go on when paused."""
        if self.training == "idle":
            self._start(paused=False)
        else:
            self._run.resume()

    def pause(self) -> None:
        """Wait after the present step."""
        self._run.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._run.resume()

    def step(self) -> None:
        """Train one batch, then be paused."""
        if self.training == "idle":
            self._start(paused=True)
        self._run.step()

    def stop(self) -> None:
        """End the run after the present step and keep what was learned."""
        self._run.stop()

    def shut_down(self) -> bool:
        """Stop the run and wait for its thread, as on closing; whether it has ended."""
        self._preparation.stop()
        self._viewer.abandon()
        return self._run.shut_down()

    # ---- inside

    @property
    def _result(self) -> Result | None:
        return self._results.of(self.network)

    def _called(self, places: list[int]) -> str:
        return self.network.names[places[0]] if len(places) == 1 else f"{len(places)} blocks"

    def _refuse_when_locked(self) -> bool:
        if self.locked:
            self.noticed.emit(Notice(TRAINING))
        return self.locked

    def _edit(
        self,
        make: Callable[[], Network],
        words: str,
        selection: tuple[int, ...] | None,
        path: inner.Path | None = None,
        *,
        merge: bool = False,
    ) -> None:
        if self._refuse_when_locked():
            return
        try:
            network = make()
        except CnnStudioError as error:
            self.noticed.emit(Notice(str(error)))
            return
        if selection is not None:
            self.selection, self.inner = selection, path
        self._record(Document(network, self.recipe), words, merge=merge)
        if selection is not None:
            self.selection_changed.emit()

    def _record(self, document: Document, words: str, *, merge: bool) -> None:
        self._travel(self.history.record(document, words, merge=merge))

    def _travel(self, history: History[Document]) -> None:
        """Go to the document of `history`, telling only what has changed."""
        before, self.history = self.history.document, history
        if history.document.network != before.network:
            self._network_replaced()
        elif history.document.recipe.seed != before.recipe.seed and not self.trained:
            self._show_weights()
        if history.document.recipe != before.recipe:
            self.recipe_changed.emit()
        self.file_changed.emit()

    def _network_replaced(self) -> None:
        self.report = check(self.network, self.classes)
        known = tuple(i for i in self.selection if i < len(self.network))
        path = self.inner if self.inner and inner.exists(self.network, self.inner) else None
        selection_lost = (known, path) != (self.selection, self.inner)
        self.selection, self.inner = known, path
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
            self.noticed.emit(Notice(_not_drawn(failure), failure.details))

    def _load_result(self) -> None:
        result = self._result
        if result is not None and self.model is not None:
            self._viewer.set_weights(result.weights)

    def _show_weights(self) -> None:
        self._view_network()
        self.weights_changed.emit()

    def _start(self, *, paused: bool) -> None:
        refusal = self.train_refusal
        if refusal is not None or self.dataset is None:
            self.noticed.emit(Notice(refusal or ""))
            return
        result = self._result
        job = Job(
            self.network,
            self.recipe,
            self.dataset,
            self.threads,
            result.weights if result else None,
            len(result.epochs) if result else 0,
        )
        self._run.start(job, paused=paused)

    def _tell_state(self) -> None:
        self.training_changed.emit()
        if self.training == "idle":
            self.file_changed.emit()

    def _tell_failure(self, failure: Failure) -> None:
        self.noticed.emit(Notice(failure.sentence, failure.details))

    def _take_steps(self, steps: tuple[Progress, ...]) -> None:
        result = self._result or Result(self._viewer.weights())
        self._results.keep(self.network, result.after(steps))
        self.progress = steps[-1]
        self.progress_changed.emit()
        if self.progress.ending:
            self.noticed.emit(Notice(self.progress.ending, severity="info"))

    def _take_weights(self, weights: np.ndarray) -> None:
        if self._result is not None:
            self._results.keep(self.network, self._result.with_weights(weights))
            self._viewer.set_weights(weights)
            self.weights_changed.emit()


def _not_drawn(failure: Failure) -> str:
    return f"The weights of the network could not be drawn: {failure.sentence}"
