"""The bar that offers unsaved work of a window that ended without being closed."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from cnnstudio.ui.document import recovery_files
from cnnstudio.ui.document.autosave import Autosave
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.document.recovery_files import Orphan
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.icons import icon, pixmap
from cnnstudio.ui.theme import ThemeManager, mix

MOST_ROWS = 3
"""So many are offered at once; the others follow when these are dealt with."""

LONGEST_TITLE = 40
"""Letters of a title that are shown."""


class RecoveryBar(QWidget):
    """One row for each copy that was left behind: recover it, discard it, or leave it for later.

    Nothing is lost by closing the bar: what is left is offered again at the next start.
    """

    def __init__(
        self, session: Session, documents: Documents, autosave: Autosave, themes: ThemeManager
    ) -> None:
        super().__init__()
        self.setObjectName("recoveryBar")
        self._session, self._documents, self._autosave = session, documents, autosave
        self._themes = themes
        self._left: list[Orphan] = []
        self._rows: list[OrphanRow] = []
        self._more = QLabel()
        self._more.setProperty("role", "caption")
        self._more.setContentsMargins(24, 0, 0, 4)
        self.close_button = QPushButton()
        self.close_button.setProperty("role", "bare")
        self.close_button.setToolTip("Not now: it is offered again at the next start")
        self.close_button.setAccessibleName("Not now")
        self.close_button.clicked.connect(self.hide)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 12, 4)
        row.addLayout(self._column, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        session.training_changed.connect(self._take_lock)
        themes.changed.connect(self._tint)
        self._tint()
        self.hide()

    @property
    def left(self) -> tuple[Orphan, ...]:
        """What has been neither recovered nor discarded."""
        return tuple(self._left)

    @property
    def rows(self) -> tuple[OrphanRow, ...]:
        """The rows that are shown."""
        return tuple(self._rows)

    def look(self) -> None:
        """Offer what dead processes left behind, if anything."""
        self._left = list(recovery_files.orphans())
        self._show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the bar with a tint of the accent."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), mix(theme.color("window"), theme.color("accent"), 0.10))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    def _show(self) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._column.removeWidget(self._more)
        self._rows = [OrphanRow(orphan, self._themes) for orphan in self._left[:MOST_ROWS]]
        for row in self._rows:
            row.recover.clicked.connect(lambda _=False, o=row.orphan: self._recover(o))
            row.discard.clicked.connect(lambda _=False, o=row.orphan: self._discard(o))
            self._column.addWidget(row)
        if self._rows:
            self.close_button.setFixedHeight(self._rows[0].sizeHint().height())
        hidden = len(self._left) - len(self._rows)
        self._more.setText(f"and {hidden} more")
        self._more.setVisible(hidden > 0)
        self._column.addWidget(self._more)
        self.setVisible(bool(self._left))
        self._take_lock()

    def _recover(self, orphan: Orphan) -> None:
        if self._documents.recover(orphan):
            try:
                self._autosave.adopt(orphan)
            except OSError as error:
                words = f"The recovered copy stays where it is: {error.strerror or error}."
                self._session.noticed.emit(Notice(words, str(orphan.file), "warning"))
            self._forget(orphan)
        elif not orphan.file.exists():
            self._forget(orphan)

    def _discard(self, orphan: Orphan) -> None:
        answer = QMessageBox.question(
            self,
            "Discard the unsaved work?",
            f"“{_short(orphan.title)}” from {_moment(orphan)} cannot be brought back after that.",
            QMessageBox.StandardButton.Discard | QMessageBox.StandardButton.Cancel,
            QMessageBox.StandardButton.Cancel,
        )
        if answer != QMessageBox.StandardButton.Discard:
            return
        try:
            recovery_files.discard(orphan)
        except OSError as error:
            words = f"The copy cannot be removed: {error.strerror or error}."
            self._session.noticed.emit(Notice(words, str(orphan.file)))
            return
        self._forget(orphan)

    def _forget(self, orphan: Orphan) -> None:
        self._left.remove(orphan)
        self._show()

    def _take_lock(self) -> None:
        """What is recovered takes the document's place, which has to wait while it trains."""
        for row in self._rows:
            row.recover.setEnabled(not self._session.locked)

    def _tint(self) -> None:
        self.close_button.setIcon(icon("close", self._themes.theme.color("text2")))
        for row in self._rows:
            row.tint()
        self.update()


class OrphanRow(QWidget):
    """What was left behind and when, with the two things that can be done about it."""

    def __init__(self, orphan: Orphan, themes: ThemeManager) -> None:
        super().__init__()
        self.orphan = orphan
        self._themes = themes
        self._icon = QLabel()
        name = f"“{_short(orphan.title)}” from {_moment(orphan)}"
        words = QLabel(f"{name} was not saved: CNN Studio ended unexpectedly.")
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setToolTip(str(orphan.origin or "It was not saved in a file yet."))
        self.recover = QPushButton("Recover")
        self.discard = QPushButton("Discard")
        for button in (self.recover, self.discard):
            button.setProperty("role", "outlined")
            button.setAccessibleName(f"{button.text()} {name}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(words, 1)
        row.addWidget(self.recover)
        row.addWidget(self.discard)
        self.tint()

    def tint(self) -> None:
        """Draw the icon in the colours of the theme."""
        colour = self._themes.theme.color("accenttext")
        self._icon.setPixmap(pixmap("info", colour, 16, self.devicePixelRatioF()))


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[:LONGEST_TITLE]}…"


def _moment(orphan: Orphan) -> str:
    """When it was written, as people say it: the time, and the day where that is another."""
    written = orphan.written
    if written.date() == date.today():
        return f"{written:%H:%M}"
    return f"{written.day} {written:%B %Y}, {written:%H:%M}"
