"""A mosaic of maps or filters: one picture for all of them, magnified by whole factors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.hatch import hatch
from cnnstudio.ui.parts.tiling import LARGEST, Grid, assembled, best_grid
from cnnstudio.ui.theme import ThemeManager, font, packed

INSET = 2
"""Pixels around the mosaic for the frame of a chosen map."""

CAPTION = 20
"""Height of the line with a tile's words, in pixels."""

CAPTION_WIDTH = 56
"""Tiles narrower than this have no words below them."""


class Mosaic(QWidget):
    """Paints maps given as bytes through a colour table; a click chooses one, arrows move on.

    `hovered` carries ``(map, row, column)`` under the pointer or None, `chosen` the place of a map
    that was clicked, or None when it was clicked again, `asked` the value of a double click.
    """

    hovered = Signal(object)
    chosen = Signal(object)
    asked = Signal(object)
    pressed = Signal(object)
    """``(map, row, column)`` of a value that was clicked."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._gap, self._tiles = 8, (20, LARGEST)
        self._levels: NDArray[np.uint8] = np.zeros((0, 1, 1), np.uint8)
        self._table: NDArray[np.uint32] = np.zeros(256, np.uint32)
        self._captions: Sequence[tuple[str, str]] = ()
        self._lost: NDArray[np.bool_] | None = None
        self._group = 1
        self._grid: Grid | None = None
        self._pixels: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._image: QImage | None = None
        self._hot: int | None = None
        self.choice: int | None = None
        self._tell()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def count(self) -> int:
        """How many maps there are."""
        return len(self._levels)

    @property
    def skip(self) -> int:
        """1, or more where only every so many values of a map have room."""
        return 1 if self._grid is None else self._grid.skip

    def show_maps(
        self,
        levels: NDArray[np.uint8],
        table: NDArray[np.uint8],
        captions: Sequence[tuple[str, str]] = (),
        group: int = 1,
        lost: NDArray[np.bool_] | None = None,
    ) -> None:
        """Show ``(n, rows, columns)`` bytes in the colours of a (256, 3) `table`.

        `captions` are the words at the left and right below each map, of those at the right only
        the last one, or none, where there is no room; with `group`, so many maps
        in a row of the array stand below each other. `lost` tells which of them are no numbers:
        these are hatched. A choice that there is no more is given up.
        """
        fresh = levels.shape != self._levels.shape or group != self._group
        fresh = fresh or bool(captions) != bool(self._captions)
        lost = lost if lost is not None and lost.any() else None
        told = lost is None and self._lost is None
        self._levels, self._captions, self._group, self._lost = levels, captions, group, lost
        self._table = packed(table)
        self._image = None
        if fresh:
            self._hot = None
            if self.choice is not None and self.choice >= self.count:
                self.choice = None
            self._arrange()
        if fresh or not told:
            self._tell()
        self.update()

    def _tell(self) -> None:
        """Say what is shown, for a screen reader."""
        count, rows, columns = self._levels.shape
        words = f"{count} maps of {rows}x{columns}" if count else "no maps"
        if self._lost is not None:
            words += f", {self._lost.any(axis=(1, 2)).sum()} with values that are no numbers"
        chosen = "" if self.choice is None else f", map {self.choice + 1} is chosen"
        self.setAccessibleName(words + chosen)

    def set_spacing(self, gap: int, tiles: tuple[int, int] = (20, LARGEST)) -> None:
        """Pixels between two maps, and the smallest and largest width of one."""
        if (gap, tiles) != (self._gap, self._tiles):
            self._gap, self._tiles = gap, tiles
            self._arrange()

    def choose(self, index: int | None) -> None:
        """Mark map `index`, or none, without a signal."""
        self.choice = index if index is not None and index < self.count else None
        self._tell()
        self.update()

    def at(self, position: QPoint) -> tuple[int, int, int] | None:
        """Map, row and column of the value at `position`; None between the maps."""
        grid = self._grid
        if grid is None:
            return None
        ratio = self.devicePixelRatioF()
        x, y = (position.x() - INSET) * ratio, (position.y() - INSET) * ratio
        found = grid.tile_at(x, y)
        if found is None or found[0] >= self.count:
            return None
        index, left, top = found
        scale = grid.factor / grid.skip
        _, rows, columns = self._levels.shape
        return index, min(int(top // scale), rows - 1), min(int(left // scale), columns - 1)

    def place(self, index: int) -> QRectF:
        """Where `draw` puts map `index`."""
        assert self._grid is not None
        left, top = self._grid.corner(index)
        ratio = self.devicePixelRatioF()
        width, height = self._grid.tile
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    def draw(self, painter: QPainter) -> None:
        """Paint maps and captions; also for saving."""
        if self._grid is None:
            return
        painter.drawImage(QPointF(0, 0), self._picture(self._grid))
        if not self._grid.caption:
            return
        theme = self._themes.theme
        painter.setFont(font(11))
        metrics = painter.fontMetrics()
        for index, (left, right) in enumerate(self._captions):
            below = self.place(index)
            words = QRectF(below.x(), below.bottom() + 3, below.width(), CAPTION - 3)
            painter.setPen(theme.color("text"))
            painter.drawText(words, Qt.AlignmentFlag.AlignLeft, left)
            painter.setPen(theme.color("text2"))
            room = words.width() - metrics.horizontalAdvance(left) - 6
            if metrics.horizontalAdvance(right) > room:
                right = right.rpartition(" ")[2]
            if metrics.horizontalAdvance(right) <= room:
                painter.drawText(words, Qt.AlignmentFlag.AlignRight, right)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        if self._grid is None:
            return QSize(1, 1)
        width, height = self._grid.extent(self.count)
        ratio = self.devicePixelRatioF()
        return QSize(round(width / ratio), round(height / ratio))

    def _arrange(self) -> None:
        """Find the grid for the present size, with words below the maps where there is room."""
        self._image = None
        if not self.count:
            self._grid = None
            return
        ratio = self.devicePixelRatioF()
        inset = 2 * INSET
        room = (round((self.width() - inset) * ratio), round((self._height() - inset) * ratio))
        caption = round(CAPTION * ratio) if self._captions and self._group == 1 else 0
        grid = self._fitted(room, caption)
        if caption and grid.tile[0] < CAPTION_WIDTH * ratio:
            grid = self._fitted(room, 0)
        self._grid = grid
        if self._viewport is not None:
            self.setMinimumHeight(min(1 << 20, self.drawn_size().height() + inset))

    @property
    def _viewport(self) -> QWidget | None:
        """What shows a part of the mosaic, where a scroll area is around it."""
        viewport = self.parentWidget()
        scrolls = viewport is not None and isinstance(viewport.parentWidget(), QScrollArea)
        return viewport if scrolls else None

    def _height(self) -> int:
        """The height that is visible."""
        return (self._viewport or self).height()

    def _fitted(self, room: tuple[int, int], caption: int) -> Grid:
        _, rows, columns = self._levels.shape
        ratio = self.devicePixelRatioF()
        return best_grid(
            self.count,
            (rows, columns),
            room,
            group=self._group,
            gap=round(self._gap * ratio),
            caption=caption,
            tiles=(round(self._tiles[0] * ratio), round(self._tiles[1] * ratio)),
        )

    def _picture(self, grid: Grid) -> QImage:
        if self._image is None:
            self._pixels = assembled(self._colours(grid.skip), grid)
            if self._lost is not None:
                lost = self._lost[:, :: grid.skip, :: grid.skip].astype(np.uint32)
                tone = self._themes.theme.color("errortext").rgba()
                where = assembled(lost, grid).astype(bool)
                hatch(self._pixels, where, tone, self.devicePixelRatioF())
            height, width = self._pixels.shape
            self._image = QImage(
                self._pixels.data,  # the array stays with the widget, as the image does not own it
                width,
                height,
                4 * width,
                QImage.Format.Format_ARGB32_Premultiplied,
            )
            self._image.setDevicePixelRatio(self.devicePixelRatioF())
        return self._image

    def _colours(self, skip: int) -> NDArray[np.uint32]:
        """The opaque pixels of all maps, only every so many of them."""
        return self._table[self._levels[:, ::skip, ::skip]]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find the grid anew."""
        self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The maps, a frame around the chosen one and a thin one under the pointer."""
        if self._grid is None:
            return
        painter = QPainter(self)
        painter.translate(INSET, INSET)
        self.draw(painter)
        theme = self._themes.theme
        if self._hot is not None and self._hot != self.choice:
            self._frame(painter, self._hot, theme.color("text3"), 1.0)
        if self.choice is not None:
            self._frame(painter, self.choice, theme.color("accent"), 2.0)

    def _frame(self, painter: QPainter, index: int, colour: QColor, width: float) -> None:
        outside = self.place(index).adjusted(-width, -width, width, width)
        rounded(painter, outside, 2, None, colour, width)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer."""
        found = self.at(event.position().toPoint())
        if (found[0] if found else None) != self._hot:
            self._hot = found[0] if found else None
            self.update()
        self.hovered.emit(found)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._hot = None
        self.update()
        self.hovered.emit(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the map under the pointer, or give the choice up."""
        super().mousePressEvent(event)
        found = self.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self._choose(None if found[0] == self.choice else found[0])
            self.pressed.emit(found)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask about the value under the pointer; its map is chosen."""
        found = self.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            if self.choice != found[0]:
                self._choose(found[0])
            self.asked.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go to the next map, Escape gives the choice up."""
        columns = self._grid.columns if self._grid else 1
        steps = {
            Qt.Key.Key_Left: -self._group,
            Qt.Key.Key_Right: self._group,
            Qt.Key.Key_Up: -columns if self._group == 1 else -1,
            Qt.Key.Key_Down: columns if self._group == 1 else 1,
        }
        step = steps.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.choice is not None:
            self._choose(None)
        elif step is not None and self.count:
            start = self.choice if self.choice is not None else -step
            self._choose(max(0, min(self.count - 1, start + step)))
        else:
            super().keyPressEvent(event)

    def _choose(self, index: int | None) -> None:
        self.choose(index)
        self.chosen.emit(index)
