"""The way back through a network: buttons for back and forward, and the stations by name."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from cnnstudio.network import Report
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why_trail import Trail, name_words, short_words

CRUMBS = 4
"""So many stations of the way are named, at most."""

BETWEEN, MORE = " › ", "…"


class Way(QWidget):
    """Names the stations of a trail, and goes along it, also by the buttons `back` and `forward`.

    The buttons are for the owner to lay out. `moved` says that another item is the present one.
    """

    moved = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.trail = Trail()
        self._named: dict[int, tuple[str, str]] = {}
        self._here = self._count = 0
        self.back = self._button("back", "Back to the value before (Backspace)", -1)
        self.forward = self._button("forward", "Forward again (Shift+Backspace)", 1)
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
        here, count = trail.index, len(trail.items)
        first = max(0, min(here - CRUMBS // 2, count - CRUMBS))
        self._named = {
            place: (short_words(report, item), name_words(report, item))
            for place, item in enumerate(trail.items[first : first + CRUMBS], first)
        }
        self._here, self._count = here, count
        self.back.setEnabled(trail.index > 0)
        self.forward.setEnabled(trail.index + 1 < len(trail.items))
        self._show_crumbs()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name as many of the stations as there is room for; the trail may be another by now."""
        super().resizeEvent(event)
        self._show_crumbs()

    # ---- inside

    def _show_crumbs(self) -> None:
        if not self._named:
            return
        words = self._fitting()
        crumbs = [self._crumb(place, each) for place, each in words.items()]
        way = BETWEEN.join(self._with_ends(words, crumbs))
        if way != self.crumbs.text():
            self.crumbs.setText(way)

    def _fitting(self) -> dict[int, str]:
        """The words of the stations; those far off, the older first, have fewer or none."""
        here = self._here
        words = {place: whole for place, (whole, _) in self._named.items()}
        others = sorted((p for p in words if p != here), key=lambda p: (-abs(p - here), p))
        for place in others:
            if self._fits(words):
                return words
            words[place] = self._named[place][1]
        for place in others:
            if self._fits(words):
                return words
            del words[place]
        return words

    def _fits(self, words: dict[int, str]) -> bool:
        self.crumbs.ensurePolished()
        face = self.crumbs.font()
        bold = QFont(face)
        bold.setBold(True)
        plain, heavy, here = QFontMetricsF(face), QFontMetricsF(bold), self._here
        others = [each for place, each in words.items() if place != here]
        taken = plain.horizontalAdvance(BETWEEN.join(self._with_ends(words, others)) + BETWEEN)
        return taken + heavy.horizontalAdvance(words[here]) <= self.width()

    def _with_ends(self, words: dict[int, str], crumbs: list[str]) -> list[str]:
        """`crumbs` of the stations in `words`, with dots for those that are not named."""
        more = [MORE] * (min(words) > 0), [MORE] * (max(words) + 1 < self._count)
        return [*more[0], *crumbs, *more[1]]

    def _crumb(self, place: int, words: str) -> str:
        words = html.escape(words)
        if place == self._here:
            return f"<b>{words}</b>"
        colour = self._themes.theme.color("accenttext").name()
        return f'<a style="color:{colour};text-decoration:none" href="{place}">{words}</a>'
