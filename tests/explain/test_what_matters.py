"""Occlusion, saliency and Grad-CAM: naive loops, PyTorch, and networks that know where to look."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn import functional

from cnnstudio.blocks import (
    Activation,
    Conv2D,
    ConvTranspose2D,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
    Upsample,
)
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError
from cnnstudio.explain.cells import Cell
from cnnstudio.explain.fields import field_on
from cnnstudio.explain.grad_cam import cam_paths, grad_cam, on_picture
from cnnstudio.explain.middles import middles
from cnnstudio.explain.occlusion import FILLS, Occlusion, occlusion
from cnnstudio.explain.saliency import saliency
from cnnstudio.network import Network, check
from tests.engine.harness import blobs, shaken
from tests.engine.torch_reference import copy_weights, torch_blocks

NETWORK = Network(
    (
        Input(2, 9, 8, pad=1, mean=0.2, deviation=0.5),
        Conv2D(4, 3, activation="relu"),
        MaxPool2D(2, 2, rounding="floor"),
        Conv2D(5, 2, activation="tanh"),
        FullyConnected(3),
    )
)


@pytest.fixture
def model() -> Model:
    return shaken(Model(NETWORK, dtype=np.float64))


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(1).random((2, 9, 8))


@pytest.fixture(scope="module")
def trained() -> Model:
    """A network that knows in which corner a bright spot is."""
    blocks = (
        Input(1, 8, 8),
        Conv2D(4, 3, padding=1, activation="relu"),
        MaxPool2D(),
        FullyConnected(4),
    )
    model, images = Model(Network(blocks)), blobs(128)
    for step in range(60):
        _, gradients = model.loss_and_gradients(images.pixels, images.labels, step)
        for name, gradient in gradients.items():
            model.parameters[name][...] -= 0.3 * gradient
    assert (model.forward(images.pixels).argmax(axis=1) == images.labels).all()
    return model


def corner(label: int) -> tuple[slice, slice]:
    row, column = divmod(label, 2)
    return slice(4 * row, 4 * row + 4), slice(4 * column, 4 * column + 4)


# ---- occlusion


def probability(model: Model, picture: np.ndarray, unit: int) -> float:
    scores = model.forward(picture[np.newaxis])[0]
    powers = [float(np.exp(score - scores.max())) for score in scores]
    return powers[unit] / sum(powers)


@pytest.mark.parametrize(("patch", "step"), [(1, 1), (3, 1), (4, 2), (5, 3), (20, 4)])
@pytest.mark.parametrize("fill", FILLS)
def test_occlusion_is_that_of_a_naive_loop(
    model: Model, picture: np.ndarray, patch: int, step: int, fill: str
) -> None:
    found = occlusion(model, picture, 2, patch=patch, step=step, fill=fill)
    assert found is not None
    assert found.probability == pytest.approx(probability(model, picture, 2), rel=1e-9)
    assert found.values.shape == (-(-9 // step), -(-8 // step))
    for i, j in np.ndindex(*found.values.shape):
        covered = picture.copy()
        for channel, row, column in np.ndindex(2, 9, 8):
            top = i * step + (step - 1) // 2 - (patch - 1) // 2
            left = j * step + (step - 1) // 2 - (patch - 1) // 2
            if 0 <= row - top < patch and 0 <= column - left < patch:
                mean = picture[channel].mean()
                covered[channel, row, column] = {"grey": 0.5, "black": 0, "mean": mean}[fill]
        assert found.values[i, j] == pytest.approx(probability(model, covered, 2), rel=1e-9)


def test_a_fall_stands_on_the_pixels_of_its_cell() -> None:
    found = Occlusion(0, 0.9, np.array([[0.9, 0.4], [1.0, 0.8]]), patch=3, step=2)
    np.testing.assert_allclose(
        found.on_pixels(3, 4), [[0, 0, 0.5, 0.5], [0, 0, 0.5, 0.5], [-0.1, -0.1, 0.1, 0.1]]
    )
    assert found.strongest == (0, 1)


def test_covering_the_spot_matters_most(trained: Model) -> None:
    images = blobs(8, seed=5)
    for pixels, label in zip(images.pixels, images.labels, strict=True):
        found = occlusion(trained, pixels, int(label), patch=3, fill="black")
        assert found is not None
        row, column = found.strongest
        rows, columns = corner(int(label))
        assert rows.start <= row < rows.stop
        assert columns.start <= column < columns.stop


def test_an_occlusion_that_is_not_wanted_ends(model: Model, picture: np.ndarray) -> None:
    asked: list[int] = []

    def wanted() -> bool:
        asked.append(1)
        return len(asked) < 1

    assert occlusion(model, picture, 0, wanted=wanted) is None
    assert asked == [1]


# ---- saliency


def test_saliency_is_the_gradient_that_pytorch_finds(model: Model, picture: np.ndarray) -> None:
    module = torch.nn.Sequential(*torch_blocks(NETWORK)).double().eval()
    copy_weights(model.weights, module)
    pixels = torch.from_numpy(picture[np.newaxis].copy()).requires_grad_()
    score = module(pixels)[0, 1]
    score.backward()
    assert pixels.grad is not None
    expected, found = pixels.grad[0].numpy(), saliency(model, picture, 1)
    assert found.score == pytest.approx(score.item())
    np.testing.assert_allclose(found.gradient, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.strength, np.abs(expected).max(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.times_input, (expected * picture).sum(axis=0), atol=1e-12)


def test_bytes_and_numbers_give_the_same_saliency(trained: Model) -> None:
    pixels = blobs(1).pixels[0]
    as_bytes, as_numbers = saliency(trained, pixels, 0), saliency(trained, pixels / 255, 0)
    np.testing.assert_allclose(as_bytes.times_input, as_numbers.times_input, rtol=1e-4, atol=1e-6)


def test_what_speaks_for_a_corner_lies_there(trained: Model) -> None:
    pixels, label = blobs(1, seed=9).pixels[0], int(blobs(1, seed=9).labels[0])
    speaks = saliency(trained, pixels, label).times_input
    assert speaks[corner(label)].sum() > 0.7 * np.clip(speaks, 0, None).sum()


# ---- Grad-CAM


@pytest.mark.parametrize("block", [1, 2, 3])
def test_grad_cam_is_that_of_pytorch(model: Model, picture: np.ndarray, block: int) -> None:
    blocks = [part.double().eval() for part in torch_blocks(NETWORK)]
    copy_weights(model.weights, torch.nn.Sequential(*blocks))
    value = torch.from_numpy(picture[np.newaxis])
    for part in blocks[: block + 1]:
        value = part(value)
    maps = value.detach().requires_grad_()
    value = maps
    for part in blocks[block + 1 :]:
        value = part(value)
    value[0, 2].backward()
    assert maps.grad is not None
    weights = maps.grad.mean(dim=(2, 3))
    expected = functional.relu((weights[:, :, None, None] * maps).sum(dim=1))[0].detach()
    found = grad_cam(model, picture, 2, (block,))
    np.testing.assert_allclose(found.weights, weights[0].numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.maps, expected.numpy(), rtol=1e-9, atol=1e-12)
    assert found.pixels.shape == (9, 8)
    assert found.pixels.max() <= found.maps.max() + 1e-12


def test_maps_that_keep_their_place_are_enlarged_as_by_pytorch() -> None:
    blocks = (Input(1, 12, 8), Conv2D(2, 3, padding="same"), MaxPool2D(), MaxPool2D())
    report = check(Network(blocks))
    maps = np.random.default_rng(0).random((3, 2))
    expected = functional.interpolate(
        torch.from_numpy(maps)[None, None], (12, 8), mode="bilinear", align_corners=False
    )
    np.testing.assert_allclose(on_picture(maps, report, (3,)), expected[0, 0].numpy(), atol=1e-12)


def test_maps_that_lost_their_border_lie_where_they_look() -> None:
    report = check(Network((Input(1, 9, 9), Conv2D(1, 5))))
    maps = np.zeros((5, 5))
    maps[1, 4] = 1
    found = on_picture(maps, report, (1,))
    assert found[3, 6] == 1
    np.testing.assert_array_equal(found[3, 6:], 1)
    assert np.count_nonzero(found) == 3


@pytest.mark.parametrize(
    "blocks",
    [
        (Conv2D(2, 5, stride=2, padding=2, rounding="floor"), MaxPool2D(3, 2, rounding="floor")),
        (Conv2D(2, (3, 5), dilation=2, padding="same"), Upsample(3)),
        (ConvTranspose2D(2, 3, stride=2, padding=1), Conv2D(2, 3)),
        (Residual((Conv2D(2, 3, padding=1), Conv2D(2, 5, padding=2))), MaxPool2D()),
        (Parallel(((), (Conv2D(2, 3, padding=1),))), Conv2D(2, 3)),
    ],
    ids=repr,
)
def test_middles_are_those_of_the_receptive_fields(blocks: tuple) -> None:
    """Of cells whose field lies inside of the picture, to within half a pixel."""
    report = check(Network((Input(2, 24, 24, pad=1), *blocks)))
    last = len(blocks)
    found = middles(report, (last,))
    assert found is not None
    _, height, width = report.blocks[last].output_shape
    for row, column in ((height // 2, width // 2), (height // 2 - 1, width // 2 - 2)):
        box = field_on(report, Cell((last,), (0, row, column))).rectangle
        assert box is not None
        top, left, tall, wide = box
        down, right = found
        assert down.first + row * down.jump == pytest.approx(top + (tall - 1) / 2, abs=0.5)
        assert right.first + column * right.jump == pytest.approx(left + (wide - 1) / 2, abs=0.5)


def test_maps_that_see_everything_are_stretched() -> None:
    inner = Parallel(((FullyConnected(4),), (GlobalAvgPool2D(),)))
    report = check(Network((Input(1, 8, 8), inner)))
    assert middles(report, (1,)) is None
    np.testing.assert_allclose(on_picture(np.eye(1), report, (1,)), 1)


def test_only_blocks_with_maps_can_be_asked() -> None:
    assert cam_paths(check(NETWORK)) == ((1,), (2,), (3,))
    flat = Network((Input(1, 8, 8), FullyConnected(3), Activation("softmax")))
    assert cam_paths(check(flat)) == ()
    with pytest.raises(DataError, match="FC 1 has none"):
        grad_cam(Model(flat), np.zeros((1, 8, 8)), 0, (1,))
    with pytest.raises(DataError, match=r"block \(9,\) has none"):
        grad_cam(Model(flat), np.zeros((1, 8, 8)), 0, (9,))


def test_blocks_inside_of_others_are_asked_as_those_of_a_plain_row(picture: np.ndarray) -> None:
    """The same blocks with the same weights, in the row of the network and inside of others."""
    rest = (Conv2D(2, 3, activation="tanh"), FullyConnected(3))
    pool = MaxPool2D(3, 1, padding=1)
    middle = (Conv2D(4, 3, padding=1, activation="relu"), pool)
    plain = shaken(Model(Network((NETWORK.input, *middle, *rest)), dtype=np.float64))
    silent = (Conv2D(4, 3, padding=1), pool)
    inside = Parallel((middle, silent), "sum")
    deep = Model(Network((NETWORK.input, Parallel((((inside,)),)), *rest)), dtype=np.float64)
    before = "parallel1.branch1.parallel1."
    for name, values in deep.parameters.items():
        own = name.removeprefix(f"{before}branch1.")
        own = own.replace("conv1", "conv2") if own == name else own
        values[...] = 0 if name.startswith(f"{before}branch2") else plain.parameters[own]
    rows = [(1, 0, 0, number, place) for number in (0, 1) for place in (0, 1)]
    assert cam_paths(deep.report) == ((1,), (1, 0, 0), *rows, (2,))
    for place in (0, 1):
        found = grad_cam(deep, picture, 2, (1, 0, 0, 0, place))
        expected = grad_cam(plain, picture, 2, (1 + place,))
        np.testing.assert_allclose(found.weights, expected.weights, atol=1e-12)
        np.testing.assert_allclose(found.pixels, expected.pixels, atol=1e-12)


def test_the_middles_of_blocks_inside_are_those_of_their_fields() -> None:
    row = (Conv2D(2, 5, padding=1), MaxPool2D(), Residual((Conv2D(2, 3, padding=1),)))
    report = check(Network((Input(1, 24, 24, pad=1), Conv2D(2, 5), Parallel((row,)))))
    for path in ((2, 0, 0), (2, 0, 1), (2, 0, 2), (2, 0, 2, 0, 0)):
        found = middles(report, path)
        assert found is not None
        box = field_on(report, Cell(path, (0, 4, 5))).rectangle
        assert box is not None
        for place, side, at in ((4, 0, found[0]), (5, 1, found[1])):
            middle = box[side] + (box[side + 2] - 1) / 2
            assert at.first + place * at.jump == pytest.approx(middle, abs=0.5)


def test_grad_cam_finds_the_spot() -> None:
    """A class for bright pictures and one for dark ones, wherever the spot is."""
    blocks = (
        Input(1, 8, 8),
        Conv2D(2, 3, padding=1, activation="relu"),
        GlobalAvgPool2D(),
        FullyConnected(2),
    )
    model = Model(Network(blocks))
    model.parameters["conv1.weight"][...] = np.array([1, -1])[:, None, None, None]
    model.parameters["conv1.bias"][...] = [-4, 4]
    model.parameters["fc1.weight"][...] = np.eye(2)
    images = blobs(8, seed=3)
    for pixels, label in zip(images.pixels, images.labels, strict=True):
        found = grad_cam(model, pixels, 0, (1,))
        assert found.pixels[corner(int(label))].sum() > 0.9 * found.pixels.sum() > 0
        dark = grad_cam(model, pixels, 1, (1,))
        assert dark.pixels[corner(int(label))].sum() < 0.2 * dark.pixels.sum()


# ---- bad questions

Ask = Callable[[Model, np.ndarray], object]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda m, p: occlusion(m, p, 3), "classes 0 to 2, but 3"),
        (lambda m, p: occlusion(m, p[:1], 0), "pictures of 2x9x8"),
        (lambda m, p: occlusion(m, p, 0, patch=0), "A patch of 0 pixels"),
        (lambda m, p: occlusion(m, p, 0, step=0), "steps of 0"),
        (lambda m, p: occlusion(m, p, 0, fill="red"), "not with 'red'"),
        (lambda m, p: saliency(m, p, -1), "but -1 is asked"),
        (lambda m, p: grad_cam(m, p, 5, (1,)), "but 5 is asked"),
    ],
)
def test_impossible_questions_are_refused(
    model: Model, picture: np.ndarray, ask: Ask, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        ask(model, picture)


def test_a_network_without_classes_says_so() -> None:
    model = Model(Network((Input(1, 8, 8), Conv2D(2, 3))))
    with pytest.raises(DataError, match="ends with maps of 2x6x6"):
        occlusion(model, np.zeros((1, 8, 8)), 0)
