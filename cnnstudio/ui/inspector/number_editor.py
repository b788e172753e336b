"""The editor of a number: typed, stepped, turned by the wheel or dragged by its label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from cnnstudio.blocks.settings import Fraction, Pair, WholeNumber
from cnnstudio.errors import SettingError
from cnnstudio.ui.inspector.editors import Editor
from cnnstudio.ui.inspector.setting_words import MIXED, number_words
from cnnstudio.ui.parts.fields import PAGE, Field
from cnnstudio.ui.theme import ThemeManager

_BEGINNING = re.compile(r"[-+−]|[-+−]?\.|[-+−]?(\d+\.?\d*|\.\d+)[eE][-+−]?")


class NumberEditor(Editor):
    """A field with text that stands for a number, with steppers at its end.

    Up and Down step, Page Up and Page Down step ten times (a fraction: ten times as large or
    small), Enter takes what was typed. Typing and the wheel are one gesture until the field is
    left, a stepper or a key held down is one, and so is one drag of the label. While the text is
    no number the value is the one from before the gesture.
    """

    setting: WholeNumber | Fraction | Pair

    def __init__(
        self, name: str, setting: WholeNumber | Fraction | Pair, themes: ThemeManager
    ) -> None:
        super().__init__(name, setting, themes)
        self.patient = False
        """Whether a typed number counts only when Enter is pressed or the field is left."""
        self._typing = self._half = False
        self._waiting: object = None
        self._first: object = setting.minimum
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
        """End the gesture and drop what was typed."""
        super().forget()
        self._typing = False
        self._drop_typed()
        self.field.text.clear()

    def set_value(self, value: object) -> None:
        """Show `value`; what was being typed goes on only where it is the same."""
        if self.setting.read(value) != self._value:
            self._typing = False
            self._drop_typed()
        super().set_value(value)

    def show_mixed(self, values: Sequence[object], words: str) -> None:
        """Show that the blocks differ; steps begin at the first one's value."""
        self._first = values[0]
        super().show_mixed(values, words)

    def draft(self) -> str:
        """What was typed and refused."""
        return self.field.text.text() if self.error else ""

    def restore(self, draft: str) -> None:
        """Show what was typed and refused again."""
        self.field.text.setText(draft)
        self._take_text(draft)

    def drag(self, steps: int, again: bool) -> None:
        """Change the number by `steps`, `again` in the same drag."""
        self.field.text.setFocus()
        self._take_step(steps, again)

    def _make_field(self, words: str) -> Field:
        field = Field(self._themes, steppers=True)
        field.name(words, self.setting.help)
        field.typed.connect(self._take_text)
        field.stepped.connect(self._take_step)
        field.wheeled.connect(self._take_wheel)
        field.finished.connect(self._finish)
        field.cancelled.connect(self._cancel)
        field.text.installEventFilter(self)
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
        self._half, self._waiting = True, None
        if not text.strip() or self._unfinished(text):
            self._hold("")
            return
        try:
            value = self._read(text)
        except SettingError as error:
            self._hold(str(error))
            return
        if self.patient:
            self._refuse("")
            self._waiting = value
        else:
            self._change(value)

    def _hold(self, sentence: str) -> None:
        """Let the text stand that is no number, and go back to the value from before it."""
        self._refuse(sentence)
        if self._typing and self._open and self._start is not None:
            self._value, self._open = self._start, False
            self.edited.emit(self._start, True)

    def _take_waiting(self) -> None:
        """Take the typed number that was not to count yet."""
        if self._waiting is not None:
            self._accept(self._waiting, merge=False)

    def _drop_typed(self) -> None:
        """What was typed counts no more."""
        self._half, self._waiting = False, None

    def _is_kept(self) -> bool:
        return self._half

    def _accept(self, value: object, *, merge: bool) -> None:
        self._drop_typed()
        super()._accept(value, merge=merge)

    def _change(self, value: object) -> None:
        """A change by typing or by the wheel: one gesture until the field is left."""
        merge, self._typing = self._typing, True
        self._accept(value, merge=merge)

    def _take_step(self, steps: int, again: bool) -> None:
        self._typing = False
        self._take_waiting()
        self._accept(self._stepped(steps), merge=again)
        self._show_number()

    def _take_wheel(self, steps: int) -> None:
        self._take_waiting()
        self._change(self._stepped(steps))
        self._show_number()

    def _show_number(self) -> None:
        self.field.text.setText(self._write(self._value))

    def _stepped(self, steps: int) -> object:
        low, high = self.setting.minimum, self.setting.maximum
        start = self._first if self._value is None else self._value
        if isinstance(self.setting, Fraction):
            assert isinstance(start, float)
            return max(float(low), min(float(high), stepped_fraction(start, steps, high - low)))
        assert isinstance(start, int)
        return max(low, min(high, start + steps))

    def _unfinished(self, text: str) -> bool:
        """Whether `text` is the beginning of a number, as 1e- is, so that it is no fault yet."""
        return isinstance(self.setting, Fraction) and bool(_BEGINNING.fullmatch(text.strip()))

    def _finish(self) -> None:
        self._take_waiting()
        self._typing = self._open = False
        if self._unfinished(self.field.text.text()):
            self._refuse(str(self.setting.refusal("a number", self.field.text.text())))
        if self.error:
            return
        self._drop_typed()
        kept = isinstance(self._value, float) and self.field.text.text().strip()
        if self._value is not None and not kept:
            self._show_number()

    def _cancel(self) -> None:
        self._refuse("")
        self._typing = False
        self._drop_typed()
        self.field.text.clear()
        self._take_back()

    def _refuse(self, sentence: str) -> None:
        super()._refuse(sentence)
        self.field.set_wrong(bool(sentence))


def stepped_fraction(start: float, steps: int, span: float) -> float:
    """`start` moved by `steps` of its first digit, or for a page by a factor of ten.

    Zero moves by a tenth, or where its range `span` is small by a hundredth.
    """
    value = Decimal(repr(start))
    if not value:
        first = Decimal("0.01") if span <= 1 else Decimal("0.1")
        return float(first * (1 if steps > 0 else -1))
    grows = (steps > 0) == (value > 0)
    if abs(steps) >= PAGE:
        return float(value.scaleb(1 if grows else -1))
    for _ in range(abs(steps)):
        power = value.adjusted()
        shrinks_a_digit = not grows and abs(value) == Decimal(1).scaleb(power)
        step = Decimal(1).scaleb(power - 1 if shrinks_a_digit else power)
        value += step if (value > 0) == grows else -step
    return float(value)


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
