"""One gesture is one undo step, whichever editor and however the person goes about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Residual,
    TableConv2D,
)
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.editors import ChoiceEditor, Editor, SwitchEditor
from cnnstudio.ui.inspector.inspector import Inspector
from cnnstudio.ui.inspector.number_editor import NumberEditor, stepped_fraction
from cnnstudio.ui.inspector.pair_editor import PairEditor
from cnnstudio.ui.inspector.setting_label import TRAVEL, DragWords, SettingLabel
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts.choice_fields import Combo, Segmented
from cnnstudio.ui.parts.fields import Stepper
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

NETWORK = Network(
    (
        Input(pad=2),
        Conv2D(6, 5, activation="relu"),
        Conv2D(16, (3, 5), padding="same", bias=False),
        Dropout(),
        MaxPool2D(),
        Residual((Conv2D(16, 3, padding=1), Conv2D(16, 3, padding=1))),
        FullyConnected(10),
    )
)
CONV, OTHER, DROPOUT, RESIDUAL = 1, 2, 3, 5

Open = Callable[[Network], Session]


@pytest.fixture
def inspector(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> Inspector:
    inspector = Inspector(open_session(NETWORK), themes)
    show(inspector)
    inspector.resize(304, 720)
    return inspector


@pytest.fixture
def session(inspector: Inspector) -> Session:
    """The inspector's session, with CONV 1 selected."""
    inspector._session.select((CONV,))
    return inspector._session


def editor(inspector: Inspector, name: str) -> Editor:
    assert inspector.form is not None
    return inspector.form.editors[name]


def number(inspector: Inspector, name: str) -> NumberEditor:
    found = editor(inspector, name)
    assert isinstance(found, NumberEditor)
    return found


def choice(inspector: Inspector, name: str) -> ChoiceEditor:
    found = editor(inspector, name)
    assert isinstance(found, ChoiceEditor)
    return found


def label(inspector: Inspector, name: str) -> SettingLabel:
    assert inspector.form is not None
    return inspector.form.labels[name]


def steps(session: Session) -> list[str]:
    return [step.words for step in session.history.steps[1:]]


def value(session: Session, index: int, name: str) -> object:
    return session.network.blocks[index].values()[name]


def typed(qtbot: QtBot, found: NumberEditor, text: str) -> None:
    found.field.text.setFocus()
    found.field.text.selectAll()
    qtbot.keyClicks(found.field.text, text)


def hold_key(target: QWidget, key: Qt.Key, times: int) -> None:
    """Press a key and keep it down, as the keyboard repeats it."""
    for count in range(times):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            if kind == QEvent.Type.KeyPress or count == times - 1:
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", count > 0)
                QApplication.sendEvent(target, event)


def turn_wheel(target: QWidget, delta: int) -> None:
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
    QApplication.sendEvent(target, event)


def drag(words: QWidget, pixels: list[int]) -> None:
    """Press on a label, move to each place in turn, and let go."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, x, button, buttons in (
        (QEvent.Type.MouseButtonPress, 0, left, left),
        *((QEvent.Type.MouseMove, x, none, left) for x in pixels),
        (QEvent.Type.MouseButtonRelease, pixels[-1], left, none),
    ):
        place = QPointF(10 + x, 10)
        event = QMouseEvent(
            kind,
            place,
            QPointF(words.mapToGlobal(place.toPoint())),
            button,
            buttons,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(words, event)


# ---- whole numbers


def test_a_typed_number_is_one_step(qtbot: QtBot, inspector: Inspector, session: Session) -> None:
    typed(qtbot, number(inspector, "filters"), "128")
    assert value(session, CONV, "filters") == 128
    assert steps(session) == ["Change filters of CONV 1"]
    session.undo()
    assert value(session, CONV, "filters") == 6


def test_two_typed_numbers_are_two_steps(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = number(inspector, "filters")
    for text in ("128", "64"):
        typed(qtbot, found, text)
        qtbot.keyClick(found.field.text, Qt.Key.Key_Return)
    assert len(steps(session)) == 2
    session.undo()
    assert value(session, CONV, "filters") == 128


def test_a_gesture_that_begins_with_the_old_value_keeps_the_step_before(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = number(inspector, "filters")
    typed(qtbot, found, "12")
    qtbot.keyClick(found.field.text, Qt.Key.Key_Return)
    qtbot.keyClick(found.field.text, Qt.Key.Key_End)
    qtbot.keyClick(found.field.text, Qt.Key.Key_Backspace)
    qtbot.keyClicks(found.field.text, "28")
    assert value(session, CONV, "filters") == 128
    session.undo()
    assert value(session, CONV, "filters") == 12
    session.undo()
    assert value(session, CONV, "filters") == 6


def test_undo_while_typing_ends_the_gesture(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = number(inspector, "filters")
    typed(qtbot, found, "12")
    qtbot.keyClick(found.field.text, Qt.Key.Key_Return)
    typed(qtbot, found, "34")
    session.undo()
    turn()
    assert found.field.text.text() == "12"
    qtbot.keyClicks(found.field.text, "5")
    assert value(session, CONV, "filters") == 125
    session.undo()
    assert value(session, CONV, "filters") == 12


def test_a_stepper_held_down_is_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    plus = number(inspector, "filters").field.findChildren(Stepper)[1]
    qtbot.mousePress(plus, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: int(str(value(session, CONV, "filters"))) >= 9)
    qtbot.mouseRelease(plus, Qt.MouseButton.LeftButton)
    assert len(steps(session)) == 1
    session.undo()
    assert value(session, CONV, "filters") == 6


def test_a_key_held_down_is_one_step_and_two_presses_are_two(
    inspector: Inspector, session: Session
) -> None:
    line = number(inspector, "filters").field.text
    line.setFocus()
    hold_key(line, Qt.Key.Key_Up, 5)
    assert value(session, CONV, "filters") == 11
    assert len(steps(session)) == 1
    hold_key(line, Qt.Key.Key_PageUp, 1)
    assert value(session, CONV, "filters") == 21
    hold_key(line, Qt.Key.Key_PageDown, 3)
    assert value(session, CONV, "filters") == 1
    assert len(steps(session)) == 3


def test_the_wheel_is_one_step_until_the_field_is_left(
    inspector: Inspector, session: Session
) -> None:
    field = number(inspector, "filters").field
    field.text.setFocus()
    for _ in range(3):
        turn_wheel(field, 120)
    assert value(session, CONV, "filters") == 9
    assert len(steps(session)) == 1
    number(inspector, "kernel").field.text.setFocus()
    field.text.setFocus()
    turn_wheel(field, -120)
    assert len(steps(session)) == 2


def test_a_touch_pad_needs_a_whole_notch(inspector: Inspector, session: Session) -> None:
    field = number(inspector, "filters").field
    field.text.setFocus()
    for _ in range(15):
        turn_wheel(field, 8)
    assert value(session, CONV, "filters") == 7
    turn_wheel(field, 112)
    turn_wheel(field, -8)
    assert value(session, CONV, "filters") == 7, "a turn back begins anew"


def test_a_drag_of_the_label_is_one_step(inspector: Inspector, session: Session) -> None:
    words = label(inspector, "filters").words
    assert isinstance(words, DragWords)
    drag(words, [TRAVEL, 3 * TRAVEL, 2 * TRAVEL, 4 * TRAVEL])
    assert value(session, CONV, "filters") == 10
    assert len(steps(session)) == 1
    drag(words, [-TRAVEL])
    assert value(session, CONV, "filters") == 9
    assert len(steps(session)) == 2


def test_a_drag_of_the_label_ends_where_the_button_is_released(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    """Regression: Qt leaves out the last move when another one waits behind the release."""
    words = label(inspector, "filters").words
    assert isinstance(words, DragWords)
    qtbot.mousePress(words, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    with qtbot.assertNotEmitted(words.clicked):
        qtbot.mouseRelease(words, Qt.MouseButton.LeftButton, pos=QPoint(4 + 4 * TRAVEL, 4))
    assert value(session, CONV, "filters") == 10


def test_a_click_on_a_label_goes_to_its_field(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    qtbot.mouseClick(label(inspector, "kernel").words, Qt.MouseButton.LeftButton)
    assert number(inspector, "kernel").field.text.hasFocus()
    assert steps(session) == []


def test_a_drag_there_and_back_leaves_no_step(inspector: Inspector, session: Session) -> None:
    drag(label(inspector, "filters").words, [3 * TRAVEL, 0])
    assert value(session, CONV, "filters") == 6
    assert steps(session) == []


def test_escape_takes_the_wheel_and_the_key_back(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    field = number(inspector, "filters").field
    field.text.setFocus()
    turn_wheel(field, 360)
    assert value(session, CONV, "filters") == 9
    qtbot.keyClick(field.text, Qt.Key.Key_Escape)
    assert value(session, CONV, "filters") == 6
    assert steps(session) == []
    assert field.text.text() == "6"


def test_undo_in_a_field_is_the_windows(qtbot: QtBot, window: MainWindow) -> None:
    session = window.session
    session.select((1,))
    window.inspector.focus_first()
    found = number(window.inspector, "filters")
    qtbot.keyClicks(found.field.text, "4")
    changed = value(session, 1, "filters")
    assert changed != 6
    window.activateWindow()
    qtbot.waitUntil(found.field.text.hasFocus)
    qtbot.keyClick(found.field.text, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert value(session, 1, "filters") == 6
    turn()
    assert found.field.text.text() == "6"


# ---- fractions


@pytest.mark.parametrize(
    ("start", "step", "expected"),
    [
        (0.5, 1, 0.6),
        (0.5, -1, 0.4),
        (0.001, 1, 0.002),
        (0.001, -1, 0.0009),
        (0.009, 1, 0.01),
        (0.25, 1, 0.35),
        (1e-5, 10, 1e-4),
        (0.5, -10, 0.05),
        (0.0, 1, 0.01),
        (0.0, -1, -0.01),
        (-0.2, 1, -0.1),
        (-0.1, 1, -0.09),
        (-0.2, -1, -0.3),
        (0.1, 3, 0.4),
    ],
)
def test_a_fraction_steps_by_its_first_digit(start: float, step: int, expected: float) -> None:
    assert stepped_fraction(start, step, 1.0) == expected


def test_a_fraction_is_stepped_and_stops_at_its_end(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((DROPOUT,))
    line = number(inspector, "rate").field.text
    line.setFocus()
    hold_key(line, Qt.Key.Key_Up, 6)
    assert value(session, DROPOUT, "rate") == 0.95
    assert len(steps(session)) == 1
    turn_wheel(number(inspector, "rate").field, -120)
    assert value(session, DROPOUT, "rate") == 0.85
    minus = number(inspector, "rate").field.findChildren(Stepper)[0]
    qtbot.mouseClick(minus, Qt.MouseButton.LeftButton)
    assert value(session, DROPOUT, "rate") == 0.75
    assert len(steps(session)) == 3


# ---- choices and switches


def test_the_wheel_over_a_choice_is_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = choice(inspector, "activation")
    assert isinstance(found.control, Combo)
    found.control.setFocus()
    for _ in range(3):
        turn_wheel(found.control, -120)
    assert value(session, CONV, "activation") == "gelu"
    assert steps(session) == ["Change activation of CONV 1"]
    qtbot.keyClick(found.control, Qt.Key.Key_Escape)
    assert value(session, CONV, "activation") == "relu"
    assert steps(session) == []


def test_a_key_held_over_a_choice_is_one_step(inspector: Inspector, session: Session) -> None:
    found = choice(inspector, "activation")
    found.control.setFocus()
    hold_key(found.control, Qt.Key.Key_Down, 3)
    assert value(session, CONV, "activation") == "gelu"
    assert len(steps(session)) == 1
    hold_key(found.control, Qt.Key.Key_Up, 1)
    assert len(steps(session)) == 2


def test_segments_are_chosen_with_the_arrow_keys(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = choice(inspector, "rounding")
    assert isinstance(found.control, Segmented)
    assert inspector.form is not None
    inspector.form.reveal("rounding")
    exact = found.control.buttons["exact"]
    exact.setFocus()
    qtbot.keyClick(exact, Qt.Key.Key_Right)
    assert value(session, CONV, "rounding") == "floor"
    assert found.control.buttons["floor"].hasFocus()
    assert len(steps(session)) == 1


# ---- pairs, tables and rows


def test_both_sides_of_a_pair_step_in_one_gesture(inspector: Inspector, session: Session) -> None:
    session.select((OTHER,))
    found = number(inspector, "kernel")
    assert isinstance(found, PairEditor)
    assert found.columns.isVisible()
    found.columns.text.setFocus()
    hold_key(found.columns.text, Qt.Key.Key_Up, 3)
    assert value(session, OTHER, "kernel") == (3, 8)
    assert steps(session) == ["Change kernel of CONV 2"]
    drag(inspector.form.labels["kernel"].words, [TRAVEL, 2 * TRAVEL])  # type: ignore[union-attr]
    assert value(session, OTHER, "kernel") == (5, 8)
    assert len(steps(session)) == 2


def test_keep_size_is_a_button(qtbot: QtBot, inspector: Inspector, session: Session) -> None:
    found = number(inspector, "padding")
    assert isinstance(found, PairEditor)
    button = found.word_buttons["same"]
    assert button.text() == "Keep size"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.report.blocks[CONV].output_shape == (6, 32, 32)
    assert found.field.text.text() == "same"
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert value(session, CONV, "padding") == 0


def test_a_drag_over_the_table_is_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.replace(CONV, Conv2D(6, 3), "Three")
    session.replace(OTHER, TableConv2D(3), "Table")
    before = len(steps(session))
    session.select((OTHER,))
    grid = editor(inspector, "table").grid  # type: ignore[attr-defined]
    left = Qt.MouseButton.LeftButton
    places = [grid.cell(row, 0).center() for row in range(3, 6)]
    qtbot.mousePress(grid, left, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(grid, place)
    qtbot.mouseRelease(grid, left, pos=places[-1])
    assert session.network.blocks[OTHER].links[0] == (0, 1, 2, 3, 4, 5)  # type: ignore[attr-defined]
    assert len(steps(session)) == before + 1


def test_a_number_inside_a_row_is_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((RESIDUAL,))
    row = editor(inspector, "blocks").row  # type: ignore[attr-defined]
    row.choose(0)
    found = row.forms[Conv2D].editors["filters"]
    assert isinstance(found, NumberEditor)
    typed(qtbot, found, "128")
    assert session.network.blocks[RESIDUAL].blocks[0].filters == 128  # type: ignore[attr-defined]
    assert steps(session) == ["Change row of RESIDUAL 1"]


# ---- what was typed, and defaults


def test_what_was_typed_stays_while_something_else_changes(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = number(inspector, "filters")
    typed(qtbot, found, "4x")
    assert found.error
    qtbot.mouseClick(
        number(inspector, "stride").field.findChildren(Stepper)[1], Qt.MouseButton.LeftButton
    )
    assert found.field.text.text() == "4x"
    assert found.error.startswith("Filters must be")


def test_what_was_typed_comes_back_with_its_block(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    found = number(inspector, "filters")
    typed(qtbot, found, "0")
    session.select((OTHER,))
    turn()
    assert (found.field.text.text(), found.error) == ("16", "")
    session.select((CONV,))
    turn()
    assert found.field.text.text() == "0"
    assert "from 1 to 4,096" in found.error
    assert value(session, CONV, "filters") == 6
    session.select((OTHER,))
    turn()
    session.replace(CONV, Conv2D(7, 5), "Change")
    session.select((CONV,))
    turn()
    assert (found.field.text.text(), found.error) == ("7", "")


def test_a_changed_setting_goes_back_to_its_default(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    form = inspector.form
    assert form is not None
    marked = [name for name, each in form.labels.items() if each.mark.isVisible()]
    assert marked == ["activation"], "filters and kernel have no default"
    mark = form.labels["activation"].mark
    assert mark.toolTip() == "Back to the default, None  (Alt+Delete)"
    qtbot.mouseClick(mark, Qt.MouseButton.LeftButton)
    assert value(session, CONV, "activation") == "none"
    assert not mark.isVisible()
    assert steps(session) == ["Change activation of CONV 1"]
    session.undo()
    turn()
    assert mark.isVisible()


@pytest.mark.parametrize(
    ("name", "other", "default"),
    [
        ("activation", "tanh", "none"),
        ("stride", 2, 1),
        ("padding", "same", 0),
        ("bias", False, True),
    ],
)
def test_the_keyboard_puts_a_default_back(
    inspector: Inspector,
    session: Session,
    name: str,
    other: object,
    default: object,
) -> None:
    session.replace(CONV, Conv2D(6, 5).with_values(**{name: other}), "Change")
    session.select((CONV,))
    assert inspector.form is not None
    inspector.form.reveal(name)
    editor(inspector, name).setFocus()
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Qt.Key.Key_Delete, Qt.KeyboardModifier.AltModifier)
    assert value(session, CONV, name) == default
    before = steps(session)
    QTest.keyClick(focus, Qt.Key.Key_Delete, Qt.KeyboardModifier.AltModifier)
    assert steps(session) == before, "there is nothing more to put back"


@pytest.mark.parametrize(
    ("block", "name", "bad"),
    [(ConvTranspose2D(4, 3, output_padding=0), "output_padding", "1")],
)
def test_a_pair_is_put_back_in_both_fields(
    qtbot: QtBot, inspector: Inspector, session: Session, block: Block, name: str, bad: str
) -> None:
    session.replace(OTHER, block.with_values(**{name: (1, 0)}), "Pair")
    session.select((OTHER,))
    found = number(inspector, name)
    assert isinstance(found, PairEditor)
    assert (found.field.text.text(), found.columns.text.text()) == (bad, "0")
    qtbot.mouseClick(label(inspector, name).mark, Qt.MouseButton.LeftButton)
    assert value(session, OTHER, name) == 0
    assert (found.field.text.text(), found.columns.text.text()) == ("0", "0")


def test_tooltips_tell_help_range_unit_and_default(inspector: Inspector, session: Session) -> None:
    tip = editor(inspector, "stride").toolTip()
    assert tip == (
        "By how many pixels the filter moves from one output to the next.\n"
        "From 1 to 255 px · Default: 1"
    )
    assert editor(inspector, "activation").toolTip().endswith("Default: None")
    assert editor(inspector, "bias").toolTip().endswith("Default: on")
    assert "Default" not in editor(inspector, "filters").toolTip()
    form = inspector.form
    assert form is not None
    assert form.labels["stride"].words.toolTip() == tip


# ---- several blocks


def test_mixed_values_are_shown_as_such(inspector: Inspector, session: Session) -> None:
    session.select((CONV, OTHER))
    kernel, padding = number(inspector, "kernel"), number(inspector, "padding")
    assert isinstance(kernel, PairEditor)
    assert [f.text.placeholderText() for f in (kernel.field, kernel.columns)] == ["mixed"] * 2
    assert "CONV 1: 5 · CONV 2: 3×5" in kernel.toolTip()
    assert padding.value() is None
    assert "CONV 1: 0 · CONV 2: Keep size" in padding.toolTip()
    activation, bias = editor(inspector, "activation"), editor(inspector, "bias")
    assert isinstance(activation, ChoiceEditor)
    assert isinstance(activation.control, Combo)
    assert activation.control.currentIndex() == -1
    assert activation.control.placeholderText() == "mixed"
    assert isinstance(bias, SwitchEditor)
    assert bias._mixed.isVisible()
    session.select((CONV,))
    turn()
    assert not bias._mixed.isVisible()
    assert "CONV 2" not in kernel.toolTip()


def test_a_mixed_choice_marks_what_is_used(inspector: Inspector, session: Session) -> None:
    session.replace(OTHER, Conv2D(16, 3, rounding="floor"), "Floor")
    session.select((CONV, OTHER))
    found = choice(inspector, "rounding")
    assert isinstance(found.control, Segmented)
    used = [word for word, button in found.control.buttons.items() if button.used]
    assert used == ["exact", "floor"]
    session.select((OTHER,))
    turn()
    assert not any(button.used for button in found.control.buttons.values())


def test_mixed_settings_are_edited_together_in_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((CONV, OTHER))
    filters = number(inspector, "filters").field.text
    filters.setFocus()
    hold_key(filters, Qt.Key.Key_Up, 2)
    assert [value(session, i, "filters") for i in (CONV, OTHER)] == [8, 8], "from the first one's"
    assert steps(session) == ["Change filters of 2 blocks"]
    found = number(inspector, "kernel")
    assert isinstance(found, PairEditor)
    typed(qtbot, found, "7")
    assert found.error == "", "the other field is still to be filled"
    found.columns.text.setFocus()
    qtbot.keyClicks(found.columns.text, "3")
    assert [value(session, i, "kernel") for i in (CONV, OTHER)] == [(7, 3), (7, 3)]
    activation = editor(inspector, "activation")
    assert isinstance(activation, ChoiceEditor)
    activation.control.setFocus()
    qtbot.keyClick(activation.control, Qt.Key.Key_Home)
    qtbot.keyClick(activation.control, Qt.Key.Key_End)
    assert [value(session, i, "activation") for i in (CONV, OTHER)] == ["scaled_tanh"] * 2
    bias = editor(inspector, "bias")
    assert isinstance(bias, SwitchEditor)
    qtbot.keyClick(bias.button, Qt.Key.Key_Space)
    assert [value(session, i, "bias") for i in (CONV, OTHER)] == [True, True]


# ---- blocks inside blocks


def test_several_inner_blocks_are_edited_together_in_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    block = session.network.blocks[RESIDUAL]
    assert isinstance(block, Residual)
    row = tuple(each.with_values(filters=n) for each, n in zip(block.blocks, (8, 9), strict=True))
    session.replace(RESIDUAL, Residual(row), "Begin")
    before = steps(session)
    session.select_paths([(RESIDUAL, 0, 0), (RESIDUAL, 0, 1)])
    header = inspector.header
    assert header.name.text() == "2 blocks of RESIDUAL 1 selected"
    assert header.line.text() == "2 CONV"
    assert number(inspector, "filters").field.text.placeholderText() == "mixed"
    assert "CONV 2" in number(inspector, "filters").toolTip()
    typed(qtbot, number(inspector, "filters"), "12")
    changed = session.network.blocks[RESIDUAL]
    assert isinstance(changed, Residual)
    assert [each.filters for each in changed.blocks] == [12, 12]  # type: ignore[attr-defined]
    assert steps(session) == [*before, "Change filters of 2 blocks of RESIDUAL 1"]
    assert session.selected_paths == ((RESIDUAL, 0, 0), (RESIDUAL, 0, 1))
    qtbot.mouseClick(header.back, Qt.MouseButton.LeftButton)
    assert session.selected_path == (RESIDUAL,)


def test_an_inner_block_has_its_form_and_a_way_back(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select_path((RESIDUAL, 0, 1))
    header = inspector.header
    assert header.name.text() == "RESIDUAL 1 › CONV 2"
    assert header.back.isVisible()
    assert header.back.toolTip() == "Back to RESIDUAL 1"
    assert inspector.facts.output.result.text() == "14×14×16"
    typed(qtbot, number(inspector, "filters"), "128")
    assert session.network.blocks[RESIDUAL].blocks[1].filters == 128  # type: ignore[attr-defined]
    assert steps(session) == ["Change filters of CONV 2 of RESIDUAL 1"]
    assert session.selected_path == (RESIDUAL, 0, 1)
    qtbot.mouseClick(header.back, Qt.MouseButton.LeftButton)
    assert session.selected_path == (RESIDUAL,)
    assert inspector.header.name.text() == "RESIDUAL 1"
    assert not header.back.isVisible()


def test_the_field_of_an_inner_block_is_that_of_the_picture(
    inspector: Inspector, session: Session
) -> None:
    session.select_path((RESIDUAL, 0, 1))
    outer = session.report.blocks[RESIDUAL]
    rows, columns = outer.receptive_field  # type: ignore[misc]
    assert inspector.facts.field.result.text() == f"{rows}×{columns} px"
