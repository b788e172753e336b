"""What is drawn becomes what MNIST would have made of it, and other data gets it as it is used."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.data.drawn import MNIST, Manner, manner_of, seen, seen_picture
from cnnstudio.data.preprocess import fit_picture, resized, to_float
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import DataError
from cnnstudio.network import Network, Recipe

SHAPE = (1, 28, 28)
REDRAWN = 200
NETWORK = Network(
    (
        Input(),
        Conv2D(8, 5, activation="relu"),
        MaxPool2D(),
        FullyConnected(40, activation="relu"),
        FullyConnected(10),
    )
)

Bytes = NDArray[np.uint8]


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    return datasets.load("mnist")


@pytest.fixture(scope="module")
def trained(mnist: Dataset) -> Model:
    """A network that has seen 6,000 digits, for a second or two."""
    model = Model(NETWORK, seed=0)
    recipe = Recipe(epochs=2, batch_size=32, optimizer="adam", learning_rate=2e-3)
    trainer = Trainer(model, mnist.train[:6000], mnist.train[:0], recipe, classes=10)
    for _ in trainer.run():
        pass
    trainer.keep()
    return model


def redrawn(digit: Bytes, generator: np.random.Generator) -> Bytes:
    """The digit on a larger sheet, in another size, away from the middle."""
    side = int(generator.integers(60, 260))
    sheet = np.zeros((320, 320), np.uint8)
    top, left = generator.integers(0, 320 - side, 2)
    sheet[top : top + side, left : left + side] = resized(digit, side, side)
    return sheet


def accuracy(model: Model, pictures: Bytes, labels: Bytes) -> float:
    return float((model.probabilities(to_float(pictures)).argmax(axis=1) == labels).mean())


def test_redrawn_off_centre_real_digits_are_recognised_as_the_originals_are(
    mnist: Dataset, trained: Model
) -> None:
    """The issue's own figure: the accuracy stays within 1 %; without the centring it is lost."""
    generator, test = np.random.default_rng(5), mnist.test[:REDRAWN]
    sheets = [redrawn(digit, generator) for digit in test.pixels[:, 0]]
    original = accuracy(trained, test.pixels, test.labels)
    assert original > 0.9
    got = np.stack([seen(sheet, SHAPE) for sheet in sheets])
    assert abs(accuracy(trained, got, test.labels) - original) <= 0.01
    shrunk = np.stack([resized(sheet, 28, 28)[None] for sheet in sheets])
    assert accuracy(trained, shrunk, test.labels) < original - 0.3


def test_they_lie_and_look_as_the_originals(mnist: Dataset) -> None:
    generator, likeness = np.random.default_rng(6), []
    for digit in mnist.test.pixels[:50, 0]:
        got = seen(redrawn(digit, generator), SHAPE)[0].astype(float)
        for axis in (0, 1):
            centre = got.sum(axis=1 - axis) @ np.arange(28) / got.sum()
            assert abs(centre - 14) <= 0.75
        height, width = (np.ptp(np.flatnonzero((got >= 64).any(axis=a))) + 1 for a in (1, 0))
        assert 18 <= max(height, width) <= 20
        likeness.append(np.corrcoef(got.ravel(), digit.ravel())[0, 1])
    assert min(likeness) > 0.7  # a pixel to the side, as the centre is rounded
    assert np.mean(likeness) > 0.9


def test_a_mark_keeps_its_proportions_and_is_the_mean_of_the_area() -> None:
    sheet = np.zeros((320, 320), np.uint8)
    sheet[100:200, 30:70] = 255
    got = seen(sheet, SHAPE)[0]
    assert (got == 255).sum() == got.astype(bool).sum() == 20 * 8
    sheet[np.isin(np.arange(320) % 5, (1, 2, 3))] = 0  # of five rows for a pixel two are left
    assert set(np.unique(seen(sheet, SHAPE))) == {0, round(255 * 2 / 5)}


@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 28, 28), (2, 20, 40), (1, 8, 8)])
def test_other_networks_get_it_in_their_size(shape: tuple[int, int, int]) -> None:
    sheet = np.zeros((320, 320), np.uint8)
    sheet[40:200, 60:120] = 255
    for manner in (MNIST, Manner(is_centred=False), Manner(is_light=True)):
        got = seen(sheet, shape, manner)
        assert got.shape == shape
        assert got.dtype == np.uint8
        assert (got == got[0]).all()
        assert (got[0, 0, 0] == 255) is np.bool_(manner.is_light)


def test_where_the_data_is_not_centred_the_whole_sheet_is_seen() -> None:
    sheet = np.zeros((320, 320), np.uint8)
    sheet[:80, :40] = 255
    got = seen(sheet, (1, 16, 32), Manner(is_centred=False))[0]
    expected = np.zeros((16, 32), np.uint8)
    expected[:4, 8:10] = 255
    np.testing.assert_array_equal(got, expected)


def of(name: str, pixels: Bytes) -> Dataset:
    images = Images(pixels, np.zeros(len(pixels), np.uint8))
    return Dataset(name, ("a", "b"), images, images)


def test_how_the_data_lies_is_measured(mnist: Dataset) -> None:
    digits = mnist.test.pixels[:200]
    moved = np.stack([np.roll(d, (i % 9 - 4, i % 7 - 3), (1, 2)) for i, d in enumerate(digits)])
    assert manner_of(mnist) == manner_of(of("copy of it", digits)) == MNIST
    assert manner_of(of("paper", 255 - digits)) == Manner(is_light=True)
    assert manner_of(of("photographs", moved)) == Manner(is_centred=False)
    assert manner_of(of("none", digits[:0])) == MNIST


def test_a_loaded_picture_is_seen_as_the_command_line_sees_it(mnist: Dataset) -> None:
    digit = mnist.test.pixels[3, 0]
    page = np.full((90, 120, 3), 255, np.uint8)
    page[40:68, 20:48] = 255 - digit[:, :, None]
    np.testing.assert_array_equal(seen_picture(page, SHAPE), fit_picture(page, SHAPE))
    np.testing.assert_array_equal(seen_picture(digit[:, :, None], SHAPE)[0], digit)
    colours = seen_picture(page, (3, 30, 40))
    np.testing.assert_array_equal(colours, fit_picture(page, (3, 30, 40)))
    light = seen_picture(page, SHAPE, Manner(is_light=True))
    np.testing.assert_array_equal(light, 255 - seen(255 - page[:, :, 0], SHAPE))


@pytest.mark.parametrize("make", [seen, seen_picture])
def test_nothing_drawn_is_refused(make: Callable[..., Bytes]) -> None:
    blank = np.zeros((320, 320), np.uint8)
    picture = blank if make is seen else blank[:, :, None]
    with pytest.raises(DataError, match="The picture is blank"):
        make(picture, SHAPE)
