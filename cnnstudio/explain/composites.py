"""RESIDUAL and PARALLEL explained: the sum of their ways, or the way that made a map."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from cnnstudio.blocks import Block, Parallel, Residual, Shape
from cnnstudio.blocks.composite import Composite, Entries
from cnnstudio.explain.asked import Asked, Rule, Rules
from cnnstudio.explain.cells import last
from cnnstudio.explain.rules import seen_by
from cnnstudio.explain.terms import Arithmetic, Bools, Terms, single


def _arithmetic(asked: Asked) -> Arithmetic:
    block = asked.block
    assert isinstance(block, Composite)
    rows = block.rows(asked.shape)
    if not block.joins_by_sum:
        return _stacked(asked, rows)
    ends = tuple(last(asked.spot, number) for number in range(len(rows)))
    values = np.array([float(asked.trace.output(end)[asked.place]) for end in ends])
    places = np.array([asked.place] * len(ends))
    terms = Terms(values, np.ones(len(ends)), places, ends, values.copy())
    notes = (_shortcut_words(rows),) if block.has_shortcut else ()
    function = str(block.values().get("activation", "none"))
    return Arithmetic(terms, function=function, notes=notes)


def _shortcut_words(rows: tuple[Entries, ...]) -> str:
    way = "its learned projection" if rows[-1] else "what goes in"
    return f"The first term is the end of the row, the second the shortcut: {way}."


def _stacked(asked: Asked, rows: tuple[Entries, ...]) -> Arithmetic:
    channel, *where = asked.place
    number, start = _branch(rows, asked.shape, channel)
    place = (channel - start, *where)
    end = last(asked.spot, number)
    terms = single(float(asked.trace.output(end)[place]), 1.0, place, end)
    return Arithmetic(terms, notes=(f"Branch {number + 1} made this map.",))


def _branch(rows: tuple[Entries, ...], shape: Shape, channel: int) -> tuple[int, int]:
    """The row that made a channel of stacked maps, and its first channel."""
    starts = _starts(rows, shape)
    number = max(i for i, start in enumerate(starts[:-1]) if start <= channel)
    return number, starts[number]


def _starts(rows: tuple[Entries, ...], shape: Shape) -> list[int]:
    """Where each row's channels begin among the stacked ones, and where the last end."""
    return list(accumulate((_end(row, shape)[0] for row in rows), initial=0))


def _end(row: Entries, shape: Shape) -> Shape:
    return row[-1].output_shape if row else shape


def _seen(block: Block, shape: Shape, marked: Bools) -> Bools:
    """The union over the rows."""
    assert isinstance(block, Composite)
    rows = block.rows(shape)
    starts = _starts(rows, shape)
    found = np.zeros(shape, bool)
    for number, row in enumerate(rows):
        part = marked
        if not block.joins_by_sum:
            part = marked[starts[number] : starts[number + 1]]
        for entry in reversed(row):
            part = seen_by(entry.block, entry.input_shape, part)
        found |= part
    return found


_RULE = Rule(_arithmetic, _seen)

RULES: Rules = {Residual: _RULE, Parallel: _RULE}
