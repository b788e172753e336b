"""The list of what is most often taken for what: a line with a bar each, to be clicked."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from cnnstudio.blocks import Family
from cnnstudio.ui.parts.fields import RADIUS, rounded
from cnnstudio.ui.predictions.confusion_counts import Cell, Counts
from cnnstudio.ui.theme import ThemeManager, font

HEIGHT = 22
MOST = 12


class ConfusedRow(QAbstractButton):
    """Such as "5 seen as 8", a bar, and how often."""

    def __init__(self, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._themes = themes
        self._count, self._share = 0, 0.0
        self.cell: Cell = (0, 0)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_cell(self, counts: Counts, cell: Cell, most: int) -> None:
        """Show a cell; the bar of `most` is the longest."""
        self.cell = cell
        self._count = int(counts.counts[cell])
        self._share = self._count / max(1, most)
        self.setText(counts.pair(cell))
        self.setAccessibleName(counts.words(cell))
        self.setToolTip(counts.words(cell))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the list."""
        return QSize(160, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, bar and count."""
        theme = self._themes.theme
        painter = QPainter(self)
        if self.hasFocus():
            rounded(painter, QRectF(self.rect()), RADIUS, None, theme.color("accent"), 2)
        elif self.underMouse():
            rounded(painter, QRectF(self.rect()), RADIUS, theme.color("field"))
        painter.setFont(font(12, 500, tabular=True))
        metrics = painter.fontMetrics()
        painter.setPen(theme.color("text"))
        room = self.rect().adjusted(6, 0, 0, 0)
        across = min(room.width() // 2, 92)
        words = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, across)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        left = room.left() + across + 8
        longest = max(4, self.width() - left - 44)
        bar = QRectF(left, HEIGHT / 2 - 4, max(2.0, longest * self._share), 8)
        rounded(painter, bar, 2, theme.family(Family.FC))
        painter.setPen(theme.color("text2"))
        painter.setFont(font(11, 400, tabular=True))
        beside = QRectF(bar.right() + 8, 0, 60, HEIGHT)
        painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter, f"{self._count:,}")


class ConfusedRows(QWidget):
    """As many of the most frequent confusions as there is room for."""

    chosen = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._counts: Counts | None = None
        self.rows = [ConfusedRow(themes, self) for _ in range(MOST)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for row in self.rows:
            column.addWidget(row)
            row.clicked.connect(self._choose)
            row.hide()
        column.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_counts(self, counts: Counts) -> None:
        """Show the most frequent confusions of `counts`."""
        self._counts = counts
        room = min(MOST, self.height() // HEIGHT)
        cells = counts.most_confused(room)
        most = int(counts.counts[cells[0]]) if cells else 1
        for row, cell in zip(self.rows, cells, strict=False):
            row.show_cell(counts, cell, most)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(cells))

    def minimumSizeHint(self) -> QSize:
        """Any height will do."""
        return QSize(120, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for more."""
        super().resizeEvent(event)
        if self._counts is not None:
            self.show_counts(self._counts)

    def _choose(self) -> None:
        row = self.sender()
        if isinstance(row, ConfusedRow):
            self.chosen.emit(row.cell)
