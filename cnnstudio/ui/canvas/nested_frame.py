"""The frame of an open block as an item: where it stands, what lies at which point of it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.nested_layout import TAIL, Frame
from cnnstudio.ui.canvas.nested_paint import Line, Sketch
from cnnstudio.ui.canvas.nested_stack import Stand
from cnnstudio.ui.theme import ThemeManager


class Framed(QGraphicsItem):
    """Has a `Frame` and the `Sketch` that paints it, and the line that leads to it."""

    def __init__(self, themes: ThemeManager, parent: QGraphicsItem | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self._sketch: Sketch | None = None
        self._frame: Frame | None = None
        self._rest: tuple[Frame | None, QPointF] = (None, QPointF())
        self._line: Line = ()
        self.setZValue(0.5)

    def take(self, sketch: Sketch, frame: Frame) -> None:
        """Have another shape."""
        self.prepareGeometryChange()
        self._sketch, self._frame = sketch, frame
        self.update()

    def stand(self, stand: Stand) -> None:
        """Stand there, in the parent's coordinates."""
        self.prepareGeometryChange()
        self.setPos(stand.corner)
        self._line = tuple(point - stand.corner for point in stand.line)
        self.update()

    def remember(self) -> None:
        """Take the present place as the one without a slot, to which drops are held."""
        self._rest = self._frame, self.scenePos()

    # ---- places

    @property
    def extent(self) -> QSizeF:
        """The size of the frame."""
        return QSizeF() if self._frame is None else self._frame.size

    def scene_rect(self) -> QRectF:
        """The frame in scene coordinates."""
        return self.mapRectToScene(self._outline())

    def place_rect(self, path: Path) -> QRectF | None:
        """Where the card at `path` of its rows is or would be, in scene coordinates."""
        if self._frame is None or path[-2] >= len(self._frame.strips):
            return None
        strip = self._frame.strips[path[-2]]
        return self.mapRectToScene(strip.grid.rect(min(path[-1], max(strip.cells - 1, 0))))

    def gap(self, path: Path) -> QPointF:
        """The middle of the gap before the place `path` of its rows, in scene coordinates."""
        assert self._frame is not None
        strip = self._frame.strips[path[-2]]
        empty = (strip.entry + strip.exit) / 2
        return self.mapToScene(strip.grid.gap(path[-1]) if strip.cells else empty)

    def covers(self, point: QPointF) -> bool:
        """Whether the frame lies, or lies without a slot, under a point of the scene."""
        return self._at_rest().contains(point) or self.scene_rect().contains(point)

    def place_at(self, point: QPointF) -> tuple[int, int]:
        """The row, and the place in it, for something dropped at a point of the scene.

        What counts are the places without a slot, so that nothing flickers while it opens.
        """
        frame, corner = self._rest
        if frame is None or not self._at_rest().contains(point):
            frame, corner = self._frame, self.scenePos()
        assert frame is not None
        here = point - corner
        number = frame.strip_at(here.y())
        strip = frame.strips[number]
        return number, strip.grid.index_at(here, strip.cells, 0) if strip.cells else 0

    def _at_rest(self) -> QRectF:
        frame, corner = self._rest
        return QRectF(corner, frame.size if frame is not None else QSizeF())

    # ---- for Qt

    def _outline(self) -> QRectF:
        return QRectF(QPointF(0, 0), self.extent)

    def boundingRect(self) -> QRectF:
        """The frame with its shadow, and its line."""
        line = QPolygonF(self._line).boundingRect().adjusted(-TAIL, -2, TAIL, 2)
        return self._outline().adjusted(-6, -6, 6, 8) | line

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the frame and all that is neither a card nor a wire of a row."""
        if self._frame is None or self._sketch is None or not self._line:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._sketch.draw(painter, self._frame, self._line, self._themes.theme)
