"""Convolutions written as plain loops over every product, with their gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, Shape, TableConv2D
from cnnstudio.blocks.window import Window
from cnnstudio.engine.model import Model
from cnnstudio.network import Network
from tests.engine.harness import Result, pictures, run_block, shaken
from tests.engine.test_layer_contracts import assert_like_torch

COUNT, CHANNELS, HEIGHT, WIDTH = 2, 4, 6, 5


def pixel(window: Window, size: int, step: int, tap: int, mode: str) -> int | None:
    """The pixel that a tap of a window reads; None for a zero outside the map."""
    place = step * window.stride + tap * window.dilation - window.padding
    if 0 <= place < size:
        return place
    if place >= size + window.padding:
        return None  # the window hangs over its padding, where there are zeros in every mode
    if mode == "reflect":
        return -place if place < 0 else 2 * (size - 1) - place
    if mode == "replicate":
        return 0 if place < 0 else size - 1
    return place % size if mode == "circular" else None


@dataclass(frozen=True)
class Link:
    """A filter, a map that it sees, and the weights ``(kh, kw)`` of the two in the parameter."""

    filter_: int
    channel: int
    weight: tuple[int, ...]


def links(block: Conv2D | TableConv2D) -> Iterator[Link]:
    if isinstance(block, TableConv2D):
        for number, (filter_, channel) in enumerate(block.pairs):
            yield Link(filter_, channel, (number,))
        return
    depth = CHANNELS // block.groups
    for filter_ in range(block.filters):
        group = filter_ // (block.filters // block.groups)
        for channel in range(depth):
            yield Link(filter_, group * depth + channel, (filter_, channel))


def by_loops(
    block: Conv2D | TableConv2D, x: np.ndarray, dy: np.ndarray, parameters: dict[str, np.ndarray]
) -> Result:
    """What the block must make of `x` and `dy`: every product by itself."""
    mode = getattr(block, "padding_mode", "zeros")
    turned = getattr(block, "true_convolution", False)
    down, right = block.windows()
    weight, bias = parameters["weight"], parameters.get("bias", np.zeros(block.filters))
    y, dx = np.zeros_like(dy), np.zeros_like(x)
    gradients = {name: np.zeros_like(values) for name, values in parameters.items()}
    for row, column in np.ndindex(*dy.shape[2:]):
        reads = {}
        for i, j in np.ndindex(down.kernel, right.kernel):
            r = pixel(down, HEIGHT, row, i, mode)
            c = pixel(right, WIDTH, column, j, mode)
            if r is not None and c is not None:
                reads[i, j] = (r, c)
        ratio = 1.0
        if mode == "partial":
            if not reads:
                continue
            ratio = down.kernel * right.kernel / len(reads)
        y[:, :, row, column] = bias
        if "bias" in gradients:
            gradients["bias"] += dy[:, :, row, column].sum(axis=0)
        for link in links(block):
            for (i, j), (r, c) in reads.items():
                tap = (down.kernel - 1 - i, right.kernel - 1 - j) if turned else (i, j)
                at = (*link.weight, *tap)
                share = dy[:, link.filter_, row, column] * ratio
                y[:, link.filter_, row, column] += ratio * weight[at] * x[:, link.channel, r, c]
                dx[:, link.channel, r, c] += weight[at] * share
                gradients["weight"][at] += (share * x[:, link.channel, r, c]).sum()
    return Result(y, dx, gradients)


BLOCKS = [
    Conv2D(3, (2, 3), padding=(1, 0)),
    Conv2D(3, 3, stride=(2, 3), dilation=2, padding=2, rounding="floor"),
    Conv2D(3, 3, stride=2, rounding="ceil"),
    Conv2D(3, 3, padding="full"),
    Conv2D(8, 3, groups=4, padding=1),
    Conv2D(2, (3, 2), groups=2, stride=2, padding=1, rounding="ceil", bias=False),
    Conv2D(2, (3, 2), padding=(1, 2), true_convolution=True),
    *(
        Conv2D(2, **{"kernel": 3, "padding_mode": mode, **more})
        for mode in ("reflect", "replicate", "circular", "partial")
        for more in (
            {"padding": 1},
            {"padding": (3, 4), "groups": 2, "true_convolution": True},
            {"padding": 2, "stride": (3, 2), "dilation": (1, 2), "rounding": "ceil"},
        )
    ),
    Conv2D(2, 3, padding=5, padding_mode="partial"),
    Conv2D(2, 2, padding=(0, 9), dilation=(1, 7), padding_mode="partial"),
    Conv2D(2, 3, stride=4, padding=4, rounding="ceil", padding_mode="partial"),
    TableConv2D(3, [[0, 1], [2], [1, 2, 3], [0, 3]]),
    TableConv2D((2, 3), [[3], [0]], stride=2, padding=1, bias=False, rounding="ceil"),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("block", BLOCKS, ids=repr)
def test_values_and_gradients_are_those_of_plain_loops(
    block: Conv2D | TableConv2D, dtype: type
) -> None:
    generator = np.random.default_rng(0)
    shape = Shape((CHANNELS, HEIGHT, WIDTH))
    x = generator.standard_normal((COUNT, *shape)).astype(dtype)
    parameters = {
        name: generator.standard_normal(size).astype(dtype)
        for name, size in block.parameter_shapes(shape).items()
    }
    dy = generator.standard_normal((COUNT, *block.output_shape(shape))).astype(dtype)
    found, expected = run_block(block, x, dy, parameters), by_loops(block, x, dy, parameters)
    tolerance = 1e-11 if dtype is np.float64 else 1e-4
    pairs = [(found.y, expected.y), (found.dx, expected.dx)]
    pairs += [(found.gradients[name], expected.gradients[name]) for name in parameters]
    for ours, theirs in pairs:
        assert ours.dtype == dtype
        assert ours == pytest.approx(theirs, rel=tolerance, abs=tolerance)


def test_windows_of_nothing_but_padding_have_no_part_in_anything() -> None:
    """They give 0, whatever the bias; their dy changes no gradient, the bias's included."""
    block = Conv2D(2, 3, padding=5, padding_mode="partial")
    x = np.ones((1, 1, 3, 3))
    parameters = {"weight": np.ones((2, 1, 3, 3)), "bias": np.array([5.0, -7.0])}
    outside = np.ones((11, 11), bool)
    outside[3:8, 3:8] = False
    result = run_block(block, x, np.where(outside, 100.0, 0.0)[None, None].repeat(2, 1), parameters)
    assert np.all(result.y[:, :, outside] == 0)
    assert np.all(result.y[:, :, ~outside] != 0)
    assert not result.dx.any()
    assert not result.gradients["weight"].any()
    assert not result.gradients["bias"].any()


@pytest.mark.parametrize("function", ["none", "relu", "tanh", "gelu"])
def test_a_maximum_goes_before_the_bias_of_windows_without_a_pixel(function: str) -> None:
    """The plan takes the maximum first where the function rises; 0 must then beat what is below."""
    conv = Conv2D(3, 3, padding=(5, 4), padding_mode="partial", activation=function)
    pool = MaxPool2D(3, 2, rounding="ceil")
    assert_like_torch(Network((Input(2, 5, 6), conv, pool, FullyConnected(3))))


@pytest.mark.parametrize(
    "block",
    [
        Conv2D(4, 3, padding=4, padding_mode="partial", groups=2, activation="relu"),
        Conv2D(4, 3, padding=2, padding_mode="reflect", true_convolution=True),
        TableConv2D(3, [[0], [0, 1]], activation="tanh"),
    ],
    ids=repr,
)
def test_two_lanes_and_several_slices_learn_the_same(block: Conv2D | TableConv2D) -> None:
    first = Conv2D(2, 1, activation="elu")
    network = Network((Input(1, 6, 6), first, block, FullyConnected(3)))
    assert_like_torch(network, count=150)
    x, labels = pictures(network, 150)
    one, two = (
        shaken(Model(network, threads=threads, dtype=np.float64)).loss_and_gradients(x, labels)[1]
        for threads in (1, 2)
    )
    for name, values in one.items():
        assert two[name] == pytest.approx(values, rel=1e-9, abs=1e-12)
