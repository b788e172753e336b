"""The mistakes: the worst first, and image, label and prediction belong together."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine.metrics import Predictions, evaluate
from cnnstudio.network import Network
from cnnstudio.ui.document import saving
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.predictions.mistake_detail import Mistake, shown_classes
from cnnstudio.ui.predictions.mistakes import Mistakes
from cnnstudio.ui.theme import ThemeManager
from tests.ui.predicted import opened, ready

Show = Callable[[QWidget], None]


@pytest.fixture
def shuffled() -> Dataset:
    """Pictures that all differ, with labels in no order."""
    generator = np.random.default_rng(5)
    pixels = generator.integers(0, 256, (300, 1, 28, 28)).astype(np.uint8)
    labels = generator.integers(0, 10, 300).astype(np.uint8)
    train, test = Images(pixels[:200], labels[:200]), Images(pixels[200:], labels[200:])
    return Dataset("mnist", tuple("0123456789"), train, test)


@pytest.fixture
def session(open_session: Callable[[Network], Session], shuffled: Dataset) -> Session:
    session = open_session(Network((Input(), FullyConnected(10))))
    session.set_dataset(shuffled)
    session.set_recipe(session.recipe.with_values(validation=100, epochs=60, batch_size=10))
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session, themes: ThemeManager, show: Show) -> Mistakes:
    return opened(qtbot, session, Mistakes(session, themes), show)


def check_aligned(panel: Mistakes, session: Session) -> None:
    """Each picture that is shown gets from the model what is said beside it."""
    images = session.images(panel.of)
    assert session.model is not None
    losses = []
    for place in range(len(panel.grid)):
        mistake = panel.mistake(place)
        pixels = panel.grid.picture(place)
        assert np.array_equal(pixels, mistake.pixels)
        assert np.array_equal(pixels, images.pixels[mistake.index])
        assert mistake.label == images.labels[mistake.index]
        shares = session.model.probabilities(pixels[np.newaxis])[0]
        assert mistake.probabilities == pytest.approx(shares, abs=1e-6)
        assert mistake.predicted == shares.argmax() != mistake.label
        assert panel.grid.caption(place) == f"{mistake.predicted} not {mistake.label}"
        losses.append(-np.log(shares[mistake.label]))
    assert losses == pytest.approx(sorted(losses, reverse=True), abs=1e-4)


@pytest.mark.parametrize("of", ["validation", "test"])
def test_image_label_and_prediction_stay_aligned(
    qtbot: QtBot, panel: Mistakes, session: Session, of: str
) -> None:
    qtbot.mouseClick(panel.sets.buttons[of], Qt.MouseButton.LeftButton)
    ready(qtbot, panel, session)
    assert session.model is not None
    accuracy = evaluate(session.model, session.images(of)).accuracy
    assert len(panel.grid) == round(100 * (1 - accuracy)) > 50
    assert f"{len(panel.grid)} wrong of 100" in panel.state.accessibleName()
    check_aligned(panel, session)


def test_they_stay_aligned_through_a_run(qtbot: QtBot, panel: Mistakes, session: Session) -> None:
    before = [panel.mistake(place).index for place in range(5)]
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    ready(qtbot, panel, session)
    assert [panel.mistake(place).index for place in range(5)] != before
    check_aligned(panel, session)


def test_filters_by_label_and_by_answer(qtbot: QtBot, panel: Mistakes, session: Session) -> None:
    found = panel.shown
    assert found is not None
    for combo, values in ((panel.true, found.labels), (panel.seen, found.predicted)):
        combo.setFocus()
        for _ in range(4):
            qtbot.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentText().endswith(": 3")
        assert len(panel.grid) == np.count_nonzero(
            (values == 3) & (found.predicted != found.labels)
        )
        check_aligned(panel, session)
        for _ in range(4):
            qtbot.keyClick(combo, Qt.Key.Key_Up)
    panel.true.setCurrentIndex(4)
    panel.seen.setCurrentIndex(4)
    panel.seen.activated.emit(4)
    assert len(panel.grid) == 0
    assert panel.grid.empty_words == "No mistake passes the filters."
    assert panel.detail.mistake is None


def test_the_filters_have_the_names_of_other_pictures(
    qtbot: QtBot, panel: Mistakes, session: Session, shuffled: Dataset
) -> None:
    """Regression: as many classes of which the first is called the same were taken for the same."""
    qtbot.waitUntil(lambda: panel.true.count() == 11)
    names = ("0", *(f"letter {name}" for name in "bcdefghij"))
    session.set_dataset(dataclasses.replace(shuffled, class_names=names))
    qtbot.waitUntil(lambda: panel.true.itemText(2) == "Label: letter b")
    assert panel.seen.itemText(10) == "Seen as: letter j"


def test_click_and_enter_make_an_image_the_probe(
    qtbot: QtBot, panel: Mistakes, session: Session
) -> None:
    middle = panel.grid.place(2).center()
    qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    probe, mistake = session.probe, panel.mistake(2)
    assert probe is not None
    assert (probe.index, probe.origin, probe.label) == (mistake.index, "validation", mistake.label)
    assert np.array_equal(probe.pixels, mistake.pixels)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    assert session.probe is probe, "the arrow keys only look"
    assert panel.detail.mistake is not None
    assert panel.detail.mistake.index == panel.mistake(3).index
    qtbot.keyClick(panel.grid, Qt.Key.Key_Return)
    assert session.probe.index == panel.mistake(3).index
    assert session.probabilities == pytest.approx(panel.mistake(3).probabilities, abs=1e-5)


def test_keyboard_reaches_the_last_mistake(qtbot: QtBot, panel: Mistakes) -> None:
    panel.grid.setFocus()
    qtbot.keyClick(panel.grid, Qt.Key.Key_End)
    last = len(panel.grid) - 1
    assert panel.grid.current == last
    assert panel.grid.viewport().rect().contains(panel.grid.place(last).center())
    assert panel.grid.at(panel.grid.place(last).center()) == last
    assert panel.grid.accessibleDescription() == panel.grid.caption(last)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Home)
    assert panel.grid.current == 0
    assert panel.grid.verticalScrollBar().value() == 0
    qtbot.keyClick(panel.grid, Qt.Key.Key_Down)
    assert panel.grid.current > 1
    qtbot.keyClick(panel.grid, Qt.Key.Key_Up)
    assert panel.grid.current == 0


def test_a_run_does_not_move_the_grid_below_the_keyboard(panel: Mistakes, session: Session) -> None:
    panel.grid.setFocus()
    first = [panel.mistake(place).index for place in range(len(panel.grid))]
    images = session.images("validation")
    logits = np.random.default_rng(1).standard_normal((100, 10)).astype(np.float32)
    exact = Predictions.from_logits("validation", images.labels, logits, 1)
    live = Predictions(**{**vars(exact), "live": True})
    session.predictor.take(live)
    panel._catch_up()
    assert panel.held.isVisible()
    assert [panel.mistake(place).index for place in range(len(panel.grid))] == first
    panel.grid.clearFocus()
    panel.grid.viewport().setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # of a test before
    panel._look = None
    panel._catch_up()
    assert not panel.held.isVisible()
    assert [panel.mistake(place).index for place in range(len(panel.grid))] != first


def test_the_present_image_is_kept_when_the_order_changes(
    panel: Mistakes, session: Session
) -> None:
    panel.grid.go_to(7)
    index = panel.mistake(7).index
    images = session.images("validation")
    shares = np.zeros((100, 10), np.float32)
    shares[:, 0] = np.arange(100)
    again = Predictions.from_logits("validation", images.labels, shares, 1)
    session.predictor.take(again)
    panel._catch_up()
    if images.labels[index] != 0:
        assert panel.grid.current is not None
        assert panel.mistake(panel.grid.current).index == index


def test_of_many_classes_the_most_probable_are_shown() -> None:
    shares = np.linspace(0, 1, 40, dtype=np.float32)
    mistake = Mistake(
        0, "test", np.zeros((1, 2, 2), np.uint8), 3, 39, shares, [str(i) for i in range(40)]
    )
    assert shown_classes(mistake, 40) == list(range(40))
    assert shown_classes(mistake, 5) == [39, 38, 37, 36, 3]
    assert mistake.words == "3, seen as 39"
    assert mistake.place_words == "test image 1"


def test_saved_as_table(
    panel: Mistakes, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        saving, "ask_path", lambda _session, _parent, name, suffix: tmp_path / f"{name}{suffix}"
    )
    place = QPoint(50, 90)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, panel.mapToGlobal(place))
    QApplication.sendEvent(panel, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    for action in menu.actions():
        action.trigger()
    menu.close()
    with (tmp_path / "mistakes-validation.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(panel.grid)
    images = session.images("validation")
    assert session.model is not None
    for row in rows:
        index = int(row["image"]) - 1
        shares = session.model.probabilities(images.pixels[index : index + 1])[0]
        assert int(row["label"]) == images.labels[index]
        assert int(row["predicted"]) == shares.argmax()
        assert float(row["probability of 4"]) == pytest.approx(shares[4], abs=1e-6)
    assert (tmp_path / "mistakes-validation.png").stat().st_size > 1000
