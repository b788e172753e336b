"""Lints about where the parameters are: heavy blocks, no convolution, maps made for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from cnnstudio.blocks import (
    Block,
    Conv2D,
    Family,
    FullyConnected,
    GlobalAvgPool2D,
    MaxPool2D,
    Shape,
    TableConv2D,
)
from cnnstudio.blocks.row import rows_of
from cnnstudio.network.changes import size_after
from cnnstudio.network.lints.lint import Lint, insertion, swap
from cnnstudio.network.repair import Repair

if TYPE_CHECKING:
    from cnnstudio.network.check import BlockReport, Report

HEAVY_SHARE = 0.8
"""A block with more than this share of all parameters is pointed out."""

SMALLEST_PICTURE = 6
"""Of pictures with fewer rows or columns nobody would expect a convolution."""

_FIRST_BLOCKS = (Conv2D(8, 3, padding="same", activation="relu"), MaxPool2D())
"""What is offered where no convolution is: the smallest that learns edges, and half the size."""


def lints(report: Report, classes: int | None) -> Iterator[Lint]:
    """Heavy blocks, pictures without a convolution, and maps that no filter looks at."""
    yield from _heavy_blocks(report)
    yield from unlinked_maps(report)
    if classes is not None:
        yield from _no_convolution(report)


def _heavy_blocks(report: Report) -> Iterator[Lint]:
    total = report.parameters
    weighty = [entry for entry in report.blocks if entry.parameters]
    if not report.ok or len(weighty) < 3:
        return
    for place, entry in enumerate(report.blocks):
        if entry.parameters and entry.parameters > HEAVY_SHARE * total:
            is_last = entry is weighty[-1]
            sentence = (
                f"holds {100 * entry.parameters // total} % of all parameters "
                f"({entry.parameters:,} of {total:,}). "
                f"A pooling block before it{_less(entry.block, is_last)} would make it lighter."
            )
            yield Lint("heavy", place, sentence, partial(_lighter, place, entry, is_last))


def _less(block: Block, is_last: bool) -> str:
    """What would give a block fewer parameters; the last one has as many units as classes."""
    if block.family is Family.COMPOSITE:
        return ", or smaller blocks in it,"
    if not isinstance(block, FullyConnected):
        return ", or fewer filters,"
    return "" if is_last else ", or fewer units,"


def _lighter(place: int, entry: BlockReport, is_last: bool) -> Iterator[Repair]:
    """A pool before it, half its units or filters, or the mean of each map instead of all maps."""
    block, shape = entry.block, entry.input_shape
    assert shape is not None
    pool = None if shape.is_flat else _pool_for(shape)
    if pool is not None:
        yield insertion(place, "insert POOL 2x2 before it", pool, of=place)
    for name in ("units", "filters"):
        number = block.values().get(name, 1)
        if number > 1 and not (is_last and name == "units"):
            yield swap(place, f"{name} {number // 2}", block.with_values(**{name: number // 2}))
    if not shape.is_flat and isinstance(block, FullyConnected):
        yield insertion(place, "insert a global average before it", GlobalAvgPool2D(), of=place)


def _pool_for(shape: Shape) -> MaxPool2D | None:
    """A pool of 2x2 that fits, by leaving the last row unseen if need be."""
    pools = (MaxPool2D(), MaxPool2D(rounding="floor"))
    return next((pool for pool in pools if size_after(pool, shape) is not None), None)


def _no_convolution(report: Report) -> Iterator[Lint]:
    """A picture that goes into a fully connected block as it is."""
    for place, entry in enumerate(report.blocks):
        if _has_convolution(entry.block):
            return
        shape = entry.input_shape
        if isinstance(entry.block, FullyConnected) and shape is not None:
            if not shape.is_flat or place > 1:
                yield from _unconvolved(report, place, entry)
            return


def _has_convolution(block: Block) -> bool:
    inner = (each for row in rows_of(block) for each in row)
    return block.family is Family.CONV or any(map(_has_convolution, inner))


def _unconvolved(report: Report, place: int, entry: BlockReport) -> Iterator[Lint]:
    shape = report.blocks[0].output_shape
    if shape is None or min(shape[1:]) < SMALLEST_PICTURE or not entry.parameters:
        return
    sentence = (
        "connects to every pixel with no convolution before it: what its "
        f"{entry.parameters:,} parameters learn at one place is not known at another. "
        "A CONV before it shares its filters over all places."
    )
    pool = _pool_for(shape)
    blocks = (_FIRST_BLOCKS[0], pool) if pool else _FIRST_BLOCKS[:1]
    repair = insertion(1, "insert CONV 8 @ 3x3 and POOL after INPUT", *blocks, of=place)
    yield Lint("no convolution", place, sentence, lambda: (repair,))


def unlinked_maps(report: Report) -> Iterator[Lint]:
    """Maps that a connection table links to no filter, so that they are made for nothing."""
    for place, entry in enumerate(report.blocks):
        if isinstance(entry.block, TableConv2D) and entry.input_shape and entry.output_shape:
            linked = {number for maps in entry.block.links for number in maps}
            given = entry.input_shape[0]
            if len(linked) < given:
                yield Lint(
                    "unlinked maps",
                    place,
                    _unlinked_sentence(len(linked), given),
                    partial(_linked, place, entry.block, given),
                )


def _unlinked_sentence(linked: int, given: int) -> str:
    return (
        f"looks at {linked} of the {given} maps that it gets: its table links the others to no "
        "filter. Link them, or make fewer maps before it."
    )


def _linked(place: int, block: TableConv2D, given: int) -> tuple[Repair, ...]:
    """Each map that is left out linked to one filter, in turn."""
    rows = [list(maps) for maps in block.links]
    missing = sorted(set(range(given)) - {number for maps in rows for number in maps})
    for turn, number in enumerate(missing):
        rows[turn % len(rows)].append(number)
    words = "link the other map" if len(missing) == 1 else f"link the other {len(missing)} maps"
    return (swap(place, words, block.with_values(table=rows)),)
