"""The rows of the fit doctor: every repair of a block, and what it would lead to."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from cnnstudio.network import BlockReport, Consequence, Problem, Repair
from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import elided, lines_of, width_of, words
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.formulas import tidy
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.row_list import Index, RowDelegate, RowModel
from cnnstudio.ui.theme import Theme
from cnnstudio.ui.typography import pretty

EDGE = 16
_TEXT = EDGE
_APART = 12
_TITLE = 30
_LINE = 15
_MOST_LINES = 2
_HEAD_FOOT = 10
_DOT = " · "
"""Stands between the blocks of a story, but not at the end of a line."""
_RIGHT = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Entry:
    """One row: a repair with its consequences, or the sentence of a problem without them."""

    title: str
    result: str = ""
    story: str = ""
    verdict: str = ""
    is_bad: bool = False
    severity: str = ""
    repair: Repair | None = None
    consequence: Consequence | None = None

    @property
    def spoken(self) -> str:
        """All of it in one line, for a screen reader."""
        parts = (self.title, self.result, self.story, self.verdict)
        return "; ".join(part for part in parts if part).replace("\u00a0", " ")

    @property
    def tip(self) -> str:
        """The whole story of a repair."""
        if self.repair is None:
            return ""
        story = self.story.replace(_DOT, "\n")
        return "\n".join(line for line in (story, self.verdict) if line)


def entries_of(session: Session, place: int) -> list[Entry]:
    """The problems of the block at `place`, each with all its repairs behind it."""
    report = session.report.blocks[place]
    found = []
    for problem in report.problems:
        found.append(_heading(report, problem))
        found += [_entry(session, repair) for repair in problem.repairs]
    return found


def _heading(report: BlockReport, problem: Problem) -> Entry:
    sentence = problem.message.removeprefix(report.name).strip()
    return Entry(tidy(sentence[:1].upper() + sentence[1:]), severity=problem.severity)


def _entry(session: Session, repair: Repair) -> Entry:
    before = session.report
    after = session.preview(repair.apply(session.network))
    found = Consequence(before, after, repair.places(session.network))
    verdict = found.misfit or found.total
    return Entry(
        pretty(repair.change),
        pretty(repair.leads_to),
        _unbroken(pretty(found.story)),
        tidy(verdict[:1].upper() + verdict[1:]) if found.misfit else pretty(verdict),
        bool(found.misfit),
        "",
        repair,
        found,
    )


def _unbroken(story: str) -> str:
    """`story` for lines that break between blocks only."""
    return _DOT.join(part.replace(" ", "\u00a0") for part in story.split("; "))


class EntryModel(RowModel[Entry]):
    """The entries as a list in which only repairs can be chosen."""

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading cannot be chosen."""
        if self.rows[index.row()].repair is None:
            return Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class EntryDelegate(RowDelegate):
    """Paints a row: the change and its size, what becomes of later blocks, the total."""

    def height(self, entry: Entry) -> int:
        """As high as its lines."""
        if entry.repair is None:
            return _LINE * len(self._heading(entry)) + _HEAD_FOOT + 6
        lines = len(self._story(entry)) + bool(entry.verdict)
        titles = len(self._title(entry)) - 1
        return _TITLE + _LINE * (titles + lines) + (6 if lines else 0)

    def paint_row(self, painter: QPainter, entry: Entry, option: QStyleOptionViewItem) -> None:
        """Draw the row."""
        theme, rect = self._themes.theme, QRectF(option.rect)
        if entry.repair is not None and self.is_chosen(option):
            place = rect.adjusted(6, 1, -6, -1)
            rounded(painter, place, 6, theme.color("accenttint"), theme.color("accent"))
        painter.translate(rect.topLeft())
        if entry.repair is None:
            self._paint_heading(painter, entry, theme)
        else:
            self._paint_repair(painter, entry, rect.width(), theme)

    def _paint_heading(self, painter: QPainter, entry: Entry, theme: Theme) -> None:
        error = entry.severity == "error"
        mark = theme.color("error" if error else "text2")
        place = QRectF(EDGE, 7, 16, 16)
        icons.draw(painter, "alert" if error else "warning", mark, place)
        tone = theme.color("errortext" if error else "text")
        for number, line in enumerate(self._heading(entry)):
            words(painter, QPointF(EDGE + 24, 19.5 + number * _LINE), line, tone, 12, 500)

    def _paint_repair(self, painter: QPainter, entry: Entry, width: float, theme: Theme) -> None:
        right = QPointF(width - EDGE, 20)
        words(painter, right, entry.result, theme.color("text"), 12, 600, _RIGHT)
        title = self._title(entry)
        for number, line in enumerate(title):
            place = QPointF(_TEXT, 20 + number * _LINE)
            words(painter, place, line, theme.color("accenttext"), 12, 600)
        y = float(_TITLE + 6 + _LINE * (len(title) - 1))
        for line in self._story(entry):
            words(painter, QPointF(_TEXT, y), line, theme.color("text2"), 11)
            y += _LINE
        room = width - _TEXT - EDGE
        if entry.is_bad:
            icons.draw(painter, "alert", theme.color("error"), QRectF(_TEXT, y - 10.5, 13, 13))
            shown = elided(entry.verdict, room - 18, 11, 500)
            words(painter, QPointF(_TEXT + 18, y), shown, theme.color("errortext"), 11, 500)
        else:
            shown = elided(entry.verdict, room, 11, 500)
            words(painter, QPointF(_TEXT, y), shown, theme.color("text"), 11, 500)

    def _heading(self, entry: Entry) -> list[str]:
        return lines_of(entry.title, self._room() - 24, 12, 500)

    def _title(self, entry: Entry) -> list[str]:
        room = self._room() - width_of(entry.result, 12, 600) - _APART
        return lines_of(entry.title, room, 12, 600)

    def _story(self, entry: Entry) -> list[str]:
        if not entry.story:
            return []
        lines = lines_of(entry.story, self._room(), 11, 400, _MOST_LINES)
        return [line.removesuffix(_DOT.rstrip()) for line in lines]

    def _room(self) -> float:
        """The same with and without a scroll bar, whose coming else changes what calls for it."""
        bar = self._view.verticalScrollBar().sizeHint().width()
        return self._view.width() - bar - _TEXT - EDGE
