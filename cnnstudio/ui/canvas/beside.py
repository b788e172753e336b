"""Where a card floats so that it hides as little as can be of what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QRect, QSize

_SMALLER = 0.3
"""What a pixel costs by which the card is smaller than it would be, against one that it hides."""

Kept = tuple[QRect, float]
"""Something that should stay in sight, and what each of its pixels costs that is hidden."""


def places_beside(
    what: QRect, size: QSize, least: QSize, room: QRect, gaps: tuple[int, int]
) -> list[QRect]:
    """Places of a card in `room`: behind, before, above and below `what`, and at the edges.

    Where there is less room than `size` it is made smaller, down to `least`. `gaps` are the pixels
    that stay free before and behind `what`.
    """
    before, behind = gaps
    right, bottom = room.left() + room.width(), room.top() + room.height()
    left = max(min(what.left(), right - size.width()), room.left())
    top = max(min(what.top() - 24, bottom - size.height()), room.top())
    start, above, below = what.right() + behind, what.top() - behind, what.bottom() + behind
    end = what.left() - before
    broad = [min(size.width(), right - start), min(size.width(), end - room.left())]
    high = [min(size.height(), above - room.top()), min(size.height(), bottom - below)]
    found = [
        QRect(start, top, broad[0], size.height()),
        QRect(end - broad[1], top, broad[1], size.height()),
        QRect(left, above - high[0], size.width(), high[0]),
        QRect(left, below, size.width(), high[1]),
        QRect(QPoint(room.left(), top), size),
        QRect(QPoint(right - size.width(), top), size),
    ]
    foot = QRect(QPoint(left, max(bottom - size.height(), room.top())), size)
    return [*(place for place in found if _fits(place, least, room)), foot]


def best_place(places: Iterable[QRect], size: QSize, kept: Sequence[Kept]) -> QRect:
    """The place that hides least of what is `kept`, and is least smaller than `size`."""

    def cost(place: QRect) -> float:
        hidden = sum(weight * _area(place.intersected(rect).size()) for rect, weight in kept)
        return hidden + _SMALLER * (_area(size) - _area(place.size()))

    return min(places, key=cost)


def _fits(place: QRect, least: QSize, room: QRect) -> bool:
    large = place.width() >= least.width() and place.height() >= least.height()
    return large and room.contains(place)


def _area(size: QSize) -> int:
    return max(0, size.width()) * max(0, size.height())
