"""The key to a picture's colours: a strip from the smallest to the largest value."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.theme import ThemeManager, font, packed


class ColourBar(QWidget):
    """The colours from the smallest to the largest value, with words at both ends."""

    LENGTH = 112

    def __init__(self, themes: ThemeManager, *, diverging: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self._diverging = diverging
        self._ends = ("0", "max")
        self.setFixedSize(self.LENGTH + 92, 24)

    def show_ends(self, low: str, high: str) -> None:
        """Show the words at the ends."""
        if (low, high) == self._ends:
            return
        self._ends = (low, high)
        self.setAccessibleName(f"Colours from {low} to {high}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A strip of the table's 256 colours; diverging ones have a mark at zero."""
        theme = self._themes.theme
        table = theme.filters_table() if self._diverging else theme.maps_table()
        line = packed(table)
        strip = QImage(line.data, 256, 1, 1024, QImage.Format.Format_RGB32)
        painter = QPainter(self)
        bar = QRect(46, 8, self.LENGTH, 8)
        painter.drawImage(bar, strip)
        painter.setFont(font(11, 400, tabular=True))
        painter.setPen(theme.color("text2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(0, 0, 38, 24), middle | Qt.AlignmentFlag.AlignRight, self._ends[0])
        right = QRect(bar.right() + 9, 0, 42, 24)
        painter.drawText(right, middle | Qt.AlignmentFlag.AlignLeft, self._ends[1])
        if self._diverging:
            painter.fillRect(QRect(bar.center().x(), 5, 1, 14), theme.color("text2"))
