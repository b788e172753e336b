"""The editor of the rows inside a block: one row, or several branches side by side."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.blocks import Shape
from cnnstudio.blocks.row import MOST_ROWS, Blocks, Row, Rows
from cnnstudio.errors import SettingError
from cnnstudio.ui.inspector.editors import Editor
from cnnstudio.ui.inspector.inner_row import InnerRow
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager


class Branch(QWidget):
    """A row under its title, with buttons that add to it and remove it."""

    removed = Signal()

    def __init__(self, name: str, themes: ThemeManager) -> None:
        super().__init__()
        self.title = label("caption")
        self.add = PushButton(themes, icon_name="plus")
        self.remove = PushButton(themes, icon_name="close")
        self.remove.clicked.connect(lambda: self.removed.emit())
        self.row = InnerRow(name, 0, themes, self.add)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title, 1)
        head.addWidget(self.add)
        head.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.row)

    def show_title(self, words: str, *, removable: bool) -> None:
        """Show a title, and the button that removes the row where it may go."""
        self.title.setText(words)
        self.remove.setVisible(removable)
        self.add.setAccessibleName(f"Add a block to {words.lower()}")
        self.remove.setToolTip(f"Remove {words.lower()}")
        self.remove.setAccessibleName(f"Remove {words.lower()}")


class RowsEditor(Editor):
    """What the editors of one row and of branches share: lines, which open below themselves."""

    WIDE = True

    def __init__(self, name: str, setting: Row | Rows, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        self._name = name
        self._shape: Shape | None = None
        self._locked = False
        self.mixed = label("caption", "The selected blocks have different rows.", wrap=True)
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self._column.addWidget(self.mixed)
        self._row.addLayout(self._column)

    @property
    def rows(self) -> list[InnerRow]:
        """The rows that are shown."""
        raise NotImplementedError

    def show_input(self, shape: Shape | None) -> None:
        """The size that goes into every row."""
        self._shape = shape

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        self._locked = locked
        for row in self.rows:
            row.set_locked(locked)

    def forget(self) -> None:
        """Close the settings of the inner block."""
        for row in self.rows:
            row.choose(None)

    def _offer(self, value: object, *, merge: bool = False) -> None:
        """Take the rows if they are allowed, and show what stands then."""
        try:
            rows = self.setting.read(value)
        except SettingError as error:
            self._display(self._value)
            self._refuse(str(error))
            return
        self._accept(rows, merge=merge)
        self._display(self._value)


class RowEditor(RowsEditor):
    """The blocks of one row."""

    def __init__(self, name: str, setting: Row, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        self.row = InnerRow(name, setting.minimum, themes)
        self.row.edited.connect(lambda blocks, merge: self._offer(blocks, merge=merge))
        self._column.addWidget(self.row)
        self.setFocusProxy(self.row)

    @property
    def rows(self) -> list[InnerRow]:
        """The one row."""
        return [self.row]

    def _display(self, value: object) -> None:
        self.mixed.setVisible(value is None)
        self.row.setVisible(value is not None)
        if value is not None:
            self.row.show_row(value, self._shape)  # type: ignore[arg-type]


class BranchesEditor(RowsEditor):
    """The blocks of several rows side by side, each under its title."""

    setting: Rows

    def __init__(self, name: str, setting: Rows, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        self.branches: list[Branch] = []
        self.add = PushButton(themes, "Add branch")
        self.add.setToolTip("Add an empty branch, which hands the input on")
        self.add.clicked.connect(lambda: self._offer((*self._branches(), ())))
        self._column.addWidget(self.add)

    @property
    def rows(self) -> list[InnerRow]:
        """The row of every branch."""
        return [branch.row for branch in self.branches]

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        super().set_locked(locked)
        self._show_buttons()

    def _branches(self) -> tuple[Blocks, ...]:
        return self._value or ()  # type: ignore[return-value]

    def _display(self, value: object) -> None:
        self.mixed.setVisible(value is None)
        self._fit(len(self._branches()))
        for branch, blocks in zip(self.branches, self._branches(), strict=True):
            branch.row.show_row(blocks, self._shape)
        if self.branches:
            self.setFocusProxy(self.branches[0].row)
        self._show_buttons()

    def _show_buttons(self) -> None:
        count = len(self.branches)
        self.add.setVisible(not self._locked and 0 < count < MOST_ROWS)
        removable = not self._locked and count > self.setting.minimum
        for number, branch in enumerate(self.branches, start=1):
            branch.show_title(f"Branch {number}", removable=removable)

    def _fit(self, count: int) -> None:
        while len(self.branches) < count:
            branch = self._make_branch()
            self._column.insertWidget(self._column.count() - 1, branch)
            self.branches.append(branch)
        while len(self.branches) > count:
            branch = self.branches.pop()
            branch.hide()
            self._column.removeWidget(branch)
            branch.deleteLater()

    def _make_branch(self) -> Branch:
        branch = Branch(f"{self._name}_{len(self.branches)}", self._themes)
        branch.row.edited.connect(lambda blocks, merge: self._replace(branch, blocks, merge))
        branch.row.opened.connect(lambda: self._close_others(branch))
        branch.removed.connect(lambda: self._remove(branch))
        branch.row.set_locked(self._locked)
        return branch

    def _replace(self, branch: Branch, blocks: Blocks, merge: bool) -> None:
        rows = list(self._branches())
        rows[self.branches.index(branch)] = blocks
        self._offer(tuple(rows), merge=merge)

    def _remove(self, branch: Branch) -> None:
        place = self.branches.index(branch)
        self.forget()
        self._offer(tuple(row for i, row in enumerate(self._branches()) if i != place))

    def _close_others(self, branch: Branch) -> None:
        for other in self.branches:
            if other is not branch:
                other.row.choose(None)
