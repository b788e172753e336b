"""The table of runs: painted rows, sorting by a click on a head, editing, keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.parts.block_strip import draw_strip
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.keyboard_place import goes_elsewhere
from cnnstudio.ui.runs.runs_model import BEGUN, NOTE, ROW_ROLE, TITLE, Index, RunsModel
from cnnstudio.ui.runs.runs_rows import COLUMNS, RIGHT, RunRow, fitted
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty

ROW = 28
EDGE = 5
"""Pixels between a cell's edge and its words."""

BAR = 3
"""Pixels of width of the bar before the run that goes on."""

ROOM_FOR_REMARK = 130
"""Pixels from which on there is more than the name of a run."""

STRIP = 8
"""Pixels of height of the strip of blocks."""

_ENDINGS = {"failed": "errortext", "finished": "text2", "stopped early": "text2"}


class RunsDelegate(QStyledItemDelegate):
    """Paints the cells; the row under the pointer and those chosen have their own ground.

    A bar stands before the run that goes on.
    """

    def __init__(self, view: RunsTable, themes: ThemeManager) -> None:
        super().__init__(view)
        self._view, self._themes = view, themes

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        row: RunRow = index.data(ROW_ROLE)
        painter.save()
        self._ground(painter, option, index, row)
        place = QRectF(option.rect).adjusted(EDGE, 0, -EDGE, 0)
        name = COLUMNS[index.column()].name
        if name == "network":
            middle = place.center().y()
            room = QRectF(place.x(), middle - STRIP / 2, place.width(), STRIP)
            draw_strip(painter, self._themes.theme, row.strip, room)
        elif name == "title":
            self._title(painter, row, place)
        else:
            self._words(painter, row, name, place)
        painter.restore()

    def _ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, row: RunRow
    ) -> None:
        theme, rect = self._themes.theme, QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("accenttint"))
        elif index.row() == self._view.pointed_at:
            painter.fillRect(rect, theme.color("field"))
        painter.fillRect(QRectF(rect.x(), rect.bottom() - 1, rect.width(), 1), theme.color("line"))
        if not row.name and index.column() == 0:
            painter.fillRect(QRectF(rect.x(), rect.y(), BAR, rect.height()), theme.color("accent"))
        if self._view.hasFocus() and self._view.currentIndex() == index:
            ring = rect.adjusted(1, 1, -1, -2)
            rounded(painter, ring, 4, None, theme.color("accent"), 1.5)

    def _title(self, painter: QPainter, row: RunRow, place: QRectF) -> None:
        """What it is called, and behind it whether it goes on or repeats another."""
        theme, room = self._themes.theme, place.width()
        if row.remark and room >= ROOM_FOR_REMARK:
            painter.setFont(font(11))
            painter.setPen(theme.color("accenttext"))
            painter.drawText(place, RIGHT, row.remark)
            room -= width_of(row.remark, 11) + EDGE
        painter.setFont(font(12, 600))
        painter.setPen(theme.color("text"))
        words = elided(row.title, max(0.0, room), 12, 600)
        painter.drawText(place, COLUMNS[TITLE].align, words)

    def _words(self, painter: QPainter, row: RunRow, name: str, place: QRectF) -> None:
        strong = name in ("validation", "test")
        letters = font(12, 500 if strong else 400, tabular=True)
        painter.setFont(letters)
        tone = _ENDINGS.get(row.cells.get(name, ""), "text") if name == "ending" else None
        painter.setPen(self._themes.theme.color(tone or ("text" if strong else "text2")))
        words = fitting(row, name, QFontMetricsF(letters), place.width())
        column = next(column for column in COLUMNS if column.name == name)
        painter.drawText(place, column.align, words)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as the column, and as high as a row."""
        return QSize(COLUMNS[index.column()].width, ROW)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field for the title or the note."""
        editor = QLineEdit(parent)
        editor.setMaxLength(200)
        editor.setAccessibleName(COLUMNS[index.column()].title)
        return editor

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """What is half typed stays in its field while another program is used."""
        if isinstance(event, QFocusEvent) and event.lostFocus() and not goes_elsewhere(event):
            return False
        return super().eventFilter(editor, event)


def fitting(row: RunRow, name: str, letters: QFontMetricsF, room: float) -> str:
    """The words of a cell in `room` pixels: all, or else fewer, the last of them cut."""
    write = str if name == COLUMNS[NOTE].name else pretty
    words = [write(each) for each in (row.cells.get(name, ""), *row.short.get(name, ()))]
    found = next((each for each in words if letters.horizontalAdvance(each) <= room), words[-1])
    return letters.elidedText(found, Qt.TextElideMode.ElideRight, room)


class RunsTable(QTableView):
    """The runs; `asked` carries what a key or a double click asks for: "open" or "delete".

    A double click on a note writes it.
    """

    asked = Signal(str)

    def __init__(self, model: RunsModel, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("runsTable")
        self.setAccessibleName("Runs")
        self.pointed_at = -1
        self._fits = self._is_own = False
        self._themes = themes
        self.runs = model
        self.setModel(model)
        self.setItemDelegate(RunsDelegate(self, themes))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setStyleSheet("QTableView, QTableView:focus { border: none; }")
        self._set_heads()
        self.doubleClicked.connect(self._open)
        themes.changed.connect(self.viewport().update)

    def _set_heads(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setFixedHeight(ROW)
        heads.setMinimumSectionSize(40)
        heads.setStretchLastSection(True)
        heads.setSortIndicatorClearable(False)
        heads.sectionResized.connect(self._take_width)
        heads.setSortIndicator(BEGUN, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns into the new width, unless somebody made them as wide as they are."""
        super().resizeEvent(event)
        if not self._is_own:
            self._fits = True
            for place, width in enumerate(fitted(self.viewport().width())):
                self.setColumnWidth(place, width)
            self._fits = False

    def _take_width(self, place: int, _before: int, _now: int) -> None:
        """A column was made wider or narrower; the last one only follows the others."""
        self._is_own = self._is_own or (not self._fits and place < len(COLUMNS) - 1)

    # ---- which runs are chosen

    @property
    def chosen(self) -> tuple[RunRow, ...]:
        """The chosen runs from above to below."""
        lines = sorted(index.row() for index in self.selectionModel().selectedRows())
        return tuple(self.runs.at(line) for line in lines)

    def choose(self, names: Sequence[str]) -> None:
        """Choose the runs of these names, and bring the first into view."""
        selection = self.selectionModel()
        selection.clearSelection()
        lines = [line for name in names if (line := self.runs.line_of(name)) is not None]
        rows = QItemSelectionModel.SelectionFlag.Rows
        flag = QItemSelectionModel.SelectionFlag.Select | rows
        for line in lines:
            selection.select(self.runs.index(line, TITLE), flag)
        if lines:
            here = self.runs.index(lines[0], TITLE)
            selection.setCurrentIndex(here, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.scrollTo(here)

    @property
    def is_edited(self) -> bool:
        """Whether a title or a note is being written."""
        return self.state() == QAbstractItemView.State.EditingState

    def edit_cell(self, column: int) -> None:
        """Edit the title or the note of the current run."""
        index = self.runs.index(self.currentIndex().row(), column)
        if index.isValid() and self.runs.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.scrollTo(index)
            self.setCurrentIndex(index)
            self.edit(index)

    # ---- the mouse and the keyboard

    def event(self, event: QEvent) -> bool:
        """Delete and Select all are about the runs here, not about the blocks of the network."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            own = event.matches(QKeySequence.StandardKey.Delete)
            if own or event.matches(QKeySequence.StandardKey.SelectAll):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete deletes, F2 renames, or edits the note where that is current.

        While a title or a note is edited the keys are the field's; it passes on the Enter that
        ends it.
        """
        if self.is_edited:
            return
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.asked.emit("open")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.asked.emit("delete")
        elif key == Qt.Key.Key_F2:
            self.edit_cell(NOTE if self.currentIndex().column() == NOTE else TITLE)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the row under the pointer."""
        super().mouseMoveEvent(event)
        self._point_at(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        """Mark none."""
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, line: int) -> None:
        if line != self.pointed_at:
            self.pointed_at = line
            self.viewport().update()

    def _open(self, index: Index) -> None:
        if not self.runs.row(index).name:
            return
        if index.column() == NOTE:
            self.edit_cell(NOTE)
        else:
            self.asked.emit("open")
