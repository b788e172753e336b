"""Closing the window while a network is trained: the question, and the wait for the last step."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.question import Answer

PATIENCE = 1.0
"""Seconds that the window stands still for the present step, or the validation, to end."""


class Closing(QObject):
    """Ends the run of `session` when `window` is to be closed.

    A step that takes longer than the window can wait for comes to its end beside it; then it closes
    by itself.
    """

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._waits = False
        session.training_changed.connect(self._look)

    def end_run(self) -> bool:
        """Whether no run goes on any more, when the person says so."""
        waited, self._waits = self._waits, False
        if self._session.training == "idle":
            return True
        if not waited and not self._is_wanted():
            return False
        if self._session.end_run(PATIENCE):
            return True
        self._waits = True
        words = "The present step of the training is still being finished; then the window closes."
        self._session.noticed.emit(Notice(words, severity="info", until="end of run"))
        return False

    def _is_wanted(self) -> bool:
        answer = question.ask(
            self._window,
            "Stop the training?",
            "Training is going on. The network keeps what it has learned so far.",
            {Answer.Yes: "Stop and close", Answer.No: "Go on training"},
            Answer.Yes,
        )
        return answer == Answer.Yes

    def _look(self) -> None:
        """Close when the run has ended, after all others have heard of it."""
        if self._waits and self._session.training == "idle":
            QTimer.singleShot(0, self._window, self._window.close)
