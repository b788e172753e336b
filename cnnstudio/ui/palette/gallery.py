"""The gallery: begin with a template, with nothing, or go on with a recent file."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.document import recent
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.icons import icon
from cnnstudio.ui.palette import gallery_entries as entries
from cnnstudio.ui.palette.gallery_card import GalleryCard
from cnnstudio.ui.palette.gallery_entries import Entry
from cnnstudio.ui.palette.gallery_section import Section
from cnnstudio.ui.parts.arrow_keys import ARROWS
from cnnstudio.ui.parts.buttons import FoldButton
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.overlay import Overlay
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.worker import Background

WIDTH, HEIGHT, TOP = 996, 720, 56
MARGIN = 20
FOOT = 64

LOOK_INTERVAL = 30
"""Milliseconds between two looks at the recent files being read."""

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Gallery(Overlay):
    """Opens over the window; Enter or a double click opens the current card.

    Arrows go from card to card, typing searches, Escape closes and changes nothing.
    """

    def __init__(self, window: QWidget, themes: ThemeManager, documents: Documents) -> None:
        super().__init__(window, themes, WIDTH, HEIGHT, TOP)
        self.setObjectName("gallery")
        self.setAccessibleName("New network")
        self._documents = documents
        self._job: Background[tuple[Entry, ...]] | None = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_INTERVAL)
        self._look.timeout.connect(self._take_recent)
        self._focusing = QTimer(self, singleShot=True, interval=0)
        self._focusing.timeout.connect(self._focus_current)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search the templates and recent files")
        self.search.setFixedWidth(260)
        self.search.textChanged.connect(self._find)
        self.open_button = QPushButton("Open…")
        self.open_button.setProperty("role", "outlined")
        self.open_button.setToolTip("Open a project from a file")
        self.open_button.clicked.connect(self._open_file)
        self.begin_button = QPushButton("Open")
        self.begin_button.setProperty("role", "primary")
        self.begin_button.clicked.connect(self._open_current)
        self.close_button = QPushButton()
        self.close_button.setProperty("role", "bare")
        self.close_button.setToolTip("Close (Esc)")
        self.close_button.setAccessibleName("Close")
        self.close_button.clicked.connect(self.close_and_return)
        self._words, self._none = label("label", wrap=True), label("label")
        self._current: GalleryCard | None = None
        self._sections: list[Section] = []
        self._recent: Section | None = None
        self._arrange()
        themes.changed.connect(self._tint)
        self._tint()

    # ---- building

    def _arrange(self) -> None:
        title = QLabel("New network")
        title.setProperty("role", "name")
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN, 12, 12, 12)
        head.setSpacing(8)
        for widget in (title, self.search, self.open_button, self.close_button):
            head.addWidget(widget)
            if widget is title:
                head.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, 0, MARGIN, 0)
        foot.setSpacing(16)
        foot.addWidget(self._words, 1)
        foot.addWidget(self.begin_button)
        self._foot = QWidget()
        self._foot.setFixedHeight(FOOT)
        self._foot.setLayout(foot)
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(MARGIN, 12, 0, 4)
        self._column.setSpacing(8)
        self._column.addWidget(self._none)
        self._column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(inside)
        self._inside = inside
        self.column.addLayout(head)
        self.column.addWidget(_line())
        self.column.addWidget(self._area, 1)
        self.column.addWidget(_line())
        self.column.addWidget(self._foot)

    def _section(self, place: int, title: str, found: tuple[Entry, ...]) -> Section:
        cards = [self._card(entry) for entry in found]
        is_short = title == entries.RECENT
        section = Section(self._inside, title, cards, self._themes, is_short=is_short)
        section.folded.connect(lambda: self._find(self.search.text()))
        self._sections.insert(place, section)
        self._column.insertWidget(place, section)
        return section

    def _card(self, entry: Entry) -> GalleryCard:
        card = GalleryCard(entry, self._themes)
        card.chosen.connect(self._open_current)
        card.installEventFilter(self)
        return card

    # ---- opening

    def open(self) -> None:
        """Show the gallery, with the recent files as they are now."""
        if not self._sections:
            for place, group in enumerate(entries.template_groups(self._documents)):
                self._section(place, *group)
        self._show_recent()
        self.search.clear()
        self._find("")
        super().open()
        self._area.verticalScrollBar().setValue(0)
        self._focusing.start()

    def close_and_return(self) -> None:
        """Hide it, and read no more files."""
        self._look.stop()
        super().close_and_return()

    def finish_reading(self) -> None:
        """Wait until the recent files are read."""
        if self._job is not None:
            self._job.join()
            self._take_recent()

    @property
    def cards(self) -> list[GalleryCard]:
        """The cards that are shown, in the order of reading."""
        return [card for section in self._sections for card in section.shown]

    @property
    def words(self) -> str:
        """What is said about the current card."""
        return self._words.text()

    @property
    def more_button(self) -> FoldButton | None:
        """What shows more of the recent files; None where there are none."""
        return self._recent.more if self._recent else None

    @property
    def current(self) -> GalleryCard | None:
        """The card that Enter opens; None where none matches the search."""
        return self._current

    def _show_recent(self) -> None:
        """Cards for the recent files, without pictures until the files are read."""
        if self._recent is not None:
            self._sections.remove(self._recent)
            self._column.removeWidget(self._recent)
            self._recent.deleteLater()
            self._recent = None
        self._current = None
        files = recent.load()
        if not files:
            return
        cards = tuple(entries.unread(self._documents, path) for path in files)
        self._recent = self._section(0, entries.RECENT, cards)
        self._job = Background(partial(entries.read_recent, self._documents, files))
        self._look.start()

    def _take_recent(self) -> None:
        job = self._job
        if job is None or not job.done:
            return
        self._look.stop()
        self._job = None
        if job.result is None or self._recent is None:
            return
        for card, entry in zip(self._recent.cards, job.result, strict=True):
            card.show_entry(entry)
        self._find(self.search.text())

    def _open_current(self) -> None:
        if self._current is not None:
            entry = self._current.entry
            self.close_and_return()
            entry.open()

    def _open_file(self) -> None:
        self.close_and_return()
        self._documents.choose()

    # ---- finding

    def _find(self, text: str) -> None:
        for section in self._sections:
            section.show_matching(text)
        cards = self.cards
        self._none.setText(f"No template and no recent file has “{text}” in its words.")
        self._none.setVisible(not cards)
        if self._current not in cards:
            templates = [card for card in cards if card.entry.name == "lecture"]
            first = templates if not text else cards
            self._make_current(next(iter(first or cards), None))

    def _make_current(self, card: GalleryCard | None) -> None:
        before, self._current = self._current, card
        for changed in (before, card):
            if changed is not None:
                changed.set_current(changed is card)
        self._words.setText(card.entry.description if card else "")
        self.begin_button.setEnabled(card is not None)

    def _focus_current(self) -> None:
        if self._current is not None and self.is_open:
            self._current.setFocus(Qt.FocusReason.OtherFocusReason)

    def _go(self, card: GalleryCard | None) -> None:
        if card is not None:
            card.setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(card, 0, 40)

    # ---- keys

    def event(self, event: QEvent) -> bool:
        """Keep the shortcuts of the window, which stands still below, from being run."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The card that has the keyboard is the current one; its keys are the gallery's.

        A button would take arrows for Tab, and the scrolling area for its own.
        """
        if isinstance(watched, GalleryCard):
            if event.type() == QEvent.Type.FocusIn:
                self._make_current(watched)
            elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
                return self._take_key(event)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Enter and letters, wherever the keyboard is in the gallery."""
        if not self._take_key(event):
            super().keyPressEvent(event)

    def _take_key(self, event: QKeyEvent) -> bool:
        """Do what a key is for; whether it is for anything here."""
        key, focus = Qt.Key(event.key()), QApplication.focusWidget()
        if key in _ENTER and isinstance(focus, QAbstractButton) and focus is not self._current:
            focus.click()
        elif key in _ENTER:
            self._open_current()
        elif key in ARROWS:
            self._go(self._next(*ARROWS[key]))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.cards:
            self._go(self.cards[0 if key == Qt.Key.Key_Home else -1])
        elif event.text().isprintable() and event.text().strip():
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)
            self.search.event(event)  # sendEvent would bring here again what it has no use for
        else:
            return False
        return True

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt names it so
        """Tab goes round: search, Open..., close, more files, the current card, Open."""
        if not self.is_open:  # it is being hidden, and Qt looks for who gets the keyboard
            return super().focusNextPrevChild(forward)
        head = (self.search, self.open_button, self.close_button)
        stops = (*head, self.more_button, self._current, self.begin_button)
        able = [s for s in stops if s is not None and s.isEnabled() and s.isVisible()]
        focus = QApplication.focusWidget()
        place = able.index(focus) if focus in able else -1 if forward else 0
        able[(place + (1 if forward else -1)) % len(able)].setFocus(
            Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def _next(self, down: int, across: int) -> GalleryCard | None:
        """The card beside the current one, or in the row above or below it the nearest."""
        cards = self.cards
        if self._current not in cards or not self._has_card_focus():
            return self._current
        if across:
            return cards[max(0, min(len(cards) - 1, cards.index(self._current) + across))]
        here = self._middle(self._current)
        beyond = [card for card in cards if down * (self._middle(card).y() - here.y()) > 8]
        return min(beyond, key=lambda card: self._distance(card, here), default=self._current)

    def _has_card_focus(self) -> bool:
        return isinstance(QApplication.focusWidget(), GalleryCard)

    def _middle(self, card: GalleryCard) -> QPoint:
        return card.mapTo(self._inside, card.rect().center())

    def _distance(self, card: GalleryCard, here: QPoint) -> int:
        there = self._middle(card)
        return 10 * abs(there.y() - here.y()) + abs(there.x() - here.x())

    def _tint(self) -> None:
        self.close_button.setIcon(icon("close", self._themes.theme.color("text2")))
        self.open_button.setIcon(icon("open", self._themes.theme.color("text2")))


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("role", "line")
    return line
