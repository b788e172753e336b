"""Values that can be worked out by hand or by plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from cnnstudio.blocks import Activation, AvgPool2D, Dropout, GlobalAvgPool2D, MaxPool2D
from cnnstudio.blocks.window import Window
from cnnstudio.engine.layers.erf import erf
from tests.engine.harness import run_block


def taken(window: Window, size: int, step: int) -> list[int]:
    """The places in the input that one window looks at; None outside."""
    start = step * window.stride - window.padding
    return [start + tap * window.dilation for tap in range(window.kernel)]


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "rounding"),
    [((2, 3), (2, 1), 1, "floor"), (3, 2, 1, "ceil"), (2, 3, 0, "ceil"), (4, 3, 2, "floor")],
)
def test_pooling_equals_plain_loops(
    kernel: object, stride: object, padding: int, rounding: str
) -> None:
    x = np.random.default_rng(0).standard_normal((2, 2, 7, 8))
    highest = MaxPool2D(kernel, stride, padding, rounding)
    mean = AvgPool2D(kernel, stride, padding, rounding)
    largest, average = run_block(highest, x).y, run_block(mean, x).y
    down, right = highest.windows()
    for n, c, row, column in np.ndindex(*largest.shape):
        rows, columns = taken(down, 7, row), taken(right, 8, column)
        cells = [x[n, c, r, k] for r in rows for k in columns if 0 <= r < 7 and 0 <= k < 8]
        counted = sum(r < 7 + padding for r in rows) * sum(k < 8 + padding for k in columns)
        assert largest[n, c, row, column] == max(cells)
        assert average[n, c, row, column] == pytest.approx(sum(cells) / counted)


@pytest.mark.parametrize(
    "block",
    [
        MaxPool2D(rounding="floor"),
        MaxPool2D(rounding="ceil"),
        MaxPool2D(3, 1),
        MaxPool2D(3, 2, 1),
        MaxPool2D(2, 1),
        MaxPool2D(3, 3, rounding="ceil"),
        MaxPool2D((2, 3), (3, 2), rounding="floor"),
    ],
    ids=repr,
)
def test_the_first_maximum_in_reading_order_wins_as_in_pytorch(block: MaxPool2D) -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 3, (4, 3, 9, 9)).astype(np.float64)  # ties everywhere
    ceil = block.rounding == "ceil"
    theirs = torch.from_numpy(x).requires_grad_()
    y = torch.nn.functional.max_pool2d(
        theirs, block.kernel, block.stride, block.padding, ceil_mode=ceil
    )
    dy = generator.integers(-9, 9, y.shape).astype(np.float64)  # sums in any order are exact
    y.backward(torch.from_numpy(dy))
    assert np.array_equal(run_block(block, x, dy).dx, theirs.grad.numpy())


def test_a_constant_picture_gives_the_gradient_to_the_first_place() -> None:
    result = run_block(MaxPool2D(), np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)))
    assert result.dx[0, 0].tolist() == [[1, 0, 1, 0], [0] * 4, [1, 0, 1, 0], [0] * 4]


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
