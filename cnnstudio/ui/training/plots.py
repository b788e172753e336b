"""The curves of training: what a plot shows, where its cursor stands, and what that reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager, faded
from cnnstudio.ui.training.axes import Axes
from cnnstudio.ui.training.lines import Line, Mark
from cnnstudio.ui.training.plot_hand import PlotHand
from cnnstudio.ui.training.plot_layout import NAMES, Frame, Layout
from cnnstudio.ui.training.plot_painting import PlotPainting
from cnnstudio.ui.training.plot_readout import Reading, draw_readout
from cnnstudio.ui.training.scales import SCALES, Range

NEAR = 5.0
"""Pixels from a mark within which the cursor tells its words."""


class CurvePlot(PlotHand):
    """Lines over the epochs: names at their ends, dots at "now", marks, and a cursor with values.

    `what` is "loss" or "accuracy", the latter in percent; `names` are the pixels to the right for
    the names of the lines. What the hand does is in `PlotHand`, where things lie in `Layout`.
    """

    def __init__(
        self, what: str, session: Session, themes: ThemeManager, *, names: int = NAMES
    ) -> None:
        super().__init__()
        self._what, self._session, self._themes = what, session, themes
        scale = SCALES[what]["log" if what == "loss" else "linear"]
        self.shown = Layout.of(Frame(QSizeF(self.size()), names, scale))
        self._painting = PlotPainting(themes)
        self._moment: float | None = None
        self.rows: Callable[[], Iterable[Sequence[object]]] = tuple
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"{what} during training")

    @property
    def axes(self) -> Axes:
        """The present axes."""
        return self.shown.axes

    def dress(self) -> None:
        """Take the colours of the present theme."""
        self._painting.forget()
        self.update()

    def show_lines(self, lines: Iterable[Line], marks: Iterable[Mark] = ()) -> None:
        """Draw `lines`, the last one on top, and fit the axes to them."""
        self.shown = self.shown.followed_by(tuple(lines), tuple(marks))
        self.update()

    def show_scale(self, word: str) -> None:
        """Use the "log" or the "linear" scale."""
        self._fit(replace(self.shown.frame, scale=SCALES[self._what][word]))

    def show_view(self, view: Range | None) -> None:
        """Show the epochs in `view`, or all; lines with more points for it may follow."""
        self._fit(replace(self.shown.frame, view=view))

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
        self._painting.draw(painter, self.shown)

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
        return self.shown.now

    def stops(self) -> np.ndarray:
        """The epochs at which the cursor may stand: the points of the line with the most."""
        return max((line.all_epochs for line in self.shown.lines), key=len, default=np.zeros(0))

    def reading(self, epoch: float) -> Reading:
        """What the lines say at an epoch, each at its nearest point."""
        found = Reading(f"epoch {epoch:.2f}")
        for line in reversed(self.shown.lines):
            at = line.nearest_place(epoch) if line.alias else None
            if at is not None:
                value = float(line.all_values[at])
                words = f"{value:.3g}" if line.shares else self.shown.frame.scale.words(value)
                found.add(line.alias, line.look, words)
        reach = NEAR * (self.axes.epoch_at(1.0) - self.axes.epoch_at(0.0))
        found.notes += [mark.words for mark in self.shown.marks if abs(mark.epoch - epoch) <= reach]
        return found

    # ---- painting

    def _fit(self, frame: Frame) -> None:
        """Find the axes in another frame."""
        self.shown = Layout.of(frame, self.shown.lines, self.shown.marks)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The plot, and what the hand has put on it."""
        painter = QPainter(self)
        self._painting.paint(painter, self.shown, self.devicePixelRatioF())
        self._draw_hand(painter)

    def _draw_hand(self, painter: QPainter) -> None:
        """The moment of the time machine, the span that is dragged, the cursor, the focus."""
        theme, area = self._themes.theme, self.axes.area
        if self._moment is not None:
            self._draw_upright(painter, self._moment, QPen(theme.color("accent"), 2))
        if self.band is not None:
            left, right = self.band
            span = QRectF(left, area.top(), right - left, area.height())
            painter.fillRect(span, faded(theme.color("accent"), 0.18))
        start, end = self.axes.epochs
        if self.cursor_epoch is not None and start <= self.cursor_epoch <= end:
            self._draw_cursor(painter, self.cursor_epoch)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)

    def _draw_cursor(self, painter: QPainter, epoch: float) -> None:
        """A line at an epoch, dots on the lines, and what they read there."""
        theme, area = self._themes.theme, self.axes.area
        x = self._draw_upright(painter, epoch, QPen(theme.color("text2"), 1))
        self._painting.draw_dots(painter, self.shown, epoch)
        names = self.shown.frame.names
        room = QRectF(area.left(), 1, area.width() + names, self.height() - 3)
        draw_readout(painter, self.reading(epoch), room, x, theme, self.shown.name_places)

    def _draw_upright(self, painter: QPainter, epoch: float, pen: QPen) -> float:
        """A line from the top to the bottom at an epoch; where, in pixels."""
        x, area = self.axes.place(epoch, 0).x(), self.axes.area
        painter.setPen(pen)
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        return x

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the axes to the new size."""
        super().resizeEvent(event)
        self._fit(replace(self.shown.frame, size=QSizeF(self.size())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the plot."""
        ground = self._themes.theme.color("window")
        name = f"{self._what}-curve"
        menu = save_menu(self, name, self, self.table, self._session, ground)
        menu.popup(event.globalPos())
