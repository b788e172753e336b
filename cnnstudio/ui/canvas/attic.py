"""Keeps items that were taken out of the scene until what they are just doing is over."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene


class Attic:
    """One of the items may be handling the very click that made it go."""

    def __init__(self, scene: QGraphicsScene) -> None:
        self._scene = scene
        self._items: list[QGraphicsItem] = []

    def take(self, item: QGraphicsItem) -> None:
        """Take `item` out of the scene; it lives on until the event loop turns again."""
        if item.scene() is self._scene:
            item.hide()
            self._scene.removeItem(item)
            self._items.append(item)
            QTimer.singleShot(0, self._scene, self._items.clear)
