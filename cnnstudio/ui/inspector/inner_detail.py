"""What opens below the line of a block inside another one: its title, buttons and settings."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.ui.inspector.inner_line import Inner
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.fields import rounded
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

INDENT = 12
"""How far the settings stand in from the line above them, in pixels."""


class Detail(QWidget):
    """What stands below the chosen line: its block's title and buttons, settings, problem."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self.title = label("caption")
        self.problem = label("error", wrap=True)
        self.up = self._button("chevron-up", "Move up (Alt+Up)")
        self.down = self._button("chevron-down", "Move down (Alt+Down)")
        self.duplicate = self._button("duplicate", "Duplicate (Ctrl+D)")
        self.delete = self._button("delete", "Delete (Del)")
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.title, 1)
        for button in self.buttons:
            head.addWidget(button)
        self.forms = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(INDENT, 2, 0, 6)
        column.setSpacing(4)
        column.addLayout(head)
        column.addLayout(self.forms)
        column.addWidget(self.problem)

    @property
    def buttons(self) -> tuple[PushButton, ...]:
        """Move up, move down, duplicate, delete."""
        return (self.up, self.down, self.duplicate, self.delete)

    def _button(self, icon_name: str, words: str) -> PushButton:
        button = PushButton(self._themes, icon_name=icon_name)
        button.setToolTip(words)
        button.setAccessibleName(words.partition(" (")[0])
        return button

    def show_inner(self, inner: Inner) -> None:
        """Show the words about a block."""
        self.title.setText(inner.block.title)
        self.problem.setText(pretty(inner.problem))
        self.problem.setVisible(bool(inner.problem))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line at the left, which ties the settings to their block."""
        painter = QPainter(self)
        rounded(
            painter, QRectF(3, 2, 2, self.height() - 6), 1, self._themes.theme.color("fieldline")
        )
