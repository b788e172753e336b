"""The outline: the pipeline as a list that the keyboard alone can edit, also for screen readers."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from cnnstudio.blocks import Block
from cnnstudio.network import BlockReport
from cnnstudio.ui import icons
from cnnstudio.ui.block_menu import fill_block_menu
from cnnstudio.ui.fields import rounded
from cnnstudio.ui.labels import draw_tile
from cnnstudio.ui.session import Session
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import count, size

ROW = 28
EDGE = 12
TILE = 16

Index = QModelIndex | QPersistentModelIndex
ENTRY = Qt.ItemDataRole.UserRole
"""The role under which the model gives the BlockReport."""


class OutlineModel(QAbstractListModel):
    """The blocks of the session's network as rows."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._entries = session.report.blocks

    def refresh(self) -> None:
        """Take over the session's report; a reset only where blocks came or went."""
        entries = self._session.report.blocks
        if len(entries) != len(self._entries):
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
            return
        self._entries = entries
        self.dataChanged.emit(self.index(0), self.index(len(entries) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """One row for each block."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, words for a screen reader, settings in a tooltip."""
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join([entry.block.summary(), *(p.message for p in entry.problems)])
        return entry if role == ENTRY else None


def spoken(entry: BlockReport) -> str:
    """A row in words: "CONV 1, 28x28x6, 156 parameters, fits"."""
    if not entry.fits:
        state = "does not fit"
    elif entry.output_shape is None:
        return f"{entry.name}, size unknown"
    else:
        state = "fits, with a warning" if entry.problems else "fits"
    known = [str(entry.output_shape)] if entry.output_shape else []
    if entry.parameters is not None:
        known.append(f"{entry.parameters:,} parameters")
    return ", ".join([entry.name, *known, state])


class OutlineDelegate(QStyledItemDelegate):
    """Paints a row: glyph, name, size, parameters, and an icon where there is a problem."""

    def __init__(self, view: QListView, themes: ThemeManager) -> None:
        super().__init__(view)
        self._themes = themes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Rows of equal height."""
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row."""
        entry: BlockReport = index.data(ENTRY)
        rect: QRect = option.rect
        painter.save()
        self._ground(painter, option, rect)
        top = rect.y() + (ROW - TILE) / 2
        if entry.output_shape is None and entry.fits:
            painter.setOpacity(0.62)
        tile = QRectF(rect.x() + EDGE, top, TILE, TILE)
        glyph = icons.block_icon_name(entry.block)
        draw_tile(painter, tile, entry.block.family, glyph, self._themes)
        self._words(painter, entry, rect)
        if entry.problems:
            tone = self._themes.theme.color("text2" if entry.fits else "error")
            mark = QRectF(rect.right() - EDGE - 13, top + 1, 14, 14)
            icons.draw(painter, "warning" if entry.fits else "alert", tone, mark)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect) -> None:
        state: QStyle.StateFlag = option.state
        theme = self._themes.theme
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hot = bool(state & QStyle.StateFlag.State_MouseOver)
        fill = theme.color("accenttint") if chosen else theme.color("field") if hot else None
        view = self.parent()
        assert isinstance(view, QListView)
        ring = bool(state & QStyle.StateFlag.State_HasFocus) and view.hasFocus()
        line = theme.color("accent") if ring else None
        rounded(painter, QRectF(rect).adjusted(4, 0, -4, 0), 5, fill, line, 1.5)

    def _words(self, painter: QPainter, entry: BlockReport, rect: QRect) -> None:
        theme = self._themes.theme
        right = rect.right() - EDGE - 22
        middle = Qt.AlignmentFlag.AlignVCenter
        place = QRect(rect.x() + EDGE + TILE + 8, rect.y(), right - rect.x(), ROW)
        painter.setFont(font(12, 500))
        painter.setPen(theme.color("text" if entry.fits else "errortext"))
        painter.drawText(place, middle, entry.name)
        small = font(11, 400, tabular=True)
        painter.setFont(small)
        painter.setPen(theme.color("text2"))
        room = QFontMetrics(small).horizontalAdvance("1,672,570")
        numbers = count(entry.parameters)
        painter.drawText(place.adjusted(0, 0, right - place.right(), 0), middle | _RIGHT, numbers)
        edge = right - room - 12 - place.right()
        painter.setFont(font(11, 500, tabular=True))
        painter.setPen(theme.color("text"))
        painter.drawText(place.adjusted(0, 0, edge, 0), middle | _RIGHT, size(entry.output_shape))


_RIGHT = Qt.AlignmentFlag.AlignRight


class Outline(QListView):
    """The list; Delete removes, Alt+Up and Alt+Down move, Insert or + inserts, Enter inspects.

    Its selection is the session's. `inspected` asks for the keyboard focus in the inspector.
    """

    inspected = Signal()

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("outline")
        self.setAccessibleName("Outline of the network")
        self.setAccessibleDescription(
            "Delete removes a block, Alt+Up and Alt+Down move it, Insert or plus puts a new one "
            "after it, Enter goes to its settings."
        )
        self._session = session
        self._themes = themes
        self._syncing = False
        self._model = OutlineModel(session)
        self.setModel(self._model)
        self.setItemDelegate(OutlineDelegate(self, themes))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setStyleSheet("QListView, QListView:focus { border: none; }")
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self.doubleClicked.connect(self._inspect)
        session.network_changed.connect(self._take_network)
        session.selection_changed.connect(self._take_selection)
        themes.changed.connect(self.viewport().update)
        self._take_selection()

    def insert_menu(self) -> QMenu:
        """The blocks of the palette; one that is chosen goes after the current row."""
        menu = QMenu("Insert after", self)
        fill_block_menu(menu, self._themes.theme, self._insert)
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that edit; the others move and select as in any list."""
        moving = event.modifiers() & (
            Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
        )
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._session.remove(self._session.selection)
        elif moving and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.move_selection(-1 if key == Qt.Key.Key_Up else 1)
        elif key in (Qt.Key.Key_Insert, Qt.Key.Key_Plus):
            self._open_insert_menu()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._inspect()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What the keys do, as a menu."""
        self.context_menu().popup(event.globalPos())

    def context_menu(self) -> QMenu:
        """Insert after, move, delete."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        insert = self.insert_menu()
        insert.setParent(menu, insert.windowFlags())
        menu.addMenu(insert)
        menu.addSeparator()
        for words, step in (("Move up\tAlt+Up", -1), ("Move down\tAlt+Down", 1)):
            action = menu.addAction(words, partial(self.move_selection, step))
            action.setEnabled(self._destination(step) is not None)
        menu.addSeparator()
        delete = menu.addAction("Delete\tDel")
        delete.triggered.connect(lambda: self._session.remove(self._session.selection))
        delete.setEnabled(bool(set(self._session.selection) - {0}))
        for action in menu.actions():
            action.setEnabled(action.isEnabled() and not self._session.locked)
        return menu

    def move_selection(self, step: int) -> None:
        """Move the selected blocks up (-1) or down (1) by one place."""
        destination = self._destination(step)
        if destination is not None:
            self._session.move(self._session.selection, destination)

    def _destination(self, step: int) -> int | None:
        places = [i for i in self._session.selection if i]
        if not places:
            return None
        index = min(places) - 1 if step < 0 else max(places) + 2
        return index if 1 <= index <= len(self._session.network) else None

    def _open_insert_menu(self) -> None:
        menu = self.insert_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        below = self.visualRect(self.currentIndex()).bottomLeft() + QPoint(EDGE, 0)
        menu.popup(self.viewport().mapToGlobal(below))

    def _insert(self, block: Block) -> None:
        current = self.currentIndex()
        after = current.row() if current.isValid() else self._model.rowCount() - 1
        self._session.insert(after + 1, block)

    def _inspect(self) -> None:
        self.inspected.emit()

    def _take_network(self) -> None:
        self._syncing = True
        self._model.refresh()
        self._syncing = False
        self._take_selection()

    def _take_selection(self) -> None:
        if self._syncing:
            return
        self._syncing = True
        chosen = QItemSelection()
        for row in self._session.selection:
            chosen.select(self._model.index(row), self._model.index(row))
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(chosen, flags.ClearAndSelect)
        if self._session.selection and self.currentIndex().row() not in self._session.selection:
            last = self._model.index(self._session.selection[-1])
            self.selectionModel().setCurrentIndex(last, flags.NoUpdate)
        self._syncing = False

    def _tell_selection(self) -> None:
        if self._syncing:
            return
        self._syncing = True
        self._session.select(index.row() for index in self.selectionModel().selectedIndexes())
        self._syncing = False
