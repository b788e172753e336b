"""Early stopping waits for a better epoch, and keeps the best one's weights."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.engine.stopping import Stopping

FIGURES = [(0.5, 1.0), (0.7, 0.9), (0.7, 0.8), (0.7, 0.8), (0.6, 0.1), (0.9, 2.0)]
"""Validation accuracy and loss of six epochs."""


@pytest.mark.parametrize(("patience", "judged"), [(1, 3), (2, 4), (3, 5), (4, 6), (9, 6)])
def test_it_is_over_after_so_many_epochs_without_a_better_one(patience: int, judged: int) -> None:
    stopping = Stopping(patience)
    epoch = 0
    while epoch < len(FIGURES) and not stopping.over:
        accuracy, loss = FIGURES[epoch]
        epoch += 1
        stopping.judge(epoch, accuracy, loss, np.full(2, float(epoch)))
    assert epoch == judged
    best = 3 if judged < 6 else 6
    assert stopping.best_epoch == best
    assert np.array_equal(stopping.weights, [best, best])


def test_equal_accuracy_is_better_with_a_lower_loss_only() -> None:
    stopping = Stopping(5)
    stopping.judge(1, 0.7, 0.8, np.zeros(1))
    stopping.judge(2, 0.7, 0.9, np.zeros(1))
    stopping.judge(3, 0.7, 0.8, np.zeros(1))
    assert (stopping.best_epoch, stopping.waited) == (1, 2)
    stopping.judge(4, 0.7, 0.7, np.zeros(1))
    assert (stopping.best_epoch, stopping.waited) == (4, 3)
    stopping.judge(5, 0.8, 0.9, np.zeros(1))
    assert (stopping.best_epoch, stopping.waited) == (5, 0)


def test_the_weights_are_a_copy() -> None:
    stopping, weights = Stopping(1), np.ones(2)
    stopping.judge(1, 0.0, 5.0, weights)
    weights[...] = 7
    assert np.array_equal(stopping.weights, [1, 1])


def test_without_patience_it_never_ends_and_keeps_nothing() -> None:
    stopping = Stopping(0)
    for epoch in range(1, 9):
        stopping.judge(epoch, 0.5, 1.0, np.ones(2))
        assert not stopping.over
    assert stopping.weights is None
    assert stopping.best_epoch is None
