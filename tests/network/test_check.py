"""Live validation: sizes, costs, receptive fields, problems and their repairs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    TiledConv2D,
    Upsample,
)
from cnnstudio.network import Network, check

LECTURE = Network(
    (
        Input(pad=2),
        Conv2D(6, 5, activation="relu"),
        MaxPool2D(),
        Conv2D(16, 5, activation="relu"),
        MaxPool2D(),
        FullyConnected(120, activation="relu"),
        FullyConnected(100, activation="relu"),
        FullyConnected(10),
    )
)
MISFIT = Network((Input(height=7, width=7), Conv2D(16, 3, stride=3), FullyConnected(10)))

PIECES: tuple[Block, ...] = (
    ConvTranspose2D(4, 3, stride=2, padding=4, output_padding=1),
    ConvTranspose2D(4, 2, groups=3),
    LocallyConnected2D(2, 3, stride=2),
    TiledConv2D(2, 3, tiles=5),
    Upsample((1, 2), "bilinear"),
    GlobalAvgPool2D(),
    Conv2D(4, 3),
    Conv2D(3, 5, stride=2),
    Conv2D(2, (3, 1), padding=(1, 0), dilation=2),
    Conv2D(2, 4, padding="same"),
    MaxPool2D(),
    AvgPool2D(3, 2, rounding="ceil"),
    FullyConnected(10),
    Activation("relu"),
    Dropout(),
    Flatten(),
)


def test_the_lectures_network() -> None:
    report = check(LECTURE, classes=10)
    assert report.ok
    assert report.parameters == 63_802
    assert report.multiply_adds == 418_600
    assert [block.output_shape for block in report.blocks] == [
        (1, 32, 32), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (100,), (10,),
    ]  # fmt: skip
    assert [b.parameters for b in report.blocks] == [0, 156, 0, 2416, 0, 48_120, 12_100, 1010]
    assert [b.receptive_field for b in report.blocks[1:5]] == [5, 6, 14, 16]
    assert report.activations == 9_134
    assert report.problems == ()


@pytest.mark.parametrize(
    ("filters", "units", "parameters"),
    [
        ((), (100,), 79_510),
        ((20,), (100,), 289_630),
        ((20, 40), (100,), 85_670),
        ((20, 40), (300,), 215_870),
        ((20, 40), (1000,), 671_570),
        ((20, 40), (100, 100), 95_770),
        ((20, 40), (1000, 1000), 1_672_570),
        ((20,), (), 29_330),
    ],
)
def test_nielsens_networks(
    filters: tuple[int, ...], units: tuple[int, ...], parameters: int
) -> None:
    """Neural Networks and Deep Learning, chapter 6."""
    maps = [block for count in filters for block in (Conv2D(count, 5), MaxPool2D())]
    net = Network((Input(), *maps, *map(FullyConnected, (*units, 10))))
    assert check(net).parameters == parameters


def test_three_3x3_see_as_far_as_one_7x7() -> None:
    net = Network((Input(), *[Conv2D(4, 3, activation="relu")] * 3))
    assert [b.receptive_field for b in check(net).blocks] == [1, 3, 5, 7]


def test_a_misfit_is_said_with_its_arithmetic_and_the_rest_is_unknown() -> None:
    report = check(MISFIT)
    assert not report.ok
    ((index, problem),) = report.problems
    assert index == 1
    assert problem.severity == "error"
    assert problem.message == "CONV 1 does not fit: (7 - 3) / 3 + 1 = 2.33."
    assert report.blocks[1].output_shape is None
    assert report.blocks[2].output_shape is None
    assert report.blocks[2].parameters is None
    assert report.output_shape is None


def test_repairs_say_where_they_lead_the_smallest_change_first() -> None:
    (_, problem), *_ = check(MISFIT).problems
    assert [str(repair) for repair in problem.repairs] == [
        "pad 1 -> 3x3", "stride 2 -> 3x3", "kernel 4 -> 2x2", "rounding floor -> 2x2",
        "rounding ceil -> 3x3", "dilation 3 -> 1x1", "INPUT pad 1 -> 3x3", "stride 4 -> 2x2",
        "kernel 1 -> 3x3", "remove it -> 7x7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (TiledConv2D(3, 3, tiles=7), "tiles 6 -> 6x6"),
        (ConvTranspose2D(3, 3, output_padding=(0, 2)), "output pad 0 -> 10x10"),
        (ConvTranspose2D(3, 3, stride=2, padding=9), "pad 8 -> 1x1"),
        (ConvTranspose2D(3, 3, groups=2), "groups 1 -> 10x10"),
        (LocallyConnected2D(3, 3, stride=2), "rounding floor -> 3x3"),
    ],
)
def test_repairs_of_the_other_convolutions(block: Block, words: str) -> None:
    (_, problem), *_ = check(Network((Input(height=8, width=8), block))).problems
    assert words in [str(repair) for repair in problem.repairs]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.integers(1, 40), st.integers(1, 40))
def test_check_never_raises_and_says_what_is_wrong(
    pieces: list[Block], height: int, width: int
) -> None:
    net = Network((Input(height=height, width=width), *pieces))
    report = check(net, classes=10)
    assert len(report.blocks) == len(net)
    assert report.ok == all(p.severity != "error" for _, p in report.problems)
    for index, problem in report.problems:
        assert problem.message.startswith(net.names[index])
        assert problem.message.endswith(".")


@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_totals_count_what_is_known(pieces: list[Block]) -> None:
    report = check(Network((Input(height=16, width=16), *pieces)))
    known = [block for block in report.blocks if block.output_shape is not None]
    assert report.parameters == sum(block.parameters for block in known)
    assert report.activations == sum(block.output_shape.size for block in known)


@pytest.mark.parametrize(
    ("blocks", "words"),
    [
        ((Conv2D(4, 3), Conv2D(4, 3)), "CONV 2 follows CONV 1 with no non-linear function"),
        ((FullyConnected(20), Dropout(), FullyConnected(10)), "FC 2 follows FC 1"),
        ((FullyConnected(10, activation="relu"),), "FC 1 applies ReLU to the network's output"),
        ((Conv2D(10, 28),), "CONV 1 ends the network with maps of 1x1x10, but the data has 10"),
        ((FullyConnected(12),), "FC 1 ends the network with 12 values, but the data has 10"),
        (
            (Conv2D(4, 3, activation="relu"), FullyConnected(900, activation="relu"),
             FullyConnected(10)),
            "FC 1 holds 99 % of all parameters",
        ),
    ],
)  # fmt: skip
def test_warnings(blocks: tuple[Block, ...], words: str) -> None:
    report = check(Network((Input(), *blocks)), classes=10)
    assert report.ok
    assert any(p.message.startswith(words) for _, p in report.problems if p.severity == "warning")


def test_no_warning_where_an_activation_block_stands_between() -> None:
    net = Network((Input(), Conv2D(4, 3), Activation("relu"), Conv2D(4, 3, activation="relu")))
    assert check(net).problems == ()
