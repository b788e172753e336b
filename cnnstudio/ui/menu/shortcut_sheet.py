"""The sheet of all keys and gestures, made from the table of actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.menu.action_set import ActionSet, key_words
from cnnstudio.ui.menu.actions import MENUS
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.overlay import Overlay
from cnnstudio.ui.theme import ThemeManager

WIDTH, HEIGHT, TOP = 1240, 760, 56
COLUMNS = 4
KEYS = 108
"""Width of the column with the keys, in pixels."""

Line = tuple[str, str]
"""Keys or a gesture, and what they do."""


@dataclass(frozen=True)
class Group:
    """Lines under a heading."""

    title: str
    lines: tuple[Line, ...]


GESTURES = (
    Group(
        "Canvas, mouse",
        (
            ("Drag from Blocks", "Insert where it is dropped"),
            ("Drag a card", "Move it; on Blocks, delete it"),
            ("Ctrl+drag", "Copy a card"),
            ("Drag the ground", "Select the cards in a frame"),
            ("Click +", "Insert a block there"),
            ("Double-click", "Card: settings; ground: insert"),
            ("Right-click", "Menu of what is there"),
            ("Shift+click", "Select up to here"),
            ("Ctrl+click", "Select it too, or not"),
            ("Ctrl+wheel, pinch", "Zoom about the pointer"),
            ("Space+drag", "Move the view"),
            ("Middle button", "Move the view"),
            ("Escape", "Give up the gesture"),
        ),
    ),
    Group(
        "Canvas, keyboard",
        (
            ("Arrow keys", "Go to another card"),
            ("Shift+arrows", "Extend the selection"),
            ("Alt+arrows", "Move the selected cards"),
            ("Home, End", "First or last card"),
            ("Letters, Insert", "Insert a block by typing"),
            ("Shift+Enter", "Insert, and go on typing"),
            ("Enter", "Go to the settings"),
            ("Backspace", "Delete"),
        ),
    ),
    Group(
        "Time machine",
        (
            ("Arrow keys", "A snapshot back, or on"),
            ("Page Up, Down", "Twice or half the steps"),
            ("Home", "Before the first step"),
            ("Space", "Play or halt"),
            ("End, Escape", "Back to now"),
        ),
    ),
    Group(
        "Training curves",
        (
            ("Arrow keys", "Values of the step beside"),
            ("Drag, +", "Look closer at a span"),
            ("Double-click, 0", "All epochs"),
        ),
    ),
    Group(
        "Outline",
        (
            ("Insert, +", "Add a block behind the row"),
            ("F2, Enter", "Edit the block as text"),
            ("Alt+Enter", "Go to the settings"),
            ("Alt+Up, Down", "Move the selected rows"),
            ("Alt+Right, Left", "Into the block above, or out"),
            ("Letters", "Go to a block by its name"),
        ),
    ),
    Group(
        "Fields of the inspector",
        (
            ("Up, Down, wheel", "One more, one less"),
            ("Page Up, Down", "Ten more, ten less"),
            ("Alt+Delete", "Back to the default"),
        ),
    ),
)
"""What widgets do with the mouse and with keys of their own."""


def groups(actions: ActionSet) -> list[Group]:
    """The actions that have keys by menus, then the gestures."""
    found = []
    for title in MENUS:
        lines = _lines(actions, title)
        if lines:
            found.append(Group(title, lines))
    return [*found, *GESTURES]


def _lines(actions: ActionSet, menu: str) -> tuple[Line, ...]:
    """The actions of `menu`; those of no menu stand under Help."""
    lines = []
    for name, spec in actions.specs.items():
        top = spec.menu.partition("/")[0] or "Help"
        keys = actions.by_name[name].shortcuts()
        if top == menu and keys:
            words = ", ".join(dict.fromkeys(map(key_words, keys)))
            lines.append((words, spec.text.removesuffix("…")))
    return tuple(lines)


def in_columns(parts: Sequence[Group], columns: int) -> list[list[Group]]:
    """The groups one below the other in columns of about equal height, in their order."""
    heights = [len(part.lines) + 2 for part in parts]
    share = sum(heights) / columns
    filled: list[list[Group]] = [[] for _ in range(columns)]
    used = 0.0
    for part, height in zip(parts, heights, strict=True):
        filled[min(int((used + height / 2) / share), columns - 1)].append(part)
        used += height
    return filled


class ShortcutSheet(Overlay):
    """Opens over the window; Escape, F1 or a click beside it closes it."""

    def __init__(self, window: QWidget, themes: ThemeManager, actions: ActionSet) -> None:
        super().__init__(window, themes, WIDTH, HEIGHT, TOP)
        self.setObjectName("shortcutSheet")
        self.setAccessibleName("Keys and gestures")
        self.area = SheetArea(self)
        title = label("name", "Keys and gestures")
        title.setContentsMargins(24, 18, 24, 10)
        self.column.addWidget(title)
        self.column.addWidget(self.area, 1)
        self._actions = actions

    def toggle(self) -> None:
        """Open it, or close it."""
        if self.is_open:
            self.close_and_return()
            return
        sheet = page(groups(self._actions))
        self.area.setWidget(sheet)
        super().open()
        self.fit(sheet.sizeHint().height() + 64)
        self.area.setFocus(Qt.FocusReason.ShortcutFocusReason)


class SheetArea(QScrollArea):
    """The page of the sheet; while it is open no shortcut of the window fires."""

    def __init__(self, sheet: ShortcutSheet) -> None:
        super().__init__()
        self._sheet = sheet
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Keys and gestures")
        self.setStyleSheet(
            "QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; }"
        )

    def event(self, event: QEvent) -> bool:
        """Keep every key here while the sheet is open."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape, Enter, F1 and Ctrl+? close; the others scroll."""
        closing = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_F1, Qt.Key.Key_Question)
        if event.key() in closing:
            self._sheet.close_and_return()
        else:
            super().keyPressEvent(event)


def page(parts: Sequence[Group]) -> QWidget:
    """The groups in columns."""
    result = QWidget()
    row = QHBoxLayout(result)
    row.setContentsMargins(24, 0, 24, 20)
    row.setSpacing(20)
    for column in in_columns(parts, COLUMNS):
        place = QVBoxLayout()
        place.setSpacing(18)
        for part in column:
            place.addWidget(_group(part))
        place.addStretch(1)
        row.addLayout(place, 1)
    return result


def _group(part: Group) -> QWidget:
    result = QWidget()
    result.setAccessibleName(part.title)
    grid = QGridLayout(result)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, KEYS)
    grid.setColumnStretch(1, 1)
    grid.addWidget(label("heading", part.title), 0, 0, 1, 2)
    for number, (keys, words) in enumerate(part.lines, 1):
        grid.addWidget(_words(label("label", keys)), number, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_words(label("", words, wrap=True)), number, 1)
    return result


def _words(made: QLabel) -> QLabel:
    """A label for reading: a screen reader says its text."""
    made.setAccessibleName(made.text())
    return made
