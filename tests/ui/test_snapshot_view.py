"""The network as it was: what the session shows is what a model with a snapshot's weights gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Dropout
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.explain.cells import Cell
from cnnstudio.network import Network, Recipe, templates
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Weights
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.why.why import Why

RECIPE = Recipe(epochs=2, batch_size=4, validation=8, learning_rate=0.01)


@pytest.fixture
def trained(open_session: Callable[[Network], Session], qtbot: QtBot) -> Session:
    session = open_session(templates.load("tiny").network)
    session.set_recipe(RECIPE)
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    return session


def model_of(session: Session, moment: Snapshot) -> Model:
    model = Model(session.network, threads=1)
    model.state[...] = moment.state
    return model


def shows(session: Session, state: np.ndarray) -> bool:
    """Whether everything that is shown is what a model with these weights gives."""
    assert session.probe is not None
    model = Model(session.network, threads=1)
    model.state[...] = state
    maps = model.activations(to_float(session.probe.pixels[np.newaxis]))
    same = [np.array_equal(a[0], b) for a, b in zip(maps, session.activations, strict=True)]
    chances = np.array_equal(softmax(maps[-1])[0], session.probabilities)
    return all(same) and chances and np.array_equal(session.model.state, state)


def test_all_that_is_shown_is_of_that_moment_and_the_document_stays(trained: Session) -> None:
    present, told = trained.model.state.copy(), []
    before = trained.snapshot()
    trained.moment_changed.connect(lambda: told.append("moment"))
    trained.weights_changed.connect(lambda: told.append("weights"))
    for moment in (trained.snapshots[0], trained.snapshots[3]):
        trained.show_moment(moment)
        assert trained.moment is moment
        assert shows(trained, moment.state)
        trained.set_probe(5)
        assert shows(trained, moment.state)
    assert trained.snapshot().result is before.result, "nothing happened to the document"
    trained.show_moment(None)
    trained.show_moment(None)
    assert shows(trained, present)
    assert told.count("moment") == 3


def test_predictions_are_of_that_moment(trained: Session, qtbot: QtBot) -> None:
    moment = trained.snapshots[2]
    trained.show_moment(moment)
    trained.ask_predictions("validation")
    qtbot.waitUntil(lambda: trained.predictor.is_fresh("validation"))
    expected = evaluate(model_of(trained, moment), trained.images("validation"))
    assert np.array_equal(trained.predictions.confusion, expected.confusion)
    assert trained.predictions.epoch == moment.position
    trained.show_moment(None)
    assert trained.predictions is None, "those of the past are not shown for the present"
    trained.ask_predictions("validation")
    qtbot.waitUntil(lambda: trained.predictor.is_fresh("validation"))
    present = evaluate(trained.model, trained.images("validation"))
    assert np.array_equal(trained.predictions.confusion, present.confusion)


def test_questions_are_about_that_moment(
    trained: Session, themes: ThemeManager, show: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    """What a number is made of, gradients and what matters go by the weights that are shown."""
    why = Why(trained, themes)
    show(why)
    last = (len(trained.network) - 1,)
    why.ask(Cell(last, (3,)))
    for moment in (trained.snapshots[2], None):
        trained.show_moment(moment)
        state = trained.snapshot().result.weights if moment is None else moment.state
        assert Weights.of(trained).values is state
        expected = trained.activations[-1][3]
        qtbot.waitUntil(
            lambda expected=expected: not why.busy and close(why.answer.value, expected),
            timeout=10_000,
        )
    why.stop()


def close(value: float, expected: float) -> bool:
    return abs(value - expected) <= 1e-4 * max(1, abs(expected))


def test_a_run_goes_on_to_the_same_bits_while_the_past_is_shown(
    trained: Session, open_session: Callable[[Network], Session], qtbot: QtBot
) -> None:
    other = open_session(trained.network)
    other.set_recipe(RECIPE)
    for _ in range(3):
        other.step()
        qtbot.waitUntil(lambda: other.training == "paused")
    qtbot.waitUntil(lambda: len(other.snapshots) > 2)
    moment = other.snapshots[1]
    other.show_moment(moment)
    other.train()
    assert other.moment is moment, "going on after a pause leaves the past in sight"
    qtbot.waitUntil(lambda: other.training == "idle", timeout=20_000)
    assert shows(other, moment.state)
    other.show_moment(None)
    assert shows(other, trained.model.state)
    assert [e.train_loss for e in other.epochs] == [e.train_loss for e in trained.epochs]


@pytest.mark.parametrize("event", ["edit", "train", "start over", "undo", "branch"])
def test_the_past_is_left_when_something_else_happens(
    trained: Session, qtbot: QtBot, event: str
) -> None:
    session, told = trained, []
    session.insert(1, Dropout(0.5))
    session.undo()
    session.show_moment(session.snapshots[1])
    session.moment_changed.connect(lambda: told.append(session.moment))
    present = session.snapshot().result.weights
    match event:
        case "edit":
            session.insert(1, Dropout(0.5))
        case "undo":
            session.redo()
        case "train":
            session.step()
            assert np.array_equal(session.model.state, present), "it goes on from now"
            session.stop()
            qtbot.waitUntil(lambda: session.training == "idle")
        case "start over":
            session.start_over()
        case "branch":
            moment = session.moment
            assert session.branch(moment)
            assert np.array_equal(session.model.state, moment.state)
    assert told == [None]
    assert session.moment is None
