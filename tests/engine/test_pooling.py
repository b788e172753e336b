"""Pooling against plain loops: maxima and who wins them, means with and without padding."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnstudio.blocks import AvgPool2D, GlobalAvgPool2D, MaxPool2D
from tests.engine.harness import run_block


def cells(block: AvgPool2D, x: np.ndarray, row: int, column: int) -> tuple[np.ndarray, int]:
    """The real pixels of one map in a window, and how many cells the window has with padding."""
    counted, sides = 1, []
    for window, step, size in zip(block.windows(), (row, column), x.shape, strict=True):
        start = step * window.stride - window.padding
        places = range(start, start + window.kernel)
        sides.append([place for place in places if 0 <= place < size])
        counted *= sum(place < size + window.padding for place in places)
    return x[np.ix_(*sides)], counted


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "block",
    [
        AvgPool2D((2, 3), (2, 1), 1, "floor"),
        AvgPool2D(3, 2, (0, 1), "ceil"),
        AvgPool2D(2, 3, 0, "ceil"),
        AvgPool2D(4, 3, 2, "floor"),
        AvgPool2D(6, 1, 3),
    ],
    ids=repr,
)
def test_pooling_equals_plain_loops(block: AvgPool2D, dtype: type) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 7, 8)).astype(dtype)
    highest = MaxPool2D(block.kernel, block.stride, block.padding, block.rounding)
    largest, padded = run_block(highest, x).y, run_block(block, x).y
    real = run_block(block.with_values(count_padding=False), x).y
    assert padded.dtype == real.dtype == dtype
    within = 1e-12 if dtype == np.float64 else 1e-6
    for n, c, row, column in np.ndindex(*padded.shape):
        seen, counted = cells(block, x[n, c], row, column)
        assert largest[n, c, row, column] == seen.max()
        total = seen.sum(dtype=np.float64)
        assert padded[n, c, row, column] == pytest.approx(total / counted, abs=within)
        assert real[n, c, row, column] == pytest.approx(total / seen.size, abs=within)


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


def test_padding_that_is_not_counted_leaves_a_constant_picture_as_it_is() -> None:
    ones = np.ones((1, 1, 4, 4))
    counted = run_block(AvgPool2D(2, 2, 1), ones).y[0, 0]
    assert counted.tolist() == [[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]]
    assert (run_block(AvgPool2D(2, 2, 1, count_padding=False), ones).y == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_global_average_and_its_gradient(dtype: type) -> None:
    x = np.arange(24, dtype=dtype).reshape(1, 2, 3, 4)
    result = run_block(GlobalAvgPool2D(), x, np.array([[12, 24]], dtype))
    assert result.y == pytest.approx(np.array([[5.5, 17.5]]))
    assert result.y.dtype == result.dx.dtype == dtype
    expected = np.broadcast_to([[[[1]], [[2]]]], x.shape)
    assert result.dx == pytest.approx(expected)
