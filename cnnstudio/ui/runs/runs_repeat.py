"""Runs a kept run again: its document without weights, its recipe, its number of threads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from cnnstudio.engine.environment import differences, present
from cnnstudio.network.project_file import Project
from cnnstudio.runs import reproduction
from cnnstudio.runs.record import KeptRun
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice

LOOK_INTERVAL = 50
"""Milliseconds between two looks whether pictures and weights are there."""


class Repeater(QObject):
    """Opens the document of a run by `show`, and trains it as soon as its pictures are there.

    What it came to is judged by whoever keeps the run that follows, see `RunStart.repeats`.
    """

    def __init__(self, session: Session, show: Callable[[Project], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._show = session, show
        self._waiting: tuple[str, KeptRun, Project] | None = None
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)

    @property
    def waits(self) -> bool:
        """Whether a run is about to be made again."""
        return self._waiting is not None

    def repeat(self, name: str, run: KeptRun) -> None:
        """Make the run called `name` again, or say why that cannot be."""
        refusal = reproduction.refusal(run) or _refusal(name, run)
        if refusal is not None:
            self._session.noticed.emit(Notice(refusal, severity="warning", until="next run"))
            return
        title = f"{run.facts.title}, again"
        project = dataclasses.replace(run.project, weights=None, history=(), changes=(), name=title)
        if self._show(project):
            self._waiting = name, run, project
            self._timer.start()

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._timer.stop()
        self._waiting = None

    def _look(self) -> None:
        """Begin when everything is there; give up when it never will be or another is shown."""
        session = self._session
        if self._waiting is None or session.snapshot().opened is not self._waiting[2]:
            self.stop()
            return
        name, run, _ = self._waiting
        if session.data_failure:
            self.stop()
            words = f"\u201c{run.facts.title}\u201d cannot be made again. {session.data_failure}"
            session.noticed.emit(Notice(words))
        elif session.dataset is not None and not session.preparing:
            self.stop()
            self._tell(run)
            session.repeat(run.facts.environment.threads, name)

    def _tell(self, run: KeptRun) -> None:
        """Say what is not as it was, so that the last bits may differ."""
        before = run.facts.environment
        reasons = differences(before, present(before.threads))
        title, threads = run.facts.title, _threads(before.threads)
        words = f"Making \u201c{title}\u201d again, with {threads} as before."
        severity = "warning" if reasons else "info"
        sentence = " ".join((words, *reasons))
        self._session.noticed.emit(Notice(sentence, severity=severity, until="end of run"))


def _refusal(name: str, run: KeptRun) -> str | None:
    """Why only the command line can make `run` again; None when the window can."""
    limit = run.facts.limit
    if limit is None:
        return None
    return (
        f"This run learned from the first {limit:,} images only, and the window trains with all: "
        f"make it again with cnnstudio runs reproduce {name}"
    )


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count:,} threads"
