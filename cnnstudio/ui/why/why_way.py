"""The way back through a network: buttons for back and forward, and the stations by name."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from cnnstudio.network import Report
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why_trail import Trail, short_words

CRUMBS = 4
"""So many stations of the way are named."""


class Way(QWidget):
    """Shows a trail and goes along it; `moved` says that another of its items is the present."""

    moved = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.trail = Trail()
        self.back = self._button("undo", "Back to the value before (Backspace)", -1)
        self.forward = self._button("redo", "Forward again (Shift+Backspace)", 1)
        self.crumbs = QLabel()
        self.crumbs.setTextFormat(Qt.TextFormat.RichText)
        self.crumbs.setProperty("role", "caption")
        self.crumbs.setAccessibleName("The way back")
        self.crumbs.setMinimumWidth(1)
        self.crumbs.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.crumbs.linkActivated.connect(lambda place: self.go(int(place)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addWidget(self.forward)
        row.addSpacing(4)
        row.addWidget(self.crumbs, 1)

    def _button(self, icon: str, words: str, steps: int) -> PushButton:
        button = PushButton(self._themes, icon_name=icon)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.clicked.connect(lambda: self.step(steps))
        return button

    def step(self, steps: int) -> None:
        """So many stations forward, or back."""
        self.go(self.trail.index + steps)

    def go(self, index: int) -> None:
        """Go to a station."""
        before = self.trail.index
        self.trail.go(index)
        if self.trail.index != before:
            self.moved.emit()

    def show_trail(self, report: Report) -> None:
        """Name the stations around the present one, in the words of `report`'s blocks."""
        trail = self.trail
        self.back.setEnabled(trail.index > 0)
        self.forward.setEnabled(trail.index + 1 < len(trail.items))
        first = max(0, min(trail.index - CRUMBS // 2, len(trail.items) - CRUMBS))
        last = min(first + CRUMBS, len(trail.items))
        crumbs = [self._crumb(report, place) for place in range(first, last)]
        way = " › ".join(["…"] * (first > 0) + crumbs + ["…"] * (last < len(trail.items)))
        if way != self.crumbs.text():
            self.crumbs.setText(way)

    def _crumb(self, report: Report, place: int) -> str:
        words = html.escape(short_words(report, self.trail.items[place]))
        if place == self.trail.index:
            return f"<b>{words}</b>"
        colour = self._themes.theme.color("accenttext").name()
        return f'<a style="color:{colour};text-decoration:none" href="{place}">{words}</a>'
