"""The wire from one card to the next; the pointer over it shows the size that flows, and a plus."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import (
    QGraphicsSceneHoverEvent,
    QStyleOptionGraphicsItem,
    QWidget,
)

from cnnstudio.network import inner
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.button import Button
from cnnstudio.ui.canvas.layout import GAP, Grid, arrow
from cnnstudio.ui.canvas.paint import box, width_of, words
from cnnstudio.ui.theme import ThemeManager

_PLUS = 20.0
_LABEL = 18.0
_WIDEST_LABEL = 140.0
_BEHIND = -1.0


class Wire(Enum):
    """How a connector looks."""

    NORMAL = "wire"
    PREVIEW = "accent"
    UNKNOWN = "strong"


class Connector(Button):
    """A wire between two cards; a click offers the blocks that could go there."""

    def __init__(self, themes: ThemeManager, offer: Callable[[Connector], None]) -> None:
        super().__init__(QRectF(), themes, lambda: offer(self))
        self._path = self._arrow = QPainterPath()
        self._bounds = QRectF()
        self._place: tuple[object, ...] = ()
        self._plus = QRectF()
        self._kind, self._words = Wire.NORMAL, ""
        self._locked = False
        self.path: inner.Path = (0,)
        """Where a click inserts."""
        self.setZValue(_BEHIND)

    @property
    def size(self) -> str:
        """The size that flows, in words; empty where it is not known."""
        return self._words

    @property
    def index(self) -> int:
        """The place in the network where a click inserts, or of the block inside which it does."""
        return self.path[0]

    def place(self, grid: Grid, cell: int, kind: Wire, size: str) -> None:
        """Lead from `cell` to the next, with the words for what flows."""
        if self._stands((grid, cell)):
            self._lead(grid.wire(cell), grid.gap(cell + 1))
        self._show(kind, size)

    def turn(self, grid: Grid, cell: int, kind: Wire, size: str) -> None:
        """Lead from `cell` to the strip below it."""
        if self._stands((grid, cell, "strip")):
            self._lead(grid.turn(cell), grid.gap(cell + 1), -1)
        self._show(kind, size)

    def lead(
        self, begin: QPointF, end: QPointF, kind: Wire, size: str, *, head: bool = True
    ) -> None:
        """Lead straight to the right from `begin` to `end`, with the words for what flows.

        Without a `head` it ends at another wire.
        """
        if self._stands((begin.toTuple(), end.toTuple(), head)):
            path = QPainterPath(begin)
            path.lineTo(end.x() - (3 if head else 0), end.y())
            self._lead(path, (begin + end) / 2)
            if not head:
                self._arrow = QPainterPath()
        self._show(kind, size)

    def _stands(self, place: tuple[object, ...]) -> bool:
        """Whether it is to stand somewhere else than before."""
        moved, self._place = place != self._place, place
        return moved

    def _lead(self, path: QPainterPath, middle: QPointF, towards: int = 1) -> None:
        self.prepareGeometryChange()
        self._path, self._arrow = path, arrow(path, towards)
        self._plus = QRectF(0, 0, _PLUS, _PLUS)
        self._plus.moveCenter(middle)
        label = QRectF(0, 0, 2 * _WIDEST_LABEL, _LABEL)
        label.moveCenter(QPointF(middle.x(), middle.y() - 27))
        drawn = path.boundingRect().adjusted(-3, -6, 6, 6)
        self._bounds = drawn | self._plus | label.adjusted(-1, -1, 1, 1)
        self.update()

    def _show(self, kind: Wire, size: str) -> None:
        if (kind, size) == (self._kind, self._words):
            return
        if kind is not self._kind or self.is_hovered:
            self.update()
        self._kind, self._words = kind, size
        if self.is_hovered:
            self._tell()

    def _tell(self) -> None:
        size = self._words
        self.setToolTip(f"{size} flows here. Click to insert a block." if size else "")

    def set_locked(self, locked: bool) -> None:
        """Offer no plus while nothing may be edited."""
        self._locked = locked
        if self.is_hovered:
            self.update()

    @property
    def pointer(self) -> Qt.CursorShape:
        """A hand where a click inserts."""
        return Qt.CursorShape.ArrowCursor if self._locked else Qt.CursorShape.PointingHandCursor

    def boundingRect(self) -> QRectF:
        """The wire, and the plus and the size over it."""
        return self._bounds

    def shape(self) -> QPainterPath:
        """The wire made wide enough to be hit; in the gap, the part around the plus."""
        stroker = QPainterPathStroker()
        stroker.setWidth(18)
        path = stroker.createStroke(self._path)
        if self._place:
            path.addRect(self._plus.adjusted(-4, -4, 4, 4))
        return path

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Come to the front with the plus and the size."""
        self.setZValue(5)
        self._tell()
        super().hoverEnterEvent(event)

    def hoverLeaveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Go back behind the cards."""
        self.setZValue(_BEHIND)
        super().hoverLeaveEvent(event)

    def click(self) -> None:
        """Offer blocks to insert, unless locked."""
        if not self._locked:
            super().click()

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the wire, and what the pointer asks for."""
        if not self._place:
            return
        kind, theme = self._kind, self._themes.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme.color(kind.value), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPath(self._arrow)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if kind is not Wire.NORMAL:
            pen.setDashPattern([2, 2])
        painter.setPen(pen)
        painter.drawPath(self._path)
        if self.is_hovered and kind is not Wire.PREVIEW:
            self._paint_hover(painter, self._words)

    def label_rect(self) -> QRectF:
        """Where the size stands while the pointer is here, wholly on the canvas."""
        label = QRectF(0, 0, max(GAP, width_of(self._words, 11, 500) + 16), _LABEL)
        label.moveCenter(self._plus.center() - QPointF(0, 27))
        if self._path.boundingRect().width() > 2 * GAP:
            label.moveRight(self._plus.right() - 4)  # the canvas ends there, too
        return label

    def _paint_hover(self, painter: QPainter, size: str) -> None:
        theme, label = self._themes.theme, self.label_rect()
        box(painter, label, 9, theme.color("card"), theme.color("strong"))
        anchor = QPointF(label.center().x(), label.top() + 13)
        center = Qt.AlignmentFlag.AlignHCenter
        words(painter, anchor, size, theme.color("text"), 11, 500, center)
        if not self._locked:
            box(painter, self._plus, _PLUS / 2, theme.color("accentfill"))
            inner = self._plus.adjusted(4, 4, -4, -4)
            icons.draw(painter, "plus", theme.color("onaccent"), inner)
