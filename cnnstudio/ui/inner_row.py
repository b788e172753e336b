"""A row of blocks inside a block: its lines, and the settings of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.row import Blocks, keys, name_of
from cnnstudio.errors import SizeError
from cnnstudio.ui import icons
from cnnstudio.ui.block_menu import fill_block_menu
from cnnstudio.ui.buttons import PushButton
from cnnstudio.ui.canvas.paint import elided, width_of
from cnnstudio.ui.fields import RADIUS, rounded
from cnnstudio.ui.labels import draw_tile, label
from cnnstudio.ui.settings_form import SettingsForm
from cnnstudio.ui.theme import ThemeManager, font
from cnnstudio.ui.typography import pretty, size

LINE = 28
TILE = 16
INDENT = 12


class Inner(NamedTuple):
    """A block in a row, and what is known about it there; `problem` is why it does not fit."""

    name: str
    block: Block
    input_shape: Shape | None
    output_shape: Shape | None
    problem: str = ""


def inner_blocks(blocks: Blocks, shape: Shape | None) -> list[Inner]:
    """The blocks of a row that gets `shape`; behind one that does not fit nothing is known."""
    found = []
    for key, block in zip(keys(blocks), blocks, strict=True):
        output, problem = None, ""
        if shape is not None:
            try:
                output = block.output_shape(shape)
            except SizeError as error:
                problem = f"Does not fit: {error}."
        found.append(Inner(name_of(key), block, shape, output, problem))
        shape = output
    return found


class InnerLine(QAbstractButton):
    """One block as a line: glyph, name, settings in words, size or what is wrong."""

    pressed_key = Signal(object)
    """A key that is not the button's own, as a QKeyEvent; accepted where it meant something."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._inner: Inner | None = None
        self.setCheckable(True)
        self.setFixedHeight(LINE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_inner(self, inner: Inner) -> None:
        """Show a block."""
        if inner == self._inner:
            return
        self._inner = inner
        state = inner.problem or f"output {size(inner.output_shape)}"
        words = f"{inner.name}, {pretty(inner.block.summary())}"
        self.setAccessibleName(f"{words}, {pretty(state)}")
        self.setToolTip(f"{words}\n{pretty(inner.problem)}".strip())
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(120, LINE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens as Space does; the other keys are the row's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        event.ignore()
        self.pressed_key.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line."""
        inner = self._inner
        if inner is None:
            return
        theme = self._themes.theme
        painter = QPainter(self)
        hot = self.underMouse()
        fill = theme.color("accenttint" if self.isChecked() else "field")
        line = theme.color("accent") if self.hasFocus() else theme.color("strong") if hot else None
        rounded(painter, QRectF(self.rect()), RADIUS, fill, line, 1.5 if self.hasFocus() else 1.0)
        glyph = icons.block_icon_name(inner.block)
        tile = QRectF(6, (LINE - TILE) / 2, TILE, TILE)
        draw_tile(painter, tile, inner.block.family, glyph, self._themes)
        self._paint_words(painter, inner)

    def _paint_words(self, painter: QPainter, inner: Inner) -> None:
        theme = self._themes.theme
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        name = elided(inner.name, self.width() - 60, 12, 500)
        painter.setFont(font(12, 500))
        painter.setPen(theme.color("errortext" if inner.problem else "text"))
        painter.drawText(self.rect().adjusted(28, 0, 0, 0), middle, name)
        left = 28 + width_of(name, 12, 500) + 8
        shown = "" if inner.problem else size(inner.output_shape)
        room = self.width() - left - 14 - max(14.0, width_of(shown, 11, 500))
        painter.setFont(font(11, 500, tabular=True))
        painter.drawText(self.rect().adjusted(0, 0, -8, 0), middle | right, shown)
        if inner.problem:
            mark = QRectF(self.width() - 22, (LINE - 14) / 2, 14, 14)
            icons.draw(painter, "alert", theme.color("error"), mark)
        painter.setFont(font(11))
        painter.setPen(theme.color("text2"))
        words = elided(pretty(inner.block.summary()), max(0.0, room - 4), 11)
        painter.drawText(self.rect().adjusted(round(left), 0, 0, 0), middle, words)


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
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
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
        else:
            self.add.setFocus(Qt.FocusReason.OtherFocusReason)

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
