"""The built-in networks as a list: title, parameters, and a strip in the colours of the blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem

from cnnstudio.network import Report, check, templates
from cnnstudio.network.templates import Template
from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.block_strip import bars, draw_strip, strip_width
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.row_list import ROW_ROLE, RowDelegate, RowList, RowModel
from cnnstudio.ui.theme import ThemeManager, font

ROW = 44
EDGE = 12
STRIP, STRIP_TOP = 84, 28
"""The width of the strip of blocks and where it is in its row, in pixels."""

NARROWEST = 30
"""Pixels that the strip needs beside the parameters; in a narrow panel it is left out."""


@dataclass(frozen=True)
class Row:
    """A template with what its network comes to."""

    template: Template
    report: Report

    @property
    def title(self) -> str:
        """What it is called."""
        return self.template.title

    @property
    def spoken(self) -> str:
        """Its title and size."""
        return f"{self.title}, {self.report.parameters:,} parameters"

    @property
    def tip(self) -> str:
        """What it is for, and how it is opened."""
        return f"{self.title}: {self.template.description}\nDouble-click or Enter opens it."


class TemplatesDelegate(RowDelegate):
    """Paints a template; `is_open` says whether it is the document."""

    HEIGHT = ROW

    def __init__(
        self, view: TemplatesPanel, themes: ThemeManager, is_open: Callable[[Template], bool]
    ) -> None:
        super().__init__(view, themes)
        self._is_open = is_open

    def paint_row(self, painter: QPainter, row: Row, option: QStyleOptionViewItem) -> None:
        """Draw the row."""
        rect: QRect = option.rect
        theme, report = self._themes.theme, row.report
        is_open = self._is_open(row.template)
        fill = theme.color("field") if is_open or self.is_pointed_at(option) else None
        line = theme.color("accent") if self.has_ring(option) else None
        rounded(painter, QRectF(rect).adjusted(4, 2, -4, -2), 6, fill, line, 1.5)
        words = rect.adjusted(EDGE, 6, -EDGE, 0)
        self._title(painter, row.title, words, is_open=is_open)
        painter.setFont(font(11, 400, tabular=True))
        painter.setPen(theme.color("text2"))
        count = f"{report.parameters:,} params"
        painter.drawText(words.adjusted(0, 17, 0, 0), 0, count)
        room = min(STRIP, words.width() - width_of(count, 11) - EDGE)
        if room >= NARROWEST:
            strip = bars(report)
            across = strip_width(strip, room)
            left = words.right() + 1 - across
            draw_strip(painter, theme, strip, QRectF(left, rect.y() + STRIP_TOP, across, 6))

    def _title(self, painter: QPainter, title: str, words: QRect, *, is_open: bool) -> None:
        """The title, and behind it that it is the network which is open."""
        theme = self._themes.theme
        room = words.width()
        if is_open:
            painter.setFont(font(11))
            painter.setPen(theme.color("accenttext"))
            painter.drawText(words, Qt.AlignmentFlag.AlignRight, "open")
            room -= round(width_of("open", 11)) + 8
        painter.setFont(font(12, 600))
        painter.setPen(theme.color("text"))
        painter.drawText(words, 0, elided(title, room, 12, 600))


class TemplatesPanel(RowList):
    """The list; a double click or Enter asks for a template by `template_chosen` (its name)."""

    template_chosen = Signal(str)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__("Templates", ground=True)
        self.setObjectName("templates")
        self._session = session
        self._entries = templates.list_all()
        networks = Counter(entry.project.network for entry in self._entries)
        self._twins = {e.name for e in self._entries if networks[e.project.network] > 1}
        model: RowModel[Row] = RowModel(self)
        model.show([Row(entry, check(entry.project.network)) for entry in self._entries])
        self.setModel(model)
        self.setItemDelegate(TemplatesDelegate(self, themes, self.is_open))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.doubleClicked.connect(self._choose)
        self._open: list[str] = []
        for signal in (session.network_changed, session.recipe_changed):
            signal.connect(self._mark_open)
        self._mark_open()
        themes.changed.connect(self.viewport().update)

    def is_open(self, template: Template) -> bool:
        """Whether the document is `template`: its network, and its recipe where others share it."""
        project, session = template.project, self._session
        if session.network != project.network:
            return False
        return template.name not in self._twins or session.recipe == project.recipe

    def _mark_open(self) -> None:
        """Paint anew where another one is open now, or none any more."""
        found = [entry.name for entry in self._entries if self.is_open(entry)]
        if found != self._open:
            self._open = found
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current template."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._choose(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        row: Row = index.data(ROW_ROLE)
        self.template_chosen.emit(row.template.name)
