"""Lanes as processes: the same bits as threads, and nothing is left of them, however they end."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
from collections.abc import Iterator

import numpy as np
import pytest

from cnnstudio.blocks import BatchNorm, Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.data.datasets import Images
from cnnstudio.engine import crew
from cnnstudio.engine.crew import Lanes
from cnnstudio.engine.lane import Task
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import MOST_THREADS
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8, pad=1),
        Conv2D(4, 3, activation="relu"),
        MaxPool2D(),
        FullyConnected(16, activation="relu"),
        Dropout(0.3),
        FullyConnected(4),
    )
)
RECIPES = {
    "plain": Recipe(epochs=2, batch_size=32),
    "several slices in a lane": Recipe(epochs=2, batch_size=150, optimizer="adam"),
    "more lanes than images at the end": Recipe(epochs=2, batch_size=149),
    "penalties, clipping, smoothing": Recipe(
        epochs=2, batch_size=32, l1=1e-4, l2=1e-3, clip=1.0, label_smoothing=0.1
    ),
    "augmentation, average": Recipe(
        epochs=2, batch_size=64, shift=1, rotation=10, elastic=0.5, changed=0.7, ema=0.9
    ),
}


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """After each test there is no process of ours."""
    yield
    assert multiprocessing.active_children() == []


def trainer_of(
    lanes: Lanes, recipe: Recipe, threads: int = 2, network: Network = NETWORK
) -> Trainer:
    model = Model(network, recipe.seed, threads=threads, lanes=lanes)
    return Trainer(model, bytes_of(150), bytes_of(40, 1), recipe)


def bytes_of(count: int, seed: int = 0) -> Images:
    """Pictures as bytes, as a data set has them."""
    images = blobs(count, seed)
    return Images(np.uint8(255 * np.clip(images.pixels, 0, 1)), images.labels)


def processes() -> list[multiprocessing.process.BaseProcess]:
    return multiprocessing.active_children()


def weights(trainer: Trainer) -> bytes:
    return trainer.model.state.tobytes()


@pytest.mark.parametrize("threads", [2, 3])
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_processes_give_the_bits_of_threads(recipe: Recipe, threads: int) -> None:
    by_threads = trainer_of("threads", recipe, threads)
    expected = [progress.loss for progress in by_threads.run()]
    by_processes = trainer_of("processes", recipe, threads)
    found = []
    for progress in by_processes.run():
        found.append(progress.loss)
        assert len(processes()) == threads - 1
    assert found == expected
    assert weights(by_processes) == weights(by_threads)


def test_a_run_may_go_on_from_threads_with_processes_and_back() -> None:
    recipe = RECIPES["augmentation, average"]
    unbroken = trainer_of("threads", recipe)
    list(unbroken.run())
    ways: list[Lanes] = ["threads", "processes", "threads", "processes", "threads"]
    state = None
    for way in ways:
        trainer = trainer_of(way, recipe)
        if state is not None:
            trainer.restore(state)
        list(itertools.islice(trainer.run(), None if way is ways[-1] else 1))
        state = trainer.state()
    assert weights(trainer) == weights(unbroken)


def test_double_precision_and_float_pictures() -> None:
    found = []
    ways: list[Lanes] = ["threads", "processes"]
    for lanes in ways:
        model = Model(NETWORK, dtype=np.float64, threads=2, lanes=lanes)
        images = blobs(60)
        score = model.gradients().compute(images.pixels, images.labels, task=Task(3))
        found.append((score, model.gradients().vector.tobytes()))
        model.gradients().rest()
    assert found[0] == found[1]


def test_other_pictures_than_the_first_are_taken_by_threads() -> None:
    found = []
    ways: list[Lanes] = ["threads", "processes"]
    for lanes in ways:
        gradients = Model(NETWORK, threads=2, lanes=lanes).gradients()
        few, more = bytes_of(20), bytes_of(90)
        floats = blobs(20)
        for images in (few, more, floats, few):
            score = gradients.compute(images.pixels, images.labels)
            found.append((lanes == "processes", score, gradients.vector.tobytes()))
        gradients.rest()
    assert [each[1:] for each in found if each[0]] == [each[1:] for each in found if not each[0]]


def test_lanes_that_meet_within_a_step_stay_threads() -> None:
    network = NETWORK.insert(2, BatchNorm())
    trainer = trainer_of("processes", RECIPES["plain"], network=network)
    next(trainer.run())
    assert processes() == []


@pytest.mark.parametrize("threads", [1, MOST_THREADS + 1])
def test_one_thread_or_very_many_start_no_process(threads: int) -> None:
    run = trainer_of("processes", RECIPES["plain"], threads=threads).run()
    next(run)
    assert processes() == []


def test_threads_go_on_when_a_process_is_killed(capfd: pytest.CaptureFixture[str]) -> None:
    recipe = RECIPES["plain"]
    whole = trainer_of("threads", recipe)
    list(whole.run())
    trainer = trainer_of("processes", recipe)
    run = trainer.run()
    next(run)
    (process,) = processes()
    process.kill()
    process.join()
    list(run)
    assert weights(trainer) == weights(whole)
    assert capfd.readouterr() == ("", "")


def refuse(*_args: object, **_options: object) -> None:
    raise OSError("no")


@pytest.mark.parametrize(
    "name",
    [
        "cnnstudio.engine.model.SharedArray",
        "cnnstudio.engine.processes.SharedArray",
        "multiprocessing.context.SpawnProcess.start",
    ],
)
def test_threads_do_it_where_processes_cannot_be_had(
    name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    recipe = RECIPES["plain"]
    whole = trainer_of("threads", recipe)
    list(whole.run())
    monkeypatch.setattr(name, refuse)
    trainer = trainer_of("processes", recipe)
    list(trainer.run())
    assert weights(trainer) == weights(whole)
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_sent_is_done_by_threads() -> None:
    def brighter(pictures: np.ndarray, _generator: np.random.Generator) -> np.ndarray:
        return np.float32(pictures) / 200

    found = []
    ways: list[Lanes] = ["threads", "processes"]
    for lanes in ways:
        gradients = Model(NETWORK, threads=2, lanes=lanes).gradients()
        images = bytes_of(20)
        score = gradients.compute(images.pixels, images.labels, task=Task(0, brighter))
        found.append((score, gradients.vector.tobytes()))
    assert found[0] == found[1]


def fail(_pictures: np.ndarray, _generator: np.random.Generator) -> np.ndarray:
    raise ZeroDivisionError("in the step")


def test_an_error_of_a_step_is_raised(capfd: pytest.CaptureFixture[str]) -> None:
    gradients = Model(NETWORK, threads=2, lanes="processes").gradients()
    images = bytes_of(20)
    gradients.compute(images.pixels, images.labels)
    with pytest.raises(ZeroDivisionError, match="in the step"):
        gradients.compute(images.pixels, images.labels, task=Task(0, fail))
    assert capfd.readouterr() == ("", "")


def interrupt(_pictures: np.ndarray, _generator: np.random.Generator) -> np.ndarray:
    raise KeyboardInterrupt


def test_after_an_interruption_no_old_answer_counts() -> None:
    images = bytes_of(20)
    gradients = Model(NETWORK, threads=2, lanes="processes").gradients()
    score = gradients.compute(images.pixels, images.labels)
    with pytest.raises(KeyboardInterrupt):
        gradients.compute(images.pixels[:2], images.labels[:2], task=Task(0, interrupt))
    assert gradients.compute(images.pixels, images.labels) == score


def test_processes_end_with_the_run_that_is_left() -> None:
    for _ in trainer_of("processes", RECIPES["plain"]).run():
        assert len(processes()) == 1
        break
    assert processes() == []


def test_processes_end_with_the_model() -> None:
    gradients = Model(NETWORK, threads=2, lanes="processes").gradients()
    images = bytes_of(20)
    gradients.compute(images.pixels, images.labels)
    assert len(processes()) == 1
    del gradients
    gc.collect()
    assert processes() == []


class Decided:
    """A contest whose winner is known before."""

    def __init__(self, *, won: bool) -> None:
        self._won, self.steps, self.newcomers_turn = won, 0, False

    def note(self, seconds: float) -> None:
        assert seconds > 0
        self.steps += 1
        self.newcomers_turn = not self.newcomers_turn

    @property
    def won(self) -> bool | None:
        return self._won if self.steps == 4 else None


@pytest.mark.parametrize("won", [True, False])
def test_the_faster_way_is_kept(won: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(epochs=400, batch_size=32)
    monkeypatch.setattr(crew, "WORTH_STARTING", 0.0)
    monkeypatch.setattr(crew, "Contest", lambda: Decided(won=won))
    trainer = trainer_of("fastest", recipe)
    own = trainer.model.gradients()._crew
    contest, run, counts, made = own._contest, trainer.run(), set(), 0
    while contest.steps < 4:
        next(run)
        made += 1
        counts.add(len(processes()))
        assert own._processes is None or own._processes.ready(60)
    for _ in range(5):
        next(run)
        made += 1
        assert len(processes()) == won
    assert 1 in counts
    run.close()
    by_threads = trainer_of("threads", recipe)
    list(itertools.islice(by_threads.run(), made))
    assert weights(trainer) == weights(by_threads)


def test_short_runs_start_no_process() -> None:
    trainer = trainer_of("fastest", RECIPES["plain"])
    for _ in trainer.run():
        assert processes() == []
