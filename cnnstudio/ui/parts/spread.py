"""How values are spread: a histogram over the colours that they have in the picture beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.engine.parallel import quiet
from cnnstudio.ui.theme import ThemeManager, font, packed
from cnnstudio.ui.typography import pretty

BINS = 48
"""Columns of the histogram."""

MOST_COUNTED = 50_000
"""Of more values only every so many is counted: it must not take the window's time."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

STRIP, LINE = 6, 15
"""Pixels of the strip of colours, and of a line of words."""


@dataclass(frozen=True, eq=False)
class Values:
    """Some numbers, what they are called, and the value that has the colour at each end."""

    words: str
    numbers: NDArray[np.floating]
    low: float
    high: float
    diverging: bool = False

    @cached_property
    def finite(self) -> NDArray[np.floating]:
        """Those that are numbers: a filter does not see every map."""
        flat = self.numbers.ravel()
        with quiet():
            whole = np.isfinite(flat.sum())
        return flat if whole else np.asarray(flat[np.isfinite(flat)])

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """Smallest, largest, mean and the share of zeros, or the deviation of those around zero.

        Where some of the values of maps are NaN, their share is told in place of the zeros.
        """
        values = self._known
        if not len(values):
            return []
        exact = np.float64 if len(values) <= MOST_COUNTED else values.dtype
        with quiet():
            found = [
                ("min", number(values.min())),
                ("max", number(values.max())),
                ("mean", number(values.mean(dtype=exact))),
            ]
            if self.diverging:
                return [*found, ("sd", number(values.std(dtype=exact)))]
        whole = len(self.finite) == self.numbers.size
        lost = 0.0 if whole else float(np.mean(np.isnan(self.numbers)))
        name, share = ("nan", lost) if lost else ("zeros", np.mean(values == 0))
        return [*found, (name, f"{100 * share:.0f} %")]

    @property
    def _known(self) -> NDArray[np.floating]:
        """All but NaN, infinite ones too; all where there is nothing else."""
        flat = self.numbers.ravel()
        if len(self.finite) == len(flat):
            return flat
        known = flat[~np.isnan(flat)]
        return known if len(known) else flat

    @cached_property
    def counts(self) -> tuple[NDArray[np.intp], NDArray[np.floating]]:
        """How many values are in each column, and the borders between the columns."""
        values = self.finite
        values = values[:: max(1, len(values) // MOST_COUNTED)].astype(np.float64)
        low = min(self.low, float(values.min(initial=self.low)))
        high = max(self.high, float(values.max(initial=self.high)))
        found, borders = np.histogram(values, BINS, (low, high if high > low else low + 1))
        return found, borders

    def table(self) -> Iterator[Sequence[object]]:
        """The histogram as numbers, the header first."""
        found, borders = self.counts
        yield ("from", "to", "count")
        for count, low, high in zip(found, borders[:-1], borders[1:], strict=True):
            yield (float(low), float(high), int(count))


def number(value: float) -> str:
    """Three significant digits, or fewer; "nan" and "inf" where it is no number."""
    if value == 0 or not np.isfinite(value):
        return pretty(f"{value + 0:g}")  # which makes -0.0 no other
    digits = 2 if abs(value) >= 0.095 else 3 if abs(value) >= 0.0095 else 0
    if digits and abs(value) < 100_000:
        return pretty(f"{value:.{digits}f}")
    mantissa, _, power = f"{value:.1e}".partition("e")
    return f"{pretty(mantissa)}·{power_words(int(power))}"


def power_words(power: int) -> str:
    """A power of ten, such as 10 with a raised -5."""
    return "10" + str(power).translate(RAISED)


class Spread(QWidget):
    """A histogram on a root scale, the strip of colours below it, and the facts in words."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.values: Values | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_values(self, values: Values | None) -> None:
        """Show other numbers, or none."""
        self.values = values
        if values is not None:
            self.setAccessibleName(f"Spread of {values.words}")
            self.setAccessibleDescription(", ".join(" ".join(fact) for fact in values.facts))
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Words, and a low histogram."""
        return QSize(140, 4 * LINE + STRIP + 20)

    def draw(self, painter: QPainter) -> None:
        """Paint it; also for saving."""
        values = self.values
        if values is None:
            return
        theme = self._themes.theme
        painter.setFont(font(11, 600))
        painter.setPen(theme.color("text"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(0, 0, self.width(), LINE), middle, values.words)
        floor = self.height() - 3 * LINE - STRIP - 2
        self._draw_columns(painter, values, QRectF(0, LINE + 2, self.width(), floor - LINE - 2))
        self._draw_strip(painter, values, floor + 1)
        self._draw_facts(painter, values)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.size()

    def _draw_columns(self, painter: QPainter, values: Values, room: QRectF) -> None:
        """Roots of the counts, so that a few large values can be seen beside many zeros."""
        found, _ = values.counts
        shares = np.sqrt(found / max(1, found.max(initial=1)))
        width = room.width() / len(found)
        colour = self._themes.theme.color("text3")
        for place, share in enumerate(shares):
            if share > 0:
                height = max(1.0, share * room.height())
                left = room.left() + place * width
                column = QRectF(left, room.bottom() - height, max(1.0, width - 1), height)
                painter.fillRect(column, colour)

    def _draw_strip(self, painter: QPainter, values: Values, top: float) -> None:
        """The colours from the lowest to the highest column, as the picture has them."""
        theme = self._themes.theme
        table = theme.filters_table() if values.diverging else theme.maps_table()
        _, borders = values.counts
        span = values.high - values.low or 1.0
        shares = (np.linspace(borders[0], borders[-1], 256) - values.low) / span
        colours = packed(table)[np.rint(255 * np.clip(shares, 0, 1)).astype(int)]
        line = np.ascontiguousarray(colours)
        strip = QImage(line.data, 256, 1, 1024, QImage.Format.Format_RGB32)
        painter.drawImage(QRectF(0, top, self.width(), STRIP), strip)
        ends = QRect(0, round(top + STRIP), self.width(), LINE)
        painter.setFont(font(11, 400, tabular=True))
        painter.setPen(theme.color("text2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(ends, middle | Qt.AlignmentFlag.AlignLeft, number(borders[0]))
        painter.drawText(ends, middle | Qt.AlignmentFlag.AlignRight, number(borders[-1]))

    def _draw_facts(self, painter: QPainter, values: Values) -> None:
        """Two lines of two facts."""
        theme = self._themes.theme
        half = self.width() // 2
        for place, (name, value) in enumerate(values.facts):
            top = self.height() - 2 * LINE + place // 2 * LINE
            room = QRect(place % 2 * half, top, half - 2, LINE)
            painter.setPen(theme.color("text2"))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, middle, name)
            painter.setPen(theme.color("text"))
            painter.drawText(room.adjusted(34, 0, 0, 0), middle, value)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The histogram."""
        self.draw(QPainter(self))
