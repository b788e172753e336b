"""What the cursor of a plot says: a box beside it with the value of every line."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from cnnstudio.ui.line_looks import Look
from cnnstudio.ui.theme import Theme, faded, font
from cnnstudio.ui.typography import pretty

ROW = 15.0
PAD = 6.0
SAMPLE = 16.0
"""Pixels of the piece of line before a name."""

GAP = 10.0
WIDEST_NOTE = 190.0


@dataclass
class Reading:
    """The words of the cursor: a title, a row with look, name and value for each line, notes."""

    title: str
    rows: list[tuple[str, Look, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """All of it in one line, for a screen reader."""
        rows = (f"{name} {value}" for name, _, value in self.rows)
        return pretty(", ".join((self.title, *rows, *self.notes)))


def draw_readout(painter: QPainter, reading: Reading, area: QRectF, x: float, theme: Theme) -> None:
    """Draw the box beside `x`, where there is more room, inside `area`."""
    plain, bold = font(11, tabular=True), font(11, 600, tabular=True)
    box = _box(reading, area, x, plain, bold)
    painter.setPen(QPen(theme.color("strong"), 1))
    painter.setBrush(faded(theme.color("card"), 0.94))
    painter.drawRoundedRect(box, 4, 4)
    row = QRectF(box.left() + PAD, box.top() + 3, box.width() - 2 * PAD, ROW)
    painter.setFont(bold)
    painter.setPen(theme.color("text"))
    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, reading.title)
    painter.setFont(plain)
    for name, look, value in reading.rows:
        row.translate(0, ROW)
        _draw_row(painter, row, (name, look, value), theme)
    painter.setPen(theme.color("accenttext"))
    for note in reading.notes:
        row.translate(0, ROW)
        words = QFontMetricsF(plain).elidedText(
            pretty(note), Qt.TextElideMode.ElideRight, row.width()
        )
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, words)


def _draw_row(painter: QPainter, row: QRectF, content: tuple[str, Look, str], theme: Theme) -> None:
    name, look, value = content
    middle = row.center().y()
    painter.setPen(look.pen(theme))
    painter.drawLine(QPointF(row.left(), middle), QPointF(row.left() + SAMPLE - 4, middle))
    painter.setPen(theme.color("text2"))
    painter.drawText(row.adjusted(SAMPLE, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
    painter.setPen(theme.color("text"))
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(row, right, value)


def _box(reading: Reading, area: QRectF, x: float, plain: QFont, bold: QFont) -> QRectF:
    metrics = QFontMetricsF(plain)
    widths = [QFontMetricsF(bold).horizontalAdvance(reading.title)]
    for name, _, value in reading.rows:
        words = metrics.horizontalAdvance(name) + GAP + metrics.horizontalAdvance(value)
        widths.append(SAMPLE + words)
    for note in reading.notes:
        widths.append(min(WIDEST_NOTE, metrics.horizontalAdvance(pretty(note))))
    width = max(widths) + 2 * PAD
    height = ROW * (1 + len(reading.rows) + len(reading.notes)) + 6
    left = x + GAP if area.right() - x > x - area.left() else x - GAP - width
    left = max(area.left(), min(left, area.right() - width))
    return QRectF(round(left) + 0.5, area.top() + 2.5, round(width), round(height))
