"""The terms of a number as a sheet that is read with pointer and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from cnnstudio.explain.terms import Terms
from cnnstudio.ui.parts.arrow_keys import ARROWS
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager

VALUE, WEIGHT, PRODUCT = range(3)


@dataclass(frozen=True, eq=False)
class Sums:
    """What a sheet shows: the terms, what their three columns are called, and who is who.

    `columns` are those shown; `chosen` is the term that counts where not all do; `where` says for
    a term where its value is from.
    """

    terms: Terms
    titles: tuple[str, str, str]
    columns: tuple[int, ...]
    chosen: int | None
    where: Callable[[int], str]

    def number(self, index: int, column: int) -> float:
        """The number of a term in a column."""
        numbers = (self.terms.values, self.terms.weights, self.terms.products)
        return float(numbers[column][index])


class Spot(NamedTuple):
    """A number of a sheet: its term and its column."""

    term: int
    column: int


class Sheet(QWidget):
    """Paints terms. Arrow keys move on.

    `hovered` carries the Spot under the pointer or the keyboard's, or None; `opened` one that was
    clicked, or at which Return was pressed.
    """

    hovered = Signal(object)
    opened = Signal(object)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._sums: Sums | None = None
        self._hot: Spot | None = None
        self.current: Spot | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def sums(self) -> Sums | None:
        """What is shown."""
        return self._sums

    def show_sums(self, sums: Sums) -> None:
        """Show the terms of another number, or other numbers of the same terms."""
        fresh = self._sums is None or len(self._sums.terms) != len(sums.terms)
        self._sums = sums
        if fresh or (self.current and self.current.column not in sums.columns):
            self.current = self._hot = None
        self.arrange()
        self.update()

    def arrange(self) -> None:
        """Find the places of the numbers for the present size."""
        raise NotImplementedError

    def spot_at(self, position: QPoint) -> Spot | None:
        """The number at `position`."""
        raise NotImplementedError

    def place_of(self, spot: Spot) -> QRectF:
        """Where a number is painted."""
        raise NotImplementedError

    def first(self) -> Spot:
        """Where the keyboard begins."""
        assert self._sums is not None
        index = self._sums.chosen
        return Spot(self.order()[0] if index is None else index, self._sums.columns[0])

    def order(self) -> list[int]:
        """The terms that can be reached, in the order of the sheet."""
        raise NotImplementedError

    def neighbour(self, spot: Spot, down: int, right: int) -> Spot:
        """The number next to `spot`, or itself at an end."""
        raise NotImplementedError

    def draw(self, painter: QPainter, clip: QRectF | None = None) -> None:
        """Paint everything, or what is in `clip`."""
        raise NotImplementedError

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The numbers in sight; a frame around the one under the pointer, and the current one."""
        if self._sums is None:
            return
        painter = QPainter(self)
        self.draw(painter, QRectF(event.rect()))
        theme = self._themes.theme
        if self._hot is not None:
            self._frame(painter, self._hot, theme.color("text2"), 1.0)
        if self.current is not None and self.hasFocus():
            self._frame(painter, self.current, theme.color("accent"), 2.0)

    def _frame(self, painter: QPainter, spot: Spot, colour: QColor, width: float) -> None:
        rounded(painter, self.place_of(spot).adjusted(-1, -1, 1, 1), 2, None, colour, width)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell what is under the pointer."""
        self._point_at(self.spot_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is."""
        self._point_at(None)

    def _point_at(self, spot: Spot | None) -> None:
        if spot != self._hot:
            self._hot = spot
            self.setCursor(
                Qt.CursorShape.ArrowCursor if spot is None else Qt.CursorShape.PointingHandCursor
            )
            self.update()
            self.hovered.emit(spot)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the number under the pointer."""
        spot = self.spot_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and spot is not None:
            self.opened.emit(spot)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys move on, Return opens."""
        step = ARROWS.get(Qt.Key(event.key()))
        if step is not None and self._sums is not None and len(self.order()):
            here = self.current
            self._move_to(self.first() if here is None else self.neighbour(here, *step))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.opened.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _move_to(self, spot: Spot) -> None:
        self.current = spot
        self.hovered.emit(spot)
        area = self.scroll_area()
        if area is not None:
            middle = self.place_of(spot).center().toPoint()
            area.ensureVisible(middle.x(), middle.y(), 40, 40)
        self.update()

    def scroll_area(self) -> QScrollArea | None:
        """What shows a part of the sheet."""
        viewport = self.parentWidget()
        area = None if viewport is None else viewport.parentWidget()
        return area if isinstance(area, QScrollArea) else None

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Begin at the first number."""
        super().focusInEvent(event)
        if self.current is None and self._sums is not None and len(self.order()):
            self.current = self.first()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame goes."""
        super().focusOutEvent(event)
        self.hovered.emit(None)


@lru_cache(maxsize=1024)
def ink_on(ground: int) -> QColor:
    """Black or white, whichever is read better on the pixel `ground`, 0xRRGGBB."""
    red, green, blue = ((ground >> shift & 255) / 255 for shift in (16, 8, 0))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return QColor("#000000" if light > 0.18 else "#FFFFFF")


def scale_of(numbers: np.ndarray) -> float:
    """The largest size of a number; 1 where all are 0."""
    return float(np.abs(np.nan_to_num(numbers)).max(initial=0.0)) or 1.0
