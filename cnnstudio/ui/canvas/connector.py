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
        self._state: tuple[object, ...] = ()
        self._kind, self._words = Wire.NORMAL, ""
        self._locked = False
        self.path: inner.Path = (0,)
        """Where a click inserts."""
        self.setZValue(_BEHIND)

    @property
    def index(self) -> int:
        """The place in the network where a click inserts, or of the block inside which it does."""
        return self.path[0]

    def place(self, grid: Grid, cell: int, kind: Wire, size: str) -> None:
        """Lead from `cell` to the next, with the words for what flows."""
        state = (grid, cell, kind, size)
        if state != self._state:
            self._state = state
            self._lead(grid.wire(cell), grid.gap(cell + 1), kind, size)

    def lead(
        self, begin: QPointF, end: QPointF, kind: Wire, size: str, *, head: bool = True
    ) -> None:
        """Lead straight to the right from `begin` to `end`, with the words for what flows.

        Without a `head` it ends at another wire.
        """
        state = (begin.toTuple(), end.toTuple(), kind, size)
        if state != self._state:
            self._state = state
            path = QPainterPath(begin)
            path.lineTo(end.x() - (3 if head else 0), end.y())
            self._lead(path, (begin + end) / 2, kind, size)
            if not head:
                self._arrow = QPainterPath()

    def _lead(self, path: QPainterPath, middle: QPointF, kind: Wire, size: str) -> None:
        self.prepareGeometryChange()
        self._path, self._kind, self._words = path, kind, size
        self._plus = QRectF(0, 0, _PLUS, _PLUS)
        self._plus.moveCenter(middle)
        width = max(GAP, width_of(size, 11, 500) + 16)
        self._label = QRectF(middle.x() - width / 2, middle.y() - 36, width, _LABEL)
        drawn = self._path.boundingRect().adjusted(-3, -6, 6, 6)
        self._bounds = drawn | self._plus | self._label.adjusted(-1, -1, 1, 1)
        self._arrow = arrow(self._path)
        self.setToolTip(f"{size} flows here. Click to insert a block." if size else "")
        self.update()

    def set_locked(self, locked: bool) -> None:
        """Offer no plus while nothing may be edited."""
        self._locked = locked
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
        if self._state:
            path.addRect(self._plus.adjusted(-4, -4, 4, 4))
        return path

    def hoverEnterEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Come to the front with the plus and the size."""
        self.setZValue(5)
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
        if not self._state:
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

    def _paint_hover(self, painter: QPainter, size: str) -> None:
        theme = self._themes.theme
        box(painter, self._label, 9, theme.color("card"), theme.color("strong"))
        anchor = QPointF(self._label.center().x(), self._label.top() + 13)
        center = Qt.AlignmentFlag.AlignHCenter
        words(painter, anchor, size, theme.color("text"), 11, 500, center)
        if not self._locked:
            box(painter, self._plus, _PLUS / 2, theme.color("accentfill"))
            inner = self._plus.adjusted(4, 4, -4, -4)
            icons.draw(painter, "plus", theme.color("onaccent"), inner)
