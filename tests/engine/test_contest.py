"""Which of two ways is faster: the contest that threads and processes have."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from cnnstudio.engine.contest import MARGIN, ROUNDS, TURN, Contest


def contest_of(seconds: Callable[[bool], float]) -> Contest:
    contest = Contest()
    while contest.won is None:
        contest.note(seconds(contest.newcomers_turn))
    return contest


@pytest.mark.parametrize(("newcomer", "won"), [(0.9, True), (0.99 / MARGIN, True), (1, False)])
def test_the_shorter_median_wins(newcomer: float, won: bool) -> None:
    assert contest_of(lambda new: newcomer if new else 1.0).won is won


def test_a_few_disturbed_steps_change_no_outcome() -> None:
    count = itertools.count()
    contest = contest_of(lambda new: 50.0 if next(count) % 7 == 0 else 0.8 if new else 1.0)
    assert contest.won is True
    assert next(count) == 2 * ROUNDS * TURN


def test_the_first_step_of_a_turn_does_not_count() -> None:
    turns: list[bool] = []

    def seconds(new: bool) -> float:
        first = not turns or turns[-1] is not new
        turns.append(new)
        return 50.0 if first and new else 0.8 if new else 1.0

    assert contest_of(seconds).won is True
    assert turns[: 2 * TURN] == [False] * TURN + [True] * TURN
