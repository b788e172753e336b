"""The bar that says which document is which, while two are open: one, and a copy of it."""

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

_SENTENCES = {
    ("copy", "trained"): "{} is trained; you edit a copy of it.",
    ("copy", "in training"): "This copy is in training; the original {} is kept beside it.",
    ("copy", ""): "This is a copy of {}, which is kept beside it.",
    ("original", "trained"): "{}, a copy of this, is trained.",
    ("original", "in training"): "This is the network in training; {} is a copy of it.",
    ("original", ""): "{}, a copy of this, is open beside it.",
}
"""By what this is to the document aside, and what the run did with one of them."""


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
        self.drop.setText(f"Close {self._aside_words()}")
        self.drop.setAccessibleName(f"Close {aside.title}")
        self.show_words(self._sentence())

    def _go_words(self) -> str:
        session = self._session
        if session.editing_copy and session.training != "idle":
            return "Show the training"
        if session.editing_copy and session.kinship == "copy" and not session.trained:
            return "Open the trained network"
        return f"Show {self._aside_words()}"

    def _aside_words(self) -> str:
        """What the document aside is to the one shown."""
        assert self._session.aside is not None
        words = {"copy": "the original", "original": "the copy"}
        return words.get(self._session.kinship) or _quoted(self._session.aside.title, SHORT_TITLE)

    def _sentence(self) -> str:
        session, aside = self._session, self._session.aside
        assert aside is not None
        name, kinship = _quoted(aside.title), session.kinship
        if session.editing_copy and session.training != "idle":
            goes_on = "goes on" if session.training == "running" else "is paused"
            edited = {"copy": "a copy", "original": "the original"}.get(kinship, "another network")
            return f"Training {name}{self._epoch()} {goes_on}; you edit {edited}."
        state = "in training" if session.locked else "trained" if session.editing_copy else ""
        return _SENTENCES.get((kinship, state), "{} is open beside this.").format(name)

    def _epoch(self) -> str:
        progress = self._session.progress
        return f" (epoch {progress.epoch:,} of {progress.epochs:,})" if progress else ""


def _quoted(title: str, longest: int = LONGEST_TITLE) -> str:
    return f"“{title if len(title) <= longest else title[:longest] + '…'}”"
