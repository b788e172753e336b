"""When checkpoints are written, and that a run goes on from each of them to the same bits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from cnnstudio.blocks import BatchNorm, Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.engine import checkpoint, environment, recorder
from cnnstudio.engine.checkpoint import NAMES, Checkpoint
from cnnstudio.engine.model import Model
from cnnstudio.engine.recorder import Recorder
from cnnstudio.engine.run import Run, fingerprint
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import CnnFileError
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8),
        Conv2D(3, 3, activation="relu"),
        BatchNorm(),
        MaxPool2D(),
        Dropout(0.3),
        FullyConnected(4),
    )
)
RECIPE = Recipe(
    epochs=3, batch_size=32, optimizer="rmsprop", learning_rate=0.01, schedule="cosine", ema=0.9,
    patience=5, shift=1.0, rotation=5.0, clip=1.0, l2=1e-4, seed=2,
)  # fmt: skip
TRAIN, VALIDATION = blobs(150), blobs(40, 1)
RUN = Run(Project(NETWORK, RECIPE), None, fingerprint(TRAIN, VALIDATION), environment.present(1))


def trainer(threads: int = 1) -> Trainer:
    return Trainer(Model(NETWORK, RECIPE.seed, threads=threads), TRAIN, VALIDATION, RECIPE)


@pytest.mark.parametrize("threads", [1, 2])
def test_from_every_step_a_run_goes_on_to_the_same_bits(tmp_path, threads):
    whole = trainer(threads)
    writer = Recorder(tmp_path, RUN, every=0.0)
    history, copies = [], []
    for progress in whole.run():
        if progress.finished_epoch is not None:
            history.append(dataclasses.asdict(progress.finished_epoch))
        writer.look(whole, progress, history)
        found = checkpoint.load(tmp_path)
        assert (found.epoch, found.step) == (progress.epoch, progress.step)
        assert [dict(epoch) for epoch in found.history] == history
        copies.append(found)
    assert [copy.number for copy in copies] == list(range(1, 16))
    for found in copies:
        again = trainer(threads)
        again.restore(found.state)
        rest = list(again.run())
        assert len(rest) == 15 - found.number
        assert again.model.state.tobytes() == whole.model.state.tobytes()


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(recorder, "time", clock)
    return clock


def written(folder: Path) -> tuple[int, int] | None:
    found = checkpoint.load(folder)
    return None if found is None else (found.epoch, found.step)


def steps(trainer: Trainer, count: int) -> list[Progress]:
    return [progress for progress, _ in zip(trainer.run(), range(count), strict=False)]


def test_it_writes_at_the_end_of_an_epoch_and_when_the_time_is_over(tmp_path, clock):
    whole = trainer()
    writer = Recorder(tmp_path, RUN)
    seen = []
    for progress in whole.run():
        clock.now += 12.0
        writer.look(whole, progress, [])
        if not seen or seen[-1] != written(tmp_path):
            seen.append(written(tmp_path))
    assert seen == [None, (1, 3), (1, 5), (2, 3), (2, 5), (3, 3), (3, 5)]


def test_a_step_is_written_once(tmp_path, clock):
    whole = trainer()
    (first,) = steps(whole, 1)
    writer = Recorder(tmp_path, RUN)
    for _ in range(3):
        writer.write(whole, first, [])
    found = checkpoint.load(tmp_path)
    assert found.number == 1
    Recorder(tmp_path, RUN, found).write(whole, first, [])
    assert checkpoint.load(tmp_path).number == 1


def test_a_changed_step_is_written_again(tmp_path):
    whole = trainer()
    running = whole.run()
    first, second = next(running), next(running)
    writer = Recorder(tmp_path, RUN)
    writer.write(whole, second, [])
    whole.change(batch_size=64)
    third = next(running)  # 86 images are left, two steps of three: it is the second again
    assert (first.step, second.step, third.step) == (1, 2, 2)
    writer.write(whole, third, [])
    whole.go_back(whole.model.state.copy(), "Back")
    writer.write(whole, third, [])
    found = checkpoint.load(tmp_path)
    assert found.number == 3
    again = trainer()
    again.restore(found.state)
    assert again.changes == whole.changes
    Recorder(tmp_path, RUN, found).write(again, third, [])
    assert checkpoint.load(tmp_path).number == 3


def test_it_goes_on_with_the_other_generation(tmp_path):
    whole = trainer()
    first, second = steps(whole, 2)
    Recorder(tmp_path, RUN).write(whole, first, [])
    before = (tmp_path / NAMES[0]).read_bytes()
    found = checkpoint.load(tmp_path)
    Recorder(tmp_path, RUN, found).write(whole, second, [])
    assert (tmp_path / NAMES[0]).read_bytes() == before
    assert checkpoint.load(tmp_path).number == 2


def test_a_full_disk_is_told_once_and_tried_again(tmp_path, clock, monkeypatch):
    whole = trainer()
    made = steps(whole, 5)
    writer = Recorder(tmp_path, RUN, every=10.0)
    tries = []

    def full(_folder: Path, given: Checkpoint) -> None:
        tries.append(given.step)
        raise CnnFileError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", full)
        for progress in made[:4]:
            clock.now += 6.0
            if progress.step == 2:
                with pytest.raises(CnnFileError, match=r"The disk is full\."):
                    writer.look(whole, progress, [])
            else:
                writer.look(whole, progress, [])
    assert tries == [2, 4]
    writer.look(whole, made[4], [])
    assert written(tmp_path) == (1, 5)
    assert checkpoint.load(tmp_path).number == 1


def test_a_folder_that_cannot_be_written_to_is_told_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CnnFileError, match="for checkpoints: it is a file, not a folder"):
        Recorder(tmp_path / "file", RUN)
