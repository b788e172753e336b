"""The lines of a plot: their values, their painting, and the picture that keeps what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from cnnstudio.ui.axes import Axes

RING = 2.7
"""The radius of a ring in pixels."""

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


EMPTY = Series(np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class End:
    """The last point of a line: its name, the token of its colour, its place."""

    name: str
    token: str
    point: QPointF


@dataclass(eq=False)
class Ground:
    """A picture of axes and rings, and of the train line as far as `train`, at a pixel ratio."""

    picture: QPixmap
    axes: Axes
    train: Points
    rings: Points

    def holds(self, axes: Axes, train: Points, rings: Points, ratio: float) -> bool:
        """Whether a plot of these begins with what is in the picture."""
        return (
            axes == self.axes
            and ratio == self.picture.devicePixelRatio()
            and np.array_equal(rings, self.rings, equal_nan=True)
            and np.array_equal(train[: len(self.train)], self.train, equal_nan=True)
        )


def draw_line(painter: QPainter, points: Points, colour: QColor, width: float) -> None:
    """Draw a line with its gaps."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for part in _unbroken(points):
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in part.tolist()]))


def draw_rings(painter: QPainter, points: Points, line: QColor, ground: QColor) -> None:
    """Draw a ring at every finite point but the last, which is "now"."""
    painter.setPen(QPen(line, 1.4))
    painter.setBrush(ground)
    for x, y in points[np.isfinite(points[:, 1])][:-1].tolist():
        painter.drawEllipse(QPointF(x, y), RING, RING)


def _unbroken(points: Points) -> Iterator[Points]:
    """The parts between the gaps that have at least two points."""
    finite = np.isfinite(points[:, 1])
    if finite.all():
        parts = [points]
    else:
        edges = np.flatnonzero(np.diff(finite)) + 1
        parts = [part for part in np.split(points, edges) if np.isfinite(part[0, 1])]
    yield from (part for part in parts if len(part) > 1)
