"""Culling: items of a long row that are far from what is seen are hidden, so Qt skips them.

Of the items of a scene, Qt visits each one that is not hidden whenever something is painted, moved
or pointed at: with 200 blocks that took longer than painting those in sight.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene

from cnnstudio.ui.canvas.layout import ROW_PITCH, Grid


class Culling:
    """Hides items that are far from what the views show; a scene without a view shows all."""

    def __init__(self, scene: QGraphicsScene) -> None:
        self._scene = scene
        self._near: set[QGraphicsItem] = set()

    def seen(self) -> QRectF:
        """What the views show; empty without a view."""
        seen = QRectF()
        for view in self._scene.views():
            seen |= view.mapToScene(view.viewport().rect()).boundingRect()
        return seen

    def area(self) -> QRectF:
        """What the views show, and what is a row above and below; empty without a view."""
        seen = self.seen()
        return seen if seen.isEmpty() else seen.adjusted(0, -ROW_PITCH, 0, ROW_PITCH)

    def cells(self, grid: Grid, cells: int) -> slice:
        """Which of so many cells of a grid are near."""
        area = self.area()
        if area.isEmpty():
            return slice(0, cells)
        first, last = (grid.row_at(y, cells) for y in (area.top(), area.bottom()))
        return slice(first * grid.columns, (last + 1) * grid.columns)

    def take(self, item: QGraphicsItem) -> None:
        """Put a new item into the scene, hidden until it is said to be near."""
        item.hide()
        self._scene.addItem(item)

    def keep(self, near: Iterable[QGraphicsItem]) -> None:
        """Show these of the items that were taken, and hide the others."""
        before, self._near = self._near, set(near)
        for item in before - self._near:
            item.hide()
        for item in self._near - before:
            item.show()
