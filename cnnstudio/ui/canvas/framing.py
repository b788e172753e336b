"""How the canvas shows its row: how large, wrapped where, and what of it is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QPointF

from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.layout import columns_for, scales_of_columns
from cnnstudio.ui.document.sight import Sight

if TYPE_CHECKING:
    from cnnstudio.ui.canvas.view import Canvas

_SCROLL_BAR = 16
"""Kept free at the right, so that a vertical scroll bar never calls for a horizontal one."""
_EDGE = 16
"""Pixels that stay free around what is brought into sight."""


class Framing(QObject):
    """Zooms, wraps and scrolls a canvas; what is fitted stays so until somebody zooms."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas, self._lens, self._pipeline = canvas, canvas.lens, canvas.pipeline
        self._is_fitted = False
        self._columns: int | None = None
        self._beginning: Sight | None = None

    # ---- zoom

    def zoom_to(self, scale: float) -> None:
        """Zoom about the selected card if it is in sight, else about the middle."""
        canvas, self._is_fitted = self._canvas, False
        area = canvas.viewport().rect()
        chosen = (card.scene_center() for card in self._pipeline.selected_cards())
        seen = (place for place in chosen if area.contains(canvas.mapFromScene(place)))
        self._lens.zoom_in_place(scale, next(seen, canvas.mapToScene(area.center())))
        self._take_zoom()

    def zoom_about(self, scale: float, point: QPointF, target: QPointF | None) -> None:
        """Zoom to `scale`; what is at `point` of the viewport stays, or goes to `target`."""
        self._is_fitted = False
        self._lens.zoom_about(scale, point, target)
        self._take_zoom()

    def actual_size(self) -> None:
        """Back to 100 %, wrapping at the window's width."""
        self._columns = None
        self.zoom_to(1.0)

    def fit(self) -> None:
        """Show the whole network as large as it goes, but not above 100 %."""
        room, pipeline = self._canvas.maximumViewportSize(), self._pipeline
        strip, best = pipeline.output.can_be_strip, (0.0, 1)
        scales = scales_of_columns(pipeline.cells, room.width(), room.height(), strip=strip)
        for most, columns in scales if pipeline.nests.frames() else scales[:1]:
            if most <= best[0]:
                break
            pipeline.set_room(columns, 0.0)
            row = pipeline.content  # what is open below the cards takes room, too
            scale = min(most, room.width() / row.width(), room.height() / row.height())
            best = max(best, (scale, columns))
        scale, self._columns = best
        self.zoom_to(scale)
        self._is_fitted = True

    def refit(self) -> None:
        """The row has changed: if it was fitted, it is again."""
        if self._is_fitted:
            self.fit()

    def take_size(self) -> None:
        """The canvas has another size: wrap anew."""
        if self._is_fitted:
            self.fit()
        else:
            self._make_room()

    def _take_zoom(self) -> None:
        self._canvas.zoomed.emit(self._lens.scale)
        self._make_room()

    def _make_room(self) -> None:
        width = self._canvas.width()
        least = (width - _SCROLL_BAR) / self._lens.scale
        self._pipeline.set_room(self._columns or columns_for(width), least)
        self._lens.follow()

    # ---- what is in sight

    @property
    def sight(self) -> Sight:
        """What is in sight now."""
        corner = self._lens.corner
        return Sight(self._lens.scale, corner.x(), corner.y(), self._columns, self._is_fitted)

    def show_sight(self, sight: Sight) -> None:
        """Show what was in sight before; while the canvas is not shown, once it is."""
        is_visible = self._canvas.isVisible()
        self._beginning = None if is_visible else sight
        if not is_visible:
            return
        if sight.is_fitted:
            self.fit()
            return
        self._columns = sight.columns
        self.zoom_to(sight.zoom)
        self._lens.scroll_to(QPoint(sight.x, sight.y))

    def show_beginning(self) -> None:
        """Begin at the first card, or where a document was left."""
        if self._beginning is not None:
            self.show_sight(self._beginning)
            return
        for bar in (self._canvas.horizontalScrollBar(), self._canvas.verticalScrollBar()):
            bar.setValue(bar.minimum())

    def reveal(self, path: Path) -> None:
        """Scroll so that the card at `path` can be seen, one of the row with its volume above."""
        if len(path) > 1:
            self._canvas.ensureVisible(self._pipeline.place_rect(path), 2 * _EDGE, 2 * _EDGE)
        else:
            rect = self._pipeline.grid.rect(path[0])
            self._canvas.ensureVisible(rect.adjusted(0, -80, 0, 0), _EDGE, _EDGE)

    def reveal_opened(self) -> None:
        """Scroll to the rows that were opened, with their card where there is room for both."""
        self.refit()
        opened, canvas = self._pipeline.nests.newest(), self._canvas
        if opened is not None:
            rows = opened.scene_rect()
            canvas.ensureVisible(opened.card.scene_rect() | rows, _EDGE, _EDGE)
            canvas.ensureVisible(rows, _EDGE, _EDGE)
            height = canvas.viewport().height() / self._lens.scale - 2 * _EDGE
            rows.setHeight(min(rows.height(), height))  # of too many, the first
            canvas.ensureVisible(rows, _EDGE, _EDGE)
