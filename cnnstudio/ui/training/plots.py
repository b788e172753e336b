"""The curves of training. What does not change from one step to the next is painted only once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy

from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager, faded, font
from cnnstudio.ui.training.axes import Axes
from cnnstudio.ui.training.line_looks import Look, draw_mark
from cnnstudio.ui.training.lines import End, Ground, Line, Mark, Points, draw_points, spread
from cnnstudio.ui.training.plot_hand import PlotHand
from cnnstudio.ui.training.plot_readout import Reading, draw_readout
from cnnstudio.ui.training.scales import SCALES, Range
from cnnstudio.ui.training.spans import span_of

NAMES = 84
"""Pixels to the right of a plot for the names of the lines."""

NUMBERS = 42
"""Pixels to the left of a plot for the numbers of its axis; long ones get more."""

NUMBER_GAP = 8

TOP = 6

EPOCHS = 20
"""Pixels below a plot for the numbers of the epochs."""

NAME_PITCH = 15

NUMBER_PITCH = 13
"""Numbers nearer to the one above are left out."""

PIECE = 12
"""So many new points of a line are painted into the ground at once."""

SHARE = 0.4
"""The share of a plot's height, from below, for a line that has a scale of its own."""

REFIT = 1.04
"""When a line has so many times the points, an axis that cuts its start off may be tightened."""

NEAR = 5.0
"""Pixels from a mark within which the cursor tells its words."""


class CurvePlot(PlotHand):
    """Lines over the epochs: names at their ends, dots at "now", marks, and a cursor with values.

    `what` is "loss" or "accuracy", the latter in percent; `names` are the pixels to the right for
    the names of the lines. What the hand does is in `PlotHand`.
    """

    def __init__(
        self, what: str, session: Session, themes: ThemeManager, *, names: int = NAMES
    ) -> None:
        super().__init__()
        self._what, self._session, self._themes = what, session, themes
        self._names_room = names
        self._scale = SCALES[what]["log" if what == "loss" else "linear"]
        self._lines: tuple[Line, ...] = ()
        self._fitted: list[int] = []
        self._marks: tuple[Mark, ...] = ()
        self._view: Range | None = None
        self._moment: float | None = None
        self._axes = Axes(self._area())
        self._ends: list[End] = []
        self._name_heights: list[int] = []
        self._tones: dict[Look, tuple[QPen, QColor, QPen]] = {}
        self._ground: Ground | None = None
        self._names: tuple[object, QPixmap] | None = None
        self._plain, self._bold = font(11), font(11, 600)
        self._tabular = font(11, tabular=True)
        self.rows: Callable[[], Iterable[Sequence[object]]] = tuple
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"{what} during training")

    def dress(self) -> None:
        """Take the colours of the present theme."""
        self._ground = self._names = None
        self._tones.clear()
        self.update()

    def show_lines(self, lines: Iterable[Line], marks: Iterable[Mark] = ()) -> None:
        """Draw `lines`, the last one on top, and fit the axes to them."""
        new, marks = tuple(lines), tuple(marks)
        fits = self._still_fits(new, marks)
        self._lines, self._marks = new, marks
        if fits:
            self._find_ends()
        else:
            self._fit()
        self.update()

    def show_scale(self, word: str) -> None:
        """Use the "log" or the "linear" scale."""
        self._scale = SCALES[self._what][word]
        self._fit()
        self.update()

    def show_view(self, view: Range | None) -> None:
        """Show the epochs in `view`, or all; the lines for it come with `show_lines`."""
        self._view = view

    def show_cursor(self, epoch: float | None) -> None:
        """Put the cursor at an epoch, or take it away."""
        if epoch != self.cursor_epoch:
            self.cursor_epoch = epoch
            self.setAccessibleDescription("" if epoch is None else self.reading(epoch).words)
            self.update()

    def show_moment(self, epoch: float | None) -> None:
        """Mark the moment that the time machine shows, or none."""
        if epoch != self._moment:
            self._moment = epoch
            self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint the plot; also for saving."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, with_tips=True)
        self._draw_now(painter)
        self._draw_names(painter)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.size())

    def table(self) -> Iterable[Sequence[object]]:
        """The numbers behind the lines, not thinned."""
        name = self._what
        head = ("epoch", f"train {name}", f"train {name} smoothed", "validation")
        yield (*head, "learning rate", "changed", "run")
        yield from self.rows()

    # ---- the cursor

    @property
    def now(self) -> float:
        """The end of the longest line, in epochs."""
        return max((line.end for line in self._lines), default=0.0)

    def stops(self) -> np.ndarray:
        """The epochs at which the cursor may stand: the points of the line with the most."""
        return max((line.all_epochs for line in self._lines), key=len, default=np.zeros(0))

    def reading(self, epoch: float) -> Reading:
        """What the lines say at an epoch, each at its nearest point."""
        found = Reading(f"epoch {epoch:.2f}")
        for line in reversed(self._lines):
            at = line.nearest_place(epoch) if line.alias else None
            if at is not None:
                value = float(line.all_values[at])
                words = f"{value:.3g}" if line.shares else self._scale.words(value)
                found.add(line.alias, line.look, words)
        reach = NEAR * (self._axes.epoch_at(1.0) - self._axes.epoch_at(0.0))
        found.notes += [mark.words for mark in self._marks if abs(mark.epoch - epoch) <= reach]
        return found

    # ---- from values to pixels

    def _fit(self) -> None:
        """Find the axes, and where the lines end."""
        now, view = self.now, self._view
        span = span_of(self._lines, self._scale, now, whole=view is None)
        axes = self._scale.axes(self._area(), now, view, span) if span else Axes(self._area())
        self._axes = replace(axes, area=self._area(self._width_of(axes)))
        self._fitted = [len(line.epochs) for line in self._lines]
        self._find_ends()

    def _still_fits(self, lines: Sequence[Line], marks: tuple[Mark, ...]) -> bool:
        """Whether `lines` are the present ones with a few more points that the axes show."""
        if marks != self._marks or [a.key for a in lines] != [b.key for b in self._lines]:
            return False
        return all(
            self._shows(line, count)
            for line, count in zip(lines, self._fitted, strict=True)
            if line.grows and line.fits
        )

    def _shows(self, line: Line, count: int) -> bool:
        """Whether the axes show the points of a line from `count` on, and would not be others."""
        if self._scale.cuts_start and len(line.epochs) > REFIT * count:
            return False
        if self._view is None and line.end > self._axes.epochs[1]:
            return False
        low, high = self._axes.heights
        tail = self._scale.heights(line.since(count)[1])
        return not bool(((tail < low) | (tail > high)).any())

    def _points(self, line: Line, start: int = 0) -> Points:
        """The points of a line from its point `start` on, and its tip."""
        epochs, values = line.since(start)
        if not line.shares:
            return self._axes.places(epochs, self._scale.heights(values))
        points = self._axes.places(epochs, values)
        area, most = self._axes.area, max(1e-30, float(line.values.max(initial=0.0)))
        points[:, 1] = area.bottom() - SHARE * area.height() * values / most
        return points

    def _place(self, line: Line, epoch: float, value: float) -> QPointF:
        """One point of a line."""
        if not line.shares:
            return self._axes.place(epoch, self._scale.height_of(value))
        x, y = self._points(replace(line, tip=(epoch, value)), len(line.epochs))[0].tolist()
        return QPointF(x, y)

    def _width_of(self, axes: Axes) -> float:
        """What the numbers of an axis take, in pixels."""
        metrics = QFontMetricsF(self._tabular)
        return max((metrics.horizontalAdvance(words) for _, words in axes.ticks), default=0.0)

    def _area(self, numbers: float = 0.0) -> QRectF:
        """Where the lines are, with room around it for names, and numbers of so many pixels."""
        left = max(NUMBERS, math.ceil(numbers) + NUMBER_GAP)
        width, height = self.width() - left - self._names_room, self.height() - TOP - EPOCHS
        return QRectF(left, TOP, max(1, width), max(1, height))

    def _find_ends(self) -> None:
        """The last point of each line that has a name, as far as it can be seen."""
        ends, area = [], self._axes.area
        for line in self._lines:
            last = line.last() if line.name else None
            if last is not None:
                point = self._place(line, *last)
                if area.left() <= point.x() <= area.right() + 1 and point.y() == point.y():
                    point.setY(max(area.top(), min(area.bottom(), point.y())))
                    ends.append(End(line.name, line.look, point))
        self._ends = sorted(ends, key=lambda end: end.point.y())
        pitch = (area.top() + 2, area.bottom() - 4, NAME_PITCH)
        self._name_heights = [round(y) for y in spread([e.point.y() for e in self._ends], *pitch)]

    # ---- painting, in pixels

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground with the older part of the lines, then what has come since."""
        ground = self._present_ground()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, ground.picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_growth(painter, ground.painted)
        self._draw_now(painter)
        painter.drawPixmap(QPointF(self._axes.area.right(), 0), self._names_picture())
        self._draw_hand(painter)

    def _present_ground(self) -> Ground:
        """What is painted already: begun again where it no longer holds, else gone on with."""
        ratio, counts = self.devicePixelRatioF(), [len(line.epochs) for line in self._lines]
        key = (self._axes, ratio, tuple(line.key for line in self._lines), self._marks)
        ground = self._ground
        if ground is None or ground.key != key:
            ground = self._ground = Ground(self._blank(self.size(), ratio), key, counts)
            painter = QPainter(ground.picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_ground(painter)
        elif any(now - then > PIECE for now, then in zip(counts, ground.painted, strict=True)):
            painter = QPainter(ground.picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_growth(painter, ground.painted, with_tips=False)
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

    def _draw_ground(self, painter: QPainter, *, with_tips: bool = False) -> None:
        """Numbers, marks of changes, and all points of the lines that stay."""
        self._draw_numbers(painter)
        painter.setClipRect(self._axes.area)
        self._draw_changes(painter)
        for line in self._lines:
            points = self._points(line)
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

    def _draw_growth(
        self, painter: QPainter, painted: Sequence[int], *, with_tips: bool = True
    ) -> None:
        """What growing lines have besides the points painted, joined to them."""
        painter.setClipRect(self._axes.area)
        for line, count in zip(self._lines, painted, strict=True):
            if line.grows:
                points = self._points(line, max(0, count - 1))
                if not with_tips and line.tip is not None:
                    points = points[:-1]
                draw_points(painter, points, self._tone(line.look)[0])
        painter.setClipping(False)

    def _draw_numbers(self, painter: QPainter) -> None:
        """The numbers of both axes, and a horizontal line at each height."""
        theme, area, axes = self._themes.theme, self._axes.area, self._axes
        painter.setFont(self._tabular)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
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
        if self._names_room == NAMES:
            corner = QRectF(area.right() + 14, area.bottom() + 3, NAMES, 16)
            painter.drawText(corner, Qt.AlignmentFlag.AlignVCenter, "epoch")

    def _draw_changes(self, painter: QPainter) -> None:
        """A dashed line and a small flag where a setting was changed."""
        area, tone = self._axes.area, self._themes.theme.color("accent")
        for mark in self._marks:
            x = round(self._axes.place(mark.epoch, 0).x()) + 0.5
            painter.setPen(QPen(faded(tone, 0.7), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone)
            flag = [QPointF(x, area.top()), QPointF(x + 7, area.top() + 3.5)]
            painter.drawPolygon([*flag, QPointF(x, area.top() + 7)])

    def _draw_now(self, painter: QPainter) -> None:
        """The dotted line at "now", the end points, and what ties them to their names."""
        if not self._ends:
            return
        area = self._axes.area
        now = max(end.point.x() for end in self._ends)
        painter.setPen(QPen(self._themes.theme.color("text3"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(now, area.top(), now, area.bottom()))
        for end, height in zip(self._ends, self._name_heights, strict=True):
            _, colour, tie = self._tone(end.look)
            x, y = end.point.toTuple()
            painter.setPen(tie)
            painter.drawLine(QLineF(x + 5, y, area.right() + 5, height))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(end.point, 3.2, 3.2)

    def _names_picture(self) -> QPixmap:
        """The names of the lines, painted once for each of their places."""
        ratio, names = self.devicePixelRatioF(), [end.name for end in self._ends]
        key = (self._name_heights, names, ratio, self.height())
        if self._names is None or self._names[0] != key:
            picture = self._blank(QSize(self._names_room, max(1, self.height() - EPOCHS)), ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.translate(-self._axes.area.right(), 0)
            self._draw_names(painter)
            painter.end()
            self._names = key, picture
        return self._names[1]

    def _draw_names(self, painter: QPainter) -> None:
        painter.setFont(self._bold)
        left = self._axes.area.right() + 8
        for end, height in zip(self._ends, self._name_heights, strict=True):
            painter.setPen(self._tone(end.look)[1])
            words = QRectF(left, height - 8, self._names_room, 16)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, end.name)

    def _draw_hand(self, painter: QPainter) -> None:
        """The moment of the time machine, the span that is dragged, the cursor, the focus."""
        area, theme, axes = self._axes.area, self._themes.theme, self._axes
        if self._moment is not None:
            x = axes.place(self._moment, 0).x()
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        if self.band is not None:
            left, right = self.band
            span = QRectF(left, area.top(), right - left, area.height())
            painter.fillRect(span, faded(theme.color("accent"), 0.18))
        if self.cursor_epoch is not None and axes.epochs[0] <= self.cursor_epoch <= axes.epochs[1]:
            x = axes.place(self.cursor_epoch, 0).x()
            painter.setPen(QPen(theme.color("text2"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            self._draw_cursor_dots(painter, self.cursor_epoch)
            room = QRectF(area.left(), 1, area.width() + self._names_room, self.height() - 3)
            draw_readout(painter, self.reading(self.cursor_epoch), room, x, theme)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _draw_cursor_dots(self, painter: QPainter, epoch: float) -> None:
        """A dot on each line that is told."""
        painter.setClipRect(self._axes.area.adjusted(-4, -4, 4, 4))
        painter.setPen(QPen(self._themes.theme.color("window"), 1))
        for line in self._lines:
            at = line.nearest_place(epoch) if line.alias else None
            if at is not None:
                painter.setBrush(self._tone(line.look)[1])
                painter.drawEllipse(QPointF(*self._points(line)[at].tolist()), 3.2, 3.2)
        painter.setClipping(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the axes to the new size."""
        super().resizeEvent(event)
        self._fit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the plot."""
        ground = self._themes.theme.color("window")
        name = f"{self._what}-curve"
        menu = save_menu(self, name, self, self.table, self._session, ground)
        menu.popup(event.globalPos())
