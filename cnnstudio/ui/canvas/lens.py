"""What part of the scene the canvas shows and how large: zoom about a point, shift, rest."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QMarginsF, QPoint, QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform
from PySide6.QtWidgets import QGraphicsView

SMALLEST, LARGEST = 0.2, 4.0
"""The range of the zoom."""
STEP = 1.2
"""The factor of one step of the zoom by key or button."""
KEPT = 96
"""So many pixels of the row stay in sight however far the view is shifted."""

_LESS = 0.01
"""Taken off the view's own size, in pixels, so that rounding never calls for a scroll bar."""
_MARGINS = QMarginsF(24, 8, 8, 12)
"""As much empty ground around the row may be out of sight without a scroll bar."""


class Lens:
    """Moves the view over the scene.

    At rest only the row itself can be scrolled to. Zoomed or shifted by hand, the view may lie
    anywhere: the scrolled area is then the row together with what is in sight, so that the point
    under the pointer stays there even at an edge, or where the whole row is in sight.
    """

    def __init__(self, view: QGraphicsView, content: Callable[[], QRectF]) -> None:
        self._view = view
        self._content = content
        self._is_free = False
        self._is_busy = False
        self._held: tuple[QPointF, QPointF] | None = None
        self._corner = QPoint()

    @property
    def scale(self) -> float:
        """How large things are drawn; 1.0 is 100 %."""
        return self._view.transform().m11()

    @property
    def corner(self) -> QPoint:
        """What is at the upper left of the view: a place in the scaled scene, in pixels."""
        place = self._view.viewportTransform()
        return QPointF(-place.dx(), -place.dy()).toPoint()

    def zoom_about(self, scale: float, point: QPointF, target: QPointF | None = None) -> None:
        """Zoom to `scale`; what is at `point` of the viewport stays, or goes to `target`."""
        place = self._place_under(point)
        self._set_scale(scale)
        target = point if target is None else target
        self.go_to((place * self.scale - target).toPoint())
        self._held = (target, place)

    def zoom_in_place(self, scale: float, point: QPointF) -> None:
        """Zoom to `scale` and rest, with the scene's `point` where it is as far as may be."""
        before = QPointF(self._view.viewportTransform().map(point))
        self._set_scale(scale)
        self.rest()
        self.scroll_to((point * self.scale - before).toPoint())

    def shift(self, step: QPoint) -> None:
        """Move the picture by `step` pixels, but leave some of the row in sight."""
        row = QRectF(self._content().topLeft() * self.scale, self._content().size() * self.scale)
        now, area = self.corner, self._view.viewport().size()
        x = _within(
            now.x(), now.x() - step.x(), row.left() + KEPT - area.width(), row.right() - KEPT
        )
        y = _within(
            now.y(), now.y() - step.y(), row.top() + KEPT - area.height(), row.bottom() - KEPT
        )
        self.go_to(QPoint(x, y))

    def go_to(self, corner: QPoint) -> None:
        """Show the scaled scene from `corner` on, wherever that is."""
        self._is_free = True
        self._lay_out(corner)

    def rest(self) -> None:
        """Scroll over the row alone again."""
        self._is_free = False
        self.follow()

    def follow(self) -> None:
        """The row or the viewport has another size."""
        if self._is_busy:
            return
        if self._is_free:
            self._lay_out(self.corner)
        else:
            self._held = None
            self._set_area(self._content())

    def _place_under(self, point: QPointF) -> QPointF:
        """The scene's point at `point`; kept while it zooms there, so that nothing adds up."""
        if self._held is not None and self._held[0] == point and self.corner == self._corner:
            return self._held[1]
        inverse, _ = self._view.viewportTransform().inverted()
        return inverse.map(point)

    def _set_scale(self, scale: float) -> None:
        scale = min(max(scale, SMALLEST), LARGEST)
        self._view.setTransform(QTransform.fromScale(scale, scale))

    def _lay_out(self, corner: QPoint) -> None:
        """Scroll to `corner`; scroll bars that come or go change the viewport, then `follow`."""
        row = self._content().marginsRemoved(_MARGINS)
        self._set_area(row | self._area_at(corner))
        self.scroll_to(corner)
        self._corner = self.corner

    def _area_at(self, corner: QPoint) -> QRectF:
        """What is in sight from `corner` on, in the scene."""
        area = self._view.viewport().size()
        left, top = _outwards(corner.x()), _outwards(corner.y())
        size = QSizeF(area.width() - _LESS, area.height() - _LESS)
        return QRectF(QPointF(left, top) / self.scale, size / self.scale)

    def _set_area(self, area: QRectF) -> None:
        self._is_busy = True
        self._view.setSceneRect(area)
        self._is_busy = False

    def scroll_to(self, corner: QPoint) -> None:
        """Show the scaled scene from `corner` on, as far as it can be scrolled to."""
        self._view.horizontalScrollBar().setValue(corner.x())
        self._view.verticalScrollBar().setValue(corner.y())


def _within(now: int, wanted: int, low: float, high: float) -> int:
    """`wanted` kept between the limits, or nearer to them than `now` where that is beyond."""
    return round(min(max(wanted, min(low, now)), max(high, now)))


def _outwards(place: int) -> float:
    """A little more than `place`, as Qt cuts fractions off: 4.9999 would become 4."""
    return place + math.copysign(_LESS / 10, place)
