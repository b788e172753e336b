"""What matters in the probe, and what excites a filter: numbers as the explain functions give."""

from __future__ import annotations

import csv
import inspect
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Flatten, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.explain.excitation import ascend, excitations
from cnnstudio.explain.grad_cam import grad_cam
from cnnstudio.explain.occlusion import Occlusion, occlusion
from cnnstudio.explain.saliency import saliency
from cnnstudio.network import Network
from cnnstudio.ui.document import saving
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Inquiry, Weights
from cnnstudio.ui.matters.matters import Matters
from cnnstudio.ui.matters.matters_evidence import LEAST_SCALE, Way, evidence
from cnnstudio.ui.parts.mosaic import INSET
from cnnstudio.ui.theme import ThemeManager

Open = Callable[[Network], Session]
Make = Callable[[Session], Matters]

LONG = 30_000
"""Milliseconds that an answer may take on a machine that is busy with something else."""


@pytest.fixture
def make(open_panel: Callable[[type, Session], Matters]) -> Make:
    return partial(open_panel, Matters)


@pytest.fixture
def panel(session: Session, make: Make) -> Matters:
    return make(session)


def settle(qtbot: QtBot, panel: Matters) -> None:
    """Wait until everything that was asked is answered."""
    halves = (panel.evidence._inquiry, panel.excitement._inquiry)
    qtbot.waitUntil(lambda: not any(each.busy for each in halves), timeout=LONG)


def choose(qtbot: QtBot, combo: QComboBox, words: str) -> None:
    """Choose an entry with the keyboard, as a person does."""
    place = combo.findText(words)
    assert place >= 0, [combo.itemText(i) for i in range(combo.count())]
    combo.setFocus()
    while combo.currentIndex() != place:
        up = combo.currentIndex() > place
        qtbot.keyClick(combo, Qt.Key.Key_Up if up else Qt.Key.Key_Down)


def pixels(session: Session) -> np.ndarray:
    assert session.probe is not None
    return session.probe.pixels


def predicted(session: Session) -> int:
    assert session.probabilities is not None
    return int(session.probabilities.argmax())


# ---- the class


def test_occlusion_is_shown_first(qtbot: QtBot, panel: Matters, session: Session) -> None:
    settle(qtbot, panel)
    half, model = panel.evidence, session.model
    assert model is not None
    unit = predicted(session)
    expected = occlusion(model, pixels(session), unit, patch=7)
    assert expected is not None
    assert half.evidence is not None
    assert half.classes.currentText() == f"Predicted: {unit}"
    np.testing.assert_allclose(half.evidence.values, expected.falls, atol=1e-6)
    largest = max(LEAST_SCALE, float(np.abs(expected.falls).max()))
    np.testing.assert_allclose(half.evidence.heat, expected.falls / largest, atol=1e-5)
    assert half.name.text().startswith(f"{unit}: {100 * expected.probability:.1f} %")
    assert "random weights" in half.name.text()


def test_patch_and_fill_are_chosen(qtbot: QtBot, panel: Matters, session: Session) -> None:
    choose(qtbot, panel.evidence.patch, "9×9")
    choose(qtbot, panel.evidence.fill, "black")
    choose(qtbot, panel.evidence.classes, "Class 3")
    settle(qtbot, panel)
    assert session.model is not None
    expected = occlusion(session.model, pixels(session), 3, patch=9, fill="black")
    assert expected is not None
    assert panel.evidence.evidence is not None
    np.testing.assert_allclose(panel.evidence.evidence.values, expected.falls, atol=1e-6)


def test_gradient_for_the_true_class(qtbot: QtBot, panel: Matters, session: Session) -> None:
    half = panel.evidence
    qtbot.mouseClick(half.methods.buttons["gradient"], Qt.MouseButton.LeftButton)
    choose(qtbot, half.classes, "True: 4")
    settle(qtbot, panel)
    assert session.model is not None
    assert half.evidence is not None
    expected = saliency(session.model, pixels(session), 4)
    np.testing.assert_allclose(half.evidence.values, expected.strength, atol=1e-6)
    assert not half.patch.isVisible()
    choose(qtbot, half.kinds, "Times pixel")
    settle(qtbot, panel)
    np.testing.assert_allclose(half.evidence.values, expected.times_input, atol=1e-6)
    assert half.evidence.signed


def test_grad_cam_asks_the_chosen_block(qtbot: QtBot, panel: Matters, session: Session) -> None:
    half = panel.evidence
    qtbot.mouseClick(half.methods.buttons["cam"], Qt.MouseButton.LeftButton)
    assert half.block.currentText() == "POOL 2", "the last block with maps"
    choose(qtbot, half.block, "CONV 1")
    settle(qtbot, panel)
    assert session.model is not None
    assert half.evidence is not None
    expected = grad_cam(session.model, pixels(session), predicted(session), (1,))
    np.testing.assert_allclose(half.evidence.values, expected.pixels, atol=1e-6)


def test_the_probe_and_the_weights_are_followed(
    qtbot: QtBot, panel: Matters, session: Session
) -> None:
    settle(qtbot, panel)
    before = panel.evidence.picture.grab().toImage()
    session.set_probe(7)
    panel.refresh()
    qtbot.waitUntil(lambda: "label 1" in panel.evidence.name.text(), timeout=LONG)
    assert panel.evidence.picture.grab().toImage() != before
    session.set_recipe(session.recipe.with_values(seed=5))
    qtbot.waitUntil(lambda: _is_right(panel, session), timeout=LONG)


def _is_right(panel: Matters, session: Session) -> bool:
    """Whether the values are those of the present weights."""
    found = panel.evidence.evidence
    assert session.model is not None
    expected = occlusion(session.model, pixels(session), predicted(session), patch=7)
    assert expected is not None
    return found is not None and np.allclose(found.values, expected.falls, atol=1e-6)


def test_the_pointer_reads_a_pixel(qtbot: QtBot, panel: Matters, session: Session) -> None:
    settle(qtbot, panel)
    half = panel.evidence
    assert half.evidence is not None
    factor = half.picture.drawn_size().width() // 28
    assert half.picture.pixel_at(QPoint(6 * factor + 1, 3 * factor + 1).toPointF()) == (3, 6)
    qtbot.mouseMove(half.picture, QPoint(6 * factor + 1, 3 * factor + 1))
    half.picture.hovered.emit((3, 6))
    after = half.evidence.probability - half.evidence.values[3, 6]
    assert half.caption.text().startswith("row 4, column 7  ·  covered here")
    assert half.caption.text().endswith(f"to {100 * after:.1f} %")
    half.picture.hovered.emit(None)
    assert "row 4" not in half.caption.text()


def test_a_drawn_picture_has_no_true_class(qtbot: QtBot, panel: Matters, session: Session) -> None:
    drawn = np.zeros((1, 28, 28), np.uint8)
    drawn[0, 4:24, 13:15] = 255
    session.set_probe_picture(drawn)
    qtbot.waitUntil(lambda: "drawn" in panel.evidence.name.text(), timeout=LONG)
    assert panel.evidence.classes.findText("True", Qt.MatchFlag.MatchStartsWith) == -1
    assert panel.evidence.evidence is not None


def test_a_network_may_have_fewer_classes_than_the_pictures(
    qtbot: QtBot, open_session: Open, make: Make
) -> None:
    """The picture is a 7, and the network tells four classes apart."""
    session = open_session(Network((Input(), FullyConnected(4))))
    session.set_probe(3)
    assert session.probe is not None
    assert session.probe.label == 7
    panel = make(session)
    settle(qtbot, panel)
    assert panel.evidence.classes.findText("True: 7") < 0
    assert "label 7" in panel.evidence.name.text()


def test_a_network_without_classes_says_why(open_session: Open, make: Make) -> None:
    panel = make(open_session(Network((Input(), Conv2D(2, 5), MaxPool2D()))))
    assert panel.evidence.words.isVisible()
    assert "ends with maps of 12×12×2" in panel.evidence.words.text()
    assert panel.excitement.area.isVisible(), "filters are excited all the same"


def test_other_reasons_are_said(open_session: Open, make: Make, qtbot: QtBot) -> None:
    flat = make(open_session(Network((Input(), Flatten(), FullyConnected(10)))))
    qtbot.mouseClick(flat.evidence.methods.buttons["cam"], Qt.MouseButton.LeftButton)
    assert "no block with maps" in flat.evidence.words.text()
    large = make(open_session(Network((Input(height=30), Flatten(), FullyConnected(10)))))
    for half in (large.evidence, large.excitement):
        assert "INPUT takes pictures of 30×28×1" in half.words.text()
    bare = make(open_session(Network((Input(),))))
    assert "no block behind INPUT" in bare.excitement.words.text()
    broken = make(open_session(Network((Input(), Conv2D(2, 40), FullyConnected(10)))))
    assert "CONV 1 does not fit: repair it first." in broken.evidence.words.text()


def test_the_key_has_the_colours_of_the_theme(
    qtbot: QtBot, panel: Matters, themes: ThemeManager
) -> None:
    settle(qtbot, panel)
    before = panel.evidence.bar.grab().toImage()
    themes.choose("dark")
    assert panel.evidence.bar.grab().toImage() != before
    assert panel.evidence.bar.accessibleName().startswith("Colours from +")


# ---- the filter


def test_the_nine_and_the_ascent(qtbot: QtBot, panel: Matters, session: Session) -> None:
    half = panel.excitement
    session.select((3,))
    choose(qtbot, half.map, "map 6")
    settle(qtbot, panel)
    assert session.model is not None
    assert session.dataset is not None
    expected = excitations(session.model, session.dataset.test.pixels, (3,))
    assert expected is not None
    assert half.rows == expected.of(5)
    assert half.nine.count == 9
    assert half.nine.boxes[0] == expected.of(5)[0].box
    made = ascend(session.model, (3,), 5)
    assert made is not None
    assert half.answer is not None
    np.testing.assert_allclose(half.answer.ascent.pixels, made.pixels, atol=1e-6)
    half.nine.hovered.emit((0, 0, 0))
    first = expected.of(5)[0]
    assert first.place is not None
    assert half.caption.text() == (
        f"test image {first.index + 1}, label {session.dataset.test.labels[first.index]}  ·  "
        f"{first.value:.3g} at row {first.place[0] + 1}, column {first.place[1] + 1} of the map"
    )


def test_other_pictures_are_searched_for_themselves(
    qtbot: QtBot, panel: Matters, session: Session, digits: Dataset
) -> None:
    settle(qtbot, panel)
    assert session.model is not None
    other = Images(digits.test.pixels[::-1].copy(), digits.test.labels[::-1].copy())
    session.set_dataset(replace(digits, name="fashion", test=other))
    half = panel.excitement
    half.refresh()
    assert half.answer is None
    settle(qtbot, panel)
    expected = excitations(session.model, other.pixels, (1,), 9)
    assert expected is not None
    assert half.answer is not None
    shown = [half.test_index(rank) for rank in range(9)]
    assert shown == [row.index for row in expected.of(0)]


def test_a_click_makes_the_picture_the_probe(
    qtbot: QtBot, panel: Matters, session: Session
) -> None:
    settle(qtbot, panel)
    half = panel.excitement
    place = half.nine.place(2).center().toPoint() + QPoint(INSET, INSET)
    qtbot.mouseClick(half.nine, Qt.MouseButton.LeftButton, pos=place)
    assert session.probe is not None
    assert session.probe.index == half.rows[2].index


def test_units_of_fc_blocks_can_be_asked(qtbot: QtBot, panel: Matters, session: Session) -> None:
    choose(qtbot, panel.excitement.block, "FC 3")
    choose(qtbot, panel.excitement.map, "unit 10")
    settle(qtbot, panel)
    assert [row.place for row in panel.excitement.rows] == [None] * 9
    assert all(row.box == (0, 0, 28, 28) for row in panel.excitement.rows)


def test_the_chooser_follows_another_network(
    qtbot: QtBot, panel: Matters, session: Session
) -> None:
    choose(qtbot, panel.excitement.block, "CONV 2")
    choose(qtbot, panel.excitement.map, "map 16")
    session.replace(3, Conv2D(4, 5), "Fewer filters")
    settle(qtbot, panel)
    assert panel.excitement.map.count() == 4
    assert len(panel.excitement.rows) == 9


# ---- blocks inside of others, and colours


def nested() -> Network:
    row = (Conv2D(4, 3, padding=1, activation="relu"), Conv2D(4, 3, padding=1))
    return Network((Input(), Conv2D(4, 5), Residual(row), MaxPool2D(), FullyConnected(10)))


def test_grad_cam_asks_blocks_inside_of_others(
    qtbot: QtBot, open_session: Open, make: Make
) -> None:
    session = open_session(nested())
    half = (panel := make(session)).evidence
    qtbot.mouseClick(half.methods.buttons["cam"], Qt.MouseButton.LeftButton)
    offered = [half.block.itemText(i) for i in range(half.block.count())]
    inside = ["CONV 1 of RESIDUAL 1", "CONV 2 of RESIDUAL 1"]
    assert offered == ["CONV 1", "RESIDUAL 1", *inside, "POOL 1"]
    assert half.block.currentText() == "POOL 1"
    choose(qtbot, half.block, "CONV 1 of RESIDUAL 1")
    settle(qtbot, panel)
    assert session.model is not None
    assert half.evidence is not None
    expected = grad_cam(session.model, pixels(session), predicted(session), (2, 0, 0))
    np.testing.assert_allclose(half.evidence.values, expected.pixels, atol=1e-6)
    assert "CONV 1 of RESIDUAL 1" in half.evidence.words


def test_blocks_inside_of_others_are_excited(
    qtbot: QtBot, open_session: Open, make: Make, folder: Path
) -> None:
    session = open_session(nested())
    half = (panel := make(session)).excitement
    session.select_path((2, 0, 1))
    assert half.block.currentText() == "CONV 2 of RESIDUAL 1"
    choose(qtbot, half.map, "map 3")
    settle(qtbot, panel)
    assert session.model is not None
    assert session.dataset is not None
    expected = excitations(session.model, session.dataset.test.pixels, (2, 0, 1))
    assert expected is not None
    assert half.rows == expected.of(2)
    menu = menu_of(half, QPoint(40, 60))
    menu.actions()[2].trigger()
    menu.close()
    assert (folder / "residual1-conv2-excites.csv").exists()


def test_colour_pictures_have_their_colours(
    qtbot: QtBot, open_session: Open, make: Make, folder: Path
) -> None:
    session = open_session(Network((Input(channels=3), Conv2D(2, 5), FullyConnected(10))))
    assert session.dataset is not None
    red = np.zeros((len(session.dataset.test), 3, 28, 28), np.uint8)
    red[:, 0, :, :14], red[:, 2, :, 14:] = 255, 255
    test = replace(session.dataset.test, pixels=red)
    session.set_dataset(replace(session.dataset, train=test, test=test))
    half = (panel := make(session)).evidence
    settle(qtbot, panel)

    def colour(widget: QWidget, side: int, share: float) -> tuple[int, int, int]:
        found = widget.grab().toImage().pixelColor(int(share * side), 4)
        return found.red(), found.green(), found.blue()

    side = half.plain.drawn_size().width()
    assert colour(half.plain, side, 0.25) == (255, 0, 0)
    assert colour(half.plain, side, 0.75) == (0, 0, 255)
    place = panel.excitement.nine.place(0)
    image = panel.excitement.nine.grab().toImage()
    for share, expected in ((0.25, "#ff0000"), (0.75, "#0000ff")):
        at = place.topLeft() + QPointF(share * place.width(), place.height() / 2)
        assert image.pixelColor(at.toPoint() + QPoint(INSET, INSET)).name() == expected
    menu = menu_of(half, QPoint(60, 60))
    menu.actions()[2].trigger()
    menu.close()
    with (folder / "what-matters-occlusion.csv").open(encoding="utf-8") as file:
        header, first, *_ = csv.reader(file)
    assert header == ["row", "column", "red", "green", "blue", "value"]
    assert first[:5] == ["1", "1", "1.0", "0.0", "0.0"]


# ---- manners


def test_hidden_it_asks_nothing(
    qtbot: QtBot, panel: Matters, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(qtbot, panel)
    asked: list[object] = []
    monkeypatch.setattr(Inquiry, "ask", lambda _self, what, *_: asked.append(what))
    panel.hide()
    session.set_probe(3)
    session.weights_changed.emit()
    assert asked == []
    panel.show()
    assert len(asked) == 2


def test_hiding_gives_up_what_is_under_way(qtbot: QtBot, session: Session) -> None:
    inquiry, began, ended = Inquiry(session, session), threading.Event(), threading.Event()

    def work(wanted: Callable[[], bool]) -> None:
        began.set()
        while wanted():
            pass
        ended.set()

    inquiry.ask("what", Weights.of(session), work)
    assert began.wait(10)
    inquiry.drop()
    assert ended.wait(10)
    inquiry.stop()


def test_the_newest_question_wins(qtbot: QtBot, session: Session) -> None:
    inquiry, answers = Inquiry(session, session), []
    inquiry.answered.connect(lambda what, _weights, answer: answers.append((what, answer)))
    weights = Weights.of(session)

    def long(wanted: Callable[[], bool]) -> str:
        while wanted():
            pass
        return "late"

    inquiry.ask("first", weights, long)
    inquiry.ask("second", weights, lambda _: "two")
    inquiry.ask("third", weights, lambda _: "three")
    qtbot.waitUntil(lambda: not inquiry.busy, timeout=LONG)
    assert answers == [("third", "three")]
    inquiry.ask("third", weights, lambda _: "again")
    assert not inquiry.busy, "it is known"
    inquiry.stop()


def test_a_question_that_is_taken_back_leaves_the_one_before(
    qtbot: QtBot, session: Session
) -> None:
    inquiry, answers = Inquiry(session, session), []
    inquiry.answered.connect(lambda _what, _weights, answer: answers.append(answer))
    weights = Weights.of(session)

    def deaf(_: Callable[[], bool]) -> str:
        assert go_on.wait(10)
        return "of B"

    go_on = threading.Event()
    inquiry.ask("A", weights, lambda _: "of A")
    qtbot.waitUntil(lambda: not inquiry.busy, timeout=LONG)
    inquiry.ask("B", weights, deaf)
    inquiry.ask("A", weights, lambda _: "of A again")
    go_on.set()
    qtbot.waitUntil(lambda: not inquiry.busy, timeout=LONG)
    assert answers == ["of A", "of A again"]
    inquiry.stop()


def test_what_is_chosen_there_and_back_is_shown(
    qtbot: QtBot, panel: Matters, session: Session
) -> None:
    settle(qtbot, panel)
    class_, filter_ = panel.evidence, panel.excitement
    before = class_.name.text(), [row.value for row in filter_.rows]
    for box in (class_.classes, filter_.map):
        qtbot.keyClick(box, Qt.Key.Key_Down)
        qtbot.keyClick(box, Qt.Key.Key_Up)
    settle(qtbot, panel)
    assert (class_.name.text(), [row.value for row in filter_.rows]) == before
    assert "by ascent" in filter_.caption.text()


def test_while_a_run_goes_on_another_question_does_not_wait(qtbot: QtBot, session: Session) -> None:
    inquiry, answers = Inquiry(session, session), []
    inquiry.answered.connect(lambda what, *_: answers.append(what))
    session.set_recipe(session.recipe.with_values(validation=0, epochs=10_000))
    session.train()
    inquiry.ask("A", Weights.of(session), lambda _: threading.Event().wait(0.5) or "slow")
    qtbot.waitUntil(lambda: answers == ["A"], timeout=LONG)
    assert session.training == "running"
    inquiry.ask("B", Weights.of(session), lambda _: "at once")
    qtbot.waitUntil(lambda: answers == ["A", "B"], timeout=5_000)  # a rest would be 10 seconds
    inquiry.stop()


def test_a_fault_becomes_words(qtbot: QtBot, session: Session) -> None:
    inquiry, weights = Inquiry(session, session), Weights.of(session)

    def fault(_: Callable[[], bool]) -> None:
        raise MemoryError

    with qtbot.waitSignal(inquiry.failed, timeout=LONG):
        inquiry.ask("what", weights, fault)
    inquiry.ask("what", weights, lambda _: "not tried again")
    assert not inquiry.busy
    assert "not enough memory" in inquiry.failure
    inquiry.ask("other", weights, lambda _: "an answer")
    assert inquiry.failure == ""
    inquiry.stop()


def test_a_failure_stays_until_something_else_is_asked(
    qtbot: QtBot, panel: Matters, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(qtbot, panel)
    for half, name, box in (
        (panel.evidence, "find", panel.evidence.classes),
        (panel.excitement, "ascend", panel.excitement.map),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(inspect.getmodule(type(half)), name, _no_memory)
            qtbot.keyClick(box, Qt.Key.Key_Down)
            settle(qtbot, panel)
        half.refresh()
        assert half.words.isVisible()
        assert half.words.text() == "There is not enough memory for it."
        assert box.isVisible()
        qtbot.keyClick(box, Qt.Key.Key_Down)
        settle(qtbot, panel)
        assert not half.words.isVisible()


def _no_memory(*_: object, **__: object) -> None:
    raise MemoryError


def test_weights_are_told_apart(session: Session) -> None:
    random = Weights.of(session)
    assert random.same_as(Weights.of(session))
    session.set_recipe(session.recipe.with_values(seed=8))
    assert not random.same_as(Weights.of(session))
    assert not random.same_as(None)


# ---- saving


def menu_of(widget: QWidget, at: QPoint) -> QMenu:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        saving, "ask_path", lambda _session, _parent, name, suffix: tmp_path / f"{name}{suffix}"
    )
    return tmp_path


def test_everything_is_saved(qtbot: QtBot, panel: Matters, session: Session, folder: Path) -> None:
    settle(qtbot, panel)
    middle = panel.excitement.ascent.geometry().center()
    places = ((panel.evidence, QPoint(60, 60)), (panel.excitement, QPoint(40, 60)),
              (panel.excitement, middle))  # fmt: skip
    for widget, at in places:
        menu = menu_of(widget, at)
        for action in menu.actions():
            action.trigger()
        menu.close()
    names = {path.name for path in folder.iterdir()}
    stems = ("what-matters-occlusion", "conv1-excites", "conv1-ascent")
    assert names == {f"{stem}{suffix}" for stem in stems for suffix in (".png", ".svg", ".csv")}
    with (folder / "what-matters-occlusion.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert panel.evidence.evidence is not None
    assert len(rows) == 28 * 28
    assert float(rows[30]["value"]) == pytest.approx(panel.evidence.evidence.values[1, 2])
    with (folder / "conv1-excites.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["test image"]) - 1 for row in rows] == [r.index for r in panel.excitement.rows]


def test_nothing_is_saved_before_there_is_an_answer(open_session: Open, make: Make) -> None:
    panel = make(open_session(Network((Input(),))))
    for widget in (panel.evidence, panel.excitement):
        at = QPoint(20, 20)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
        QApplication.sendEvent(widget, event)
        assert QApplication.activePopupWidget() is None


def test_the_key_of_a_sure_network_has_signs_and_no_arrow() -> None:
    sure = Occlusion(1, 0.9999, np.array([[0.0, 0.9999], [0.9999, 0.9999]]), 1, 1)
    shown = evidence((sure, 0.9999), Way(), "7", "", (2, 2))
    assert shown.ends == ("+>99.9 %", "\u2212>99.9 %")
