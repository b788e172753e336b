"""The exponential mean of the training curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnstudio.ui.training.smoothing import ExponentialMean, thinned


def test_constant_stays() -> None:
    mean = ExponentialMean()
    mean.extend(np.full(10, 2.5))
    assert mean.values.tolist() == [2.5] * 10


def test_step_has_come_through_to_63_percent_after_the_time_constant() -> None:
    mean = ExponentialMean(40)
    mean.extend(np.concatenate([np.zeros(4000), np.ones(40)]))
    assert math.isclose(mean.values[-1], 1 - math.exp(-1))


def test_a_first_value_that_is_far_off_weighs_as_any_other() -> None:
    values = np.concatenate([[3.7, 2.4, 1.9], np.full(200, 0.8)])
    ages = np.arange(len(values))[::-1]
    expected = [
        np.average(values[:count], weights=np.exp(-ages[-count:] / 40))
        for count in range(1, len(values) + 1)
    ]
    mean, one_by_one = ExponentialMean(40), ExponentialMean(40)
    mean.extend(values)
    for value in values:
        one_by_one.extend(np.array([value]))
    assert np.allclose(mean.values, expected)
    assert np.allclose(one_by_one.values, expected)
    assert one_by_one.values[40] < 1


def test_bit_by_bit_is_the_same_as_at_once() -> None:
    values = np.random.default_rng(0).normal(size=3000)
    whole, parts = ExponentialMean(), ExponentialMean()
    whole.extend(values)
    for start in range(0, 3000, 7):
        parts.extend(values[start : start + 7])
    assert np.allclose(whole.values, parts.values, rtol=1e-12, atol=1e-14)


def test_nan_is_a_gap_and_spoils_nothing() -> None:
    mean = ExponentialMean()
    mean.extend(np.array([1.0, math.nan, math.inf, 1.0]))
    assert np.isnan(mean.values).tolist() == [False, True, True, False]
    assert mean.values[-1] == 1.0


@pytest.mark.parametrize("count", [1, 100])
def test_huge_losses_are_soon_forgotten(count: int) -> None:
    """Regression: a loss of 1e10 stood in the mean for a thousand steps."""
    values = np.concatenate([np.full(400, 0.23), np.full(count, 1e10), np.full(400, 0.23)])
    mean, one_by_one = ExponentialMean(40), ExponentialMean(40)
    mean.extend(values)
    for value in values:
        one_by_one.extend(np.array([value]))
    assert np.allclose(mean.values, one_by_one.values, rtol=1e-9)
    assert np.all(np.diff(mean.values[400 + count :]) < 0)
    assert mean.values[-1] < 0.3
    assert mean.values[399 + count] > (1 if count == 1 else 1e8), "it is seen all the same"


def test_usual_losses_are_averaged_as_they_are() -> None:
    values = np.random.default_rng(2).uniform(0, 19.9, 200)
    mean, share = ExponentialMean(40), 1 - math.exp(-1 / 40)
    mean.extend(values)
    weights = share * np.exp(-np.arange(200)[::-1] / 40)
    assert math.isclose(mean.values[-1], np.average(values, weights=weights))


def test_the_largest_numbers_spoil_nothing() -> None:
    values = np.array([1.0, 1e308, math.inf, 1e308])
    for constant in (0, 40):
        mean = ExponentialMean(constant)
        mean.extend(values)
        assert np.isfinite(mean.values).tolist() == [True, True, False, True]


def test_thinned_keeps_the_ends() -> None:
    assert thinned(0, 10).tolist() == []
    assert thinned(3, 10).tolist() == [0, 1, 2]
    places = thinned(8600, 600)
    assert places[0] == 0
    assert places[-1] == 8599
    assert len(places) <= 601


def test_many_values_with_gaps_are_averaged_as_one_by_one() -> None:
    values = np.random.default_rng(1).normal(size=2000)
    values[[0, 5, 900, 1999]] = math.nan
    for constant in (0, 10, 160):
        whole, parts = ExponentialMean(constant), ExponentialMean(constant)
        whole.extend(values)
        for value in values:
            parts.extend(np.array([value]))
        assert np.allclose(whole.values, parts.values, rtol=1e-12, atol=1e-14, equal_nan=True)
        if constant == 0:
            assert np.array_equal(whole.values, values, equal_nan=True)
