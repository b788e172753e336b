"""How a plot is painted. What does not change from one step to the next is painted only once."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from cnnstudio.ui.theme import ThemeManager, faded, font
from cnnstudio.ui.training.line_looks import Look, draw_mark
from cnnstudio.ui.training.lines import Ground, draw_points
from cnnstudio.ui.training.plot_layout import EPOCHS, NAMES, NUMBER_GAP, Layout

NUMBER_PITCH = 13
"""Numbers nearer to the one above are left out."""

PIECE = 12
"""So many new points of a line are painted into the ground at once."""

DOT = 3.2
"""The radius of the dots at "now" and at the cursor, in pixels."""

ANTIALIASING = QPainter.RenderHint.Antialiasing
MIDDLE = Qt.AlignmentFlag.AlignVCenter


class PlotPainting:
    """Paints layouts in the present theme; `forget` after another was chosen."""

    def __init__(self, themes: ThemeManager) -> None:
        self._themes = themes
        self._tones: dict[Look, tuple[QPen, QColor, QPen]] = {}
        self._names: tuple[object, QPixmap] | None = None
        self._plain, self._bold = font(11), font(11, 600)
        self._tabular = font(11, tabular=True)
        self.ground: Ground | None = None

    def forget(self) -> None:
        """Paint everything anew."""
        self.ground = self._names = None
        self._tones.clear()

    def draw(self, painter: QPainter, layout: Layout) -> None:
        """Draw all of a layout with `painter`, as for saving."""
        painter.setRenderHint(ANTIALIASING)
        self._draw_ground(painter, layout, with_tips=True)
        self._draw_now(painter, layout)
        self._draw_names(painter, layout)

    def paint(self, painter: QPainter, layout: Layout, ratio: float) -> None:
        """The ground with the older part of the lines, then what has come since."""
        ground = self._present_ground(layout, ratio)
        painter.drawPixmap(0, 0, ground.picture)
        painter.setRenderHint(ANTIALIASING)
        self._draw_growth(painter, layout, ground.painted)
        self._draw_now(painter, layout)
        names = self._names_picture(layout, ratio)
        painter.drawPixmap(QPointF(layout.axes.area.right(), 0), names)

    def draw_dots(self, painter: QPainter, layout: Layout, epoch: float) -> None:
        """A dot at an epoch on each line that the cursor tells."""
        painter.setClipRect(layout.axes.area.adjusted(-4, -4, 4, 4))
        painter.setPen(QPen(self._themes.theme.color("window"), 1))
        for line in layout.lines:
            at = line.nearest_place(epoch) if line.alias else None
            x, y = layout.points(line)[at].tolist() if at is not None else (math.nan, math.nan)
            if math.isfinite(y):
                painter.setBrush(self._tone(line.look)[1])
                painter.drawEllipse(QPointF(x, y), DOT, DOT)
        painter.setClipping(False)

    def draw_numbers(self, painter: QPainter, layout: Layout) -> None:
        """The numbers of both axes, and a horizontal line at each height."""
        theme, axes = self._themes.theme, layout.axes
        area = axes.area
        painter.setFont(self._tabular)
        right = Qt.AlignmentFlag.AlignRight | MIDDLE
        last = -math.inf
        for tick, words in reversed(axes.ticks):
            y = round(axes.place(0, tick).y()) + 0.5
            if y - last < NUMBER_PITCH:
                continue
            last = y
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(0, y - 8, area.left() - NUMBER_GAP, 16), right, words)
        for epoch in axes.epoch_ticks:
            place = QRectF(axes.place(epoch, 0).x() - 20, area.bottom() + 3, 40, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{epoch:g}")
        painter.setFont(self._plain)
        painter.setPen(theme.color("text3"))
        if layout.frame.names == NAMES:
            painter.drawText(
                QRectF(area.right() + 14, area.bottom() + 3, NAMES, 16), MIDDLE, "epoch"
            )

    # ---- what stays

    def _present_ground(self, layout: Layout, ratio: float) -> Ground:
        """What is painted already: begun again where it no longer holds, else gone on with."""
        counts = [len(line.epochs) for line in layout.lines]
        size = layout.frame.size.toSize()
        key = (layout.axes, size, ratio, tuple(line.key for line in layout.lines), layout.marks)
        ground = self.ground
        if ground is None or ground.key != key:
            ground = self.ground = Ground(self._blank(size, ratio), key, counts)
            painter = QPainter(ground.picture)
            painter.setRenderHint(ANTIALIASING)
            self._draw_ground(painter, layout)
        elif any(now - then > PIECE for now, then in zip(counts, ground.painted, strict=True)):
            painter = QPainter(ground.picture)
            painter.setRenderHint(ANTIALIASING)
            self._draw_growth(painter, layout, ground.painted, with_tips=False)
            ground.painted = counts
        return ground

    def _blank(self, size: QSize, ratio: float) -> QPixmap:
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._themes.theme.color("window"))
        return picture

    def _tone(self, look: Look) -> tuple[QPen, QColor, QPen]:
        """The pen of a line, its colour, and the pen that ties it to its name."""
        found = self._tones.get(look)
        if found is None:
            theme = self._themes.theme
            colour = look.colour(theme)
            found = self._tones[look] = look.pen(theme), colour, QPen(faded(colour, 0.55), 1)
        return found

    def _draw_ground(self, painter: QPainter, layout: Layout, *, with_tips: bool = False) -> None:
        """Numbers, marks of changes, and all points of the lines that stay."""
        self.draw_numbers(painter, layout)
        painter.setClipRect(layout.axes.area)
        self._draw_changes(painter, layout)
        for line in layout.lines:
            points = layout.points(line)
            points = points[: len(line.epochs) + with_tips]
            pen, colour, _ = self._tone(line.look)
            draw_points(painter, points, pen)
            if line.look.mark:
                painter.setPen(QPen(colour, 1.4))
                painter.setBrush(self._themes.theme.color("window"))
                last = len(points) - 1 if line.name else len(points)
                for x, y in points[:last][np.isfinite(points[:last, 1])].tolist():
                    draw_mark(painter, line.look.mark, QPointF(x, y))
        painter.setClipping(False)

    def _draw_changes(self, painter: QPainter, layout: Layout) -> None:
        """A dashed line and a small flag where a setting was changed."""
        area, tone = layout.axes.area, self._themes.theme.color("accent")
        for mark in layout.marks:
            x = round(layout.axes.place(mark.epoch, 0).x()) + 0.5
            painter.setPen(QPen(faded(tone, 0.7), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone)
            flag = [QPointF(x, area.top()), QPointF(x + 7, area.top() + 3.5)]
            painter.drawPolygon([*flag, QPointF(x, area.top() + 7)])

    # ---- what grows

    def _draw_growth(
        self, painter: QPainter, layout: Layout, painted: Sequence[int], *, with_tips: bool = True
    ) -> None:
        """What growing lines have besides the points painted, joined to them."""
        painter.setClipRect(layout.axes.area)
        for line, count in zip(layout.lines, painted, strict=True):
            if line.grows:
                points = layout.points(line, max(0, count - 1))
                if not with_tips and line.tip is not None:
                    points = points[:-1]
                draw_points(painter, points, self._tone(line.look)[0])
        painter.setClipping(False)

    def _draw_now(self, painter: QPainter, layout: Layout) -> None:
        """The dotted line at "now", the end points, and what ties them to their names."""
        if not layout.ends:
            return
        area = layout.axes.area
        now = max(end.point.x() for end in layout.ends)
        painter.setPen(QPen(self._themes.theme.color("text3"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(now, area.top(), now, area.bottom()))
        for end, height in zip(layout.ends, layout.name_heights, strict=True):
            _, colour, tie = self._tone(end.look)
            x, y = end.point.toTuple()
            painter.setPen(tie)
            painter.drawLine(QLineF(x + 5, y, area.right() + 5, height))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(end.point, DOT, DOT)

    def _names_picture(self, layout: Layout, ratio: float) -> QPixmap:
        """The names of the lines, painted once for each of their places."""
        height = layout.frame.size.toSize().height()
        key = (layout.name_heights, [end.name for end in layout.ends], ratio, height)
        if self._names is None or self._names[0] != key:
            picture = self._blank(QSize(layout.frame.names, max(1, height - EPOCHS)), ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.translate(-layout.axes.area.right(), 0)
            self._draw_names(painter, layout)
            painter.end()
            self._names = key, picture
        return self._names[1]

    def _draw_names(self, painter: QPainter, layout: Layout) -> None:
        painter.setFont(self._bold)
        for end, place in zip(layout.ends, layout.name_places, strict=True):
            painter.setPen(self._tone(end.look)[1])
            painter.drawText(place, MIDDLE, end.name)
