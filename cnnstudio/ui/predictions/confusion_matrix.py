"""The confusion matrix as it is painted: classes by classes, with recall and precision beside."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy

from cnnstudio.blocks import Family
from cnnstudio.ui.parts.contrast import readable_on
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.predictions.confusion_counts import Cell, Counts, percent
from cnnstudio.ui.theme import Theme, ThemeManager, font, mix

LOWEST, HIGHEST = 12, 26
"""Pixels of a row: it grows with the room, and below the lowest the matrix scrolls."""

NARROWEST, USUAL, WIDEST = 24, 34, 44
"""Pixels of a column: at least, where there is room, and at most."""

MARGIN = 50
"""Pixels for the shares at the right."""

HEADER = 15
"""Pixels for a line of names."""

LONGEST_NAME = 88
"""Pixels that the name of a class may take at the left."""

CORNER = "true \\ seen as"


class ConfusionMatrix(QAbstractScrollArea):
    """Rows are true classes, columns what they are seen as; names and shares stay while it scrolls.

    Mistakes are the darker the more there are, and every count is written. A click or the arrow
    keys choose a cell. `hovered` carries words for what is under the pointer, or "".
    """

    chosen = Signal(object)
    entered = Signal()
    """Enter was pressed on a cell."""
    hovered = Signal(str)

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.counts = Counts(np.zeros((0, 0), np.int64), ())
        self.choice: Cell | None = None
        self._hot: Cell | None = None
        self._left = 0
        self._least_width = NARROWEST
        self.cell_size = QSize(NARROWEST, LOWEST)
        self._most_wrong = 1
        self._fonts = {weight: font(11, weight, tabular=True) for weight in (400, 600)}
        self.setObjectName("confusionMatrix")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.viewport().setMouseTracking(True)
        self.viewport().installEventFilter(self)
        themes.changed.connect(self.viewport().update)

    def show_counts(self, counts: Counts) -> None:
        """Show other counts; a chosen cell stays chosen."""
        renamed = counts.names != self.counts.names
        self.counts = counts
        off = counts.counts - np.diag(counts.right)
        self._most_wrong = max(1, int(off.max(initial=0)))
        if renamed:
            self.choice = self._hot = None
        self._measure()
        self._say()
        self.viewport().update()

    def choose(self, cell: Cell | None) -> None:
        """Choose a cell, or none, and bring it into view."""
        if cell != self.choice:
            self.choice = cell
            self._say()
            self.chosen.emit(cell)
        if cell is not None:
            self._reveal(cell)
        self.viewport().update()

    # ---- places

    @property
    def _classes(self) -> int:
        return len(self.counts.names)

    def _measure(self) -> None:
        small = QFontMetrics(self._fonts[600])
        widest = max((small.horizontalAdvance(name) for name in self.counts.names), default=0)
        self._left = max(small.horizontalAdvance(CORNER), min(LONGEST_NAME, widest)) + 10
        digits = f"{int(self.counts.counts.max(initial=0)):,}"
        needed = max(NARROWEST, small.horizontalAdvance(digits) + 4, min(widest + 6, LONGEST_NAME))
        self._least_width = needed
        self._set_range()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for all columns at their best width."""
        width = max(self._least_width, USUAL)
        return QSize(self._left + width * self._classes + MARGIN + 4, 200)

    def minimumSizeHint(self) -> QSize:
        """Some columns and rows; the rest is scrolled to."""
        return QSize(self._left + 4 * NARROWEST + MARGIN, 2 * HEADER + 3 * LOWEST)

    @property
    def _room(self) -> QSize:
        size = self.viewport().size()
        return QSize(max(1, size.width() - self._left - MARGIN), max(1, size.height() - 2 * HEADER))

    def place(self, cell: Cell) -> QRect:
        """Where a cell is in the viewport, as far as it is scrolled into view."""
        size = self.cell_size
        x = self._left + cell[1] * size.width() - self.horizontalScrollBar().value()
        y = HEADER + cell[0] * size.height() - self.verticalScrollBar().value()
        return QRect(QPoint(x, y), size)

    @property
    def _body(self) -> QRect:
        """The part of the viewport that shows cells."""
        size, room = self.cell_size, self._room
        width = min(room.width(), size.width() * self._classes)
        return QRect(self._left, HEADER, width, min(room.height(), size.height() * self._classes))

    def at(self, position: QPoint) -> Cell | None:
        """The cell at a position of the viewport."""
        if not self._body.contains(position):
            return None
        size = self.cell_size
        x = position.x() - self._left + self.horizontalScrollBar().value()
        y = position.y() - HEADER + self.verticalScrollBar().value()
        return y // size.height(), x // size.width()

    def words_at(self, position: QPoint) -> str:
        """What is under a position of the viewport, in words."""
        cell = self.at(position)
        if cell is not None:
            return self.counts.words(cell)
        body = self._body
        beside = self.at(QPoint(body.left(), position.y()))
        below = self.at(QPoint(position.x(), body.top()))
        if beside is not None and (position.x() > body.right() or position.x() < body.left()):
            return self.counts.recall_words(beside[0])
        if below is not None and (position.y() > body.bottom() or position.y() < body.top()):
            return self.counts.precision_words(below[1])
        return ""

    def _set_range(self) -> None:
        room, count = self._room, max(1, self._classes)
        width = max(self._least_width, min(WIDEST, room.width() // count))
        size = QSize(width, max(LOWEST, min(HIGHEST, room.height() // count)))
        self.cell_size = size
        for bar, cell, space in (
            (self.horizontalScrollBar(), size.width(), room.width()),
            (self.verticalScrollBar(), size.height(), room.height()),
        ):
            bar.setRange(0, max(0, cell * self._classes - space))
            bar.setPageStep(max(1, space))
            bar.setSingleStep(cell)

    def _reveal(self, cell: Cell) -> None:
        place, body = self.place(cell), self._body
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() + min(0, place.left() - body.left()))
        across.setValue(across.value() + max(0, place.right() - body.right()))
        down.setValue(down.value() + min(0, place.top() - body.top()))
        down.setValue(down.value() + max(0, place.bottom() - body.bottom()))

    # ---- painting

    def draw(self, painter: QPainter) -> None:
        """Paint what is seen of the matrix; also for saving."""
        if not self._classes:
            return
        body = self._body
        painter.save()
        painter.setClipRect(body)
        for cell in self._seen_cells():
            self._draw_cell(painter, cell)
        painter.restore()
        self._draw_names(painter, body)
        self._draw_shares(painter, body)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        body = self._body
        return QSize(body.right() + MARGIN, body.bottom() + HEADER + 2)

    def _seen_cells(self) -> Iterator[Cell]:
        body = self._body
        first = self.at(body.topLeft())
        last = self.at(body.bottomRight())
        if first is None or last is None:
            return
        for row in range(first[0], min(self._classes, last[0] + 1)):
            for column in range(first[1], min(self._classes, last[1] + 1)):
                yield row, column

    def _draw_cell(self, painter: QPainter, cell: Cell) -> None:
        theme, count = self._themes.theme, int(self.counts.counts[cell])
        ground = self._ground(cell, count, theme)
        place = self.place(cell)
        painter.fillRect(place.adjusted(0, 0, -1, -1), ground)
        if count:
            diagonal = cell[0] == cell[1]
            painter.setFont(self._fonts[400 if diagonal else 600])
            painter.setPen(readable_on(ground))
            painter.drawText(
                place.adjusted(0, 0, -1, -1), Qt.AlignmentFlag.AlignCenter, f"{count:,}"
            )

    def _ground(self, cell: Cell, count: int, theme: Theme) -> QColor:
        """Grey on the diagonal; beside it, from the ground to orange by the root of the count."""
        if cell[0] == cell[1]:
            return theme.color("line")
        if not count:
            return theme.color("inset")
        share = (count / self._most_wrong) ** 0.5
        return mix(theme.color("window"), theme.family(Family.FC), 0.12 + 0.88 * share)

    def _draw_names(self, painter: QPainter, body: QRect) -> None:
        theme, size = self._themes.theme, self.cell_size
        painter.setFont(self._fonts[400])
        painter.setPen(theme.color("text2"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRect(0, 0, self._left - 8, HEADER), right, CORNER)
        for row in self._rows_seen(body):
            place = QRect(0, self.place((row, 0)).top(), self._left - 8, size.height())
            self._name(painter, place, row, right, of_row=True)
        for column in self._columns_seen(body):
            place = QRect(self.place((0, column)).left(), 0, size.width() - 1, HEADER)
            self._name(painter, place, column, Qt.AlignmentFlag.AlignCenter, of_row=False)

    def _name(
        self, painter: QPainter, place: QRect, index: int, where: Qt.AlignmentFlag, *, of_row: bool
    ) -> None:
        theme = self._themes.theme
        meant = self._hot or self.choice
        strong = meant is not None and meant[0 if of_row else 1] == index
        face = self._fonts[600 if strong else 400]
        painter.setFont(face)
        painter.setPen(theme.color("text" if strong else "text2"))
        name = self.counts.names[index]
        fitted = QFontMetrics(face).elidedText(name, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, where, fitted)

    def _draw_shares(self, painter: QPainter, body: QRect) -> None:
        theme, size = self._themes.theme, self.cell_size
        painter.setFont(self._fonts[400])
        painter.setPen(theme.color("text3"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        beside = QRect(body.right() + 1, 0, MARGIN - 4, HEADER)
        painter.drawText(beside, right, "recall")
        for row in self._rows_seen(body):
            place = QRect(beside.left(), self.place((row, 0)).top(), MARGIN - 4, size.height())
            painter.drawText(place, right, percent(self.counts.recall(row)))
        below = body.bottom() + 1
        painter.drawText(QRect(0, below, self._left - 8, HEADER), right, "precision")
        for column in self._columns_seen(body):
            place = QRect(self.place((0, column)).left(), below, size.width() - 1, HEADER)
            share = self.counts.precision(column)
            words = "–" if share is None else f"{100 * share:.0f}"
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(theme.color("text"))
        painter.setFont(self._fonts[600])
        corner = QRect(beside.left(), below, MARGIN - 4, HEADER)
        painter.drawText(corner, right, percent(self.counts.accuracy))

    def _rows_seen(self, body: QRect) -> Iterator[int]:
        for row in range(self._classes):
            place = self.place((row, 0))
            if place.center().y() >= body.top() and place.center().y() <= body.bottom():
                yield row

    def _columns_seen(self, body: QRect) -> Iterator[int]:
        for column in range(self._classes):
            place = self.place((0, column))
            if place.center().x() >= body.left() and place.center().x() <= body.right():
                yield column

    def paintEvent(self, event: QPaintEvent) -> None:
        """The matrix, a frame around the chosen cell and a thin one under the pointer."""
        painter = QPainter(self.viewport())
        self.draw(painter)
        if not self._classes:
            return
        theme = self._themes.theme
        painter.setClipRect(self._body.adjusted(-2, -2, 2, 2))
        if self._hot is not None and self._hot != self.choice:
            rounded(painter, self._frame(self._hot), 2, None, theme.color("text2"), 1)
        if self.choice is not None:
            tone = "accent" if self.hasFocus() else "text"
            rounded(painter, self._frame(self.choice), 2, None, theme.color(tone), 2)

    def _frame(self, cell: Cell) -> QRectF:
        return QRectF(self.place(cell)).adjusted(-1, -1, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for more."""
        self._set_range()

    # ---- the mouse and the keyboard

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The pointer over the viewport, and its clicks."""
        if event.type() == QEvent.Type.Leave:
            self._hover(None, "")
        elif isinstance(event, QMouseEvent):
            position = event.position().toPoint()
            if event.type() == QEvent.Type.MouseMove:
                self._hover(self.at(position), self.words_at(position))
            elif event.type() == QEvent.Type.MouseButtonPress:
                self._press(event.button(), self.at(position))
        return super().eventFilter(watched, event)

    def _hover(self, cell: Cell | None, words: str) -> None:
        self.hovered.emit(words)
        if cell != self._hot:
            self._hot = cell
            self.viewport().update()

    def _press(self, button: Qt.MouseButton, cell: Cell | None) -> None:
        if button == Qt.MouseButton.LeftButton and cell is not None:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.choose(None if cell == self.choice else cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the next cell, Home and End along the row, Escape gives the choice up."""
        last = self._classes - 1
        row, column = self.choice or (0, 0)
        targets = {
            Qt.Key.Key_Left: (row, column - 1),
            Qt.Key.Key_Right: (row, column + 1),
            Qt.Key.Key_Up: (row - 1, column),
            Qt.Key.Key_Down: (row + 1, column),
            Qt.Key.Key_Home: (row, 0),
            Qt.Key.Key_End: (row, last),
            Qt.Key.Key_PageUp: (0, column),
            Qt.Key.Key_PageDown: (last, column),
        }
        target = targets.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self.choice is not None:
            self.choose(None)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.choice is not None:
            self.entered.emit()
        elif target is not None and self._classes:
            first = target if self.choice is not None else (0, 0)
            self.choose((max(0, min(last, first[0])), max(0, min(last, first[1]))))
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is."""
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It has gone."""
        self.viewport().update()

    def _say(self) -> None:
        """Tell a screen reader what is shown."""
        self.setAccessibleName(f"Confusion matrix of {self._classes} classes")
        known = self.choice is not None and self._classes
        words = self.counts.words(self.choice) if known and self.choice else ""
        self.setAccessibleDescription(words or "Arrow keys choose a cell.")
