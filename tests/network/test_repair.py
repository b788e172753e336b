"""Repairs of groups and padding modes, and of every block that has windows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import (
    AvgPool2D,
    Block,
    Conv2D,
    FullyConnected,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.blocks.convolution import PADDING_MODE
from cnnstudio.network import Network, check


def offers(block: Block, channels: int = 6, height: int = 12, width: int = 12) -> list[str]:
    """The repairs of `block`, each of which is tried."""
    before = Conv2D(channels, 1, activation="relu")
    network = Network((Input(1, height, width), before, block, FullyConnected(3)))
    (problem,) = check(network).blocks[2].problems
    assert problem.severity == "error"
    for repair in problem.repairs:
        mended = check(repair.apply(network)).blocks[2]
        assert mended.fits
        assert repair.leads_to == f"{mended.output_shape[1]}x{mended.output_shape[2]}"
    return [repair.change for repair in problem.repairs]


@pytest.mark.parametrize(
    ("channels", "filters", "groups", "expected"),
    [
        (6, 12, 4, ["groups 3"]),
        (6, 8, 3, ["groups 2", "filters 9"]),
        (6, 2, 6, ["groups 2", "filters 6"]),
        (1, 8, 5, ["groups 1"]),
        (4096, 4096, 3000, ["groups 2048"]),
    ],
)
def test_the_nearest_groups_and_filters(
    channels: int, filters: int, groups: int, expected: list[str]
) -> None:
    assert offers(Conv2D(filters, 1, groups=groups), channels, 2, 2) == expected


@pytest.mark.parametrize(
    ("mode", "padding", "expected"),
    [
        ("reflect", 5, ["pad 3", "padding mode replicate"]),
        ("circular", 5, ["pad 4", "padding mode replicate"]),
        ("reflect", (1, 4), ["pad 1x3", "padding mode replicate"]),
        ("reflect", 20, ["padding mode replicate"]),
        ("reflect", "full", ["kernel 4", "padding mode replicate"]),
    ],
)
def test_padding_of_more_pixels_than_there_are(
    mode: str, padding: object, expected: list[str]
) -> None:
    block = Conv2D(2, 5, padding=padding, padding_mode=mode)
    assert [o for o in offers(block, 1, 4, 4) if o != "kernel 3"] == expected


@pytest.mark.parametrize(
    "block",
    [
        Conv2D(2, 3, stride=2),
        TableConv2D(3, [[0, 1]], stride=2),
        LocallyConnected2D(2, 3, stride=2),
        TiledConv2D(2, 3, stride=2),
        MaxPool2D(3, 2),
        AvgPool2D(3, 2),
    ],
    ids=repr,
)
def test_every_block_with_windows_is_repaired(block: Block) -> None:
    """(12 - 3) / 2 + 1 = 5.5."""
    assert {"stride 1", "kernel 4", "rounding floor"} <= set(offers(block))


def test_a_table_without_its_maps_has_no_repair() -> None:
    assert offers(TableConv2D(3, [[7]])) == []


convolutions = st.builds(
    Conv2D,
    filters=st.integers(1, 12),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 3),
    padding=st.one_of(st.integers(0, 8), st.sampled_from(["same", "full"])),
    padding_mode=st.sampled_from(tuple(PADDING_MODE.options)),
    dilation=st.integers(1, 2),
    groups=st.integers(1, 8),
    rounding=st.sampled_from(["exact", "floor", "ceil"]),
)


@given(convolutions, st.integers(1, 12), st.integers(1, 9), st.integers(1, 9))
def test_every_offer_fits(block: Conv2D, channels: int, height: int, width: int) -> None:
    network = Network((Input(channels, height, width), block))
    for problem in check(network).blocks[1].problems:
        assert problem.message.startswith("CONV 1 ")
        assert problem.message.endswith(".")
        changes = [repair.change for repair in problem.repairs]
        assert len(changes) == len(set(changes))
        for repair in problem.repairs:
            assert check(repair.apply(network)).blocks[1].fits
