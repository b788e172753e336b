"""The bar that offers to go on with a run that ended with its window, or that was stopped."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMessageBox

from cnnstudio.engine import checkpoint
from cnnstudio.engine.checkpoint import Checkpoint
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.parts.background import Background
from cnnstudio.ui.parts.tinted_bar import TintedBar
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training import run_folders
from cnnstudio.ui.training.run_folders import Unfinished

LOOK_INTERVAL = 50
"""Milliseconds between two looks at a checkpoint that is being read."""

LONGEST_TITLE = 40
"""Letters of a title that are shown."""


class RunBar(TintedBar):
    """Asks about one run at a time: continue it, discard it, or later.

    A run that a crash ended is offered whatever is open; one that was stopped only with its own
    document. While something is trained nothing is offered.
    """

    def __init__(self, session: Session, documents: Documents, themes: ThemeManager) -> None:
        super().__init__(themes, "train")
        self.setObjectName("runBar")
        self._session, self._documents = session, documents
        self._runs: list[Unfinished] = []
        self._later: set[str] = set()
        self._job: Background[Checkpoint | None] | None = None
        self._loaded: Checkpoint | None = None
        self.run: Unfinished | None = None
        """The run that is offered; None while there is none."""
        self.go = self.add_button("Continue", self._continue)
        self.discard = self.add_button("Discard…", self._ask_discard)
        self.later = self.add_button("Not now", self._put_off)
        self.later.setToolTip("It is offered again at the next start")
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look_at_job)
        session.restarted.connect(self._choose)
        session.training_changed.connect(self._take_training)

    def look(self) -> None:
        """Offer what was left behind, if anything."""
        self._runs = list(run_folders.unfinished())
        self._choose()

    def close_and_wait(self) -> None:
        """Wait for a checkpoint that is being read, and do nothing with it."""
        self._timer.stop()
        if self._job is not None:
            self._job.join()
            self._job = None

    def _choose(self) -> None:
        """Offer the run of the present document, else one that a crash ended."""
        if self._job is not None or self._loaded is not None:
            return
        left = [run for run in self._runs if run.folder.name not in self._later]
        own = [run for run in left if run.belongs_to(self._session.snapshot().untrained())]
        crashed = [run for run in left if not run.stopped]
        self.run = next(iter((*own, *crashed)), None)
        if self.run is None or self._session.training != "idle":
            self.hide()
            return
        name = f"“{_short(self.run.title)}”"
        for button, verb in ((self.go, "Continue"), (self.discard, "Discard")):
            button.setEnabled(True)
            button.setAccessibleName(f"{verb} the training of {name}")
        self.show_words(_question(self.run))

    def _take_training(self) -> None:
        """While something is trained nothing is offered."""
        if self._session.training == "idle":
            self._choose()
        else:
            self.hide()

    def _continue(self) -> None:
        """Read the checkpoint in a thread; when it is there, go on with it."""
        run = self.run
        if run is None or self._job is not None:
            return
        self.go.setEnabled(False)
        self.discard.setEnabled(False)
        self._job = Background(partial(checkpoint.load, run.folder))
        self._timer.start()

    def _look_at_job(self) -> None:
        """Go on when the checkpoint is there and, after it has brought its document, the data."""
        job, run = self._job, self.run
        if run is None or (job is not None and not job.done):
            return
        if job is not None:
            self._job = None
            self._loaded = job.result
            if self._loaded is None or not self._open_document(run, self._loaded):
                self._end(job.failure.sentence if job.failure else "")
                return
        if self._loaded is not None:
            self._go_on(run, self._loaded)

    def _go_on(self, run: Unfinished, found: Checkpoint) -> None:
        """Continue when the pictures are there; not when they never will be."""
        session, project = self._session, found.run.project
        if (session.network, session.data_name) != (project.network, project.data):
            self._end("")  # another document was opened meanwhile
        elif session.data_failure:
            self._end(session.data_failure)
        elif session.dataset is not None:
            self._loaded = None
            self._timer.stop()
            self._forget(run)
            session.continue_run(run, found)

    def _open_document(self, run: Unfinished, found: Checkpoint) -> bool:
        """Show the document of the run, unless it is there; whether it is."""
        if run.belongs_to(self._session.snapshot().untrained()):
            return True
        project = found.run.project
        return self._documents.show_recovered(project, run.origin, run.written)

    def _end(self, sentence: str) -> None:
        self._timer.stop()
        self._loaded = None
        if sentence:
            words = f"The run of “{self.run.title if self.run else ''}” cannot be continued. "
            self._session.noticed.emit(Notice(words + sentence))
        self._choose()

    def _ask_discard(self) -> None:
        run = self.run
        if run is None:
            return
        answer = QMessageBox.question(
            self,
            "Discard the run?",
            f"What “{_short(run.title)}” had learned in it cannot be brought back after that, "
            "unless it is saved in a file.",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        if answer != QMessageBox.StandardButton.Discard:
            return
        try:
            run_folders.discard(run)
        except OSError as error:
            words = f"The run cannot be removed: {error.strerror or error}."
            self._session.noticed.emit(Notice(words, str(run.folder)))
            return
        self._forget(run)

    def _put_off(self) -> None:
        if self.run is not None:
            self._later.add(self.run.folder.name)
            self._choose()

    def _forget(self, run: Unfinished) -> None:
        self._runs = [each for each in self._runs if each.folder != run.folder]
        self._choose()


def _question(run: Unfinished) -> str:
    """Such as: Training "Lecture net" was interrupted at 14:05. Continue from epoch 3 of 10?"""
    how = "stopped" if run.stopped else "interrupted"
    at = run.written
    when = f"at {at:%H:%M}"
    if at.date() != date.today():
        when = f"on {at.day} {at:%B %Y} {when}"
    where = f" from epoch {run.epoch:,} of {run.epochs:,}" if run.epoch else ""
    return f"Training “{_short(run.title)}” was {how} {when}. Continue{where}?"


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"
