"""Locally connected and tiled convolution against plain loops, and as limits of each other."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from cnnstudio.blocks import (
    Block,
    Conv2D,
    FullyConnected,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Shape,
    TiledConv2D,
)
from cnnstudio.engine.layers import local_convolution
from cnnstudio.engine.layers.local_convolution import Turns, turns
from cnnstudio.engine.model import Model
from cnnstudio.network import Network
from tests.engine.harness import pictures, run_block, shaken

PICTURE = Shape((2, 7, 8))


def random_parameters(block: Block, shape: Shape = PICTURE) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(1)
    shapes = block.parameter_shapes(shape)
    return {name: generator.standard_normal(size) for name, size in shapes.items()}


def random_maps(shape: tuple[int, ...], count: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, *shape))


def by_loops(
    block: LocallyConnected2D | TiledConv2D, x: np.ndarray, weight: np.ndarray, bias: np.ndarray
) -> np.ndarray:
    """The definition, place by place: set (row mod tile rows, column mod tile columns)."""
    down, right = block.windows()
    y = np.zeros((len(x), *block.output_shape(Shape(x.shape[1:]))))
    for n, f, row, column in np.ndindex(*y.shape):
        own = weight[row % weight.shape[0], column % weight.shape[1], f]
        total = bias[f, row, column] if bias.ndim == 3 else bias[f]
        for i in range(down.kernel):
            for j in range(right.kernel):
                r = row * down.stride - down.padding + i
                c = column * right.stride - right.padding + j
                if 0 <= r < x.shape[2] and 0 <= c < x.shape[3]:
                    total += (own[:, i, j] * x[n, :, r, c]).sum()
        y[n, f, row, column] = total
    return y


BLOCKS = [
    LocallyConnected2D(3, 3),
    LocallyConnected2D(2, (2, 3), stride=(2, 3), padding=(1, 0), rounding="floor"),
    LocallyConnected2D(2, 3, stride=2, rounding="ceil", padding=1),
    TiledConv2D(3, 3),
    TiledConv2D(2, (2, 3), tiles=(3, 4), padding="full"),
    TiledConv2D(2, 2, tiles=(1, 5), stride=(3, 1), rounding="ceil"),
    TiledConv2D(2, 3, tiles=(4, 2), stride=(1, 2), padding=1, rounding="floor"),
]


@pytest.mark.parametrize("block", BLOCKS, ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_equals_plain_loops(block: LocallyConnected2D | TiledConv2D, dtype: type) -> None:
    x, parameters = random_maps(PICTURE), random_parameters(block)
    expected = by_loops(block, x, **parameters)
    typed = {name: values.astype(dtype) for name, values in parameters.items()}
    result = run_block(block, x.astype(dtype), parameters=typed).y
    assert result.dtype == dtype
    assert result == pytest.approx(expected, rel=0, abs=5e-14 if dtype == np.float64 else 2e-5)


@pytest.mark.parametrize("block", BLOCKS, ids=repr)
def test_gradients_are_those_of_the_loops(block: LocallyConnected2D | TiledConv2D) -> None:
    """The block is linear in x, in the weight and in the bias, so differences are exact."""
    x, parameters = random_maps(PICTURE, 1), random_parameters(block)
    dy = random_maps(block.output_shape(PICTURE), 1, seed=5)
    result = run_block(block, x, dy, parameters)
    nothing = {name: np.zeros_like(values) for name, values in parameters.items()}
    assert (result.dx * x).sum() == pytest.approx(
        (dy * by_loops(block, x, **{**parameters, "bias": nothing["bias"]})).sum()
    )
    for name, values in parameters.items():
        for place in np.linspace(0, values.size - 1, 7).astype(int):
            only = {**nothing, name: np.zeros_like(values)}
            only[name].flat[place] = 1
            slope = (dy * by_loops(block, x, **only)).sum()
            assert result.gradients[name].flat[place] == pytest.approx(slope, abs=1e-12)
    for place in np.linspace(0, x.size - 1, 9).astype(int):
        pixel = np.zeros_like(x)
        pixel.flat[place] = 1
        slope = (dy * by_loops(block, pixel, **{**parameters, "bias": nothing["bias"]})).sum()
        assert result.dx.flat[place] == pytest.approx(slope, abs=1e-12)


@pytest.mark.parametrize(
    "values",
    [
        {"kernel": 3},
        {"kernel": (2, 3), "stride": 2, "padding": 1, "rounding": "floor"},
        {"kernel": 3, "padding": "same", "activation": "tanh"},
    ],
)
def test_one_tile_is_an_ordinary_convolution(values: dict[str, object]) -> None:
    tiled, shared = TiledConv2D(3, tiles=1, **values), Conv2D(3, **values)
    parameters = random_parameters(tiled)
    x, dy = random_maps(PICTURE), random_maps(tiled.output_shape(PICTURE))
    result = run_block(tiled, x, dy, parameters)
    plain = {"weight": parameters["weight"][0, 0], "bias": parameters["bias"]}
    expected = run_block(shared, x, dy, plain)
    assert result.y == pytest.approx(expected.y, abs=1e-12)
    assert result.dx == pytest.approx(expected.dx, abs=1e-12)
    assert result.gradients["weight"][0, 0] == pytest.approx(
        expected.gradients["weight"], abs=1e-11
    )
    assert result.gradients["bias"] == pytest.approx(expected.gradients["bias"], abs=1e-11)


def test_tiles_as_large_as_the_output_are_a_locally_connected_block() -> None:
    local = LocallyConnected2D(3, 3, stride=(2, 1))
    height, width = local.output_shape(PICTURE)[1:]
    tiled = TiledConv2D(3, 3, tiles=(height, width), stride=(2, 1))
    parameters = random_parameters(tiled)
    everywhere = np.broadcast_to(parameters["bias"][:, None, None], (3, height, width)).copy()
    x, dy = random_maps(PICTURE), random_maps(tiled.output_shape(PICTURE))
    result = run_block(tiled, x, dy, parameters)
    expected = run_block(local, x, dy, {"weight": parameters["weight"], "bias": everywhere})
    assert np.array_equal(result.y, expected.y)
    assert np.array_equal(result.dx, expected.dx)
    assert np.array_equal(result.gradients["weight"], expected.gradients["weight"])
    assert expected.gradients["bias"].sum(axis=(1, 2)) == pytest.approx(result.gradients["bias"])


@pytest.mark.parametrize("largest", [1, 1500, 4000])
@pytest.mark.parametrize("block", BLOCKS, ids=repr)
def test_the_size_of_the_parts_changes_nothing(
    block: Block, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, parameters = random_maps(PICTURE), random_parameters(block)
    dy = random_maps(block.output_shape(PICTURE))
    expected = run_block(block, x, dy, parameters)
    monkeypatch.setattr(local_convolution, "LARGEST_PART", largest)
    result = run_block(block, x, dy, parameters)
    assert result.y == pytest.approx(expected.y, abs=1e-13)
    assert result.dx == pytest.approx(expected.dx, abs=1e-12)
    for name, gradient in expected.gradients.items():
        assert result.gradients[name] == pytest.approx(gradient, abs=1e-12)


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("sets", range(1, 9))
@pytest.mark.parametrize("most", [1, 2, 3, 5, 8])
def test_turns_cover_every_place_with_its_set(size: int, sets: int, most: int) -> None:
    found = []
    for part in turns(size, sets, most):
        assert part.count <= most
        used = range(sets)[part.used]
        assert len(used) == part.sets
        places = range(size)[part.places]
        found += zip(places, [*used] * part.times, strict=True)
    assert found == [(place, place % sets) for place in range(size)]


def test_whole_turns_stay_together() -> None:
    assert list(turns(7, 2, 5)) == [Turns(0, 0, 2, 2), Turns(4, 0, 2, 1), Turns(6, 0, 1, 1)]


def test_a_maximum_does_not_go_before_the_biases_of_the_places() -> None:
    network = Network(
        (
            Input(1, 6, 6),
            LocallyConnected2D(2, 3, activation="relu"),
            MaxPool2D(),
            FullyConnected(3),
        )
    )
    model = shaken(Model(network, dtype=np.float64))
    x, _ = pictures(network, 4)
    maps = model.activations(x)[1]
    pooled = maps.reshape(4, 2, 2, 2, 2, 2).max(axis=(3, 5)).reshape(4, -1)
    expected = pooled @ model.parameters["fc1.weight"].T + model.parameters["fc1.bias"]
    assert model.forward(x) == pytest.approx(expected)


def test_the_windows_need_no_more_memory_than_a_part() -> None:
    """All windows of this block for 64 images are 26 million numbers, a part's 262 thousand."""
    block, shape = LocallyConnected2D(1, 5, padding=2), Shape((8, 45, 45))
    x = np.zeros((64, *shape), np.float32)
    parameters = {n: np.zeros(s, np.float32) for n, s in block.parameter_shapes(shape).items()}
    tracemalloc.start()
    run_block(block, x, np.zeros((64, 1, 45, 45), np.float32), parameters)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    windows = 45 * 45 * 8 * 25 * 64 * 4
    assert peak < windows / 3
