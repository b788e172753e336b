"""One editor for each kind of setting, made from its declaration: label, help, range, message."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.blocks import Shape
from cnnstudio.blocks.settings import (
    Choice,
    Setting,
    Switch,
)
from cnnstudio.ui.inspector.setting_words import MIXED, tooltip
from cnnstudio.ui.parts.buttons import SwitchButton
from cnnstudio.ui.parts.choice_fields import Combo, Segmented
from cnnstudio.ui.parts.keyboard_place import goes_elsewhere
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

SEGMENTS = 4
SEGMENT_LETTERS = 22
"""A choice of at most so many options, with so many letters together, becomes segments."""


class Editor(QWidget):
    """The editor of one setting. `edited` carries the new value and whether it merges.

    A change merges when it belongs to the same gesture as the change before (a stepper held down,
    a number being typed, the wheel), so that the gesture becomes one undo step. A text that the
    declaration refuses shows its sentence below the field and emits nothing. Escape goes back to
    the value from before the gesture; a gesture ends when the keyboard goes elsewhere.
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
        self._start: object = None
        self._open = False
        self.default: object = dataclasses.MISSING
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

    def set_default(self, default: object) -> None:
        """Tell the value that the setting has by itself; the tooltip names it."""
        self.default = default
        self.setToolTip(tooltip(self.setting, default))

    @property
    def changed(self) -> bool:
        """Whether the value is known to be another than the default."""
        known = self.default is not dataclasses.MISSING and self._value is not None
        return known and self._value != self.default

    def reset(self) -> None:
        """Put the default back, as one step."""
        self.offer(self.default)

    def offer(self, value: object, *, merge: bool = False) -> None:
        """Take `value` as if the person had chosen it here."""
        self._accept(value, merge=merge)
        self._display(self._value)

    def set_value(self, value: object) -> None:
        """Show `value` without a signal; SettingError if bad.

        A text that means it is kept, and so is one that was refused, or is not finished, while
        nothing else changes.
        """
        value = self.setting.read(value)
        if self._is_kept() and value == self._value:
            return
        self._open = self._open and value == self._value
        self._value = value
        self._refuse("")
        self.setToolTip(tooltip(self.setting, self.default))
        self._display(value)

    def show_mixed(self, values: Sequence[object], words: str) -> None:
        """Show that the selected blocks differ: their `values`, and the same in words."""
        self.setToolTip(f"{tooltip(self.setting, self.default)}\n{words}")
        if self._is_kept() and self._value is None:
            return
        self._value, self._open = None, False
        self._refuse("")
        self._display(None)

    def draft(self) -> str:
        """The text that was refused and is still there; empty when there is none."""
        return ""

    def restore(self, draft: str) -> None:
        """Show a `draft` again, with its sentence."""

    def forget(self) -> None:
        """End any gesture and drop what was typed, because another block is shown next."""
        self._open = False
        self._refuse("")

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes the gesture back."""
        if event.key() == Qt.Key.Key_Escape and self._open:
            self._take_back()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A gesture ends when the keyboard goes elsewhere."""
        if isinstance(event, QFocusEvent) and event.lostFocus():
            self._open = self._open and not goes_elsewhere(event)
        return super().eventFilter(watched, event)

    def _is_kept(self) -> bool:
        """Whether there is a text that does not mean the value and must stay."""
        return bool(self.error)

    def set_locked(self, locked: bool) -> None:
        """Take no input while `locked`."""
        raise NotImplementedError

    def _display(self, value: object) -> None:
        raise NotImplementedError

    def _accept(self, value: object, *, merge: bool) -> None:
        """Take `value`; with `merge` as part of the present gesture, if that has changed anything.

        A gesture that is back where it began has left no step, so the next change makes one.
        """
        self._refuse("")
        goes_on = merge and self._open
        if not goes_on:
            self._start = self._value
        self._open = goes_on
        if value != self._value:
            self._value, self._open = value, value != self._start
            self.edited.emit(value, goes_on)

    def _take_back(self) -> None:
        """Go back to the value from before the gesture, which then is no step at all."""
        if self._open and self._start is not None:
            self._accept(self._start, merge=True)
        self._open = False
        self._display(self._value)

    def _refuse(self, sentence: str) -> None:
        self._error.setText(pretty(sentence))
        self._error.setVisible(bool(sentence))


class ChoiceEditor(Editor):
    """Segments for a few short options, otherwise a combo box."""

    def __init__(self, name: str, setting: Choice, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        letters = sum(len(words) for words in setting.options.values())
        short = len(setting.options) <= SEGMENTS and letters <= SEGMENT_LETTERS
        self.control: Segmented | Combo = (
            Segmented(setting.options, themes) if short else self._combo(setting.options)
        )
        self.control.chosen.connect(self._take)
        for part in self.control.parts():
            part.installEventFilter(self)
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
        combo.setPlaceholderText(MIXED)
        return combo

    def show_mixed(self, values: Sequence[object], words: str) -> None:
        """Mark the options that some of the blocks have."""
        super().show_mixed(values, words)
        if isinstance(self.control, Segmented):
            self.control.show_used({str(value) for value in values})

    def _take(self, word: str, merge: bool) -> None:
        self._accept(word, merge=merge)

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
        self._mixed = label("hint", MIXED)
        self._row.addWidget(self.button)
        self._row.addWidget(self._mixed)
        self._row.addStretch(1)
        self.setFocusProxy(self.button)

    def set_locked(self, locked: bool) -> None:
        """Disabled."""
        self.button.setEnabled(not locked)

    def _display(self, value: object) -> None:
        self.button.setChecked(value is True)
        self.button.set_mixed(value is None)
        self._mixed.setVisible(value is None)
