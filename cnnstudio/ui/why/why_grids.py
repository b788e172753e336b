"""Windows of terms as small grids: the input, times the filter, makes the products; map by map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QResizeEvent

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import font, packed
from cnnstudio.ui.why.why_numbers import short, tight
from cnnstudio.ui.why.why_sheet import PRODUCT, VALUE, WEIGHT, Sheet, Spot, Sums, ink_on, scale_of

TITLE = 17
LABEL = 50
SIGN = 16
GAP = 10
"""Pixels: the line of titles, the words before each map, the signs between, between two maps."""

NUMBER = (34, 16)
TIGHT = 27
WIDEST = 64
"""The size of a cell that holds a number, the narrowest one, and the most it is stretched to."""

ROOMY = 50
"""From this side on the numbers are written larger."""

APART = 10
"""From this side on there is a line between two cells."""

LEAST = 3
"""The smallest side of a cell without a number."""

SIGNS = {VALUE: "", WEIGHT: "×", PRODUCT: "="}


def grid_fits(grid: tuple[int, int, int], columns: int, width: int) -> bool:
    """Whether windows can be told apart in so many pixels."""
    return _room(grid, columns, width) >= LEAST * columns * grid[2]


def width_for_cells(grid: tuple[int, int, int], columns: int, cell: int) -> int:
    """The width from which the cells are so wide, in pixels."""
    return columns * grid[2] * cell - _room(grid, columns, 0)


def _room(grid: tuple[int, int, int], columns: int, width: int) -> int:
    return width - (LABEL if grid[0] > 1 else 0) - SIGN * (columns - 1) - 4


class Grids(Sheet):
    """Three grids for each of the input's maps; with numbers where there is room for them."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.setAccessibleName("Products of the window, map by map")
        self._cell = NUMBER
        self._left = 2
        self._pixels: dict[int, NDArray[np.uint32]] = {}

    def show_sums(self, sums: Sums) -> None:
        """Colour the cells once, however often they are painted."""
        super().show_sums(sums)
        self._pixels = {column: self._colours(column) for column in sums.columns}

    @property
    def _grid(self) -> tuple[int, int, int]:
        assert self._sums is not None
        assert self._sums.terms.grid is not None
        return self._sums.terms.grid

    @property
    def has_numbers(self) -> bool:
        """Whether the numbers are written."""
        return self._cell[0] >= TIGHT

    def arrange(self) -> None:
        """Cells with numbers where they fit side by side, else squares; as large as all fit."""
        if self._sums is None:
            return
        depth, rows, columns = self._grid
        room = _room(self._grid, len(self._sums.columns), self.width())
        width = room // (len(self._sums.columns) * columns)
        if width >= TIGHT:
            width = min(width, WIDEST)
            height = (self._height() // depth - GAP) // rows
            self._cell = (width, max(NUMBER[1], min(width, height)))
        else:
            side = max(LEAST, min(width, self._height() // rows))
            self._cell = (side, side)
        self._left = LABEL if depth > 1 else 2
        self.setMinimumHeight(TITLE + depth * (rows * self._cell[1] + GAP))

    def _height(self) -> int:
        """What is in sight below the titles."""
        area = self.scroll_area()
        return (self.height() if area is None else area.viewport().height()) - TITLE

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find the size of the cells anew."""
        super().resizeEvent(event)
        self.arrange()

    def order(self) -> list[int]:
        """All terms."""
        return list(range(math.prod(self._grid)))

    def drawn_size(self) -> QSize:
        """As wide as the grids are."""
        assert self._sums is not None
        last = self.place_of(Spot(math.prod(self._grid) - 1, self._sums.columns[-1]))
        return QSize(math.ceil(last.right()) + 4, math.ceil(last.bottom()) + 4)

    def place_of(self, spot: Spot) -> QRectF:
        """Where a number is painted."""
        _, rows, columns = self._grid
        map_, rest = divmod(spot.term, rows * columns)
        row, column = divmod(rest, columns)
        width, height = self._cell
        left, top = self._corner(map_, spot.column)
        return QRectF(left + column * width, top + row * height, width, height)

    def _corner(self, map_: int, column: int) -> tuple[float, float]:
        assert self._sums is not None
        _, rows, columns = self._grid
        order = self._sums.columns.index(column)
        left = self._left + order * (columns * self._cell[0] + SIGN)
        return left, TITLE + map_ * (rows * self._cell[1] + GAP)

    def spot_at(self, position: QPoint) -> Spot | None:
        """The number at `position`."""
        if self._sums is None:
            return None
        depth, rows, columns = self._grid
        width, height = self._cell
        map_, below = divmod(position.y() - TITLE, rows * height + GAP)
        for column in self._sums.columns:
            left, _ = self._corner(0, column)
            across = math.floor((position.x() - left) / width)
            if 0 <= map_ < depth and 0 <= across < columns and 0 <= below < rows * height:
                place = (map_, below // height, across)
                return Spot(int(np.ravel_multi_index(place, self._grid)), column)
        return None

    def neighbour(self, spot: Spot, down: int, right: int) -> Spot:
        """Within the grid, then on to the grid beside it or the map below."""
        assert self._sums is not None
        depth, rows, columns = self._grid
        map_, row, column = (int(n) for n in np.unravel_index(spot.term, self._grid))
        line = max(0, min(depth * rows - 1, map_ * rows + row + down))
        across = self._sums.columns.index(spot.column) * columns + column + right
        across = max(0, min(len(self._sums.columns) * columns - 1, across))
        place = (line // rows, line % rows, across % columns)
        index = int(np.ravel_multi_index(place, self._grid))
        return Spot(index, self._sums.columns[across // columns])

    # ---- painting

    def draw(self, painter: QPainter, clip: QRectF | None = None) -> None:
        """Titles, then the maps in sight."""
        assert self._sums is not None
        depth, rows, _ = self._grid
        self._draw_titles(painter)
        for map_ in range(depth):
            top = TITLE + map_ * (rows * self._cell[1] + GAP)
            bottom = top + rows * self._cell[1]
            if clip is None or (bottom >= clip.top() and top <= clip.bottom()):
                self._draw_map(painter, map_)

    def _draw_titles(self, painter: QPainter) -> None:
        assert self._sums is not None
        _, _, columns = self._grid
        painter.setFont(font(11))
        painter.setPen(self._themes.theme.color("text2"))
        metrics = painter.fontMetrics()
        for column in self._sums.columns:
            left, _ = self._corner(0, column)
            room = columns * self._cell[0] + SIGN - 4
            words = metrics.elidedText(
                self._sums.titles[column], Qt.TextElideMode.ElideRight, max(room, 40)
            )
            painter.drawText(QRectF(left, 0, max(room, 40), TITLE), words)

    def _draw_map(self, painter: QPainter, map_: int) -> None:
        assert self._sums is not None
        depth, rows, _ = self._grid
        theme = self._themes.theme
        for column in self._sums.columns:
            left, top = self._corner(map_, column)
            painter.setFont(font(13))
            painter.setPen(theme.color("text2"))
            sign = QRectF(left - SIGN, top, SIGN, rows * self._cell[1])
            painter.drawText(sign, Qt.AlignmentFlag.AlignCenter, SIGNS[column])
            self._draw_grid(painter, map_, column)
        if depth > 1:
            self._draw_label(painter, map_)

    def _draw_label(self, painter: QPainter, map_: int) -> None:
        """The map's name, and what its products come to."""
        assert self._sums is not None
        _, rows, columns = self._grid
        theme, size = self._themes.theme, rows * columns
        _, top = self._corner(map_, self._sums.columns[0])
        cell = self._sums.terms.cell(map_ * size + size // 2)
        number = map_ if cell is None or len(cell.place) < 3 else cell.place[0]
        products = self._sums.terms.products[map_ * size : (map_ + 1) * size]
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        painter.drawText(QRectF(2, top, LABEL - 6, 16), f"map {number + 1}")
        painter.setFont(font(11, 500, tabular=True))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(2, top + 16, LABEL - 6, 16), f"Σ {short(float(products.sum()))}")

    def _draw_grid(self, painter: QPainter, map_: int, column: int) -> None:
        """The colours as one picture, then what is written and drawn on them."""
        _, rows, columns = self._grid
        width, height = self._cell
        pixels = self._pixels[column][map_]
        form = QImage.Format.Format_RGB32
        image = QImage(pixels.tobytes(), columns, rows, 4 * columns, form)
        left, top = self._corner(map_, column)
        frame = QRectF(left, top, columns * width, rows * height)
        painter.drawImage(frame, image)
        if width >= APART:
            self._draw_lines(painter, frame)
        if self.has_numbers:
            self._draw_numbers(painter, map_, column)
        if column == VALUE:
            self._draw_padding(painter, map_)
        self._draw_chosen(painter, map_, column)

    def _draw_lines(self, painter: QPainter, frame: QRectF) -> None:
        """What parts the cells, in the colour of the ground."""
        _, rows, columns = self._grid
        width, height = self._cell
        tops = [frame.top() + row * height - 0.5 for row in range(1, rows + 1)]
        lefts = [frame.left() + column * width - 0.5 for column in range(1, columns + 1)]
        lines = [QLineF(frame.left(), top, frame.right(), top) for top in tops]
        lines += [QLineF(left, frame.top(), left, frame.bottom()) for left in lefts]
        painter.setPen(QPen(self._themes.theme.color("window"), 1))
        painter.drawLines(lines)

    def _draw_numbers(self, painter: QPainter, map_: int, column: int) -> None:
        assert self._sums is not None
        _, rows, columns = self._grid
        width, height = self._cell
        left, top = self._corner(map_, column)
        start = map_ * rows * columns
        painter.setFont(font(14 if min(self._cell) >= ROOMY else 11, 400, tabular=True))
        for place, pixel in enumerate(self._pixels[column][map_].ravel().tolist()):
            row, across = divmod(place, columns)
            cell = QRectF(left + across * width, top + row * height, width, height)
            painter.setPen(ink_on(pixel))
            words = self._written(self._sums.number(start + place, column))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, words)

    def _draw_padding(self, painter: QPainter, map_: int) -> None:
        """A stroke across every cell that lies in the padding."""
        assert self._sums is not None
        _, rows, columns = self._grid
        padded = self._sums.terms.padded
        if padded is None:
            return
        start = map_ * rows * columns
        painter.setPen(QPen(self._themes.theme.color("text3"), 1))
        for place in np.flatnonzero(padded[start : start + rows * columns]).tolist():
            cell = self.place_of(Spot(start + place, VALUE))
            painter.drawLine(cell.bottomLeft(), cell.topRight())

    def _draw_chosen(self, painter: QPainter, map_: int, column: int) -> None:
        assert self._sums is not None
        _, rows, columns = self._grid
        chosen = self._sums.chosen
        if chosen is None or chosen // (rows * columns) != map_:
            return
        place = self.place_of(Spot(chosen, column))
        rounded(painter, place, 2, None, QColor("#FFFFFF"), 3.0)
        rounded(painter, place, 2, None, self._themes.theme.color("accent"), 2.0)

    def _written(self, number: float) -> str:
        return short(number) if self._cell[0] >= NUMBER[0] else tight(number)

    def _colours(self, column: int) -> NDArray[np.uint32]:
        """Values that are never negative in the greys of maps, the others from blue to orange."""
        assert self._sums is not None
        terms, theme = self._sums.terms, self._themes.theme
        numbers = np.nan_to_num((terms.values, terms.weights, terms.products)[column])
        shares = np.clip(numbers / scale_of(numbers), -1, 1).reshape(self._grid)
        if column == VALUE and numbers.min(initial=0.0) >= 0:
            return theme.map_pixels[np.rint(255 * shares).astype(np.intp)]
        return packed(theme.filters_table())[np.rint(127.5 + 127.5 * shares).astype(np.intp)]
