"""Snapshots: a logarithmic schedule within a budget of bytes."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.engine.snapshots import MOST, Snapshot, Snapshots


def fill(snapshots: Snapshots, steps: int, size: int = 10) -> None:
    for step in range(steps + 1):
        if snapshots.is_due(step):
            snapshots.add(Snapshot(step, step / 100, np.full(size, step, np.float32)))


def steps_of(snapshots: Snapshots) -> list[int]:
    return [snapshot.step for snapshot in snapshots.kept]


def test_the_first_steps_are_all_kept_and_later_ones_by_the_logarithm() -> None:
    snapshots = Snapshots()
    fill(snapshots, 10_000)
    steps = steps_of(snapshots)
    assert steps[:9] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    ratios = np.array(steps[20:]) / np.array(steps[19:-1])
    assert np.all(ratios < 1.11)
    assert np.all(ratios > 1.06)
    assert len(steps) < MOST


def test_after_a_while_there_are_no_more_of_them_however_small() -> None:
    snapshots = Snapshots()
    fill(snapshots, 1_000_000, size=1)
    steps = steps_of(snapshots)
    assert len(steps) == MOST
    assert steps[0] == 0
    assert steps[-1] > 900_000


@pytest.mark.parametrize("most", [2, 3, 10, 25])
def test_within_the_budget_the_spacing_stays_logarithmic(most: int) -> None:
    snapshots = Snapshots(budget=most * 40)
    for stop in (10, 1000, 100_000):
        snapshots = Snapshots(budget=most * 40)
        fill(snapshots, stop)
        steps = steps_of(snapshots)
        assert len(steps) == min(most, stop + 1)
        assert steps[0] == 0
        assert steps[-1] > stop / 1.1 - 1
        gaps = np.diff(np.log2(1 + np.array(steps)))
        assert gaps.max() <= 3.2 * np.log2(1 + stop) / len(steps)


def test_weights_that_are_too_large_are_not_kept() -> None:
    snapshots = Snapshots(budget=70)
    fill(snapshots, 50)
    assert snapshots.kept == ()


def test_they_go_on_where_an_earlier_run_ended() -> None:
    first, whole = Snapshots(), Snapshots()
    fill(first, 500)
    fill(whole, 2000)
    again = Snapshots(first.kept)
    for step in range(first.kept[-1].step, 2001):
        if again.is_due(step):
            again.add(Snapshot(step, 0.0, np.zeros(10, np.float32)))
    assert steps_of(again) == steps_of(whole)
    assert steps_of(first)[-1] <= 500
