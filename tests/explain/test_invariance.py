"""Accuracy against shift, rotation, scale and noise: naive changes, counts, confidence."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.blocks import Conv2D, Flatten, FullyConnected, Input
from cnnstudio.data.datasets import Images
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError
from cnnstudio.explain import invariance
from cnnstudio.explain.invariance import (
    KINDS,
    UNCHANGED,
    Distortion,
    Invariance,
    Plan,
    Point,
    measure,
    plan_for,
    spread,
)
from cnnstudio.network import Network
from tests.engine.harness import blobs

PLAN = Plan((-2, 0, 2), degrees=(-90.0, 0.0, 90.0), scales=(0.5, 1.0), noises=(0.0, 0.2))


@pytest.fixture(scope="module")
def model() -> Model:
    """A linear classifier of the corner that is bright: the mean of each corner is its score."""
    model = Model(Network((Input(1, 8, 8), Flatten(), FullyConnected(4))))
    weight = np.zeros((4, 8, 8), np.float32)
    for label in range(4):
        row, column = 4 * (label // 2), 4 * (label % 2)
        weight[label, row : row + 4, column : column + 4] = 1
    model.load({"fc1.weight": weight.reshape(4, 64), "fc1.bias": np.zeros(4)})
    return model


def shifted(pixels: np.ndarray, down: int, right: int) -> np.ndarray:
    result = np.zeros_like(pixels)
    for row, column in np.ndindex(*pixels.shape[2:]):
        if 0 <= row - down < pixels.shape[2] and 0 <= column - right < pixels.shape[3]:
            result[:, :, row, column] = pixels[:, :, row - down, column - right]
    return result


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, 0), (0, -3), (-1, 4), (9, 0)])
def test_shifts_move_whole_pixels(down: int, right: int) -> None:
    pixels = blobs(5).pixels
    found = Distortion(right=right, down=down)(pixels)
    np.testing.assert_allclose(found, shifted(pixels, down, right) / 255, atol=1e-6)


def test_positive_degrees_turn_counter_clockwise() -> None:
    pixels = blobs(3).pixels
    found = Distortion(degrees=90)(pixels)
    np.testing.assert_allclose(found, np.rot90(pixels, axes=(2, 3)) / 255, atol=1e-3)


def test_a_scale_enlarges_around_the_middle() -> None:
    pixels = np.zeros((1, 1, 8, 8), np.uint8)
    pixels[:, :, 3:5, 3:5] = 255
    assert Distortion(scale=2)(pixels)[0, 0, 2:6, 2:6].sum() == pytest.approx(
        Distortion(scale=2)(pixels).sum(), rel=0.3
    )
    assert Distortion(scale=2)(pixels).sum() == pytest.approx(16, rel=0.1)
    assert Distortion(scale=0.5)(pixels).sum() < 2
    with pytest.raises(DataError, match="use a scale above 0"):
        Distortion(scale=0)(pixels)


def test_noise_has_its_strength_and_is_the_same_again() -> None:
    pixels = np.full((50, 1, 8, 8), 128, np.uint8)
    noisy = Distortion(noise=0.1)(pixels)
    assert noisy.std() == pytest.approx(0.1, rel=0.05)
    np.testing.assert_array_equal(noisy, Distortion(noise=0.1)(pixels))
    strong = Distortion(noise=2.0)(pixels)
    assert strong.min() == 0
    assert strong.max() == 1


def test_points_are_counted_as_by_hand(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariance, "AT_ONCE", 7 * 64)
    images = blobs(40)
    points = {point.change: point for point in measure(model, images, PLAN)}
    assert set(points) == set(PLAN.changes)
    assert points[UNCHANGED].correct == round(40 * evaluate(model, images).accuracy)
    for row in PLAN.shifted:
        for change in row:
            moved = shifted(images.pixels, int(change.down), int(change.right))
            right = evaluate(model, Images(moved, images.labels)).accuracy
            assert points[change].accuracy == pytest.approx(right)
    turned = np.rot90(images.pixels, axes=(2, 3))
    right = evaluate(model, Images(np.ascontiguousarray(turned), images.labels)).accuracy
    assert points[Distortion(degrees=90.0)].accuracy == pytest.approx(right)
    assert points[Distortion(degrees=90.0)].accuracy < 0.2


def test_curves_and_heat_fill_as_the_points_come(model: Model) -> None:
    images, points = blobs(20), {}
    done = Invariance(PLAN)
    assert done.share == 0
    assert done.unchanged is None
    assert np.isnan(done.heat).all()
    for point in measure(model, images, PLAN):
        points[point.change] = point
        done = Invariance(PLAN, points)
    assert done.share == 1
    for kind in KINDS:
        curve = done.curve(kind)
        assert [point.change for point in curve] == list(PLAN.curve(kind))
        assert done.unchanged in curve
    heat = done.heat
    assert heat.shape == (3, 3)
    assert heat[0, 2] == points[Distortion(right=2.0, down=-2.0)].accuracy


def test_each_point_is_measured_once() -> None:
    plan = plan_for(28, 28)
    assert plan.shifts == tuple(range(-6, 7))
    assert len(plan.changes) == len(set(plan.changes)) == 13 * 13 + 12 + 10 + 8
    assert plan.changes[0] == UNCHANGED


@pytest.mark.parametrize(
    ("sides", "shifts"), [((8, 12), (-2, -1, 0, 1, 2)), ((3, 3), (-1, 0, 1)), ((112, 112), None)]
)
def test_shifts_go_with_the_size(sides: tuple[int, int], shifts: tuple[int, ...] | None) -> None:
    found = plan_for(*sides).shifts
    assert found == (shifts or (-24, -20, -16, -12, -8, -4, 0, 4, 8, 12, 16, 20, 24))


@pytest.mark.parametrize(
    ("correct", "images", "low", "high"),
    [(10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662)],
)
def test_confidence_is_wilsons(correct: int, images: int, low: float, high: float) -> None:
    """The last case is the example of Newcombe 1998, table I, method 3."""
    assert Point(UNCHANGED, correct, images).interval == pytest.approx((low, high), abs=1e-4)


def test_what_is_not_wanted_ends(model: Model) -> None:
    asked: list[int] = []

    def wanted() -> bool:
        asked.append(1)
        return len(asked) <= 3

    assert len(list(measure(model, blobs(10), PLAN, wanted))) == 3


def test_some_images_stand_for_all() -> None:
    assert spread(100, 4).tolist() == [0, 33, 66, 99]
    assert spread(5, 500).tolist() == [0, 1, 2, 3, 4]
    assert len(set(spread(10_000, 700).tolist())) == 700


def test_impossible_measurements_are_refused(model: Model) -> None:
    with pytest.raises(DataError, match="at least one picture"):
        next(measure(model, blobs(0), PLAN))
    maps = Model(Network((Input(1, 8, 8), Conv2D(2, 3))))
    with pytest.raises(DataError, match="ends with maps"):
        next(measure(maps, blobs(2), PLAN))
