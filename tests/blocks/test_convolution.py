"""The convolution's groups, padding modes and words."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import Conv2D, Shape
from cnnstudio.errors import SizeError


def test_groups_divide_the_weights_and_the_work() -> None:
    """Each filter sees C / G maps; as many groups as maps is a depthwise convolution."""
    shape = Shape((6, 10, 10))
    for groups in (1, 2, 3, 6):
        conv = Conv2D(12, 3, groups=groups)
        assert conv.parameter_shapes(shape)["weight"] == (12, 6 // groups, 3, 3)
        assert conv.multiply_adds(shape) == 9 * (6 // groups) * 12 * 64
        assert conv.fans(shape) == (9 * 6 // groups, 9 * 12 // groups)
    depthwise = Conv2D(6, 3, groups=6)
    assert str(depthwise.parameter_formula(shape)) == "(3*3*6/6 + 1) * 6 = 60"
    assert depthwise.parameter_formula(shape).symbols == "(F*F*C/G + 1) * K"
    assert str(depthwise.cost_formula(shape)) == "3*3*6/6 * 8*8*6 = 3,456"
    assert depthwise.summary() == "6 @ 3x3 · stride 1 · groups 6"


@pytest.mark.parametrize(
    ("channels", "filters", "groups", "sentence"),
    [
        (6, 12, 4, "6 channels do not divide into 4 groups; use 1, 2, 3 or 6"),
        (6, 8, 3, "8 filters do not divide into 3 groups; use 1 or 2"),
        (1, 8, 2, "1 channel does not divide into 2 groups; use 1"),
        (120, 60, 7, "120 channels do not divide into 7 groups; use 4, 5, 6 or 10"),
    ],
)
def test_groups_must_divide_channels_and_filters(
    channels: int, filters: int, groups: int, sentence: str
) -> None:
    with pytest.raises(SizeError) as caught:
        Conv2D(filters, 3, groups=groups).output_shape(Shape((channels, 9, 9)))
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("mode", "padding", "sentence"),
    [
        ("reflect", 3, "reflect padding must be less than the map's 3 px, not 3; use padding 2 "
                       "or less, or replicate padding"),
        ("circular", (0, 5), "circular padding must be at most the map's 4 px, not 5; use padding "
                             "4 or less, or replicate padding"),
    ],
)  # fmt: skip
def test_padding_that_repeats_pixels_needs_so_many(
    mode: str, padding: object, sentence: str
) -> None:
    shape = Shape((1, 3, 4))
    with pytest.raises(SizeError) as caught:
        Conv2D(1, 1, padding=padding, padding_mode=mode).output_shape(shape)
    assert str(caught.value) == sentence
    for other in ("zeros", "replicate", "partial"):
        assert Conv2D(1, 1, padding=padding, padding_mode=other).output_shape(shape)


@pytest.mark.parametrize(("mode", "most"), [("reflect", (2, 3)), ("circular", (3, 4))])
def test_as_much_padding_as_there_are_pixels_to_repeat_fits(
    mode: str, most: tuple[int, int]
) -> None:
    conv = Conv2D(1, 1, padding=most, padding_mode=mode)
    rows, columns = 3 + 2 * most[0], 4 + 2 * most[1]
    assert conv.output_shape(Shape((1, 3, 4))) == (1, rows, columns)


def test_the_convolutions_words_name_what_is_not_usual() -> None:
    assert Conv2D(6, 5, activation="relu").summary() == "6 @ 5x5 · stride 1 · ReLU"
    assert Conv2D(6, 5, padding="same").summary() == "6 @ 5x5 · stride 1 · same"
    rare = Conv2D(4, 3, padding="full", padding_mode="reflect", true_convolution=True)
    assert rare.summary() == "4 @ 3x3 · stride 1 · full · reflect · true convolution"
    unused = Conv2D(4, 3, padding_mode="reflect")
    assert unused.summary() == "4 @ 3x3 · stride 1"
