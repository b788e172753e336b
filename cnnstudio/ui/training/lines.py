"""The lines of a plot: their values, their painting, and the picture that keeps what stays."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen, QPixmap

from cnnstudio.ui.training.line_looks import TRAIN, Look

Points = NDArray[np.float64]
"""Places ``(n, 2)`` in pixels; not finite where a line has a gap."""


@dataclass(frozen=True, eq=False)
class Series:
    """A line: positions in epochs and values; NaN makes a gap."""

    epochs: NDArray[np.floating]
    values: NDArray[np.floating]

    def last(self) -> tuple[float, float] | None:
        """The last finite point."""
        finite = np.flatnonzero(np.isfinite(self.values))
        if not len(finite):
            return None
        return float(self.epochs[finite[-1]]), float(self.values[finite[-1]])


@dataclass(frozen=True, eq=False)
class Line(Series):
    """A line of a plot with its look.

    Two lines with the same `key` begin with the same points.
    `grows` for one that comes point by point; `name` stands at its end, `alias` is what the cursor
    calls it, "" where it is not told. `fits` where the axis has to show all of it; `shares` for one
    drawn from 0 to its own maximum in the lower part of the plot, whatever the axis; `steep` where
    its start may be off the axis. The points of a growing line stay; `tip` is its last point,
    which will not.
    """

    look: Look = TRAIN
    key: Hashable = field(default_factory=object)
    name: str = ""
    alias: str = ""
    grows: bool = False
    fits: bool = True
    shares: bool = False
    steep: bool = False
    tip: tuple[float, float] | None = None

    def last(self) -> tuple[float, float] | None:
        """The last finite point."""
        if self.tip is not None and math.isfinite(self.tip[1]):
            return self.tip
        return super().last()

    def nearest_place(self, epoch: float) -> int | None:
        """Which of its points with a value is the nearest to `epoch`."""
        values = self.all_values
        finite = np.flatnonzero(np.isfinite(values))
        if not len(finite):
            return None
        return int(finite[np.abs(self.all_epochs[finite] - epoch).argmin()])

    @property
    def all_epochs(self) -> NDArray[np.floating]:
        """The epochs of all points, the tip among them."""
        return self.since(0)[0]

    @property
    def all_values(self) -> NDArray[np.floating]:
        """The values of all points, that of the tip among them."""
        return self.since(0)[1]

    def since(self, start: int) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """The epochs and the values from the point `start` on, the tip at their end."""
        epochs, values = self.epochs[start:], self.values[start:]
        if self.tip is None:
            return epochs, values
        return _joined(epochs, self.tip[0]), _joined(values, self.tip[1])

    @property
    def end(self) -> float:
        """The epoch at which it ends."""
        if self.tip is not None:
            return self.tip[0]
        return float(self.epochs[-1]) if len(self.epochs) else 0.0


@dataclass(frozen=True)
class Mark:
    """Something that happened at a position in epochs, in words."""

    epoch: float
    words: str


@dataclass(frozen=True)
class End:
    """The last point of a line: its name, its colour, its place."""

    name: str
    look: Look
    point: QPointF


@dataclass(eq=False)
class Ground:
    """A picture of all that stays, good as long as `key` is the same.

    `painted` is how many points of each growing line are in it.
    """

    picture: QPixmap
    key: Hashable
    painted: list[int]


def spread(heights: Sequence[float], low: float, high: float, pitch: float) -> list[float]:
    """`heights`, from the top, moved so that they are `pitch` apart, and between `low` and `high`.

    Where there is no room for all they begin at `low`.
    """
    found: list[float] = []
    for height in heights:
        found.append(max(height, low if not found else found[-1] + pitch))
    for i in reversed(range(len(found))):
        room = high if i == len(found) - 1 else found[i + 1] - pitch
        found[i] = min(found[i], room)
    over = low - found[0] if found and found[0] < low else 0.0
    return [height + over for height in found]


def _joined(values: NDArray[np.floating], last: float) -> NDArray[np.float64]:
    """`values` and one more; `np.append` takes some ten times as long for a few."""
    found = np.empty(len(values) + 1)
    found[:-1], found[-1] = values, last
    return found


def draw_points(painter: QPainter, points: Points, pen: QPen) -> None:
    """Draw a line with its gaps with a pen."""
    painter.setPen(pen)
    for part in _unbroken(points):
        painter.drawPolyline(part)


def _unbroken(points: Points) -> Iterator[list[QPointF]]:
    """The parts between the gaps that have at least two points."""
    for has_value, part in groupby(points.tolist(), lambda point: math.isfinite(point[1])):
        corners = [QPointF(x, y) for x, y in part] if has_value else []
        if len(corners) > 1:
            yield corners
