"""Networks so large that their weights are drawn beside the window, or not at all."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.data.preprocess import to_float
from cnnstudio.network import Network
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.maps.probe import MOST_PARAMETERS, SLOW_PARAMETERS

SMALL = Network((Input(), FullyConnected(10)))
LARGE = Network((Input(), FullyConnected(4000), FullyConnected(1000), FullyConnected(10)))
HUGE = Network((Input(pad=64), Conv2D(64, 3), FullyConnected(10_000), FullyConnected(10)))

Open = Callable[[Network], Session]


def test_the_weights_of_a_large_network_are_drawn_beside_the_window(
    open_session: Open, qtbot: QtBot
) -> None:
    session = open_session(SMALL)
    begin = time.perf_counter()
    session.apply(LARGE, "Grow")
    assert time.perf_counter() - begin < 0.1
    assert session.report.parameters > SLOW_PARAMETERS
    assert session.model is None
    assert session.activations == ()
    assert "still being drawn" in (session.train_refusal or "")
    with qtbot.waitSignal(session.network_changed, timeout=20_000):
        pass
    assert session.model is not None
    assert [maps.shape for maps in session.activations[1:]] == [(4000,), (1000,), (10,)]
    assert session.train_refusal is None


def test_an_edit_while_weights_are_drawn_gives_them_up(open_session: Open, qtbot: QtBot) -> None:
    session = open_session(LARGE)
    session.apply(SMALL, "Shrink")
    assert session.model is not None
    assert session.model.network == SMALL
    session.undo()
    session.redo()
    qtbot.wait(400)
    assert session.model is not None
    assert session.model.network == SMALL


def test_trained_weights_of_a_large_network_are_saved_while_it_is_prepared(
    open_session: Open, qtbot: QtBot
) -> None:
    session = open_session(LARGE)
    qtbot.waitUntil(lambda: session.model is not None, timeout=20_000)
    assert session.model is not None
    vector = np.arange(session.model.vector.size, dtype=np.float32) % 7
    session.model.vector[...] = vector
    opened = open_session(SMALL)
    weights = {name: array.copy() for name, array in session.model.parameters.items()}
    opened.restart(Project(LARGE, weights=weights), None)
    saved = opened.project().weights
    assert saved is not None
    assert np.array_equal(saved["fc1.weight"], weights["fc1.weight"])


def test_weights_for_which_there_is_no_memory_cannot_be_trained(
    open_session: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = open_session(SMALL)
    told: list[Notice] = []
    session.noticed.connect(told.append)

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cnnstudio.ui.maps.probe.Model", fail)
    session.apply(LARGE, "Grow")
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told[0].sentence == session.train_refusal
    assert "could not be drawn: There is not enough memory" in told[0].sentence
    session.train()
    assert session.training == "idle"
    monkeypatch.undo()
    session.undo()
    assert session.train_refusal is None


def test_a_network_that_is_too_large_is_told_and_takes_no_memory(open_session: Open) -> None:
    session = open_session(SMALL)
    told: list[Notice] = []
    session.noticed.connect(told.append)
    session.apply(HUGE, "Grow")
    assert session.report.ok
    assert session.report.parameters > MOST_PARAMETERS
    assert session.model is None
    session.train()
    assert session.training == "idle"
    assert "fewer filters or units" in told[-1].sentence
    session.undo()
    assert session.model is not None


def test_another_seed_shows_other_random_weights(open_session: Open) -> None:
    session = open_session(SMALL)
    assert session.model is not None
    before = session.model.vector.copy()
    session.set_recipe(session.recipe.with_values(seed=7))
    assert not np.array_equal(before, session.model.vector)
    session.undo()
    assert np.array_equal(before, session.model.vector)


def test_a_large_network_looks_at_a_picture_beside_the_window(
    open_session: Open, qtbot: QtBot
) -> None:
    """The drawing before may stand for the present one, never one test image for another."""
    session = open_session(LARGE)
    qtbot.waitUntil(lambda: session.model is not None, timeout=20_000)
    qtbot.waitUntil(lambda: session.probabilities is not None)
    session.set_probe(1)
    assert session.probabilities is None
    qtbot.waitUntil(lambda: session.probabilities is not None)
    assert_seen(session)
    for level in (60, 120, 180, 240):
        session.set_probe_picture(np.full((1, 28, 28), level, np.uint8))
        assert session.probe is not None
        assert session.probe.is_drawn
    qtbot.waitUntil(lambda: not session._viewer.is_looking)
    assert_seen(session)
    before = session.probabilities
    session.set_probe_picture(np.zeros((1, 28, 28), np.uint8))
    assert session.probabilities is before
    session.use_test_image()
    assert session.probabilities is None
    session.apply(SMALL, "Shrink")
    qtbot.waitUntil(lambda: not session._viewer.is_looking)
    assert_seen(session)


def assert_seen(session: Session) -> None:
    assert session.model is not None
    assert session.probe is not None
    expected = session.model.probabilities(to_float(session.probe.pixels[None]))[0]
    np.testing.assert_allclose(session.probabilities, expected, rtol=1e-5)
