"""How the figures of the blocks in training are painted: a row for each block, log scales."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from cnnstudio.engine.block_figures import BlockFigures
from cnnstudio.engine.diagnosis import FAST, MANY_DEAD, SLOW
from cnnstudio.network.inner import Path
from cnnstudio.ui.theme import Theme, faded, font
from cnnstudio.ui.typography import pretty
from cnnstudio.ui.why.why_numbers import short

HEAD, ROW = 40, 24
"""Pixels of the titles with their scales, and of a block."""

EDGE, GAP, NUMBER = 16, 20, 96
"""Pixels beside everything, between two columns, and for the number behind a bar."""

NAMES = (150, 260)
"""Pixels for the names, at the least and at the most."""

INDENT = 14

BAND = (3e-4, 3e-3)
"""Where the update of a healthy step lies, over the length of the weights: around a thousandth."""

GRADIENTS, RATIOS = (1e-4, 1e2), (SLOW, 1.0)
"""The ends of the two logarithmic scales; what lies beyond is drawn at the end."""

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column:
    """A column of figures: its title, its scale with the marks on it, and what it shows."""

    title: str
    marks: Mapping[float, str]
    share: Callable[[float], float]
    of: Callable[[BlockFigures], float | None]
    words: Callable[[BlockFigures], str]


def _log(ends: tuple[float, float]) -> Callable[[float], float]:
    low, high = (math.log10(end) for end in ends)

    def share(value: float) -> float:
        if not value > 0:
            return 1.0 if math.isnan(value) else 0.0
        return min(1.0, max(0.0, (math.log10(value) - low) / (high - low)))

    return share


def idle(each: BlockFigures) -> float | None:
    """The share of units that do not work: dead ones, or saturated ones; None where none can be."""
    return each.dead if each.dead is not None else each.saturated


def idle_words(each: BlockFigures) -> str:
    """Such as "12 % dead", "3 % flat", and "-" where there is nothing to measure."""
    share = idle(each)
    if share is None:
        return "\N{EN DASH}"
    return f"{100 * share:.0f} % {'dead' if each.dead is not None else 'saturated'}"


def _short(value: float | None) -> str:
    """Two digits that count: a step of 0.0094 is not one of 0.01."""
    if value is None:
        return "\N{EN DASH}"
    return f"{value:.2g}" if 1e-4 <= value < 1 else short(value)


COLUMNS = (
    Column(
        "Gradient norm",
        {1e-4: "10\u207b\u2074", 1.0: "1", 1e2: "100"},
        _log(GRADIENTS),
        lambda each: each.gradient,
        lambda each: _short(each.gradient),
    ),
    Column(
        "Update / weights",
        {1e-6: "10\u207b\u2076", 1e-3: "0.001", 1.0: "1"},
        _log(RATIOS),
        lambda each: each.ratio,
        lambda each: _short(each.ratio),
    ),
    Column(
        "Idle units",
        {0.0: "0 %", 0.5: "50 %", 1.0: "100 %"},
        lambda value: min(1.0, max(0.0, value)),
        idle,
        idle_words,
    ),
)
RATIO = 1
"""The column with the band of a healthy step."""

HEADER = (
    "block",
    "gradient norm",
    "gradient per weight",
    "weights norm",
    "update / weights",
    "dead share",
    "saturated share",
    "found",
)


def has_figures(each: BlockFigures) -> bool:
    """Whether there is anything to measure in a block: in INPUT and POOL there is not."""
    return each.gradient is not None or idle(each) is not None


def table(rows: Sequence[BlockFigures], found: Mapping[Path, str]) -> Iterator[Sequence[object]]:
    """Everything that is known, header first; nothing where there is nothing to measure."""
    yield HEADER
    for each in rows:
        lengths = (each.gradient, each.gradient_rms, each.weights, each.ratio)
        figures = (*lengths, each.dead, each.saturated)
        plain = ("" if value is None else value for value in figures)
        yield (each.name, *plain, found.get(each.path, ""))


def words(each: BlockFigures, found: str) -> str:
    """What a row tells, for those who hear it."""
    parts = [each.name]
    if each.gradient is not None:
        parts.append(f"gradient {_short(each.gradient)}")
    if each.ratio is not None:
        parts.append(f"update {_short(each.ratio)} of the weights")
    if idle(each) is not None:
        parts.append(f"{idle_words(each)} units")
    return ", ".join((*parts, *([found] if found else [])))


class NormsDrawing:
    """Paints the rows of one look in one theme; `found` names what ails a block, by path."""

    def __init__(
        self, theme: Theme, rows: Sequence[BlockFigures], found: Mapping[Path, str], width: int
    ) -> None:
        self._theme, self._rows, self._found = theme, rows, found
        self._width = float(width)
        self._names = min(NAMES[1], max(NAMES[0], 0.2 * width))
        room = width - 2 * EDGE - self._names - len(COLUMNS) * (GAP + NUMBER)
        self._bar = max(40.0, room / len(COLUMNS))

    def paint(self, painter: QPainter, chosen: Collection[Path], top: float = 0.0) -> None:
        """Everything; the titles at `top`, where a scrolled view begins."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, each in enumerate(self._rows):
            self._row(painter, HEAD + place * ROW, each, each.path in chosen)
        painter.fillRect(QRectF(0, top, self._width, HEAD), self._theme.color("window"))
        self._head(painter, top)

    def _left(self, column: int) -> float:
        return EDGE + self._names + GAP + column * (self._bar + NUMBER + GAP)

    def _head(self, painter: QPainter, top: float) -> None:
        for number, column in enumerate(COLUMNS):
            left = self._left(number)
            painter.setFont(font(12, 600))
            painter.setPen(self._theme.color("text2"))
            room = QRectF(left, top + 2, self._bar + NUMBER, 18)
            painter.drawText(room, LEFT, column.title)
            painter.setFont(font(11, tabular=True))
            painter.setPen(self._theme.color("text3"))
            for value, mark in column.marks.items():
                x = left + self._bar * column.share(value)
                painter.drawText(QRectF(x - 30, top + 20, 60, 16), CENTRE, mark)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.drawLine(QLineF(EDGE, top + HEAD - 1.5, self._width - EDGE, top + HEAD - 1.5))

    def _row(self, painter: QPainter, top: float, each: BlockFigures, chosen: bool) -> None:
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accenttint"))
            painter.drawRoundedRect(QRectF(8, top + 1, self._width - 16, ROW - 2), 4, 4)
        indent = INDENT * (len(each.inside) // 2)
        painter.setFont(font(12))
        painter.setPen(self._theme.color("text" if not indent else "text2"))
        room = QRectF(EDGE + indent, top, self._names - indent, ROW)
        name = each.name.partition(" of ")[0] if each.inside else each.name
        painter.drawText(room, LEFT, self._named(painter, name, each, room.width()))
        for number, column in enumerate(COLUMNS):
            self._figure(painter, top, number, column, each)

    def _named(self, painter: QPainter, name: str, each: BlockFigures, width: float) -> str:
        found = self._found.get(each.path)
        text = f"{name}  \N{WARNING SIGN} {found}" if found else name
        return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))

    def _figure(
        self, painter: QPainter, top: float, number: int, column: Column, each: BlockFigures
    ) -> None:
        left, value = self._left(number), column.of(each)
        track = QRectF(left, top + 9, self._bar, ROW - 18)
        painter.setPen(Qt.PenStyle.NoPen)
        if value is not None:
            painter.setBrush(self._theme.color("field"))
            painter.drawRoundedRect(track, 3, 3)
            self._fill(painter, number, column.share(value), track, is_bad=_is_bad(number, value))
        painter.setFont(font(11, tabular=True))
        painter.setPen(self._theme.color("text2" if value is not None else "text3"))
        room = QRectF(track.right() + 8, top, NUMBER, ROW)
        painter.drawText(room, LEFT, pretty(column.words(each)))

    def _fill(
        self, painter: QPainter, number: int, share: float, track: QRectF, *, is_bad: bool
    ) -> None:
        """A bar from the left; of the update a mark, with the band where it should lie."""
        tone = self._theme.color("warning" if is_bad else "accent")
        if number != RATIO:
            painter.setBrush(tone)
            painter.drawRoundedRect(
                QRectF(track.topLeft(), track.bottomRight()).adjusted(
                    0, 0, -(1 - share) * track.width(), 0
                ),
                3,
                3,
            )
            return
        low, high = (track.left() + track.width() * COLUMNS[RATIO].share(end) for end in BAND)
        painter.setBrush(faded(self._theme.color("accent"), 0.3))
        painter.drawRect(QRectF(low, track.top() - 3, high - low, track.height() + 6))
        painter.setBrush(tone)
        painter.setPen(QPen(self._theme.color("window"), 1.5))
        x, y = track.left() + share * track.width(), track.center().y()
        if is_bad:
            side = QRectF(x - 4.5, y - 4.5, 9, 9)
            painter.drawRect(side)
        else:
            painter.drawEllipse(QPointF(x, y), 5, 5)


def _is_bad(number: int, value: float) -> bool:
    """Whether a figure is one that is told of, see `engine.diagnosis`."""
    if number == RATIO:
        return not SLOW <= value <= FAST
    return number > RATIO and value >= MANY_DEAD
