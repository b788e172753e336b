"""The tabs of the dock below: all titles are in sight, whatever the room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QTabWidget, QToolButton, QWidget

from cnnstudio.ui.icons import icon
from cnnstudio.ui.theme import ThemeManager, font

STEPS = (
    ("roomy", 30, False),
    ("close", 20, False),
    ("tight", 14, False),
    ("tight", 14, True),
    ("tightest", 10, True),
)
"""Name of a spacing in the style sheet, pixels beside a title, whether titles are short."""

BUTTON, HEIGHT = 28, 36
"""Pixels of the button at the end: as high as the tabs."""

HEAVIER = 6

ENLARGE = "Enlarge the lower panel"
REDUCE = "Give the canvas its room back"


class TabRow(QTabWidget):
    """Tabs that stand closer, and at last have shorter titles, where there is little room.

    `enlarging` is emitted when the panel is to be enlarged, or to be as low as it was: by a double
    click on the row, or by the button at its end.
    """

    enlarging = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(documentMode=True)
        self._themes = themes
        self._titles: list[tuple[str, str]] = []
        self._notes: dict[int, str] = {}
        self._is_large = False
        self.tabBar().installEventFilter(self)
        self.button = QToolButton()
        self.button.setProperty("role", "bare")
        self.button.setFixedSize(BUTTON, HEIGHT)
        self.button.clicked.connect(self.enlarging)
        self.setCornerWidget(self.button, Qt.Corner.TopRightCorner)
        themes.changed.connect(self._dress_button)
        self._dress_button()

    def add(self, panel: QWidget, title: str, short: str = "") -> None:
        """Add a tab with its title, and a shorter one for a narrow window."""
        self._titles.append((title, short or title))
        self.addTab(panel, title)
        self._fit()

    def note(self, panel: QWidget, words: str) -> None:
        """Have `words` behind the title of the tab of `panel`, such as a number."""
        self._notes[self.indexOf(panel)] = f" {words}" if words else ""
        self._fit()

    def show_large(self, is_large: bool) -> None:
        """Say on the button what it does next."""
        if is_large != self._is_large:
            self._is_large = is_large
            self._dress_button()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose spacing and titles for the new width."""
        self._fit()
        super().resizeEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A double click on the row asks for the panel to be enlarged."""
        is_double = isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton
        if is_double and event.type() == QEvent.Type.MouseButtonDblClick:
            self.enlarging.emit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        """The first of the steps in which all tabs are in sight; the last where none is."""
        room = self.width() - BUTTON
        fitting = (step for step in STEPS if self._needed(step[1], step[2]) <= room)
        spacing, _beside, is_short = next(fitting, STEPS[-1])
        self._space(spacing)
        titles = self._shown_titles(is_short)
        for index, (shown, (title, _short)) in enumerate(zip(titles, self._titles, strict=True)):
            if self.tabText(index) != shown:
                self.setTabText(index, shown)
                self.setTabToolTip(index, title if is_short else "")

    def _needed(self, beside: int, is_short: bool) -> int:
        """Pixels that the tabs take; the front one's heavier weight takes some more."""
        metrics = QFontMetrics(font(12, 500))
        titles = self._shown_titles(is_short)
        return HEAVIER + sum(metrics.horizontalAdvance(title) + beside for title in titles)

    def _shown_titles(self, is_short: bool) -> list[str]:
        notes = (self._notes.get(index, "") for index in range(len(self._titles)))
        return [pair[is_short] + note for pair, note in zip(self._titles, notes, strict=True)]

    def _space(self, spacing: str) -> None:
        bar = self.tabBar()
        if bar.property("spacing") != spacing:
            bar.setProperty("spacing", spacing)
            bar.style().unpolish(bar)
            bar.style().polish(bar)

    def _dress_button(self) -> None:
        name, words = ("chevron-down", REDUCE) if self._is_large else ("chevron-up", ENLARGE)
        self.button.setIcon(icon(name, self._themes.theme.color("text2"), 14))
        self.button.setToolTip(f"{words}  (F9)")
        self.button.setAccessibleName(words)
