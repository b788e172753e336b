"""The inspector: edits go to the session as one undo step a gesture, and sizes are explained."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    BLOCK_TYPES,
    Activation,
    Conv2D,
    ConvTranspose2D,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
    Shape,
)
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network import Network
from cnnstudio.network.recipe import Recipe
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.editors import SwitchEditor
from cnnstudio.ui.inspector.facts import explanation, memory_words
from cnnstudio.ui.inspector.formulas import Section, formula_markup, symbolic
from cnnstudio.ui.inspector.inspector import NARROWEST, Inspector
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.inspector.pair_editor import PairEditor
from cnnstudio.ui.parts.fields import Stepper
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

Open = Callable[[Network], Session]


@pytest.fixture
def inspector(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Inspector:
    return shown(session, themes, show)


def shown(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Inspector:
    inspector = Inspector(session, themes)
    show(inspector)
    inspector.resize(304, 560)
    return inspector


def number(inspector: Inspector, name: str) -> NumberEditor:
    form = inspector.form
    assert form is not None
    editor = form.editors[name]
    assert isinstance(editor, NumberEditor)
    return editor


def typed(qtbot: QtBot, editor: NumberEditor, text: str) -> None:
    editor.field.text.setFocus()
    editor.field.text.selectAll()
    qtbot.keyClicks(editor.field.text, text)


def steps(session: Session) -> list[str]:
    return [step.words for step in session.history.steps[1:]]


def test_selected_block_is_explained(inspector: Inspector, session: Session) -> None:
    session.select((3,))
    facts = inspector.facts
    assert inspector.header.name.text() == "CONV 2"
    assert inspector.header.line.text() == "Convolution 2D"
    assert facts.output.result.text() == "10×10×16"
    assert facts.output.symbols.text() == "(N − F + 2P)/S + 1"
    assert lines(facts.output) == ["(14 − 5 + 2·0)/1 + 1 = 10"]
    assert "N input size, F kernel, P padding, S stride" in facts.output.toolTip()
    assert facts.parameters.result.text() == "2,416"
    assert lines(facts.parameters) == ["(5·5·6 + 1)·16 = 2,416"]
    assert facts.cost.result.text() == "240,000"
    assert lines(facts.cost) == ["5·5·6 · 10·10·16 = 240,000  57 %"]
    assert "each with its addition" in facts.cost.toolTip()
    assert facts.field.result.text() == "14×14 px"
    assert lines(facts.field) == ["6 + (5 − 1)·2 = 14    jump  2·1 = 2"]
    assert "j jump, the pixels between neighbours" in facts.field.toolTip()
    assert facts.memory.result.text() == "6.4 KB"
    assert lines(facts.memory) == [
        "10·10·16 · 4 = 6,400 B",
        "train  2·64·6,400 + 8·2,416 = 839 KB",
    ]
    assert "ReLU is max(0, x)" in facts.words.text()


def plain(markup: str) -> str:
    return re.sub("<[^>]*>", "", markup).replace("&nbsp;", " ")


def lines(section: Section) -> list[str]:
    return [plain(line) for line in section.box.text().split("<br>")]


def test_a_conv_is_compared_with_a_fully_connected_layer(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    session = open_session(Network((Input(3, 32, 32), Conv2D(6, 5), FullyConnected(10))))
    inspector = shown(session, themes, show)
    session.select((1,))
    facts = inspector.facts
    assert facts.dense.isVisible()
    assert lines(facts.dense) == ["(32·32·3 + 1)·28·28·6 = 14,455,392"]
    words = "FC would need 14,455,392 weights where this CONV needs 456."
    assert facts.comparison.text() == words
    session.select((2,))
    turn()
    assert not facts.dense.isVisible()
    assert not facts.comparison.isVisible()


def test_what_needs_no_arithmetic_takes_one_line(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    session = open_session(Network((Input(), Activation("relu"), FullyConnected(10))))
    inspector = shown(session, themes, show)
    session.select((1,))
    facts = inspector.facts
    boxed = [section for section in facts.sections if section.box.isVisible()]
    assert boxed == [facts.memory]
    assert facts.parameters.symbols.text() == "nothing to learn"
    assert facts.parameters.result.text() == "0"
    assert facts.field.symbols.text() == "as before"
    assert facts.output.result.text() == "28×28×1"


def test_formulas_follow_the_recipe_and_the_blocks_before(
    inspector: Inspector, session: Session
) -> None:
    session.select((3,))
    session.set_recipe(session.recipe.with_values(batch_size=10))
    assert lines(inspector.facts.memory)[1].startswith("train  2·10·6,400 + ")
    session.replace(2, MaxPool2D(3, 1), "Pool")
    assert lines(inspector.facts.field)[0].startswith("7 + (5 − 1)·1 = 11")


def test_rows_and_columns_are_told_apart(inspector: Inspector, session: Session) -> None:
    session.replace(1, Conv2D(6, (5, 3)), "Oblong")
    session.select((1,))
    assert lines(inspector.facts.output) == [
        "rows  (32 − 5 + 2·0)/1 + 1 = 28",
        "columns  (32 − 3 + 2·0)/1 + 1 = 30",
    ]


def test_several_blocks_are_totalled(inspector: Inspector, session: Session) -> None:
    session.select((1, 2, 3))
    facts = inspector.facts
    assert lines(facts.parameters) == ["156 + 0 + 2,416 = 2,572"]
    assert lines(facts.cost) == ["117,600 + 0 + 240,000 = 357,600"]
    assert lines(facts.memory) == ["18,816 + 4,704 + 6,400 = 29,920 B"]
    assert not facts.output.isVisible()
    session.select((3,))
    turn()
    assert facts.output.isVisible()
    session.select(range(8))
    turn()
    assert lines(facts.parameters) == ["0 + 156 + 0 + ... + 1,010 = 63,802"]
    session.replace(2, Conv2D(4, 3, stride=6), "Break")
    turn()
    assert lines(facts.parameters) == ["0 + 156 = 156  2 of 8 known"]


@pytest.mark.parametrize(
    ("chosen", "sums", "remark"),
    [
        ((4, 5, 6), ("?", "?", "?"), "0 of 3 known"),
        ((1, 4, 5), ("156", "117,600", "19 KB"), "1 of 3 known"),
    ],
)
def test_a_total_says_of_how_many_blocks_it_is_known(
    inspector: Inspector,
    session: Session,
    chosen: tuple[int, ...],
    sums: tuple[str, ...],
    remark: str,
) -> None:
    session.replace(2, Conv2D(4, 3, stride=6), "Break")
    session.select(chosen)
    facts = inspector.facts
    sections = (facts.parameters, facts.cost, facts.memory)
    assert tuple(section.result.text() for section in sections) == sums
    assert [lines(section) for section in sections] == [[remark]] * 3
    assert all(section.box.isVisible() for section in sections)


def test_nothing_is_cut_where_blocks_of_many_types_are_selected(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    row = (Conv2D(4, 3, padding=1),)
    blocks = (
        MaxPool2D(),
        Residual(row),
        Parallel((row, row)),
        Activation("relu"),
        ConvTranspose2D(4, 3),
    )
    session.insert(1, *blocks)
    session.select_all()
    turn()
    line = inspector.header.line
    assert "1 RESIDUAL, 1 PARALLEL" in line.text()

    def is_whole() -> bool:
        words, room = Qt.TextFlag.TextWordWrap, QRect(0, 0, line.width(), 1000)
        needed = line.fontMetrics().boundingRect(room, words, line.text())
        return needed.height() <= line.height()

    qtbot.waitUntil(is_whole)
    assert inspector.widget().width() <= inspector.viewport().width()


@pytest.mark.parametrize("declared", BLOCK_TYPES)
def test_every_block_type_can_be_shown(
    declared: type, open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    tiles = (tile.block for group in PALETTE for tile in group.tiles)
    block = next((block for block in tiles if type(block) is declared), Input())
    network = Network((block,) if declared is Input else (Input(), Conv2D(6, 3), block))
    session = open_session(network)
    inspector = shown(session, themes, show)
    session.select((len(network) - 1,))
    form = inspector.form
    assert form is not None
    assert {name: editor.value() for name, editor in form.editors.items()} == block.values()
    assert inspector.facts.output.result.text() != "?"


def test_typing_changes_the_network_as_one_step(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    typed(qtbot, number(inspector, "filters"), "12")
    assert session.network.blocks[1] == Conv2D(12, 5, activation="relu")
    assert session.report.blocks[3].parameters == (5 * 5 * 12 + 1) * 16
    assert inspector.facts.output.result.text() == "28×28×12"
    assert steps(session) == ["Change filters of CONV 1"]
    session.undo()
    assert session.network.blocks[1] == Conv2D(6, 5, activation="relu")
    assert number(inspector, "filters").field.text.text() == "6"


def test_escape_takes_the_gesture_back_without_a_trace(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    editor = number(inspector, "filters")
    typed(qtbot, editor, "12")
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Escape)
    assert session.network.blocks[1] == Conv2D(6, 5, activation="relu")
    assert steps(session) == []


def test_field_keeps_the_keyboard_while_one_types(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    editor = number(inspector, "filters")
    typed(qtbot, editor, "12")
    assert editor.field.text.hasFocus()
    session.select(())
    typed(qtbot, number(inspector, "epochs"), "12")
    assert number(inspector, "epochs").field.text.hasFocus()


def test_numbers_and_fields_point_at_each_other(inspector: Inspector, session: Session) -> None:
    session.select((1,))
    facts, form = inspector.facts, inspector.form
    assert form is not None
    box = facts.output.box
    linked = re.findall('<a href="([a-z]*)"[^>]*>([^<]*)</a>', box.text())
    assert linked == [("kernel", "5"), ("padding", "0"), ("stride", "1")]
    parameters = re.findall('<a href="([a-z]*)"', facts.parameters.box.text())
    assert parameters == ["kernel", "kernel", "filters"]
    quiet = box.text()
    form.pointed.emit("stride")
    assert box.text() != quiet
    form.pointed.emit("")
    assert box.text() == quiet
    before = number(inspector, "kernel").field.grab().toImage()
    box.linkHovered.emit("kernel")
    assert number(inspector, "kernel").field.grab().toImage() != before
    box.linkHovered.emit("")
    assert number(inspector, "kernel").field.grab().toImage() == before
    box.linkActivated.emit("stride")
    assert number(inspector, "stride").field.text.hasFocus()


def test_two_clicks_are_two_steps_and_holding_is_one(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    plus = number(inspector, "filters").field.findChildren(Stepper)[1]
    qtbot.mouseClick(plus, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(plus, Qt.MouseButton.LeftButton)
    assert len(steps(session)) == 2
    qtbot.mousePress(plus, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.network.blocks[1].values()["filters"] >= 10)
    qtbot.mouseRelease(plus, Qt.MouseButton.LeftButton)
    assert len(steps(session)) == 3


def test_bad_text_leaves_the_network_alone(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    before = session.network
    editor = number(inspector, "filters")
    typed(qtbot, editor, "x")
    assert editor.error == "Filters must be a whole number from 1 to 4,096, not 'x'."
    assert session.network is before
    qtbot.keyClick(editor.field.text, Qt.Key.Key_Escape)
    assert editor.error == ""
    assert editor.field.text.text() == "6"


def test_misfit_shows_the_arithmetic_and_repairs(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((2,))
    typed(qtbot, number(inspector, "stride"), "5")
    facts = inspector.facts
    assert facts.output.result.text() == "28×28×6 → ?"
    assert plain(facts.output.box.text()) == "(28 − 2)/5 + 1 = 6.20"
    assert facts.output.box.property("role") == "formula-error"
    first = facts.chips.chips[0]
    assert "→" in first.text()
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert session.report.ok
    turn()
    assert not facts.chips.isVisible()
    assert facts.output.box.property("role") == "formula"
    session.undo()
    assert not session.report.ok


def test_block_behind_a_misfit_says_that_it_waits(inspector: Inspector, session: Session) -> None:
    session.replace(2, Conv2D(4, 3, stride=6), "Break")
    session.select((5,))
    assert inspector.facts.output.result.text() == "?"
    assert "before it fit" in inspector.facts.output.box.text()
    assert inspector.facts.memory.result.text() == "?"


def test_conv_behind_fc_is_explained(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    session = open_session(Network((Input(), Flatten(), Conv2D(4, 3))))
    inspector = shown(session, themes, show)
    session.select((2,))
    assert "needs maps" in inspector.facts.output.box.text()


def test_warning_is_a_note(
    open_session: Open, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    session = open_session(Network((Input(), FullyConnected(20), FullyConnected(10))))
    inspector = shown(session, themes, show)
    session.select((2,))
    assert inspector.facts.notes.isVisible()
    session.select((0,))
    assert not inspector.facts.notes.isVisible()


def test_nothing_selected_shows_the_network_and_the_recipe(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    assert inspector.network.parameters.value.text() == "63,802"
    assert inspector.network.cost.value.text() == "418,600"
    assert inspector.network.output.value.text() == "10"
    assert inspector.network.weights.value.text() == "255 KB"
    assert inspector.form is inspector.forms[Recipe]
    typed(qtbot, number(inspector, "epochs"), "25")
    typed(qtbot, number(inspector, "learning_rate"), "5e-4")
    assert session.recipe == Recipe(epochs=25, learning_rate=0.0005)
    assert steps(session) == ["Epochs 10 to 25", "Learning rate 0.001 to 0.0005"]
    session.undo()
    session.undo()
    assert session.recipe == Recipe()
    assert number(inspector, "epochs").value() == Recipe().epochs


def test_a_step_of_the_recipe_names_what_it_changes(session: Session) -> None:
    """Regression: all of them were called Change the recipe."""
    session.set_recipe(Recipe(learning_rate=0.01, optimizer="sgd"))
    session.set_recipe(Recipe())
    session.set_recipe(Recipe(epochs=9, learning_rate=0.1, batch_size=32))
    assert steps(session) == [
        "Optimizer Adam to SGD, Learning rate 0.001 to 0.01",
        "Optimizer SGD to Adam, Learning rate 0.01 to 0.001",
        "Change 3 settings of the recipe",
    ]


def test_network_that_does_not_fit_says_so(inspector: Inspector, session: Session) -> None:
    session.replace(2, Conv2D(4, 3, stride=6), "Break")
    assert inspector.network.parameters.remark.text() == "known so far"
    assert inspector.network.notes.isVisible()


def test_blocks_of_one_type_are_edited_together(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1, 3))
    assert inspector.header.name.text() == "2 blocks selected"
    assert number(inspector, "filters").value() is None
    assert number(inspector, "filters").field.text.placeholderText() == "mixed"
    assert number(inspector, "kernel").value() == 5
    form = inspector.form
    assert form is not None
    bias = form.editors["bias"]
    assert isinstance(bias, SwitchEditor)
    qtbot.mouseClick(bias.button, Qt.MouseButton.LeftButton)
    assert [session.network.blocks[i].values()["bias"] for i in (1, 3)] == [False, False]
    typed(qtbot, number(inspector, "filters"), "8")
    assert [session.network.blocks[i].values()["filters"] for i in (1, 3)] == [8, 8]
    assert steps(session) == ["Change bias of 2 blocks", "Change filters of 2 blocks"]


def test_blocks_of_several_types_have_no_form(inspector: Inspector, session: Session) -> None:
    session.select((1, 2))
    assert inspector.form is None
    assert "several types" in inspector.hint.text()
    session.select((1,))
    assert inspector.form is not None
    assert not inspector.hint.isVisible()


def test_next_block_does_not_inherit_what_was_typed(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    kernel = number(inspector, "kernel")
    assert isinstance(kernel, PairEditor)
    qtbot.mouseClick(kernel.link, Qt.MouseButton.LeftButton)
    typed(qtbot, number(inspector, "filters"), "x")
    session.select((3,))
    turn()
    assert not kernel.columns.isVisible()
    assert number(inspector, "filters").error == ""
    assert number(inspector, "filters").field.text.text() == "16"


def test_locked_while_training(qtbot: QtBot, inspector: Inspector, session: Session) -> None:
    session.select((1,))
    session._run.state = "running"
    session.training_changed.emit()
    editor = number(inspector, "filters")
    typed(qtbot, editor, "9")
    assert session.network.blocks[1] == Conv2D(6, 5, activation="relu")
    assert not any(stepper.isVisible() for stepper in editor.field.findChildren(Stepper))
    session._run.state = "idle"
    session.training_changed.emit()
    typed(qtbot, editor, "9")
    assert session.network.blocks[1] == Conv2D(9, 5, activation="relu")


def test_focus_goes_to_the_first_setting(inspector: Inspector, session: Session) -> None:
    session.select((1,))
    inspector.focus_first()
    assert number(inspector, "filters").field.text.hasFocus()


def test_focus_goes_to_the_first_setting_that_can_be_changed_while_training(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    """Regression: it went to a field that is fixed then, perhaps above what was in view."""
    inspector.resize(304, 240)
    bar = inspector.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    session._run.state = "running"
    session.training_changed.emit()
    bar.setValue(bar.maximum())
    inspector.focus_first()
    field = number(inspector, "batch_size").field
    assert field.text.hasFocus()
    assert not field.text.isReadOnly()
    top = field.mapTo(inspector.viewport(), field.rect().topLeft()).y()
    assert 0 <= top <= inspector.viewport().height() - field.height()
    session._run.state = "idle"
    session.training_changed.emit()
    inspector.focus_first()
    assert number(inspector, "epochs").field.text.hasFocus()


@pytest.mark.parametrize("width", [288, 304, 340])
def test_nothing_moves_when_training_begins(
    inspector: Inspector, session: Session, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the lock took room beside the title, which wrapped and shifted the form."""
    title = "Tiny network from epoch 0.82"
    monkeypatch.setattr(type(session), "title", property(lambda _: title))
    session.file_changed.emit()
    inspector.resize(width, 560)
    turn()
    field, header = number(inspector, "batch_size").field, inspector.header
    before = field.mapTo(inspector, field.rect().topLeft()), header.height()
    session._run.state = "running"
    session.training_changed.emit()
    turn()
    assert header.name.text() == title
    assert header._lock_words.isVisible()
    assert header._lock_icon.isVisible()
    assert (field.mapTo(inspector, field.rect().topLeft()), header.height()) == before


def test_narrow_inspector_scrolls_and_cuts_nothing(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    inspector.resize(304, 300)
    qtbot.waitUntil(lambda: inspector.verticalScrollBar().maximum() > 0)
    page = inspector.widget()
    assert page.width() <= inspector.viewport().width()
    assert page.minimumSizeHint().width() <= inspector.viewport().width()


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (6400, "6.4 KB"),
        (18816, "19 KB"),
        (255208, "255 KB"),
        (6690280, "6.7 MB"),
        (3 * 10**12, "3,000 GB"),
    ],
)
def test_memory_in_words(count: int, words: str) -> None:
    assert memory_words(count) == words


def test_formula_does_not_say_the_result_twice(session: Session) -> None:
    entry = session.report.blocks[5]
    assert entry.input_shape is not None
    formula = entry.block.size_formulas(entry.input_shape)[0]
    markup = formula_markup(formula, frozenset({"units"}), lambda _: "")
    assert plain(markup) == "5×5×16 = 400 → 120"


def test_result_stands_behind_equal_terms() -> None:
    (formula,) = Residual((Activation("relu"),)).size_formulas(Shape((6, 14, 14)))
    assert (
        plain(formula_markup(formula, frozenset(), lambda _: "")) == "14×14×6 and 14×14×6 → 14×14×6"
    )
    (formula,) = Flatten().size_formulas(Shape((120,)))
    assert plain(formula_markup(formula, frozenset(), lambda _: "")) == "120"


def test_numbers_of_a_transposed_convolution_lead_to_their_settings() -> None:
    block = ConvTranspose2D(8, 3, stride=2, padding=1, output_padding=1)
    (formula,) = block.size_formulas(Shape((6, 7, 7)))
    markup = formula_markup(formula, frozenset(block.declarations()), lambda _: "")
    names = re.findall('href="([a-z_]+)"[^>]*>([0-9]+)', markup)
    assert names == [("stride", "2"), ("output_padding", "1"), ("kernel", "3"), ("padding", "1")]
    assert "s stride, i input size, a output padding, k kernel, p padding" in symbolic(formula)


def test_numbered_letters_are_not_explained() -> None:
    (formula,) = Parallel(((), ())).size_formulas(Shape((6, 7, 7)))
    assert symbolic(formula) == "C1 + C2 + ..."


def test_explanation_names_the_activation() -> None:
    assert "Tanh is tanh(x)" in explanation(Activation("tanh"))
    assert explanation(Conv2D(2, 3)) == Conv2D.help


def rare_names(inspector: Inspector) -> list[str]:
    form = inspector.form
    assert form is not None
    return [name for name in form.rare if form.editors[name].isVisible()]


def test_seldom_changed_settings_are_folded_away(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    form = inspector.form
    assert form is not None
    assert rare_names(inspector) == []
    qtbot.mouseClick(form.fold, Qt.MouseButton.LeftButton)
    every = ["padding_mode", "dilation", "groups", "rounding", "true_convolution"]
    assert rare_names(inspector) == every == form.rare
    qtbot.mouseClick(form.fold, Qt.MouseButton.LeftButton)
    assert rare_names(inspector) == []


def test_a_setting_off_its_default_is_always_seen(inspector: Inspector, session: Session) -> None:
    session.select((1,))
    session.replace(1, Conv2D(6, 5, dilation=2), "Dilate")
    assert rare_names(inspector) == ["dilation"]
    session.select((3,))
    assert rare_names(inspector) == []
    session.select((1, 3))
    assert rare_names(inspector) == ["dilation"], "the blocks differ in it"
    session.undo()
    session.select((1,))
    assert rare_names(inspector) == []


def test_a_folded_setting_stays_while_it_is_typed_in(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    session.replace(1, Conv2D(6, 5, dilation=2), "Dilate")
    editor = number(inspector, "dilation")
    typed(qtbot, editor, "1")
    assert session.network.blocks[1] == Conv2D(6, 5)
    assert editor.field.text.hasFocus()
    qtbot.keyClicks(editor.field.text, "2")
    assert session.network.blocks[1] == Conv2D(6, 5, dilation=12)


def test_a_number_of_a_formula_opens_the_fold(inspector: Inspector, session: Session) -> None:
    block = ConvTranspose2D(8, 3, stride=2)
    session.replace(3, block, "Transpose")
    session.select((3,))
    inspector.facts.chosen.emit("output_padding")
    editor = number(inspector, "output_padding")
    assert editor.isVisible()
    assert editor.field.text.hasFocus()


def test_a_pair_with_two_words_has_room_for_both_numbers(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((1,))
    editor = number(inspector, "padding")
    assert isinstance(editor, PairEditor)
    qtbot.mouseClick(editor.word_buttons["full"], Qt.MouseButton.LeftButton)
    assert session.network.blocks[1].values()["padding"] == "full"
    qtbot.mouseClick(editor.word_buttons["full"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(editor.link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: min(editor.field.width(), editor.columns.width()) >= 55)
    qtbot.mouseClick(editor.word_buttons["same"], Qt.MouseButton.LeftButton)
    assert session.network.blocks[1].values()["padding"] == "same"


@pytest.mark.parametrize("padding", [2, 100, (2, 3), "same", "full"])
def test_every_choice_is_in_reach_at_the_least_width(
    qtbot: QtBot, inspector: Inspector, session: Session, padding: object
) -> None:
    inspector.resize(NARROWEST, 700)
    session.replace(1, Conv2D(6, 5, padding=padding), "Change padding")  # type: ignore[arg-type]
    session.select((1,))
    editor = number(inspector, "padding")
    assert isinstance(editor, PairEditor)
    full, same = editor.word_buttons["full"], editor.word_buttons["same"]

    def is_whole(button: QWidget) -> bool:
        inside = QRect(button.mapTo(editor, QPoint()), button.sizeHint())
        return button.isVisible() and editor.rect().contains(inside)

    qtbot.waitUntil(lambda: is_whole(full) and is_whole(same))
    assert not full.geometry().intersects(same.geometry())
    other = same if padding == "full" else full
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    chosen = session.network.blocks[1].values()["padding"]
    assert chosen == ("same" if padding == "full" else "full")


def test_a_form_that_is_hidden_edits_nothing(inspector: Inspector, session: Session) -> None:
    """Regression: what was half typed behind another program went to what is shown by now."""
    session.select((1,))
    block, form = session.network.blocks[1], inspector.form
    assert form is not None
    before = session.recipe
    session.select(())
    assert inspector.form is not form
    form.editors["padding"].edited.emit("same", False)
    assert (session.recipe, session.network.blocks[1]) == (before, block)
