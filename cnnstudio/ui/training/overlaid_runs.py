"""Runs that are laid over the curves of the present one, and the legend that names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from cnnstudio.engine.progress import EpochResult
from cnnstudio.runs.record import KeptRun
from cnnstudio.ui import icons
from cnnstudio.ui.document.results import epoch_result
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.training.line_looks import Look, draw_mark, other_looks

SAMPLE = 22
"""Pixels of the piece of line before a name."""

CLOSE = 14
HEIGHT = 20
WIDEST = 180


@dataclass(frozen=True, eq=False)
class OverlaidRun:
    """A run as it is laid over the present one.

    `curve` is ``(steps, 3)``: position in epochs, loss, share that was right; `epochs` what each of
    its epochs came to.
    """

    name: str
    curve: NDArray[np.float64]
    epochs: tuple[EpochResult, ...] = ()

    @classmethod
    def of(cls, run: KeptRun, name: str = "") -> OverlaidRun:
        """A kept run, with the epochs that it made itself, called `name` or by its title."""
        made = run.project.history[run.facts.epochs_before :]
        return cls(name or run.facts.title, run.curve, tuple(map(epoch_result, made)))


class Legend(QWidget):
    """A name for each overlaid run, with the look of its lines; a click takes the run away."""

    removed = Signal(object)
    """The OverlaidRun that is to go."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.entries: list[Entry] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self.setFixedHeight(HEIGHT)
        self.hide()

    def show_runs(self, runs: Sequence[OverlaidRun]) -> None:
        """Name these runs."""
        for entry in self.entries:
            self._row.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self.entries = []
        for place, run in enumerate(runs):
            entry = Entry(run.name, other_looks(place)[1], self._themes, self)
            entry.clicked.connect(lambda _checked=False, run=run: self.removed.emit(run))
            self._row.insertWidget(place, entry)
            self.entries.append(entry)
        self.setVisible(bool(runs))


class Entry(QAbstractButton):
    """A piece of line, a name, and a cross."""

    def __init__(self, name: str, look: Look, themes: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._themes = look, themes
        self.setText(name)
        self.setAccessibleName(f"Take {name} out of the plots")
        self.setToolTip(f"{name}: a click takes it out of the plots")
        self.setFont(font(11))
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Sample, name and cross, but not too wide."""
        words = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(min(WIDEST, SAMPLE + words + CLOSE + 18), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """The name may end with dots."""
        return QSize(SAMPLE + CLOSE + 40, HEIGHT)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint for the tint."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The entry."""
        theme, painter = self._themes.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = theme.color("accent") if self.hasFocus() else None
        fill = theme.color("field") if self.underMouse() else None
        rounded(painter, QRectF(self.rect()), 5, fill, line, 1.5)
        middle = self.height() / 2
        painter.setPen(self._look.pen(theme))
        painter.drawLine(QPointF(5, middle), QPointF(SAMPLE + 3, middle))
        painter.setPen(QPen(self._look.colour(theme), 1.4))
        painter.setBrush(theme.color("window"))
        draw_mark(painter, self._look.mark, QPointF(SAMPLE / 2 + 4, middle))
        painter.setPen(theme.color("text2"))
        room = self.rect().adjusted(SAMPLE + 8, 0, -CLOSE - 6, 0)
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        cross = QRectF(self.width() - CLOSE - 2, (HEIGHT - 12) / 2, 12, 12)
        icons.draw(painter, "close", theme.color("text3"), cross)
