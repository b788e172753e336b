"""Upsampling: values by hand, shares of pixels, and the transposed way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnstudio.blocks import Upsample
from cnnstudio.engine.layers.upsample import bilinear_shares
from tests.engine.harness import run_block

SQUARE = [[1, 2], [3, 4]]


def enlarged(block: Upsample, image: object, dtype: type = np.float64) -> np.ndarray:
    return run_block(block, np.array(image, dtype)[None, None]).y[0, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nearest_repeats_pixels(dtype: type) -> None:
    result = enlarged(Upsample((2, 3)), SQUARE, dtype)
    assert result.dtype == dtype
    assert result.tolist() == [
        [1, 1, 1, 2, 2, 2],
        [1, 1, 1, 2, 2, 2],
        [3, 3, 3, 4, 4, 4],
        [3, 3, 3, 4, 4, 4],
    ]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_bilinear_mixes_with_quarters(dtype: type) -> None:
    """The example of ONNX's Resize, resize_upsample_scales_linear (half_pixel)."""
    result = enlarged(Upsample(2, "bilinear"), SQUARE, dtype)
    assert result.dtype == dtype
    assert result.tolist() == [
        [1, 1.25, 1.75, 2],
        [1.5, 1.75, 2.25, 2.5],
        [2.5, 2.75, 3.25, 3.5],
        [3, 3.25, 3.75, 4],
    ]


def test_shares_at_the_edge_go_to_the_pixel_at_the_edge() -> None:
    expected = [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]]
    assert bilinear_shares(2, 2).tolist() == expected
    thirds = np.array([[3, 0], [3, 0], [2, 1], [1, 2], [0, 3], [0, 3]]) / 3
    assert bilinear_shares(2, 3) == pytest.approx(thirds)
    assert bilinear_shares(1, 4).tolist() == [[1]] * 4


@pytest.mark.parametrize("scale", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_shares_sum_to_one_and_keep_a_ramp_inside(size: int, scale: int) -> None:
    shares = bilinear_shares(size, scale)
    assert shares.sum(axis=1) == pytest.approx(1)
    assert shares.min() >= 0
    ramp = shares @ np.arange(size)
    centres = (np.arange(size * scale) + 0.5) / scale - 0.5
    assert ramp == pytest.approx(np.clip(centres, 0, size - 1))


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("scale", [1, 2, 3, (1, 2), (4, 1), (3, 5)])
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 4), (33, 41)])
def test_values_and_gradients_are_those_of_pytorch(
    mode: str, scale: object, size: tuple[int, int]
) -> None:
    generator = np.random.default_rng(0)
    block = Upsample(scale, mode)
    x = generator.standard_normal((2, 3, *size))
    theirs = torch.from_numpy(x).requires_grad_()
    factors = tuple(map(float, scale if isinstance(scale, tuple) else (scale, scale)))
    corners = None if mode == "nearest" else False
    y = torch.nn.functional.interpolate(
        theirs, scale_factor=factors, mode=mode, align_corners=corners
    )
    dy = generator.standard_normal(y.shape)
    y.backward(torch.from_numpy(dy))
    result = run_block(block, x, dy)
    assert result.y == pytest.approx(y.detach().numpy(), rel=1e-12, abs=1e-12)
    assert result.dx == pytest.approx(theirs.grad.numpy(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_backward_is_the_transposed(mode: str) -> None:
    generator = np.random.default_rng(0)
    x, dy = generator.standard_normal((2, 2, 4, 5)), generator.standard_normal((2, 2, 12, 10))
    result = run_block(Upsample((3, 2), mode), x, dy)
    assert np.vdot(result.y, dy) == pytest.approx(np.vdot(x, result.dx), rel=1e-12)
