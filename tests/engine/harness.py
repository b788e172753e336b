"""Blocks and layers put where a test wants them, with batch-first arrays outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.blocks import Block, Conv2D, FullyConnected, Input, Shape
from cnnstudio.blocks.row import Entry
from cnnstudio.data.datasets import Images
from cnnstudio.engine.layers.layer import Chance
from cnnstudio.engine.model import Model
from cnnstudio.engine.row import Arrays, Context, Row, plan
from cnnstudio.network import Network


@dataclass
class Result:
    """What the layers of one block made of `x` and of the gradient `dy`."""

    y: np.ndarray
    dx: np.ndarray
    gradients: dict[str, np.ndarray]


def run_block(
    block: Block,
    x: np.ndarray,
    dy: np.ndarray | None = None,
    parameters: dict[str, np.ndarray] | None = None,
) -> Result:
    """Run the layers of `block` alone on `x` (N, ...), backward too when there is a `dy`."""
    parameters = parameters or {}
    gradients = {name: np.full_like(values, np.nan) for name, values in parameters.items()}
    inner = batch_last(x)
    inner_gradient = np.zeros_like(inner)
    shape = Shape(x.shape[1:])
    entries = (Entry("block", block, shape, block.output_shape(shape)),)
    statistics = {name: np.ones(dims) for name, dims in block.state_shapes(shape).items()}
    arrays = Arrays(*map(_of_block, (parameters, statistics, gradients)))
    context = Context(len(x), x.dtype, Chance(0))
    row = Row(entries, plan(entries), context, arrays, inner, inner_gradient)
    row.forward()
    y = batch_first(row.y).copy()
    if dy is not None:
        row.dy[...] = batch_last(dy)
        row.backward()
    return Result(y, batch_first(inner_gradient), gradients)


def _of_block(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"block.{name}": values for name, values in arrays.items()}


def batch_last(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x.T if x.ndim == 2 else x.transpose(2, 1, 3, 0))


def batch_first(x: np.ndarray) -> np.ndarray:
    return x.T if x.ndim == 2 else x.transpose(3, 1, 0, 2)


def around(block: Block, channels: int = 2, height: int = 7, width: int = 6) -> Network:
    """A network with `block` between a convolution, so that gradients go on, and an output row."""
    first = Input(channels=channels, height=height, width=width)
    return Network((first, Conv2D(channels, 1), block, FullyConnected(3)))


def pictures(network: Network, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures in 0..1 and labels of three classes."""
    generator = np.random.default_rng(seed)
    x = generator.random((count, *network.input.picture_shape))
    return x, generator.integers(0, 3, count)


def shaken(model: Model, seed: int = 1) -> Model:
    """`model` with random biases as well."""
    model.vector += 0.3 * np.random.default_rng(seed).standard_normal(model.vector.shape)
    return model


def blobs(count: int, seed: int = 0, side: int = 8) -> Images:
    """Noisy pictures of four classes: a bright spot in one of the four corners."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 4, count).astype(np.uint8)
    pixels = generator.integers(0, 120, (count, 1, side, side)).astype(np.uint8)
    half = side // 2
    for i, label in enumerate(labels):
        row, column = half * (label // 2), half * (label % 2)
        pixels[i, 0, row : row + half, column : column + half] += 90
    return Images(pixels, labels)
