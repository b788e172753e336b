"""What the lists have in common: rows that say what they are, their model, painting and keys."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, Protocol, TypeVar

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSignalBlocker,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cnnstudio.ui.theme import ThemeManager

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
"""The role under which a model gives the row itself."""


class Told(Protocol):
    """A row that can be told: by its title, to a screen reader, and in a tooltip."""

    @property
    def title(self) -> str:
        """Its name, by which typed letters find it."""

    @property
    def spoken(self) -> str:
        """All of it in one line, for a screen reader."""

    @property
    def tip(self) -> str:
        """Its tooltip; empty for none."""


Row = TypeVar("Row", bound=Told)


class RowModel(QAbstractListModel, Generic[Row]):
    """Rows as a list model."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Take other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """One for each row."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The title, the words for a screen reader, the tooltip, and the row itself."""
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tip or None
        return row if role == ROW_ROLE else None


class RowDelegate(QStyledItemDelegate):
    """Paints rows, `HEIGHT` pixels high unless `height` says otherwise."""

    HEIGHT: ClassVar[int]

    def __init__(self, view: QListView, themes: ThemeManager) -> None:
        super().__init__(view)
        self._view, self._themes = view, themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as the list, and as high as the row."""
        return QSize(0, self.height(index.data(ROW_ROLE)))

    def height(self, row: Any) -> int:
        """The height of a row in pixels."""
        return self.HEIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        painter.save()
        self.paint_row(painter, index.data(ROW_ROLE), option)
        painter.restore()

    def paint_row(self, painter: QPainter, row: Any, option: QStyleOptionViewItem) -> None:
        """Draw `row` into the rectangle of `option`; the painter is put back afterwards."""
        raise NotImplementedError

    def is_chosen(self, option: QStyleOptionViewItem) -> bool:
        """Whether the row is selected."""
        return bool(option.state & QStyle.StateFlag.State_Selected)

    def is_pointed_at(self, option: QStyleOptionViewItem) -> bool:
        """Whether the pointer is on the row."""
        return bool(option.state & QStyle.StateFlag.State_MouseOver)

    def has_ring(self, option: QStyleOptionViewItem) -> bool:
        """Whether the row is the one that the keyboard is at."""
        return bool(option.state & QStyle.StateFlag.State_HasFocus) and self._view.hasFocus()


class RowList(QListView):
    """A list without a frame that scrolls by pixels and tells where the pointer is."""

    def __init__(self, spoken: str, parent: QWidget | None = None, *, ground: bool = False) -> None:
        super().__init__(parent)
        self.setAccessibleName(spoken)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        fill = "" if ground else " background: transparent;"
        self.setStyleSheet(f"QListView, QListView:focus {{ border: none;{fill} }}")

    def scrollTo(  # noqa: N802 - Qt's name
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """A row that is scrolled under a resting pointer is not one that is pointed at."""
        with QSignalBlocker(self):
            super().scrollTo(index, hint)


class ChoiceList(RowList):
    """A list below a field that keeps the keyboard; `page` rows are seen at once."""

    def __init__(self, spoken: str, page: int, parent: QWidget | None = None) -> None:
        super().__init__(spoken, parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setUniformItemSizes(True)
        self._steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page - 1,
            Qt.Key.Key_PageUp: 1 - page,
        }

    def take_key(self, event: QKeyEvent) -> bool:
        """Go up or down where the key says so; whether it does."""
        step = self._steps.get(Qt.Key(event.key()))
        if step is not None:
            self.step(step)
        return step is not None

    def step(self, step: int) -> None:
        """Choose the row so many on; one step beyond an end comes back at the other."""
        count = self.model().rowCount()
        if count:
            row = self.currentIndex().row() + step
            self.choose(row % count if abs(step) == 1 else min(max(row, 0), count - 1))

    def choose(self, row: int) -> None:
        """Make `row` the chosen one."""
        self.setCurrentIndex(self.model().index(row, 0))
