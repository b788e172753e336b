"""The lecture's arithmetic of sizes and parameters (D3), and the figures of arXiv 1603.07285."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import AvgPool2D, Conv2D, FullyConnected, Input, MaxPool2D, Shape
from cnnstudio.errors import SizeError


def conv_size(size: int, kernel: int, stride: int = 1, padding: int = 0, **more: object) -> int:
    conv = Conv2D(1, kernel, stride=stride, padding=padding, **more)
    return conv.output_shape(Shape((1, size, size)))[1]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [
        (7, 3, 1, 0, 5),
        (7, 3, 2, 0, 3),
        (7, 3, 3, 1, 3),
        (7, 3, 1, 1, 7),
        (32, 5, 1, 0, 28),
        (28, 5, 1, 0, 24),
        (32, 5, 1, 2, 32),
        (227, 11, 4, 0, 55),
        (5, 3, 2, 1, 3),
        # the figures of arXiv 1603.07285
        (4, 3, 1, 0, 2),
        (5, 4, 1, 2, 6),
        (5, 3, 1, 1, 5),
        (5, 3, 1, 2, 7),
        (5, 3, 2, 0, 2),
    ],
)
def test_sizes_of_the_lecture(
    size: int, kernel: int, stride: int, padding: int, expected: int
) -> None:
    assert conv_size(size, kernel, stride, padding) == expected


def test_stride_3_on_7_does_not_fit_and_says_the_arithmetic() -> None:
    with pytest.raises(SizeError) as caught:
        conv_size(7, 3, 3)
    assert str(caught.value) == "(7 - 3) / 3 + 1 = 2.33"


def test_floor_leaves_a_row_unseen_and_ceil_hangs_over() -> None:
    assert conv_size(7, 3, 3, rounding="floor") == 2
    assert conv_size(7, 3, 3, rounding="ceil") == 3
    rows, _ = Conv2D(1, 3, stride=3, rounding="floor").windows()
    assert (rows.unseen(7), rows.overhang(7)) == (1, 0)
    rows, _ = Conv2D(1, 3, stride=3, rounding="ceil").windows()
    assert (rows.unseen(7), rows.overhang(7)) == (0, 2)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "value"), [(10, 3, 2, "4.50"), (224, 11, 4, "54.25")]
)
def test_cs231n_misfits(size: int, kernel: int, stride: int, value: str) -> None:
    with pytest.raises(SizeError, match=value):
        conv_size(size, kernel, stride)


def test_odd_figure_of_the_guide_needs_floor() -> None:
    with pytest.raises(SizeError):
        conv_size(6, 3, 2, 1)
    assert conv_size(6, 3, 2, 1, rounding="floor") == 3


def test_dilation_2_makes_3x3_see_5x5() -> None:
    assert conv_size(7, 3, dilation=2) == 3


def test_a_window_larger_than_the_input_is_named() -> None:
    with pytest.raises(SizeError, match="the 5x5 window is larger than the 3x3 input"):
        conv_size(3, 5)


@pytest.mark.parametrize(("kernel", "padding"), [(3, 1), (5, 2), (7, 3)])
def test_same_padding_is_half_of_the_kernel(kernel: int, padding: int) -> None:
    same = Conv2D(4, kernel, padding="same")
    assert same.padding_size() == (padding, padding)
    assert same.output_shape(Shape((1, 28, 28))) == (4, 28, 28)


def test_same_padding_with_an_even_kernel_says_why_not() -> None:
    with pytest.raises(SizeError, match=r"\(4 - 1\) / 2 = 1.5 cannot be symmetric"):
        Conv2D(4, 4, padding="same").output_shape(Shape((1, 28, 28)))


@pytest.mark.parametrize(
    ("channels", "filters", "kernel", "parameters"),
    [(3, 6, 5, 456), (3, 10, 5, 760), (3, 2, 3, 56), (3, 96, 11, 34_944), (1, 6, 5, 156)],
)
def test_parameters_of_convolutions(
    channels: int, filters: int, kernel: int, parameters: int
) -> None:
    assert Conv2D(filters, kernel).parameters(Shape((channels, 32, 32))) == parameters


def test_cost_and_units_of_the_lecture() -> None:
    assert Conv2D(10, 5, padding=2).multiply_adds(Shape((3, 32, 32))) == 768_000
    assert Shape((3, 32, 32)).size == 3072
    assert FullyConnected(10).parameters(Shape((3, 32, 32))) == 30_730


def test_formulas_as_in_the_inspector() -> None:
    conv, shape = Conv2D(6, 5), Shape((1, 32, 32))
    assert str(conv.size_formulas(shape)[0]) == "(32 - 5 + 2*0) / 1 + 1 = 28"
    assert str(conv.parameter_formula(shape)) == "(5*5*1 + 1) * 6 = 156"


def test_pooling_keeps_the_depth_and_learns_nothing() -> None:
    for pool in (MaxPool2D(), AvgPool2D()):
        assert pool.output_shape(Shape((6, 28, 28))) == (6, 14, 14)
        assert pool.parameters(Shape((6, 28, 28))) == 0


def test_pooling_refuses_windows_of_nothing_but_padding() -> None:
    with pytest.raises(SizeError, match="more than half of the window of 2"):
        MaxPool2D(padding=2).output_shape(Shape((1, 8, 8)))


def test_blocks_for_maps_say_where_they_belong() -> None:
    with pytest.raises(SizeError, match="gets a row of 120 units"):
        Conv2D(4, 3).output_shape(Shape((120,)))


def test_input_pads_mnist_to_the_lectures_size() -> None:
    assert Input(pad=2).output_shape(Shape((1, 28, 28))) == (1, 32, 32)
    assert str(Input(pad=2).size_formulas(Shape((1, 28, 28)))[0]) == "28 + 2*2 = 32"
