"""The fit doctor: all repairs of a block, previewed on the cards and applied as one step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, Parallel, Residual
from cnnstudio.network import Network, Repair
from cnnstudio.ui.canvas.bubble import ALL
from cnnstudio.ui.canvas.doctor import Doctor
from cnnstudio.ui.canvas.face import State
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.flow import RepairChips, chip_words
from cnnstudio.ui.sizes.problems import Problems
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

RELU = {"activation": "relu"}
MISFIT = Network(
    (
        Input(pad=2),
        Conv2D(6, 5, **RELU),
        MaxPool2D(4, 4),
        Conv2D(16, 3, stride=3, **RELU),
        FullyConnected(120, **RELU),
        FullyConnected(10),
    )
)
"""CONV 2 does not fit: (7 - 3) / 3 + 1 = 2.33."""


@pytest.fixture
def canvas(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> Canvas:
    canvas = Canvas(open_session(MISFIT), themes)
    show(canvas)
    return canvas


@pytest.fixture
def doctor(canvas: Canvas) -> Doctor:
    canvas.setFocus()
    canvas.session.ask_repairs(3)
    assert canvas.doctor.is_open
    return canvas.doctor


def index_of(doctor: Doctor, title: str) -> QModelIndex:
    row = [entry.title for entry in doctor.entries].index(title)
    return doctor.view.model().index(row, 0)


def sizes(canvas: Canvas) -> list[str]:
    return [card.face.size for card in canvas.pipeline.cards]


def test_the_bubble_has_the_three_best_and_leads_to_all(canvas: Canvas) -> None:
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    texts = [chip.text for chip in bubble.chips]
    assert texts == ["pad 1 → 3×3", "stride 2 → 3×3", "kernel 4 → 2×2", ALL]
    bubble.chips[-1].click()
    assert canvas.doctor.is_open
    assert canvas.doctor.place == 3
    assert canvas.pipeline.bubble is None


def test_every_repair_is_listed_with_what_it_does(canvas: Canvas, doctor: Doctor) -> None:
    heading, *rows = doctor.entries
    (problem,) = canvas.session.report.blocks[3].problems
    assert heading.title == "Does not fit: (7 − 3)/3 + 1 = 2.33."
    assert [row.repair for row in rows] == list(problem.repairs)
    pad = rows[0]
    assert (pad.title, pad.result) == ("pad 1", "3×3")
    story = pad.story.replace("\u00a0", " ")
    assert story == (
        "CONV 2: 3×3×16, 880 params · FC 1: 120 units, 17,400 params · FC 2: 10 units, 1,210 params"
    )
    assert pad.verdict == "19,646 parameters in all"
    assert not pad.is_bad


def test_no_line_of_a_story_ends_in_a_dot_between_blocks(doctor: Doctor) -> None:
    lines = [line for entry in doctor.entries for line in doctor._delegate._story(entry)]
    assert len(lines) > len(doctor.entries), "some stories take several lines"
    assert not [line for line in lines if line.endswith("·")]


def test_a_repair_that_breaks_another_block_says_so(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> None:
    network = Network((*MISFIT.blocks[:4], MaxPool2D(), *MISFIT.blocks[4:]))
    canvas = Canvas(open_session(network), themes)
    show(canvas)
    canvas.session.ask_repairs(3)
    pad, stride, kernel = canvas.doctor.entries[1:4]
    assert pad.is_bad
    assert pad.verdict == "POOL 2 does not fit: (3 − 2)/2 + 1 = 1.50."
    assert "POOL 2: does not fit" in stride.story.replace("\u00a0", " ")
    assert not kernel.is_bad


def test_the_keyboard_chooses_previews_and_applies(
    qtbot: QtBot, canvas: Canvas, doctor: Doctor
) -> None:
    assert doctor.view.hasFocus()
    assert sizes(canvas)[3:] == ["3×3×16", "120", "10"]
    assert canvas.card(3).face.note == "was 7×7×6"
    qtbot.keyClick(doctor.view, Qt.Key.Key_Down)
    qtbot.keyClick(doctor.view, Qt.Key.Key_Down)
    assert sizes(canvas)[3] == "2×2×16"
    assert canvas.session.network == MISFIT
    qtbot.keyClick(doctor.view, Qt.Key.Key_Return)
    assert not doctor.is_open
    assert canvas.session.network.blocks[3] == MISFIT.blocks[3].with_values(kernel=4)
    assert canvas.session.history.undo_words == "Repair CONV 2: kernel 4"
    assert canvas.session.selection == (3,)
    assert canvas.hasFocus()
    canvas.session.undo()
    assert canvas.session.network == MISFIT


def test_the_mouse_previews_and_a_click_applies(
    qtbot: QtBot, canvas: Canvas, doctor: Doctor
) -> None:
    floor = index_of(doctor, "rounding floor")
    doctor.view.scrollTo(floor)
    place = doctor.view.visualRect(floor).center()
    doctor.view.entered.emit(floor)
    assert sizes(canvas)[3] == "2×2×16"
    qtbot.mouseClick(doctor.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert canvas.session.network.blocks[3].rounding == "floor"
    assert not doctor.is_open


def test_the_padding_of_the_picture_is_previewed_on_its_card(canvas: Canvas) -> None:
    blocks = (Conv2D(4, 5, **RELU), MaxPool2D(), Conv2D(4, 3, **RELU), MaxPool2D(5, 3))
    canvas.session.apply(Network((Input(), *blocks)), "Other")
    canvas.session.ask_repairs(4)
    canvas.doctor.view.entered.emit(index_of(canvas.doctor, "INPUT pad 1"))
    assert sizes(canvas) == ["30×30×1", "26×26×4", "13×13×4", "11×11×4", "3×3×4"]
    assert canvas.card(0).face.note == "was 28×28×1"
    canvas.doctor.apply()
    assert canvas.session.history.undo_words == "Repair POOL 2: INPUT pad 1"
    assert canvas.session.selection == (4,)


def test_the_keyboard_goes_on_while_rows_are_scrolled_under_the_pointer(
    qtbot: QtBot, doctor: Doctor
) -> None:
    """Regression: the row that came to lie under the resting pointer was chosen."""
    view = doctor.view
    qtbot.mouseMove(view.viewport(), view.viewport().rect().center())
    rows = [row for row, entry in enumerate(doctor.entries) if entry.repair is not None]
    view.setCurrentIndex(view.model().index(rows[0], 0))
    went = []
    for _ in rows:
        went.append(view.currentIndex().row())
        qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.verticalScrollBar().value() > 0
    assert went == rows


def test_a_heading_cannot_be_chosen(qtbot: QtBot, canvas: Canvas, doctor: Doctor) -> None:
    doctor.view.entered.emit(doctor.view.model().index(0, 0))
    assert doctor.view.currentIndex().row() == 1
    qtbot.keyClick(doctor.view, Qt.Key.Key_Up)
    assert doctor.view.currentIndex().row() == 1


def test_escape_changes_nothing_and_the_bubble_comes_back(
    qtbot: QtBot, canvas: Canvas, doctor: Doctor
) -> None:
    qtbot.keyClick(doctor.view, Qt.Key.Key_Escape)
    assert not doctor.is_open
    assert canvas.session.network == MISFIT
    assert canvas.card(3).face.state is State.MISFIT
    assert canvas.card(4).face.state is State.UNKNOWN
    assert canvas.pipeline.bubble is not None


def test_the_close_button_and_another_focus_close_it(
    qtbot: QtBot, canvas: Canvas, doctor: Doctor
) -> None:
    (close,) = doctor.findChildren(PushButton)
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not doctor.is_open
    canvas.session.ask_repairs(3)
    assert doctor.is_open
    canvas.setFocus(Qt.FocusReason.OtherFocusReason)
    assert not doctor.is_open
    assert canvas.card(3).face.state is State.MISFIT


def test_an_edit_from_elsewhere_makes_other_repairs_or_closes_it(
    canvas: Canvas, doctor: Doctor
) -> None:
    canvas.session.replace(3, MISFIT.blocks[3].with_values(stride=5), "Change")
    assert doctor.is_open
    assert doctor.entries[0].title == "Does not fit: (7 − 3)/5 + 1 = 1.80."
    canvas.session.undo()
    canvas.session.replace(3, Conv2D(16, 3, **RELU), "Change")
    assert not doctor.is_open
    assert sizes(canvas)[3] == "5×5×16"


def test_it_stays_on_the_canvas_and_off_the_later_cards(canvas: Canvas) -> None:
    for width, height in ((912, 572), (700, 420), (500, 300), (1400, 900)):
        canvas.resize(width, height)
        canvas.session.ask_repairs(3)
        card = canvas.doctor.card.translated(canvas.doctor.pos())
        assert canvas.rect().contains(card), (width, height)
        canvas.doctor.dismiss()
    canvas.resize(1400, 900)
    canvas.session.ask_repairs(3)
    card = canvas.doctor.card.translated(canvas.doctor.pos())
    assert not any(card.intersects(canvas.slot_rect((i,))) for i in (3, 4, 5))
    canvas.resize(700, 420)
    card = canvas.doctor.card.translated(canvas.doctor.pos())
    assert canvas.rect().contains(card)


def test_nothing_is_repaired_while_training(canvas: Canvas) -> None:
    canvas.session._run.state = "running"
    canvas.session.ask_repairs(3)
    assert not canvas.doctor.is_open
    canvas.session._run.state = "idle"


def test_the_rows_are_told_to_a_screen_reader(doctor: Doctor) -> None:
    index = index_of(doctor, "pad 1")
    told = index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert told.startswith("pad 1; 3×3; CONV 2")
    assert told.endswith("19,646 parameters in all")


def test_problems_lead_to_the_doctor(
    qtbot: QtBot, canvas: Canvas, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    problems = Problems(canvas.session, themes)
    show(problems)
    (row,) = problems.rows
    qtbot.mouseClick(row.chips.chips[-1], Qt.MouseButton.LeftButton)
    assert canvas.doctor.is_open


def test_the_action_opens_it_for_the_selected_block_or_the_first_problem(
    window: MainWindow,
) -> None:
    action = window.actions_by_name["repairs"]
    window.session.apply(MISFIT, "Break")
    assert action.isEnabled()
    window.session.select(())
    action.trigger()
    assert window.canvas.doctor.is_open
    assert window.canvas.doctor.title.text() == "Repair CONV 2"
    window.canvas.doctor.dismiss()
    window.session.undo()
    assert not action.isEnabled()
    window.session.insert(1, Conv2D(4, 3, padding=1))
    assert action.isEnabled()
    action.trigger()
    (heading, repair) = window.canvas.doctor.entries[:2]
    assert heading.severity == "warning"
    assert repair.title == "ReLU on CONV 1"
    window.canvas.doctor.apply()
    assert window.session.network.blocks[1].activation == "relu"
    assert window.session.history.undo_words == "Repair CONV 2: ReLU on CONV 1"


def test_a_long_repair_is_cut_on_its_chip_but_not_in_the_list(
    canvas: Canvas, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    row = (Conv2D(6, 3, **RELU), Conv2D(6, 3, stride=2))
    network = Network((Input(), Conv2D(6, 3, padding=1, **RELU), Residual(row), FullyConnected(10)))
    canvas.session.apply(network, "Other")
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    assert bubble.chips[0].text.endswith("… → 28×28")
    assert bubble.chips[0].toolTip().startswith("stride 1 and padding same inside → 28")
    assert bubble.frame().width() < canvas.width()
    chips = RepairChips(canvas.session, themes)
    chips.show_repairs(bubble.problem.repairs)
    show(chips)
    assert chips.minimumSizeHint().width() <= 240
    canvas.session.ask_repairs(2)
    assert canvas.doctor.entries[1].title == "stride 1 and padding same inside"


NARROW, SAME = Conv2D(8, 3, stride=3), Conv2D(8, 3, padding="same")

DEEP = {
    "one misfit": (
        Parallel(((Residual((NARROW, SAME)),), (SAME,))),
        ("… CONV 1, stride 1, pad 1", "… CONV 1, remove it", "… RESIDUAL 1, remove it"),
    ),
    "two places": (
        Residual((Parallel(((Residual((Conv2D(8, 3), Conv2D(8, 3))),), (SAME,))),)),
        ("… RESIDUAL 1, padding …", "… CONV 1, pad 2", "… CONV 2, pad 2"),
    ),
}


@pytest.mark.parametrize("name", DEEP)
def test_repairs_deep_inside_never_read_alike(canvas: Canvas, name: str) -> None:
    block, expected = DEEP[name]
    canvas.session.apply(Network((Input(), SAME, block, FullyConnected(10))), "Other")
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    said = [chip.text.partition(" → ")[0] for chip in bubble.chips[:-1]]
    assert said == list(expected)
    canvas.session.ask_repairs(2)
    titles = [" ".join(canvas.doctor.view.itemDelegate()._title(e)) for e in canvas.doctor.entries]
    assert titles[1:] == [pretty(each.change) for each in bubble.problem.repairs]


def test_repairs_that_differ_only_at_their_beginning_are_said_in_full(qapp: QApplication) -> None:
    ends = [f"BRANCH {n} RESIDUAL 1, inner CONV 1, pad 2" for n in (1, 2)]
    repairs = [Repair(each, "28x28", 1, (SAME,)) for each in ends]
    assert chip_words(repairs, brief=True) == ends


def test_a_press_on_its_shadow_closes_it(qtbot: QtBot, doctor: Doctor) -> None:
    qtbot.mouseClick(doctor, Qt.MouseButton.LeftButton, pos=QPoint(60, 48))
    assert doctor.is_open
    qtbot.mouseClick(doctor, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert not doctor.is_open
