"""A block that has no rule of its own, explained by asking its layers: how steep, and what is left.

Every value is a sum of its inputs times its slopes there, plus a rest. Where a block only adds up
products, the slopes are its weights and the rest its bias, so that this is the truth for any block.
"""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Block, Shape
from cnnstudio.engine.model import Model
from cnnstudio.explain.asked import Asked, Rule
from cnnstudio.explain.terms import Arithmetic, Bools, Floats, make_terms
from cnnstudio.explain.trace import Trace

AT_ONCE = 256
"""Inputs that are shaken by one call of the layers."""

STEP = 1e-4
NOISE = 1e-9
"""Slopes below this share of the steepest are rounding."""


def _arithmetic(asked: Asked) -> Arithmetic:
    slopes = _slopes(asked)
    taken = np.flatnonzero(np.abs(slopes) > NOISE * np.abs(slopes).max(initial=0.0))
    sources = np.column_stack(np.unravel_index(taken, asked.shape))
    terms = make_terms(asked.x.ravel()[taken], slopes[taken], sources, asked.source)
    value = float(asked.trace.output(asked.spot.path)[asked.place])
    rest = value - float(terms.products.sum())
    words = "The weights are the slopes at this point, measured; the rest is what they leave over."
    return Arithmetic(terms, bias=rest, notes=(words,))


def _slopes(asked: Asked) -> Floats:
    """The central difference of the value for every input, in float64."""
    exact = _ExactLayers(asked)
    x = asked.x.astype(np.float64).ravel()
    slopes = np.zeros(x.size)
    for start in range(0, x.size, AT_ONCE):
        places = np.arange(start, min(start + AT_ONCE, x.size))
        steps = STEP * np.maximum(1.0, np.abs(x[places]))
        shaken = np.repeat(x[np.newaxis], 2 * len(places), axis=0)
        shaken[np.arange(len(places)), places] += steps
        shaken[len(places) + np.arange(len(places)), places] -= steps
        up, down = np.split(exact.values(shaken), 2)
        slopes[places] = (up - down) / (2 * steps)
    return slopes


class _ExactLayers:
    """The block's layers with the trace's weights in float64."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        model = Model(asked.trace.model.network, dtype=np.float64)
        model.load(asked.trace.model.weights)
        self._trace = Trace(model, asked.trace.image)

    def values(self, inputs: Floats) -> Floats:
        """The value asked for, for inputs ``(N, size)``."""
        images = inputs.reshape(-1, *self._asked.shape)
        outputs = self._trace.alone(self._asked.spot, images)
        place = int(np.ravel_multi_index(self._asked.place, outputs.shape[1:]))
        values: Floats = outputs.reshape(len(images), -1)[:, place]
        return values


def _seen(block: Block, shape: Shape, marked: Bools) -> Bools:
    """Its own place in every map for a block without windows, else everything."""
    keeps = block.reach(shape) is None and not block.sees_everything
    if keeps and block.output_shape(shape) == shape:
        return np.broadcast_to(marked.any(axis=0), shape).copy() if len(shape) == 3 else marked
    return np.full(shape, marked.any())


PROBED = Rule(_arithmetic, _seen)
"""The rule for types of blocks that have none."""
