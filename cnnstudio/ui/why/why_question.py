"""What is asked of the network in the window, and its answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.engine.model import Model
from cnnstudio.explain.cells import PICTURE, Cell, before
from cnnstudio.explain.explanation import Explanation, explain
from cnnstudio.explain.fields import Region
from cnnstudio.explain.trace import Trace
from cnnstudio.explain.weight_gradient import Weight, WeightGradient, weight_gradient

Item = Cell | Weight
"""What can be asked about."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Why `item` is what it is, with the numbers around it.

    `made` is what its block makes, `read` what it reads; both are the picture's pixels for a pixel.
    `label` is the class that a gradient is for. The regions are what the item sees.
    """

    item: Item
    picture: np.ndarray
    made: np.ndarray
    read: np.ndarray
    explanation: Explanation | None = None
    gradient: WeightGradient | None = None
    label: int | None = None
    input_field: Region | None = None
    picture_field: Region | None = None

    @property
    def value(self) -> float:
        """The number that is explained."""
        if self.explanation is not None:
            return self.explanation.value
        if self.gradient is not None:
            return self.gradient.total
        assert isinstance(self.item, Cell)
        return float(self.made[self.item.place])


def answer(model: Model, item: Item, pixels: np.ndarray, label: int | None) -> Answer:
    """Why `item` is what it is for the picture `pixels` ``(C, H, W)``; raises CnnStudioError.

    Without a `label` a weight's gradient is that for the class that the model takes it for.
    """
    trace = Trace(model, pixels)
    picture = trace.output(PICTURE)
    if item.path == PICTURE:
        return Answer(item, picture, picture, picture)
    made, read = trace.output(item.path), trace.input(item.path)
    if isinstance(item, Weight):
        if label is None:
            label = int(np.argmax(model.forward(pixels[np.newaxis])[0]))
        found = weight_gradient(model, pixels, label, item)
        return Answer(item, picture, made, read, gradient=found, label=label)
    reckoned = explain(trace, item)
    fields = reckoned.input_field, reckoned.picture_field
    return Answer(item, picture, made, read, reckoned, None, None, *fields)


def map_read(answer_: Answer) -> int:
    """The map of what is read that the heaviest term, or the one that counts, is from.

    The first where the terms are from elsewhere, as inside a block that holds others.
    """
    reckoned = answer_.explanation
    if answer_.read.ndim == 1 or reckoned is None or not len(reckoned.terms):
        return 0
    chosen = reckoned.arithmetic.chosen
    index = int(reckoned.terms.largest(1)[0]) if chosen is None else chosen
    cell = reckoned.terms.cell(index)
    near = cell is not None and cell.path == before(answer_.item.path)
    return cell.place[0] if cell is not None and near else 0
