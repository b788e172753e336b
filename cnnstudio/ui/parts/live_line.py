"""A line of words that change all the time, and never make the window lay itself out anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnstudio.ui.theme import ThemeManager, font

BOLD = 600
"""The heaviest weight that the program brings: heavier ones would be smeared from it."""


@dataclass(frozen=True)
class Part:
    """Some words in a colour of the theme; `short` are fewer, for where there is little room."""

    words: str
    weight: int = 400
    token: str = "text"
    short: str = ""


class LiveLine(QWidget):
    """Shows as many parts as there is room for; the first are the most important.

    A QLabel with new words asks every layout around it to begin again, which takes the window
    longer than to paint them. It paints its ground, too, the colour of which `ground` gives, so
    that nothing below is painted for it.
    """

    def __init__(
        self,
        themes: ThemeManager,
        px: int,
        *,
        tabular: bool = False,
        ground: Callable[[], QColor] | None = None,
    ) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._themes = themes
        self._ground = ground or (lambda: themes.theme.color("window"))
        self._parts: tuple[Part, ...] = ()
        self._between, self._least = "", 1
        self._fonts = {weight: font(px, weight, tabular) for weight in (400, BOLD)}
        self._metrics = {weight: QFontMetricsF(face) for weight, face in self._fonts.items()}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def words(self) -> str:
        """What it says now, as far as there is room."""
        return self._between.join(part.words for part in self._fitting())

    def show_parts(self, parts: Sequence[Part], between: str, least: int = 1) -> None:
        """Say `parts`, with the words `between` any two.

        Where there is no room for the first `least` of them, their short words are taken.
        """
        if (tuple(parts), between, least) != (self._parts, self._between, self._least):
            self._parts, self._between, self._least = tuple(parts), between, least
            self.setAccessibleName(between.join(part.words for part in parts))
            self.update()

    def sizeHint(self) -> QSize:
        """One line high, and as wide as the layout likes."""
        return QSize(1, round(self._metrics[400].height()))

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The parts that fit."""
        painter, plain = QPainter(self), self._metrics[400]
        painter.fillRect(self.rect(), self._ground())
        baseline = (self.height() - plain.height()) / 2 + plain.ascent()
        x = 0.0
        for number, part in enumerate(self._fitting()):
            for piece in (Part(self._between), part) if number else (part,):
                painter.setFont(self._fonts[piece.weight])
                painter.setPen(self._themes.theme.color(piece.token))
                painter.drawText(QPointF(x, baseline), self._elided(piece, x))
                x += self._width(piece)

    def _fitting(self) -> tuple[Part, ...]:
        """The first parts, as many as fit, but at least one."""
        found = self._first(self._parts)
        if len(found) >= min(self._least, len(self._parts)):
            return found
        return self._first(
            tuple(replace(each, words=each.short or each.words) for each in self._parts)
        )

    def _first(self, parts: tuple[Part, ...]) -> tuple[Part, ...]:
        used, gap = 0.0, self._width(Part(self._between))
        for count, part in enumerate(parts):
            used += self._width(part) + (gap if count else 0)
            if count and used > self.width():
                return parts[:count]
        return parts

    def _elided(self, part: Part, x: float) -> str:
        """The words of a part that begins at `x`, with dots where even the first has no room."""
        room, right = self.width() - x, Qt.TextElideMode.ElideRight
        if self._width(part) <= room:
            return part.words
        return self._metrics[part.weight].elidedText(part.words, right, room)

    def _width(self, part: Part) -> float:
        return self._metrics[part.weight].horizontalAdvance(part.words)
