"""Pictures made ready: exact numbers, and foreign digits that end up as MNIST would have them."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.data import datasets
from cnnstudio.data.preprocess import fit_picture, to_float, to_grey
from cnnstudio.errors import DataError

SHAPE = (1, 28, 28)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return datasets.load("mnist").test.pixels[:100, 0]


def enlarged(digit: np.ndarray, times: int = 10) -> np.ndarray:
    return np.kron(digit, np.ones((times, times), np.uint8))


def test_bytes_become_numbers_from_0_to_1():
    values = to_float(np.array([0, 51, 255], np.uint8))
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, np.array([0, 0.2, 1], np.float32))


def test_a_dark_picture_of_the_right_size_is_taken_as_it_is(digits):
    np.testing.assert_array_equal(fit_picture(digits[0][:, :, None], SHAPE)[0], digits[0])


def test_black_on_white_large_and_off_centre_becomes_mnists_form(digits):
    for digit in digits:
        page = np.full((500, 400), 255, np.uint8)
        page[150:430, 60:340] = 255 - enlarged(digit)
        got = fit_picture(page[:, :, None], SHAPE)[0].astype(float)
        rows, columns = np.indices(got.shape)
        assert abs((rows * got).sum() / got.sum() - 14) < 0.75
        assert abs((columns * got).sum() / got.sum() - 14) < 0.75
        likeness = np.corrcoef(got.ravel(), digit.ravel())[0, 1]
        assert likeness > 0.8


def test_colours_are_weighed_as_the_eye_sees_them():
    picture = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    assert to_grey(picture).tolist() == [[76, 150, 29, 255]]


def test_a_thin_line_stays_in_the_picture():
    picture = np.zeros((200, 100, 1), np.uint8)
    picture[10:190, 3] = 255
    got = fit_picture(picture, SHAPE)[0]
    assert got.any(axis=1).sum() == 20
    assert got.max() > 100


def test_a_blank_picture_is_refused():
    for brightness in (0, 128, 255):
        with pytest.raises(DataError, match="The picture is blank"):
            fit_picture(np.full((50, 50, 1), brightness, np.uint8), SHAPE)


def test_colour_networks_get_three_planes():
    picture = np.zeros((10, 10, 1), np.uint8)
    assert fit_picture(picture, (3, 32, 32)).shape == (3, 32, 32)
    with pytest.raises(DataError, match="takes pictures of 5 channels; a picture file has 1 or 3"):
        fit_picture(picture, (5, 32, 32))
