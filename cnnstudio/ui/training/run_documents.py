"""Which document is which, while a run has one and perhaps another is edited."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import Progress
from cnnstudio.network import Network
from cnnstudio.ui.document.edits import TRAINING
from cnnstudio.ui.document.sheet import Sheet
from cnnstudio.ui.frame.notice import Notice, Offer
from cnnstudio.ui.training.learned import Learned
from cnnstudio.ui.training.training_run import TrainingRun


class RunDocuments(Learned):
    """The document that is shown, and the one that was put aside; one of them is the run's.

    While a run goes on its document is locked, but for what may be changed while it runs. A copy
    of it may be edited meanwhile: then `aside` is the run's document.
    """

    progress_changed = Signal()
    training_changed = Signal()
    diagnosis_changed = Signal()
    """A look has been taken, see `diagnosis` and `norms`; at most once a second."""
    changes_changed = Signal()
    """A setting was changed while the run went on; see `changes`."""
    aside_changed = Signal()
    """A document was put aside, or came back; see `aside`."""
    restarted = Signal()
    """Another document has taken the place of the one before; comes last."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._progress: Progress | None = None
        self._progress_of: Network | None = None
        self.aside: Sheet | None = None
        self._run_sheet: Sheet | None = None
        self._run = TrainingRun(self)

    @property
    def progress(self) -> Progress | None:
        """The last step of the run that goes on, or of the one that trained the network shown."""
        if self.training == "idle" and self.network != self._progress_of:
            return None
        return self._progress

    @progress.setter
    def progress(self, progress: Progress | None) -> None:
        self._progress, self._progress_of = progress, (self._run_sheet or self._sheet).network

    @property
    def kept_epoch(self) -> int | None:
        """The epoch whose weights a run with a patience has kept at its end; None of others."""
        progress = self.progress
        return progress.best_epoch if progress is not None and self.training == "idle" else None

    @property
    def position(self) -> float:
        """Where in its training the network is that is shown, in epochs."""
        if self.moment is not None:
            return self.moment.position
        if self.kept_epoch is not None:
            return float(self.kept_epoch)
        end = float(self.curve.epoch[-1]) if len(self.curve) else 0.0
        return max(end, self.epochs[-1].epoch) if self.epochs else end

    @property
    def training(self) -> str:
        """The state of the run: ``idle``, ``running`` or ``paused``."""
        return self._run.state

    @property
    def editing_copy(self) -> bool:
        """Whether the run's document is aside, and what is shown may be edited."""
        return self.aside is not None and self.aside is self._run_sheet

    @property
    def kinship(self) -> str:
        """What is shown is to the document aside: its ``copy``, its ``original``, or nothing."""
        if self.aside is None or self.aside.kin is not self._sheet.kin:
            return ""
        return "copy" if self._sheet.generation > self.aside.generation else "original"

    @property
    def locked(self) -> bool:
        """Whether a training run of the document goes on or is paused, so that it cannot be edited.

        What may be changed all the same while it runs is in `engine.changes.LIVE`.
        """
        return self.training != "idle" and not self.editing_copy

    @property
    def run_title(self) -> str:
        """What the document of the run, or of the last one, is called."""
        return (self._run_sheet or self._sheet).title

    def edit_copy(self) -> None:
        """Go on editing in a copy, while the run goes on with its own document."""
        if not self.locked:
            return
        copy = self.aside or self._sheet.copy()
        self.aside = self._sheet
        self._show_sheet(copy)

    def show_aside(self) -> None:
        """Show the document that was put aside, and put this one aside."""
        if self.aside is not None:
            sheet, self.aside = self.aside, self._sheet
            self._show_sheet(sheet)

    def drop_aside(self) -> None:
        """Give the document up that was put aside, unless it is being trained; ask first."""
        if self.aside is not None and (self.training == "idle" or not self.editing_copy):
            self.aside = None
            self.aside_changed.emit()

    def branch(self, snapshot: Snapshot) -> bool:
        """Begin a copy of the document with the weights of `snapshot`; whether there is one now.

        The present document is put aside.
        """
        result = self._sheet.result
        if self.training != "idle" or self.aside is not None or result is None:
            words = "Training is going on: stop it first."
            if self.training == "idle":
                words = "A copy is open already: close it first."
            self.noticed.emit(Notice(words))
            return False
        copy = self._sheet.copy(f"{self._sheet.title} from epoch {snapshot.position:.2f}")
        copy.results.keep(copy.network, result.until(snapshot))
        self.aside = self._sheet
        self._show_sheet(copy)
        return True

    def _show_sheet(self, sheet: Sheet) -> None:
        """Make `sheet` the document that is shown."""
        self._sheet = sheet
        if self.training == "idle" and sheet is not self._run_sheet:
            self.progress = None
        self._network_replaced()
        for signal in (
            self.selection_changed,
            self.recipe_changed,
            self.progress_changed,
            self.changes_changed,
            self.diagnosis_changed,
            self.file_changed,
            self.aside_changed,
        ):
            signal.emit()
        if self.training != "idle":
            self.training_changed.emit()
        self.restarted.emit()

    def _refuse_when_locked(self) -> bool:
        if self.locked:
            offer = Offer("Edit a copy", self.edit_copy)
            self.noticed.emit(Notice(TRAINING, severity="info", offers=(offer,), until="unlocked"))
        return self.locked
