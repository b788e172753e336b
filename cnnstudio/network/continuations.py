"""What often comes next in a row, so that a usual network can be built by choosing alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from cnnstudio.blocks import AvgPool2D, Block, Conv2D, FullyConnected, Input, MaxPool2D, Shape
from cnnstudio.blocks.block import Family
from cnnstudio.blocks.settings import WholeNumber
from cnnstudio.network.inner import row_report
from cnnstudio.network.phrases import Suggestion, suggestion_of

FIRST = (
    Conv2D(8, 3, padding=1, activation="relu"),
    Conv2D(6, 5, activation="relu"),
    Conv2D(20, 5, activation="relu"),
    Conv2D(32, 3, padding=1, activation="relu"),
)
"""First convolutions: the palette's, LeNet's, Nielsen's, and one for colour pictures."""

UNITS = (512, 256, 120, 100, 84, 64, 32)
"""Usual numbers of units before the output, the largest first."""

MOST_UNITS = 3
"""So many of them are offered."""

SMALL = 8
"""Maps with at most so many rows are usually followed by fully connected blocks."""


def continuations(
    row: Sequence[Block], shape: Shape | None, classes: int | None = None
) -> tuple[Suggestion, ...]:
    """Blocks that fit behind `row`, which gives `shape`, the likeliest first.

    With the number of `classes` the output is among them; a padding of the INPUT is offered where
    the row has nothing else. Nothing where the size is not known.
    """
    if shape is None:
        return ()
    found = _after_units(row, shape, classes) if shape.is_flat else _after_maps(row, shape, classes)
    fitting = (block for block in dict.fromkeys(found) if row_report((block,), shape)[0].fits)
    return tuple(suggestion_of((block,)) for block in (*fitting, *_padded(row)))


def _after_maps(row: Sequence[Block], shape: Shape, classes: int | None) -> Iterator[Block]:
    last = _last(row, Conv2D)
    if not isinstance(last, Conv2D):
        yield from FIRST
        yield MaxPool2D()
        return
    wider = replace(last, filters=_doubled(last.filters))
    if _is_pooled(row):
        dense = (*_units(row, shape), *_output(shape, classes))
        yield from (*dense, wider, last) if shape[1] <= SMALL else (wider, last, *dense)
    else:
        yield _last(row, MaxPool2D, AvgPool2D) or MaxPool2D()
        yield from (last, wider)


def _after_units(row: Sequence[Block], shape: Shape, classes: int | None) -> Iterator[Block]:
    yield from _output(shape, classes)
    yield from _units(row, shape)


def _units(row: Sequence[Block], shape: Shape) -> list[Block]:
    """Fewer units than enter, with the activation that the row has elsewhere."""
    kept: dict[str, Any] = {"activation": _activation(row)}
    fewer = [units for units in UNITS if units < shape.size]
    return [FullyConnected(units, **kept) for units in fewer[:MOST_UNITS]]


def _output(shape: Shape, classes: int | None) -> list[Block]:
    """One unit for each class, unless so many are there."""
    wanted = classes is not None and not (shape.is_flat and shape.size == classes)
    return [FullyConnected(classes)] if wanted and classes is not None else []


def _padded(row: Sequence[Block]) -> list[Block]:
    """The INPUT alone with the padding that makes its sides a power of two, where little lacks."""
    if len(row) != 1 or not isinstance(row[0], Input) or row[0].pad != 0:
        return []
    given = row[0]
    lacks = (1 << (given.height - 1).bit_length()) - given.height
    is_little = 0 < lacks <= given.height // 4 and lacks % 2 == 0
    return [replace(given, pad=lacks // 2)] if is_little and given.height == given.width else []


def _last(row: Sequence[Block], *kinds: type[Block]) -> Block | None:
    """The last block of one of some types."""
    return next((block for block in reversed(row) if type(block) in kinds), None)


def _is_pooled(row: Sequence[Block]) -> bool:
    """Whether there is a pooling behind the last convolution."""
    families = [b.family for b in row if b.family in (Family.CONV, Family.POOL)]
    return bool(families) and families[-1] is Family.POOL


def _doubled(filters: int) -> int:
    """Twice as many, rounded up to a power of two: 6 and 8 become 16, 20 becomes 64."""
    setting = Conv2D.declarations()["filters"]
    assert isinstance(setting, WholeNumber)
    return min(1 << (2 * filters - 1).bit_length(), setting.maximum)


def _activation(row: Sequence[Block]) -> str:
    """That of the last block that has one."""
    found = (getattr(block, "activation", "none") for block in reversed(row))
    return next((name for name in found if name != "none"), "relu")
