"""What is known about a block inside another one, with its receptive field in the picture."""

from __future__ import annotations

from cnnstudio.blocks.field import Field
from cnnstudio.blocks.row import rows_of
from cnnstudio.network.check import BlockReport, Report
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
        entries = row_report(rows_of(entry.block)[row], entry.input_shape)
        for earlier in entries[:place]:
            before = _after(earlier, before)
        field = _after(entries[place], before)
        entry = entries[place]._replace(
            field=field, receptive_field=None if field is None else field.pixels
        )
    told = [p for p in report.blocks[path[0]].problems if p.path and p.path == path[1:]]
    warnings = tuple(problem for problem in told if problem.severity == "warning")
    return entry._replace(problems=(*entry.problems, *warnings)), before


def _after(entry: BlockReport, before: Field | None) -> Field | None:
    if before is None or entry.input_shape is None or entry.output_shape is None:
        return None
    return entry.block.field_after(entry.input_shape, before)
