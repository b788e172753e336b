"""What is known about a block inside another one, with its receptive field in the picture."""

from __future__ import annotations

from dataclasses import replace

from cnnstudio.blocks.field import Field
from cnnstudio.blocks.row import rows_of
from cnnstudio.network.check import BlockReport, Problem, Report
from cnnstudio.network.inner import Path, row_report


def field_before(report: Report, index: int) -> Field | None:
    """The receptive field before the block at `index`; None where it is not known."""
    return report.blocks[max(0, index - 1)].field


def inner_report(report: Report, path: Path) -> tuple[BlockReport, Field | None]:
    """What is known about the block at `path`, and the receptive field before it.

    A path of one number is a block of the network itself.
    """
    entry, before = report.blocks[path[0]], field_before(report, path[0])
    for row, place in zip(path[1::2], path[2::2], strict=True):
        entries = rows_inside(entry)[row]
        for earlier in entries[:place]:
            before = _after(earlier, before)
        field = _after(entries[place], before)
        entry = entries[place]._replace(field=field)
    return entry, before


def rows_inside(entry: BlockReport) -> list[tuple[BlockReport, ...]]:
    """What is known about the blocks in the rows of a block, with the warnings about each.

    A block of a row that holds rows itself has those about what is inside it, as `entry` has.
    """
    rows = [row_report(row, entry.input_shape) for row in rows_of(entry.block)]
    for problem in entry.problems:
        if problem.severity == "warning" and problem.path:
            number, place, *_ = problem.path
            rows[number] = _warned(rows[number], place, problem)
    return rows


def _warned(row: tuple[BlockReport, ...], place: int, problem: Problem) -> tuple[BlockReport, ...]:
    """A row with `problem` at the block in `place`; one about that block itself begins with it."""
    entry, path = row[place], problem.path[2:]
    message = problem.message if path else f"{entry.name} {problem.sentence}"
    nearer = replace(problem, message=message, path=path)
    return (
        *row[:place],
        entry._replace(problems=(*entry.problems, nearer)),
        *row[place + 1 :],
    )


def _after(entry: BlockReport, before: Field | None) -> Field | None:
    if before is None or entry.input_shape is None or entry.output_shape is None:
        return None
    return entry.block.field_after(entry.input_shape, before)
