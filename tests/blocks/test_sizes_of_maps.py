"""Blocks that only change the size of maps: Upsample, GlobalAvgPool2D, AvgPool2D's padding."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cnnstudio.blocks import (
    AvgPool2D,
    Block,
    Conv2D,
    GlobalAvgPool2D,
    Input,
    MaxPool2D,
    Shape,
    Upsample,
)
from cnnstudio.errors import SizeError
from cnnstudio.network import Network, check


def test_upsample_multiplies_the_sides() -> None:
    block, shape = Upsample((2, 3)), Shape((4, 5, 5))
    assert block.output_shape(shape) == (4, 10, 15)
    assert [str(formula) for formula in block.size_formulas(shape)] == ["5 * 2 = 10", "5 * 3 = 15"]
    assert [str(formula) for formula in Upsample().size_formulas(shape)] == ["5 * 2 = 10"]
    assert block.parameters(shape) == block.multiply_adds(shape) == 0


def test_upsample_in_the_receptive_field() -> None:
    """After it, two outputs are half a pixel apart; a 3x3 window then sees two pixels."""
    row = (Conv2D(2, 3, 2), Upsample(), Conv2D(2, 3), MaxPool2D())
    fields = [b.receptive_field for b in check(Network((Input(1, 9, 9), *row))).blocks]
    assert fields[1:] == [3, 3, 5, 6]
    assert Upsample((1, 4), "bilinear").reach(Shape((1, 3, 3))).extent == (1, 2)
    assert Upsample((1, 4), "bilinear").reach(Shape((1, 3, 3))).stride == (1, Fraction(1, 4))


def test_global_average_makes_a_row_of_as_many_units_as_channels() -> None:
    block, shape = GlobalAvgPool2D(), Shape((6, 5, 4))
    assert block.output_shape(shape) == (6,)
    assert block.parameters(shape) == block.multiply_adds(shape) == 0
    report = check(Network((Input(1, 9, 8), Conv2D(6, 3), block)))
    assert report.ok
    assert report.blocks[2].receptive_field == (9, 8)


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (Upsample(), "2x2 nearest"),
        (Upsample((1, 3), "bilinear"), "1x3 bilinear"),
        (GlobalAvgPool2D(), "mean of each map"),
        (AvgPool2D(3, 2, 1), "3x3 average · stride 2 · pad 1"),
        (AvgPool2D(3, 2, 1, count_padding=False), "3x3 average · stride 2 · pad 1 not counted"),
        (AvgPool2D(count_padding=False), "2x2 average · stride 2"),
    ],
    ids=repr,
)
def test_cards(block: Block, words: str) -> None:
    assert block.summary() == words


@pytest.mark.parametrize(("block", "stem"), [(Upsample(), "UPSAMPLE"), (GlobalAvgPool2D(), "POOL")])
def test_a_row_of_units_is_refused(block: Block, stem: str) -> None:
    with pytest.raises(SizeError, match=f"{stem} needs maps .* gets a row of 12 units"):
        block.output_shape(Shape((12,)))
