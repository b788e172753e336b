"""What the cursor of a plot says: a box beside it with the value of every line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from cnnstudio.ui.theme import Theme, faded, font
from cnnstudio.ui.training.line_looks import Look
from cnnstudio.ui.typography import pretty

ROW = 14.0
PAD = 6.0
SAMPLE = 16.0
"""Pixels of the piece of line before a name."""

GAP = 10.0
WIDEST_NOTE = 190.0
LONGEST = 18
"""Letters of a name that are shown."""

PAIR = "train / validation"
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass
class Reading:
    """The words of the cursor: a title, a row with look, name and value for each line, notes.

    The two lines of another run share a row: first the value in training, then the one measured.
    """

    title: str
    rows: list[tuple[str, Look, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    paired: bool = False

    def add(self, name: str, look: Look, value: str) -> None:
        """A line's value; a second one of the same name and colour stands before the first."""
        if self.rows and (self.rows[-1][0], self.rows[-1][1].tone) == (name, look.tone):
            name, look, second = self.rows.pop()
            value, self.paired = f"{value.removesuffix(' %')} / {second}", True
        self.rows.append((name, look, value))

    def fitted(self, height: float) -> Reading:
        """As many rows as have room in so many pixels; the last one says how many more."""
        most = int((height - PAD) // ROW) - 1 - len(self.notes)
        if len(self.rows) <= most:
            return self
        left = len(self.rows) - max(1, most - 1)
        return replace(self, rows=self.rows[:-left], notes=[*self.notes, f"and {left} more"])

    @property
    def words(self) -> str:
        """All of it in one line, for a screen reader."""
        rows = (f"{name} {value}" for name, _, value in self.rows)
        return ", ".join((self.title, *rows, *map(pretty, self.notes)))


def draw_readout(
    painter: QPainter,
    reading: Reading,
    area: QRectF,
    x: float,
    theme: Theme,
    taken: Sequence[QRectF] = (),
) -> None:
    """Draw the box beside `x`, inside `area`, where it covers least of what is `taken`."""
    plain, bold = font(11, tabular=True), font(11, 600, tabular=True)
    reading = reading.fitted(area.height())
    box = placed(_size(reading, plain, bold), area, x, taken)
    painter.setPen(QPen(theme.color("strong"), 1))
    painter.setBrush(faded(theme.color("card"), 0.9))
    painter.drawRoundedRect(box, 4, 4)
    row = QRectF(box.left() + PAD, box.top() + 3, box.width() - 2 * PAD, ROW)
    painter.setFont(bold)
    painter.setPen(theme.color("text"))
    painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, reading.title)
    painter.setFont(plain)
    if reading.paired:
        painter.setPen(theme.color("text3"))
        painter.drawText(row, RIGHT, PAIR)
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
    painter.drawText(row.adjusted(SAMPLE, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, _short(name))
    painter.setPen(theme.color("text"))
    painter.drawText(row, RIGHT, value)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def placed(size: QSizeF, area: QRectF, x: float, taken: Sequence[QRectF] = ()) -> QRectF:
    """A box beside `x`, inside `area`, where it covers least of what is `taken`.

    Of equal places the side with more room is taken, and rather above than below.
    """
    sides = [x + GAP, x - GAP - size.width()]
    if area.right() - x <= x - area.left():
        sides.reverse()
    places = [
        QRectF(max(area.left(), min(left, area.right() - size.width())), top, *size.toTuple())
        for left in sides
        for top in (area.top(), area.bottom() - size.height())
    ]
    box = min(places, key=lambda place: sum(_shared(place, each) for each in taken))
    return QRectF(round(box.left()) + 0.5, round(box.top()) + 0.5, box.width(), box.height())


def _shared(one: QRectF, other: QRectF) -> float:
    """The area of both."""
    both = one & other
    return both.width() * both.height()


def _size(reading: Reading, plain: QFont, bold: QFont) -> QSizeF:
    metrics = QFontMetricsF(plain)
    pair = GAP + metrics.horizontalAdvance(PAIR) if reading.paired else 0
    widths = [QFontMetricsF(bold).horizontalAdvance(reading.title) + pair]
    for name, _, value in reading.rows:
        words = metrics.horizontalAdvance(_short(name)) + GAP + metrics.horizontalAdvance(value)
        widths.append(SAMPLE + words)
    for note in reading.notes:
        widths.append(min(WIDEST_NOTE, metrics.horizontalAdvance(pretty(note))))
    height = ROW * (1 + len(reading.rows) + len(reading.notes)) + PAD
    return QSizeF(round(max(widths) + 2 * PAD), round(height))
