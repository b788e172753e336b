"""What often comes next: the lecture's network by choosing alone, and nothing that does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import (
    AvgPool2D,
    Block,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Shape,
)
from cnnstudio.network import Network
from cnnstudio.network.check import check
from cnnstudio.network.continuations import FIRST, continuations

LECTURE = (
    Input(pad=2),
    Conv2D(6, 5, activation="relu"),
    MaxPool2D(),
    Conv2D(16, 5, activation="relu"),
    MaxPool2D(),
    FullyConnected(120, activation="relu"),
    FullyConnected(100, activation="relu"),
    FullyConnected(10),
)


def next_blocks(row: tuple[Block, ...], classes: int | None = 10) -> list[Block]:
    shape = check(Network(row)).output_shape
    return [suggestion.blocks[0] for suggestion in continuations(row, shape, classes)]


@pytest.mark.parametrize("length", range(1, len(LECTURE)))
def test_every_block_of_the_lecture_is_among_the_first(length: int) -> None:
    assert LECTURE[length] in next_blocks(LECTURE[:length])[:5]


def test_the_padding_of_the_lecture_is_offered_for_an_input_alone() -> None:
    assert Input(pad=2) in next_blocks((Input(),))
    assert not any(isinstance(block, Input) for block in next_blocks((Input(pad=2),)))
    assert not any(isinstance(block, Input) for block in next_blocks(LECTURE[:2]))
    assert not any(isinstance(b, Input) for b in next_blocks((Input(3, 32, 32),)))
    assert not any(isinstance(b, Input) for b in next_blocks((Input(1, 28, 20),)))


def test_a_convolution_goes_on_like_the_last() -> None:
    tanh = (Input(), Conv2D(20, 5, activation="tanh"), AvgPool2D())
    assert next_blocks(tanh)[0] == Conv2D(64, 5, activation="tanh")
    assert next_blocks((*tanh, next_blocks(tanh)[0]))[0] == AvgPool2D()
    units = next(b for b in next_blocks(tanh) if isinstance(b, FullyConnected))
    assert units.activation == "tanh"


def test_what_does_not_fit_is_left_out() -> None:
    assert next_blocks((Input(1, 4, 4),))[0] == FIRST[0]
    assert not any(b.kernel == 5 for b in next_blocks((Input(1, 4, 4),)) if type(b) is Conv2D)


def test_the_most_filters_are_not_doubled() -> None:
    row = (Input(), Conv2D(4096, 1), MaxPool2D())
    assert [block.filters for block in next_blocks(row) if type(block) is Conv2D] == [4096]


def test_the_output_has_a_unit_for_each_class() -> None:
    row = (*LECTURE[:6], Dropout())
    assert next_blocks(row, 7)[0] == FullyConnected(7)
    assert FullyConnected(10) not in next_blocks(LECTURE)
    assert all(b.units > 10 for b in next_blocks(row, None) if isinstance(b, FullyConnected))


def test_nothing_comes_after_an_unknown_size() -> None:
    assert continuations(LECTURE, None) == ()


@given(st.lists(st.integers(0, 6), max_size=9))
def test_whatever_is_chosen_the_network_fits(choices: list[int]) -> None:
    row: tuple[Block, ...] = (Input(),)
    for choice in choices:
        offered = next_blocks(row)
        if not offered:
            break
        block = offered[choice % len(offered)]
        row = (block,) if isinstance(block, Input) else (*row, block)
    report = check(Network(row))
    assert report.ok
    assert isinstance(report.output_shape, Shape)
