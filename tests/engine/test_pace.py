"""The speed of a run, as it is told while it goes on."""

from __future__ import annotations

import dataclasses

import pytest

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.engine import trainer as module
from cnnstudio.engine.model import Model
from cnnstudio.engine.pace import LONG, MEMORY, STEPS, Pace
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs


def test_few_steps_tell_nothing() -> None:
    """Regression: one step, which is slow as it is the first, was taken for all."""
    pace = Pace()
    assert pace.images_per_second is None
    pace.add(64, 5.0)
    for _ in range(STEPS - 1):
        assert pace.images_per_second is None
        pace.add(64, 0.01)
    assert pace.images_per_second is None
    pace.add(64, 0.01)
    assert pace.images_per_second == pytest.approx(6400)


def test_steps_that_take_long_are_told_as_soon_as_two_were_made() -> None:
    pace = Pace()
    pace.add(64, LONG)
    assert pace.images_per_second is None
    pace.add(64, LONG)
    assert pace.images_per_second == pytest.approx(64 / LONG)


def test_it_follows_another_speed_within_seconds_and_one_slow_step_changes_little() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.add(10, 0.01)
    pace.add(10, 0.3)
    assert pace.images_per_second == pytest.approx(1000, rel=0.08)
    for _ in range(round(4 * MEMORY / 0.02)):
        pace.add(10, 0.02)
    assert pace.images_per_second == pytest.approx(500, rel=0.05)


def test_of_long_steps_it_is_the_mean_of_many() -> None:
    pace = Pace()
    for step in range(200):
        pace.add(10, 30.0 if step % 2 else 50.0)
    assert pace.images_per_second == pytest.approx(10 / 40, rel=0.03)


def test_it_goes_on_over_the_epochs_and_pauses_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Regression: it was that since the epoch began, so that the time left jumped at each."""

    @dataclasses.dataclass
    class Clock:
        now: float = 0.0
        counts: int = 0

        def perf_counter(self) -> float:
            """Each step takes 0.01 s, the first of an epoch five times as long."""
            self.counts += 1
            first = (self.counts // 2) % 30 == 1
            self.now += (0.05 if first else 0.01) if self.counts % 2 == 0 else 0.0
            return self.now

    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    network = Network((Input(1, 8, 8), FullyConnected(4)))
    recipe = Recipe(epochs=3, batch_size=10, validation=0)
    told = []
    for progress in Trainer(Model(network), blobs(300), blobs(0), recipe, 4).run():
        clock.now += 60.0
        told.append(progress.images_per_second)
    assert told[: STEPS - 1] == [None] * (STEPS - 1)
    known = [speed for speed in told if speed is not None]
    assert len(known) == 90 - STEPS
    assert min(known) > 850
    assert max(known) < 1050
