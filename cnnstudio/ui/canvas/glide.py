"""Lets cards glide to where they belong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPointF, QVariantAnimation
from PySide6.QtWidgets import QGraphicsItem

from cnnstudio.ui.theme import MOTION_CURVE

Move = tuple[QGraphicsItem, QPointF, QPointF]
"""An item, where it is and where it goes."""


class Glide:
    """One movement of several items at a time; a new one begins where the last one was left."""

    def __init__(self, parent: QObject) -> None:
        self._moves: Sequence[Move] = ()
        self._animation = QVariantAnimation(parent)
        self._animation.setEasingCurve(MOTION_CURVE)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._move)

    def begin(self, moves: Sequence[Move], milliseconds: int) -> None:
        """Move all, at once where it takes no time; what glided before stays where it is."""
        self._animation.stop()
        self._moves = moves
        if moves and milliseconds:
            self._animation.setDuration(milliseconds)
            self._animation.start()
        else:
            self._move(1.0)

    def _move(self, share: float) -> None:
        for item, start, goal in self._moves:
            item.setPos(start + (goal - start) * share)
