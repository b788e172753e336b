"""The session: edits, undo, selection, weights and the training run, without a window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import BatchNorm, Conv2D, Dropout, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project, load, save
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.typography import pretty

CONV, POOL, FC = Conv2D(4, 5, activation="relu"), MaxPool2D(), FullyConnected(10)
RECIPE = Recipe(epochs=2, batch_size=16, validation=32)


def blobs(count: int, seed: int) -> Images:
    """Pictures with a bright square whose place is the label."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 10, count).astype(np.uint8)
    pixels = generator.integers(0, 60, (count, 1, 28, 28)).astype(np.uint8)
    for picture, label in zip(pixels, labels, strict=True):
        row, column = divmod(int(label), 4)
        picture[0, 2 + 8 * row : 8 + 8 * row, 1 + 7 * column : 6 + 7 * column] = 255
    return Images(pixels, labels)


def digits() -> Dataset:
    return Dataset("mnist", tuple("0123456789"), blobs(160, 1), blobs(64, 2))


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    session = Session(Project(Network((Input(), CONV, POOL, FC)), RECIPE), threads=1)
    session.set_dataset(digits())
    yield session
    assert session.shut_down()


@pytest.fixture
def notices(session: Session) -> list[Notice]:
    told: list[Notice] = []
    session.noticed.connect(told.append)
    return told


def trained(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.training_changed, check_params_cb=None, timeout=20_000):
        session.train()
    if session.training != "idle":
        qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)


def test_insert_selects_and_undo_takes_it_back(session: Session, qtbot: QtBot) -> None:
    start = session.network
    with qtbot.waitSignals([session.network_changed, session.selection_changed]):
        session.insert(2, CONV)
    assert session.network.blocks == (Input(), CONV, CONV, POOL, FC)
    assert session.selection == (2,)
    assert session.history.undo_words == "Insert CONV 2"
    session.undo()
    assert session.network == start
    session.redo()
    assert session.network.blocks[2] == CONV


def test_move_and_remove_keep_the_selection_on_what_was_meant(session: Session) -> None:
    session.move((1,), 4)
    assert session.network.blocks == (Input(), POOL, FC, CONV)
    assert session.selection == (3,)
    session.remove((0, 3))
    assert session.network.blocks == (Input(), POOL, FC)
    assert session.selection == (2,)


def test_a_typed_number_is_one_step(session: Session) -> None:
    for filters in (5, 6, 7):
        block = session.network.blocks[1].with_values(filters=filters)
        session.replace(1, block, "Change filters of CONV 1", merge=filters > 5)
    session.undo()
    assert session.network.blocks[1] == CONV


def test_repair_is_one_step(session: Session) -> None:
    session.replace(1, Conv2D(4, 3, stride=4), "Change CONV 1")
    assert not session.report.ok
    assert session.model is None
    repair = session.report.problems[0][1].repairs[0]
    session.repair(repair)
    assert session.report.blocks[1].fits
    session.undo()
    assert not session.report.ok


def test_maps_end_before_the_block_that_does_not_fit(session: Session) -> None:
    assert len(session.activations) == 4
    assert session.activations[1].shape == (4, 24, 24)
    session.insert(2, MaxPool2D(5, 5))
    assert len(session.activations) == 2
    assert session.probabilities is None


def test_the_probe_is_what_the_maps_are_of(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignals([session.probe_changed, session.weights_changed]):
        session.set_probe(7)
    assert session.probe is not None
    assert session.dataset is not None
    assert session.probe.label == session.dataset.test.labels[7]
    picture = session.dataset.test.pixels[7] / np.float32(255)
    np.testing.assert_allclose(session.activations[0], picture, rtol=1e-6)
    session.set_probe(-1)
    assert session.probe.index == len(session.dataset.test) - 1


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (Network((Input(), Conv2D(4, 3, stride=4), FC)), "does not fit"),
        (Network((Input(), FullyConnected(12))), "12, but MNIST has 10 classes"),
        (Network((Input(height=32), FC)), "of 32x28x1, but those of MNIST are 28x28x1"),
        (Network((Input(1, 32, 32), FC)), "change the block to INPUT 28x28x1 pad 2."),
        (Network((Input(3, 20, 31), FC)), "change the block to INPUT 28x28x1."),
        (Network((Input(), CONV)), "ends with 24x24x4"),
    ],
)
def test_train_says_why_it_cannot(
    session: Session, notices: list[Notice], network: Network, words: str
) -> None:
    session.apply(network, "Change")
    assert pretty(words) in (session.train_refusal or "")
    session.train()
    assert session.training == "idle"
    assert notices[-1].sentence == session.train_refusal


def test_the_window_trains_to_the_same_bits_as_the_engine(session: Session, qtbot: QtBot) -> None:
    steps = []
    session.progress_changed.connect(lambda: steps.append(session.progress))
    trained(session, qtbot)
    model = Model(session.network, seed=0, threads=1)
    train, validation = digits().split(RECIPE.validation)
    expected = [progress.loss for progress in Trainer(model, train, validation, RECIPE).run()]
    assert session.model is not None
    assert session.curve.loss.tolist() == expected
    assert session.model.vector.tobytes() == model.vector.tobytes()
    assert [epoch.epoch for epoch in session.epochs] == [1, 2]
    assert steps[-1].epoch == 2


def test_nothing_can_be_edited_while_it_trains(
    session: Session, notices: list[Notice], qtbot: QtBot
) -> None:
    network = session.network
    for steps in (1, 2, 3):
        session.step()
        qtbot.waitUntil(lambda n=steps: len(session.curve) == n, timeout=10_000)
        assert session.training == "paused"
    session.insert(1, CONV)
    session.undo()
    assert session.network == network
    assert "Training is going on" in notices[-1].sentence
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=10_000)


def test_pause_step_continue_and_stop(session: Session, qtbot: QtBot) -> None:
    session.set_recipe(RECIPE.with_values(epochs=10_000))
    session.train()
    qtbot.waitUntil(lambda: len(session.curve) > 3, timeout=10_000)
    session.pause()
    assert session.training == "paused"
    session.train()
    assert session.training == "running"
    session.stop()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=10_000)
    assert session.trained
    assert session.modified


def test_training_goes_on_from_what_was_learned(session: Session, qtbot: QtBot) -> None:
    trained(session, qtbot)
    first = session.model.vector.copy()
    trained(session, qtbot)
    assert [epoch.epoch for epoch in session.epochs] == [1, 2, 3, 4]
    assert session.curve.epoch[-1] == 4
    assert not np.array_equal(first, session.model.vector)
    session.start_over()
    assert not session.trained
    assert len(session.curve) == 0


def test_undo_brings_trained_weights_back(session: Session, qtbot: QtBot) -> None:
    trained(session, qtbot)
    weights = session.model.vector.copy()
    session.insert(1, CONV)
    assert not session.trained
    session.undo()
    assert session.trained
    np.testing.assert_array_equal(session.model.vector, weights)


def test_saving_and_opening_keeps_weights_history_and_recipe(
    session: Session, qtbot: QtBot, tmp_path: object
) -> None:
    trained(session, qtbot)
    path = tmp_path / "mine.cnn"
    save(session.project(), path)
    session.saved_as(path)
    assert not session.modified
    weights, epochs = session.model.vector.copy(), session.epochs
    other = Session(load(path), threads=1)
    np.testing.assert_array_equal(other.model.vector, weights)
    assert other.epochs == epochs
    assert other.recipe == RECIPE
    assert not other.modified


def test_numbers_that_run_away_make_a_pause_with_a_way_back(
    session: Session, notices: list[Notice], qtbot: QtBot
) -> None:
    session.apply(Network((Input(), FullyConnected(50), FullyConnected(50), FC)), "Change")
    recipe = RECIPE.with_values(optimizer="sgd", learning_rate=100.0, epochs=2)
    session.set_recipe(recipe)
    session.train()
    qtbot.waitUntil(lambda: session.training == "paused", timeout=20_000)
    assert "The loss is no longer a finite number at step" in notices[-1].sentence
    assert "it began in FC " in notices[-1].sentence
    (offer,) = notices[-1].offers
    assert offer.words == "Go back to epoch 0.00 and train with 0.01"
    offer.act()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert session.recipe == recipe.with_values(learning_rate=0.01)
    ((_, words),) = session.changes
    assert words == "Back to the weights of epoch 0.00, Learning rate 100 -> 0.01"
    assert np.isfinite(session.model.state).all()
    assert session.epochs[-1].epoch == 2
    session.undo()
    assert session.recipe == recipe


def test_an_early_stop_is_told(session: Session, notices: list[Notice], qtbot: QtBot) -> None:
    session.set_recipe(RECIPE.with_values(patience=1, epochs=200, learning_rate=0.01))
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    assert len(session.epochs) < 200
    assert notices[-1].sentence.startswith("Training stopped early: 1 epoch without a better")
    assert notices[-1].severity == "info"


def test_figures_that_a_file_has_as_null_were_not_measured(
    session: Session, tmp_path: Path
) -> None:
    epoch = {
        "epoch": 1,
        "train_loss": 2.0,
        "train_accuracy": 0.5,
        "validation_loss": math.nan,
        "validation_accuracy": math.nan,
        "seconds": 1.0,
        "images_per_second": 160.0,
    }
    weights = dict(Model(session.network).parameters)
    path = tmp_path / "unmeasured.cnn"
    save(Project(session.network, RECIPE, weights, history=(epoch,)), path)
    session.restart(load(path), path)
    assert math.isnan(session.epochs[0].validation_accuracy)
    assert math.isnan(session.epochs[0].validation_loss)
    save(session.project(), path)
    assert load(path).history[0]["validation_loss"] is None


def test_what_the_window_does_not_show_stays_in_the_file(session: Session) -> None:
    project = Project(session.network, RECIPE, data="letters", description="Mine.")
    session.restart(project, None)
    session.insert(1, CONV)
    kept = session.project(name="new")
    assert (kept.data, kept.description, kept.name) == ("letters", "Mine.", "new")
    assert kept.network == session.network


def test_a_document_that_cannot_be_shown_leaves_the_present_one(session: Session) -> None:
    network, title = session.network, session.title
    foreign = Project(Network((Input(), FullyConnected(10))), weights={"fc1.weight": np.zeros(3)})
    with pytest.raises(CnnStudioError, match=r"fc1\.weight"):
        session.restart(foreign, Path("other.cnn"))
    assert (session.network, session.title, session.path) == (network, title, None)


def test_trained_weights_that_could_not_be_saved_again_are_not_opened(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_project = Project(session.network, weights=dict(Model(session.network).parameters))
    monkeypatch.setattr("cnnstudio.ui.maps.probe.MOST_PARAMETERS", 100)
    with pytest.raises(CnnStudioError, match="more than the 100 that can be trained here"):
        session.restart(trained_project, None)


def test_running_statistics_are_trained_undone_and_saved(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    network = Network((Input(), Conv2D(2, 5), Residual((BatchNorm(),)), FullyConnected(10)))
    session.apply(network, "Normalise")
    assert session.model is not None
    name = "residual1.norm1.running_mean"
    untrained = session.model.weights[name].copy()
    session.set_recipe(RECIPE)
    session.train()
    qtbot.waitUntil(lambda: session.training == "idle", timeout=20_000)
    trained = session.model.weights[name].copy()
    assert not np.array_equal(trained, untrained)
    session.insert(2, Dropout())
    assert np.array_equal(session.model.weights[name], untrained)
    session.undo()
    assert np.array_equal(session.model.weights[name], trained)
    path = tmp_path / "normalised.cnn"
    save(session.project(), path)
    project = load(path)
    assert project.weights is not None
    assert np.array_equal(project.weights[name], trained)
    session.restart(project, path)
    assert session.trained
    assert np.array_equal(session.model.weights[name], trained)
