"""CONV of every kind, explained: the window, the filter, their products, the bias."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import (
    Block,
    Conv2D,
    ConvTranspose2D,
    LocallyConnected2D,
    Shape,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.explain.asked import Asked, Rule, Rules
from cnnstudio.explain.filters import connections, filter_of
from cnnstudio.explain.terms import Arithmetic, Array, Bools, Ints, make_terms
from cnnstudio.explain.windows import OUTSIDE, Sight, sight_of, taps_of

PADDING_NOTES = {
    "reflect": "The padding mirrors the map at its edge.",
    "replicate": "The padding repeats the edge of the map.",
    "circular": "The padding shows the other side of the map.",
}


def _arithmetic(asked: Asked) -> Arithmetic:
    block, sight = asked.block, sight_of(asked.block, asked.shape)
    used = filter_of(block, asked.shape, asked.place)
    _, row, column = asked.place
    down, right = taps_of(block, sight[0], row), taps_of(block, sight[1], column)
    rows, columns = sight[0].places[row, down], sight[1].places[column, right]
    padded = np.logical_or.outer(~_real(sight, 0, row, down), ~_real(sight, 1, column, right))
    places = used.places[:, down][:, :, right]
    terms = make_terms(
        window_values(asked.x, used.maps, rows, columns),
        asked.parameters["weight"][tuple(np.moveaxis(places, -1, 0))],
        window_places(used.maps, rows, columns),
        asked.source,
        parameters=places,
        padded=np.broadcast_to(padded, places.shape[:-1]),
        grid=places.shape[:-1],
    )
    bias = asked.parameters["bias"][used.bias] if "bias" in asked.parameters else None
    scale, notes = 1.0, _notes(block, bool(padded.any()))
    if isinstance(block, Conv2D) and block.padding_mode == "partial":
        real = int(np.count_nonzero(~padded))
        scale = padded.size / real if real else 0.0
        bias = bias if real else None
        notes = (_partial_words(padded.size, real),)
    return Arithmetic(
        terms,
        scale=scale,
        bias=None if bias is None else float(bias),
        bias_place=None if bias is None else used.bias,
        function=str(block.values()["activation"]),
        notes=notes,
    )


def _real(sight: Sight, axis: int, output: int, taps: Ints) -> Bools:
    side = sight[axis]
    real: Bools = ~(side.padded[output, taps] | side.beyond[output, taps])
    return real


def _notes(block: Block, has_padding: bool) -> tuple[str, ...]:
    notes = []
    if has_padding:
        mode = block.padding_mode if isinstance(block, Conv2D) else "zeros"
        notes.append(PADDING_NOTES.get(mode, "The padding holds zeros."))
    if isinstance(block, Conv2D) and block.true_convolution:
        notes.append("The filter is turned by 180 degrees before it is applied.")
    if isinstance(block, ConvTranspose2D):
        notes.append("These are the inputs whose painted windows meet here.")
    if isinstance(block, LocallyConnected2D):
        notes.append("This place has a filter of its own.")
    return tuple(notes)


def _partial_words(taps: int, real: int) -> str:
    if not real:
        return "The window holds nothing but padding, so the value before the function is 0."
    return f"Partial padding: {real} of {taps} taps lie on real pixels, so times {taps}/{real}."


def window_values(x: Array, maps: Ints, rows: Ints, columns: Ints) -> Array:
    """The window ``(maps, rows, columns)`` of `x`, with zeros where there is no cell."""
    values: Array = x[np.ix_(maps, rows, columns)]
    nothing = np.logical_or.outer(rows == OUTSIDE, columns == OUTSIDE)
    return np.where(nothing, 0, values)


def window_places(maps: Ints, rows: Ints, columns: Ints) -> Ints:
    """The places ``(maps, rows, columns, 3)`` of a window; -1, -1, -1 where there is no cell."""
    grids = np.meshgrid(maps, rows, columns, indexing="ij")
    places = np.stack(grids, axis=-1)
    places[(places == OUTSIDE).any(axis=-1)] = OUTSIDE
    return places


def seen_through(sight: Sight, links: Bools, shape: Shape, marked: Bools) -> Bools:
    """The inputs that marked outputs see through windows; `links` is (output maps, input maps)."""
    by_map = links.T.astype(np.float32) @ marked.reshape(len(marked), -1).astype(np.float32)
    outputs = (by_map > 0).reshape(shape[0], *marked.shape[1:]).astype(np.float32)
    rows, columns = (side.touched.astype(np.float32) for side in sight)
    inputs: Bools = (rows @ outputs @ columns.T) > 0
    return inputs


def _seen(block: Block, shape: Shape, marked: Bools) -> Bools:
    return seen_through(sight_of(block, shape), connections(block, shape), shape, marked)


_RULE = Rule(_arithmetic, _seen)

RULES: Rules = dict.fromkeys(
    (Conv2D, ConvTranspose2D, LocallyConnected2D, TiledConv2D, TableConv2D), _RULE
)
