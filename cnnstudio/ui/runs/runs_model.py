"""The runs as a table model that sorts: the run that goes on first, then those that are kept."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtCore import Signal as QtSignal

from cnnstudio.ui.runs.runs_rows import COLUMNS, PLACES, RunRow, ordered

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
"""The role under which the model gives the RunRow."""

EDITABLE = ("title", "note")


class RunsModel(QAbstractTableModel):
    """`written` carries the name of a run, the column that was edited, and its new words."""

    written = QtSignal(str, str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.live: RunRow | None = None
        self._kept: list[RunRow] = []
        self._sorted_by, self._falling = "begun", True

    @property
    def kept(self) -> tuple[RunRow, ...]:
        """The kept runs as they are sorted."""
        return tuple(self._kept)

    def show(self, rows: Iterable[RunRow]) -> None:
        """Take other kept runs; of those that stay, what is chosen or being edited remains so."""
        shown = ordered(rows, self._sorted_by, falling=self._falling)
        self._remove_all_but({row.name for row in shown})
        before = {row.name: row for row in self._kept}
        self._append([row for row in shown if row.name not in before])
        self._arrange(shown)
        for line, row in enumerate(shown, self._above):
            if row != before.get(row.name, row):
                self._tell_renewed(line)

    def show_live(self, row: RunRow | None) -> None:
        """Show the run that goes on, or none."""
        if (row is None) == (self.live is None):
            self.live = row
            if row is not None:
                self._tell_renewed(0)
        elif row is None:
            self.beginRemoveRows(QModelIndex(), 0, 0)
            self.live = None
            self.endRemoveRows()
        else:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self.live = row
            self.endInsertRows()

    def row(self, index: Index) -> RunRow:
        """The run at an index."""
        return self.at(index.row())

    def at(self, place: int) -> RunRow:
        """The run in a line of the table."""
        if self.live is not None:
            return self.live if place == 0 else self._kept[place - 1]
        return self._kept[place]

    def line_of(self, name: str) -> int | None:
        """The line of the kept run called `name`."""
        lines = enumerate(self._kept, self._above)
        return next((line for line, row in lines if row.name == name), None)

    # ---- what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """One for each run."""
        return 0 if parent.isValid() else len(self._kept) + (self.live is not None)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """One for each of COLUMNS."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The words of a cell, its tooltip, and the run."""
        row, column = self.row(index), COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.cells.get(column.name, "")
        if role == Qt.ItemDataRole.EditRole:
            return getattr(row.facts, column.name, "")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken if column.name == "title" else row.cells.get(column.name, "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tips.get(column.name) or None
        return row if role == ROW_ROLE else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The titles of the columns."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.align
        words = {Qt.ItemDataRole.DisplayRole: column.title, Qt.ItemDataRole.ToolTipRole: column.tip}
        return words.get(Qt.ItemDataRole(role))

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The run that goes on is only looked at; title and note of the others can be edited."""
        if not self.row(index).name:
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if COLUMNS[index.column()].name in EDITABLE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell of an edited title or note."""
        name, words = COLUMNS[index.column()].name, " ".join(str(value).split())
        if role != Qt.ItemDataRole.EditRole or words == self.data(index, Qt.ItemDataRole.EditRole):
            return False
        if words or name != "title":
            self.written.emit(self.row(index).name, name, words)
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the kept runs; indices go with their runs."""
        self._sorted_by = COLUMNS[column].name
        self._falling = order == Qt.SortOrder.DescendingOrder
        self._arrange(ordered(self._kept, self._sorted_by, falling=self._falling))

    # ---- inside

    @property
    def _above(self) -> int:
        """The lines above the kept runs."""
        return 0 if self.live is None else 1

    def _remove_all_but(self, names: Container[str]) -> None:
        for place in reversed(range(len(self._kept))):
            if self._kept[place].name not in names:
                line = place + self._above
                self.beginRemoveRows(QModelIndex(), line, line)
                del self._kept[place]
                self.endRemoveRows()

    def _append(self, rows: Sequence[RunRow]) -> None:
        if rows:
            line = self._above + len(self._kept)
            self.beginInsertRows(QModelIndex(), line, line + len(rows) - 1)
            self._kept += rows
            self.endInsertRows()

    def _arrange(self, rows: list[RunRow]) -> None:
        """Take the same runs in another order, if it is one; indices go with them."""
        if [row.name for row in rows] == [row.name for row in self._kept]:
            self._kept = rows
            return
        self.layoutAboutToBeChanged.emit()
        before = [(index, self.row(index).name) for index in self.persistentIndexList()]
        self._kept = rows
        for index, name in before:
            line = self.line_of(name) if name else 0
            moved = QModelIndex() if line is None else self.index(line, index.column())
            self.changePersistentIndex(index, moved)
        self.layoutChanged.emit()

    def _tell_renewed(self, line: int) -> None:
        self.dataChanged.emit(self.index(line, 0), self.index(line, len(COLUMNS) - 1))


TITLE, NOTE, BEGUN = PLACES["title"], PLACES["note"], PLACES["begun"]
