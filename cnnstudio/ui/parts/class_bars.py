"""The probabilities of the classes as bars that lie, one below the other, with percent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty

ROW, LOWEST_ROW = 16, 11
"""Pixels from one row to the next, and where there are as many classes as just fit."""

BAR = 8
PERCENT = 40
LONGEST_NAME = 64
"""Pixels for the percent at the right, and at most for the name at the left."""

LEAST = 0.005
"""What is less is 0 % in words, and has no bar."""

Row = tuple[str, float | None]


class ClassBars(QWidget):
    """A row for each class, the likeliest emphasised; dashes where nothing is known.

    With more classes than rows it has the likeliest ones, in their order.
    """

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._names: Sequence[str] = ()
        self._shares: NDArray[np.floating] | None = None
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(92, 5 * ROW)

    @property
    def shares(self) -> NDArray[np.floating] | None:
        """The probabilities that are shown; None where there are none."""
        return self._shares

    @property
    def words(self) -> str:
        """Why there are no bars; empty where there are."""
        return self._words

    def show_shares(self, names: Sequence[str], shares: NDArray[np.floating] | None) -> None:
        """Show the probabilities of the classes called `names`; None for dashes."""
        self._names, self._shares, self._words = names, shares, ""
        spoken = [f"{name}: {share:.0%}" for name, share in self._known()]
        self.setAccessibleName(", ".join(["Probabilities", *spoken] if spoken else ["No answer"]))
        self.setToolTip("\n".join(spoken) if len(names) > self._room() else "")
        self.update()

    def show_words(self, words: str) -> None:
        """Say why there are no probabilities."""
        self._names, self._shares, self._words = (), None, pretty(words)
        self.setAccessibleName(words)
        self.setToolTip(self._words)
        self.update()

    def table(self) -> Iterator[Sequence[object]]:
        """The numbers, header first."""
        yield ("class", "probability")
        yield from self._known()

    def sizeHint(self) -> QSize:
        """Room for ten classes."""
        return QSize(104, 10 * ROW)

    def drawn_size(self) -> QSize:
        """The size of what `draw` paints."""
        return self.size()

    def draw(self, painter: QPainter) -> None:
        """Paint the bars, or why there are none; also for saving."""
        if self._words:
            painter.setFont(font(11))
            painter.setPen(self._themes.theme.color("text2"))
            flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect(), flags, self._words)
            return
        rows, winner = self.rows()
        metrics = QFontMetricsF(font(11, 600, tabular=True))
        widest = max((metrics.horizontalAdvance(name) for name, _ in rows), default=0)
        pitch, left = self._pitch(len(rows)), min(widest, LONGEST_NAME)
        for place, (name, share) in enumerate(rows):
            room = QRectF(0, place * pitch, self.width(), pitch)
            self._draw_row(painter, room, left, name, share, first=place == winner)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The bars."""
        self.draw(QPainter(self))

    def _known(self) -> Iterator[tuple[str, float]]:
        if self._shares is not None:
            yield from zip(self._names, self._shares.tolist(), strict=True)

    def _room(self) -> int:
        """How many rows fit; all classes, closer together, if that is enough."""
        count = len(self._names)
        if count * LOWEST_ROW <= self.height():
            return max(1, count)
        return max(1, self.height() // ROW)

    def _pitch(self, rows: int) -> float:
        return min(ROW, self.height() / max(1, rows))

    def rows(self) -> tuple[list[Row], int | None]:
        """The rows from top to bottom, and which of them is the likeliest class."""
        names, room = self._names, self._room()
        if self._shares is None:
            return [(name, None) for name in names[:room]], None
        places = np.sort(np.argsort(-self._shares, kind="stable")[:room])
        rows: list[Row] = [(names[place], float(self._shares[place])) for place in places]
        return rows, int(self._shares[places].argmax())

    def _draw_row(
        self,
        painter: QPainter,
        room: QRectF,
        left: float,
        name: str,
        share: float | None,
        *,
        first: bool,
    ) -> None:
        theme = self._themes.theme
        face = font(11, 600 if first else 400, tabular=True)
        painter.setFont(face)
        painter.setPen(theme.color("text" if first else "text2"))
        middle = Qt.AlignmentFlag.AlignVCenter
        shown = QFontMetricsF(face).elidedText(name, Qt.TextElideMode.ElideRight, LONGEST_NAME)
        flags = Qt.AlignmentFlag.AlignRight | middle | Qt.TextFlag.TextDontClip
        painter.drawText(QRectF(0, room.y(), left + 1, room.height()), flags, shown)
        words = "\u2013" if share is None else f"{share:.0%}".replace("%", " %")
        painter.drawText(room, flags, words)
        top = room.y() + (room.height() - BAR) / 2
        track = QRectF(left + 8, top, room.width() - left - PERCENT - 10, BAR)
        rounded(painter, track, 2, theme.color("field"))
        if share is not None and share >= LEAST:
            track.setWidth(max(2.0, track.width() * share))
            rounded(painter, track, 2, theme.color("accent" if first else "text3"))
