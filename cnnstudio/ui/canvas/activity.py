"""What flows through a block for the probe image: its maps on the card and on the volume above.

An item of its own, so that new weights repaint the pictures and not the words around them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Input, Shape
from cnnstudio.ui.canvas import thumbnails, volume
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import CARD
from cnnstudio.ui.canvas.paint import box
from cnnstudio.ui.theme import Theme, ThemeManager

HEADROOM = 80.0
"""The room above a card for its volume."""
_PROBE = QRectF(12, 56, 64, 64)


class Activity(QGraphicsItem):
    """Belongs to a card and lies over it; the pictures are made when they are first painted."""

    def __init__(self, face: Face, themes: ThemeManager, card: QGraphicsItem) -> None:
        super().__init__(card)
        self._themes = themes
        self._face = face
        self._values: NDArray[np.floating] | None = None
        self._shares: NDArray[np.floating] | None = None
        self._class_names: Sequence[str] = ()
        self._maps: thumbnails.Maps | None = None
        self._slanted: QImage | None = None
        self._cells: list[QColor] | None = None

    def show_face(self, face: Face) -> None:
        """Belong to another block or another size."""
        self._face = face
        self.update()

    def show_values(
        self,
        values: NDArray[np.floating] | None,
        shares: NDArray[np.floating] | None,
        class_names: Sequence[str],
    ) -> None:
        """Show activations ``(C, H, W)`` or ``(units,)``; with `shares` probabilities instead."""
        self._values, self._shares, self._class_names = values, shares, class_names
        self.refresh()

    def refresh(self) -> None:
        """Make the pictures anew, as after a change of the theme."""
        self._maps = self._slanted = self._cells = None
        self.update()

    def boundingRect(self) -> QRectF:
        """The volume's room and the card's picture area."""
        return QRectF(0, -HEADROOM, CARD.width(), HEADROOM + 122)

    def shape(self) -> QPainterPath:
        """Nothing: the mouse belongs to the card."""
        return QPainterPath()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the volume and the pictures of a block whose size is known."""
        shape = self._face.shape
        if self._face.state is not State.KNOWN or shape is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._themes.theme
        self._paint_volume(painter, shape, theme)
        if isinstance(self._face.block, Input):
            self._paint_probe(painter, theme)
        elif self._shares is not None and len(self._shares) <= thumbnails.MOST_BARS:
            color = theme.family(self._face.block.family)
            thumbnails.draw_bars(painter, self._shares, self._class_names, color, theme)
        elif shape.is_flat:
            thumbnails.draw_cells(painter, self._cells_now(shape, theme), theme.color("card"))
        else:
            self._paint_maps(painter, shape, theme)

    def _paint_volume(self, painter: QPainter, shape: Shape, theme: Theme) -> None:
        maps = None if shape.is_flat else self._maps_now(theme)
        if maps is not None and self._slanted is None:
            self._slanted = maps.strongest_map()
        foot = QPointF(CARD.width() / 2, -volume.FOOT)
        color = theme.family(self._face.block.family)
        volume.draw_volume(painter, foot, shape, color, theme, self._slanted)

    def _paint_probe(self, painter: QPainter, theme: Theme) -> None:
        maps = self._maps_now(theme)
        if maps is None:
            box(painter, _PROBE, 2, theme.color("inset"))
        else:
            thumbnails.draw_map(painter, maps, 0, _PROBE)
            thumbnails.round_corners(painter, _PROBE, theme.color("card"))

    def _paint_maps(self, painter: QPainter, shape: Shape, theme: Theme) -> None:
        maps = self._maps_now(theme)
        if maps is None:
            thumbnails.draw_empty_maps(painter, shape[0], theme)
        else:
            thumbnails.draw_maps(painter, maps, theme)

    def _maps_now(self, theme: Theme) -> thumbnails.Maps | None:
        if self._maps is None and self._values is not None and self._values.ndim == 3:
            self._maps = thumbnails.maps_of(self._values, theme)
        return self._maps

    def _cells_now(self, shape: Shape, theme: Theme) -> list[QColor]:
        if self._values is None or self._values.ndim != 1:
            return [theme.color("inset")] * min(shape[0], thumbnails.MOST_CELLS)
        if self._cells is None:
            self._cells = thumbnails.cell_colors(self._values, theme)
        return self._cells
