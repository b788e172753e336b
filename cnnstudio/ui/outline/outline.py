"""The outline: the network as a list that the keyboard alone can edit, also for screen readers."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu

from cnnstudio.blocks import Block
from cnnstudio.network.inner import Path
from cnnstudio.ui.document.insertion import put
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.outline.outline_delegate import OutlineDelegate
from cnnstudio.ui.outline.outline_editor import OutlineEditor
from cnnstudio.ui.outline.outline_moves import indented, outdented, stepped
from cnnstudio.ui.outline.outline_rows import OutlineModel, OutlineRow
from cnnstudio.ui.palette.block_menu import fill_block_menu
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.parts.passing_menu import passing_menu
from cnnstudio.ui.parts.row_list import RowList
from cnnstudio.ui.theme import ThemeManager

ModelIndex = QModelIndex | QPersistentModelIndex

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_SHIFTS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_OUT = "Move out of its block\tAlt+Left"


class Outline(RowList):
    """The list of all blocks; its selection is the session's.

    Insert or + adds a block behind the row, F2 or Enter edits it as text, Delete removes it,
    Alt+Up and Alt+Down move it, Alt+Right and Alt+Left move it into the block above and out again.
    `inspected` asks for the keyboard focus in the inspector, `adding` for a block at a path.
    It follows the session by the next turn of the event loop; keys, the mouse and `model` find it
    up to date.
    """

    inspected = Signal()
    adding = Signal(object)

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__("Outline of the network", ground=True)
        self.setObjectName("outline")
        self.setAccessibleDescription(
            "Insert or plus adds a block behind the row, F2 or Enter edits it as text, "
            "Alt Enter goes to its settings, Delete removes it, Alt with Up or Down moves it, "
            "Alt with Right or Left moves it into the block above or out of its block."
        )
        self.session, self.themes = session, themes
        self._syncing = False
        self._later = Later(self, self._follow)
        self._model = OutlineModel(session, self)
        self.setModel(self._model)
        self.setItemDelegate(OutlineDelegate(self, themes))
        self._dress()
        self.editor = OutlineEditor(self)
        self.selectionModel().selectionChanged.connect(self._tell_selection)
        self.doubleClicked.connect(lambda _index: self.inspected.emit())
        session.network_changed.connect(self._later.ask)
        session.selection_changed.connect(self._take_selection)
        themes.changed.connect(self.viewport().update)
        self._follow()

    def _dress(self) -> None:
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setUniformItemSizes(True)

    # ---- keys and menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys that edit; the others move, select and find by name as in any list."""
        self._later.flush()
        moving = event.modifiers() & (
            Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
        )
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.session.remove_selected()
        elif moving and key in _STEPS:
            self.move_selection(_STEPS[Qt.Key(key)])
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier and key in _SHIFTS:
            self._move_to(self._shifted(_SHIFTS[Qt.Key(key)]))
        elif key in (Qt.Key.Key_Insert, Qt.Key.Key_Plus):
            self._add()
        elif key == Qt.Key.Key_F2 or (key in _ENTER and not moving):
            self.edit_block()
        elif key in _ENTER:
            self.inspected.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What the keys do, as a menu."""
        self.context_menu().popup(event.globalPos())

    def context_menu(self) -> QMenu:
        """Edit, insert after, move, delete."""
        self._later.flush()
        menu = passing_menu(self)
        menu.addAction("Edit as text\tF2", self.edit_block)
        menu.addAction("Add a block…\tIns", self._add)
        fill_block_menu(menu.addMenu("Insert after"), self.themes.theme, self._insert)
        menu.addSeparator()
        for words, step in (("Move up\tAlt+Up", -1), ("Move down\tAlt+Down", 1)):
            action = menu.addAction(words, partial(self.move_selection, step))
            action.setEnabled(self._destination(step) is not None)
        for words, towards in (("Move into the block above\tAlt+Right", 1), (_OUT, -1)):
            target = self._shifted(towards)
            action = menu.addAction(words, partial(self._move_to, target))
            action.setEnabled(target is not None)
        menu.addSeparator()
        delete = menu.addAction("Delete\tDel", self.session.remove_selected)
        delete.setEnabled(bool(self.session.movable_paths))
        for action in menu.actions():
            action.setEnabled(action.isEnabled() and not self.session.locked)
        return menu

    # ---- edits

    def edit_block(self) -> None:
        """Edit the block of the current row as text."""
        row = self._current()
        if row is None or row.entry is None or self.session.refuses_edit():
            return
        self.scrollTo(self.currentIndex())
        self.editor.open(row.path)

    def move_selection(self, step: int) -> None:
        """Move the selected blocks up (-1) or down (1) by one place, also out of their block."""
        self._move_to(self._destination(step))

    def _move_to(self, target: Path | None) -> None:
        if target is not None:
            self.session.move_to(self.session.movable_paths, target)

    def _destination(self, step: int) -> Path | None:
        return stepped(self.session.network, self.session.movable_paths, step)

    def _shifted(self, towards: int) -> Path | None:
        move = indented if towards > 0 else outdented
        return move(self.session.network, self.session.movable_paths)

    def _add(self) -> None:
        if not self.session.refuses_edit():
            self.adding.emit(self._place_behind())

    def _insert(self, block: Block) -> None:
        put(self.session, self._place_behind(), (block,))

    def _place_behind(self) -> Path:
        """Behind the current row, in an empty row of a block, or at the end."""
        row = self._current()
        if row is None:
            return (len(self.session.network),)
        return row.path if row.entry is None else (*row.path[:-1], row.path[-1] + 1)

    def _current(self) -> OutlineRow | None:
        self._later.flush()
        index = self.currentIndex()
        return self._model.rows[index.row()] if index.isValid() else None

    # ---- in step with the session

    def model(self) -> OutlineModel:
        """The rows as they are now."""
        self._later.flush()
        return self._model

    def rect_of(self, path: Path) -> QRect:
        """Where the row of the block at `path` is, in the viewport."""
        model = self.model()
        return self.visualRect(model.index(model.place_of(path) or 0))

    def _take_selection(self) -> None:
        if not self._syncing:
            self._later.ask()

    def _follow(self) -> None:
        self._syncing = True
        self._model.refresh()
        places = self._selected_places()
        self._show_selected(places)
        if places and self.currentIndex().row() not in places:
            keep = QItemSelectionModel.SelectionFlag.NoUpdate
            self.selectionModel().setCurrentIndex(self._model.index(places[-1]), keep)
        self._syncing = False

    def _selected_places(self) -> list[int]:
        """The rows of what the session has selected."""
        wanted = set(self.session.selected_paths)
        return [i for i, row in enumerate(self._model.rows) if row.path in wanted and row.entry]

    def _show_selected(self, places: list[int]) -> None:
        chosen = QItemSelection()
        for place in places:
            chosen.select(self._model.index(place), self._model.index(place))
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().select(chosen, select)

    def _tell_selection(self) -> None:
        """What is chosen is selected; of several rows of the network, what holds them in one.

        An empty row stands for the block that it belongs to.
        """
        if self._syncing:
            return
        rows = [self._model.rows[i.row()] for i in self.selectionModel().selectedIndexes()]
        self._syncing = True
        self.session.select_paths(row.path if row.entry else row.path[:-2] for row in rows)
        if len(rows) > 1:
            self._show_selected(self._selected_places())
        self._syncing = False

    # ---- for Qt

    def selectionCommand(
        self, index: ModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """What Ctrl adds is of the same row of the network; another begins anew."""
        command = super().selectionCommand(index, event)
        path = self._model.rows[index.row()].path if index.isValid() else ()
        is_beside = any(each[:-1] == path[:-1] for each in self.session.selected_paths)
        if command & QItemSelectionModel.SelectionFlag.Toggle and not is_beside:
            return QItemSelectionModel.SelectionFlag.ClearAndSelect
        return command

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._later.flush()
        super().showEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press beside the editor is going elsewhere; Qt leaves the keyboard in the field."""
        self._later.flush()
        if self.editor.is_open:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
        super().mousePressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The editor keeps to its row."""
        super().resizeEvent(event)
        self.editor.follow()
