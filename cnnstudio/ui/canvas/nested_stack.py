"""The frames below one line of cards, one under the other, and the lines that lead to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

from cnnstudio.ui.canvas.nested_layout import OFFSET, TAIL

_BESIDE = 7.0
"""How far from the frames above it a line passes them."""
_OVER = 8.0
"""How far over the first frame it turns aside: the wire to the next line of cards runs above."""
_APART = 4.0
"""From one such line to the next."""
_EDGE = 24.0
"""How far from the corner of a frame its tail stays."""


@dataclass(frozen=True)
class Stand:
    """Where a frame stands, and its line from the card to the tip of the tail."""

    corner: QPointF
    line: tuple[QPointF, ...]


class Stack:
    """Takes the frames of one line of cards from the left to the right, `gap` pixels apart.

    A line that would cross a frame above passes it on the right.
    """

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._height = 0.0
        self._left, self._right = math.inf, -math.inf
        self._detours = 0

    def take(self, card: QRectF, left: float, extent: QSizeF) -> Stand:
        """Where the next frame, so large, stands for its `card`, if it begins at `left`."""
        place = QRectF(QPointF(left, card.bottom() + OFFSET + self._height), extent)
        line = self._line(card, place)
        self._height += extent.height() + self._gap
        self._left, self._right = min(self._left, left), max(self._right, place.right())
        return Stand(place.topLeft(), line)

    def _line(self, card: QRectF, place: QRectF) -> tuple[QPointF, ...]:
        x, tip = card.center().x(), place.top() - TAIL
        begin = QPointF(x, card.bottom() + 1)
        if not self._left - _BESIDE < x < self._right + _BESIDE:
            return (begin, QPointF(x, tip))
        side = self._right + _BESIDE + _APART * self._detours
        level = card.bottom() + OFFSET - _OVER - _APART * self._detours
        self._detours += 1
        aside = (begin, QPointF(x, level), QPointF(side, level))
        end = max(place.left() + _EDGE, min(side, place.right() - _EDGE))
        if end == side:
            return (*aside, QPointF(end, tip))
        return (*aside, QPointF(side, tip - 3), QPointF(end, tip - 3), QPointF(end, tip))
