"""A row of blocks inside a block: its lines, and the settings of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.row import Blocks
from cnnstudio.ui.inspector.inner_detail import Detail
from cnnstudio.ui.inspector.inner_line import Inner, InnerLine, inner_blocks
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.palette.block_menu import fill_block_menu
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.passing_menu import passing_menu
from cnnstudio.ui.theme import ThemeManager


class InnerRow(QWidget):
    """The lines of one row and the way to add to it.

    `edited` carries the new row and whether the change merges with the one before, `opened` comes
    when a block is chosen. Del removes, Alt+Up and Alt+Down move, Ctrl+D duplicates, Insert or +
    adds after the line that has the keyboard focus. The button that adds stands below the lines,
    unless another one is given.
    """

    edited = Signal(object, bool)
    opened = Signal()

    def __init__(
        self, name: str, minimum: int, themes: ThemeManager, add: PushButton | None = None
    ) -> None:
        super().__init__()
        self._name = name
        self._minimum = minimum
        self._themes = themes
        self._blocks: Blocks = ()
        self._inners: list[Inner] = []
        self._locked = False
        self.chosen: int | None = None
        """The place of the block whose settings are shown."""
        self.lines: list[InnerLine] = []
        self.forms: dict[type[Block], SettingsForm] = {}
        self.detail = Detail(themes)
        self._revealing = QTimer(self, singleShot=True, interval=0)
        self._revealing.timeout.connect(self._reveal)
        self.add = add or PushButton(themes, "Add block")
        self.add.setToolTip("Add a block after the chosen one, or at the end")
        self.add.clicked.connect(lambda: self.open_menu())
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.empty = label("caption", "Empty: it hands its input on.")
        self._column.addWidget(self.detail)
        self._column.addWidget(self.empty)
        if add is None:
            self._column.addWidget(self.add)
        self._connect_buttons()

    def _connect_buttons(self) -> None:
        detail = self.detail
        for button, act in (
            (detail.up, lambda place: self.shift(place, -1)),
            (detail.down, lambda place: self.shift(place, 1)),
            (detail.duplicate, self.duplicate),
            (detail.delete, self.remove),
        ):
            button.clicked.connect(lambda _on=False, act=act: self._act(act))

    # ---- for the editor

    def show_row(self, blocks: Blocks, shape: Shape | None) -> None:
        """Show the blocks of a row that gets `shape`, None where it is not known."""
        self._blocks, self._inners = blocks, inner_blocks(blocks, shape)
        self._fit_lines(len(blocks))
        self.setFocusProxy(self.lines[0] if self.lines else self.add)
        self.empty.setVisible(not blocks)
        if self.chosen is not None and self.chosen >= len(blocks):
            self.chosen = None
        for place, (line, inner) in enumerate(zip(self.lines, self._inners, strict=True)):
            line.show_inner(inner)
            line.setChecked(place == self.chosen)
        self._show_detail()

    def choose(self, place: int | None) -> None:
        """Show the settings of the block at `place`, or of none."""
        fresh, self.chosen = place != self.chosen, place
        for number, line in enumerate(self.lines):
            line.setChecked(number == place)
        self._show_detail(fresh=fresh)
        if place is not None:
            self.opened.emit()

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        self._locked = locked
        self.add.setVisible(not locked)
        for button in self.detail.buttons:
            button.setVisible(not locked)
        for form in self.forms.values():
            form.set_locked(locked)

    # ---- edits

    def insert(self, block: Block) -> None:
        """Put `block` after the chosen one, or at the end, and choose it."""
        place = len(self._blocks) if self.chosen is None else self.chosen + 1
        self._put(place, block)

    def duplicate(self, place: int) -> None:
        """Put another block like that at `place` after it."""
        self._put(place + 1, self._blocks[place])

    def remove(self, place: int) -> None:
        """Take the block at `place` out, unless the row needs it."""
        if len(self._blocks) <= self._minimum:
            return
        rest = (*self._blocks[:place], *self._blocks[place + 1 :])
        self._change(rest, None)
        self._focus(min(place, len(rest) - 1))

    def shift(self, place: int, by: int) -> None:
        """Move the block at `place` up (-1) or down (1)."""
        if not 0 <= place + by < len(self._blocks):
            return
        blocks = list(self._blocks)
        blocks.insert(place + by, blocks.pop(place))
        self._change(tuple(blocks), None if self.chosen is None else place + by)
        self._focus(place + by)

    def open_menu(self) -> QMenu:
        """Offer the blocks that can be added."""
        menu = passing_menu(self)
        fill_block_menu(menu, self._themes.theme, self.insert)
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))
        return menu

    # ---- inside

    def _put(self, place: int, block: Block) -> None:
        self._change((*self._blocks[:place], block, *self._blocks[place:]), place)
        self._focus(place)

    def _act(self, act: Callable[[int], None]) -> None:
        if self.chosen is not None:
            act(self.chosen)

    def _change(self, blocks: Blocks, chosen: int | None, *, merge: bool = False) -> None:
        if not self._locked:
            self.chosen = chosen
            self.edited.emit(blocks, merge)

    def _focus(self, place: int) -> None:
        if 0 <= place < len(self.lines):
            self.lines[place].setFocus(Qt.FocusReason.OtherFocusReason)
            self._revealing.start()  # a new line is shown and placed till then
        else:
            self.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reveal(self) -> None:
        """Scroll the line with the keyboard focus into sight, and its settings where they fit."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        line = next((line for line in self.lines if line.hasFocus()), None)
        if area is None or line is None:
            return
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        if line.isChecked():
            area.ensureWidgetVisible(self.detail, 0, 8)
        area.ensureWidgetVisible(line, 0, 8)

    def _fit_lines(self, count: int) -> None:
        while len(self.lines) < count:
            line = InnerLine(self._themes)
            line.clicked.connect(lambda on, line=line: self._toggle(line, on))
            line.pressed_key.connect(lambda event, line=line: self._take_key(line, event))
            self._column.insertWidget(len(self.lines), line)
            self.lines.append(line)
        while len(self.lines) > count:
            line = self.lines.pop()
            if line.hasFocus():
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            line.hide()
            self._column.removeWidget(line)
            line.deleteLater()

    def _toggle(self, line: InnerLine, on: bool) -> None:
        self.choose(self.lines.index(line) if on else None)

    def _take_key(self, line: InnerLine, event: QKeyEvent) -> None:
        place, key = self.lines.index(line), event.key()
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(key))
        event.accept()
        if step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.shift(place, step)
        elif step is not None and 0 <= place + step < len(self.lines):
            self._focus(place + step)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove(place)
        elif key == Qt.Key.Key_D and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.duplicate(place)
        elif key in (Qt.Key.Key_Insert, Qt.Key.Key_Plus) and not self._locked:
            self.open_menu()
        else:
            event.ignore()

    def _show_detail(self, *, fresh: bool = False) -> None:
        self._column.removeWidget(self.detail)
        place = self.chosen
        self._column.insertWidget(len(self.lines) if place is None else place + 1, self.detail)
        self.detail.setVisible(place is not None)
        if place is None:
            return
        inner = self._inners[place]
        self.detail.show_inner(inner)
        self.detail.up.setEnabled(place > 0)
        self.detail.down.setEnabled(place < len(self._blocks) - 1)
        self.detail.delete.setEnabled(len(self._blocks) > self._minimum)
        form = self._form(type(inner.block))
        self._hide_forms(but=form)
        form.prefix = f"{self._name}_{place}_"
        form.set_shown(True)
        form.show_values(inner.block.values(), inner.input_shape, fresh=fresh)
        form.set_locked(self._locked)

    def _hide_forms(self, *, but: SettingsForm) -> None:
        for form in self.forms.values():
            if form is not but and not form.isHidden():
                form.set_shown(False)

    def _form(self, kind: type[Block]) -> SettingsForm:
        if kind not in self.forms:
            form = self.forms[kind] = SettingsForm(kind, self._themes)
            form.edited.connect(self._edit)
            self.detail.forms.addWidget(form)
        return self.forms[kind]

    def _edit(self, name: str, value: object, merge: bool) -> None:
        assert self.chosen is not None
        block = self._blocks[self.chosen].with_values(**{name: value})
        rest: Sequence[Block] = self._blocks[self.chosen + 1 :]
        blocks = (*self._blocks[: self.chosen], block, *rest)
        self._change(blocks, self.chosen, merge=merge)
