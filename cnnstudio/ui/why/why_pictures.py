"""A map with what is seen of it outlined; a value of it can be chosen by pointer and keyboard."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.parts.arrow_keys import ARROWS
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, font

CAPTION = 18
"""Height of the words below, in pixels."""

MARGIN = 3
"""Room around the picture for outlines, in pixels."""


class CellPicture(QWidget):
    """One map ``(rows, columns)`` in the colours of maps, with a region and a cell outlined.

    `picked` carries the row and column that were clicked, or that an arrow key leads to; `turned`
    is -1 or 1 for Page up and Page down. Where `takes_keys` is off the picture only shows.
    """

    picked = Signal(int, int)
    turned = Signal(int)

    def __init__(self, themes: ThemeManager, name: str, *, takes_keys: bool) -> None:
        super().__init__()
        self._name = name
        self.setAccessibleName(name)
        self._themes = themes
        self._takes_keys = takes_keys
        self._values: NDArray[np.floating] = np.zeros((0, 0))
        self._image = QImage()
        self._region: NDArray[np.bool_] | None = None
        self._cell: tuple[int, int] | None = None
        self._words, self._side = "", 120
        if takes_keys:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_map(
        self,
        values: NDArray[np.floating],
        words: str,
        *,
        region: NDArray[np.bool_] | None = None,
        cell: tuple[int, int] | None = None,
    ) -> None:
        """Show `values` (NaN where there is none) with `words` below, and what is outlined."""
        self._values, self._words, self._region, self._cell = values, words, region, cell
        self._image = _image(values, self._themes)
        where = "" if cell is None else f", row {cell[0] + 1}, column {cell[1] + 1}"
        self.setAccessibleName(f"{self._name}: {words}{where}")
        self.update()

    def mark(self, cell: tuple[int, int]) -> None:
        """Outline another cell of the same map."""
        self._cell = cell
        self.update()

    @property
    def cell(self) -> tuple[int, int] | None:
        """The row and column that is outlined."""
        return self._cell

    @property
    def region(self) -> NDArray[np.bool_] | None:
        """What is outlined as seen, ``(rows, columns)``."""
        return self._region

    def set_side(self, side: int) -> None:
        """Be so wide, and as high with the words; lower where there is no room."""
        if side != self._side:
            self._side = side
            self.setFixedWidth(side)
            self.setMaximumHeight(side + CAPTION)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """A square with its words."""
        return QSize(self._side, self._side + CAPTION)

    def place_of(self, row: int, column: int) -> QRectF:
        """Where a cell is painted."""
        frame, side = self._frame()
        return QRectF(frame.x() + column * side, frame.y() + row * side, side, side)

    def _frame(self) -> tuple[QRectF, float]:
        """Where the picture is, and the side of a cell."""
        rows, columns = self._values.shape
        room = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -CAPTION)
        side = min(room.width() / max(1, columns), room.height() / max(1, rows))
        side = math.floor(side) if side >= 2 else max(0.1, side)
        return QRectF(room.x(), room.y(), columns * side, rows * side), side

    def paintEvent(self, event: QPaintEvent) -> None:
        """The map, what is outlined, the words."""
        if not self._values.size:
            return
        painter, theme = QPainter(self), self._themes.theme
        frame, side = self._frame()
        painter.drawImage(frame, self._image)
        if self._region is not None and not self._region[~np.isnan(self._values)].all():
            _outline(painter, _edges(self._region), frame.topLeft(), side, theme.color("accent"))
        if self._cell is not None:
            mark = np.zeros(self._values.shape, bool)
            mark[self._cell] = True
            _outline(painter, _edges(mark), frame.topLeft(), side, theme.color("accent"))
        if self.hasFocus():
            rounded(painter, frame.adjusted(-3, -3, 3, 3), 3, None, theme.color("accent"), 1.5)
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        below = QRectF(MARGIN, frame.bottom() + 3, self.width() - MARGIN, CAPTION - 3)
        words = painter.fontMetrics().elidedText(
            self._words, Qt.TextElideMode.ElideRight, int(below.width())
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the value under the pointer."""
        found = self.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self.picked.emit(*found)
        else:
            super().mousePressEvent(event)

    def at(self, position: QPoint) -> tuple[int, int] | None:
        """The row and column at `position` that hold a value."""
        frame, side = self._frame()
        row = math.floor((position.y() - frame.y()) / side)
        column = math.floor((position.x() - frame.x()) / side)
        rows, columns = self._values.shape
        inside = 0 <= row < rows and 0 <= column < columns
        return (row, column) if inside and not np.isnan(self._values[row, column]) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go to the next value, Page up and Page down to the next map."""
        step, key = ARROWS.get(Qt.Key(event.key())), event.key()
        if step is not None and self._cell is not None:
            row, column = self._cell[0] + step[0], self._cell[1] + step[1]
            rows, columns = self._values.shape
            inside = 0 <= row < rows and 0 <= column < columns
            if inside and not np.isnan(self._values[row, column]):
                self.picked.emit(row, column)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(1 if key == Qt.Key.Key_PageDown else -1)
        else:
            super().keyPressEvent(event)


def _image(values: NDArray[np.floating], themes: ThemeManager) -> QImage:
    """The values from 0 to the largest as pixels; transparent where there is none."""
    pixels = np.zeros(values.shape, np.uint32)
    known = ~np.isnan(values)
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(finite.max(initial=0.0)) or 1.0
    levels = np.rint(np.clip(finite / largest, 0, 1) * 255).astype(np.uint8)
    pixels[known] = themes.theme.map_pixels[levels[known]]
    rows, columns = values.shape
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.tobytes(), columns, rows, 4 * columns, form).copy()


def _edges(mask: NDArray[np.bool_]) -> list[QLineF]:
    """The lines around the marked cells, in units of cells."""
    framed = np.pad(mask, 1)
    down = np.argwhere(framed[1:, 1:-1] != framed[:-1, 1:-1])
    right = np.argwhere(framed[1:-1, 1:] != framed[1:-1, :-1])
    flat = [QLineF(column, row, column + 1, row) for row, column in down.tolist()]
    return flat + [QLineF(column, row, column, row + 1) for row, column in right.tolist()]


def _outline(
    painter: QPainter, edges: list[QLineF], corner: QPointF, side: float, colour: QColor
) -> None:
    """Lines that can be seen on any ground: the colour on white."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    lines = [QLineF(corner + edge.p1() * side, corner + edge.p2() * side) for edge in edges]
    for width, tone in ((4.0, QColor("#FFFFFF")), (2.0, colour)):
        painter.setPen(QPen(tone, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap))
        painter.drawLines(lines)
    painter.restore()


def arranged(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """A row of units as a picture, a little wider than high; NaN behind the last."""
    columns = unit_columns(len(values))
    rows = -(-len(values) // columns)
    picture = np.full(rows * columns, np.nan)
    picture[: len(values)] = values
    return picture.reshape(rows, columns)


def unit_columns(count: int) -> int:
    """How many units stand side by side."""
    return max(1, math.ceil(math.sqrt(count)))
