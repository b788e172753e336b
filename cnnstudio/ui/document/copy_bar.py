"""The bar that says which document is which, while two are open: the run's, and a copy of it."""

from __future__ import annotations

from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.parts.tinted_bar import TintedBar
from cnnstudio.ui.theme import ThemeManager

WORDS_INTERVAL = 500
"""Milliseconds between two states of the words."""

LONGEST_TITLE, SHORT_TITLE = 32, 14
"""Letters of a title that are shown, and on a button."""


class CopyBar(TintedBar):
    """Shown while a document is aside: what it is, with the way to it, and how to close it."""

    def __init__(self, session: Session, documents: Documents, themes: ThemeManager) -> None:
        super().__init__(themes, "copy")
        self.setObjectName("copyBar")
        self._session, self._documents = session, documents
        self.go = self.add_button("Show", session.show_aside)
        self.stop = self.add_button("Stop training", session.stop)
        self.drop = self.add_button("Close", documents.close_aside)
        for signal in (session.aside_changed, session.training_changed, session.file_changed):
            signal.connect(self._show)
        session.progress_changed.connect(Throttle(self._show, WORDS_INTERVAL, self).ask)
        self._show()

    def _show(self) -> None:
        session, aside = self._session, self._session.aside
        if aside is None:
            self.hide()
            return
        going, copying = session.training != "idle", session.editing_copy
        self.go.setText(self._go_words())
        self.go.setAccessibleName(f"{self._go_words()}: {aside.title}")
        self.stop.setVisible(going and copying)
        self.drop.setVisible(not (going and copying))
        self.drop.setText(f"Close {_quoted(aside.title, SHORT_TITLE)}")
        self.drop.setAccessibleName(f"Close {aside.title}")
        self.show_words(self._sentence())

    def _go_words(self) -> str:
        session = self._session
        if not session.editing_copy:
            return "Show the copy"
        return "Show the training" if session.training != "idle" else "Open the trained network"

    def _sentence(self) -> str:
        session, aside = self._session, self._session.aside
        assert aside is not None
        name = _quoted(aside.title)
        if session.editing_copy and session.training != "idle":
            goes_on = "goes on" if session.training == "running" else "is paused"
            return f"Training {name}{self._epoch()} {goes_on}; you edit a copy."
        if session.editing_copy:
            return f"{name} is trained; you edit a copy of it."
        if session.locked:
            return f"This is the network in training; {name} is kept beside it."
        return f"{name} is open beside this."

    def _epoch(self) -> str:
        progress = self._session.progress
        return f" (epoch {progress.epoch:,} of {progress.epochs:,})" if progress else ""


def _quoted(title: str, longest: int = LONGEST_TITLE) -> str:
    return f"“{title if len(title) <= longest else title[:longest] + '…'}”"
