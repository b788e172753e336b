"""From the values of a plot to its pixels: its axes, where lines run and end, where names stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from cnnstudio.ui.theme import font
from cnnstudio.ui.training.axes import Axes
from cnnstudio.ui.training.lines import End, Line, Mark, Points, spread
from cnnstudio.ui.training.scales import Range, Scale
from cnnstudio.ui.training.spans import span_of

NAMES = 84
"""Pixels to the right of a plot for the names of the lines."""

NUMBERS = 42
"""Pixels to the left of a plot for the numbers of its axis; long ones get more."""

NUMBER_GAP = 8
TOP = 6

EPOCHS = 20
"""Pixels below a plot for the numbers of the epochs."""

NAME_PITCH = 15

SHARE = 0.4
"""The share of a plot's height, from below, for a line that has a scale of its own."""

REFIT = 1.04
"""When a line has so many times the points, an axis that cuts its start off may be tightened."""


@dataclass(frozen=True)
class Frame:
    """What a plot is fitted into: pixels with `names` at the right for names, a scale, a view."""

    size: QSizeF
    names: int
    scale: Scale
    view: Range | None = None

    def area(self, numbers: float = 0.0) -> QRectF:
        """Where the lines are, with room around it for names, and numbers of so many pixels."""
        left = max(NUMBERS, math.ceil(numbers) + NUMBER_GAP)
        width, height = self.size.width() - left - self.names, self.size.height() - TOP - EPOCHS
        return QRectF(left, TOP, max(1, width), max(1, height))

    def axes(self, lines: Sequence[Line]) -> Axes:
        """Axes that show the lines, as far as they have to be."""
        now = end_of(lines)
        span = span_of(lines, self.scale, now, self.view)
        if span is None:
            return Axes(self.area())
        found = self.scale.axes(self.area(), now, self.view, span)
        return replace(found, area=self.area(_width_of(found)))


@dataclass(frozen=True, eq=False)
class Layout:
    """Lines, the last one on top, and marks on axes.

    `fitted` counts the points of each line for which the axes were chosen.
    """

    frame: Frame
    axes: Axes
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    fitted: tuple[int, ...] = ()

    @classmethod
    def of(cls, frame: Frame, lines: tuple[Line, ...] = (), marks: tuple[Mark, ...] = ()) -> Layout:
        """The lines on axes that are fitted to them."""
        counts = tuple(len(line.epochs) for line in lines)
        return cls(frame, frame.axes(lines), lines, marks, counts)

    def followed_by(self, lines: tuple[Line, ...], marks: tuple[Mark, ...]) -> Layout:
        """The same with newer lines; the axes stay where they show them."""
        if self._still_fits(lines, marks):
            return replace(self, lines=lines)
        return Layout.of(self.frame, lines, marks)

    @property
    def now(self) -> float:
        """The end of the longest line, in epochs."""
        return end_of(self.lines)

    @cached_property
    def ends(self) -> list[End]:
        """The last point of each line that has a name, as far as it can be seen, from the top."""
        ends, area = [], self.axes.area
        for line in self.lines:
            last = line.last() if line.name else None
            x, y = self._place(line, *last) if last is not None else (math.nan, math.nan)
            if area.left() <= x <= area.right() + 1 and y == y:
                point = QPointF(x, max(area.top(), min(area.bottom(), y)))
                ends.append(End(line.name, line.look, point))
        return sorted(ends, key=lambda end: end.point.y())

    @cached_property
    def name_heights(self) -> list[int]:
        """Where the names of the `ends` stand, in pixels from the top, apart from each other."""
        area, heights = self.axes.area, [end.point.y() for end in self.ends]
        return list(map(round, spread(heights, area.top() + 2, area.bottom() - 4, NAME_PITCH)))

    @property
    def name_places(self) -> list[QRectF]:
        """Where the names of the `ends` stand."""
        left, width = self.axes.area.right() + 8, self.frame.names
        return [QRectF(left, height - 8, width, 16) for height in self.name_heights]

    def points(self, line: Line, start: int = 0) -> Points:
        """The points of a line from its point `start` on, and its tip."""
        epochs, values = line.since(start)
        if not line.shares:
            return self.axes.places(epochs, self.frame.scale.heights(values))
        points = self.axes.places(epochs, values)
        area, most = self.axes.area, max(1e-30, float(line.values.max(initial=0.0)))
        points[:, 1] = area.bottom() - SHARE * area.height() * values / most
        return points

    def _place(self, line: Line, epoch: float, value: float) -> tuple[float, float]:
        """One point of a line."""
        if not line.shares:
            point = self.axes.place(epoch, self.frame.scale.height_of(value))
            return point.x(), point.y()
        x, y = self.points(replace(line, tip=(epoch, value)), len(line.epochs))[0].tolist()
        return x, y

    def _still_fits(self, lines: Sequence[Line], marks: tuple[Mark, ...]) -> bool:
        """Whether `lines` are the present ones with a few more points that the axes show."""
        if marks != self.marks or [a.key for a in lines] != [b.key for b in self.lines]:
            return False
        return all(
            self._shows(line, count)
            for line, count in zip(lines, self.fitted, strict=True)
            if line.grows and line.fits
        )

    def _shows(self, line: Line, count: int) -> bool:
        """Whether the axes show the points of a line from `count` on, and would not be others."""
        scale = self.frame.scale
        if scale.cuts_start and len(line.epochs) > REFIT * count:
            return False
        if self.frame.view is None and line.end > self.axes.epochs[1]:
            return False
        low, high = self.axes.heights
        tail = scale.heights(line.since(count)[1])
        return not bool(((tail < low) | (tail > high)).any())


def end_of(lines: Sequence[Line]) -> float:
    """The end of the longest line, in epochs."""
    return max((line.end for line in lines), default=0.0)


def _width_of(axes: Axes) -> float:
    """What the numbers of an axis take, in pixels."""
    metrics = QFontMetricsF(font(11, tabular=True))
    return max((metrics.horizontalAdvance(words) for _, words in axes.ticks), default=0.0)
