"""The curves of training. What does not change from one step to the next is painted only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.axes import Axes, accuracy_axes, loss_axes
from cnnstudio.ui.lines import EMPTY, End, Ground, Points, Series, draw_line, draw_rings
from cnnstudio.ui.saving import save_menu
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager, faded, font

NAMES = 84
"""Pixels to the right of a plot for the names of the lines."""

NUMBERS = 36
"""Pixels to the left of a plot for the numbers of its axis."""

TOP = 6

EPOCHS = 20
"""Pixels below a plot for the numbers of the epochs."""

NAME_PITCH = 15

PIECE = 24
"""So many new points of the train line are painted into the ground at once."""


class CurvePlot(QWidget):
    """Train as a thin line, validation with rings; names at the line ends, dots at "now".

    `logarithmic` plots values above zero on a logarithmic axis; otherwise they are percent.
    """

    def __init__(
        self, name: str, session: Session, themes: ThemeManager, *, logarithmic: bool
    ) -> None:
        super().__init__()
        self._name = name
        self._session = session
        self._themes = themes
        self._log = logarithmic
        self._train, self._validation = EMPTY, EMPTY
        self._axes = Axes(self._area())
        self._points: Points = np.zeros((0, 2))
        self._rings: Points = np.zeros((0, 2))
        self._ends: list[End] = []
        self._ground: Ground | None = None
        self._plain, self._bold = font(11), font(11, 600)
        self._tabular = font(11, tabular=True)
        self.rows: Callable[[], Iterable[Sequence[object]]] = tuple
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"{name} during training")

    def dress(self) -> None:
        """Take the colours of the present theme."""
        self._ground = None
        self.update()

    def show_curves(self, train: Series, validation: Series) -> None:
        """Draw both lines and fit the axes to them."""
        self._train, self._validation = train, validation
        self._fit()
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Paint the plot; also for saving."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_numbers(painter)
        self._draw_lines(painter, self._points)
        self._draw_now(painter)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.size())

    def table(self) -> Iterable[Sequence[object]]:
        """The numbers behind the lines, not thinned."""
        yield ("epoch", f"train {self._name}", f"train {self._name} smoothed", "validation")
        yield from self.rows()

    # ---- from values to pixels

    def _height(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Values as they stand on the axis; those without a logarithm become gaps."""
        if not self._log:
            return values
        return np.asarray(np.log10(np.where(values > 0, values, np.nan)))

    def _fit(self) -> None:
        """Find the axes and where everything lies on them."""
        train, validation = (self._shown(series) for series in (self._train, self._validation))
        values = np.concatenate([train, validation])
        if len(values):
            area, now = self._area(), self._now()
            fits = accuracy_axes(area, now, train, validation)
            self._axes = loss_axes(area, now, values) if self._log else fits
        else:
            self._axes = Axes(self._area())
        self._points, self._rings = self._places(self._train), self._places(self._validation)
        self._ends = self._find_ends()

    def _shown(self, series: Series) -> NDArray[np.floating]:
        """The values that have a place on the axis."""
        values = series.values
        return np.asarray(values[np.isfinite(values) & ((values > 0) | (not self._log))])

    def _now(self) -> float:
        return max(float(series.epochs[-1]) for _, series in self._named() if len(series.epochs))

    def _places(self, series: Series) -> Points:
        return self._axes.places(series.epochs, self._height(series.values))

    def _area(self) -> QRectF:
        """Where the lines are, with room around it for numbers and names."""
        width, height = self.width() - NUMBERS - NAMES, self.height() - TOP - EPOCHS
        return QRectF(NUMBERS, TOP, max(1, width), max(1, height))

    def _find_ends(self) -> list[End]:
        """The last point of each line, from the top."""
        found = []
        for (name, series), token in zip(self._named(), ("train", "valid"), strict=True):
            last = series.last()
            if last is not None and (last[1] > 0 or not self._log):
                height = float(np.log10(last[1])) if self._log else last[1]
                found.append(End(name, token, self._axes.place(last[0], height)))
        return sorted(found, key=lambda end: end.point.y())

    # ---- painting, in pixels

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground with the older part of the lines, then what has come since."""
        ground = self._present_ground()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, ground.picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_train(painter, self._points[max(0, len(ground.train) - 1) :])
        self._draw_now(painter)

    def _present_ground(self) -> Ground:
        """What is painted already: begun again where it no longer holds, else gone on with."""
        ratio = self.devicePixelRatioF()
        ground = self._ground
        if ground is None or not ground.holds(self._axes, self._points, self._rings, ratio):
            ground = self._ground = self._new_ground(ratio)
        elif len(self._points) - len(ground.train) > 2 * PIECE:
            painter = QPainter(ground.picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            start, ground.train = len(ground.train), self._settled()
            self._draw_train(painter, ground.train[max(0, start - 1) :])
        return ground

    def _new_ground(self, ratio: float) -> Ground:
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._themes.theme.color("window"))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_numbers(painter)
        self._draw_lines(painter, self._settled())
        return Ground(picture, self._axes, self._settled(), self._rings)

    def _settled(self) -> Points:
        """The points of the train line that will not move any more; the last one may."""
        return self._points[: max(0, len(self._points) - PIECE)]

    def _draw_numbers(self, painter: QPainter) -> None:
        """The numbers of both axes, and a horizontal line at each height."""
        theme, area, axes = self._themes.theme, self._axes.area, self._axes
        painter.setFont(self._tabular)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick, words in axes.ticks:
            y = round(axes.place(0, tick).y()) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(0, y - 8, area.left() - 8, 16), right, words)
        for epoch in axes.epoch_ticks:
            place = QRectF(axes.place(epoch, 0).x() - 20, area.bottom() + 3, 40, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{epoch:g}")
        painter.setFont(self._plain)
        painter.setPen(theme.color("text3"))
        corner = QRectF(area.right() + 14, area.bottom() + 3, NAMES, 16)
        painter.drawText(corner, Qt.AlignmentFlag.AlignVCenter, "epoch")

    def _draw_lines(self, painter: QPainter, train: Points) -> None:
        """The validation line with its rings, and `train`."""
        theme = self._themes.theme
        painter.setClipRect(self._axes.area)
        draw_line(painter, self._rings, theme.color("valid"), 1.8)
        self._draw_train(painter, train)
        painter.setClipRect(self._axes.area)
        draw_rings(painter, self._rings, theme.color("valid"), theme.color("window"))
        painter.setClipping(False)

    def _draw_train(self, painter: QPainter, points: Points) -> None:
        painter.setClipRect(self._axes.area)
        draw_line(painter, points, self._themes.theme.color("train"), 1.4)
        painter.setClipping(False)

    def _draw_now(self, painter: QPainter) -> None:
        """The dotted line at "now", the end points and the names."""
        if not self._ends:
            return
        area = self._axes.area
        now = max(end.point.x() for end in self._ends)
        painter.setPen(QPen(self._themes.theme.color("text3"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(now, area.top()), QPointF(now, area.bottom()))
        painter.setFont(self._bold)
        left = area.right() + 8
        for end, height in zip(self._ends, self._name_heights(), strict=True):
            colour = self._themes.theme.color(end.token)
            painter.setPen(QPen(faded(colour, 0.55), 1))
            painter.drawLine(end.point + QPointF(5, 0), QPointF(left - 3, height))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(end.point, 3.2, 3.2)
            painter.setPen(colour)
            words = QRectF(left, height - 8, NAMES, 16)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, end.name)

    def _name_heights(self) -> list[float]:
        """Where the names stand: at the ends of their lines, but not over one another."""
        area = self._axes.area
        heights = [max(area.top(), min(area.bottom(), end.point.y())) for end in self._ends]
        if len(heights) == 2 and heights[1] - heights[0] < NAME_PITCH:
            middle = sum(heights) / 2
            middle = max(area.top() + NAME_PITCH / 2, min(area.bottom() - 8, middle))
            heights = [middle - NAME_PITCH / 2, middle + NAME_PITCH / 2]
        return heights

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the axes to the new size."""
        super().resizeEvent(event)
        self._fit()

    # ---- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values of the epoch under the pointer in the tooltip."""
        super().mouseMoveEvent(event)
        epoch = self._axes.epoch_at(event.position().x())
        words = [f"{name} {self._value(s, epoch)}" for name, s in self._named() if len(s.epochs)]
        self.setToolTip("\n".join([f"epoch {epoch:.2f}", *words]) if words else "")

    def _named(self) -> tuple[tuple[str, Series], ...]:
        return (("train", self._train), ("validation", self._validation))

    def _value(self, series: Series, epoch: float) -> str:
        value = series.values[int(np.abs(series.epochs - epoch).argmin())]
        return f"{value:.3g}" if self._log else f"{value:.2f} %"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the plot."""
        ground = self._themes.theme.color("window")
        name = f"{self._name}-curve"
        menu = save_menu(self, name, self, self.table, self._session, ground)
        menu.popup(event.globalPos())
