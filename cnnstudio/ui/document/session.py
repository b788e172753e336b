"""The window's state: document, history, selection, weights and the training run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from cnnstudio.network.project_file import Project
from cnnstudio.ui.document.sheet import Sheet
from cnnstudio.ui.document.snapshot import Snapshot
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.predictions.predictions import Key, Predictions, Predictor, Question
from cnnstudio.ui.training.steering import Steering

__all__ = ["Notice", "Session"]


class Session(Steering):
    """The one state that all parts of the window show; they change it only through its methods.

    The document and its edits are in `Edits`, the pictures and maps in `Views`, the training run
    in `Steering`; here are the file and what the weights make of the labelled images.
    """

    predictions_changed = Signal()
    """What the weights make of the labelled images is known, or no longer; see `predictor`."""

    def __init__(self, project: Project, *, threads: int, parent: QObject | None = None) -> None:
        super().__init__(parent, threads)
        self.predictor = Predictor(self._question, self._run_is_watched)
        self._run.predicted.connect(self._take_predictions)
        self.predictor.changed.connect(self.predictions_changed)
        self.network_changed.connect(self.predictor.forget)
        self.moment_changed.connect(self._forget_the_past)
        self.restart(project, None)

    # ---- the document

    @property
    def modified(self) -> bool:
        """Whether there is something that is not in the file."""
        return self._sheet.modified

    @property
    def weights_left_out(self) -> bool:
        """Whether there are trained weights and the document's file is a .json, without them."""
        return self.trained and self.path is not None and self.path.suffix.lower() == ".json"

    def restart(self, project: Project, path: Path | None, *, saved: bool = True) -> None:
        """Show another document; the one before is given up, so ask first.

        `saved` is False for one that is in no file of the person's, such as a recovered one.
        """
        self._show_sheet(Sheet(project, path, saved=saved))

    def project(self, preview: bytes | None = None, name: str = "") -> Project:
        """The document as it is written to a file; `name` instead of its present title."""
        return self.snapshot().project(preview, name)

    def snapshot(self) -> Snapshot:
        """The document as it is now, for another thread to write."""
        return self._sheet.snapshot()

    def saved_as(self, path: Path) -> None:
        """Remember that the present state is in the file at `path`, a .json without its weights."""
        self._sheet.saved_as(path)
        self.file_changed.emit()

    # ---- what the weights make of the labelled images

    @property
    def predictions(self) -> Predictions | None:
        """The newest that is known for the images kept aside; see `predictor` for more."""
        return self.predictor.of("validation")

    def ask_predictions(self, of: str) -> None:
        """Have what the present weights make of a set reckoned; whoever is seen may ask often."""
        if of == "validation" and self._run_is_watched() and not self.editing_copy:
            self._run.request_predictions()
        else:
            self.predictor.ask(of)

    def end_run(self, patience: float) -> bool:
        """Stop, and wait so many seconds for the present step; whether the run has ended."""
        self._send_changes()
        return self._run.end(patience)

    def shut_down(self) -> bool:
        """Stop the run and wait for its thread, as on closing; whether it has ended."""
        self._preparation.stop()
        self._viewer.abandon()
        self.predictor.shut_down()
        return self._run.end()

    # ---- inside

    def _view_network(self) -> None:
        super()._view_network()
        self.predictor.forget()

    def _question(self, of: str) -> Question | None:
        """What would have to be reckoned to know the predictions for a set now."""
        if self.model is None or self.dataset is None:
            return None
        key = Key(self._viewer.version, id(self.dataset), self.recipe.validation)
        images = partial(self.images, of)
        return Question(of, key, self.network, self._viewer.weights, images, self.position)

    def _run_is_watched(self) -> bool:
        """Whether what is shown are the weights of a run that goes on."""
        return self.training == "running" and self.moment is None

    def _forget_the_past(self) -> None:
        """What belongs to weights of the past is not shown for the present."""
        if self.moment is None:
            self.predictor.forget()

    def _take_predictions(self, predictions: Predictions) -> None:
        """Take what the run tells, unless another document is shown, or the past."""
        if not self.editing_copy and self.moment is None:
            self.predictor.take(predictions)
