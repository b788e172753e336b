"""The slider through a training run: a mark for each snapshot, and "now" at its right end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from cnnstudio.engine.snapshots import PER_DOUBLING, Snapshot
from cnnstudio.ui.parts.fields import HEIGHT
from cnnstudio.ui.theme import ThemeManager

RADIUS = 7.0
"""Pixels of the handle from its centre."""

GROOVE = 4.0
MARK, EPOCH_MARK = 3.0, 7.0
"""Half the heights of the marks: of a snapshot, and of the first one after an epoch."""


class TimeSlider(QSlider):
    """Places 0 to n-1 are the snapshots, evenly spread as their schedule is logarithmic; n is now.

    Arrows go from one to the next, Page Up and Down to twice the step or half of it, Home to the
    beginning, End and Escape back to now; Space asks for `played`.
    """

    played = Signal()

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setObjectName("timeMachine")
        self.setAccessibleName("Moment of the training that is shown")
        self._themes = themes
        self._epoch_starts: tuple[int, ...] = ()
        self.setRange(0, 0)
        self.setPageStep(PER_DOUBLING)
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(80)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_moments(self, moments: Sequence[Snapshot], place: int) -> None:
        """Have a place for each of `moments`, and stand at `place`; without a signal."""
        ends = [moment.epoch.epoch if moment.epoch else 0 for moment in moments]
        pairs = pairwise(ends)
        self._epoch_starts = tuple(i for i, (a, b) in enumerate(pairs, start=1) if b > a)
        blocked = self.blockSignals(True)
        self.setRange(0, len(moments))
        self.setValue(place)
        self.blockSignals(blocked)
        self.update()

    @property
    def is_now(self) -> bool:
        """Whether it stands at its right end."""
        return self.value() == self.maximum()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(240, HEIGHT)

    # ---- places and pixels

    def x_of(self, place: int) -> float:
        """The pixel at which a place is."""
        share = place / self.maximum() if self.maximum() else 1.0
        return RADIUS + 2 + share * (self.width() - 2 * (RADIUS + 2))

    def _place_at(self, x: float) -> int:
        share = (x - RADIUS - 2) / max(1.0, self.width() - 2 * (RADIUS + 2))
        return max(0, min(self.maximum(), round(share * self.maximum())))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Groove, marks and handle."""
        theme, middle = self._themes.theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        here = self.x_of(self.value())
        ends = (self.x_of(0), self.x_of(self.maximum()))
        for start, end, token in ((*ends, "strong"), (ends[0], here, "accent")):
            painter.setBrush(theme.color(token))
            groove = QRectF(start - 2, middle - GROOVE / 2, end - start + 4, GROOVE)
            painter.drawRoundedRect(groove, GROOVE / 2, GROOVE / 2)
        self._paint_marks(painter, middle)
        self._paint_handle(painter, QPointF(here, middle))

    def _paint_marks(self, painter: QPainter, middle: float) -> None:
        """A dash for each snapshot, a longer one where an epoch had ended."""
        pen = QPen(self._themes.theme.color("text3"), 1)
        painter.setPen(pen)
        crowded = self.maximum() * 3 > self.width()
        for place in range(self.maximum()):
            starts = place in self._epoch_starts
            if starts or not crowded:
                x, half = round(self.x_of(place)) + 0.5, EPOCH_MARK if starts else MARK
                painter.drawLine(QLineF(x, middle - half, x, middle + half))

    def _paint_handle(self, painter: QPainter, centre: QPointF) -> None:
        """Full while it stands in the past, a ring at "now"."""
        theme = self._themes.theme
        if self.hasFocus():
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, RADIUS + 1.5, RADIUS + 1.5)
        painter.setPen(QPen(theme.color("accent"), 2))
        painter.setBrush(theme.color("window" if self.is_now else "accentfill"))
        radius = RADIUS - (0 if self.underMouse() or self.isSliderDown() else 1)
        painter.drawEllipse(centre, radius, radius)

    # ---- mouse and keyboard

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where it is pressed, and on with the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self.setValue(self._place_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if self.isSliderDown():
            self.setValue(self._place_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay here."""
        self.setSliderDown(False)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape is back to now, Space plays; the rest is the slider's own."""
        if event.key() == Qt.Key.Key_Escape and not self.is_now:
            self.setValue(self.maximum())
        elif event.key() == Qt.Key.Key_Space:
            self.played.emit()
        else:
            super().keyPressEvent(event)
