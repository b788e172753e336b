"""A bar above the canvas, in a tint of the accent: an icon, a sentence, buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.theme import ThemeManager, mix


class TintedBar(QWidget):
    """Shows one sentence with what can be done; hidden until `show_words`."""

    def __init__(self, themes: ThemeManager, icon_name: str = "info") -> None:
        super().__init__()
        self._themes, self._icon_name = themes, icon_name
        self._icon = QLabel()
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)  # a long name shall not squeeze the docks beside the canvas
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 4, 12, 4)
        self._row.setSpacing(8)
        self._row.addWidget(self._icon)
        self._row.addWidget(self.words, 1)
        themes.changed.connect(self._tint)
        self._tint()
        self.hide()

    def add_button(self, words: str, act: Callable[[], object]) -> QPushButton:
        """One more button behind the sentence."""
        button = QPushButton(words, self)
        button.setProperty("role", "outlined")
        button.clicked.connect(lambda: act())
        self._row.addWidget(button)
        return button

    def show_words(self, words: str) -> None:
        """Show `words`, if they are others than before."""
        if words != self.words.text():
            self.words.setText(words)
            self.words.setToolTip(words)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the bar with a tint of the accent."""
        theme = self._themes.theme
        painter = QPainter(self)
        painter.fillRect(self.rect(), mix(theme.color("window"), theme.color("accent"), 0.10))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))

    def _tint(self) -> None:
        colour = self._themes.theme.color("accenttext")
        self._icon.setPixmap(pixmap(self._icon_name, colour, 16, self.devicePixelRatioF()))
        self.update()
