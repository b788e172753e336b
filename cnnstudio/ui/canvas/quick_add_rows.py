"""The rows of the quick-add list: what was meant, and what it would come to where it lands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from cnnstudio.blocks import Block, Input, Shape
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import inner, text_form
from cnnstudio.network.phrases import Suggestion, suggestions
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.face import reason_of
from cnnstudio.ui.canvas.paint import elided, glyph_tile, words
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.row_list import RowDelegate
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.typography import count, pretty, size

ROW = 44
EDGE = 16
TILE = 20
_TEXT = EDGE + TILE + 12
_APART = 12
_UPPER, _LOWER = 18.5, 34.5
_RIGHT = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Entry:
    """A suggestion with its result: the size behind it, its cost, and why it does not fit."""

    suggestion: Suggestion
    size: str
    cost: str
    misfit: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return self.suggestion.title

    @property
    def tip(self) -> str:
        """The whole settings, and why it does not fit."""
        lines = (self.title, pretty(self.suggestion.words), self.misfit)
        return "\n".join(line for line in lines if line)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What it inserts."""
        return self.suggestion.blocks

    @property
    def has_input(self) -> bool:
        """Whether it brings an Input, which is put in place of another."""
        return any(isinstance(block, Input) for block in self.blocks)

    @property
    def spoken(self) -> str:
        """The row for a screen reader."""
        told = f"does not fit here: {self.misfit}" if self.misfit else f"{self.size}, {self.cost}"
        return f"{self.title}, {pretty(self.suggestion.words)}, {told}"


def entries_for(text: str, shape: Shape | None, likely: Sequence[Suggestion] = ()) -> list[Entry]:
    """What `text` may mean, with the result where a block gets `shape`; None is not known.

    While nothing is typed, what is `likely` comes before what is common.
    """
    found = _with_input(text) or suggestions(text)
    if not text.strip():
        known = {suggestion.blocks for suggestion in likely}
        found = (*likely, *(each for each in found if each.blocks not in known))
    return [_entry(suggestion, shape) for suggestion in found]


def reading_error(text: str) -> str:
    """Why `text` means nothing, in one sentence with an example."""
    if text_form.is_text_form(text):
        try:
            text_form.read(text)
        except CnnStudioError as error:
            return pretty(str(error))
    return f"No block is called “{text.strip()}”. Try conv 16 5x5, pool 2, fc 120 or dropout 0.3."


def _with_input(text: str) -> tuple[Suggestion, ...]:
    """The text form of a network from its INPUT on, which has only one meaning."""
    try:
        blocks = text_form.read_as_given(text)
    except CnnStudioError:
        return ()
    if not isinstance(blocks[0], Input):
        return ()
    if len(blocks) == 1:
        return (Suggestion("INPUT", blocks[0].summary(), blocks),)
    chain = " > ".join(block.stem.upper() for block in blocks)
    return (Suggestion(f"INPUT and {len(blocks) - 1} blocks", chain, blocks),)


def _entry(suggestion: Suggestion, shape: Shape | None) -> Entry:
    report = inner.row_report(suggestion.blocks, shape)
    bad = next((entry for entry in report if entry.problems), None)
    if bad is not None:
        reason = reason_of(bad.problems[0]).split(". ")[0].rstrip(".")
        return Entry(suggestion, f"{size(bad.input_shape)} → ?", "does not fit here", reason)
    last = report[-1].output_shape
    numbers = [entry.parameters for entry in report]
    known = [number for number in numbers if number is not None]
    cost = count(sum(known) if len(known) == len(numbers) else None, "params")
    return Entry(suggestion, size(last), cost)


class EntryDelegate(RowDelegate):
    """Paints a row: glyph, name, settings; at the right the result."""

    HEIGHT = ROW

    def paint_row(self, painter: QPainter, entry: Entry, option: QStyleOptionViewItem) -> None:
        """Draw the row."""
        theme, rect = self._themes.theme, QRectF(option.rect)
        chosen = self.is_chosen(option)
        line = theme.color("accent") if chosen else None
        fill = theme.color("accenttint") if chosen else None
        rounded(painter, rect.adjusted(6, 1, -6, -1), 6, fill, line)
        painter.translate(rect.topLeft())
        shown = _shown_block(entry)
        glyph_tile(painter, QRectF(EDGE, (ROW - TILE) / 2, TILE, TILE), shown, theme)
        self._words(painter, entry, rect.width() - EDGE, theme)

    def _words(self, painter: QPainter, entry: Entry, right: float, theme: Theme) -> None:
        settings = pretty(entry.suggestion.words)
        if not entry.misfit:
            room = right - self._result(painter, _LOWER, entry.cost, right, theme) - _TEXT
            words(painter, _at(_LOWER), elided(settings, room, 11), theme.color("text2"))
            room = right - self._result(painter, _UPPER, entry.size, right, theme) - _TEXT
            self._title(painter, entry, room, theme)
            return
        tone = theme.color("errortext")
        width = words(painter, QPointF(right, _UPPER), entry.cost, tone, 12, 600, _RIGHT) + 20
        icons.draw(painter, "alert", tone, QRectF(right - width, _UPPER - 11.5, 14, 14))
        taken = self._title(painter, entry, right - width - _TEXT - _APART, theme) + _APART
        room = right - width - _TEXT - taken - _APART
        place = _at(_UPPER) + QPointF(taken, 0)
        words(painter, place, elided(settings, max(room, 0), 11), theme.color("text2"))
        words(painter, _at(_LOWER), elided(entry.misfit, right - _TEXT, 11), tone)

    def _result(self, painter: QPainter, y: float, text: str, right: float, theme: Theme) -> float:
        """A number at the right; returns the width that is taken."""
        strong = y == _UPPER
        px, weight, token = (12, 600, "text") if strong else (11, 400, "text2")
        at = QPointF(right, y)
        return words(painter, at, text, theme.color(token), px, weight, _RIGHT) + _APART

    def _title(self, painter: QPainter, entry: Entry, room: float, theme: Theme) -> float:
        shown = elided(entry.title, room, 12, 500)
        return words(painter, _at(_UPPER), shown, theme.color("text"), 12, 500)


def _at(y: float) -> QPointF:
    return QPointF(_TEXT, y)


def _shown_block(entry: Entry) -> Block:
    """The block whose glyph stands for the row: the first that is not the Input."""
    others = (block for block in entry.blocks if not isinstance(block, Input))
    return next(others, entry.blocks[0])
