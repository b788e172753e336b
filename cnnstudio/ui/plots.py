"""The curves of training, drawn with pyqtgraph; imported only when there is something to plot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsView

from cnnstudio.ui.saving import save_menu
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager, faded, font
from cnnstudio.ui.ticks import epoch_axis, log_axis, percent_axis

NAMES = 84
"""Pixels to the right of a plot for the names of the lines."""

NUMBERS = 36
"""Pixels to the left of a plot for the numbers of its axis."""

TOP = 6

EPOCHS = 20
"""Pixels below a plot for the numbers of the epochs."""

NAME_PITCH = 15


@dataclass(frozen=True, eq=False)
class Series:
    """A line: positions in epochs and values; NaN makes a gap."""

    epochs: NDArray[np.floating]
    values: NDArray[np.floating]

    def last(self) -> tuple[float, float] | None:
        """The last finite point."""
        finite = np.flatnonzero(np.isfinite(self.values))
        if not len(finite):
            return None
        return float(self.epochs[finite[-1]]), float(self.values[finite[-1]])


EMPTY = Series(np.zeros(0), np.zeros(0))


class CurvePlot(pg.GraphicsView):  # type: ignore[misc]
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
        self._ticks: list[tuple[float, str]] = []
        self._epoch_ticks: list[float] = []
        self.rows: Callable[[], Iterable[Sequence[object]]] = tuple
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # the ground carries numbers
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._box.disableAutoRange()
        self.scene().addItem(self._box)
        self.sigDeviceRangeChanged.connect(self._place)
        self._thin = pg.PlotCurveItem(antialias=True, connect="finite")
        self._bold = pg.PlotCurveItem(antialias=True, connect="finite")
        self._rings = pg.ScatterPlotItem(size=5.4, antialias=True, useCache=False)
        for part in (self._bold, self._thin, self._rings):
            self._box.addItem(part)
        self.setAccessibleName(f"{name} during training")
        self.dress()

    def dress(self) -> None:
        """Take the colours of the present theme."""
        theme = self._themes.theme
        self.setBackground(theme.color("window"))
        self._thin.setPen(pg.mkPen(theme.color("train"), width=1.4))
        self._bold.setPen(pg.mkPen(theme.color("valid"), width=1.8))
        self._rings.setPen(pg.mkPen(theme.color("valid"), width=1.4))
        self._rings.setBrush(pg.mkBrush(theme.color("window")))
        self.viewport().update()

    def show_curves(self, train: Series, validation: Series) -> None:
        """Draw both lines and fit the axes to them."""
        self._train, self._validation = train, validation
        self._thin.setData(train.epochs, self._height(train.values))
        self._bold.setData(validation.epochs, self._height(validation.values))
        finite = np.isfinite(self._height(validation.values))
        self._rings.setData(
            validation.epochs[finite][:-1], self._height(validation.values)[finite][:-1]
        )
        self._fit_axes()
        self.viewport().update()

    def draw(self, painter: QPainter) -> None:
        """Paint the plot; also for saving."""
        area = self.viewport().rect()
        self.render(painter, QRectF(area), area)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return QSize(self.viewport().size())

    def table(self) -> Iterable[Sequence[object]]:
        """The numbers behind the lines, not thinned."""
        yield ("epoch", f"train {self._name}", f"train {self._name} smoothed", "validation")
        yield from self.rows()

    def _height(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Values as they stand on the axis; those without a logarithm become gaps."""
        if not self._log:
            return values
        return np.log10(np.where(values > 0, values, np.nan))

    def _fit_axes(self) -> None:
        values = np.concatenate([self._train.values, self._validation.values])
        values = values[np.isfinite(values) & ((values > 0) | (not self._log))]
        if not len(values):
            return
        view = self._box
        now = max(float(s.epochs[-1]) for _, s in self._named() if len(s.epochs))
        across, self._epoch_ticks = epoch_axis(now)
        view.setXRange(*across, padding=0)
        if self._log:
            (low, high), marks = log_axis(float(values.min()), float(values.max()))
            low, high = float(np.log10(low)), float(np.log10(high))
        else:
            (low, high), marks = percent_axis(self._lowest())
        self._ticks = [(float(np.log10(m)) if self._log else m, f"{m:g}") for m in marks]
        view.setYRange(low, high, padding=0.01)

    def _lowest(self) -> float:
        """How far down the accuracy axis goes: the steep first steps may be cut off."""
        train = self._train.values[np.isfinite(self._train.values)]
        low = [float(np.quantile(train, 0.06))] if len(train) else []
        validation = self._validation.values[np.isfinite(self._validation.values)]
        return min([*low, *validation.tolist()], default=0.0)

    # ---- painting around the lines, in pixels

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Ground, the numbers of both axes, and a horizontal line at each."""
        super().drawBackground(painter, rect)
        theme, area = self._themes.theme, self._area()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(font(11, 400, tabular=True))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for tick, name in self._ticks:
            y = round(self._scene_point(0, tick).y()) + 0.5
            painter.setPen(QPen(theme.color("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(0, y - 8, area.left() - 8, 16), right, name)
        for epoch in self._epoch_ticks:
            x = self._scene_point(epoch, 0).x()
            place = QRectF(x - 20, area.bottom() + 3, 40, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{epoch:g}")

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The dotted line at "now", the end points and the names."""
        theme = self._themes.theme
        area = self._area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        painter.setPen(theme.color("text3"))
        corner = QRectF(area.right() + 14, area.bottom() + 3, NAMES, 16)
        painter.drawText(corner, Qt.AlignmentFlag.AlignVCenter, "epoch")
        ends = self._ends()
        if not ends:
            return
        now = max(point.x() for _, _, point in ends)
        painter.setPen(QPen(theme.color("text3"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(now, area.top()), QPointF(now, area.bottom()))
        self._draw_names(painter, ends, area)

    def _ends(self) -> list[tuple[str, QColor, QPointF]]:
        """Name, colour and last point of each line, from the top."""
        theme = self._themes.theme
        lines = (
            ("train", theme.color("train"), self._train),
            ("validation", theme.color("valid"), self._validation),
        )
        found = []
        for name, colour, series in lines:
            last = series.last()
            if last is not None and (last[1] > 0 or not self._log):
                height = float(np.log10(last[1])) if self._log else last[1]
                found.append((name, colour, self._scene_point(last[0], height)))
        return sorted(found, key=lambda entry: entry[2].y())

    def _draw_names(
        self, painter: QPainter, ends: list[tuple[str, QColor, QPointF]], area: QRectF
    ) -> None:
        heights = [max(area.top(), min(area.bottom(), point.y())) for _, _, point in ends]
        if len(heights) == 2 and heights[1] - heights[0] < NAME_PITCH:
            middle = sum(heights) / 2
            middle = max(area.top() + NAME_PITCH / 2, min(area.bottom() - 8, middle))
            heights = [middle - NAME_PITCH / 2, middle + NAME_PITCH / 2]
        painter.setFont(font(11, 600))
        left = area.right() + 8
        for (name, colour, point), height in zip(ends, heights, strict=True):
            painter.setPen(QPen(faded(colour, 0.55), 1))
            painter.drawLine(point + QPointF(5, 0), QPointF(left - 3, height))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(point, 3.2, 3.2)
            painter.setPen(colour)
            words = QRectF(left, height - 8, NAMES, 16)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)

    def _place(self) -> None:
        """Leave room around the lines for numbers and names."""
        width, height = self.width() - NUMBERS - NAMES, self.height() - TOP - EPOCHS
        self._box.setGeometry(QRectF(NUMBERS, TOP, max(1, width), max(1, height)))

    def _area(self) -> QRectF:
        return QRectF(self._box.sceneBoundingRect())

    def _scene_point(self, epoch: float, height: float) -> QPointF:
        return QPointF(self._box.mapViewToScene(QPointF(epoch, height)))

    # ---- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values of the epoch under the pointer in the tooltip."""
        super().mouseMoveEvent(event)
        epoch = self._box.mapSceneToView(event.position()).x()
        words = [f"{name} {self._value(s, epoch)}" for name, s in self._named() if len(s.epochs)]
        self.setToolTip("\n".join([f"epoch {epoch:.2f}", *words]) if words else "")

    def _named(self) -> tuple[tuple[str, Series], ...]:
        return (("train", self._train), ("validation", self._validation))

    def _value(self, series: Series, epoch: float) -> str:
        value = series.values[int(np.abs(series.epochs - epoch).argmin())]
        return f"{value:.3g}" if self._log else f"{value:.2f} %"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the plot; in place of pyqtgraph's own menu."""
        ground = self._themes.theme.color("window")
        name = f"{self._name}-curve"
        menu = save_menu(self, name, self, self.table, self._session, ground)
        menu.popup(event.globalPos())
