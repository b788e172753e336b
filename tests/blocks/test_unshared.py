"""Locally connected and tiled convolution: sizes, parameters, cost and words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import Block, Conv2D, LocallyConnected2D, Shape, TiledConv2D
from cnnstudio.errors import SizeError

PICTURE = Shape((3, 9, 8))


def size_or_error(block: Block) -> Shape | str:
    try:
        return block.output_shape(PICTURE)
    except SizeError as error:
        return str(error)


@given(
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3),
    padding=st.one_of(st.integers(0, 3), st.sampled_from(["same", "full"])),
    rounding=st.sampled_from(["exact", "floor", "ceil"]),
)
def test_sizes_and_costs_are_those_of_the_convolution(
    kernel: int, stride: int, padding: int | str, rounding: str
) -> None:
    values = {"filters": 5, "kernel": kernel, "stride": stride, "padding": padding}
    shared = Conv2D(**values, rounding=rounding)
    for block in (
        LocallyConnected2D(**values, rounding=rounding),
        TiledConv2D(**values, tiles=1, rounding=rounding),
    ):
        assert size_or_error(block) == size_or_error(shared)
        if isinstance(size_or_error(block), str):
            continue
        assert block.multiply_adds(PICTURE) == shared.multiply_adds(PICTURE)
        assert block.size_formulas(PICTURE) == shared.size_formulas(PICTURE)
        assert block.fans(PICTURE) == shared.fans(PICTURE)
        assert block.reach(PICTURE) == shared.reach(PICTURE)


def test_parameters_of_a_locally_connected_block() -> None:
    block = LocallyConnected2D(4, (3, 2))
    assert block.parameter_shapes(PICTURE) == {"weight": (7, 7, 4, 3, 3, 2), "bias": (4, 7, 7)}
    assert str(block.parameter_formula(PICTURE)) == "(3*2*3 + 1) * 7*7*4 = 3,724"
    bare = block.with_values(bias=False)
    assert bare.parameter_shapes(PICTURE) == {"weight": (7, 7, 4, 3, 3, 2)}
    assert str(bare.parameter_formula(PICTURE)) == "(3*2*3) * 7*7*4 = 3,528"


def test_parameters_of_a_tiled_block() -> None:
    block = TiledConv2D(4, (3, 2), tiles=(3, 2))
    assert block.parameter_shapes(PICTURE) == {"weight": (3, 2, 4, 3, 3, 2), "bias": (4,)}
    assert str(block.parameter_formula(PICTURE)) == "(3*2*3*2*3 + 1) * 4 = 436"
    assert block.with_values(bias=False).parameters(PICTURE) == 432


def test_tiles_lie_between_sharing_all_and_sharing_nothing() -> None:
    shared, local = Conv2D(4, 3, bias=False), LocallyConnected2D(4, 3, bias=False)
    height, width = local.output_shape(PICTURE)[1:]
    one, all_places = (
        TiledConv2D(4, 3, tiles=tiles, bias=False).parameters(PICTURE)
        for tiles in (1, (height, width))
    )
    assert one == shared.parameters(PICTURE)
    assert all_places == local.parameters(PICTURE) == height * width * one


@pytest.mark.parametrize(
    ("tiles", "words", "most"),
    [(8, "8x8", (7, 6)), ((2, 7), "2x7", (2, 6)), ((9, 1), "9x1", (7, 1))],
)
def test_tiles_without_a_place_are_refused(
    tiles: object, words: str, most: tuple[int, int]
) -> None:
    with pytest.raises(SizeError) as caught:
        TiledConv2D(4, 3, tiles=tiles).output_shape(PICTURE)
    assert str(caught.value) == (
        f"{words} tiles are more than the 7x6 places of the output, so some filters would never "
        f"be used; use {most[0]}x{most[1]} tiles"
    )
    assert TiledConv2D(4, 3, tiles=most).output_shape(PICTURE) == (4, 7, 6)


def test_cards() -> None:
    local = LocallyConnected2D(6, 5, padding=1, activation="relu")
    assert local.summary() == "6 @ 5x5 · stride 1 · pad 1 · ReLU"
    tiled = TiledConv2D(6, (5, 3), tiles=(2, 3), stride=2, padding="same")
    assert tiled.summary() == "6 @ 5x3 · tiles 2x3 · stride 2 · same"


@pytest.mark.parametrize(("kind", "stem"), [(LocallyConnected2D, "LOCAL"), (TiledConv2D, "TILED")])
def test_a_row_of_units_is_refused(kind: type, stem: str) -> None:
    with pytest.raises(SizeError, match=f"{stem} needs maps .* gets a row of 12 units"):
        kind(2, 3).output_shape(Shape((12,)))
