"""The grid of a connection table: a column for each filter, a row for each input map."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from cnnstudio.blocks import Family
from cnnstudio.blocks.settings import Links
from cnnstudio.ui.parts.arrow_keys import ARROWS
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, font

CELL = 15
"""The pitch of the cells, in pixels."""

LEFT, TOP = 18, 16
"""The room for the numbers of the maps and of the filters."""


class TableGrid(QWidget):
    """Cells to click: a filled one says that the filter sees the map.

    A drag sets all cells that it passes as it set the first one. With the keyboard the arrows move
    a frame, and Space sets its cell. `toggled` carries map, filter, the new state, and whether it
    belongs to the gesture of the one before.
    """

    toggled = Signal(int, int, bool, bool)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._links: tuple[frozenset[int], ...] = ()
        self._maps = self._known = 0
        self._at = (0, 0)
        self._drawing: bool | None = None
        self._locked = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Connection table")
        self.setAccessibleDescription("Arrows move from cell to cell, Space links a map or not.")

    def show_table(self, links: Links, maps: int, known: int) -> None:
        """Show `links` over `maps` rows, of which the input has `known`."""
        self._links = tuple(frozenset(row) for row in links)
        self._maps, self._known = maps, known
        row, column = self._at
        self._at = (min(row, max(0, maps - 1)), min(column, max(0, len(links) - 1)))
        self.setFixedSize(self.sizeHint())
        self.update()

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        self._locked = locked

    def cell(self, row: int, column: int) -> QRect:
        """Where the cell of a map and a filter is."""
        return QRect(LEFT + column * CELL, TOP + row * CELL, CELL - 1, CELL - 1)

    def sizeHint(self) -> QSize:
        """All cells and their numbers."""
        return QSize(LEFT + len(self._links) * CELL, TOP + self._maps * CELL)

    # ---- for Qt

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Turn the cell over, and begin a drag with its new state."""
        found = self._found(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton or self._locked:
            return
        self._drawing = found[0] not in self._links[found[1]]
        self._set(found, again=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag, or tell which cell this is."""
        place = event.position().toPoint()
        found = self._found(place)
        if found is None:
            return
        if self._drawing is not None:
            self._set(found, again=True)
            return
        row, column = found
        seen = "sees" if row in self._links[column] else "does not see"
        words = f"Filter {column + 1} {seen} map {row + 1}"
        QToolTip.showText(self.mapToGlobal(place), words, self, self.cell(row, column))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of the drag."""
        self._drawing = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the frame, or set its cell."""
        step = ARROWS.get(Qt.Key(event.key()))
        row, column = self._at
        if step is not None:
            self._go(row + step[0], column + step[1])
        elif event.key() == Qt.Key.Key_Space and self._links and not self._locked:
            self._drawing = row not in self._links[column]
            self._set(self._at, again=False)
            self._drawing = None
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells that have to be painted: a table may have thousands."""
        painter = QPainter(self)
        region = event.rect()
        first, last = self._columns(region)
        self._paint_numbers(painter, first, last)
        theme = self._themes.theme
        on, off = theme.family(Family.CONV), theme.color("field")
        if self._locked:
            on.setAlphaF(0.6)
        for column in range(first, last):
            for row in range(self._maps):
                cell = QRectF(self.cell(row, column))
                linked = row in self._links[column]
                missing = linked and row >= self._known
                tone = theme.color("error") if missing else on if linked else off
                rounded(painter, cell, 3, tone)
        if self.hasFocus() and self._links:
            frame = QRectF(self.cell(*self._at)).adjusted(-1, -1, 1, 1)
            rounded(painter, frame, 3, None, theme.color("accent"), 2.0)

    # ---- inside

    def _paint_numbers(self, painter: QPainter, first: int, last: int) -> None:
        theme, middle = self._themes.theme, Qt.AlignmentFlag.AlignCenter
        painter.setFont(font(11, 400, tabular=True))
        painter.setPen(theme.color("text2"))
        for column in range(first, last):
            if len(self._links) <= 9 or (column + 1) % 2 == 0:
                room = self.cell(0, column).adjusted(-8, -TOP, 8, 0)
                room.setHeight(TOP - 1)
                painter.drawText(room, middle, str(column + 1))
        for row in range(self._maps):
            painter.setPen(theme.color("text2" if row < self._known else "errortext"))
            painter.drawText(QRect(0, TOP + row * CELL, LEFT - 2, CELL - 1), middle, str(row + 1))

    def _columns(self, region: QRect) -> tuple[int, int]:
        first = max(0, (region.left() - LEFT) // CELL)
        return first, min(len(self._links), (region.right() - LEFT) // CELL + 1)

    def _found(self, place: QPoint) -> tuple[int, int] | None:
        row, column = (place.y() - TOP) // CELL, (place.x() - LEFT) // CELL
        inside = 0 <= row < self._maps and 0 <= column < len(self._links)
        return (row, column) if inside else None

    def _go(self, row: int, column: int) -> None:
        if 0 <= row < self._maps and 0 <= column < len(self._links):
            self._at = (row, column)
            self.update()

    def _set(self, found: tuple[int, int], *, again: bool) -> None:
        row, column = self._at = found
        if self._drawing is not None and (row in self._links[column]) != self._drawing:
            self.toggled.emit(row, column, self._drawing, again)
        self.update()
