"""The buttons of an open block: close it, add a branch, remove one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGraphicsItem

from cnnstudio.blocks.row import MOST_ROWS
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.button import Chip, IconButton
from cnnstudio.ui.canvas.nested_layout import Frame
from cnnstudio.ui.canvas.nested_paint import Sketch
from cnnstudio.ui.theme import ThemeManager

_SIDE, _TINY = 22.0, 18.0


class Buttons:
    """`close` asks to close the frame, `add` for a branch, and `removers` to remove theirs."""

    def __init__(
        self,
        frame: QGraphicsItem,
        themes: ThemeManager,
        attic: Attic,
        ask_close: Callable[[], None],
        ask_add: Callable[[], None],
        ask_remove: Callable[[int], None],
    ) -> None:
        self._frame, self._themes, self._attic = frame, themes, attic
        self._ask_remove = ask_remove
        self.close = self._button("chevron-up", "Close (Enter)", ask_close, _SIDE)
        self.add = Chip("Add branch", False, themes, ask_add, frame)
        self.add.setToolTip("Add an empty branch, which hands on what goes in")
        self.add.setZValue(2)
        self.removers: list[IconButton] = []

    def fit(self, rows: int) -> None:
        """Have a button to remove each of so many rows."""
        while len(self.removers) > rows:
            self._attic.take(self.removers.pop())
        while len(self.removers) < rows:
            number = len(self.removers)
            words = f"Remove branch {number + 1} with its blocks"
            self.removers.append(
                self._button("close", words, partial(self._ask_remove, number), _TINY)
            )

    def show(self, *, can_branch: bool) -> None:
        """Show those that can be used; `can_branch`, rows can be added and removed."""
        rows = len(self.removers)
        self.add.setVisible(can_branch and rows < MOST_ROWS)
        for button in self.removers:
            button.setVisible(can_branch and rows > 1)

    def place(self, frame: Frame) -> None:
        """Put them into their corners."""
        width = frame.size.width()
        self.close.setPos(width - _SIDE - 10, 9)
        self.add.setPos(width - 40 - self.add.boundingRect().width(), 8)
        for button, strip in zip(self.removers, frame.strips, strict=True):
            x = strip.grid.metrics.corner.x() + Sketch.label_width(len(self.removers)) + 4
            button.setPos(x, strip.area.top() + 1)

    def _button(
        self, icon: str, words: str, clicked: Callable[[], None], side: float
    ) -> IconButton:
        button = IconButton(icon, side, self._themes, clicked, self._frame, icon_size=14, bare=True)
        button.setToolTip(words)
        button.setZValue(2)
        return button
