"""POOL explained: which cell won, or the mean of which cells."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import AvgPool2D, Block, GlobalAvgPool2D, MaxPool2D, Shape
from cnnstudio.explain.asked import Asked, Rule, Rules
from cnnstudio.explain.convolutions import seen_through, window_places, window_values
from cnnstudio.explain.terms import Arithmetic, Bools, How, Terms, make_terms
from cnnstudio.explain.windows import OUTSIDE, sight_of, taps_of


def _window(asked: Asked) -> Terms:
    down, right = sight_of(asked.block, asked.shape)
    map_, row, column = asked.place
    rows = down.places[row, taps_of(asked.block, down, row)]
    columns = right.places[column, taps_of(asked.block, right, column)]
    maps = np.array([map_])
    return make_terms(
        window_values(asked.x, maps, rows, columns),
        1.0,
        window_places(maps, rows, columns),
        asked.source,
        padded=np.logical_or.outer(rows == OUTSIDE, columns == OUTSIDE),
        grid=(1, len(rows), len(columns)),
    )


def _maximum(asked: Asked) -> Arithmetic:
    terms = _window(asked)
    chosen = int(np.argmax(terms.products))
    equal = int(np.count_nonzero(terms.products == terms.products[chosen]))
    notes = (f"{equal} cells are equally large; the first of them wins.",) if equal > 1 else ()
    return Arithmetic(terms, How.LARGEST, chosen=chosen, notes=notes)


def _mean(asked: Asked) -> Arithmetic:
    terms = _window(asked)
    assert terms.padded is not None
    padding = int(np.count_nonzero(terms.padded))
    words = f"{padding} of the {len(terms)} cells are padding and count as 0."
    return Arithmetic(terms, scale=1 / len(terms), notes=(words,) if padding else ())


def _global_mean(asked: Asked) -> Arithmetic:
    _, height, width = asked.shape
    maps, rows, columns = np.array(asked.place), np.arange(height), np.arange(width)
    terms = make_terms(
        asked.x[maps],
        1.0,
        window_places(maps, rows, columns),
        asked.source,
        grid=(1, height, width),
    )
    return Arithmetic(terms, scale=1 / (height * width))


def _seen(block: Block, shape: Shape, marked: Bools) -> Bools:
    return seen_through(sight_of(block, shape), np.eye(shape[0], dtype=bool), shape, marked)


def _whole_maps(_block: Block, shape: Shape, marked: Bools) -> Bools:
    return np.broadcast_to(marked[:, np.newaxis, np.newaxis], shape).copy()


RULES: Rules = {
    MaxPool2D: Rule(_maximum, _seen),
    AvgPool2D: Rule(_mean, _seen),
    GlobalAvgPool2D: Rule(_global_mean, _whole_maps),
}
