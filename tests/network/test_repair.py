"""Repairs of groups and padding modes, and of every block that has windows."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import (
    AvgPool2D,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.blocks.convolution import PADDING_MODE
from cnnstudio.errors import NetworkError
from cnnstudio.network import Network, Repair, check, consequences
from cnnstudio.network.repair import size_words
from tests.strategies import networks

RELU = {"activation": "relu"}


def keeps_its_word(repair: Repair, network: Network) -> None:
    """Fail unless the repair of a misfit leads to what it says, and breaks nothing before it."""
    report = check(network)
    mended = check(repair.apply(network))
    place = repair.places(network)[repair.place]
    if place is None:
        assert repair.change == "remove it"
        assert repair.leads_to == size_words(report.blocks[repair.place].input_shape)
        return
    assert all(entry.fits for entry in mended.blocks[: place + 1])
    assert repair.leads_to == size_words(mended.blocks[place].output_shape)


def errors(network: Network) -> list[Repair]:
    """All repairs of what does not fit, each of which is tried."""
    found = [r for _, p in check(network).problems if p.severity == "error" for r in p.repairs]
    for repair in found:
        keeps_its_word(repair, network)
    return found


def offers(block: Block, channels: int = 6, height: int = 12, width: int = 12) -> list[str]:
    """The repairs of `block` itself, each of which is tried."""
    before = Conv2D(channels, 1, activation="relu")
    network = Network((Input(1, height, width), before, block, FullyConnected(3)))
    return [repair.change for repair in errors(network) if repair.index == 2 and repair.blocks]


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
        ("reflect", 5, ["padding mode replicate", "pad 3"]),
        ("circular", 5, ["padding mode replicate", "pad 4"]),
        ("reflect", (1, 4), ["padding mode replicate", "pad 1x3"]),
        ("reflect", 20, ["padding mode replicate"]),
        ("reflect", "full", ["padding mode replicate", "kernel 4", "pad 3"]),
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


def test_a_table_without_its_maps_links_those_there_are() -> None:
    network = Network((Input(1, 12, 12), Conv2D(4, 1, **RELU), TableConv2D(3, [[1, 7], [0], [6]])))
    linked, before, gone = errors(network)
    assert str(linked) == "table of the 4 maps there are -> 10x10"
    (block,) = linked.blocks
    assert isinstance(block, TableConv2D)
    assert block.links == ((1,), (0,), (2,))
    assert str(before) == "CONV 1 filters 8 -> 10x10"
    assert gone.change == "remove it"


def test_every_kind_of_repair_of_a_window() -> None:
    """(16 - 3) / 2 + 1 = 7.5."""
    first = Conv2D(4, 5, **RELU)
    network = Network((Input(1, 20, 20), first, Conv2D(8, 3, stride=2), FullyConnected(3)))
    assert [str(repair) for repair in errors(network)] == [
        "stride 1 -> 14x14", "kernel 4 -> 7x7", "rounding floor -> 7x7", "rounding ceil -> 8x8",
        "kernel 2 -> 8x8", "CONV 1 kernel 6 -> 7x7", "CONV 1 kernel 4 -> 8x8",
        "remove it -> 16x16",
    ]  # fmt: skip


def test_an_even_kernel_cannot_keep_the_size_with_symmetric_padding() -> None:
    found = offers(Conv2D(4, 4, padding="same"))
    assert found[:3] == ["kernel 5", "kernel 3", "pad 1"]


def test_maps_are_needed_where_they_still_are() -> None:
    """A convolution behind FC 1 goes before it; where it does not fit, with a setting changed."""
    fully = FullyConnected(10, **RELU)
    behind = Network((Input(), Conv2D(4, 5, **RELU), fully, Conv2D(4, 3), FullyConnected(10)))
    assert [str(r) for r in errors(behind)] == [
        "move before FC 1 -> 22x22",
        "remove it -> 10 units",
    ]
    odd = Network((Input(1, 27, 27), fully, MaxPool2D(), FullyConnected(10)))
    assert str(errors(odd)[0]) == "move before FC 1, stride 1 -> 26x26"
    moved = errors(behind)[0].apply(behind)
    assert moved.blocks[2:4] == (behind.blocks[3], fully)


def test_a_flatten_in_the_way_can_go() -> None:
    network = Network((Input(1, 8, 8), Flatten(), Dropout(), Conv2D(4, 3), FullyConnected(10)))
    assert [str(r) for r in errors(network)][:2] == [
        "move before FLATTEN 1 -> 6x6",
        "remove FLATTEN 1 -> 6x6",
    ]


def test_the_padding_of_the_picture() -> None:
    """28 leaves 24, 12 and 10; 30 leaves 26, 13 and 11, and 11 - 5 is divisible by 3."""
    network = Network(
        (Input(), Conv2D(4, 5, **RELU), MaxPool2D(), Conv2D(4, 3, **RELU), MaxPool2D(5, 3))
    )
    assert "INPUT pad 1 -> 3x3" in map(str, errors(network))


def inside(block: Block, side: int = 10) -> list[str]:
    network = Network((Input(1, side, side), block))
    return [str(repair) for repair in errors(network)]


def test_a_block_inside_a_block() -> None:
    row = (Conv2D(4, 3, padding=1, **RELU), Conv2D(4, 3, stride=2))
    found = inside(Residual(row))
    assert found[:3] == [
        "inner CONV 2, kernel 4 -> 4x4",
        "inner CONV 2, rounding floor -> 4x4",
        "inner CONV 2, rounding ceil -> 5x5",
    ]
    assert "inner CONV 1, kernel 4 -> 4x4" in found
    assert "inner CONV 2, remove it -> 10x10" in found


def test_rows_that_cannot_be_joined() -> None:
    assert inside(Residual((Conv2D(4, 3, **RELU), Conv2D(4, 3))))[0] == (
        "padding same inside -> 10x10"
    )
    branches = ((Conv2D(4, 3),), (Conv2D(4, 5),), (MaxPool2D(3, 1),))
    assert inside(Parallel(branches))[0] == "BRANCH 2 CONV 1, pad 1 -> 8x8"
    assert inside(Parallel(((Conv2D(4, 1),), (Conv2D(6, 1),)), "sum"))[:3] == [
        "join by stacking -> 10x10",
        "BRANCH 1 CONV 1, filters 6 -> 10x10",
        "BRANCH 2 CONV 1, filters 4 -> 10x10",
    ]


def test_two_misfits_inside_take_one_step_for_all_or_two() -> None:
    two = Parallel(((Conv2D(4, 3, stride=2),), (Conv2D(4, 5, stride=2, padding=1),)))
    assert inside(two)[0] == "rounding floor inside -> 4x4"


@pytest.mark.parametrize(
    ("side", "kernel", "first"),
    [
        (1, 3, "kernel 1"),
        (1, 5, "kernel 1"),
        (1, 9, "kernel 1"),
        (2, 5, "kernel 2"),
        (3, 5, "pad 1"),
        (3, 7, "kernel 3"),
    ],
)
def test_no_window_of_padding_is_offered_first(side: int, kernel: int, first: str) -> None:
    """A kernel more than twice the map would be warned of at once."""
    found = inside(Conv2D(4, kernel), side)
    assert found[0].startswith(f"{first} -> ")
    assert any(each.startswith("pad ") for each in found)


def test_a_misfit_in_a_branch_keeps_the_size_before_anything_is_removed() -> None:
    """(7 - 5) / 3 + 1 = 1.67, and the other branch keeps 7x7."""
    keeps, shrinks = (Conv2D(8, 1, **RELU),), (Conv2D(8, 5, stride=3, **RELU),)
    assert inside(Parallel((keeps, shrinks)), 7) == [
        "BRANCH 2 CONV 1, stride 1, pad 2 -> 7x7",
        "BRANCH 2 CONV 1, remove it -> 7x7",
        "remove it -> 7x7",
    ]
    two = (Conv2D(8, 3, stride=3),)
    assert inside(Parallel((keeps, shrinks, two)), 7)[0] == (
        "stride 1 and padding same inside -> 7x7"
    )


def test_no_padding_is_offered_that_cannot_be() -> None:
    """A window of 27 taps 20 pixels apart would need 260 pixels on each side."""
    found = inside(Residual((Conv2D(1, 27, stride=2, dilation=20),)), 1)
    assert not any("pad 260" in each for each in found)
    assert found[-1] == "remove it -> 1x1"


def test_a_branch_of_another_size_keeps_the_size() -> None:
    """(7 - 5) / 2 + 1 = 2 fits, but not beside 7x7."""
    branches = ((Conv2D(8, 1),), (Conv2D(8, (5, 3), stride=2),))
    assert inside(Parallel(branches), 7)[0] == "BRANCH 2 CONV 1, stride 1, pad 2x1 -> 7x7"


def test_the_ends_are_joined_after_any_of_the_first_steps() -> None:
    """(8 - 6) / 3 + 1 = 1.67 fits with stride 2 or rounded up, but not beside 5x5."""
    found = inside(Parallel(((Conv2D(4, 4),), (Conv2D(4, 6, stride=3),))), 8)
    assert found[:2] == [
        "BRANCH 2 CONV 1, stride 2; BRANCH 1 CONV 1, dilation 2 -> 2x2",
        "BRANCH 2 CONV 1, rounding ceil; BRANCH 1 CONV 1, dilation 2 -> 2x2",
    ]


def test_a_kernel_far_larger_than_the_map_becomes_the_map() -> None:
    assert "kernel 12" in offers(Conv2D(4, 50))


def test_a_repair_of_another_network_is_refused() -> None:
    repair = Repair("remove it", "", 3, (), 1)
    with pytest.raises(NetworkError):
        repair.apply(Network((Input(), FullyConnected(10))))


def test_where_the_blocks_of_a_splice_go() -> None:
    first, second, third = Conv2D(1, 1), FullyConnected(2), Dropout()
    network = Network((Input(), first, second, third))
    assert Repair("", "", 1, (first, MaxPool2D()), 1).places(network) == (0, 1, 3, 4)
    assert Repair("", "", 1, (second, first), 2).places(network) == (0, 2, 1, 3)
    assert Repair("", "", 1, (MaxPool2D(), second), 2).places(network) == (0, 1, 2, 3)
    assert Repair("", "", 2, (), 1).places(network) == (0, 1, None, 2)
    assert Repair("", "", 4, (FullyConnected(3),), 0).places(network) == (0, 1, 2, 3)


# ---- consequences


def test_what_a_repair_does_to_all_later_blocks() -> None:
    lecture = Network(
        (
            Input(pad=2),
            Conv2D(6, 5, **RELU),
            MaxPool2D(),
            Conv2D(16, 5, **RELU),
            MaxPool2D(),
            FullyConnected(120, **RELU),
            FullyConnected(10),
        )
    )
    repair = Repair("pad 2", "", 3, (lecture.blocks[3].with_values(padding=2),))
    found = consequences(lecture, repair, classes=10)
    sizes = [(e.name, *(str(r.output_shape) for r in (e.before, e.after))) for e in found.changed]
    assert sizes == [
        ("CONV 2", "10x10x16", "14x14x16"),
        ("POOL 2", "5x5x16", "7x7x16"),
        ("FC 1", "120", "120"),
    ]  # fmt: skip
    fully = found.changed[-1]
    assert (fully.before.parameters, fully.after.parameters) == (48_120, 94_200)
    assert found.parameters == (51_902, 97_982)
    assert found.problems == check(repair.apply(lecture), 10).problems
    assert found.total == "46,080 parameters more in all"
    back = Repair("pad 0", "", 3, (lecture.blocks[3],))
    assert consequences(repair.apply(lecture), back).total == "46,080 parameters fewer in all"
    floor = Repair("", "", 3, (lecture.blocks[3].with_values(rounding="floor"),))
    assert consequences(lecture, floor).total == "as many parameters in all as before"


def test_what_no_longer_fits_is_told() -> None:
    network = Network((Input(), Conv2D(4, 5, **RELU), MaxPool2D(), FullyConnected(10)))
    repair = Repair("kernel 4", "", 1, (network.blocks[1].with_values(kernel=4),))
    found = consequences(network, repair)
    assert [e.name for e in found.effects if e.after and not e.after.fits] == ["POOL 1"]
    assert found.total == ""


def test_blocks_that_come_and_go() -> None:
    network = Network((Input(), Conv2D(4, 5, **RELU), FullyConnected(10)))
    come = consequences(network, Repair("", "", 2, (MaxPool2D(),), 0))
    assert [(e.name, e.before is None) for e in come.changed] == [("POOL 1", True), ("FC 1", False)]
    gone = consequences(network, Repair("", "", 1, (), 1))
    assert [(e.name, e.after is None) for e in gone.changed] == [("CONV 1", True), ("FC 1", False)]


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
    found = [str(repair) for repair in errors(network)]
    assert len(found) == len(set(found))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(networks(4))
def test_every_repair_of_any_network_leads_to_what_it_says(network: Network) -> None:
    found = errors(network)
    for repair in found[:3]:
        consequences(network, repair, 10)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(convolutions, min_size=1, max_size=3), st.lists(convolutions, max_size=2))
def test_every_repair_inside_a_block_leads_to_what_it_says(
    one: list[Block], other: list[Block]
) -> None:
    errors(Network((Input(2, 12, 10), Parallel((one, other)))))
    errors(Network((Input(2, 12, 10), Residual(one))))
