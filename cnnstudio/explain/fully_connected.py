"""FC explained: every input times its weight, the bias, the function."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import Block, FullyConnected, Shape
from cnnstudio.explain.asked import Asked, Rule, Rules
from cnnstudio.explain.terms import Arithmetic, Bools, make_terms


def _arithmetic(asked: Asked) -> Arithmetic:
    assert isinstance(asked.block, FullyConnected)
    (unit,) = asked.place
    weights = asked.parameters["weight"][unit]
    places = np.column_stack([np.full(len(weights), unit), np.arange(len(weights))])
    sources = np.moveaxis(np.indices(asked.shape), 0, -1)
    terms = make_terms(asked.x.ravel(), weights, sources, asked.source, parameters=places)
    bias = float(asked.parameters["bias"][unit]) if asked.block.bias else None
    place = (unit,) if asked.block.bias else None
    return Arithmetic(terms, bias=bias, bias_place=place, function=asked.block.activation)


def _everything(_block: Block, shape: Shape, marked: Bools) -> Bools:
    return np.full(shape, marked.any())


RULES: Rules = {FullyConnected: Rule(_arithmetic, _everything)}
