"""A small plot of accuracy against one change of the pictures, with its confidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.explain.invariance import Point
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager, faded, font
from cnnstudio.ui.typography import pretty

TITLE, FOOT, LEFT, RIGHT = 20, 18, 30, 10
"""Pixels around the lines: above, below, at the left and at the right."""

RING = 2.5
REACH = 24
"""How far from a point, in pixels, the pointer still means it."""


@dataclass(frozen=True)
class Line:
    """A line of a plot: its name, the colour's token, and for each amount what was measured."""

    name: str
    token: str
    points: tuple[tuple[float, Point], ...] = ()


class InvariancePlot(QWidget):
    """Lines with rings from 0 to 100 %, and around each the range of 95 % confidence.

    `hovered` carries the line, the amount and its Point under the pointer, or None.
    """

    hovered = Signal(object)

    def __init__(
        self,
        title: str,
        unit: str,
        range_: tuple[float, float],
        session: Session,
        themes: ThemeManager,
    ) -> None:
        super().__init__()
        self.title, self.unit = title, unit
        self._range = range_
        self._session, self._themes = session, themes
        self.lines: tuple[Line, ...] = ()
        self._hot: tuple[Line, float, Point] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(96, 70)
        self.setAccessibleName(f"Accuracy against {title.lower()}")
        self.setAccessibleDescription("not measured yet")
        themes.changed.connect(self.update)

    def show_lines(self, lines: Sequence[Line], range_: tuple[float, float]) -> None:
        """Show `lines` over amounts in a range; the same ones again cost nothing."""
        if (tuple(lines), range_) == (self.lines, self._range):
            return
        self.lines, self._range = tuple(lines), range_
        spoken = [
            f"{line.name} {amount:g} {self.unit}: {percent(point.accuracy)}"
            for line in lines
            for amount, point in line.points
        ]
        self.setAccessibleDescription("; ".join(spoken) or "not measured yet")
        self.update()

    def place(self, amount: float, share: float) -> QPointF:
        """Where an amount and a share of the pictures lie, in pixels."""
        return self._places([(amount, share)])[0]

    def _places(self, points: Sequence[tuple[float, float]]) -> list[QPointF]:
        area, (low, high) = self._area(), self._range
        left, bottom, height = area.left(), area.bottom(), area.height()
        step = area.width() / (high - low)
        return [QPointF(left + step * (x - low), bottom - height * y) for x, y in points]

    def _area(self) -> QRectF:
        size = self.size()
        return QRectF(
            LEFT,
            TITLE + 4,
            max(1, size.width() - LEFT - RIGHT),
            max(1, size.height() - TITLE - FOOT - 6),
        )

    # ---- painting

    def draw(self, painter: QPainter) -> None:
        """Paint the plot; also for saving."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_axes(painter)
        for line in self.lines:
            self._draw_band(painter, line)
        for line in self.lines:
            self._draw_line(painter, line)
        self._draw_names(painter)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.size())

    def _draw_axes(self, painter: QPainter) -> None:
        theme, area = self._themes.theme, self._area()
        painter.setFont(font(11, tabular=True))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0.0, 0.5, 1.0):
            y = round(self.place(0, share).y()) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(0, y - 8, LEFT - 6, 16), right, f"{100 * share:.0f}")
        low, high = self._range
        for amount in (low, (low + high) / 2, high):
            below = QRectF(self.place(amount, 0).x() - 24, area.bottom() + 3, 48, 16)
            below.moveRight(min(below.right(), float(self.width())))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, pretty(f"{amount:g}"))

    def _draw_band(self, painter: QPainter, line: Line) -> None:
        if len(line.points) < 2:
            return
        ends = [(amount, point.interval) for amount, point in line.points]
        upper = self._places([(amount, high) for amount, (_, high) in ends])
        lower = self._places([(amount, low) for amount, (low, _) in ends])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded(self._themes.theme.color(line.token), 0.18))
        painter.drawPolygon(QPolygonF(upper + lower[::-1]))

    def _draw_line(self, painter: QPainter, line: Line) -> None:
        theme = self._themes.theme
        colour = theme.color(line.token)
        places = self._places([(amount, point.accuracy) for amount, point in line.points])
        painter.setPen(QPen(colour, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(places))
        painter.setBrush(theme.color("window"))
        for place in places:
            if line.token == "valid":
                painter.drawEllipse(place, RING, RING)
            else:
                painter.drawRect(QRectF(place.x() - 2, place.y() - 2, 4, 4))
        if self._hot is not None and self._hot[0].name == line.name:
            painter.setBrush(colour)
            painter.drawEllipse(self.place(self._hot[1], self._hot[2].accuracy), 4, 4)

    def _draw_names(self, painter: QPainter) -> None:
        """The title, and the names of the lines where there are several."""
        theme = self._themes.theme
        painter.setFont(font(12, 600))
        painter.setPen(theme.color("text"))
        across = painter.fontMetrics().horizontalAdvance(self.title)
        painter.drawText(QRectF(0, 0, self.width(), TITLE), Qt.AlignmentFlag.AlignLeft, self.title)
        painter.setFont(font(11))
        painter.setPen(theme.color("text3"))
        rest = QRectF(across + 6, 1, self.width() - across - 6, TITLE)
        if len(self.lines) < 2:
            painter.drawText(rest, Qt.AlignmentFlag.AlignLeft, self.unit)
            return
        for line in self.lines:
            painter.setPen(theme.color(line.token))
            painter.drawText(rest, Qt.AlignmentFlag.AlignLeft, line.name)
            rest.setLeft(rest.left() + painter.fontMetrics().horizontalAdvance(line.name) + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The plot."""
        self.draw(QPainter(self))

    # ---- the mouse

    def at(self, position: QPointF) -> tuple[Line, float, Point] | None:
        """The point nearest to `position`, if it is near."""
        known = [(line, amount, point) for line in self.lines for amount, point in line.points]

        def distance(entry: tuple[Line, float, Point]) -> float:
            away = self.place(entry[1], entry[2].accuracy) - position
            return away.x() ** 2 + 0.1 * away.y() ** 2

        best = min(known, key=distance, default=None)
        return best if best is not None and distance(best) < REACH**2 else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the point under the pointer."""
        self._hover(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has gone."""
        self._hover(None)

    def _hover(self, found: tuple[Line, float, Point] | None) -> None:
        if found != self._hot:
            self._hot = found
            self.update()
            self.hovered.emit(found)

    def table(self) -> Iterable[Sequence[object]]:
        """The numbers of all lines."""
        yield ("line", self.unit, "correct", "images", "accuracy", "from", "to")
        for line in self.lines:
            for amount, point in line.points:
                low, high = point.interval
                yield (line.name, amount, point.correct, point.images, point.accuracy, low, high)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the plot."""
        ground = self._themes.theme.color("window")
        name = f"invariance-{self.title.lower()}"
        save_menu(self, name, self, self.table, self._session, ground).popup(event.globalPos())


def percent(share: float) -> str:
    """Such as "97.4 %"."""
    return f"{100 * share:.1f} %"


def point_words(point: Point) -> str:
    """Such as "97.4 % (487 of 500; 95.6 to 98.5 % with 95 % confidence)"."""
    low, high = point.interval
    return (
        f"{percent(point.accuracy)} ({point.correct:,} of {point.images:,}; "
        f"{100 * low:.1f} to {100 * high:.1f} % with 95 % confidence)"
    )
