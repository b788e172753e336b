"""One editor for each kind of setting, made from its declaration: label, help, range, message."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import singledispatch
from typing import ClassVar

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.blocks import Shape
from cnnstudio.blocks.row import Row, Rows
from cnnstudio.blocks.settings import (
    Choice,
    Fraction,
    Pair,
    Setting,
    Switch,
    Table,
    WholeNumber,
)
from cnnstudio.errors import SettingError
from cnnstudio.ui.buttons import SwitchButton
from cnnstudio.ui.fields import Combo, Field, Segmented
from cnnstudio.ui.labels import label
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

MIXED = "mixed"
"""What stands in a field when the selected blocks differ."""

_BEGINNING = re.compile(r"[-+−]|[-+−]?\.|[-+−]?(\d+\.?\d*|\.\d+)[eE][-+−]?")

SEGMENTS = 4
SEGMENT_LETTERS = 22
"""A choice of at most so many options, with so many letters together, becomes segments."""


class Editor(QWidget):
    """The editor of one setting. `edited` carries the new value and whether it merges.

    A change merges when it belongs to the same gesture as the change before (a stepper held down,
    a number being typed), so that the gesture becomes one undo step. A text that the declaration
    refuses shows its sentence below the field and emits nothing; Escape goes back to the value
    from before the gesture.
    """

    WIDE: ClassVar[bool] = False
    """Whether it needs the whole width of the form."""

    edited = Signal(object, bool)
    pointed = Signal(bool)
    """Whether the pointer is over the editor now."""

    def __init__(self, name: str, setting: Setting, themes: ThemeManager) -> None:
        super().__init__()
        self.setting = setting
        self._themes = themes
        self._value: object = None
        self.setObjectName(f"setting_{name}")
        self.setToolTip(tooltip(setting))
        self._error = label("error", wrap=True)
        self._error.hide()
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._row)
        column.addWidget(self._error)

    @property
    def error(self) -> str:
        """The sentence below the field; empty while all is well."""
        return "" if self._error.isHidden() else self._error.text()

    def value(self) -> object:
        """The last valid value; None when several blocks with different values are shown."""
        return self._value

    def set_value(self, value: object) -> None:
        """Show `value` without a signal, keeping a text that means it; SettingError if bad."""
        self._value = self.setting.read(value)
        self._refuse("")
        self._display(self._value)

    def show_mixed(self) -> None:
        """Show that the selected blocks differ."""
        self._value = None
        self._refuse("")
        self._display(None)

    def forget(self) -> None:
        """End any gesture and drop what was typed, because another block is shown next."""

    def show_input(self, shape: Shape | None) -> None:
        """Take the size of what goes into the block; None where it is not known."""

    def set_marked(self, marked: bool) -> None:
        """Stress the editor because its number is pointed at elsewhere."""

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the pointer came."""
        super().enterEvent(event)
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer went."""
        super().leaveEvent(event)
        self.pointed.emit(False)

    def set_locked(self, locked: bool) -> None:
        """Take no input while `locked`."""
        raise NotImplementedError

    def _display(self, value: object) -> None:
        raise NotImplementedError

    def _accept(self, value: object, *, merge: bool) -> None:
        self._refuse("")
        if value != self._value:
            self._value = value
            self.edited.emit(value, merge)

    def _refuse(self, sentence: str) -> None:
        self._error.setText(pretty(sentence))
        self._error.setVisible(bool(sentence))


class NumberEditor(Editor):
    """A field with text that stands for a number."""

    def __init__(
        self, name: str, setting: WholeNumber | Fraction | Pair, themes: ThemeManager
    ) -> None:
        super().__init__(name, setting, themes)
        self._typing = False
        self._before: object = None
        self.field = self._make_field(setting.label)
        self._row.addWidget(self.field)
        self.setFocusProxy(self.field)

    def set_locked(self, locked: bool) -> None:
        """Read-only, without steppers."""
        self.field.set_locked(locked)

    def set_marked(self, marked: bool) -> None:
        """Outline the field."""
        self.field.set_marked(marked)

    def forget(self) -> None:
        """End the gesture."""
        self._typing = False

    def _make_field(self, words: str) -> Field:
        field = Field(self._themes, steppers=not isinstance(self.setting, Fraction))
        field.name(words, self.setting.help)
        field.typed.connect(self._take_text)
        field.stepped.connect(self._take_step)
        field.wheeled.connect(self._take_wheel)
        field.finished.connect(self._finish)
        field.cancelled.connect(self._cancel)
        return field

    def _read(self, text: str) -> object:
        return self.setting.read(_number(text, grouped=isinstance(self.setting, WholeNumber)))

    def _write(self, value: object) -> str:
        return number_words(value)

    def _display(self, value: object) -> None:
        text = self.field.text
        text.setPlaceholderText(MIXED if value is None else "")
        if value is None:
            text.clear()
        elif not self._means(text.text(), value):
            text.setText(self._write(value))

    def _means(self, text: str, value: object) -> bool:
        try:
            return self._read(text) == value
        except SettingError:
            return False

    def _take_text(self, text: str) -> None:
        if not text.strip() or self._unfinished(text):
            self._refuse("")
            return
        try:
            value = self._read(text)
        except SettingError as error:
            self._refuse(str(error))
            return
        self._change(value)

    def _change(self, value: object) -> None:
        """A change by typing or by the wheel: one gesture until the field is left."""
        merge = self._typing
        if not merge:
            self._before = self._value
        self._typing = True
        self._accept(value, merge=merge)

    def _take_step(self, direction: int, again: bool) -> None:
        self._typing = False
        self._accept(self._stepped(direction), merge=again)
        self._show_number()

    def _take_wheel(self, direction: int) -> None:
        self._change(self._stepped(direction))
        self._show_number()

    def _show_number(self) -> None:
        self.field.text.setText(self._write(self._value))

    def _stepped(self, direction: int) -> object:
        low, high = self.setting.minimum, self.setting.maximum  # type: ignore[attr-defined]
        start = self._value if isinstance(self._value, int) else low
        return max(low, min(high, start + direction))

    def _unfinished(self, text: str) -> bool:
        """Whether `text` is the beginning of a number, as 1e- is, so that it is no fault yet."""
        return isinstance(self.setting, Fraction) and bool(_BEGINNING.fullmatch(text.strip()))

    def _finish(self) -> None:
        self._typing = False
        if self._unfinished(self.field.text.text()):
            self._refuse(str(self.setting.refusal("a number", self.field.text.text())))
        if self.error:
            return
        kept = isinstance(self._value, float) and self.field.text.text().strip()
        if self._value is not None and not kept:
            self._show_number()

    def _cancel(self) -> None:
        self._refuse("")
        if self._typing and self._before is not None:
            self._accept(self._before, merge=True)
        self._typing = False
        self.field.text.clear()
        self._display(self._value)

    def _refuse(self, sentence: str) -> None:
        super()._refuse(sentence)
        self.field.set_wrong(bool(sentence))


class ChoiceEditor(Editor):
    """Segments for a few short options, otherwise a combo box."""

    def __init__(self, name: str, setting: Choice, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        letters = sum(len(words) for words in setting.options.values())
        short = len(setting.options) <= SEGMENTS and letters <= SEGMENT_LETTERS
        self.control: Segmented | Combo = (
            Segmented(setting.options, themes) if short else self._combo(setting.options)
        )
        if isinstance(self.control, Segmented):
            self.control.chosen.connect(self._take)
        self.control.setAccessibleName(setting.label)
        self.control.setAccessibleDescription(setting.help)
        self._row.addWidget(self.control)
        self.setFocusProxy(self.control)

    def set_locked(self, locked: bool) -> None:
        """Disabled."""
        self.control.setEnabled(not locked)

    def _combo(self, options: Mapping[str, str]) -> Combo:
        combo = Combo(self._themes)
        for word, words in options.items():
            combo.addItem(words, word)
        combo.activated.connect(lambda place: self._take(combo.itemData(place)))
        return combo

    def _take(self, word: str) -> None:
        self._accept(word, merge=False)

    def _display(self, value: object) -> None:
        if isinstance(self.control, Segmented):
            self.control.set_value(None if value is None else str(value))
        else:
            self.control.setCurrentIndex(self.control.findData(value))


class SwitchEditor(Editor):
    """A switch."""

    def __init__(self, name: str, setting: Switch, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        self.button = SwitchButton(themes)
        self.button.setAccessibleName(setting.label)
        self.button.setAccessibleDescription(setting.help)
        self.button.clicked.connect(lambda on: self._accept(on, merge=False))
        self._row.addWidget(self.button)
        self._row.addStretch(1)
        self.setFocusProxy(self.button)

    def set_locked(self, locked: bool) -> None:
        """Disabled."""
        self.button.setEnabled(not locked)

    def _display(self, value: object) -> None:
        self.button.setChecked(value is True)


@singledispatch
def make_editor(setting: Setting, name: str, themes: ThemeManager) -> Editor:
    """The editor for `setting`; a kind of setting without one is a TypeError."""
    raise TypeError(f"no editor for a setting of kind {type(setting).__name__}")


@make_editor.register(WholeNumber)
@make_editor.register(Fraction)
def _number_editor(setting: WholeNumber | Fraction, name: str, themes: ThemeManager) -> Editor:
    return NumberEditor(name, setting, themes)


@make_editor.register
def _choice_editor(setting: Choice, name: str, themes: ThemeManager) -> Editor:
    return ChoiceEditor(name, setting, themes)


@make_editor.register
def _switch_editor(setting: Switch, name: str, themes: ThemeManager) -> Editor:
    return SwitchEditor(name, setting, themes)


@make_editor.register
def _pair_editor(setting: Pair, name: str, themes: ThemeManager) -> Editor:
    from cnnstudio.ui.pair_editor import PairEditor

    return PairEditor(name, setting, themes)


@make_editor.register
def _table_editor(setting: Table, name: str, themes: ThemeManager) -> Editor:
    from cnnstudio.ui.table_editor import TableEditor

    return TableEditor(name, setting, themes)


@make_editor.register
def _row_editor(setting: Row, name: str, themes: ThemeManager) -> Editor:
    from cnnstudio.ui.rows_editor import RowEditor

    return RowEditor(name, setting, themes)


@make_editor.register
def _branches_editor(setting: Rows, name: str, themes: ThemeManager) -> Editor:
    from cnnstudio.ui.rows_editor import BranchesEditor

    return BranchesEditor(name, setting, themes)


def tooltip(setting: Setting) -> str:
    """The help, and the range with its unit."""
    if isinstance(setting, (WholeNumber, Fraction, Pair)):
        low, high = number_words(setting.minimum), number_words(setting.maximum)
        return f"{setting.help}\nFrom {low} to {high} {setting.unit}".rstrip()
    return setting.help


def number_words(value: object) -> str:
    """A number as it stands in a field: ``5,000``, ``0.001``, ``1e-05``, and 1 for 1.0."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _number(text: str, *, grouped: bool) -> object:
    """`text` as an int or a float; the text itself where it is neither.

    Commas between thousands are allowed where `grouped`; elsewhere 0,5 is better refused than 5.
    """
    plain = text.strip().replace("−", "-")
    if grouped:
        plain = plain.replace(",", "")
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return text
