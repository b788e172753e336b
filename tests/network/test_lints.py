"""Warnings of maps that shrink, of linear pairs, and of tables that leave maps out."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Residual,
    TableConv2D,
)
from cnnstudio.network import Network, check, templates

RELU = {"activation": "relu"}
VALID = Conv2D(6, 5, **RELU)


def warnings(*blocks: Block, side: int = 32) -> list[str]:
    report = check(Network((Input(1, side, side), *blocks)))
    assert report.ok
    return [problem.message for _, problem in report.problems]


def shrinking(*blocks: Block, side: int = 32) -> list[str]:
    return [words for words in warnings(*blocks, side=side) if "shrinks the maps" in words]


def test_one_sentence_for_all_convolutions_in_a_row() -> None:
    assert shrinking(VALID, VALID, VALID) == [
        "CONV 3 shrinks the maps once more, 32 -> 28 -> 24 -> 20 from CONV 1 on, for nothing but "
        "their border. Padding 2 (same) keeps their size."
    ]


def test_a_long_row_is_told_by_its_ends() -> None:
    (words,) = shrinking(*[VALID] * 5)
    assert "32 -> 28 -> ... -> 12 from CONV 1 on" in words


def test_maps_that_are_not_square_and_kernels_that_are_even() -> None:
    blocks = (Conv2D(4, (5, 3), **RELU), Conv2D(4, (5, 3), **RELU))
    (words,) = shrinking(*blocks)
    assert "32 -> 28x30 -> 24x28 from CONV 1 on" in words
    assert words.endswith("Padding 2x1 (same) keeps their size.")
    (words,) = shrinking(VALID, Conv2D(4, 4, **RELU))
    assert words.endswith("An odd kernel with padding same keeps their size.")
    (words,) = shrinking(VALID, Conv2D(4, 3, dilation=2, **RELU))
    assert words.endswith("Padding 2 (same) keeps their size.")


@pytest.mark.parametrize("between", [Activation("elu"), BatchNorm(), Dropout()], ids=repr)
def test_what_keeps_the_size_may_stand_between(between: Block) -> None:
    (words,) = shrinking(VALID, between, VALID)
    assert words.startswith("CONV 2 shrinks the maps once more, 32 -> 28 -> 24 from CONV 1")


def test_tables_and_local_filters_shrink_as_well() -> None:
    assert shrinking(VALID, TableConv2D(5, **RELU))
    assert shrinking(VALID, LocallyConnected2D(4, 5, **RELU))


@pytest.mark.parametrize(
    "blocks",
    [
        (VALID,),
        (VALID, MaxPool2D(), VALID),
        (VALID, AvgPool2D(), VALID),
        (VALID, Conv2D(6, 4, stride=2, **RELU)),
        (VALID, Conv2D(6, 5, padding=2, **RELU), VALID),
        (Conv2D(6, 5, padding="same", **RELU), Conv2D(6, 5, padding="same", **RELU)),
        (Conv2D(6, 5, padding="full", **RELU), VALID),
        (Conv2D(6, 3, **RELU), Conv2D(6, 3, **RELU)),
        (VALID, Conv2D(10, 28)),
    ],
    ids=repr,
)
def test_no_sentence_where_the_size_falls_for_a_reason_or_hardly(blocks: tuple[Block, ...]) -> None:
    assert shrinking(*blocks) == []


def test_every_row_of_convolutions_has_its_sentence() -> None:
    found = shrinking(VALID, VALID, MaxPool2D(), VALID, VALID)
    assert [words.split(" shrinks")[0] for words in found] == ["CONV 2", "CONV 4"]
    assert "12 -> 8 -> 4 from CONV 3 on" in found[1]


WARNED = {
    "best": ("shrinks the maps once more", "of all parameters"),
    "nielsen-2": ("of all parameters",),
    "nielsen-6": ("of all parameters",),
    "nielsen-7": ("of all parameters",),
}
"""The heavy layers of the book and of `best`, whose convolutions without padding cost less."""


def test_templates_have_no_warnings_but_these() -> None:
    for template in templates.list_all():
        problems = check(template.project.network, classes=10).problems
        found = [problem.message for _, problem in problems]
        wanted = WARNED.get(template.name, ())
        assert len(found) == len(wanted), template.name
        assert all(words in sentence for words, sentence in zip(wanted, found, strict=True))


@pytest.mark.parametrize(
    ("block", "less"),
    [
        (FullyConnected(500, **RELU), "fewer units"),
        (LocallyConnected2D(20, 5, padding=2, **RELU), "fewer filters"),
        (Residual((LocallyConnected2D(20, 5, padding=2),), "relu"), "smaller blocks in it"),
    ],
)
def test_a_heavy_block_is_told_what_would_make_it_lighter(block: Block, less: str) -> None:
    (words,) = warnings(Conv2D(4, 3, **RELU), block, FullyConnected(10), side=12)
    assert words.endswith(f"A pooling block before it, or {less}, would make it lighter.")


def linear(*blocks: Block) -> list[str]:
    return [words for words in warnings(*blocks) if "no non-linear function" in words]


def test_linear_pairs() -> None:
    assert linear(Conv2D(4, 3), BatchNorm(), Conv2D(4, 3))
    assert linear(Conv2D(4, 3), AvgPool2D(), Conv2D(4, 3))
    assert linear(FullyConnected(8), FullyConnected(4))
    assert not linear(Conv2D(4, 3), BatchNorm(), Activation("relu"), Conv2D(4, 3))
    assert not linear(Conv2D(4, 3), MaxPool2D(), Conv2D(4, 3))


def test_a_depthwise_convolution_and_one_that_mixes_are_no_linear_pair() -> None:
    assert not linear(Conv2D(4, 3, **RELU), Conv2D(4, 3, groups=4), Conv2D(8, 1))


def test_a_block_with_rows_of_its_own_parts_linear_pairs() -> None:
    shortcut = Residual((Conv2D(4, 3, padding=1, **RELU),))
    assert not linear(Conv2D(4, 3), shortcut, Conv2D(4, 3))


def test_maps_that_a_table_leaves_out() -> None:
    first, table = Conv2D(8, 3, padding=1, **RELU), TableConv2D(3, **RELU)
    assert warnings(first, table, side=12) == [
        "CONV 2 looks at 6 of the 8 maps that it gets: its table links the others to no filter. "
        "Link them, or make fewer maps before it."
    ]
    assert warnings(Conv2D(6, 3, padding=1, **RELU), table, side=12) == []
