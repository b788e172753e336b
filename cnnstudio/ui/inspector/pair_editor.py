"""The editor of a Pair: one number for both directions, "rows x columns", or one of its words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from cnnstudio.blocks.settings import Pair
from cnnstudio.errors import SettingError
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.setting_words import MIXED, number_words
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.fields import Field
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager

NARROWEST, ROOM = 140, 168
"""Pixels: the least width, and the one that all words need beside a number."""


class PairEditor(NumberEditor):
    """One field, or two after the link between them is opened; words are buttons beside it.

    Where there is no room beside the fields the words stand below them.
    """

    setting: Pair

    def __init__(self, name: str, setting: Pair, themes: ThemeManager) -> None:
        super().__init__(name, setting, themes)
        self._split = self._locked = False
        self._number: int | tuple[int, int] = setting.minimum
        self.times: QLabel = label("hint", "×")
        self.columns: Field = self._make_field(f"{setting.label}, columns")
        self.word_buttons = {word: self._word_button(word) for word in setting.words}
        self.link = PushButton(themes, icon_name="link")
        self.link.setCheckable(True)
        self.link.setAccessibleName(f"{setting.label}: separate numbers for rows and columns")
        self.link.setToolTip("Separate numbers for rows and columns, or one for both")
        self.link.clicked.connect(self._take_link)
        self._below = self._make_line_below()
        for widget in (self.times, self.columns, *self.word_buttons.values(), self.link):
            self._row.addWidget(widget)
        for button in (*self.word_buttons.values(), self.link):
            button.installEventFilter(self)
        self._arrange()

    def _make_line_below(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(self._row.spacing())
        line.addStretch(1)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertLayout(1, line)
        return line

    def set_locked(self, locked: bool) -> None:
        """Read-only; the link and the words go away."""
        super().set_locked(locked)
        self._locked = locked
        self.columns.set_locked(locked)
        self._arrange()

    def set_marked(self, marked: bool) -> None:
        """Outline both fields."""
        super().set_marked(marked)
        self.columns.set_marked(marked)

    def forget(self) -> None:
        """Back to one field."""
        super().forget()
        self.columns.text.clear()
        self._split = False

    def show_mixed(self, values: Sequence[object], words: str) -> None:
        """Show that the blocks differ, in two fields where one of them has a pair."""
        numbers = [value for value in values if not isinstance(value, str)]
        self._number = numbers[0] if numbers else self.setting.minimum  # type: ignore[assignment]
        self._split = self._split or any(isinstance(value, tuple) for value in values)
        super().show_mixed(values, words)

    def _word_button(self, word: str) -> PushButton:
        button = PushButton(self._themes, self.setting.words[word])
        button.setCheckable(True)
        button.setToolTip(self.setting.help)
        button.clicked.connect(lambda on: self._take_word(word, on))
        return button

    def _take_word(self, word: str, on: bool) -> None:
        self._typing = False
        self.offer(word if on else self._number)

    def _take_link(self, split: bool) -> None:
        self._split = split
        if not split and isinstance(self._value, tuple):
            self._accept(self._value[0], merge=False)
        if not self.error:
            self._display(self._value)
        self._arrange()

    def _arrange(self) -> None:
        """Show the second field or not, and the words where there is room for them."""
        is_word = isinstance(self._value, str)
        split = self._split and not is_word
        self.times.setVisible(split)
        self.columns.setVisible(split)
        self.link.setChecked(split)
        self.link.setVisible(not self._locked and not is_word)
        for button in self.word_buttons.values():
            button.setVisible(not self._locked)
        self._place_words(below=split or self._is_narrow())

    def _place_words(self, *, below: bool) -> None:
        """Put the words into the line below, or between field and link."""
        old, new = (self._row, self._below) if below else (self._below, self._row)
        for button in self.word_buttons.values():
            if old.indexOf(button) >= 0:
                old.removeWidget(button)
                new.insertWidget(new.count() - 1 + below, button)

    def _is_narrow(self) -> bool:
        """Whether there is no room for all words beside a field; one word always has it."""
        return len(self.word_buttons) > 1 and 0 < self.width() < ROOM

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the words that there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """Narrower than all words together."""
        return QSize(NARROWEST, super().minimumSizeHint().height())

    def _display(self, value: object) -> None:
        if isinstance(value, tuple):
            self._split = True
        self._remember(value)
        self._arrange()
        sides = value if isinstance(value, tuple) else (value, value)
        for field, side in zip((self.field, self.columns), sides, strict=True):
            self._show_side(field, side)

    def _show_side(self, field: Field, side: object) -> None:
        text = field.text
        text.setPlaceholderText(MIXED if side is None else "")
        words = "" if side is None else self._write(side)
        if self._side(text.text()) != side or side is None:
            text.setText(words)
            text.setCursorPosition(0)

    def _side(self, text: str) -> object:
        """What `text` means: a number or a word; None when it means nothing."""
        word = text.strip().lower()
        for key, words in self.setting.words.items():
            if word in (key, words.lower()):
                return key
        try:
            return int(text)
        except ValueError:
            return None

    def _take_text(self, text: str) -> None:
        """Take what is typed, once both fields say something."""
        fields = (self.field, self.columns) if self.columns.isVisibleTo(self) else (self.field,)
        if all(field.text.text().strip() for field in fields):
            super()._take_text(text)
        else:
            self._half = True
            self._hold("")

    def _hold(self, sentence: str) -> None:
        super()._hold(sentence)
        self._remember(self._value)

    def _read(self, text: str) -> object:
        """The value that the fields stand for; raises SettingError."""
        if not self.columns.isVisibleTo(self):
            side = self._side(text)
            return self.setting.read(text if side is None else side)
        texts = (self.field.text.text(), self.columns.text.text())
        sides = tuple(self._side(t) for t in texts)
        for side, typed in zip(sides, texts, strict=True):
            if not isinstance(side, int):
                raise SettingError(
                    f"{self.setting.label} must be whole numbers from {self.setting.minimum} to "
                    f"{self.setting.maximum}, not {typed!r}."
                )
        return self.setting.read(sides)

    def _write(self, value: object) -> str:
        return number_words(value)

    def _stepped(self, direction: int) -> object:
        rows, columns = self._number if isinstance(self._number, tuple) else (self._number,) * 2
        step_rows, step_columns = direction, direction
        if self.columns.isVisibleTo(self):
            step_rows = direction if self.field.text.hasFocus() else 0
            step_columns = direction - step_rows
        return self.setting.read(
            (self._clamped(rows + step_rows), self._clamped(columns + step_columns))
        )

    def _clamped(self, side: int) -> int:
        return max(self.setting.minimum, min(self.setting.maximum, side))

    def _accept(self, value: object, *, merge: bool) -> None:
        self._remember(value)
        super()._accept(value, merge=merge)

    def _remember(self, value: object) -> None:
        """Keep the number that a word takes the place of, and check the word's button."""
        if isinstance(value, (int, tuple)):
            self._number = value
        for word, button in self.word_buttons.items():
            button.setChecked(word == value)

    def _show_number(self) -> None:
        self.forget_text()
        self._display(self._value)

    def forget_text(self) -> None:
        """Empty the fields, so that they are written anew."""
        for field in (self.field, self.columns):
            field.text.clear()

    def _cancel(self) -> None:
        self.columns.text.clear()
        super()._cancel()

    def _refuse(self, sentence: str) -> None:
        super()._refuse(sentence)
        self.columns.set_wrong(bool(sentence))
