"""The built-in networks as a list: title, parameters, and a strip in the colours of the blocks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from cnnstudio.blocks import Family
from cnnstudio.network import Report, check, templates
from cnnstudio.network.templates import Template
from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.fields import rounded
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager, font

ROW = 44
EDGE = 12
GAP = 2
STRIP, STRIP_TOP = 84, 28
"""The width of the strip of blocks and where it is in its row, in pixels."""

NARROWEST = 30
"""Pixels that the strip needs beside the parameters; in a narrow panel it is left out."""

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
"""The role under which the model gives the Template and its Report."""


class TemplatesModel(QAbstractListModel):
    """The templates as rows."""

    def __init__(self, entries: Sequence[Template]) -> None:
        super().__init__()
        self._entries = [(entry, check(entry.project.network)) for entry in entries]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """One row for each template."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Title, words for a screen reader, and the description in a tooltip."""
        template, report = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return template.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{template.title}, {report.parameters:,} parameters"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{template.title}: {template.description}\nDouble-click or Enter opens it."
        return (template, report) if role == ENTRY else None


class TemplatesDelegate(QStyledItemDelegate):
    """Paints a template."""

    def __init__(self, view: TemplatesPanel, themes: ThemeManager) -> None:
        super().__init__(view)
        self._view = view
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Rows of equal height."""
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        template, report = index.data(ENTRY)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        theme = self._themes.theme
        painter.save()
        is_open = self._view.is_open(template)
        hot = bool(state & QStyle.StateFlag.State_MouseOver)
        ring = bool(state & QStyle.StateFlag.State_HasFocus) and self._view.hasFocus()
        fill = theme.color("field") if is_open or hot else None
        line = theme.color("accent") if ring else None
        rounded(painter, QRectF(rect).adjusted(4, 2, -4, -2), 6, fill, line, 1.5)
        words = rect.adjusted(EDGE, 6, -EDGE, 0)
        self._title(painter, template.title, words, is_open=is_open)
        painter.setFont(font(11, 400, tabular=True))
        painter.setPen(theme.color("text2"))
        count = f"{report.parameters:,} params"
        painter.drawText(words.adjusted(0, 17, 0, 0), 0, count)
        room = min(STRIP, words.width() - width_of(count, 11) - EDGE)
        if room >= NARROWEST:
            left = words.right() + 1 - room
            self._strip(painter, report, QRectF(left, rect.y() + STRIP_TOP, room, 6))
        painter.restore()

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

    def _strip(self, painter: QPainter, report: Report, room: QRectF) -> None:
        """A bar for each block behind the input, longer with more parameters, up to the right."""
        entries = [e for e in report.blocks if e.block.family is not Family.INPUT]
        lengths = [6 + 1.2 * math.log10(1 + (e.parameters or 0)) for e in entries]
        free = room.width() - GAP * (len(entries) - 1)
        shrink = max(0.0, min(1.0, free / max(1.0, sum(lengths))))
        x = room.right() - shrink * sum(lengths) - GAP * (len(entries) - 1)
        for entry, length in zip(entries, lengths, strict=True):
            colour = self._themes.theme.family(entry.block.family)
            rounded(painter, QRectF(x, room.y(), length * shrink, room.height()), 2, colour)
            x += length * shrink + GAP


class TemplatesPanel(QListView):
    """The list; a double click or Enter asks for a template by `template_chosen` (its name)."""

    template_chosen = Signal(str)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("templates")
        self.setAccessibleName("Templates")
        self._session = session
        self._entries = templates.list_all()
        networks = Counter(entry.project.network for entry in self._entries)
        self._twins = {e.name for e in self._entries if networks[e.project.network] > 1}
        self.setModel(TemplatesModel(self._entries))
        self.setItemDelegate(TemplatesDelegate(self, themes))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setStyleSheet("QListView, QListView:focus { border: none; }")
        self.doubleClicked.connect(self._choose)
        self._open: list[str] = []
        for signal in (session.network_changed, session.recipe_changed):
            signal.connect(self._mark_open)
        self._mark_open()
        session.training_changed.connect(self._take_lock)
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
        template, _ = index.data(ENTRY)
        self.template_chosen.emit(template.name)

    def _take_lock(self) -> None:
        self.setEnabled(not self._session.locked)
