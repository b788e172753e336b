"""The problems panel: what is wrong, where, and repairs that are one click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import (
    BatchNorm,
    Conv2D,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
)
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.buttons import Chip
from cnnstudio.ui.sizes.problems import Problems, sentences
from cnnstudio.ui.theme import ThemeManager
from tests.ui.turn import turn

MISFIT = MaxPool2D(2, 3)


@pytest.fixture
def problems(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Problems:
    problems = Problems(session, themes)
    show(problems)
    return problems


def test_nothing_to_repair(problems: Problems) -> None:
    assert problems.count == 0
    assert problems.empty.isVisible()
    assert problems.rows == []


def test_misfit_is_listed_and_repaired_by_a_click(
    qtbot: QtBot, problems: Problems, session: Session
) -> None:
    with qtbot.waitSignal(problems.count_changed):
        session.replace(4, MISFIT, "Break")
    assert problems.count == 1
    turn()
    assert not problems.empty.isVisible()
    (row,) = problems.rows
    assert row.sentence.text() == "Does not fit: (10 − 2)/3 + 1 = 3.67"
    assert row.remark.text() == "2×2 max · stride 3 on 10×10×16"
    *chips, more = [chip.text() for chip in row.chips.chips]
    assert chips == [repair.change for repair in session.report.problems[0][1].repairs[:3]]
    assert more == "All…"
    with qtbot.waitSignal(problems.count_changed):
        qtbot.mouseClick(row.chips.chips[0], Qt.MouseButton.LeftButton)
    assert session.report.ok
    turn()
    assert problems.empty.isVisible()
    assert session.history.undo_words == f"Repair POOL 2: {chips[0]}"


def test_no_part_of_a_row_is_a_window_for_a_moment(
    problems: Problems, session: Session, shown_windows: list[str]
) -> None:
    session.replace(4, MISFIT, "Break")
    assert not problems.rows[0].chips.isHidden()
    assert shown_windows == []


def test_show_selects_the_block(qtbot: QtBot, problems: Problems, session: Session) -> None:
    session.replace(4, MISFIT, "Break")
    qtbot.mouseClick(problems.rows[0].show_chip, Qt.MouseButton.LeftButton)
    assert session.selection == (4,)


def test_show_selects_the_block_inside_another_one(
    qtbot: QtBot, problems: Problems, session: Session
) -> None:
    linear = Conv2D(6, 3, padding=1)
    session.insert(2, Residual((linear, linear)))
    (row,) = [row for row in problems.rows if "CONV 2 in RESIDUAL 1" in row.sentence.text()]
    assert row.sentence.text().startswith("CONV 2 in RESIDUAL 1 follows CONV 1")
    qtbot.mouseClick(row.show_chip, Qt.MouseButton.LeftButton)
    assert session.selected_path == (2, 0, 1)
    chip = next(chip for chip in row.chips.findChildren(Chip) if "ReLU on CONV 1" in chip.text())
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    (first, _) = session.network.blocks[2].values()["blocks"]
    assert first == linear.with_values(activation="relu")


def test_show_selects_what_does_not_fit_inside_another_one(
    qtbot: QtBot, problems: Problems, session: Session
) -> None:
    same = Conv2D(6, 3, padding=1)
    deep = Parallel(((same,), (same, Residual((same, Conv2D(6, 3, stride=3))))))
    session.insert(2, deep)
    (row,) = [row for row in problems.rows if row.sentence.text().startswith("Does not fit")]
    assert row.name.text() == "PARALLEL 1"
    assert row.show_chip.toolTip() == "Select CONV 2 of RESIDUAL 1"
    assert row.show_chip.accessibleName() == "Show CONV 2 of RESIDUAL 1"
    qtbot.mouseClick(row.show_chip, Qt.MouseButton.LeftButton)
    assert session.selected_path == (2, 1, 1, 0, 1)


def test_a_repair_stays_at_the_block_inside_that_is_selected(session: Session) -> None:
    same = Conv2D(6, 3, padding=1)
    session.insert(2, Residual((same, Conv2D(6, 3, stride=2))))
    session.select_path((2, 0, 1))
    repairs = session.report.blocks[2].problems[0].repairs
    session.repair(next(each for each in repairs if "CONV 2, " in each.change))
    assert session.report.blocks[2].fits
    assert session.selected_path == (2, 0, 1)
    session.undo()
    session.select(())
    session.repair(repairs[0])
    assert session.selected_path == (2,)


def test_show_selects_what_ails_inside_another_one(
    qtbot: QtBot, problems: Problems, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = Conv2D(6, 3, padding=1, activation="relu")
    session.insert(2, Residual((same, same)))
    found = Finding((2, 0, 1), "dead", "CONV 2 of RESIDUAL 1: half of its units are dead.")
    monkeypatch.setattr(type(session), "diagnosis", (found,))
    session.findings_changed.emit()
    turn()
    row = problems.rows[-1]
    assert row.show_chip.toolTip() == "Select CONV 2 of RESIDUAL 1"
    qtbot.mouseClick(row.show_chip, Qt.MouseButton.LeftButton)
    assert session.selected_path == (2, 0, 1)


def test_warnings_are_listed_but_not_counted(problems: Problems, session: Session) -> None:
    session.apply(Network((Input(), FullyConnected(20), FullyConnected(12))), "Other")
    assert problems.count == 0
    texts = [(row.sentence.text(), row.remark.text()) for row in problems.rows]
    assert (
        "Ends the network with 12 values, but the data has 10 classes",
        "End with a fully connected block of 10 units.",
    ) in texts
    assert len(texts) == len(session.report.problems)


def test_what_ails_the_training_is_counted_and_told_without_a_colon(
    problems: Problems, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the tab said nothing of it, and the row began with a colon."""
    found = Finding((1,), "dead", "CONV 1: 4 of its 6 feature maps are 0. Use leaky ReLU.")
    monkeypatch.setattr(type(session), "diagnosis", (found,))
    session.findings_changed.emit()
    assert problems.count == 1
    row = problems.rows[-1]
    assert row.name.text() == "CONV 1"
    assert (row.sentence.text(), row.remark.text()) == (
        "4 of its 6 feature maps are 0",
        "Use leaky ReLU.",
    )
    monkeypatch.setattr(type(session), "diagnosis", ())
    session.findings_changed.emit()
    assert problems.count == 0


def test_rows_are_used_again(problems: Problems, session: Session) -> None:
    session.replace(4, MISFIT, "Break")
    rows = list(problems.rows)
    chips = rows[0].chips.chips
    session.replace(5, FullyConnected(99, activation="relu"), "Change units")
    assert problems.rows == rows
    assert rows[0].chips.chips is chips
    session.insert(1, BatchNorm())
    assert problems.rows == rows
    (place, problem), *_ = session.report.problems
    assert rows[0].sentence.text() == sentences(session.report.blocks[place], problem)[0]
    session.undo()
    session.undo()
    session.undo()
    assert problems.rows == []


def test_every_problem_has_its_row_again_after_more_and_fewer(
    problems: Problems, session: Session
) -> None:
    few = Network((Input(), FullyConnected(20), FullyConnected(12)))
    many = Network((Input(), *[FullyConnected(20) for _ in range(6)], FullyConnected(12)))
    for network in (few, many, few, Network(), many):
        session.apply(network, "Other")
        turn()
        assert [row.name.text() for row in problems._rows if row.isVisible()] == [
            session.report.blocks[place].name for place, _ in session.report.problems
        ]
        lines = [each for each in problems._lines if each.isVisible()]
        assert len(lines) == max(0, len(session.report.problems) - 1)


def test_a_hidden_list_costs_nothing(problems: Problems, session: Session) -> None:
    problems.hide()
    session.replace(4, MISFIT, "Break")
    turn()
    assert problems._rows == []
    problems.show()
    assert len(problems._rows) == 1


def test_repairs_are_off_while_training(problems: Problems, session: Session) -> None:
    session.replace(4, MISFIT, "Break")
    session._run.state = "running"
    session.training_changed.emit()
    assert not problems.rows[0].chips.isEnabled()
    session._run.state = "idle"
    session.training_changed.emit()
    assert problems.rows[0].chips.isEnabled()


def test_theme_change_keeps_the_list(
    problems: Problems, session: Session, themes: ThemeManager
) -> None:
    session.replace(4, MISFIT, "Break")
    themes.choose("dark")
    assert [row.sentence.text()[:12] for row in problems.rows] == ["Does not fit"]
