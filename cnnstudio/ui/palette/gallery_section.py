"""A group of cards in the gallery, under its heading."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnstudio.ui.palette.gallery_card import GalleryCard
from cnnstudio.ui.parts.buttons import FoldButton
from cnnstudio.ui.theme import ThemeManager

COLUMNS = 4
GAP = 12


class Section(QWidget):
    """A heading and its cards, four in a row; those that do not match the search are left out.

    With `is_short` only the first row is shown until more are asked for, or searched.
    """

    folded = Signal()
    """Comes when more or fewer cards were asked for."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        cards: list[GalleryCard],
        themes: ThemeManager,
        *,
        is_short: bool,
    ) -> None:
        super().__init__(parent)
        self.cards = cards
        self.shown = cards
        self._text = ""
        self._is_short = is_short and len(cards) > COLUMNS
        self.more = FoldButton(f"{len(cards) - COLUMNS} more", themes)
        self.more.setParent(self)
        self.more.setVisible(self._is_short)
        self.more.toggled.connect(self._take_fold)
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        head = QHBoxLayout()
        head.addWidget(heading)
        head.addWidget(self.more)
        head.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setSpacing(GAP)
        self._grid.setColumnStretch(COLUMNS, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(self._grid)
        for card in cards:
            card.setParent(self)
        self.show_matching("")

    def show_matching(self, text: str) -> None:
        """Show the cards that match `text`, or nothing of the section where none does."""
        self._text = text
        found = [card for card in self.cards if card.entry.matches(text)]
        is_cut = self._is_short and not text and not self.more.isChecked()
        self.shown = found[:COLUMNS] if is_cut else found
        self.more.setVisible(self._is_short and not text)
        for card in self.cards:
            self._grid.removeWidget(card)
            card.setVisible(card in self.shown)
        for number, card in enumerate(self.shown):
            self._grid.addWidget(card, number // COLUMNS, number % COLUMNS)
        self.setVisible(bool(self.shown))

    def _take_fold(self, is_open: bool) -> None:
        self.more.setText("fewer" if is_open else f"{len(self.cards) - COLUMNS} more")
        self.more.updateGeometry()
        self.show_matching(self._text)
        self.folded.emit()
