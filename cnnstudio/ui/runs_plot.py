"""The curves of two runs in one plot: loss or accuracy, smoothed steps and whole epochs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.runs.record import KeptRun
from cnnstudio.ui.axes import Axes, accuracy_axes, loss_axes
from cnnstudio.ui.lines import Series, draw_line, draw_rings
from cnnstudio.ui.saving import save_menu
from cnnstudio.ui.session import Session
from cnnstudio.ui.smoothing import ExponentialMean, thinned
from cnnstudio.ui.theme import ThemeManager, faded, font

TOKENS = ("train", "valid")
"""The colours of the first run and of the second, whose name and rings say so as well."""

NUMBERS, EPOCHS, TOP, RIGHT = 38, 20, 6, 18
MOST_POINTS = 400


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of a run: steps of training, smoothed, and what the epochs measured."""

    name: str
    train: Series
    measured: Series


def lines_of(run: KeptRun, name: str, what: str) -> Lines:
    """The "loss" of a run, or its "accuracy" in percent."""
    scale = 1.0 if what == "loss" else 100.0
    mean = ExponentialMean()
    mean.extend(run.curve[:, 1 if what == "loss" else 2])
    places = thinned(len(mean), MOST_POINTS)
    train = Series(run.curve[places, 0], scale * np.asarray(mean.values[places], float))
    epochs = [e for e in run.project.history if e["epoch"] > run.facts.epochs_before]
    values = [e.get(f"validation_{what}") for e in epochs]
    measured = np.array([np.nan if value is None else value for value in values], float)
    return Lines(
        name, train, Series(np.array([e["epoch"] for e in epochs], float), scale * measured)
    )


class RunsPlot(QWidget):
    """Two runs overlaid; the second one's rings are filled, so that colour is not all."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self._what = "accuracy"
        self._runs: tuple[Lines, ...] = ()
        self._axes = Axes(QRectF(0, 0, 1, 1))
        self.setMinimumSize(120, 60)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Curves of both runs")
        themes.changed.connect(self.update)

    def show_runs(self, runs: Sequence[Lines], what: str) -> None:
        """Show the "loss" or the "accuracy" of runs."""
        self._runs, self._what = tuple(runs), what
        ends = [f"{lines.name}: {_told(lines, what)}" for lines in runs]
        self.setAccessibleDescription(", ".join(ends))
        self.update()

    def table(self) -> Iterable[Sequence[object]]:
        """The numbers behind the lines."""
        yield ("run", "line", "epoch", self._what)
        for lines in self._runs:
            for name, series in (("train smoothed", lines.train), ("validation", lines.measured)):
                for epoch, value in zip(series.epochs, series.values, strict=True):
                    yield (lines.name, name, float(epoch), float(value))

    def draw(self, painter: QPainter) -> None:
        """Paint the plot; also for saving."""
        self._fit()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_numbers(painter)
        painter.setClipRect(self._axes.area.adjusted(-4, -4, 4, 4))
        for lines, token in zip(self._runs, TOKENS, strict=False):
            self._draw_run(painter, lines, token)
        painter.setClipping(False)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.size()

    # ---- painting

    def _fit(self) -> None:
        area = QRectF(
            NUMBERS, TOP, max(1, self.width() - NUMBERS - RIGHT), self.height() - TOP - EPOCHS
        )
        series = [s for lines in self._runs for s in (lines.train, lines.measured)]
        now = max((float(s.epochs[-1]) for s in series if len(s.epochs)), default=0.0)
        train = _shown([lines.train for lines in self._runs], self._what)
        measured = _shown([lines.measured for lines in self._runs], self._what)
        if not len(train) and not len(measured):
            self._axes = Axes(area)
        elif self._what == "loss":
            self._axes = loss_axes(area, now, np.concatenate([train, measured]))
        else:
            self._axes = accuracy_axes(area, now, train, measured)

    def _draw_numbers(self, painter: QPainter) -> None:
        theme, axes, area = self._themes.theme, self._axes, self._axes.area
        painter.setFont(font(11, tabular=True))
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

    def _draw_run(self, painter: QPainter, lines: Lines, token: str) -> None:
        theme = self._themes.theme
        colour = theme.color(token)
        draw_line(painter, self._places(lines.train), faded(colour, 0.55), 1.2)
        rings = self._places(lines.measured)
        draw_line(painter, rings, colour, 1.8)
        ground = colour if token == TOKENS[1] else theme.color("window")
        draw_rings(painter, np.concatenate([rings, rings[-1:]]), colour, ground)

    def _places(self, series: Series) -> NDArray[np.float64]:
        values = series.values
        if self._what == "loss":
            values = np.log10(np.where(values > 0, values, np.nan))
        return self._axes.places(series.epochs, values)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The plot."""
        self.draw(QPainter(self))

    # ---- the mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values of the epoch under the pointer in the tooltip."""
        super().mouseMoveEvent(event)
        epoch = self._axes.epoch_at(event.position().x())
        told = [f"{lines.name}: {_told(lines, self._what, epoch)}" for lines in self._runs]
        self.setToolTip("\n".join([f"epoch {epoch:.2f}", *told]) if told else "")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the plot."""
        ground = self._themes.theme.color("window")
        name = f"{self._what}-of-two-runs"
        menu = save_menu(self, name, self, self.table, self._session, ground)
        menu.popup(event.globalPos())


def _shown(series: Sequence[Series], what: str) -> NDArray[np.floating]:
    """The values that have a place on the axis."""
    values = np.concatenate([np.zeros(0), *(each.values for each in series)])
    return np.asarray(values[np.isfinite(values) & ((values > 0) | (what != "loss"))])


def _told(lines: Lines, what: str, epoch: float = np.inf) -> str:
    """The value nearest to an epoch: measured, or else of training."""
    for series, words in ((lines.measured, ""), (lines.train, " in training")):
        known = np.flatnonzero(np.isfinite(series.values))
        if len(known):
            gaps = np.abs(series.epochs[known] - min(epoch, float(series.epochs[-1])))
            value = float(series.values[known[int(gaps.argmin())]])
            return (f"{value:.3g}" if what == "loss" else f"{value:.2f} %") + words
    return "nothing measured"
