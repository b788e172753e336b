"""The training curve: every step of a usual run, and a bounded number of points for a long one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from cnnstudio.engine import curve as module
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.progress import Progress

PER_EPOCH = 10


def steps(first: int, last: int) -> Iterator[Progress]:
    """Steps `first` to `last`, whose loss is their number and whose accuracy is a hundredth."""
    for number in range(first, last + 1):
        epoch, step = divmod(number - 1, PER_EPOCH)
        yield Progress(
            epoch=epoch + 1,
            epochs=100,
            step=step + 1,
            steps_per_epoch=PER_EPOCH,
            loss=float(number),
            accuracy=number / 100,
            learning_rate=0.5,
            images_per_second=1000.0,
            seconds=1.0,
        )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """A curve has as many points at most."""
    monkeypatch.setattr(module, "MOST", 32)
    return 32


def test_every_step_has_a_point() -> None:
    curve = Curve()
    for first in range(1, 3000, 100):
        assert curve.extended(list(steps(first, first + 99))) is curve
    assert curve.step == len(curve) == 3000
    assert curve.epoch == pytest.approx(np.arange(1, 3001) / PER_EPOCH)
    assert curve.loss.tolist() == list(range(1, 3001))
    assert curve.accuracy == pytest.approx(np.arange(1, 3001) / 100)


def test_the_older_half_of_a_long_curve_becomes_coarser(few: int) -> None:
    whole = Curve()
    whole.extend(steps(1, few))
    curve = whole.extended(list(steps(few + 1, few + 2)))
    assert curve is not whole
    assert len(whole) == few, "whoever looks at the old one sees what it was"
    assert curve.steps.tolist() == [*range(2, 17, 2), *range(17, 35)]
    assert curve.loss.tolist() == [*np.arange(1.5, 16, 2), *range(17, 35)]
    assert curve.epoch == pytest.approx(curve.steps / PER_EPOCH)
    assert curve.accuracy == pytest.approx(curve.loss / 100)


def test_it_never_has_more_points_and_begins_at_the_beginning(few: int) -> None:
    curve = Curve()
    for first in range(1, 2000, 7):
        curve = curve.extended(list(steps(first, first + 6)))
        assert len(curve) <= few
    assert curve.step == curve.steps[-1] == 2002
    assert np.all(np.diff(curve.steps) > 0)
    assert np.diff(curve.steps)[-8:].tolist() == [1] * 8
    assert curve.loss[-1] == 2002


def test_a_copy_ends_after_so_many_steps_wherever_its_points_are() -> None:
    """Regression: cut by its positions, a curve that goes back there lost the wrong points."""
    curve = Curve()
    curve.extend(steps(1, 9))
    curve.extend(steps(1, 8))
    assert curve.copy(5).loss.tolist() == [1, 2, 3, 4, 5]
    assert curve.copy(11).loss.tolist() == [*range(1, 10), 1, 2]
    assert curve.copy().table.tolist() == curve.table.tolist()


def test_a_copy_of_a_coarse_curve_has_no_later_steps(few: int) -> None:
    curve = Curve().extended(list(steps(1, few))).extended(list(steps(few + 1, few + 2)))
    assert curve.copy(5).steps.tolist() == [2, 4]
    assert curve.copy(20).steps.tolist() == [*range(2, 17, 2), 17, 18, 19, 20]


@pytest.mark.parametrize(
    ("count", "epochs", "begun"),
    [(0, 0, 0.0), (7, 0, 0.7), (10, 1, 0.0), (13, 1, 0.3), (7, 2, 0.0)],
)
def test_it_tells_how_much_of_an_epoch_was_begun(count: int, epochs: int, begun: float) -> None:
    curve = Curve()
    curve.extend(steps(1, count))
    assert curve.begun(epochs) == pytest.approx(begun)


def test_a_table_stays_as_it_is_while_the_curve_grows() -> None:
    """Regression: what was to be written to a file grew while it waited."""
    curve = Curve()
    curve.extend(steps(1, 9))
    table = curve.table
    curve.extend(steps(10, 3000))
    assert table[:, 1].tolist() == list(range(1, 10))
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 0
    again = Curve.of(table)
    again.extend(steps(10, 12))
    assert (len(again), len(table)) == (12, 9)
