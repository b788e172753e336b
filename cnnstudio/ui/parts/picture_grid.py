"""A grid of small pictures with words below each; only those that are seen are painted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, font

SIDE = 56
"""Pixels of a picture's longer side, or less: pictures are magnified by whole factors."""

WORDS = 18
"""Pixels of height for the words below a picture."""

GAP = 12
EDGE = 3
"""Pixels around the grid for the frame of the present picture."""

Caption = tuple[str, str]
"""Words in the colour of errors, and those after them."""


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """A picture ``(C, H, W)`` in its own size; three channels are red, green and blue."""
    if len(pixels) == 3:
        data = np.ascontiguousarray(pixels.transpose(1, 2, 0))
        kind = QImage.Format.Format_RGB888
    else:
        data = np.ascontiguousarray(pixels[0])
        kind = QImage.Format.Format_Grayscale8
    height, width = data.shape[:2]
    return QImage(data.data, width, height, data.strides[0], kind).copy()


def fitted(shape: Sequence[int], side: int) -> QSize:
    """The size of a picture ``(C, H, W)`` in a square: a whole multiple, or as large as it goes."""
    _, height, width = shape
    factor: float = side // max(height, width) or side / max(height, width)
    return QSize(max(1, round(width * factor)), max(1, round(height * factor)))


def draw_image(painter: QPainter, pixels: NDArray[np.uint8], square: QRect) -> None:
    """Paint a picture ``(C, H, W)`` in the middle of a square."""
    size = fitted(pixels.shape, square.width())
    place = QRect(QPoint(0, 0), size)
    place.moveCenter(square.center())
    smaller = size.width() < pixels.shape[2]
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smaller)
    painter.drawImage(place, image_of(pixels))


class PictureGrid(QAbstractScrollArea):
    """Pictures from left to right; a click or Enter activates one, arrow keys go to the next.

    `moved` carries the place of the present picture, or None, `activated` that of a picture that
    was clicked or entered.
    """

    moved = Signal(object)
    activated = Signal(int)
    left = Signal()
    """Escape was pressed."""

    def __init__(self, themes: ThemeManager, name: str, side: int = SIDE) -> None:
        super().__init__()
        self._themes, self._name, self._side = themes, name, side
        self._pixels: NDArray[np.uint8] = np.zeros((0, 1, 1, 1), np.uint8)
        self._rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._caption: Callable[[int], Caption] = lambda _place: ("", "")
        self.current: int | None = None
        self.empty_words = ""
        """What is said where there are no pictures."""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.viewport().installEventFilter(self)
        themes.changed.connect(self.viewport().update)
        self._say()

    def __len__(self) -> int:
        return len(self._rows)

    def show_pictures(
        self,
        pixels: NDArray[np.uint8],
        rows: NDArray[np.intp],
        caption: Callable[[int], Caption],
        current: int | None = None,
    ) -> None:
        """Show picture ``pixels[rows[place]]`` with ``caption(place)`` at each place."""
        self._pixels, self._rows, self._caption = pixels, rows, caption
        self.current = current
        self._set_range()
        self._say()
        self.viewport().update()

    def go_to(self, place: int | None) -> None:
        """Make the picture at `place` the present one, and bring it into view."""
        if place != self.current:
            self.current = place
            self._say()
            self.moved.emit(place)
        if place is not None:
            self._reveal(place)
        self.viewport().update()

    def picture(self, place: int) -> NDArray[np.uint8]:
        """What is shown at `place`, ``(C, H, W)``."""
        return np.asarray(self._pixels[self._rows[place]], np.uint8)

    def caption(self, place: int) -> str:
        """The words below it."""
        return " ".join(filter(None, self._caption(place)))

    def at(self, position: QPoint) -> int | None:
        """The place at a position of the viewport."""
        x = position.x() - EDGE
        y = position.y() - EDGE + self.verticalScrollBar().value()
        column, row = x // self._pitch, y // self._row_height
        inside = x % self._pitch < self._side and 0 <= column < self._columns and y >= 0
        place = row * self._columns + column
        return place if inside and 0 <= place < len(self) else None

    def place(self, index: int) -> QRect:
        """Where the picture with the number `index` is in the viewport, without its words."""
        row, column = divmod(index, self._columns)
        top = EDGE + row * self._row_height - self.verticalScrollBar().value()
        return QRect(EDGE + column * self._pitch, top, self._side, self._side)

    # ---- what is saved

    def draw(self, painter: QPainter) -> None:
        """Paint what is seen; also for saving."""
        first = self.verticalScrollBar().value() // self._row_height * self._columns
        rows = self.viewport().height() // self._row_height + 2
        for index in range(first, min(len(self), first + rows * self._columns)):
            self._draw_one(painter, index)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.viewport().size()

    # ---- painting

    @property
    def _pitch(self) -> int:
        return self._side + GAP

    @property
    def _row_height(self) -> int:
        return self._side + WORDS + 6

    @property
    def _columns(self) -> int:
        return max(1, (self.viewport().width() - 2 * EDGE + GAP) // self._pitch)

    def _draw_one(self, painter: QPainter, index: int) -> None:
        theme, place = self._themes.theme, self.place(index)
        painter.fillRect(place, theme.color("inset"))
        draw_image(painter, self.picture(index), place)
        lead, rest = self._caption(index)
        line = QRect(place.left() - 4, place.bottom() + 2, self._side + GAP - 2, WORDS)
        bold = font(11, 600, tabular=True)
        painter.setFont(bold)
        painter.setPen(theme.color("errortext"))
        painter.drawText(line.adjusted(4, 0, 0, 0), _LEFT, lead)
        across = QFontMetrics(bold).horizontalAdvance(f"{lead} ") if lead else 0
        plain = font(11, 400, tabular=True)
        painter.setFont(plain)
        painter.setPen(theme.color("text2"))
        room = line.adjusted(4 + across, 0, 0, 0)
        words = QFontMetrics(plain).elidedText(rest, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, _LEFT, words)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pictures, and a frame around the present one."""
        painter = QPainter(self.viewport())
        self.draw(painter)
        if not len(self):
            painter.setPen(self._themes.theme.color("text2"))
            painter.setFont(font(11))
            room = self.viewport().rect()
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, self.empty_words)
        if self.current is not None:
            outside = QRectF(self.place(self.current)).adjusted(-3, -3, 3, 3)
            tone = "accent" if self.hasFocus() else "text3"
            rounded(painter, outside, 3, None, self._themes.theme.color(tone), 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for another number of columns."""
        self._set_range()

    def _set_range(self) -> None:
        rows = -(-len(self) // self._columns)
        height = self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self._row_height + 2 * EDGE - height))
        bar.setPageStep(max(1, height))
        bar.setSingleStep(self._row_height)

    def _reveal(self, place: int) -> None:
        bar, shown = self.verticalScrollBar(), self.place(place)
        if shown.top() < EDGE:
            bar.setValue(bar.value() + shown.top() - EDGE)
        elif shown.bottom() + WORDS > self.viewport().height():
            bar.setValue(bar.value() + shown.bottom() + WORDS + 4 - self.viewport().height())

    def _say(self) -> None:
        """Tell a screen reader what is shown."""
        self.setAccessibleName(f"{self._name}: {len(self):,}")
        known = self.current is not None and self.current < len(self)
        words = self.caption(self.current) if known and self.current is not None else ""
        self.setAccessibleDescription(words)

    # ---- the mouse and the keyboard

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the viewport."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            self._press(event)
        return super().eventFilter(watched, event)

    def _press(self, event: QMouseEvent) -> None:
        place = self.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.go_to(place)
            self.activated.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home, End and Page keys move; Enter activates; Escape leaves."""
        page = max(1, self.viewport().height() // self._row_height) * self._columns
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self),
            Qt.Key.Key_End: len(self),
        }
        step = steps.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current is not None:
            self.activated.emit(self.current)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif step is not None and len(self):
            start = -1 if self.current is None and step == 1 else self.current or 0
            self.go_to(max(0, min(len(self) - 1, start + step)))
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        if self.current is None and len(self):
            self.go_to(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It has gone."""
        self.viewport().update()


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
