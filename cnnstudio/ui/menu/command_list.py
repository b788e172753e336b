"""The command list: a field that finds every action by a few letters, and runs it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QKeyCombination, QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from cnnstudio.ui.menu.command import Command, Source
from cnnstudio.ui.menu.command_rows import EDGE, ROW, CommandDelegate, Row, ranked
from cnnstudio.ui.parts.held_field import BARE, HeldField
from cnnstudio.ui.parts.overlay import Overlay
from cnnstudio.ui.parts.row_list import ChoiceList, RowModel
from cnnstudio.ui.theme import ThemeManager

WIDTH, TOP = 620, 56
MOST_ROWS, FIELD = 12, 48
MOST_RECENT = 8
"""How many of the commands that were run last come first."""

_OWN_KEYS = QKeyCombination(
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_P
)
"""What opened the list closes it again."""


class CommandList(Overlay):
    """Opens over the window with what `source` gives at that moment."""

    def __init__(self, window: QWidget, themes: ThemeManager, source: Source) -> None:
        super().__init__(window, themes, WIDTH, FIELD + MOST_ROWS * ROW, TOP)
        self.setObjectName("commandList")
        self.setAccessibleName("Command list")
        self._source = source
        self._commands: Sequence[Command] = ()
        self.recent: list[str] = []
        self.field = HeldField(self.take_key)
        self.field.setPlaceholderText("Type what you want to do")
        self.field.setAccessibleName("Command")
        self.field.setStyleSheet(BARE)
        self.view = ChoiceList("Commands", MOST_ROWS)
        self._model: RowModel[Row] = RowModel(self.view)
        self.view.setModel(self._model)
        self.view.setItemDelegate(CommandDelegate(self.view, themes))
        self.empty = QLabel("Nothing matches. Try fewer letters.")
        self.empty.setProperty("role", "caption")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._lay_out()
        self.field.textChanged.connect(self._filter)
        self.view.clicked.connect(self._run)

    def _lay_out(self) -> None:
        top = QWidget()
        top.setFixedHeight(FIELD - 2)
        self.field.setParent(top)
        self.field.setGeometry(EDGE, 4, WIDTH - 2 * EDGE, FIELD - 10)
        line = QFrame()
        line.setProperty("role", "line")
        for widget in (top, line, self.view, self.empty):
            self.column.addWidget(widget)
        self.column.setContentsMargins(1, 1, 1, 7)

    # ---- opening and closing

    def toggle(self) -> None:
        """Open it, or close it."""
        if self.is_open:
            self.close_and_return()
            return
        self._commands = tuple(self._source())
        super().open()
        self.field.clear()
        self._filter()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key means for the list; whether it means something."""
        key = Qt.Key(event.key())
        if self.view.take_key(event):
            self._describe()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run(self.view.currentIndex())
        elif key == Qt.Key.Key_Escape or event.keyCombination() == _OWN_KEYS:
            self.close_and_return()
        else:
            return False
        return True

    # ---- inside

    @property
    def rows(self) -> list[Row]:
        """What is shown now."""
        return self._model.rows

    def _filter(self) -> None:
        self._model.show(ranked(self.field.text(), self._commands, self.recent))
        count = len(self.rows)
        self.view.setVisible(count > 0)
        self.empty.setVisible(count == 0)
        self.fit(FIELD + 8 + ROW * min(count or 2, MOST_ROWS))
        self.view.choose(0)
        self._describe()

    def _describe(self) -> None:
        """Tell a screen reader, which is at the field, what is chosen."""
        index = self.view.currentIndex()
        spoken = index.data(Qt.ItemDataRole.AccessibleTextRole) if index.isValid() else "no match"
        self.field.setAccessibleDescription(spoken)

    def _run(self, index: QModelIndex) -> None:
        """Close the list and run the command; one that cannot be run leaves the list open."""
        if not index.isValid():
            return
        command = self.rows[index.row()].command
        if command.refusal is not None:
            return
        self.recent = [command.key, *(key for key in self.recent if key != command.key)]
        del self.recent[MOST_RECENT:]
        self.close_and_return()
        command.run()
