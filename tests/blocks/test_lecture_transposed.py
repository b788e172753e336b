"""The lecture's arithmetic of transposed convolutions (D4), that of arXiv 1603.07285, section 4."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnstudio.blocks import Conv2D, ConvTranspose2D, FullyConnected, Input, Shape
from cnnstudio.errors import SizeError
from cnnstudio.network import Network, check

kernels, strides, paddings, sizes = (
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(0, 5),
    st.integers(1, 20),
)


def transposed_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, added: int = 0
) -> int:
    block = ConvTranspose2D(1, kernel, stride, padding, output_padding=added)
    return block.output_shape(Shape((1, size, size)))[1]


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "added", "expected"),
    [
        (2, 3, 1, 0, 0, 4),
        (6, 4, 1, 2, 0, 5),
        (5, 3, 1, 1, 0, 5),
        (7, 3, 1, 2, 0, 5),
        (2, 3, 2, 0, 0, 5),
        (3, 3, 2, 1, 0, 5),
        # the guide's "odd" figure, whose caption says 2x2 input where the picture has 3x3
        (3, 3, 2, 1, 1, 6),
    ],
)
def test_figures_of_the_guide(
    size: int, kernel: int, stride: int, padding: int, added: int, expected: int
) -> None:
    assert transposed_size(size, kernel, stride, padding, added) == expected


@given(size=sizes, kernel=kernels, stride=strides, padding=paddings)
def test_special_cases(size: int, kernel: int, stride: int, padding: int) -> None:
    assert transposed_size(size, kernel) == size + (kernel - 1)
    assert transposed_size(size, kernel, stride) == stride * (size - 1) + kernel
    half = kernel // 2
    assert transposed_size(size, 2 * half + 1, padding=half) == size
    if size > kernel - 1:
        assert transposed_size(size, kernel, padding=kernel - 1) == size - (kernel - 1)
    assume(stride * (size - 1) + kernel > 2 * padding)
    assert transposed_size(size, kernel, stride, padding) == (
        stride * (size - 1) + kernel - 2 * padding
    )
    if size + kernel - 1 > 2 * padding:
        assert transposed_size(size, kernel, 1, padding) == size + (kernel - 1) - 2 * padding


@given(size=sizes, kernel=kernels, stride=strides, padding=paddings, dilation=st.integers(1, 3))
def test_it_brings_back_the_size_that_a_convolution_took(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    convolution = Conv2D(4, kernel, stride, padding, dilation=dilation, rounding="floor")
    window, _ = convolution.windows()
    assume(window.count(size) is not None)
    unseen = (size + 2 * padding - window.extent) % stride
    back = ConvTranspose2D(3, kernel, stride, padding, unseen, dilation)
    before = Shape((3, size, size))
    assert back.output_shape(convolution.output_shape(before)) == before


@given(size=sizes, kernel=kernels, stride=strides, padding=paddings, data=st.data())
def test_the_direct_convolution_over_inserted_zeros_has_the_same_size(
    size: int, kernel: int, stride: int, padding: int, data: st.DataObject
) -> None:
    """Section 4: k' = k, s' = 1, p' = k - p - 1 over i' + (i' - 1)(s - 1) + a pixels."""
    added = data.draw(st.integers(0, stride - 1))
    assume(padding < kernel)
    assume(stride * (size - 1) + added + kernel > 2 * padding)
    spread = Shape((1, *(size + (size - 1) * (stride - 1) + added,) * 2))
    direct = Conv2D(1, kernel, padding=kernel - padding - 1)
    expected = direct.output_shape(spread)[1]
    assert transposed_size(size, kernel, stride, padding, added) == expected


def test_the_formula_has_the_guides_symbols() -> None:
    block = ConvTranspose2D(4, 3, stride=2, padding=1, output_padding=1)
    (formula,) = block.size_formulas(Shape((1, 3, 3)))
    assert formula.symbols == "s*(i' - 1) + a + k - 2*p"
    assert str(formula) == "2*(3 - 1) + 1 + 3 - 2*1 = 6"


def test_rows_and_columns_have_formulas_of_their_own_where_they_differ() -> None:
    block = ConvTranspose2D(4, 3, dilation=(1, 2))
    rows, columns = block.size_formulas(Shape((1, 5, 5)))
    assert str(rows) == "1*(5 - 1) + 0 + 3 - 2*0 = 7"
    assert columns.symbols == "s*(i' - 1) + a + d*(k - 1) + 1 - 2*p"
    assert str(columns) == "1*(5 - 1) + 0 + 2*(3 - 1) + 1 - 2*0 = 9"


@given(
    size=sizes,
    kernel=kernels,
    stride=strides,
    padding=paddings,
    dilation=st.integers(1, 3),
    added=st.integers(0, 4),
)
def test_the_numbers_in_the_formula_give_its_result(
    size: int, kernel: int, stride: int, padding: int, dilation: int, added: int
) -> None:
    block = ConvTranspose2D(2, kernel, stride, padding, added, dilation)
    shape = Shape((1, size, size))
    try:
        output = block.output_shape(shape)
    except SizeError:
        return
    (formula,) = block.size_formulas(shape)
    assert eval(formula.numbers) == int(formula.result) == output[1]


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (
            ConvTranspose2D(4, 3, padding=4),
            "1*(5 - 1) + 0 + 3 - 2*4 = -1 leaves no output; use padding 3 or less",
        ),
        (
            ConvTranspose2D(4, 3, padding=(0, 5), dilation=(1, 2)),
            "1*(5 - 1) + 0 + 2*(3 - 1) + 1 - 2*5 = -1 leaves no output; use padding 4 or less",
        ),
        (
            ConvTranspose2D(4, 3, stride=2, output_padding=2),
            "output padding 2 must be smaller than the stride 2 or the dilation 1; use at most 1",
        ),
        (
            ConvTranspose2D(4, 3, output_padding=1),
            "output padding 1 must be smaller than the stride 1 or the dilation 1; use at most 0",
        ),
        (ConvTranspose2D(4, 3, groups=4), "6 channels do not divide into 4 groups; use 1 or 2"),
    ],
)
def test_what_does_not_fit_says_why_and_what_to_do(block: ConvTranspose2D, sentence: str) -> None:
    with pytest.raises(SizeError) as caught:
        block.output_shape(Shape((6, 5, 5)))
    assert str(caught.value) == sentence


@given(size=st.integers(1, 9), kernel=kernels, stride=strides, dilation=st.integers(1, 3))
def test_the_padding_advised_leaves_an_output(
    size: int, kernel: int, stride: int, dilation: int
) -> None:
    block = ConvTranspose2D(2, kernel, stride, 100, dilation=dilation)
    with pytest.raises(SizeError) as caught:
        block.output_shape(Shape((1, size, size)))
    advised = int(str(caught.value).split("use padding ")[1].split()[0])
    shape = Shape((1, size, size))
    assert min(block.with_values(padding=advised).output_shape(shape)) >= 1
    with pytest.raises(SizeError):
        block.with_values(padding=advised + 1).output_shape(shape)


def test_output_padding_may_reach_the_larger_of_stride_and_dilation() -> None:
    wide = ConvTranspose2D(1, 2, output_padding=2, dilation=3)
    assert wide.output_shape(Shape((1, 4, 4))) == (1, 9, 9)


def test_parameters_and_cost() -> None:
    block, shape = ConvTranspose2D(6, 5, stride=2), Shape((4, 7, 7))
    assert block.parameter_shapes(shape) == {"weight": (4, 6, 5, 5), "bias": (6,)}
    assert str(block.parameter_formula(shape)) == "(5*5*4 + 1) * 6 = 606"
    assert str(block.cost_formula(shape)) == "5*5*6 * 7*7*4 = 29,400"
    grouped = ConvTranspose2D(6, (5, 3), groups=2, bias=False)
    assert grouped.parameter_shapes(shape) == {"weight": (4, 3, 5, 3)}
    assert str(grouped.parameter_formula(shape)) == "(5*3*4/2) * 6 = 180"
    assert str(grouped.cost_formula(shape)) == "5*3*6/2 * 7*7*4 = 8,820"


def test_its_cost_is_that_of_the_convolution_it_reverses() -> None:
    convolution, picture = Conv2D(8, 3, stride=2), Shape((2, 9, 9))
    maps = convolution.output_shape(picture)
    assert ConvTranspose2D(2, 3, 2).multiply_adds(maps) == convolution.multiply_adds(picture)


@pytest.mark.parametrize(
    ("block", "fans"),
    [
        (ConvTranspose2D(6, 4, stride=2), (4 * 4 * 4 // 4, 6 * 4 * 4)),
        (ConvTranspose2D(6, 3), (4 * 9, 6 * 9)),
        (ConvTranspose2D(6, 3, groups=2), (2 * 9, 3 * 9)),
        (ConvTranspose2D(6, 1, stride=9), (1, 6)),
    ],
    ids=repr,
)
def test_fans_count_what_an_output_sums_and_where_an_input_goes(
    block: ConvTranspose2D, fans: tuple[int, int]
) -> None:
    assert block.fans(Shape((4, 5, 5))) == fans


def test_the_receptive_field_shrinks_its_steps() -> None:
    reach = ConvTranspose2D(2, (5, 2), stride=(2, 3)).reach(Shape((1, 9, 9)))
    assert reach.extent == (3, 1)
    assert reach.stride == (Fraction(1, 2), Fraction(1, 3))
    blocks = (Conv2D(2, 3, 2), ConvTranspose2D(2, 4, 2), Conv2D(2, 3), FullyConnected(2))
    fields = [b.receptive_field for b in check(Network((Input(1, 11, 11), *blocks))).blocks]
    assert fields[1:4] == [3, 5, 7]


def test_the_card_says_every_setting_that_is_not_usual() -> None:
    plain = ConvTranspose2D(6, 5, activation="relu")
    assert plain.summary() == "6 @ 5x5 · stride 1 · ReLU"
    full = ConvTranspose2D(6, (5, 3), 2, 1, (1, 0), dilation=2, groups=2)
    assert full.summary() == ("6 @ 5x3 · stride 2 · pad 1 · output pad 1x0 · dilation 2 · groups 2")


def test_a_row_of_units_is_refused() -> None:
    with pytest.raises(SizeError, match="TRANSPOSED needs maps .* gets a row of 120 units"):
        ConvTranspose2D(4, 3).output_shape(Shape((120,)))
