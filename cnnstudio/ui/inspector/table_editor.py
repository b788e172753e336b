"""The editor of a connection table: named tables as buttons, and a grid of cells to click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout

from cnnstudio.blocks import Shape
from cnnstudio.blocks.connection_table import TABLES
from cnnstudio.blocks.settings import Links, Table
from cnnstudio.ui.inspector.editors import Editor
from cnnstudio.ui.inspector.setting_words import MIXED
from cnnstudio.ui.inspector.table_grid import CELL, TOP, TableGrid
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager

MOST_ROWS = 16
"""So many input maps are seen without scrolling."""


class TableEditor(Editor):
    """Which maps each filter sees; the last filter can be removed, and one that sees all added."""

    WIDE = True
    setting: Table

    def __init__(self, name: str, setting: Table, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        self._maps: int | None = None
        self._locked = False
        self.words = label("caption")
        self.fewer = self._button("minus", "Remove the last filter", self._remove_filter)
        self.more = self._button("plus", "Add a filter that sees all maps", self._add_filter)
        self.word_buttons = {word: self._word_button(word) for word in setting.words}
        self.grid = TableGrid(themes)
        self.grid.toggled.connect(self._toggle)
        self.grid.installEventFilter(self)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.grid)
        self.setFocusProxy(self.grid)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.words, 1)
        for button in (*self.word_buttons.values(), self.fewer, self.more):
            head.addWidget(button)
        column = QVBoxLayout()
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.area)
        self._row.addLayout(column)

    def show_input(self, shape: Shape | None) -> None:
        """As many rows as the input has maps."""
        self._maps = None if shape is None or shape.is_flat else shape[0]

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        self._locked = locked
        self.grid.set_locked(locked)
        for button in (self.fewer, self.more, *self.word_buttons.values()):
            button.setVisible(not locked)

    @property
    def links(self) -> Links:
        """For each filter the maps that it sees; empty where the selected blocks differ."""
        value = self._value
        return TABLES[value] if isinstance(value, str) else value or ()  # type: ignore[return-value]

    def _button(self, icon_name: str, words: str, act: Callable[[], None]) -> PushButton:
        button = PushButton(self._themes, icon_name=icon_name)
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(lambda _on=False: act())
        return button

    def _word_button(self, word: str) -> PushButton:
        button = PushButton(self._themes, self.setting.words[word])
        button.setCheckable(True)
        button.setToolTip(f"The table of {self.setting.words[word]}")
        button.clicked.connect(lambda: self._change(word))
        return button

    def _display(self, value: object) -> None:
        links = self.links
        needed = 1 + max((row[-1] for row in links), default=-1)
        known = needed if self._maps is None else self._maps
        maps = max(needed, known)
        self.grid.show_table(links, maps, known)
        self.area.setFixedHeight(self._height(maps))
        self.area.setVisible(value is not None)
        count = sum(map(len, links))
        self.words.setText(MIXED if value is None else f"{len(links)} filters, {count} links")
        self.fewer.setEnabled(len(links) > 1)
        self.more.setEnabled(0 < len(links) < self.setting.maximum)
        for word, button in self.word_buttons.items():
            button.setChecked(word == value)

    def _height(self, maps: int) -> int:
        """That of the grid up to a bound, and of a scroll bar where the filters need one."""
        bar = self.area.horizontalScrollBar().sizeHint().height() + 2
        wide = self.grid.width() > self.width() > 0
        return TOP + min(maps, MOST_ROWS) * CELL + (bar if wide else 0)

    def _toggle(self, row: int, column: int, linked: bool, again: bool) -> None:
        links = [set(maps) for maps in self.links]
        if linked:
            links[column].add(row)
        elif len(links[column]) > 1:
            links[column].discard(row)
        else:
            self._refuse(f"Filter {column + 1} must see at least one map.")
            return
        self._change(tuple(tuple(sorted(maps)) for maps in links), merge=again)

    def _add_filter(self) -> None:
        maps = self._maps or 1 + max(row[-1] for row in self.links)
        self._change((*self.links, tuple(range(maps))))

    def _remove_filter(self) -> None:
        self._change(self.links[:-1])

    def _change(self, value: Links | str, *, merge: bool = False) -> None:
        self._accept(value, merge=merge)
        self._display(self._value)
