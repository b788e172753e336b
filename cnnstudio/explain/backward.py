"""What reaches a block when the network learns from one picture: its input and its gradient."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cnnstudio.engine.layers.composite import CompositeLayer
from cnnstudio.engine.layers.flatten import FlattenLayer
from cnnstudio.engine.layers.input import InputLayer
from cnnstudio.engine.layers.layer import Chance, Layer
from cnnstudio.engine.losses import SoftmaxCrossEntropy
from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import batch_first, has_softmax_head
from cnnstudio.engine.row import Arrays, Context, Row, plan
from cnnstudio.explain.cells import Path
from cnnstudio.explain.terms import Array


class Lesson(NamedTuple):
    """What a block reads in training, and the gradient of the loss for its values.

    The gradient is that before the bias and the activation, ``(K, H, W)`` or ``(units,)``.
    """

    x: Array
    gradient: Array


def lesson_at(model: Model, image: Array, label: int, path: Path) -> Lesson:
    """What the block at `path` meets when `model` learns `image` (C, H, W) as class `label`.

    As in `Model.loss_and_gradients` for one picture at step 0: dropout is active, and batch norm
    uses the picture's own statistics. Neither weights nor running statistics change.
    """
    model.check_labels(np.array([label]), 1)
    row = _row(model)
    first = row.layers[0]
    assert isinstance(first, InputLayer)
    first.load(model.check_pictures(image[np.newaxis]))
    row.forward()
    assert row.dy is not None
    SoftmaxCrossEntropy(row.y, row.dy).compute(np.array([label]), 1.0)
    layer = _followed(row, path)
    assert layer.dy is not None
    return Lesson(batch_first(layer.x)[0], batch_first(layer.dy)[0])


def _row(model: Model) -> Row:
    """The layers of a training step, with gradients and statistics of their own."""
    report, chance = model.report, Chance(model.seed)
    entries = report.blocks[:-1] if has_softmax_head(report) else report.blocks
    kept = {name: values.copy() for name, values in model.statistics.items()}
    arrays = Arrays(model.parameters, kept, model.views(np.zeros_like(model.vector)))
    context = Context(1, model.dtype, chance)
    return Row(entries, plan(entries), context, arrays, np.zeros(0, model.dtype), None)


def _followed(row: Row, path: Path) -> Layer:
    """The layer that multiplies with the weights of the block, just before its own backward."""
    target = next(
        number
        for number, place in enumerate(row.places)
        if place == path[0] and not isinstance(row.layers[number], FlattenLayer)
    )
    for layer in reversed(row.layers[target + 1 :]):
        if layer.dy is not None:
            layer.backward()
    layer = row.layers[target]
    if len(path) == 1:
        return layer
    assert isinstance(layer, CompositeLayer)
    inner = layer.hand_in(path[1])
    assert isinstance(inner, Row)
    return _followed(inner, path[2:])
