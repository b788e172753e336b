"""The receptive field is what shaking the pixels of the picture shows."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import (
    AvgPool2D,
    Block,
    Conv2D,
    ConvTranspose2D,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
    Upsample,
)
from cnnstudio.engine.model import Model
from cnnstudio.explain.cells import Cell
from cnnstudio.explain.fields import field_on
from cnnstudio.explain.probing import PROBED
from cnnstudio.network import Network, check
from tests.explain.asking import case
from tests.pipelines import fitting_pipeline

SUMS: list[tuple[Block, ...]] = [
    (Conv2D(2, 3, padding=1), Conv2D(2, 3, dilation=2)),
    (Conv2D(2, 3, stride=2, padding=1, rounding="floor"), AvgPool2D(2, rounding="ceil")),
    (Conv2D(4, 3, groups=2, padding=2, padding_mode="reflect"),),
    (Conv2D(2, 3, padding=3, padding_mode="circular"), Conv2D(1, 2)),
    (Conv2D(2, 3, padding=2, padding_mode="replicate"),),
    (Conv2D(2, 3, padding=4, padding_mode="partial"),),
    (ConvTranspose2D(2, 3, stride=2, padding=1, output_padding=1), Conv2D(2, 2)),
    (ConvTranspose2D(4, 2, stride=3, dilation=2, groups=2),),
    (LocallyConnected2D(2, 3), TableConv2D(2, [[0], [0, 1]])),
    (Upsample(2, "bilinear"), Conv2D(2, 3, stride=3, rounding="floor")),
    (Upsample((1, 3)), AvgPool2D(3, 1, padding=1)),
    (Parallel(((Conv2D(1, 5, padding=2),), (), (Conv2D(1, (1, 3), padding="same"),))),),
    (Residual((Conv2D(3, 3, stride=2, padding=1, rounding="floor"), Conv2D(3, 1))),),
    (GlobalAvgPool2D(),),
]
"""Blocks that add up, so that a random picture moves every cell that it can move."""


def moved(model: Model, path: tuple[int, ...], place: tuple[int, ...]) -> np.ndarray:
    """Which pixels ``(C, H, W)`` move a value when they are changed, one at a time."""
    shape = model.network.input.picture_shape
    image = np.random.default_rng(1).random(shape)
    pictures = np.repeat(image[np.newaxis], image.size, axis=0).reshape(image.size, -1)
    pictures[np.arange(image.size), np.arange(image.size)] += 0.37
    outputs = model.activations(pictures.reshape(-1, *shape))[path[0]]
    before = model.activations(image[np.newaxis])[path[0]][0]
    values = outputs[(slice(None), *place)]
    return (np.abs(values - before[place]) > 1e-12).reshape(shape)


@pytest.mark.parametrize("blocks", SUMS, ids=str)
def test_the_field_is_exactly_what_moves_the_value(blocks: tuple[Block, ...]) -> None:
    network = Network((Input(2, 7, 6, pad=(1, 0)), *blocks))
    model, _ = case(network, 2)
    path, random = (len(blocks),), Random(0)
    shape = model.output_shape
    corners = {(0,) * len(shape), tuple(size - 1 for size in shape)}
    for place in corners | {tuple(random.randrange(size) for size in shape) for _ in range(5)}:
        field = field_on(model.report, Cell(path, place))
        assert np.array_equal(field.mask, moved(model, path, place)), place


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(fitting_pipeline(), st.integers(0, 1000))
def test_no_pixel_outside_the_field_moves_the_value(network: Network, seed: int) -> None:
    model, _ = case(network, seed)
    random, path = Random(seed), (len(network) - 1,)
    place = tuple(random.randrange(size) for size in model.report.blocks[-1].output_shape)
    field = field_on(model.report, Cell(path, place))
    assert not np.any(moved(model, path, place) & ~field.mask)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(fitting_pipeline(), st.integers(0, 1000))
def test_a_type_without_a_rule_sees_no_less_than_it_does(network: Network, seed: int) -> None:
    """What is assumed of an unknown type holds for all the known ones."""
    random = Random(seed)
    for entry in check(network).blocks[1:]:
        marked = np.zeros(entry.output_shape, bool)
        marked[tuple(random.randrange(size) for size in entry.output_shape)] = True
        assumed = PROBED.seen(entry.block, entry.input_shape, marked)
        one = Network((Input(*entry.input_shape), entry.block)) if marked.ndim == 3 else None
        if one is None or len(entry.input_shape) == 1 or not check(one).ok:
            continue
        place = tuple(map(int, np.argwhere(marked)[0]))
        assert not np.any(field_on(check(one), Cell((1,), place)).mask & ~assumed)


def test_the_lecture_says_5x5_then_6x6_then_14x14() -> None:
    network = Network(
        (Input(1, 28, 28), Conv2D(6, 5), MaxPool2D(2), Conv2D(16, 5), MaxPool2D(2))
    )  # fmt: skip
    report = check(network)
    sizes = []
    for index in range(1, 5):
        field = field_on(report, Cell((index,), (0, 1, 1)))
        assert field.is_rectangle
        sizes.append(field.rectangle[2:])
        assert sizes[-1] == (report.blocks[index].receptive_field,) * 2
    assert sizes == [(5, 5), (6, 6), (14, 14), (16, 16)]
    near = field_on(report, Cell((4,), (0, 1, 2)), (2,))
    assert near.rectangle == (2, 4, 6, 6)
    assert near.words == "6x6 cells at rows 3 to 8, columns 5 to 10"


def test_a_field_in_a_corner_holds_only_real_pixels() -> None:
    network = Network((Input(1, 5, 5, pad=2), Conv2D(1, 5, padding=2)))
    report = check(network)
    field = field_on(report, Cell((1,), (0, 0, 0)))
    assert field.rectangle == (0, 0, 1, 1)
    assert field.words == "1x1 pixels at row 1, column 1"
    lone = Network((Input(1, 5, 5, pad=4), Conv2D(1, 1)))
    nothing = field_on(check(lone), Cell((1,), (0, 0, 0)))
    assert (nothing.rectangle, nothing.words) == (None, "no pixel at all, only padding")


def test_a_field_with_gaps_is_a_list_of_cells() -> None:
    report = check(Network((Input(1, 5, 5), Conv2D(1, 2, dilation=2))))
    field = field_on(report, Cell((1,), (0, 0, 1)))
    assert not field.is_rectangle
    assert [cell.place for cell in field.cells] == [(0, 0, 1), (0, 0, 3), (0, 2, 1), (0, 2, 3)]
    assert field.words == "4 pixels within rows 1 to 3, columns 2 to 4"
