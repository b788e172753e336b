"""What two runs differ in, as a list: blocks, recipe, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from cnnstudio.runs.comparison import Comparison, Difference
from cnnstudio.ui.parts.row_list import RowDelegate, RowList, RowModel
from cnnstudio.ui.runs.runs_lines import TOKENS
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty

NONE = "\u2013"
"""What stands where a run does not have it."""


@dataclass(frozen=True)
class Line:
    """A heading, or one difference below it."""

    what: str
    first: str = ""
    second: str = ""
    heading: bool = False

    @property
    def title(self) -> str:
        """What differs."""
        return self.what

    @property
    def spoken(self) -> str:
        """All of it."""
        if self.heading:
            return self.what
        return f"{self.what}: first {self.first or 'without'}, second {self.second or 'without'}"

    @property
    def tip(self) -> str:
        """All of it, where it may be cut."""
        if self.heading:
            return ""
        return f"{self.what}\n1: {self.first or NONE}\n2: {self.second or NONE}"


def lines_of(found: Comparison) -> list[Line]:
    """The differences under their headings."""
    return [
        *_part("Blocks", "The networks are the same", map(_written, found.blocks)),
        *_part("Recipe", "The recipes are the same", map(_written, found.recipe)),
        *_part("Data and machine", "Data, versions and threads are the same", found.others),
    ]


def _part(name: str, same: str, found: Iterable[Difference]) -> Iterator[Line]:
    lines = [Line(each.what, each.first, each.second) for each in found]
    yield Line(name if lines else same, heading=True)
    yield from lines


def _written(found: Difference) -> Difference:
    return Difference(pretty(found.what), pretty(found.first), pretty(found.second))


class _Painter(RowDelegate):
    """Paints a heading, or what differs with both values behind it."""

    HEIGHT = 34

    def height(self, row: Line) -> int:
        """Headings are low."""
        return 22 if row.heading else self.HEIGHT

    def paint_row(self, painter: QPainter, row: Line, option: QStyleOptionViewItem) -> None:
        """Draw the row."""
        theme = self._themes.theme
        place: QRect = option.rect.adjusted(2, 0, -8, 0)
        if self.has_ring(option):
            painter.fillRect(option.rect, theme.color("field"))
        if row.heading:
            self._write(painter, place, row.what, "text", 600)
            return
        upper, lower = place.adjusted(0, 0, 0, -17), place.adjusted(0, 16, 0, -2)
        self._write(painter, upper, row.what, "text2")
        half = (lower.width() - 20) // 2
        values = ((row.first, lower.x()), (row.second, lower.x() + half + 20))
        for (words, left), token in zip(values, TOKENS, strict=True):
            room = QRect(left, lower.y(), half, lower.height())
            self._write(painter, room, words or NONE, token, 500)
        arrow = QRect(lower.x() + half, lower.y(), 20, lower.height())
        painter.setPen(theme.color("text3"))
        painter.drawText(arrow, Qt.AlignmentFlag.AlignCenter, "\u2192")

    def _write(
        self, painter: QPainter, place: QRect, words: str, tone: str, weight: int = 400
    ) -> None:
        face = font(12 if weight == 600 else 11, weight, tabular=True)
        painter.setFont(face)
        painter.setPen(self._themes.theme.color(tone))
        cut = QFontMetrics(face).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, cut)


class Differences(RowList):
    """The list; each difference with the value of the first run and that of the second."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__("What differs")
        self.setObjectName("runsDifferences")
        self._model: RowModel[Line] = RowModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Painter(self, themes))
        themes.changed.connect(self.viewport().update)

    @property
    def lines(self) -> Sequence[Line]:
        """What is shown."""
        return self._model.rows

    def show_comparison(self, found: Comparison) -> None:
        """Show what differs."""
        self._model.show(lines_of(found))
