"""Ranges and numbers of the plots' axes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF

from cnnstudio.ui.training.lines import Line
from cnnstudio.ui.training.plot_layout import Frame
from cnnstudio.ui.training.scales import SCALES
from cnnstudio.ui.training.ticks import epoch_axis, log_axis, number_words, percent_axis


def test_loss_axis_has_ones_and_threes() -> None:
    (low, high), ticks = log_axis(0.04, 1.2)
    assert ticks == [0.03, 0.1, 0.3, 1.0]
    assert (low, high) == (0.03, 1.2)


def test_narrow_loss_axis_has_more_numbers() -> None:
    (low, high), ticks = log_axis(0.5, 1.1)
    assert ticks == [0.5, 0.7, 1.0]
    assert low <= 0.5
    assert high >= 1.1
    assert log_axis(2.0, 2.0)[1] == [2.0]


@given(st.floats(1e-6, 1e3), st.floats(1.0, 1e4))
def test_loss_axis_shows_everything(low: float, ratio: float) -> None:
    (start, end), ticks = log_axis(low, low * ratio)
    assert start <= low * 1.001
    assert end >= low * ratio * 0.999
    assert ticks == sorted(ticks)
    assert len(ticks) <= 40


@pytest.mark.parametrize(
    ("low", "start", "ticks"),
    [
        (88.5, 85, [85, 90, 95, 100]),
        (92.1, 92, [92, 94, 96, 98, 100]),
        (10, 0, [0, 25, 50, 75, 100]),
        (99.9, 99.9, [99.9, 100]),
    ],
)
def test_accuracy_axis_ends_at_100(low: float, start: float, ticks: list[float]) -> None:
    assert percent_axis(low) == ((pytest.approx(start), 100.0), pytest.approx(ticks))


@given(st.floats(0, 100))
def test_accuracy_axis_shows_everything(low: float) -> None:
    (start, _), ticks = percent_axis(low)
    assert 0 <= start <= low + 1e-9 or start == pytest.approx(99.9)
    assert 2 <= len(ticks) <= 6


@pytest.mark.parametrize(
    ("now", "end", "ticks"),
    [(0.1, 1, [0, 1]), (2.42, 3, [0, 1, 2, 3]), (10, 10, [0, 2, 4, 6, 8, 10])],
)
def test_epoch_axis_ends_with_the_epoch(now: float, end: float, ticks: list[float]) -> None:
    assert epoch_axis(now) == ((0.0, end), ticks)


def test_numbers_of_a_very_narrow_loss_axis_are_short() -> None:
    axes = SCALES["loss"]["log"].axes(QRectF(0, 0, 100, 50), 0.1, None, (2.230791, 2.369951))
    assert [name for _, name in axes.ticks] == ["2.23", "2.37"]


def test_numbers_of_an_axis_are_short() -> None:
    numbers = (0.0003, 0.00003, 0.5, 99.95, 1000, 20000, 100000, 1e13)
    words = ["0.0003", "3e-5", "0.5", "99.95", "1000", "20000", "1e5", "1e13"]
    assert list(map(number_words, numbers)) == words


def test_an_axis_over_many_decades_has_powers_of_ten() -> None:
    assert log_axis(2e-3, 3e3)[1] == [0.001, 0.01, 0.1, 1, 10, 100, 1000]


LOSSES = st.one_of(
    st.floats(0, 1e30),
    st.floats(1e-14, 1e-10),
    st.sampled_from([0.0, 1e-12, 1.2e-12, 5e-324, 1e-300, math.nan, math.inf, 1e30]),
)
PERCENTS = st.one_of(st.floats(0, 100), st.sampled_from([0.0, 100.0, 99.995, 99.999, math.nan]))


@pytest.mark.parametrize("what", ["loss", "accuracy"])
@pytest.mark.parametrize("word", ["log", "linear"])
@given(data=st.data())
def test_every_curve_has_axes_that_can_be_drawn(what: str, word: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(LOSSES if what == "loss" else PERCENTS, max_size=8))
    start, length = data.draw(st.floats(0, 10)), data.draw(st.floats(0.01, 10))
    view = data.draw(st.sampled_from([None, (start, start + length)]))
    line = Line(np.linspace(0.1, 3, len(values)), np.array(values, float), grows=True, steep=True)
    axes = Frame(QSizeF(400, 200), 80, SCALES[what][word], view).axes([line])
    for height, words in axes.ticks:
        assert words
        assert math.isfinite(axes.place(0, height).y())
    for epoch in axes.epoch_ticks:
        assert math.isfinite(axes.place(epoch, 0).x())
    assert axes.heights[0] < axes.heights[1]
