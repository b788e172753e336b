"""Values of functions and of dropout that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cnnstudio.blocks import Activation, Dropout
from cnnstudio.engine.layers.erf import erf
from tests.engine.harness import run_block


def test_dropout_scales_what_it_keeps_and_its_gradient() -> None:
    x = np.ones((50, 400))
    result = run_block(Dropout(0.3), x, np.ones_like(x))
    kept = result.y != 0
    assert np.unique(result.y[kept]) == pytest.approx(1 / 0.7)
    assert kept.mean() == pytest.approx(0.7, abs=0.01)
    assert np.array_equal(result.y, result.dx)


def test_the_error_function() -> None:
    x = np.linspace(-7, 7, 20_001)
    expected = np.array([math.erf(value) for value in x])
    assert np.abs(erf(x) - expected).max() < 1e-14
    single = erf(x.astype(np.float32))
    assert single.dtype == np.float32
    exact = np.array([math.erf(value) for value in x.astype(np.float32).tolist()])
    assert np.abs(single - exact).max() < 1e-7


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_functions_stay_finite_far_from_zero(dtype: type) -> None:
    x = np.array([[-1e4, -100, -1, 0, 1, 100, 1e4]], dtype)
    for function in (
        "relu",
        "leaky_relu",
        "elu",
        "gelu",
        "sigmoid",
        "tanh",
        "scaled_tanh",
        "softmax",
    ):
        result = run_block(Activation(function), x, np.ones_like(x))
        assert np.isfinite(result.y).all(), function
        assert np.isfinite(result.dx).all(), function
        assert result.y.dtype == dtype, function
