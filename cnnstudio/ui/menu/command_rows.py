"""The rows of the command list: which match, in which order, and how they are painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from cnnstudio.ui import icons
from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.menu.command import Command
from cnnstudio.ui.menu.fuzzy import Match, match
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.row_list import RowDelegate
from cnnstudio.ui.theme import font

ROW, EDGE = 32, 16
RECENT_BONUS = 5.0
"""How much better a command matches that was run before."""

REFUSED = 50.0
"""How much worse one matches that cannot be run: still better than by scattered letters."""


@dataclass(frozen=True)
class Row:
    """A command that matches what was typed."""

    command: Command
    match: Match
    is_recent: bool = False

    @property
    def title(self) -> str:
        """The words of the command."""
        return self.command.title

    @property
    def spoken(self) -> str:
        """Everything about it, for a screen reader."""
        return self.command.spoken

    @property
    def tip(self) -> str:
        """Its help, or why it cannot be run."""
        return self.command.refusal or self.command.help


def ranked(typed: str, commands: Sequence[Command], recent: Sequence[str]) -> list[Row]:
    """The commands that match, the best first.

    With nothing typed: those run last, then all others in the order of the menus, those that cannot
    be run behind them.
    """
    if not typed.strip():
        return _all(commands, recent)
    rows = []
    for command in commands:
        found = _found(typed, command)
        if found is not None:
            rows.append(Row(command, found, command.key in recent))
    return sorted(rows, key=_worth, reverse=True)


def _found(typed: str, command: Command) -> Match | None:
    """How it matches by the title that is shown, or else by its other one."""
    if (found := match(typed, command.title)) is not None:
        return found
    other = match(typed, command.other_title)
    return Match(other.score, frozenset()) if other else None


def _worth(row: Row) -> float:
    refused = row.command.refusal is not None
    return row.match.score + RECENT_BONUS * row.is_recent - REFUSED * refused


def _all(commands: Sequence[Command], recent: Sequence[str]) -> list[Row]:
    nothing, by_key = Match(0, frozenset()), {command.key: command for command in commands}
    first = [by_key[key] for key in recent if key in by_key]
    others = [command for command in commands if command not in first]
    others.sort(key=lambda command: command.refusal is not None)
    return [Row(c, nothing, is_recent=True) for c in first] + [Row(c, nothing) for c in others]


class CommandDelegate(RowDelegate):
    """Paints a command: icon, title with the letters that were typed, reason or shortcut."""

    HEIGHT = ROW

    def paint_row(self, painter: QPainter, row: Row, option: QStyleOptionViewItem) -> None:
        """Draw the row."""
        theme, rect = self._themes.theme, option.rect
        chosen, hot = self.is_chosen(option), self.is_pointed_at(option)
        fill = theme.color("accenttint") if chosen else theme.color("field") if hot else None
        rounded(painter, QRectF(rect).adjusted(6, 1, -6, -1), 6, fill)
        self._icon(painter, row.command, rect)
        end = self._right(painter, row, rect)
        self._title(painter, row, rect.adjusted(EDGE + 26, 0, end - rect.right(), 0))

    def _icon(self, painter: QPainter, command: Command, rect: QRect) -> None:
        if not command.icon:
            return
        theme = self._themes.theme
        tone = theme.family(command.family) if command.family else theme.color("text2")
        off = theme.color("disabled")
        place = QRectF(rect.x() + EDGE, rect.y() + (ROW - 16) / 2, 16, 16)
        icons.draw(painter, command.icon, off if command.refusal else tone, place)

    def _right(self, painter: QPainter, row: Row, rect: QRect) -> int:
        """The shortcut, a tick for what is on, "recent"; returns where they begin."""
        theme, command, right = self._themes.theme, row.command, rect.right() - EDGE
        if command.keys:
            width = round(width_of(command.keys, 11, 500)) + 12
            box = QRectF(right - width, rect.y() + 6, width, ROW - 12)
            rounded(painter, box, 4, theme.color("field"), theme.color("fieldline"))
            painter.setFont(font(11, 500))
            painter.setPen(theme.color("disabled" if command.refusal else "text2"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, command.keys)
            right -= width + 8
        if command.checked:
            icons.draw(
                painter, "check", theme.color("accent"), QRectF(right - 14, rect.y() + 9, 14, 14)
            )
            right -= 22
        if row.is_recent:
            painter.setFont(font(11))
            painter.setPen(theme.color("text3"))
            words = QRect(right - 50, rect.y(), 50, ROW)
            painter.drawText(words, _RIGHT | Qt.AlignmentFlag.AlignVCenter, "recent")
            right -= 58
        return right

    def _title(self, painter: QPainter, row: Row, rect: QRect) -> None:
        """The title, and behind it why the command cannot be run."""
        theme, command = self._themes.theme, row.command
        plain = theme.color("disabled" if command.refusal else "text")
        title = elided(command.title, rect.width(), 12, 500)
        left = float(rect.x())
        for start, end, hit in runs(len(title), row.match.places):
            face = font(12, 600 if hit else 500)
            painter.setFont(face)
            painter.setPen(theme.color("accenttext") if hit and not command.refusal else plain)
            painter.drawText(QRectF(left, rect.y(), 1000, ROW), _MIDDLE, title[start:end])
            left += QFontMetrics(face).horizontalAdvance(title[start:end])
        if command.refusal:
            room = rect.right() - left - 16
            painter.setFont(font(11))
            painter.setPen(theme.color("text3"))
            words = elided(command.refusal, max(0.0, room), 11)
            painter.drawText(QRectF(left + 12, rect.y(), room, ROW), _MIDDLE, words)


_RIGHT = Qt.AlignmentFlag.AlignRight
_MIDDLE = Qt.AlignmentFlag.AlignVCenter


def runs(length: int, places: frozenset[int]) -> list[tuple[int, int, bool]]:
    """The parts of a text of `length` letters: from, to, and whether they are at `places`."""
    parts: list[tuple[int, int, bool]] = []
    for place in range(length):
        hit = place in places
        if parts and parts[-1][2] is hit:
            parts[-1] = (parts[-1][0], place + 1, hit)
        else:
            parts.append((place, place + 1, hit))
    return parts
