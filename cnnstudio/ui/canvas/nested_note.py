"""What is said at the foot of an open block that does not fit: the sentence, and its repairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from cnnstudio.network import Problem, Repair
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.bubble import ALL
from cnnstudio.ui.canvas.button import Chip
from cnnstudio.ui.canvas.paint import width_of, words
from cnnstudio.ui.parts.flow import chip_words
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

_LINE = 16.0
_TEXT_X = 24.0
_GAP = 8.0


class Note(QGraphicsItem):
    """The sentence of one problem in as many lines as the width asks for, and its chips.

    `offers` apply a repair, and list all repairs of the block at a place.
    """

    def __init__(
        self,
        themes: ThemeManager,
        attic: Attic,
        offers: tuple[Callable[[Repair], None], Callable[[int], None]],
        frame: QGraphicsItem,
    ) -> None:
        super().__init__(frame)
        self._themes = themes
        self._attic = attic
        self._repair, self._ask_repairs = offers
        self._problem: Problem | None = None
        self._lines: list[str] = []
        self._width = self._height = 0.0
        self._locked = False
        self.chips: list[Chip] = []
        self.hide()

    @property
    def is_shown(self) -> bool:
        """Whether there is something to say."""
        return self._problem is not None

    @property
    def sentence(self) -> str:
        """What it says."""
        return " ".join(self._lines)

    def show_problem(self, problem: Problem | None) -> None:
        """Say what is wrong, or nothing."""
        if problem == self._problem:
            return
        self._problem = problem
        for chip in self.chips:
            self._attic.take(chip)
        repairs = problem.repairs if problem is not None else ()
        self.chips = [
            Chip(said, number == 0, self._themes, partial(self._repair, repairs[number]), self)
            for number, said in enumerate(chip_words(repairs))
        ]
        if repairs:
            ask = partial(self._ask_repairs, repairs[0].place)
            self.chips.append(Chip(ALL, False, self._themes, ask, self))
        self.set_locked(self._locked)
        self.setVisible(problem is not None)

    def set_locked(self, locked: bool) -> None:
        """Offer no repair while nothing may be edited."""
        self._locked = locked
        for chip in self.chips:
            chip.setVisible(not locked)

    def fit(self, width: float) -> float:
        """Take at most `width` pixels; returns the height, 0 where nothing is said."""
        if self._problem is None:
            return 0.0
        self.prepareGeometryChange()
        self._width = width
        self._lines = _wrapped(pretty(self._problem.message), width - _TEXT_X)
        x, y = _TEXT_X, _LINE * len(self._lines) + 4
        for chip in self.chips:
            extent = chip.boundingRect().width()
            if x > _TEXT_X and x + extent > width:
                x, y = _TEXT_X, y + Chip.HEIGHT + _GAP
            chip.setPos(x, y)
            x += extent + _GAP
        self._height = y + (Chip.HEIGHT if self.chips else 0)
        self.update()
        return self._height

    def boundingRect(self) -> QRectF:
        """The lines and the chips."""
        return QRectF(-2, -2, self._width + 4, self._height + 4)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the mark and the lines; the chips draw themselves."""
        theme = self._themes.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        icons.draw(painter, "alert", theme.color("error"), QRectF(0, 0, 16, 16))
        for number, line in enumerate(self._lines):
            at = QPointF(_TEXT_X, 12.5 + number * _LINE)
            words(painter, at, line, theme.color("errortext"), 11, 500)


def _wrapped(text: str, width: float) -> list[str]:
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, 11, 500) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
