"""The values of the lecture: convolution by hand (D1), kernels (D2), sizes (D3), padding (D5).

The letters are those of the sheet of exact values that the tests are made from, line by line.
"""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.blocks import AvgPool2D, Block, Conv2D, Flatten, FullyConnected, MaxPool2D
from tests.engine.harness import run_block

IMAGE = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
CROSS = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
DEMO = [[0, 0, 3, 2], [1, 1, 0, 1], [4, 2, 1, 2], [0, 2, 1, 5]]

EMBOSS = [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
EDGES = [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
BOX = [[1 / 9] * 3] * 3
GAUSS = [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]]

GUIDE = [[3, 3, 2, 1, 0], [0, 0, 1, 3, 1], [3, 1, 2, 2, 3], [2, 0, 0, 2, 2], [2, 0, 0, 0, 1]]
GUIDE_KERNEL = [[0, 1, 2], [2, 2, 0], [0, 1, 2]]

DIGITS = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
TYPES = (np.float32, np.float64)


def convolved(
    image: object,
    kernel: object,
    bias: float | None = None,
    dtype: type = np.float64,
    **more: object,
) -> np.ndarray:
    """One picture through one filter, without bias unless there is one."""
    weight = np.array(kernel, dtype)[None, None]
    parameters = {"weight": weight}
    if bias is not None:
        parameters["bias"] = np.array([bias], dtype)
    block = Conv2D(1, weight.shape[2:], bias=bias is not None, **more)
    return run_block(block, np.array(image, dtype)[None, None], parameters=parameters).y[0, 0]


def through(block: Block, image: object) -> list[object]:
    return run_block(block, np.array(image, np.float64)[None, None]).y[0].tolist()


def ones(*size: int) -> np.ndarray:
    return np.ones(size)


# ---- D1: convolution by hand


@pytest.mark.parametrize("dtype", TYPES)
def test_the_nine_steps_of_the_convolution_by_hand(dtype: type) -> None:
    """D1, first line: nine results, row by row."""
    result = convolved(IMAGE, CROSS, dtype=dtype)
    assert result.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert result.dtype == dtype


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (0, 0, "1*1+1*0+1*1+0*0+1*1+1*0+0*1+0*0+1*1 = 4"),
        (2, 2, "1*1+1*0+1*1+1*0+1*1+0*0+1*1+0*0+0*1 = 4"),
    ],
)
def test_the_words_of_the_first_and_the_last_step(row: int, column: int, words: str) -> None:
    """D1, first line: the products in the engine's order of taps, and their sum."""
    window = np.array(IMAGE)[row : row + 3, column : column + 3]
    products = [f"{p}*{w}" for p, w in zip(window.flat, np.array(CROSS).flat, strict=True)]
    assert f"{'+'.join(products)} = {convolved(IMAGE, CROSS)[row, column]:g}" == words


def test_flatten_and_pooling_of_the_demo() -> None:
    """D1, second line."""
    assert through(Flatten(), DEMO) == [0, 0, 3, 2, 1, 1, 0, 1, 4, 2, 1, 2, 0, 2, 1, 5]
    assert through(MaxPool2D(2, 2), DEMO) == [[[1, 3], [4, 5]]]
    assert through(AvgPool2D(2, 2), DEMO) == [[[0.5, 1.5], [2.0, 2.25]]]


def test_an_impulse_shows_correlation_and_true_convolution() -> None:
    """D1, third line: correlation turns the kernel in its answer, true convolution does not."""
    impulse = np.zeros((5, 5))
    impulse[2, 2] = 1
    assert convolved(impulse, EMBOSS).tolist() == [[2, 1, 0], [1, 1, -1], [0, -1, -2]]
    assert convolved(impulse, EMBOSS, true_convolution=True).tolist() == EMBOSS


# ---- D2: the lecture's kernels


@pytest.mark.parametrize(
    ("kernel", "value"), [(EMBOSS, 10), (SHARPEN, 10), (BOX, 10), (GAUSS, 10), (EDGES, 0)]
)
def test_a_constant_picture_through_the_lectures_kernels(kernel: object, value: float) -> None:
    assert convolved(10 * ones(5, 5), kernel) == pytest.approx(np.full((3, 3), value))


@pytest.mark.parametrize(
    ("kernel", "row"),
    [
        (EMBOSS, [10, -20, -30]),
        (SHARPEN, [10, 20, -10]),
        (EDGES, [0, 30, -30]),
        (BOX, [10, 20 / 3, 10 / 3]),
        (GAUSS, [10, 7.5, 2.5]),
    ],
)
def test_a_step_edge_through_the_lectures_kernels(kernel: object, row: list[float]) -> None:
    image = [[10, 10, 10, 0, 0]] * 5
    assert convolved(image, kernel) == pytest.approx(np.array([row] * 3))


# ---- D3: values of the guide to convolution arithmetic (arXiv 1603.07285)


def test_values_of_the_guide() -> None:
    """D3, numeric goldens."""
    valid = [[12, 12, 17], [10, 17, 19], [9, 6, 14]]
    assert convolved(GUIDE, GUIDE_KERNEL).tolist() == valid
    strided = [[6, 17, 3], [8, 17, 13], [6, 4, 4]]
    assert convolved(GUIDE, GUIDE_KERNEL, padding=1, stride=2).tolist() == strided
    average = [[1.6667, 1.6667, 1.6667], [1, 1.2222, 1.7778], [1.1111, 0.7778, 1.3333]]
    assert np.array(through(AvgPool2D(3, 1), GUIDE)[0]) == pytest.approx(
        np.array(average), abs=5e-5
    )
    assert through(MaxPool2D(3, 1), GUIDE) == [[[3, 3, 3], [3, 3, 3], [3, 2, 3]]]


def test_dilated_values() -> None:
    """D3, 7x7 with dilation 2."""
    image = np.arange(49).reshape(7, 7)
    expected = [[144, 153, 162], [207, 216, 225], [270, 279, 288]]
    assert convolved(image, ones(3, 3), dilation=2).tolist() == expected


def test_full_padding_answers_an_impulse_with_the_whole_turned_kernel() -> None:
    """D3, the guide's full padding: every place at which a filter touches the map."""
    result = convolved([[1]], EMBOSS, padding="full")
    assert result.tolist() == np.flip(EMBOSS).tolist()
    assert convolved([[1]], EMBOSS, padding="full", true_convolution=True).tolist() == EMBOSS


def test_every_value_is_a_dot_product_of_75_terms_and_the_bias() -> None:
    """D3, one 5x5 filter on 32x32x3: 28x28x1."""
    generator = np.random.default_rng(0)
    x, weight = generator.random((1, 3, 32, 32)), generator.random((1, 3, 5, 5))
    y = run_block(Conv2D(1, 5), x, parameters={"weight": weight, "bias": np.array([0.25])}).y
    assert y.shape == (1, 1, 28, 28)
    window = x[0, :, 7:12, 20:25]
    assert window.size == 75
    assert y[0, 0, 7, 20] == pytest.approx(np.dot(window.ravel(), weight.ravel()) + 0.25)


def test_pooling_works_on_each_map_alone() -> None:
    """D3: the depth stays, and what is in one map changes no other."""
    x = np.random.default_rng(0).random((1, 4, 6, 6))
    for block in (MaxPool2D(), AvgPool2D()):
        whole = run_block(block, x).y
        assert whole.shape == (1, 4, 3, 3)
        for number in range(4):
            alone = run_block(block, x[:, number : number + 1].copy()).y
            assert np.array_equal(alone, whole[:, number : number + 1])


def test_stretched_maps_go_through_3072_inputs_of_each_unit() -> None:
    """D3, 32x32x3 stretched: channels first, then rows, then columns."""
    x = np.random.default_rng(0).random((1, 3, 32, 32))
    weight = np.random.default_rng(1).random((10, 3072))
    y = run_block(FullyConnected(10, bias=False), x, parameters={"weight": weight}).y
    assert y[0] == pytest.approx(weight @ x[0].ravel())


# ---- D5: partial convolution based padding (arXiv 1811.11718)


def ratios(size: int, kernel: int, padding: int, dilation: int = 1) -> np.ndarray:
    """The ratios r = kh * kw / n at every place, seen on a picture of ones."""
    picture, weight = ones(size, size), ones(kernel, kernel)
    plain = convolved(picture, weight, padding=padding, dilation=dilation)
    partial = convolved(picture, weight, padding=padding, dilation=dilation, padding_mode="partial")
    return partial / plain


def test_ratios_of_3x3() -> None:
    """D5: corners 2.25, edges 1.5, interior 1."""
    expected = np.ones((5, 5))
    expected[[0, -1]] *= 1.5
    expected[:, [0, -1]] *= 1.5
    assert ratios(5, 3, 1).tolist() == expected.tolist()
    assert sorted({*expected.flat}) == [1, 1.5, 2.25]


def test_ratios_of_5x5_and_7x7() -> None:
    """D5: the first rows as printed."""
    found = ratios(5, 5, 2)
    assert found[0] == pytest.approx([2.7778, 2.0833, 1.6667, 2.0833, 2.7778], abs=5e-5)
    assert found[1, :3] == pytest.approx([2.0833, 1.5625, 1.25], abs=5e-5)
    seven = [3.0625, 2.45, 2.0417, 1.75, 2.0417, 2.45, 3.0625]
    assert ratios(7, 7, 3)[0] == pytest.approx(seven, abs=5e-5)


def test_ratios_of_a_dilated_filter() -> None:
    """D5: 3x3, dilation 2, padding 2 on 7x7: 2.25 in 2x2 corners, 1.5 bands, 1 inside."""
    band = np.array([1.5, 1.5, 1, 1, 1, 1.5, 1.5])
    assert ratios(7, 3, 2, dilation=2).tolist() == np.outer(band, band).tolist()


MODES = {
    "zeros": [[12, 21, 16], [27, 45, 33], [24, 39, 28]],
    "partial": [[27, 31.5, 36], [40.5, 45, 49.5], [54, 58.5, 63]],
    "reflect": [[33, 36, 39], [42, 45, 48], [51, 54, 57]],
    "replicate": [[21, 27, 33], [39, 45, 51], [57, 63, 69]],
    "circular": [[45] * 3] * 3,  # every window sees all nine digits once
}


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("mode", MODES)
def test_the_padding_modes_on_nine_digits(mode: str, dtype: type) -> None:
    """D5: 1 to 9 under a filter of ones."""
    result = convolved(DIGITS, ones(3, 3), dtype=dtype, padding=1, padding_mode=mode)
    assert result.tolist() == MODES[mode]


@pytest.mark.parametrize("mode", MODES)
def test_the_bias_is_added_once_and_not_scaled(mode: str) -> None:
    """D5: b = 10 adds exactly 10 everywhere."""
    result = convolved(DIGITS, ones(3, 3), bias=10, padding=1, padding_mode=mode)
    assert result.tolist() == (np.array(MODES[mode]) + 10).tolist()


def test_windows_of_nothing_but_padding_give_0_without_the_bias() -> None:
    """D5: update_mask. A border of 4 around one pixel leaves it to the windows in the middle."""
    result = convolved([[3]], ones(3, 3), bias=10, padding=4, padding_mode="partial")
    expected = np.zeros((7, 7))
    expected[2:5, 2:5] = 9 * 3 + 10
    assert result.tolist() == expected.tolist()
    plain = convolved([[3]], ones(3, 3), bias=10, padding=4)
    assert plain[0, 0] == 10


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (3, 5), (1, 7)])
def test_a_constant_picture_stays_constant_under_partial_padding(rows: int, columns: int) -> None:
    """D5, invariant: under any filter of equal weights, while zeros darken the border.

    The sheet says "any kernel", which cannot be: of unequal weights the border loses others than
    the average (1 at the left, 0 elsewhere loses all).
    """
    weight, padding = 0.3 * ones(rows, columns), (rows // 2, columns // 2)
    picture = 7 * ones(6, 8)
    flat = convolved(picture, weight, padding=padding, padding_mode="partial")
    assert flat == pytest.approx(np.full((6, 8), 7 * 0.3 * rows * columns))
    assert convolved(picture, weight, padding=padding)[0, 0] < 0.7 * flat[0, 0]
    uneven = convolved(picture, [[1, 0, 0]], padding=(0, 1), padding_mode="partial")
    assert uneven[0].tolist() == [0, 7, 7, 7, 7, 7, 7, 10.5]


def test_partial_padding_learns_the_same_760_parameters() -> None:
    """D5: parameters unchanged."""
    for mode in MODES:
        assert Conv2D(10, 5, padding=2, padding_mode=mode).parameters((3, 32, 32)) == 760


def test_gradients_of_partial_padding_are_those_of_scaled_dy() -> None:
    """D5: dX and dW use dY * r, and the bias's gradient leaves windows of nothing but padding out.

    The same convolution with zeros and dY * r in its place gives dX and dW.
    """
    generator = np.random.default_rng(0)
    x, weight = generator.standard_normal((2, 2, 4, 5)), generator.standard_normal((3, 2, 3, 3))
    partial = Conv2D(3, 3, padding=(4, 1), padding_mode="partial")
    plain = Conv2D(3, 3, padding=(4, 1))
    parameters = {"weight": weight, "bias": generator.standard_normal(3)}
    dy = generator.standard_normal((2, 3, 10, 5))
    real = np.outer([0, 0, 1, 2, 3, 3, 2, 1, 0, 0], [2, 3, 3, 3, 2])
    ratio = np.divide(9, real, out=np.zeros(real.shape), where=real > 0)
    found = run_block(partial, x, dy, parameters)
    expected = run_block(plain, x, dy * ratio, parameters)
    assert found.dx == pytest.approx(expected.dx)
    assert found.gradients["weight"] == pytest.approx(expected.gradients["weight"])
    seen = dy[:, :, real[:, 0] > 0]
    assert found.gradients["bias"] == pytest.approx(seen.sum(axis=(0, 2, 3)))
