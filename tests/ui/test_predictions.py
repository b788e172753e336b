"""What the present weights make of all images: reckoned when asked for, dropped when outdated."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine.metrics import evaluate
from cnnstudio.network import Network
from cnnstudio.ui.document.session import Session

Open = Callable[[Network], Session]
SMALL = Network((Input(), FullyConnected(10)))


@pytest.fixture
def session(open_session: Open) -> Session:
    session = open_session(SMALL)
    session.set_recipe(session.recipe.with_values(validation=8, epochs=2, batch_size=4))
    return session


def asked(qtbot: QtBot, session: Session, of: str) -> None:
    session.ask_predictions(of)
    qtbot.waitUntil(lambda: session.predictor.is_fresh(of), timeout=10_000)


@pytest.mark.parametrize(("of", "count"), [("test", 16), ("validation", 8)])
def test_they_are_those_of_evaluate(qtbot: QtBot, session: Session, of: str, count: int) -> None:
    with qtbot.waitSignal(session.predictions_changed):
        session.ask_predictions(of)
    found = session.predictor.of(of)
    assert found is not None
    assert session.model is not None
    images = session.images(of)
    expected = evaluate(session.model, images)
    assert len(found) == found.total == count
    assert np.array_equal(found.confusion, expected.confusion)
    assert np.array_equal(found.labels, images.labels)
    assert found.probabilities == pytest.approx(
        session.model.probabilities(images.pixels), abs=1e-6
    )


def test_the_images_kept_aside_are_the_last_of_those_to_train(
    session: Session, digits: Dataset
) -> None:
    assert np.array_equal(session.images("validation").pixels, digits.train.pixels[-8:])
    assert np.array_equal(session.images("test").pixels, digits.test.pixels)
    session.set_probe(3, "validation")
    assert session.probe is not None
    assert np.array_equal(session.probe.pixels, digits.train.pixels[-5])
    assert (session.probe.origin, session.probe.total) == ("validation", 8)
    assert session.probe.label == digits.train.labels[-5]
    session.set_probe(3)
    assert session.probe.origin == "test"


def test_nothing_is_reckoned_unasked_or_twice(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.weights_changed.emit()
    session.set_probe(2)
    assert session.predictor.share_done("test") is None
    asked(qtbot, session, "test")
    first = session.predictor.of("test")
    session.ask_predictions("test")
    session.set_probe(4)
    session.ask_predictions("test")
    assert session.predictor.share_done("test") is None
    assert session.predictor.of("test") is first


def test_another_network_drops_them_and_undo_too(qtbot: QtBot, session: Session) -> None:
    asked(qtbot, session, "validation")
    session.insert(1, Conv2D(2, 3))
    assert session.predictions is None
    asked(qtbot, session, "validation")
    session.undo()
    assert session.predictions is None


def test_another_split_drops_those_of_validation(qtbot: QtBot, session: Session) -> None:
    asked(qtbot, session, "validation")
    session.set_recipe(session.recipe.with_values(validation=4))
    assert session.predictor.of("validation") is None
    asked(qtbot, session, "validation")
    found = session.predictions
    assert found is not None
    assert found.total == 4


def test_the_last_question_wins(qtbot: QtBot, session: Session) -> None:
    session.ask_predictions("test")
    session.ask_predictions("validation")
    qtbot.waitUntil(lambda: session.predictor.is_fresh("validation"), timeout=10_000)
    session.ask_predictions("test")
    session.predictor.forget()
    qtbot.waitUntil(lambda: session.predictor.share_done("test") is None, timeout=10_000)
    assert session.predictor.of("test") is None


def test_why_there_are_none_is_told(qtbot: QtBot, open_session: Open) -> None:
    session = open_session(Network((Input(), Conv2D(4, 5))))
    session.ask_predictions("test")
    qtbot.waitUntil(lambda: session.predictor.failure("test") is not None, timeout=10_000)
    failure = session.predictor.failure("test")
    assert failure is not None
    assert "End it with a fully connected block" in failure.sentence
    session.apply(SMALL, "Other")
    assert session.predictor.failure("test") is None


def test_a_run_tells_them_and_they_outlast_it_only_where_they_are_exact(
    qtbot: QtBot, session: Session
) -> None:
    with qtbot.waitSignal(session.training_changed, timeout=20_000) as _:
        session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    live = session.predictions
    assert live is not None
    assert (live.epoch, live.live, len(live)) == (2, True, 8)
    assert not session.predictor.is_fresh("validation")
    asked(qtbot, session, "validation")
    exact = session.predictions
    assert exact is not None
    assert session.model is not None
    assert (exact.epoch, exact.live) == (2, False)
    expected = evaluate(session.model, session.images("validation"))
    assert np.array_equal(exact.confusion, expected.confusion)
    assert np.array_equal(exact.confusion, live.confusion), "the run ended with an epoch"


def test_large_sets_say_how_far_they_are(qtbot: QtBot, session: Session, digits: Dataset) -> None:
    many = Images(np.tile(digits.test.pixels, (400, 1, 1, 1)), np.tile(digits.test.labels, 400))
    session.set_dataset(dataclasses.replace(digits, test=many))
    shares: list[float] = []
    session.predictor.progressed.connect(
        lambda: shares.append(session.predictor.share_done("test") or 0.0)
    )
    asked(qtbot, session, "test")
    assert shares == sorted(shares)
    found = session.predictor.of("test")
    assert found is not None
    assert len(found) == 6400
