"""How the chart of sizes is painted: lines for size and receptive field, bars for channels."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from cnnstudio.ui import icons
from cnnstudio.ui.sizes.size_stops import Stop
from cnnstudio.ui.theme import Theme, faded, font, mix

NUMBERS = 44
"""Pixels to the left of the chart for the numbers of its axis."""

NAMES = 106
"""Pixels to the right of the chart for the names of the lines."""

TOP = 12

UPRIGHT = 54
"""A column narrower than this has its name set upright."""

LEVEL_ROOM, UPRIGHT_ROOM = 18, 56
"""Pixels below the chart for names set level or upright."""

LANE_SHARE = 0.3
"""How much of the height the bars for channels take."""

GAP = 18
"""Pixels between the lines and the bars, where the numbers of the bars stand."""

CROWDED = 18
"""In columns narrower than this the lines have no marks, which would hide their dashes."""

NAME_PITCH = 14
MARK = 3.2

STEPS = (1, 2, 4, 5, 8, 10, 16, 20, 32, 40, 50, 64, 100, 128, 200, 256, 500, 512, 1000)
MOST_TICKS = 5


@dataclass(frozen=True)
class Frame:
    """Where everything lies in pixels: `lines` above, `bars` below, `columns` stops side by side.

    `top` is the side that the upper edge stands for, `most` the channels of a bar of full height.
    """

    lines: QRectF
    bars: QRectF
    columns: int
    top: float
    most: int

    @property
    def pitch(self) -> float:
        """The width of a column."""
        return self.lines.width() / max(1, self.columns)

    @property
    def upright(self) -> bool:
        """Whether the names do not fit side by side."""
        return self.pitch < UPRIGHT

    def x(self, index: int) -> float:
        """The middle of a column."""
        return self.lines.left() + (index + 0.5) * self.pitch

    def y(self, side: float) -> float:
        """The height of a side in pixels of the picture; beyond the edge it stays there."""
        share = min(1.0, side / self.top)
        return self.lines.bottom() - share * self.lines.height()

    def column(self, index: int) -> QRectF:
        """The whole column of a stop."""
        left = self.lines.left() + index * self.pitch
        height = self.bars.bottom() - self.lines.top()
        return QRectF(left, self.lines.top() - 4, self.pitch, height + 4)

    def at(self, x: float) -> int | None:
        """The stop at the pixel `x`; None beside the chart."""
        index = math.floor((x - self.lines.left()) / self.pitch)
        return index if 0 <= index < self.columns else None


def frame(width: int, height: int, shown: Sequence[Stop]) -> Frame:
    """The frame for `shown` in a chart of `width` x `height` pixels."""
    across = max(1.0, width - NUMBERS - NAMES)
    upright = across / max(1, len(shown)) < UPRIGHT
    room = UPRIGHT_ROOM if upright else LEVEL_ROOM
    inside = max(40.0, height - TOP - room - GAP)
    lines = QRectF(NUMBERS, TOP, across, inside * (1 - LANE_SHARE))
    bars = QRectF(NUMBERS, lines.bottom() + GAP, across, inside * LANE_SHARE)
    sides = [side for stop in shown if stop.side for side in stop.side]
    counts = [stop.count for stop in shown if stop.count]
    return Frame(lines, bars, len(shown), max(sides, default=1) * 1.06, max(counts, default=1))


class Drawing:
    """Paints the stops of one network in one theme."""

    def __init__(
        self, theme: Theme, stops: Sequence[Stop], runs: Sequence[tuple[int, int]]
    ) -> None:
        self._theme, self._stops, self._runs = theme, stops, runs

    def paint(
        self, painter: QPainter, place: Frame, selected: Collection[int], hovered: int | None
    ) -> None:
        """Everything, from the ground up."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._columns(painter, place, selected, hovered)
        self._axis(painter, place)
        self._bars(painter, place)
        self._shrinking(painter, place)
        self._lines(painter, place)
        self._states(painter, place)
        self._names(painter, place, selected)

    # ---- ground

    def _columns(
        self, painter: QPainter, place: Frame, selected: Collection[int], hovered: int | None
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for index, stop in enumerate(self._stops):
            tone = None
            if stop.state == "misfit":
                tone = faded(self._theme.color("error"), 0.14)
            elif index in selected:
                tone = self._theme.color("accenttint")
            elif index == hovered:
                tone = self._theme.color("field")
            if tone is not None:
                painter.setBrush(tone)
                painter.drawRoundedRect(place.column(index).adjusted(1, 0, -1, 0), 4, 4)
            if index in selected:
                column = place.column(index).adjusted(1, 0, -1, 0)
                painter.setBrush(self._theme.color("accent"))
                painter.drawRect(QRectF(column.topLeft(), QSizeF(column.width(), 2)))

    def _axis(self, painter: QPainter, place: Frame) -> None:
        """Numbers and a line at each; the picture's side is dotted."""
        painter.setFont(font(11, tabular=True))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        picture = self._picture()
        for tick in _ticks(place.top):
            y = round(place.y(tick)) + 0.5
            painter.setPen(QPen(self._theme.color("line"), 1))
            painter.drawLine(QLineF(place.lines.left(), y, place.lines.right(), y))
            painter.setPen(self._theme.color("text3"))
            painter.drawText(QRectF(0, y - 8, NUMBERS - 8, 16), right, f"{tick:g}")
        if picture is not None:
            y = round(place.y(picture)) + 0.5
            painter.setPen(QPen(self._theme.color("text3"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QLineF(place.lines.left(), y, place.lines.right(), y))
        painter.setPen(QPen(self._theme.color("line"), 1))
        y = round(place.bars.bottom()) + 0.5
        painter.drawLine(QLineF(place.bars.left(), y, place.bars.right(), y))

    def _picture(self) -> float | None:
        """The longer side of the padded picture."""
        first = self._stops[0].side
        return None if first is None else float(max(first))

    # ---- channels and units

    def _bars(self, painter: QPainter, place: Frame) -> None:
        """A bar for each stop on a logarithmic scale, hatched where it counts units."""
        painter.setFont(font(11, tabular=True))
        width = max(3.0, min(28.0, place.pitch * 0.5))
        for index, stop in enumerate(self._stops):
            if not stop.count:
                continue
            share = (1 + math.log2(stop.count)) / (1 + math.log2(max(2, place.most)))
            height = max(2.0, share * place.bars.height())
            left, top = place.x(index) - width / 2, place.bars.bottom() - height
            colour = self._theme.family(stop.family)
            painter.setPen(QPen(colour, 1))
            painter.setBrush(_fill(colour, self._theme.color("window"), flat=stop.side is None))
            painter.drawRect(QRectF(left, top, width, height))
            words = f"{stop.count:,}"
            if QFontMetricsF(painter.font()).horizontalAdvance(words) <= place.pitch - 2:
                painter.setPen(self._theme.color("text2"))
                room = QRectF(place.x(index) - place.pitch / 2, top - 15, place.pitch, 14)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, words)

    # ---- lines

    def _shrinking(self, painter: QPainter, place: Frame) -> None:
        """A broad band below the line where maps lose their border again and again."""
        band = QPen(faded(self._theme.color("error"), 0.28), 9)
        band.setCapStyle(Qt.PenCapStyle.RoundCap)
        for start, end in self._runs:
            points = self._points(place, "height")[start : end + 1]
            painter.setPen(band)
            painter.drawPolyline(QPolygonF([p for p in points if p is not None]))

    def _lines(self, painter: QPainter, place: Frame) -> None:
        for kind in self._kinds():
            pen, ground = self._pen(kind), self._theme.color("window")
            points = self._points(place, kind)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for part in _unbroken(points):
                painter.drawPolyline(QPolygonF(part))
            painter.setPen(QPen(pen.color(), 1.4))
            painter.setBrush(pen.color() if kind == "field" else ground)
            if place.pitch >= CROWDED:
                for point in filter(None, points):
                    _mark(painter, point, square=kind == "field")
        heights = self._points(place, "height")
        for last in filter(None, [heights[end] for _, end in self._runs]):
            rect = QRectF(last.x() - 7, last.y() + 6, 14, 14)
            icons.draw(painter, "warning", self._theme.color("errortext"), rect)

    def _kinds(self) -> tuple[str, ...]:
        """The lines that there are: the width only where it differs from the height."""
        oblong = any(stop.side and stop.side[0] != stop.side[1] for stop in self._stops)
        return ("height", "width", "field") if oblong else ("height", "field")

    def _pen(self, kind: str) -> QPen:
        """Line styles differ, not only colours."""
        colour = self._theme.color("valid" if kind == "field" else "train")
        pen = QPen(colour, 1.8)
        if kind == "width":
            pen.setDashPattern([1.2, 2.2])
        if kind == "field":
            pen.setDashPattern([4.5, 2.5])
        return pen

    def _points(self, place: Frame, kind: str) -> list[QPointF | None]:
        """The points of a line; None where the value is not known."""
        found: list[QPointF | None] = []
        for index, stop in enumerate(self._stops):
            side = stop.field if kind == "field" else stop.side
            value = None
            if side is not None:
                value = max(side) if kind == "field" else side[kind == "width"]
            found.append(None if value is None else QPointF(place.x(index), place.y(value)))
        return found

    # ---- words

    def _states(self, painter: QPainter, place: Frame) -> None:
        """What is wrong with a block, and a question mark for what is not known behind it."""
        for index, stop in enumerate(self._stops):
            middle = QPointF(place.x(index), place.lines.center().y())
            if stop.state == "misfit":
                rect = QRectF(middle.x() - 8, middle.y() - 8, 16, 16)
                icons.draw(painter, "alert", self._theme.color("error"), rect)
            elif stop.state == "unknown":
                painter.setFont(font(13, 600))
                painter.setPen(self._theme.color("text3"))
                rect = QRectF(middle.x() - 10, middle.y() - 10, 20, 20)
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "?")

    def _names(self, painter: QPainter, place: Frame, selected: Collection[int]) -> None:
        self._stop_names(painter, place, selected)
        self._line_names(painter, place)
        painter.setFont(font(11))
        painter.setPen(self._theme.color("text3"))
        left = place.bars.right() + 10
        flat = any(stop.count and stop.side is None for stop in self._stops)
        words = ["channels", *(["units, hatched"] if flat else [])]
        for line, word in enumerate(words):
            rect = QRectF(left, place.bars.bottom() - 15 * (len(words) - line), NAMES - 10, 15)
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, word)

    def _stop_names(self, painter: QPainter, place: Frame, selected: Collection[int]) -> None:
        """The blocks' names, upright where there is no room; of very many, every second or so."""
        every = max(1, math.ceil(13 / place.pitch))
        for index, stop in enumerate(self._stops):
            if index % every and index not in selected:
                continue
            chosen = index in selected
            painter.setFont(font(11, 600 if chosen else 400))
            tone = "errortext" if stop.state == "misfit" else "text" if chosen else "text2"
            painter.setPen(self._theme.color(tone))
            top = place.bars.bottom() + 3
            if not place.upright:
                room = QRectF(place.x(index) - place.pitch / 2, top, place.pitch, 15)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter, stop.name)
                continue
            painter.save()
            painter.translate(place.x(index), top)
            painter.rotate(-90)
            words = QFontMetricsF(painter.font()).elidedText(
                stop.name, Qt.TextElideMode.ElideMiddle, UPRIGHT_ROOM - 4
            )
            room = QRectF(-UPRIGHT_ROOM, -8, UPRIGHT_ROOM, 16)
            aligned = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, aligned, words)
            painter.restore()

    def _line_names(self, painter: QPainter, place: Frame) -> None:
        """The lines' names at the right end of the chart, each tied to its line's end."""
        ends = sorted(self._ends(place), key=lambda end: end[1].y())
        heights = _spread([point.y() for _, point, _ in ends], place.lines)
        left = place.lines.right() + 10
        painter.setFont(font(11, 600))
        for (words, point, colour), y in zip(ends, heights, strict=True):
            painter.setPen(QPen(faded(colour, 0.5), 1))
            painter.drawLine(QLineF(point + QPointF(5, 0), QPointF(left - 3, y)))
            painter.setPen(colour)
            room = QRectF(left, y - 8, NAMES - 10, 16)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)

    def _ends(self, place: Frame) -> Iterator[tuple[str, QPointF, QColor]]:
        names = {"height": "size", "width": "width", "field": "receptive field"}
        if len(self._kinds()) == 3:
            names["height"] = "height"
        for kind in self._kinds():
            last = next((p for p in reversed(self._points(place, kind)) if p), None)
            if last is not None:
                yield names[kind], last, self._pen(kind).color()
        picture = self._picture()
        if picture is not None:
            end = QPointF(place.lines.right() - 4, place.y(picture))
            yield f"picture {picture:g}", end, self._theme.color("text3")


def _ticks(top: float) -> list[int]:
    step = next((s for s in STEPS if top / s <= MOST_TICKS), STEPS[-1])
    return list(range(0, int(top) + 1, step))


def _fill(colour: QColor, ground: QColor, *, flat: bool) -> QBrush:
    """Solid for maps, hatched for units."""
    if flat:
        return QBrush(colour, Qt.BrushStyle.BDiagPattern)
    return QBrush(mix(ground, colour, 0.55))


def _mark(painter: QPainter, point: QPointF, *, square: bool) -> None:
    if square:
        painter.drawRect(QRectF(point.x() - MARK + 0.6, point.y() - MARK + 0.6, 5.2, 5.2))
    else:
        painter.drawEllipse(point, MARK, MARK)


def _unbroken(points: Sequence[QPointF | None]) -> Iterator[list[QPointF]]:
    """The parts of a line between its gaps."""
    part: list[QPointF] = []
    for point in [*points, None]:
        if point is not None:
            part.append(point)
        elif part:
            yield part
            part = []


def _spread(heights: Sequence[float], area: QRectF) -> list[float]:
    """`heights`, rising, moved apart so that the words at them do not lie on one another."""
    found: list[float] = []
    for number, height in enumerate(heights):
        lowest = area.bottom() - NAME_PITCH * (len(heights) - 1 - number)
        least = found[-1] + NAME_PITCH if found else area.top()
        found.append(max(least, min(height, lowest)))
    return found
