"""What flows through a block for the probe image: its maps on the card and on the volume above.

An item of its own, so that new weights repaint the pictures and not the words around them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.blocks import Input, Shape
from cnnstudio.ui.canvas import thumbnails, volume
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import CARD
from cnnstudio.ui.canvas.paint import box
from cnnstudio.ui.theme import Theme, ThemeManager

HEADROOM = 80.0
"""The room above a card for its volume."""
_BOUNDS = QRectF(0, -HEADROOM, CARD.width(), HEADROOM + 122)
_FOOT = QPointF(CARD.width() / 2, -volume.FOOT)


class Activity(QGraphicsItem):
    """Belongs to a card and lies over it; new values are looked at when they are first painted."""

    def __init__(self, face: Face, themes: ThemeManager, card: QGraphicsItem) -> None:
        super().__init__(card)
        self._themes = themes
        self._face = face
        self._values: NDArray[np.floating] | None = None
        self._levels: NDArray[np.uint8] | None = None
        self._lost: tuple[int, ...] = ()
        self._is_waiting = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # exposedRect
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)  # it moves with its card

    def show_face(self, face: Face) -> None:
        """Belong to another block or another size; another name does not change the pictures."""
        before, self._face = self._face, face
        if _look(before) != _look(face):
            self.update()

    def show_values(self, values: NDArray[np.floating] | None) -> None:
        """Show activations ``(C, H, W)`` or ``(units,)``."""
        known, self._values = self._values, values
        if known is values:
            return
        if self._is_input and known is not None and np.array_equal(known, values):  # type: ignore[arg-type]
            return  # the probe image stays while the weights change
        self._levels = None
        if not self._is_waiting:  # Qt keeps each request, and out of sight none is ever served
            self._update_pictures()
            self._is_waiting = True

    def refresh(self) -> None:
        """Paint all anew, as after a change of the theme."""
        self.update()

    def value_at(self, point: QPointF) -> tuple[tuple[int, ...], float] | None:
        """Place and value of what is drawn at `point`; None where nothing is."""
        shape, values = self._face.shape, self._values
        if shape is None or values is None or values.shape != tuple(shape):
            return None
        place = thumbnails.value_at(point, tuple(shape), probe=self._is_input)
        return None if place is None else (place, float(values[place]))

    def _update_pictures(self) -> None:
        """Repaint what shows values, and not what only tells the size."""
        shape = self._face.shape
        if shape is None:
            self.update()
            return
        self.update(thumbnails.picture_place(tuple(shape), probe=self._is_input))
        if not shape.is_flat:
            self.update(volume.picture_place(shape).translated(_FOOT))

    @property
    def _is_input(self) -> bool:
        return isinstance(self._face.block, Input)

    def boundingRect(self) -> QRectF:
        """The volume's room and the card's picture area."""
        return _BOUNDS

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
        self._is_waiting = False
        shape = self._face.shape
        if self._face.state is not State.KNOWN or shape is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, exposed = self._themes.theme, option.exposedRect
        if exposed.top() < 0:
            self._paint_volume(painter, shape, theme)
        if exposed.bottom() > thumbnails.AREA.top() and self._face.coverage is None:
            self._paint_pictures(painter, shape, theme)

    def _paint_volume(self, painter: QPainter, shape: Shape, theme: Theme) -> None:
        levels = self._known_levels(shape)
        strongest = None if levels is None or shape.is_flat else thumbnails.strongest(levels)
        family = self._face.block.family
        volume.draw_volume(painter, _FOOT, shape, family, theme, strongest)

    def _paint_pictures(self, painter: QPainter, shape: Shape, theme: Theme) -> None:
        levels, probe = self._known_levels(shape), self._is_input
        if shape.is_flat and levels is None:
            thumbnails.draw_empty_cells(painter, shape[0], theme)
        elif levels is None and probe:
            box(painter, thumbnails.PROBE, 2, theme.color("inset"))
        elif levels is None:
            thumbnails.draw_empty_maps(painter, shape[0], theme)
        elif shape.is_flat:
            thumbnails.draw_cell_ground(painter, len(levels), theme.color("strong"))
            thumbnails.draw_cells(painter, levels, theme.map_pixels)
        else:
            shown = levels[:1] if probe else levels
            thumbnails.draw_map_ground(painter, shown, theme.color("fieldline"), probe=probe)
            thumbnails.draw_maps(painter, shown, theme.map_pixels, probe=probe)
        if levels is not None and self._lost:
            tone = theme.color("errortext")
            thumbnails.draw_lost(painter, self._lost, tuple(shape), tone, probe=probe)

    def _known_levels(self, shape: Shape) -> NDArray[np.uint8] | None:
        """The values as bytes; None while there are none of this shape."""
        values = self._values
        if values is None or values.shape != tuple(shape):
            return None
        if self._levels is None:
            self._lost = thumbnails.lost_parts(values)
            self._levels = (
                thumbnails.cell_levels(values)
                if shape.is_flat
                else thumbnails.levels_of(values, thumbnails.MOST_MAPS)
            )
        return self._levels


def _look(face: Face) -> tuple[object, ...]:
    """What of a face the pictures depend on."""
    is_input, covered = isinstance(face.block, Input), face.coverage is not None
    return face.state, face.shape, face.block.family, is_input, covered
