"""The lecture's network and Harley's original (D6), as the templates hold them."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, TableConv2D
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, check, templates

SLIDE = templates.load("lecture")
HARLEY = templates.load("harley-original")


def test_the_slides_layers() -> None:
    """D6, layer list: ReLU behind every layer but the last."""
    relu = {"activation": "relu"}
    assert SLIDE.network.blocks == (
        Input(pad=2),
        Conv2D(6, 5, **relu),
        MaxPool2D(),
        Conv2D(16, 5, **relu),
        MaxPool2D(),
        FullyConnected(120, **relu),
        FullyConnected(100, **relu),
        FullyConnected(10),
    )


def test_the_slides_numbers() -> None:
    """D6: sizes, parameters, units, multiply-adds and receptive fields."""
    report = check(SLIDE.network, classes=10)
    sizes = [str(block.output_shape) for block in report.blocks]
    assert sizes == ["32x32x1", "28x28x6", "14x14x6", "10x10x16", "5x5x16", "120", "100", "10"]
    parameters = [block.parameters for block in report.blocks]
    assert parameters == [0, 156, 0, 2_416, 0, 48_120, 12_100, 1_010]
    assert report.parameters == 63_802
    units = [block.output_shape.size for block in report.blocks]
    assert units == [1024, 4704, 1176, 1600, 400, 120, 100, 10]
    assert report.activations == 9_134
    assert report.multiply_adds == 418_600
    assert [block.receptive_field for block in report.blocks[1:5]] == [5, 6, 14, 16]
    assert report.problems == ()


def test_the_jumps_of_the_slides_layers() -> None:
    """D6, jump 1/2/2/4: a pixel further in a map is so many pixels further in the picture."""
    strides = [
        block.reach(shape).stride[0]
        for block, shape in zip(
            SLIDE.network.blocks[1:5],
            [entry.input_shape for entry in check(SLIDE.network).blocks[1:5]],
            strict=True,
        )
    ]
    assert np.cumprod(strides).tolist() == [1, 2, 2, 4]


def test_harleys_own_network() -> None:
    """D6, trap: scaled tanh, and 60 links in CONV 2, so 1,516 parameters and 62,902 in all."""
    report = check(HARLEY.network, classes=10)
    functions = [block.values().get("activation") for block in HARLEY.network.blocks]
    tanh = "scaled_tanh"
    assert functions == [None, tanh, None, tanh, None, tanh, tanh, "none"]
    assert isinstance(HARLEY.network.blocks[3], TableConv2D)
    assert report.blocks[3].name == "CONV 2"
    parameters = [block.parameters for block in report.blocks]
    assert parameters == [0, 156, 0, 1_516, 0, 48_120, 12_100, 1_010]
    assert report.parameters == 62_902
    assert [block.output_shape for block in report.blocks] == [
        block.output_shape for block in check(SLIDE.network).blocks
    ]
    assert report.problems == ()


def test_harleys_input_has_a_background_of_a_tenth_below_0() -> None:
    """D6: 28x28 padded by 2, background -0.1; 1.175 for ink is LeCun's (1998, section II)."""
    x = np.zeros((1, 1, 28, 28))
    x[0, 0, 14, 14] = 1
    y, *_ = Model(HARLEY.network, dtype=np.float64).activations(x)
    assert y.shape == (1, 1, 32, 32)
    assert y[0, 0, 16, 16] == pytest.approx(1.175)
    assert np.delete(y.ravel(), 16 * 32 + 16) == pytest.approx(np.full(1023, -0.1))


def test_harleys_network_has_a_weight_for_each_link() -> None:
    model = Model(HARLEY.network)
    assert model.parameters["conv2.weight"].shape == (60, 5, 5)
    assert model.vector.size == 62_902
    assert 0.05 < model.parameters["conv2.weight"].std() < 0.1


def test_five_by_five_filters_shrink_32_to_28_to_24() -> None:
    """D3: 32 -> 28 -> 24 with 5x5 valid is worth a warning, with padding 2 it is none."""
    shrinking = Network(
        (Input(pad=2), Conv2D(6, 5, activation="relu"), Conv2D(6, 5, activation="relu"))
    )
    (_, problem), *_ = check(shrinking).problems
    assert problem.severity == "warning"
    assert problem.message == (
        "CONV 2 shrinks the maps once more, 32 -> 28 -> 24 from CONV 1 on, for nothing but their "
        "border. Padding 2 (same) keeps their size."
    )
