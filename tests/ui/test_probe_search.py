"""Any image is found as the probe: by number, the next of a class, the next mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.network import Network
from cnnstudio.network.project_file import Project
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.maps.probe_bar import ProbeBar
from cnnstudio.ui.maps.probe_search import WRONG, places_after, probe_commands
from cnnstudio.ui.theme import ThemeManager


@pytest.fixture
def session(open_session: Callable[[Network], Session]) -> Session:
    """Pictures whose only bright row is their label, and a network that reads it, but not 8s."""
    session = open_session(Network((Input(1, 10, 4), FullyConnected(10, bias=False))))
    labels = np.random.default_rng(3).integers(0, 10, 400).astype(np.uint8)
    pixels = np.zeros((400, 1, 10, 4), np.uint8)
    pixels[np.arange(400), 0, labels] = 255
    images = Images(pixels, labels)
    session.set_dataset(Dataset("rows", tuple("0123456789"), images, images))
    assert session.model is not None
    weights = session.model.parameters["fc1.weight"]
    weights[...] = np.repeat(np.eye(10), 4, axis=1)
    weights[3] += weights[8]  # 8 is a tie
    weights[8] = 0
    return session


@pytest.fixture
def bar(
    session: Session, themes: ThemeManager, show: Callable[[QWidget], None]
) -> Iterator[ProbeBar]:
    bar = ProbeBar(session, themes)
    show(bar)
    bar.refresh()
    session.probe_changed.connect(bar.refresh)
    yield bar
    bar.search.stop()


def index(session: Session) -> int:
    assert session.probe is not None
    return session.probe.index


def after(labels: np.ndarray, start: int, label: int, step: int) -> int:
    """The expected place, by counting."""
    place = (start + step) % len(labels)
    while labels[place] != label:
        place = (place + step) % len(labels)
    return place


def choose(bar: ProbeBar, words: str) -> None:
    place = bar.wanted.findText(words)
    assert place >= 0
    bar.wanted.setCurrentIndex(place)
    bar.wanted.activated.emit(place)


@pytest.mark.parametrize("label", [0, 7])
def test_arrows_go_from_one_image_of_a_class_to_the_next(
    qtbot: QtBot, bar: ProbeBar, session: Session, label: int
) -> None:
    labels = session.images("test").labels
    choose(bar, f"only {label}")
    here = index(session)
    assert labels[here] == label
    for button, step in ((bar.next, 1), (bar.next, 1), (bar.previous, -1), (bar.previous, -1)):
        here = after(labels, here, label, step)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert index(session) == here
    choose(bar, "all images")
    qtbot.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    assert index(session) == (here + 1) % 400


def test_arrows_go_from_one_mistake_to_the_next(
    qtbot: QtBot, bar: ProbeBar, session: Session
) -> None:
    labels = session.images("test").labels
    choose(bar, "mistakes")
    for step, button in ((1, None), (1, bar.next), (-1, bar.previous)):
        before = index(session) if button is not None else 0
        if button is not None:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        expected = after(labels, before, 8, step)
        qtbot.waitUntil(lambda e=expected: index(session) == e, timeout=10_000)
    assert session.probabilities is not None
    assert session.probabilities.argmax() == 3


def test_known_predictions_answer_at_once(qtbot: QtBot, bar: ProbeBar, session: Session) -> None:
    session.ask_predictions("test")
    qtbot.waitUntil(lambda: session.predictor.is_fresh("test"), timeout=10_000)
    bar.search.go(1, WRONG)
    assert not bar.search.busy
    assert index(session) == after(session.images("test").labels, 0, 8, 1)


def test_what_is_not_there_is_told(qtbot: QtBot, bar: ProbeBar, session: Session) -> None:
    told: list[Notice] = []
    session.noticed.connect(told.append)
    assert session.model is not None
    session.model.parameters["fc1.weight"][...] = np.repeat(np.eye(10), 4, axis=1)
    bar.search.go(1, WRONG)
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    assert told[0].sentence == "There is no mistake among the 400 test images."
    images = session.images("test")
    some = images[np.flatnonzero(images.labels != 5)]
    session.set_dataset(Dataset("rows", tuple("0123456789"), some, some))
    bar.search.go(1, 5)
    assert told[1].sentence == f"There is no other image of 5 among the {len(some)} test images."


@pytest.mark.parametrize("loaded", [True, False], ids=["same pictures", "others on their way"])
def test_a_search_ends_with_its_document(
    qtbot: QtBot, bar: ProbeBar, session: Session, *, loaded: bool
) -> None:
    assert session.model is not None
    session.model.parameters["fc1.weight"][...] = np.repeat(np.eye(10), 4, axis=1)
    told: list[Notice] = []
    session.noticed.connect(told.append)
    bar.search.go(1, WRONG)
    assert bar.search.busy
    session.restart(Project(session.network), None)
    if not loaded:
        session.set_dataset(None)
    assert not bar.search.busy
    qtbot.waitUntil(lambda: all(job.done for job in bar.search._jobs), timeout=10_000)
    bar.search._look()
    assert session.probe is None or index(session) == 0
    assert told == []


def test_a_search_ends_when_another_picture_is_gone_to(bar: ProbeBar, session: Session) -> None:
    bar.search.go(1, WRONG)
    session.set_probe(3)
    assert not bar.search.busy


def test_a_new_search_takes_the_place_of_the_one_before(
    qtbot: QtBot, bar: ProbeBar, session: Session
) -> None:
    bar.search.go(1, WRONG)
    bar.search.go(1)
    assert not bar.search.busy
    assert index(session) == 1


def test_images_kept_aside_are_gone_through_in_their_own_set(
    qtbot: QtBot, bar: ProbeBar, session: Session
) -> None:
    session.set_recipe(session.recipe.with_values(validation=50))
    session.set_probe(49, "validation")
    assert bar.words.text() == "validation image"
    assert bar.number.text.text() == "50"
    qtbot.mouseClick(bar.next, Qt.MouseButton.LeftButton)
    assert session.probe is not None
    assert (session.probe.index, session.probe.origin) == (0, "validation")
    bar.number.text.setFocus()
    bar.number.text.selectAll()
    qtbot.keyClicks(bar.number.text, "7")
    qtbot.keyClick(bar.number.text, Qt.Key.Key_Return)
    assert (session.probe.index, session.probe.origin) == (6, "validation")


def test_each_class_is_in_the_command_list(bar: ProbeBar, session: Session) -> None:
    commands = {command.title: command for command in probe_commands(bar.search)}
    assert len(commands) == 10
    commands["Probe image: next 4"].run()
    assert index(session) == after(session.images("test").labels, 0, 4, 1)


def test_places_go_round_and_end_with_the_present_one() -> None:
    assert places_after(1, 1, 4).tolist() == [2, 3, 0, 1]
    assert places_after(1, -1, 4).tolist() == [0, 3, 2, 1]


def test_the_input_card_stays_in_the_set_of_its_image(
    qtbot: QtBot,
    canvas_of: Callable[[Network], Canvas],
) -> None:
    canvas = canvas_of(Network((Input(), FullyConnected(10))))
    session = canvas.session
    session.set_recipe(session.recipe.with_values(validation=6))
    session.set_probe(2, "validation")
    assert canvas.card(0)._face.note == "validation 3"
    canvas.scene()._step_probe(1)
    assert session.probe is not None
    assert (session.probe.origin, session.probe.index) == ("validation", 3)
