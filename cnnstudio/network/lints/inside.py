"""The lints of rows that stand in other blocks, such as two linear convolutions in a RESIDUAL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.row import Blocks, rows_of, with_rows
from cnnstudio.errors import SettingError
from cnnstudio.network.changes import size_after
from cnnstudio.network.lints import functions, maps, parameters
from cnnstudio.network.lints.lint import Lint, swap
from cnnstudio.network.repair import Repair

if TYPE_CHECKING:
    from cnnstudio.network.check import Report

RowReport = Callable[[Blocks, Shape], "Report"]
"""What is known about a row that gets maps or units of a size."""


@dataclass(frozen=True)
class _Finding:
    """A lint of a block at `path` in the rows of another one.

    `whose` is its name without the outermost block's: "CONV 2 in branch 1 of ". `find_changed`
    gives each repair's words and the outer block with it.
    """

    kind: str
    path: tuple[int, ...]
    whose: str
    sentence: str
    find_changed: Callable[[], Iterable[tuple[str, Block]]]


def lints(report: Report, row_report: RowReport) -> Iterator[Lint]:
    """The lints of all rows in the blocks of `report`; their repairs splice the outer blocks."""
    for place, entry in enumerate(report.blocks):
        if entry.input_shape is None or entry.output_shape is None or not rows_of(entry.block):
            continue
        for found in _findings(entry.block, entry.input_shape, row_report):
            yield Lint(
                found.kind,
                place,
                found.sentence,
                partial(_repairs, found, place),
                found.path,
                found.whose,
            )


def _repairs(found: _Finding, place: int) -> Iterator[Repair]:
    for words, block in found.find_changed():
        yield swap(place, words, block)


@lru_cache(maxsize=1024)
def _findings(block: Block, shape: Shape, row_report: RowReport) -> tuple[_Finding, ...]:
    """Remembered: an edit changes a few blocks, and those with rows are asked in every check."""
    found: list[_Finding] = []
    rows = rows_of(block)
    for number, row in enumerate(rows):
        report = row_report(row, shape)
        where = f" in branch {number + 1} of " if len(rows) > 1 else " in "
        for lint in _row_lints(report):
            whose = report.blocks[lint.place].name + where
            change = partial(_changed_row, block, number, report, lint, shape)
            path = (number, lint.place)
            found.append(_Finding(lint.kind, path, whose, lint.sentence, change))
        found += _deeper(block, number, report, where, shape, row_report)
    return tuple(found)


def _row_lints(report: Report) -> Iterator[Lint]:
    """Those that need nothing but the row itself."""
    yield from functions.lints(report)
    yield from maps.lints(report)
    yield from parameters.unlinked_maps(report)


def _deeper(
    block: Block, number: int, report: Report, where: str, shape: Shape, row_report: RowReport
) -> Iterator[_Finding]:
    """What is found in the rows of the blocks of row `number`."""
    for place, entry in enumerate(report.blocks):
        if entry.input_shape is None or not rows_of(entry.block):
            continue
        for inner in _findings(entry.block, entry.input_shape, row_report):
            change = partial(_changed_deeper, block, number, place, inner, shape)
            whose = f"{inner.whose}{entry.name}{where}"
            path = (number, place, *inner.path)
            yield _Finding(inner.kind, path, whose, inner.sentence, change)


def _changed_row(
    block: Block, number: int, report: Report, lint: Lint, shape: Shape
) -> Iterator[tuple[str, Block]]:
    """`block` with each repair of a lint of its row `number`; those that fit."""
    name = report.blocks[lint.place].name
    row = rows_of(block)[number]
    for repair in lint.find_repairs():
        new = (*row[: repair.index], *repair.blocks, *row[repair.index + repair.replaced :])
        changed = _with_row(block, number, new, shape)
        names_one = any(entry.name in repair.change for entry in report.blocks)
        if changed is not None:
            yield repair.change if names_one else f"inner {name}, {repair.change}", changed


def _changed_deeper(
    block: Block, number: int, place: int, inner: _Finding, shape: Shape
) -> Iterator[tuple[str, Block]]:
    row = rows_of(block)[number]
    for words, new in inner.find_changed():
        changed = _with_row(block, number, (*row[:place], new, *row[place + 1 :]), shape)
        if changed is not None:
            yield words, changed


def _with_row(block: Block, number: int, row: Blocks, shape: Shape) -> Block | None:
    """`block` with another row `number`; None where that is not allowed or does not fit."""
    rows = rows_of(block)
    try:
        changed = with_rows(block, (*rows[:number], row, *rows[number + 1 :]))
    except SettingError:
        return None
    return None if size_after(changed, shape) is None else changed
