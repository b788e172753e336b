"""Every declared setting gets an editor that round-trips its values and refuses bad ones."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import BLOCK_TYPES, Activation, Conv2D, Flatten
from cnnstudio.blocks.row import Row, Rows
from cnnstudio.blocks.settings import (
    Choice,
    Declared,
    Fraction,
    Pair,
    Setting,
    Switch,
    Table,
    WholeNumber,
)
from cnnstudio.errors import SettingError
from cnnstudio.network import Recipe
from cnnstudio.ui.inspector.editor_kinds import make_editor
from cnnstudio.ui.inspector.editors import ChoiceEditor, Editor, SwitchEditor
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.pair_editor import PairEditor
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.parts.buttons import SwitchButton
from cnnstudio.ui.parts.choice_fields import Combo, Segmented
from cnnstudio.ui.parts.fields import Field, Stepper
from cnnstudio.ui.parts.keyboard_place import take_what_is_typed
from cnnstudio.ui.theme import ThemeManager

SETTINGS = [
    pytest.param(name, setting, id=f"{declared.__name__}.{name}")
    for declared in (*BLOCK_TYPES, Recipe)
    for name, setting in declared.declarations().items()
]
COUNT = WholeNumber(label="Filters", help="How many.", minimum=1, maximum=4096)
RATE = Fraction(label="Rate", help="How much.", minimum=0.0, maximum=0.95)
SIZE = Pair(
    label="Padding", help="Rows.", unit="px", minimum=0, maximum=9, words={"same": "Keep size"}
)


def good_values(setting: Setting) -> list[object]:
    if isinstance(setting, Choice):
        return list(setting.options)
    if isinstance(setting, Switch):
        return [True, False]
    if isinstance(setting, Table):
        return [((0, 2), (1,)), *setting.words]
    if isinstance(setting, Row):
        return [(Conv2D(2, 3), Flatten()), (Activation("relu"),)]
    if isinstance(setting, Rows):
        return [((Conv2D(2, 3), Flatten()), ()), ((Activation("relu"),),)]
    assert isinstance(setting, (WholeNumber, Fraction, Pair))
    ends: list[object] = [setting.minimum, setting.maximum]
    if isinstance(setting, Pair):
        return [*ends, (setting.minimum, setting.maximum), *setting.words]
    return ends


def bad_texts(setting: Setting) -> list[str]:
    if isinstance(setting, WholeNumber):
        return [str(setting.minimum - 1), str(setting.maximum + 1), "1.5", "six", "1e2"]
    if isinstance(setting, Fraction):
        return [str(setting.maximum + 1), "nan", "inf", "0,5", "half"]
    assert isinstance(setting, Pair)
    return [str(setting.minimum - 1), str(setting.maximum + 1), "1.5", "samee"]


class Seen(list[tuple[object, bool]]):
    """What an editor has emitted."""

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        editor.edited.connect(lambda value, merge: self.append((value, merge)))


def shown(qtbot: QtBot, editor: Editor) -> Editor:
    qtbot.addWidget(editor)
    editor.resize(184, 60)
    with qtbot.waitExposed(editor):
        editor.show()
    return editor


def make(qtbot: QtBot, themes: ThemeManager, setting: Setting, value: object) -> Editor:
    editor = shown(qtbot, make_editor(setting, "it", themes))
    editor.set_value(value)
    return editor


def number(qtbot: QtBot, themes: ThemeManager, setting: Setting, value: object) -> NumberEditor:
    editor = make(qtbot, themes, setting, value)
    assert isinstance(editor, NumberEditor)
    return editor


def typed(qtbot: QtBot, field: Field, text: str) -> None:
    field.text.setFocus()
    field.text.selectAll()
    qtbot.keyClicks(field.text, text)


@pytest.mark.parametrize("declared", [*BLOCK_TYPES, Recipe])
def test_form_has_an_editor_for_every_setting(
    qtbot: QtBot, themes: ThemeManager, declared: type[Declared]
) -> None:
    form = SettingsForm(declared, themes)
    qtbot.addWidget(form)
    assert list(form.editors) == list(declared.declarations())
    for name, setting in declared.declarations().items():
        assert form.findChild(Editor, f"setting_{name}") is form.editors[name]
        assert setting.help in form.editors[name].toolTip()
        assert setting.unit in form.editors[name].toolTip()


@pytest.mark.parametrize(("name", "setting"), SETTINGS)
def test_values_round_trip(qtbot: QtBot, themes: ThemeManager, name: str, setting: Setting) -> None:
    editor = make_editor(setting, name, themes)
    qtbot.addWidget(editor)
    seen = Seen(editor)
    for value in good_values(setting):
        editor.set_value(value)
        assert editor.value() == value
        assert editor.error == ""
    assert not seen, "set_value is silent"


@pytest.mark.parametrize(("name", "setting"), SETTINGS)
def test_bad_values_are_refused(
    qtbot: QtBot, themes: ThemeManager, name: str, setting: Setting
) -> None:
    editor = make_editor(setting, name, themes)
    qtbot.addWidget(editor)
    good = good_values(setting)[0]
    editor.set_value(good)
    for bad in (object(), "nonsense", float("nan")):
        with pytest.raises(SettingError):
            editor.set_value(bad)
    assert editor.value() == good


@pytest.mark.parametrize(
    ("name", "setting"),
    [p for p in SETTINGS if isinstance(p.values[1], (WholeNumber, Fraction, Pair))],
)
def test_bad_text_shows_the_sentence_and_changes_nothing(
    qtbot: QtBot, themes: ThemeManager, name: str, setting: Setting
) -> None:
    editor = number(qtbot, themes, setting, good_values(setting)[0])
    for text in bad_texts(setting):
        editor.set_value(good_values(setting)[0])
        seen = Seen(editor)
        editor.field.text.setText(text)
        editor.field.typed.emit(text)
        assert editor.error.startswith(setting.label), text
        assert not seen
        assert editor.value() == good_values(setting)[0]
        qtbot.keyClick(editor.field.text, Qt.Key.Key_Escape)
        assert editor.error == ""


def test_typing_is_one_gesture_until_the_field_is_left(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = number(qtbot, themes, COUNT, 6)
    seen = Seen(editor)
    typed(qtbot, editor.field, "128")
    assert seen == [(1, False), (12, True), (128, True)]
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Return)
    typed(qtbot, editor.field, "2,000")
    assert seen[3:] == [(2, False), (20, True), (200, True), (2000, True)]
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Return)
    assert editor.field.text.text() == "2,000"


def test_escape_goes_back_to_the_value_before_the_gesture(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    editor = number(qtbot, themes, COUNT, 6)
    seen = Seen(editor)
    typed(qtbot, editor.field, "12")
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Escape)
    assert seen == [(1, False), (12, True), (6, True)]
    assert editor.field.text.text() == "6"


def test_emptied_field_comes_back_when_it_is_left(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = number(qtbot, themes, COUNT, 6)
    seen = Seen(editor)
    typed(qtbot, editor.field, "")
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Backspace)
    assert editor.error == ""
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Return)
    assert editor.field.text.text() == "6"
    assert not seen


@pytest.mark.parametrize(
    ("setting", "text", "last"),
    [(COUNT, "", 3), (COUNT, "12", 123), (RATE, "1e-", 0.001), (COUNT, "1x", 6)],
    ids=["emptied", "not to count yet", "begun", "refused"],
)
def test_what_is_half_typed_stays_while_another_program_is_used(
    qtbot: QtBot, themes: ThemeManager, setting: Setting, text: str, last: float
) -> None:
    """Regression: it was taken, or gave way to the value from before."""
    editor, other = (
        number(qtbot, themes, setting, setting.read(0.5 if setting is RATE else 6)),
        QWidget(),
    )
    seen, field = Seen(editor), editor.field.text
    editor.patient = text == "12"
    qtbot.addWidget(other)
    activate(qtbot, editor)
    typed(qtbot, editor.field, text)
    before = (field.text(), editor.error, list(seen))
    activate(qtbot, other)
    assert not field.hasFocus()
    assert (field.text(), editor.error, list(seen)) == before
    activate(qtbot, editor)
    qtbot.keyClicks(field, "3")
    field.clearFocus()
    assert seen[-1][0] == last


def test_a_menu_takes_what_is_typed_unless_it_is_the_fields_own(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    """Regression: a learning rate was trained without, or went to the copy that was edited then."""
    editor = number(qtbot, themes, COUNT, 6)
    seen, field = Seen(editor), editor.field.text
    editor.patient = True
    activate(qtbot, editor)
    typed(qtbot, editor.field, "12")
    for parent, taken in ((field, []), (editor, [12])):
        menu = QMenu(parent)
        menu.addAction("Paste")
        menu.popup(editor.mapToGlobal(QPoint(0, 0)))
        assert [value for value, *_ in seen] == taken
        menu.close()


def test_what_is_typed_is_taken_when_the_window_is_closed_from_elsewhere(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    editor, other = number(qtbot, themes, COUNT, 6), QWidget()
    seen = Seen(editor)
    editor.patient = True
    qtbot.addWidget(other)
    activate(qtbot, editor)
    typed(qtbot, editor.field, "12")
    activate(qtbot, other)
    assert not list(seen)
    take_what_is_typed(editor)
    assert [value for value, *_ in seen] == [12]


def activate(qtbot: QtBot, window: QWidget) -> None:
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_held_stepper_is_one_gesture_and_stops_at_the_end(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    editor = number(qtbot, themes, COUNT, 4094)
    seen = Seen(editor)
    plus = editor.field.findChildren(Stepper)[1]
    assert plus.accessibleName() == "Increase Filters"
    qtbot.mousePress(plus, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(seen) == 2)
    qtbot.mouseRelease(plus, Qt.MouseButton.LeftButton)
    assert seen == [(4095, False), (4096, True)]
    qtbot.mouseClick(plus, Qt.MouseButton.LeftButton)
    minus = editor.field.findChildren(Stepper)[0]
    qtbot.mouseClick(minus, Qt.MouseButton.LeftButton)
    assert seen[2:] == [(4095, False)]
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Down)
    assert seen[3:] == [(4094, False)]


def turn_wheel(target: object, delta: int) -> None:
    event = QWheelEvent(
        QPointF(20, 12),
        QPointF(20, 12),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(target, event)  # type: ignore[arg-type]


def test_wheel_needs_the_focus(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = number(qtbot, themes, COUNT, 6)
    seen = Seen(editor)
    editor.field.text.clearFocus()
    turn_wheel(editor.field, 120)
    assert not seen
    editor.field.text.setFocus()
    turn_wheel(editor.field, 120)
    turn_wheel(editor.field, 120)
    assert seen == [(7, False), (8, True)]


def test_wheel_over_an_unfocused_combo_box_changes_nothing(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    editor = make(qtbot, themes, Conv2D.declarations()["activation"], "relu")
    assert isinstance(editor, ChoiceEditor)
    assert isinstance(editor.control, Combo)
    seen = Seen(editor)
    editor.control.clearFocus()
    turn_wheel(editor.control, -120)
    assert editor.control.currentData() == "relu"
    editor.control.setFocus()
    turn_wheel(editor.control, -120)
    assert seen == [("leaky_relu", False)]


def test_fraction_takes_scientific_notation_and_keeps_it(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    editor = number(qtbot, themes, RATE, 0.5)
    seen = Seen(editor)
    typed(qtbot, editor.field, "1e-3")
    assert seen == [(0.001, False)]
    editor.set_value(0.001)
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Return)
    assert editor.field.text.text() == "1e-3"
    editor.set_value(0.25)
    assert editor.field.text.text() == "0.25"


@pytest.mark.parametrize("text", ["0.9e9", "0.9e-", "0.9x", "0.9\b\b\b"])
def test_a_text_that_ends_as_no_number_leaves_the_value_from_before_it(
    qtbot: QtBot, themes: ThemeManager, text: str
) -> None:
    """Regression: the 0.9 that it begins with was left behind."""
    editor = number(qtbot, themes, RATE, 0.5)
    edits: list[tuple[object, bool]] = []
    editor.edited.connect(lambda value, merge: edits.append((value, merge)))
    typed(qtbot, editor.field, text.rstrip("\b"))
    for _ in range(text.count("\b")):
        qtbot.keyClick(editor.field.text, Qt.Key.Key_Backspace)
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Return)
    assert editor.value() == 0.5
    assert edits[-1] == (0.5, True), "it takes its own step back"
    assert bool(editor.error) == ("\b" not in text)


def test_beginning_of_a_number_is_no_fault_until_the_field_is_left(
    qtbot: QtBot, themes: ThemeManager
) -> None:
    editor = number(qtbot, themes, RATE, 0.5)
    typed(qtbot, editor.field, "0.1e-")
    assert editor.error == ""
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Return)
    assert editor.error == "Rate must be a number, not '0.1e-'."
    assert editor.value() == 0.5, "what was refused leaves the old value"


def pair_editor(qtbot: QtBot, themes: ThemeManager, value: object) -> PairEditor:
    editor = make(qtbot, themes, SIZE, value)
    assert isinstance(editor, PairEditor)
    return editor


def test_pair_opens_into_rows_and_columns(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = pair_editor(qtbot, themes, 2)
    seen = Seen(editor)
    assert not editor.columns.isVisible()
    qtbot.mouseClick(editor.link, Qt.MouseButton.LeftButton)
    assert editor.columns.isVisible()
    assert not seen
    typed(qtbot, editor.columns, "3")
    assert seen == [((2, 3), False)]
    editor.set_value((2, 3))
    typed(qtbot, editor.columns, "2")
    assert seen[-1][0] == 2
    editor.set_value(2)
    assert editor.columns.isVisible(), "it does not close while one types"
    typed(qtbot, editor.field, "5")
    qtbot.mouseClick(editor.link, Qt.MouseButton.LeftButton)
    assert seen[-1] == (5, False)
    assert not editor.columns.isVisible()


def test_pair_shows_unequal_sides_at_once(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = pair_editor(qtbot, themes, (1, 4))
    assert (editor.field.text.text(), editor.columns.text.text()) == ("1", "4")
    editor.columns.text.setText("ten")
    seen = Seen(editor)
    editor.columns.typed.emit("ten")
    assert "whole numbers from 0 to 9" in editor.error
    assert not seen
    editor.forget()
    editor.set_value(3)
    assert not editor.columns.isVisible()
    assert editor.field.text.text() == "3"


def test_pair_takes_its_words(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = pair_editor(qtbot, themes, 2)
    seen = Seen(editor)
    button = editor.word_buttons["same"]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen == [("same", False)]
    assert editor.field.text.text() == "same"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen[-1] == (2, False)
    typed(qtbot, editor.field, "same")
    assert seen[-1][0] == "same"
    assert button.isChecked()


def test_short_choices_become_segments(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = make(qtbot, themes, Conv2D.declarations()["rounding"], "exact")
    assert isinstance(editor, ChoiceEditor)
    assert isinstance(editor.control, Segmented)
    seen = Seen(editor)
    qtbot.mouseClick(editor.control.buttons["floor"], Qt.MouseButton.LeftButton)
    assert seen == [("floor", False)]
    long = make(qtbot, themes, Recipe.declarations()["optimizer"], "adam")
    assert isinstance(long.focusProxy(), Combo)


def test_switch_is_switched_by_space(qtbot: QtBot, themes: ThemeManager) -> None:
    editor = make(qtbot, themes, Conv2D.declarations()["bias"], True)
    assert isinstance(editor, SwitchEditor)
    seen = Seen(editor)
    qtbot.keyClick(editor.findChild(SwitchButton), Qt.Key.Key_Space)
    assert seen == [(False, False)]


@pytest.mark.parametrize(("name", "setting"), SETTINGS)
def test_locked_editor_takes_nothing(
    qtbot: QtBot, themes: ThemeManager, name: str, setting: Setting
) -> None:
    editor = make(qtbot, themes, setting, good_values(setting)[0])
    seen = Seen(editor)
    editor.set_locked(True)
    target = editor.focusProxy()
    assert target is not None
    inner = target.text if isinstance(target, Field) else target
    qtbot.keyClicks(inner, "7")
    qtbot.keyClick(inner, Qt.Key.Key_Up)
    qtbot.mouseClick(inner, Qt.MouseButton.LeftButton)
    turn_wheel(target, 120)
    assert not seen
    for stepper in editor.findChildren(Stepper):
        assert not stepper.isVisible()


def test_unknown_kind_of_setting_is_an_error(themes: ThemeManager) -> None:
    with pytest.raises(TypeError, match="no editor"):
        make_editor(Setting(label="New", help="A kind without an editor."), "it", themes)
