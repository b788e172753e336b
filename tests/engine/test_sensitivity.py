"""Gradients of pixels and maps of a network in use: central differences, PyTorch, bad input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from torch.nn import functional

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
)
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine import inner_maps
from cnnstudio.engine.model import Model
from cnnstudio.engine.row import Entry
from cnnstudio.engine.sensitivity import Backtrace, loss_sensitivity, score_sensitivity
from cnnstudio.errors import DataError
from cnnstudio.network import Network
from cnnstudio.network.inner import Path
from tests.engine.harness import pictures, shaken
from tests.engine.test_layer_contracts import CASES, assert_close, network_with
from tests.engine.torch_reference import copy_weights, modules, torch_blocks, torch_network
from tests.pipelines import fitting_pipeline

STEP = 1e-6


def made(network: Network) -> Model:
    """A model with random biases, and statistics that are not those it began with."""
    model = shaken(Model(network, dtype=np.float64))
    for name, values in model.statistics.items():
        shift = np.random.default_rng(3).random(values.shape)
        values[...] = 0.5 + shift if "variance" in name else shift
    return model


def by_torch(
    model: Model, x: np.ndarray, seed: np.ndarray, noise: float = 0.0
) -> tuple[dict[Path, np.ndarray], dict[Path, np.ndarray], np.ndarray]:
    """Maps of every block by its path, the gradient of each, and of the pixels; in use.

    With `noise` every value of every map is another by about so small a share.
    """
    generator = torch.Generator().manual_seed(3)
    blocks = torch_network(model.network).double().eval()
    copy_weights(model.weights, blocks)
    maps: dict[Path, torch.Tensor] = {}

    def watch(path: Path, block: torch.nn.Module) -> None:
        def keep(_block: object, _given: object, value: torch.Tensor) -> torch.Tensor:
            # A copy: a block that does nothing hands on what others read too.
            shift = torch.randn(value.shape, dtype=value.dtype, generator=generator)
            maps[path] = value * (1 + noise * shift)
            maps[path].retain_grad()
            return maps[path]

        block.register_forward_hook(keep)

    for path, block in ends(model.report.blocks, blocks):
        watch(path, block)
    pixels = torch.from_numpy(x.copy()).requires_grad_()
    (blocks(pixels) * torch.from_numpy(seed)).sum().backward()
    return (
        {path: each.detach().numpy() for path, each in maps.items()},
        {path: each.grad.numpy() for path, each in maps.items() if each.grad is not None},
        pixels.grad.numpy(),
    )


def ends(
    entries: Iterable[Entry], made: Iterable[torch.nn.Module], before: Path = ()
) -> Iterator[tuple[Path, torch.nn.Module]]:
    """For every block of a row, also inside of others, the module that gives its values."""
    rest = list(made)
    for place, entry in enumerate(entries):
        path, count = (*before, place), len(modules(entry.block, entry.input_shape))
        own, rest = rest[:count], rest[count:]
        yield path, own[-1]
        if isinstance(entry.block, Composite):
            for number, row in enumerate(entry.block.rows(entry.input_shape)):
                yield from ends(row, own[0].rows[number], (*path, number))


def seed_like(outputs: np.ndarray) -> np.ndarray:
    return np.random.default_rng(7).standard_normal(outputs.shape)


def assert_all_like_torch(network: Network, count: int = 3) -> None:
    model = made(network)
    x = np.random.default_rng(2).random((count, *network.input.picture_shape))
    found = Backtrace(model, count + 1).compute(x, seed_like)
    maps, gradients, pixels = by_torch(model, x, seed_like(found.outputs))
    assert set(found.maps) == set(found.gradients)
    assert set(found.maps) == {place.path for place in inner_maps.places(model.report)}
    for path, value in found.maps.items():
        assert_close(value.reshape(maps[path].shape), maps[path], 1e-9)
        gradient = found.gradients[path].reshape(value.shape)
        assert_close(gradient.reshape(maps[path].shape), gradients[path], 1e-9)
    assert_close(found.pixels, pixels, 1e-9)


@pytest.mark.parametrize("block", CASES, ids=repr)
def test_pixels_agree_with_central_differences(block: Block) -> None:
    network = network_with(block)
    model = made(network)
    x, _ = pictures(network, 2)
    weight = np.random.default_rng(5).standard_normal(3)
    gradient = Backtrace(model, 2).compute(x, lambda y: np.broadcast_to(weight, y.shape)).pixels
    flat, largest = x.reshape(-1), np.abs(gradient).max()
    for place in np.linspace(0, flat.size - 1, 8).astype(int):
        middle = flat[place]
        flat[place] = middle + STEP
        above = float((model.forward(x) @ weight).sum())
        flat[place] = middle - STEP
        below = float((model.forward(x) @ weight).sum())
        flat[place] = middle
        numeric = (above - below) / (2 * STEP)
        expected = gradient.reshape(-1)[place]
        assert numeric == pytest.approx(expected, rel=1e-5, abs=1e-6 * largest + 1e-9)


@pytest.mark.parametrize("block", CASES, ids=repr)
def test_maps_and_pixels_agree_with_pytorch(block: Block) -> None:
    assert_all_like_torch(network_with(block))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(fitting_pipeline())
def test_random_pipelines_agree_with_pytorch(network: Network) -> None:
    if isinstance(network.blocks[-1], Activation):
        return
    try:
        assert_all_like_torch(network)
    except AssertionError:
        assume(bears_rounding(network))
        raise


def bears_rounding(network: Network) -> bool:
    """Whether PyTorch's own gradients stay the same when all values are others by a rounding.

    They do not where two largest values in a window differ by rounding alone, as in columns that
    are padding only.
    """
    model, generator = made(network), np.random.default_rng(2)
    x = generator.random((3, *network.input.picture_shape))
    seeds = seed_like(model.forward(x))
    _, gradients, _ = by_torch(model, x, seeds)
    _, moved, _ = by_torch(model, x, seeds, noise=1e-10)
    return all(np.abs(each - moved[path]).max() < 1e-6 for path, each in gradients.items())


def test_blocks_inside_of_others_agree_with_pytorch() -> None:
    """Nested rows, one that only pools after a function, an empty one, and one that does nothing.

    Inside a row a pool computes before the function in front of it, when nobody looks on.
    """
    deep = Residual((Conv2D(3, 3, padding=1, activation="tanh"), BatchNorm()), "relu")
    pooled = (Conv2D(2, 3, activation="relu"), MaxPool2D(2, 1), Conv2D(2, 2, padding=2))
    blocks = (
        Input(1, 7, 7),
        Conv2D(3, 3, padding=1, activation="relu"),
        Parallel((pooled, (), (Dropout(0.5), deep, Dropout(0.4)), (Dropout(0.3),))),
        Residual((FullyConnected(6, activation="sigmoid"), FullyConnected(4)), "elu"),
        FullyConnected(3),
    )
    assert_all_like_torch(Network(blocks))


def test_a_slope_of_a_map_is_what_its_gradient_says() -> None:
    """The gradient of a block's maps, checked by moving one value of them."""
    network = Network((Input(1, 6, 6), Conv2D(2, 3, activation="tanh"), FullyConnected(3)))
    model = made(network)
    x, _ = pictures(network, 1)
    found = score_sensitivity(model, x, 2)
    rest = Model(Network((Input(2, 4, 4), FullyConnected(3))), dtype=np.float64)
    rest.load({"fc1.weight": model.weights["fc1.weight"], "fc1.bias": model.weights["fc1.bias"]})
    maps = found.maps[(1,)].copy()
    before = rest.forward(maps)[0, 2]
    maps[0, 1, 2, 3] += STEP
    slope = (rest.forward(maps)[0, 2] - before) / STEP
    assert slope == pytest.approx(found.gradients[(1,)][0, 1, 2, 3], rel=1e-6)


def test_a_score_is_the_output_before_the_softmax() -> None:
    network = Network((Input(1, 5, 5), Flatten(), FullyConnected(3), Activation("softmax")))
    model = made(network)
    x, _ = pictures(network, 2)
    found = score_sensitivity(model, x, 1)
    assert len(found.maps) == len(found.gradients) == 3
    assert_close(found.outputs, model.forward(x), 1e-12)
    expected = model.weights["fc1.weight"][1].reshape(1, 5, 5)
    assert_close(found.pixels, np.stack([expected, expected]), 1e-12)


def test_the_loss_agrees_with_pytorch() -> None:
    network = Network((Input(1, 6, 6, mean=0.2, deviation=0.5), Conv2D(2, 3), FullyConnected(3)))
    model = made(network)
    x, labels = pictures(network, 4)
    blocks = torch.nn.Sequential(*torch_blocks(network)).double().eval()
    copy_weights(model.weights, blocks)
    pixels = torch.from_numpy(x.copy()).requires_grad_()
    functional.cross_entropy(blocks(pixels), torch.from_numpy(labels), reduction="sum").backward()
    assert pixels.grad is not None
    assert_close(loss_sensitivity(model, x, labels).pixels, pixels.grad.numpy(), 1e-9)


def test_dropout_is_not_used_and_flat_blocks_pass_the_gradient_on() -> None:
    blocks = (Input(1, 4, 4), Dropout(0.9), FullyConnected(4), Flatten(), FullyConnected(3))
    model = made(Network(blocks))
    x, _ = pictures(model.network, 1)
    found = score_sensitivity(model, x, 0)
    np.testing.assert_array_equal(found.gradients[(0,)], found.gradients[(1,)])
    np.testing.assert_array_equal(found.gradients[(2,)], found.gradients[(3,)])
    assert np.abs(found.pixels).min() > 0


def test_pictures_as_bytes_count_from_0_to_1() -> None:
    model = made(Network((Input(1, 6, 6), Conv2D(2, 3, activation="tanh"), FullyConnected(3))))
    x = np.random.default_rng(0).integers(0, 256, (1, 1, 6, 6)).astype(np.uint8)
    ours, expected = (score_sensitivity(model, each, 0).pixels for each in (x, x / 255))
    assert_close(ours, expected, 1e-12)


def test_a_backtrace_follows_the_weights_and_does_not_touch_them() -> None:
    model = made(Network((Input(1, 6, 6), Conv2D(2, 3), FullyConnected(3))))
    trace, before = Backtrace(model, 2), model.state.copy()
    x, _ = pictures(model.network, 2)
    first = trace.compute(x, np.ones_like).pixels
    np.testing.assert_array_equal(model.state, before)
    model.state[...] *= 2
    assert_close(trace.compute(x, np.ones_like).pixels, 4 * first, 1e-12)


def test_channels_of_maps_at_the_end_can_be_asked_about() -> None:
    model = made(Network((Input(1, 5, 5), Conv2D(2, 3))))
    x, _ = pictures(model.network, 1)
    gradient = score_sensitivity(model, x, 1).pixels
    weight = model.weights["conv1.weight"][1, 0]
    assert gradient[0, 0, 2, 2] == pytest.approx(weight.sum())
    assert gradient[0, 0, 0, 0] == pytest.approx(weight[0, 0])


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda m, x: score_sensitivity(m, x, 3), "outputs 0 to 2, but 3"),
        (lambda m, x: score_sensitivity(m, x[:0], 0), "1 to 1 pictures, not 0"),
        (lambda m, x: score_sensitivity(m, x[:, :, :4], 0), "pictures of 1x6x6"),
        (lambda m, x: loss_sensitivity(m, x, np.array([0, 9])), "Labels go from 0 to 2"),
        (lambda m, x: Backtrace(m, 1).compute(x, np.ones_like), "1 to 1 pictures, not 2"),
    ],
)
def test_impossible_questions_are_refused(ask: object, words: str) -> None:
    model = Model(Network((Input(1, 6, 6), FullyConnected(3))))
    with pytest.raises(DataError, match=words):
        ask(model, np.zeros((2, 1, 6, 6)))  # type: ignore[operator]
