"""Blocks whose values stay at their place, explained; and FLATTEN and UPSAMPLE, which move them."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Block,
    Dropout,
    Flatten,
    Input,
    Shape,
    Upsample,
)
from cnnstudio.blocks.block import pair
from cnnstudio.engine.layers.upsample import bilinear_shares
from cnnstudio.engine.parallel import quiet
from cnnstudio.explain.asked import Asked, Rule, Rules
from cnnstudio.explain.cells import Place
from cnnstudio.explain.terms import Arithmetic, Bools, Floats, How, make_terms, single
from cnnstudio.explain.wording import digits


def _input(asked: Asked) -> Arithmetic:
    block = asked.block
    assert isinstance(block, Input)
    place = _pixel(block, asked.place)
    value = 0.0 if place is None else float(asked.x[place])
    notes = () if place is not None else ("The padding is the background, a pixel of 0.",)
    terms = single(value, 1 / block.deviation, place or (-1, -1, -1), asked.source)
    return Arithmetic(
        terms, bias=-block.mean / block.deviation if block.mean else None, notes=notes
    )


def _pixel(block: Input, place: Place) -> Place | None:
    """The pixel of the picture at a place of the padded one; None in the padding."""
    channel, row, column = place
    down, right = pair(block.pad)
    row, column = row - down, column - right
    inside = 0 <= row < block.height and 0 <= column < block.width
    return (channel, row, column) if inside else None


def _unpadded(block: Block, _shape: Shape, marked: Bools) -> Bools:
    assert isinstance(block, Input)
    down, right = pair(block.pad)
    return marked[:, down : down + block.height, right : right + block.width].copy()


def _activation(asked: Asked) -> Arithmetic:
    assert isinstance(asked.block, Activation)
    if asked.block.function == "softmax":
        return _softmax(asked)
    terms = single(float(asked.x[asked.place]), 1.0, asked.place, asked.source)
    return Arithmetic(terms, function=asked.block.function)


def _softmax(asked: Asked) -> Arithmetic:
    """The terms' products are exponentials, less the largest input, so that none overflows."""
    own, *where = asked.place
    values: Floats = asked.x.reshape(len(asked.x), -1)[:, _flat_index(where, asked.shape)]
    values = values.astype(np.float64)
    sources = [(number, *where) for number in range(len(values))]
    terms = make_terms(values, 1.0, np.array(sources), asked.source)
    terms.products[:] = np.exp(terms.values - terms.values.max())
    words = f"Each exponential is that of the value less the largest, {digits(values.max())}."
    return Arithmetic(terms, How.SHARE, chosen=own, notes=(words,))


def _flat_index(where: list[int], shape: Shape) -> int:
    """The place of a row and column in a flat map; 0 for units."""
    return int(np.ravel_multi_index(tuple(where), shape[1:])) if where else 0


def _of_function(block: Block, shape: Shape, marked: Bools) -> Bools:
    assert isinstance(block, Activation)
    if block.function != "softmax":
        return marked
    return np.broadcast_to(marked.any(axis=0), shape).copy()


def _batch_norm(asked: Asked) -> Arithmetic:
    """(x - mean) / sqrt(variance + epsilon) * scale + shift, with the running statistics."""
    assert isinstance(asked.block, BatchNorm)
    channel, epsilon = asked.place[0], asked.block.epsilon
    scale, shift = (float(asked.parameters[name][channel]) for name in ("weight", "bias"))
    mean, variance = (
        float(asked.statistics[f"running_{name}"][channel]) for name in ("mean", "variance")
    )
    x = float(asked.x[asked.place])
    with quiet():  # a variance from a file may be below 0
        factor = float(scale / np.sqrt(np.float64(variance + epsilon)))
    numbers = (
        f"({digits(x)} - {digits(mean)}) / sqrt({digits(variance)} + {epsilon:g}) * "
        f"{digits(scale)} + {digits(shift)}"
    )
    notes = ("(x - mean) / sqrt(variance + epsilon) * scale + shift", numbers)
    terms = single(x, factor, asked.place, asked.source)
    return Arithmetic(terms, bias=shift - mean * factor, notes=notes)


def _same(asked: Asked) -> Arithmetic:
    notes = ("Dropout does nothing when the network is used.",)
    return Arithmetic(
        single(float(asked.x[asked.place]), 1.0, asked.place, asked.source), notes=notes
    )


def _own_place(_block: Block, _shape: Shape, marked: Bools) -> Bools:
    return marked


def _flatten(asked: Asked) -> Arithmetic:
    place = tuple(map(int, np.unravel_index(asked.place[0], asked.shape)))
    return Arithmetic(single(float(asked.x[place]), 1.0, place, asked.source))


def _unflattened(_block: Block, shape: Shape, marked: Bools) -> Bools:
    return marked.reshape(shape)


def _upsample(asked: Asked) -> Arithmetic:
    assert isinstance(asked.block, Upsample)
    channel, row, column = asked.place
    down, right = _shares(asked.block, asked.shape)
    rows, columns = np.flatnonzero(down[row]), np.flatnonzero(right[column])
    sources = [(channel, r, c) for r in rows for c in columns]
    terms = make_terms(
        asked.x[channel][np.ix_(rows, columns)],
        np.multiply.outer(down[row, rows], right[column, columns]),
        np.array(sources),
        asked.source,
        grid=(1, len(rows), len(columns)),
    )
    return Arithmetic(terms)


def _shares(block: Upsample, shape: Shape) -> tuple[Floats, Floats]:
    """The share of each input row in each output row, and that of the columns."""
    down, right = pair(block.scale)
    if block.mode == "bilinear":
        return bilinear_shares(shape[1], down), bilinear_shares(shape[2], right)
    return np.eye(shape[1]).repeat(down, axis=0), np.eye(shape[2]).repeat(right, axis=0)


def _unscaled(block: Block, shape: Shape, marked: Bools) -> Bools:
    assert isinstance(block, Upsample)
    down, right = ((shares > 0).astype(np.float32) for shares in _shares(block, shape))
    inputs: Bools = (down.T @ marked.astype(np.float32) @ right) > 0
    return inputs


RULES: Rules = {
    Input: Rule(_input, _unpadded),
    Activation: Rule(_activation, _of_function),
    BatchNorm: Rule(_batch_norm, _own_place),
    Dropout: Rule(_same, _own_place),
    Flatten: Rule(_flatten, _unflattened),
    Upsample: Rule(_upsample, _unscaled),
}
