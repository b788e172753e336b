"""The bar that offers what was left behind: unsaved documents, and runs that may go on."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from cnnstudio.ui.document import left_behind
from cnnstudio.ui.document.autosave import Autosave
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.document.left_behind import LeftBehind
from cnnstudio.ui.document.recovery_files import Orphan
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.icons import icon, pixmap
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.question import Answer
from cnnstudio.ui.theme import ThemeManager, mix
from cnnstudio.ui.training.continuation import Continuation

MOST_ROWS = 5
"""So many are shown at once; the others follow when these are dealt with."""

LONGEST_TITLE = 40
"""Letters of a title that are shown."""

BUTTON_WIDTH = 76
"""Pixels of a row's buttons at least, so that those of several rows stand below each other."""


class RecoveryBar(QWidget):
    """The newest thing that was left behind in one row; the others on demand, one row each.

    What a crash ended is offered whatever is open, a run that was stopped only with its own
    document. While something is trained nothing is offered. Nothing is lost by closing the bar:
    what is left is offered again at the next start.
    """

    def __init__(
        self, session: Session, documents: Documents, autosave: Autosave, themes: ThemeManager
    ) -> None:
        super().__init__()
        self.setObjectName("recoveryBar")
        self._session, self._documents, self._autosave = session, documents, autosave
        self._themes = themes
        self._found: list[LeftBehind] = []
        self._later: set[str] = set()
        self._rows: list[LeftRow] = []
        self._taken: LeftBehind | None = None
        self._continuation = Continuation(session, documents, self)
        self._continuation.begun.connect(self._take_begin)
        self._continuation.ended.connect(self._take_end)
        self._arrange()
        session.restarted.connect(self._show)
        session.training_changed.connect(self._show)
        themes.changed.connect(self._tint)
        self._tint()
        self.hide()

    def _arrange(self) -> None:
        self._beyond = QLabel(self)
        self._beyond.setProperty("role", "caption")
        self._beyond.setContentsMargins(24, 0, 0, 4)
        self.more = QPushButton(self)
        self.more.setProperty("role", "outlined")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show)
        self.close_button = QPushButton(self)
        self.close_button.setProperty("role", "bare")
        self.close_button.setToolTip("Not now: it is offered again at the next start")
        self.close_button.setAccessibleName("Not now")
        self.close_button.clicked.connect(self._put_off)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 4, 12, 4)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.more, 0, 1)
        self._grid.addWidget(self.close_button, 0, 2)
        self._grid.addWidget(self._beyond, MOST_ROWS, 0)

    @property
    def left(self) -> tuple[LeftBehind, ...]:
        """What is offered at present: the run of this document, then the newest first."""
        project = self._session.snapshot().untrained()
        left = [each for each in self._found if each.key not in self._later]
        own = [each for each in left if each.belongs_to(project)]
        crashed = [each for each in left if each.run is None or not each.run.stopped]
        return (*own, *(each for each in crashed if each not in own))

    @property
    def rows(self) -> tuple[LeftRow, ...]:
        """The rows that are shown."""
        return tuple(self._rows)

    def look(self) -> None:
        """Offer what dead processes left behind, if anything."""
        self._found = list(left_behind.find())
        self._later.clear()
        self._show()

    def close_and_wait(self) -> None:
        """Wait for a checkpoint that is being read, and do nothing with it."""
        self._continuation.close_and_wait()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the bar with a tint of the accent."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), mix(theme.color("window"), theme.color("accent"), 0.10))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    # ---- showing

    def _show(self) -> None:
        """Show what is offered; nothing while something is trained."""
        left = self.left if self._session.training == "idle" else ()
        shown = left[: MOST_ROWS if self.more.isChecked() else 1]
        if shown != tuple(row.left for row in self._rows):
            self._make_rows(shown)
        beyond = len(left) - MOST_ROWS if self.more.isChecked() else 0
        self._beyond.setText(f"and {beyond} more when these are dealt with")
        self._beyond.setVisible(beyond > 0)
        self._show_more(len(left) - 1)
        for row in self._rows:
            row.setEnabled(not self._continuation.busy)
        self.setVisible(bool(left))

    def _show_more(self, others: int) -> None:
        """The button that shows the other rows, if there are any."""
        self.more.setVisible(others > 0)
        self.more.setText("Fewer" if self.more.isChecked() else f"{others:,} more")
        self.more.setToolTip("Show the newest only" if self.more.isChecked() else "Show them all")

    def _make_rows(self, shown: tuple[LeftBehind, ...]) -> None:
        for row in self._rows:
            self._grid.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [LeftRow(left, self._themes, self) for left in shown]
        for place, row in enumerate(self._rows):
            row.go.clicked.connect(lambda _=False, left=row.left: self._go_on(left))
            row.discard.clicked.connect(lambda _=False, left=row.left: self._discard(left))
            self._grid.addWidget(row, place, 0)

    def _tint(self) -> None:
        self.close_button.setIcon(icon("close", self._themes.theme.color("text2")))
        for row in self._rows:
            row.tint()
        self.update()

    # ---- what can be done

    def _go_on(self, left: LeftBehind) -> None:
        if left.run is None:
            self._recover(left)
            return
        self._taken = left
        self._continuation.go_on(left.run)
        self._show()

    def _recover(self, left: LeftBehind) -> None:
        (copy,) = left.copies
        if self._documents.recover(copy):
            self._adopt(copy)
            self._forget(left)
        elif not copy.file.exists():
            self._forget(left)

    def _adopt(self, copy: Orphan) -> None:
        """Make the copy this window's own, so that the document is at no moment without one."""
        try:
            self._autosave.adopt(copy)
        except OSError as error:
            words = f"The recovered copy stays where it is: {error.strerror or error}."
            self._session.noticed.emit(Notice(words, str(copy.file), "warning"))

    def _take_begin(self) -> None:
        """The run goes on: what was kept of it and of its document is this window's now."""
        left, self._taken = self._taken, None
        if left is None:
            return
        if left.copies:
            self._adopt(left.copies[0])
        going_on = (LeftBehind(run=left.run), LeftBehind(left.copies[:1]))
        for each in left.parts():
            if each not in going_on:
                self._remove(each)
        self._forget(left)

    def _take_end(self, cannot: bool) -> None:
        """It does not go on; what else was kept of it is then offered by itself."""
        left, self._taken = self._taken, None
        if cannot and left in self._found:
            place = self._found.index(left)
            self._found[place : place + 1] = left.parts()
        self._show()

    def _discard(self, left: LeftBehind) -> None:
        answer = question.ask(
            self,
            "Discard the run?" if left.run else "Discard the unsaved work?",
            _warning(left),
            {Answer.Discard: "Discard", Answer.Cancel: "Cancel"},
            Answer.Cancel,
        )
        if answer == Answer.Discard and self._remove(left):
            self._forget(left)

    def _remove(self, left: LeftBehind) -> bool:
        """Remove it from the disk; whether that was done."""
        try:
            left.discard()
        except OSError as error:
            what = "run" if left.run else "copy"
            words = f"The {what} cannot be removed: {error.strerror or error}."
            self._session.noticed.emit(Notice(words, str(error.filename or "")))
            return False
        return True

    def _forget(self, left: LeftBehind) -> None:
        self._found = [each for each in self._found if each != left]
        self._show()

    def _put_off(self) -> None:
        """Offer no more of this before the next start."""
        self._later |= {each.key for each in self.left}
        self.more.setChecked(False)
        self._show()


class LeftRow(QWidget):
    """What was left behind and when, with the two things that can be done about it."""

    def __init__(self, left: LeftBehind, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self.left = left
        self._themes = themes
        self._icon = QLabel()
        self.words = QLabel(_sentence(left))
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        self.words.setToolTip(_origin(left))
        self.go = QPushButton("Continue" if left.run else "Recover")
        self.discard = QPushButton("Discard…")
        name = f"“{_short(left.title)}” from {_moment(left)}"
        of = f"the training of {name}" if left.run else name
        for button, verb in ((self.go, self.go.text()), (self.discard, "Discard")):
            button.setProperty("role", "outlined")
            button.setMinimumWidth(BUTTON_WIDTH)
            button.setAccessibleName(f"{verb} {of}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.words, 1)
        row.addWidget(self.go)
        row.addWidget(self.discard)
        self.tint()

    def tint(self) -> None:
        """Draw the icon in the colours of the theme."""
        colour = self._themes.theme.color("accenttext")
        name = "train" if self.left.run else "info"
        self._icon.setPixmap(pixmap(name, colour, 16, self.devicePixelRatioF()))


def _sentence(left: LeftBehind) -> str:
    """Such as: Training "Lecture net" was interrupted at 14:05. Continue from epoch 3 of 10?"""
    run, name = left.run, f"“{_short(left.title)}”"
    if run is None:
        return f"{name} from {_moment(left)} was not saved: CNN Studio ended unexpectedly."
    how = "stopped" if run.stopped else "interrupted"
    where = f" from epoch {run.epoch:,} of {run.epochs:,}" if run.epoch else ""
    return f"Training {name} was {how} {_when(left)}. Continue{where}?"


def _origin(left: LeftBehind) -> str:
    """The file of its document, in words."""
    origin = left.run.origin if left.run else left.copies[0].origin
    return str(origin or "It was not saved in a file yet.")


def _warning(left: LeftBehind) -> str:
    """What is lost by discarding it."""
    name = f"“{_short(left.title)}”"
    if left.run is None:
        return f"{name} from {_moment(left)} cannot be brought back after that."
    document = "The document and what" if left.copies else "What"
    return (
        f"{document} {name} had learned in this run cannot be brought back after that, unless it "
        "is saved in a file."
    )


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def _when(left: LeftBehind) -> str:
    """As `_moment`, in a sentence."""
    today = left.written.date() == date.today()
    return f"at {_moment(left)}" if today else f"on {_moment(left)}"


def _moment(left: LeftBehind) -> str:
    """When it was written, as people say it: the time, and the day where that is another."""
    written = left.written
    if written.date() == date.today():
        return f"{written:%H:%M}"
    return f"{written.day} {written:%B %Y}, {written:%H:%M}"
