"""Transposed convolution: the lecture's values (D4), and that it is the adjoint of convolution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import Conv2D, ConvTranspose2D, Shape
from tests.engine.harness import run_block

SQUARE = [[1, 2], [3, 4]]


def painted(
    image: object, kernel: object, dtype: type = np.float64, **values: object
) -> np.ndarray:
    """One picture through one transposed filter without bias."""
    x = np.array(image, dtype)[None, None]
    weight = np.array(kernel, dtype)[None, None]
    block = ConvTranspose2D(1, weight.shape[2:], bias=False, **values)
    return run_block(block, x, parameters={"weight": weight}).y[0, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_of_the_lecture(dtype: type) -> None:
    ones = np.ones((3, 3))
    touching = [[1, 3, 3, 2], [4, 10, 10, 6], [4, 10, 10, 6], [3, 7, 7, 4]]
    assert painted(SQUARE, ones, dtype).tolist() == touching
    apart = [
        [1, 1, 3, 2, 2],
        [1, 1, 3, 2, 2],
        [4, 4, 10, 6, 6],
        [3, 3, 7, 4, 4],
        [3, 3, 7, 4, 4],
    ]
    result = painted(SQUARE, ones, dtype, stride=2)
    assert result.tolist() == apart
    assert result.dtype == dtype


def test_padding_cuts_off_and_output_padding_adds_at_the_bottom_and_right() -> None:
    whole = painted(SQUARE, np.ones((3, 3)), stride=2)
    assert np.array_equal(painted(SQUARE, np.ones((3, 3)), stride=2, padding=1), whole[1:-1, 1:-1])
    added = painted(SQUARE, np.ones((3, 3)), stride=2, output_padding=(1, 0))
    assert np.array_equal(added[:-1], whole)
    assert not added[-1].any()


def test_the_filter_is_painted_as_it_is() -> None:
    kernel = [[1, 2, 3], [4, 5, 6]]
    assert painted([[1]], kernel).tolist() == kernel
    assert painted([[1]], kernel, dilation=2).tolist() == [
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 0],
        [4, 0, 5, 0, 6],
    ]


def test_it_recovers_the_size_but_not_the_values() -> None:
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    weight = {"weight": np.ones((1, 1, 3, 3))}
    small = run_block(Conv2D(1, 3, bias=False), x, parameters=weight).y
    back = run_block(ConvTranspose2D(1, 3, bias=False), small, parameters=weight).y
    assert back.shape == x.shape
    assert not np.allclose(back, x)


def test_the_bias_is_added_once_to_every_output() -> None:
    parameters = {"weight": np.zeros((2, 3, 2, 2)), "bias": np.array([1.0, 2.0, 3.0])}
    y = run_block(ConvTranspose2D(3, 2, 2), np.ones((1, 2, 3, 3)), parameters=parameters).y
    assert np.array_equal(y, np.broadcast_to([[[[1]], [[2]], [[3]]]], (1, 3, 6, 6)))


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
small_pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.tuples(st.integers(0, 3), st.integers(0, 3))
images = st.tuples(st.integers(1, 3), st.integers(2, 9), st.integers(2, 9))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    kernel=pairs,
    stride=small_pairs,
    padding=paddings,
    dilation=small_pairs,
    groups=st.integers(1, 3),
    per_group=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    image=images,
    seed=st.integers(0, 1000),
)
def test_it_is_the_adjoint_of_convolution(
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
    groups: int,
    per_group: tuple[int, int],
    image: tuple[int, int, int],
    seed: int,
) -> None:
    """<conv(x), y> = <x, conv_T(y)>; output padding stands for what the convolution left unseen."""
    count, height, width = image
    channels, filters = (groups * n for n in per_group)
    common = {"dilation": dilation, "groups": groups, "bias": False}
    forth = Conv2D(filters, kernel, stride, padding, rounding="floor", **common)
    down, right = forth.windows()
    assume(down.count(height) is not None)
    assume(right.count(width) is not None)
    unseen = (down.unseen(height), right.unseen(width))
    back = ConvTranspose2D(channels, kernel, stride, padding, unseen, **common)
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((count, channels, height, width))
    y = generator.standard_normal((count, *forth.output_shape(Shape(x.shape[1:]))))
    shape = forth.parameter_shapes(Shape(x.shape[1:]))["weight"]
    weight = {"weight": generator.standard_normal(shape)}
    there = run_block(forth, x, y, weight)
    here = run_block(back, y, x, weight)
    size = np.linalg.norm(there.y) * np.linalg.norm(y) + 1e-300
    assert np.vdot(there.y, y) == pytest.approx(np.vdot(x, here.y), rel=0, abs=1e-12 * size)
    # and each is the other's gradient
    assert here.y == pytest.approx(there.dx, rel=1e-12, abs=1e-12)
    assert here.dx == pytest.approx(there.y, rel=1e-12, abs=1e-12)
    gradients = here.gradients["weight"], there.gradients["weight"]
    assert gradients[0] == pytest.approx(gradients[1], rel=1e-12, abs=1e-11)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(kernel=pairs, stride=small_pairs, data=st.data(), image=images, seed=st.integers(0, 1000))
def test_it_equals_the_direct_convolution_over_inserted_zeros(
    kernel: tuple[int, int],
    stride: tuple[int, int],
    data: st.DataObject,
    image: tuple[int, int, int],
    seed: int,
) -> None:
    """Section 4 of arXiv 1603.07285: s - 1 zeros between the inputs, p' = k - p - 1, s' = 1."""
    count, height, width = image
    padding = tuple(data.draw(st.integers(0, k - 1)) for k in kernel)
    added = tuple(data.draw(st.integers(0, s - 1)) for s in stride)
    block = ConvTranspose2D(3, kernel, stride, padding, added, bias=False)
    generator = np.random.default_rng(seed)
    x = generator.standard_normal((count, 2, height, width))
    weight = generator.standard_normal((2, 3, *kernel))
    sides = zip((height, width), kernel, stride, padding, added, strict=True)
    assume(all(s * (n - 1) + a + k > 2 * p for n, k, s, p, a in sides))
    tall, wide = ((n - 1) * s + 1 for n, s in zip((height, width), stride, strict=True))
    spread = np.zeros((count, 2, tall + added[0], wide + added[1]))
    spread[:, :, :: stride[0], :: stride[1]][:, :, :height, :width] = x
    full = tuple(k - p - 1 for k, p in zip(kernel, padding, strict=True))
    direct = Conv2D(3, kernel, padding=full, bias=False, true_convolution=True)
    expected = run_block(direct, spread, parameters={"weight": weight.swapaxes(0, 1).copy()}).y
    result = run_block(block, x, parameters={"weight": weight}).y
    assert result == pytest.approx(expected, rel=1e-12, abs=1e-12)
