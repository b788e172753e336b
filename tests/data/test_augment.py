"""Augmentation against a reference in plain loops, and the statistics of what it draws."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest

from cnnstudio.data import datasets
from cnnstudio.data.augment import PIXELS_AT_ONCE, SMOOTHING, Augmentation, smooth_fields
from cnnstudio.data.preprocess import to_float
from cnnstudio.errors import DataError

ALL = Augmentation(shift=2, rotation=10, scaling=0.1, elastic=1)
EVERY = [
    Augmentation(shift=1),
    Augmentation(shift=1.5),
    Augmentation(rotation=10),
    Augmentation(scaling=0.1),
    Augmentation(elastic=1),
    ALL,
]


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return datasets.load("mnist").train.pixels[:100]


def ramps(count: int, height: int, width: int) -> np.ndarray:
    """Pictures of two channels that tell their own row and column: what is read is the place."""
    rows, columns = np.indices((height, width), np.float32)
    return np.broadcast_to(np.stack([rows, columns]), (count, 2, height, width)).copy()


def naive(picture: np.ndarray, row: float, column: float) -> float:
    """`picture` (H, W) at a place between its pixels: the four neighbours weighed by nearness."""
    total = 0.0
    for r in (math.floor(row), math.floor(row) + 1):
        for c in (math.floor(column), math.floor(column) + 1):
            if 0 <= r < picture.shape[0] and 0 <= c < picture.shape[1]:
                total += (1 - abs(row - r)) * (1 - abs(column - c)) * picture[r, c]
    return total


def expected(augmentation: Augmentation, pixels: np.ndarray, seed: int) -> np.ndarray:
    """What rotation, scaling and shift make of `pixels` (N, C, H, W), in loops and float64.

    A point at (x, y) from the centre is scaled, then turned, then moved; the place that each pixel
    of the result comes from is found by solving for it.
    """
    angle, tall, wide, down, right = generator(seed).uniform(-1, 1, (5, len(pixels)))
    result = np.zeros(pixels.shape)
    count, channels, height, width = pixels.shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    for n in range(count):
        radians = math.radians(augmentation.rotation * angle[n])
        turn = np.array(
            [[math.cos(radians), -math.sin(radians)], [math.sin(radians), math.cos(radians)]]
        )
        scale = np.diag([1 + augmentation.scaling * tall[n], 1 + augmentation.scaling * wide[n]])
        move = augmentation.shift * np.array([down[n], right[n]])
        for r in range(height):
            for c in range(width):
                offset = np.linalg.solve(turn @ scale, np.array([r, c]) - middle)
                place = offset + middle + move
                for channel in range(channels):
                    result[n, channel, r, c] = naive(pixels[n, channel] / 255, *place)
    return result


@pytest.mark.parametrize("shape", [(3, 1, 28, 28), (2, 3, 9, 14), (2, 2, 1, 5), (1, 1, 1, 1)])
@pytest.mark.parametrize("augmentation", [EVERY[1], EVERY[2], EVERY[3], Augmentation(3, 40, 0.3)])
def test_it_equals_the_reference_in_loops(augmentation, shape):
    pixels = generator(1).integers(0, 256, shape, dtype=np.uint8)
    got = augmentation(pixels, generator(5))
    assert got.shape == shape
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected(augmentation, pixels, 5), atol=2e-5)


def test_elastic_reads_where_the_smooth_field_says(digits):
    """All four draws are used up first, then the field is drawn."""
    numbers = generator(3)
    numbers.uniform(-1, 1, (5, 2))
    field = 1.5 * smooth_fields(numbers, 2, 28, 28).astype(np.float64)
    got = Augmentation(elastic=1.5)(digits[:2], generator(3))
    for n in range(2):
        for r in range(28):
            for c in range(28):
                row, column = r + field[0, n, r, c], c + field[1, n, r, c]
                want = naive(digits[n, 0] / 255, row, column)
                assert got[n, 0, r, c] == pytest.approx(want, abs=2e-5)


def test_without_limits_the_pixels_stay(digits):
    assert Augmentation().is_identity
    np.testing.assert_array_equal(Augmentation()(digits, generator()), to_float(digits))
    assert not any(augmentation.is_identity for augmentation in EVERY)


@pytest.mark.parametrize("augmentation", [*EVERY, Augmentation()])
def test_bytes_and_numbers_give_the_same(augmentation, digits):
    from_bytes = augmentation(digits, generator())
    for kind in (np.float32, np.float64):
        numbers = to_float(digits).astype(kind)
        kept = numbers.copy()
        np.testing.assert_array_equal(augmentation(numbers, generator()), from_bytes)
        np.testing.assert_array_equal(numbers, kept)


@pytest.mark.parametrize("augmentation", EVERY)
def test_a_seed_fixes_the_result_and_each_call_draws_anew(augmentation, digits):
    kept = digits.copy()
    numbers = generator(7)
    first, second = augmentation(digits, numbers), augmentation(digits, numbers)
    np.testing.assert_array_equal(augmentation(digits, generator(7)), first)
    assert (first != second).any(axis=(1, 2, 3)).mean() > 0.8
    np.testing.assert_array_equal(digits, kept)


@pytest.mark.parametrize("augmentation", EVERY)
def test_pictures_keep_their_places_and_so_their_labels(augmentation):
    """100 pictures of one grey each: their middles stay as they are, and nothing gets brighter."""
    pixels = np.broadcast_to(np.arange(100, dtype=np.uint8)[:, None, None, None], (100, 1, 28, 28))
    got = augmentation(pixels, generator())
    grey = to_float(np.arange(100, dtype=np.uint8))[:, None, None, None]
    np.testing.assert_allclose(got[:, :, 9:19, 9:19], np.broadcast_to(grey, (100, 1, 10, 10)))
    assert got.min() >= 0
    assert (got <= grey + 1e-6).all()


@pytest.mark.parametrize("most", [1, 3])
def test_a_whole_shift_moves_by_whole_pixels_each_way_equally_often(most):
    count, side = 20_000, 9
    pixels = np.zeros((count, 1, side, side), np.uint8)
    pixels[:, 0, 4, 4] = 255
    got = Augmentation(shift=most)(pixels, generator())
    np.testing.assert_array_equal(got.sum(axis=(1, 2, 3)), 1)
    _, rows, columns = np.nonzero(got[:, 0])
    seen = np.zeros((side, side))
    np.add.at(seen, (rows, columns), 1)
    inside = seen[4 - most : 5 + most, 4 - most : 5 + most]
    assert inside.sum() == count
    share = 1 / inside.size
    allowed = 5 * math.sqrt(share * (1 - share) / count)
    np.testing.assert_allclose(inside / count, share, atol=allowed)


@pytest.mark.parametrize("shift", [2, 2.5, 40, 40.5])
def test_what_leaves_the_picture_does_not_come_back(shift):
    """A bright first row and column: nothing bright may appear on the far sides."""
    pixels = np.zeros((500, 1, 8, 8), np.uint8)
    pixels[:, :, 0] = pixels[:, :, :, 0] = 255
    got = Augmentation(shift=shift)(pixels, generator())
    reach = math.ceil(shift) + 1
    assert got[:, :, reach:, reach:].sum() == 0
    assert got.sum() < to_float(pixels).sum()
    if shift >= 40:
        assert (got.sum(axis=(1, 2, 3)) == 0).mean() > 0.5


@pytest.mark.parametrize("shift", [1, 1.5])
def test_the_share_that_is_not_changed_stays_sharp(shift):
    pictures = ramps(1300, 5, 5) + 1  # drawn at once
    found = Augmentation(shift=shift, changed=0.75)(pictures, generator())
    whole = Augmentation(shift=shift)(pictures, generator())
    kept = (found == pictures).all(axis=(1, 2, 3))
    unmoved = (whole == pictures).all(axis=(1, 2, 3)).mean()
    assert kept.mean() == pytest.approx(0.25 + 0.75 * unmoved, abs=0.05)
    np.testing.assert_array_equal(found[~kept], whole[~kept])
    assert Augmentation(shift=shift, changed=0).is_identity


def test_shifts_are_drawn_evenly_up_to_the_limit():
    places = Augmentation(shift=2.5)(ramps(4000, 15, 15), generator())[:, :, 7, 7]
    for drawn in (places - 7).T:
        assert np.abs(drawn).max() <= 2.5 + 1e-5
        quarters = np.histogram(drawn, bins=4, range=(-2.5001, 2.5001))[0] / 4000
        np.testing.assert_allclose(quarters, 0.25, atol=0.035)
    assert abs(np.corrcoef(places.T)[0, 1]) < 0.08


def test_angles_are_drawn_evenly_and_lengths_stay():
    got = Augmentation(rotation=20)(ramps(4000, 21, 21), generator())
    step = got[:, :, 10, 14] - got[:, :, 10, 10]
    np.testing.assert_allclose(np.hypot(*step.T), 4, atol=1e-4)
    angles = np.degrees(np.arctan2(step[:, 0], step[:, 1]))
    assert np.abs(angles).max() <= 20 + 1e-3
    quarters = np.histogram(angles, bins=4, range=(-20.01, 20.01))[0] / 4000
    np.testing.assert_allclose(quarters, 0.25, atol=0.035)


def test_height_and_width_are_scaled_apart_and_around_the_centre():
    got = Augmentation(scaling=0.25)(ramps(4000, 21, 21), generator())
    np.testing.assert_allclose(got[:, :, 10, 10], 10, atol=1e-4)
    tall = 1 / (got[:, 0, 11, 10] - got[:, 0, 10, 10])
    wide = 1 / (got[:, 1, 10, 11] - got[:, 1, 10, 10])
    for factor in (tall, wide):
        assert factor.min() >= 0.75 - 1e-4
        assert factor.max() <= 1.25 + 1e-4
        assert factor.mean() == pytest.approx(1, abs=0.01)
        assert factor.std() == pytest.approx(0.25 / math.sqrt(3), rel=0.05)
    assert abs(np.corrcoef(tall, wide)[0, 1]) < 0.08


@pytest.mark.parametrize(("height", "width"), [(28, 28), (40, 12), (1, 1)])
def test_elastic_fields_have_mean_0_and_variance_1_everywhere(height, width):
    fields = smooth_fields(generator(), 20_000, height, width)
    assert fields.shape == (2, 20_000, height, width)
    np.testing.assert_allclose(fields.mean(axis=1), 0, atol=5 / math.sqrt(20_000))
    np.testing.assert_allclose(fields.std(axis=1), 1, rtol=0.03)
    both = np.corrcoef(fields.reshape(2, -1))[0, 1]
    assert abs(both) < 0.02


def test_elastic_fields_are_as_smooth_as_noise_through_a_gaussian():
    """White noise smoothed with deviation s correlates as exp(-distance^2 / (4 s^2))."""
    fields = smooth_fields(generator(), 20_000, 28, 28)[0]
    deviation = SMOOTHING * 28
    for middle in ((14, 14), (3, 10)):
        for down, right in ((0, 2), (4, 0), (3, 4), (0, 12)):
            here = fields[:, middle[0], middle[1]]
            there = fields[:, middle[0] + down, middle[1] + right]
            want = math.exp(-(down**2 + right**2) / (4 * deviation**2))
            assert np.corrcoef(here, there)[0, 1] == pytest.approx(want, abs=0.03)


def test_the_amplitude_of_elastic_is_the_displacements_deviation():
    got = Augmentation(elastic=1.3)(ramps(3000, 28, 28), generator())[:, :, 14, 14]
    assert got.std(axis=0) == pytest.approx([1.3, 1.3], rel=0.05)


@pytest.mark.parametrize("augmentation", EVERY)
def test_channels_change_alike(augmentation, digits):
    coloured = np.concatenate([digits, digits // 2, digits], axis=1)
    got = augmentation(coloured, generator())
    np.testing.assert_array_equal(got[:, 0], got[:, 2])
    assert (got[:, 0] != got[:, 1]).any()


def test_memory_does_not_grow_with_the_number_of_pictures():
    """100 MiB of results; beside them only what PIXELS_AT_ONCE pixels take."""
    pixels = np.zeros((400, 1, 256, 256), np.uint8)
    tracemalloc.start()
    try:
        result = ALL(pixels, generator())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most - result.nbytes < 100 * PIXELS_AT_ONCE


def test_no_pictures_are_no_trouble():
    for augmentation in EVERY:
        assert augmentation(np.zeros((0, 1, 28, 28), np.uint8), generator()).shape[0] == 0


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"shift": -1}, "shift is -1; use 0 or more"),
        ({"rotation": math.nan}, "rotation is nan; use 0 or more"),
        ({"elastic": math.inf}, "elastic is inf; use 0 or more"),
        ({"scaling": 1.0}, "scaling is 1.0; use a share below 1"),
        ({"changed": 1.5}, "changed is 1.5; use a share up to 1"),
    ],
)
def test_impossible_limits_are_refused(limits, message):
    with pytest.raises(DataError, match=message):
        Augmentation(**limits)
