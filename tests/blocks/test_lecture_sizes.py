"""The lecture's arithmetic of sizes and parameters (D3), and the figures of arXiv 1603.07285."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import (
    AvgPool2D,
    Conv2D,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    MaxPool2D,
    Shape,
)
from cnnstudio.errors import SettingError, SizeError
from cnnstudio.network import Network, check


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
    """D3, table and catalogue."""
    assert conv_size(size, kernel, stride, padding) == expected


def test_the_lectures_form_in_symbols_in_numbers_and_evaluated() -> None:
    """D3: (N - F) / stride + 1, with 2P for the padding."""
    formula = Conv2D(1, 3, stride=2).size_formulas(Shape((1, 7, 7)))[0]
    assert formula.symbols == "(N - F + 2P) / S + 1"
    assert (formula.numbers, formula.result) == ("(7 - 3 + 2*0) / 2 + 1", "3")
    rows, _ = Conv2D(1, 3, stride=2).windows()
    assert rows.arithmetic(7, full=False) == "(7 - 3) / 2 + 1"


@pytest.mark.parametrize("kernel", [1, 3, (2, 5)])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, (2, 0)])
@pytest.mark.parametrize("dilation", [1, 2, (3, 1)])
def test_sizes_are_counted_as_the_guide_says(
    kernel: object, stride: int, padding: object, dilation: object
) -> None:
    """D3, general form: o = floor((i + 2p - k - (k - 1)(d - 1)) / s) + 1, by counting windows."""
    conv = Conv2D(1, kernel, stride, padding, dilation=dilation, rounding="floor")
    for size in range(13, 18):
        _, *found = conv.output_shape(Shape((1, size, size)))
        for window, count in zip(conv.windows(), found, strict=True):
            last = size + 2 * window.padding - 1
            reach = (window.kernel - 1) * window.dilation
            assert count == len(range(0, last - reach + 1, window.stride))


def test_pooling_sizes_are_counted_as_the_guide_says() -> None:
    """D3: o = floor((i - k) / s) + 1."""
    for size, kernel, stride in [(7, 3, 2), (8, 3, 2), (28, 2, 2), (5, 3, 1), (9, 2, 3)]:
        pool = MaxPool2D(kernel, stride, rounding="floor")
        expected = (size - kernel) // stride + 1
        assert pool.output_shape(Shape((4, size, size))) == (4, expected, expected)


def test_stride_3_on_7_does_not_fit_and_says_the_arithmetic() -> None:
    """D3, N=7 F=3 s=3: 2.33."""
    with pytest.raises(SizeError) as caught:
        conv_size(7, 3, 3)
    assert str(caught.value) == "(7 - 3) / 3 + 1 = 2.33"


def test_floor_leaves_a_row_unseen_and_ceil_hangs_over() -> None:
    """D3, N=7 F=3 s=3: floor gives 2 and leaves 1 row and 1 column unseen."""
    assert conv_size(7, 3, 3, rounding="floor") == 2
    assert conv_size(7, 3, 3, rounding="ceil") == 3
    for window in Conv2D(1, 3, stride=3, rounding="floor").windows():
        assert (window.unseen(7), window.overhang(7)) == (1, 0)
    for window in Conv2D(1, 3, stride=3, rounding="ceil").windows():
        assert (window.unseen(7), window.overhang(7)) == (0, 2)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "value"), [(10, 3, 2, "4.50"), (224, 11, 4, "54.25")]
)
def test_cs231n_misfits(size: int, kernel: int, stride: int, value: str) -> None:
    """D3: W=10 F=3 S=2 is 4.5, AlexNet's 224 is 54.25."""
    with pytest.raises(SizeError, match=value):
        conv_size(size, kernel, stride)


def test_odd_figure_of_the_guide_needs_floor() -> None:
    """D3, catalogue: odd (6, 3, 2, 1) -> 3, the last row and column unused."""
    with pytest.raises(SizeError):
        conv_size(6, 3, 2, 1)
    assert conv_size(6, 3, 2, 1, rounding="floor") == 3


def test_dilation_2_makes_3x3_see_5x5() -> None:
    """D3, and trap 1: dilation 1 is the ordinary convolution, not 0."""
    assert conv_size(7, 3, dilation=2) == 3
    assert Conv2D(1, 3, dilation=2).windows()[0].extent == 5
    assert conv_size(7, 3, dilation=1) == 5
    with pytest.raises(SettingError, match="Dilation must be a whole number from 1"):
        Conv2D(1, 3, dilation=0)


@pytest.mark.parametrize(
    ("kernel", "dilation", "size", "expected"), [(3, 1, 5, 7), (4, 1, 5, 8), (3, 2, 5, 9)]
)
def test_full_padding_adds_all_in_which_a_filter_touches_the_map(
    kernel: int, dilation: int, size: int, expected: int
) -> None:
    """D3, the guide's full padding: p = k - 1, so o = i + (k - 1)."""
    full = Conv2D(1, kernel, padding="full", dilation=dilation)
    assert full.output_shape(Shape((1, size, size))) == (1, expected, expected)
    assert full.padding_size() == ((kernel - 1) * dilation,) * 2


def test_a_window_larger_than_the_input_is_named() -> None:
    with pytest.raises(SizeError, match="the 5x5 window is larger than the 3x3 input"):
        conv_size(3, 5)


@pytest.mark.parametrize(("kernel", "padding"), [(3, 1), (5, 2), (7, 3)])
def test_same_padding_is_half_of_the_kernel(kernel: int, padding: int) -> None:
    """D3: (F - 1) / 2, and the size is kept."""
    same = Conv2D(4, kernel, padding="same")
    assert same.padding_size() == (padding, padding)
    assert same.output_shape(Shape((1, 28, 28))) == (4, 28, 28)


def test_same_padding_stays_symmetric_with_a_stride() -> None:
    """Trap 5: not TensorFlow's ceil(i / s) with more padding at one side."""
    same = Conv2D(1, 3, stride=2, padding="same")
    assert same.padding_size() == (1, 1)
    assert same.output_shape(Shape((1, 7, 7))) == (1, 4, 4)
    with pytest.raises(SizeError, match="4.50"):
        same.output_shape(Shape((1, 8, 8)))


def test_same_padding_with_an_even_kernel_says_why_not() -> None:
    """D3: an even F cannot be symmetric."""
    with pytest.raises(SizeError, match=r"\(4 - 1\) / 2 = 1.5 cannot be symmetric"):
        Conv2D(4, 4, padding="same").output_shape(Shape((1, 28, 28)))


@pytest.mark.parametrize(
    ("channels", "filters", "kernel", "parameters"),
    [(3, 6, 5, 456), (3, 10, 5, 760), (3, 2, 3, 56), (3, 96, 11, 34_944), (1, 6, 5, 156)],
)
def test_parameters_of_convolutions(
    channels: int, filters: int, kernel: int, parameters: int
) -> None:
    """D3: 456, 760, cs231n's 56, AlexNet's 34,944; D6: 156."""
    assert Conv2D(filters, kernel).parameters(Shape((channels, 32, 32))) == parameters


def test_the_lectures_volumes() -> None:
    """D3: 32x32x3 through 1, 6 and 10 filters, AlexNet's first layer, cs231n's demo."""
    volume = Shape((3, 32, 32))
    assert Conv2D(1, 5).output_shape(volume) == (1, 28, 28)
    assert Conv2D(1, 5).multiply_adds(volume) == 75 * 28 * 28
    assert Conv2D(6, 5).output_shape(volume) == (6, 28, 28)
    assert Conv2D(10, 5, padding=2).output_shape(volume) == (10, 32, 32)
    assert Conv2D(1, 5, padding=2).parameters(volume) == 76
    assert Conv2D(96, 11, stride=4).output_shape(Shape((3, 227, 227))) == (96, 55, 55)
    demo = Conv2D(2, 3, stride=2, padding=1)
    assert demo.output_shape(Shape((3, 5, 5))) == (2, 3, 3)


def test_the_filters_depth_is_always_that_of_the_input() -> None:
    """D3: it is no setting."""
    assert not {"depth", "channels"} & set(Conv2D.declarations())
    for channels in (1, 3, 17):
        weight = Conv2D(4, 3).parameter_shapes(Shape((channels, 9, 9)))["weight"]
        assert weight == (4, channels, 3, 3)


def test_three_3x3_have_fewer_weights_than_one_7x7() -> None:
    """D3: 27 C^2 against 49 C^2, and both see 7x7."""
    for maps in (1, 8, 64):
        small = [Conv2D(maps, 3, bias=False, activation="relu")] * 3
        large = Conv2D(maps, 7, bias=False)
        three = check(Network((Input(maps, 32, 32), *small))).blocks[1:]
        one = check(Network((Input(maps, 32, 32), large))).blocks[1]
        assert [block.receptive_field for block in three] == [3, 5, 7]
        assert one.receptive_field == 7
        assert sum(block.parameters for block in three) == 27 * maps**2
        assert one.parameters == 49 * maps**2


def test_cost_and_units_of_the_lecture() -> None:
    """D3: 768,000 multiply-adds; 3072 units stretched, and 30,730 parameters of 10 units."""
    assert Conv2D(10, 5, padding=2).multiply_adds(Shape((3, 32, 32))) == 768_000
    assert Shape((3, 32, 32)).size == 3072
    assert FullyConnected(10).parameters(Shape((3, 32, 32))) == 30_730


def test_formulas_as_in_the_inspector() -> None:
    """D3, lecture form, and D6: 156 parameters."""
    conv, shape = Conv2D(6, 5), Shape((1, 32, 32))
    assert str(conv.size_formulas(shape)[0]) == "(32 - 5 + 2*0) / 1 + 1 = 28"
    assert str(conv.parameter_formula(shape)) == "(5*5*1 + 1) * 6 = 156"


def test_pooling_keeps_the_depth_and_learns_nothing() -> None:
    """D3: each map by itself, 0 parameters."""
    for pool in (MaxPool2D(), AvgPool2D()):
        assert pool.output_shape(Shape((6, 28, 28))) == (6, 14, 14)
        assert pool.parameters(Shape((6, 28, 28))) == 0
    assert GlobalAvgPool2D().parameters(Shape((6, 28, 28))) == 0


def test_pooling_refuses_windows_of_nothing_but_padding() -> None:
    with pytest.raises(SizeError, match="more than half of the window of 2"):
        MaxPool2D(padding=2).output_shape(Shape((1, 8, 8)))


def test_blocks_for_maps_say_where_they_belong() -> None:
    with pytest.raises(SizeError, match="gets a row of 120 units"):
        Conv2D(4, 3).output_shape(Shape((120,)))


def test_input_pads_mnist_to_the_lectures_size() -> None:
    """D6: 28x28 padded by 2."""
    assert Input(pad=2).output_shape(Shape((1, 28, 28))) == (1, 32, 32)
    assert str(Input(pad=2).size_formulas(Shape((1, 28, 28)))[0]) == "28 + 2*2 = 32"
