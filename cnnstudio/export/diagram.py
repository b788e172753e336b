"""The network as a figure for a report: an SVG with isometric volumes, made without Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.composite import Composite, Entries
from cnnstudio.blocks.row import name_of
from cnnstudio.errors import ExportError, SizeError
from cnnstudio.export.diagram_box import Scale
from cnnstudio.export.diagram_labels import label_of
from cnnstudio.export.diagram_links import arrow
from cnnstudio.export.diagram_parts import Body, Frame, Part, Row, Unknown, balanced
from cnnstudio.export.diagram_style import Style, style
from cnnstudio.export.svg import Drawing, text_width
from cnnstudio.network import Network, Report, check
from cnnstudio.network.atomic import not_written, replacing
from cnnstudio.network.check import BlockReport

_MARGIN = 28.0
_HEADER = 58.0
_ROW_GAP = 30.0
_SIDES = ((9, 92.0), (16, 80.0), (30, 66.0))
"""The side of the largest map in a network of up to so many blocks."""

_SMALLEST_SIDE = 54.0
_WIDEST, _WIDEST_LONG = 1120.0, 1400.0
_INNER = 0.62
"""The size of what stands inside a composite block beside what stands outside."""

SUFFIX = ".svg"
TITLE = "Convolutional network"
"""For a network without a name."""


def draw(network: Network, title: str = "") -> str:
    """`network` as an SVG file; blocks that do not fit, and all behind them, show no size."""
    report, look = check(network), style()
    parts = [_part(entry, _scale(report), look) for entry in report.blocks]
    rows = balanced(parts, _WIDEST if len(parts) <= _SIDES[-1][0] else _WIDEST_LONG)
    drawing = Drawing()
    words = title or TITLE
    header = _draw_header(drawing, words, report, look)
    bottom = _draw_rows(drawing, rows, look)
    width = max(header, *(row.width for row in rows)) + 2 * _MARGIN
    return drawing.document(width, bottom + _MARGIN, words, look.paper)


def write(network: Network, path: Path, title: str = "") -> None:
    """Write the figure to `path`; the old file stays whole on failure. Raises ExportError."""
    try:
        with replacing(path) as temporary:
            temporary.write_text(draw(network, title), "utf-8", newline="\n")
    except OSError as error:
        raise ExportError(not_written(path, error)) from error


def _draw_header(drawing: Drawing, title: str, report: Report, look: Style) -> float:
    """Title and totals; how wide they are."""
    totals = f"{report.parameters:,} parameters  ·  {report.multiply_adds:,} multiply-adds an image"
    color = look.faint
    if not report.ok:
        totals, color = report.problems[0][1].message, look.error
    drawing.text(_MARGIN, _MARGIN + 14, title, 18, look.text, weight=600, anchor="start")
    drawing.text(_MARGIN, _MARGIN + 35, totals, 12, color, anchor="start")
    return max(text_width(title, 18), text_width(totals, 12))


def _draw_rows(drawing: Drawing, rows: Sequence[Row], look: Style) -> float:
    """Draw the rows below the header, and the wires between them; where the last ends."""
    top, axes = _MARGIN + _HEADER, []
    for row in rows:
        axes.append(top + row.above)
        row.draw(drawing, _MARGIN, axes[-1], look)
        top = axes[-1] + row.below + _ROW_GAP
    for (before, axis), (after, further) in pairwise(zip(rows, axes, strict=True)):
        _draw_turn(drawing, (before, axis), (after, further), look)
    return top - _ROW_GAP


def _draw_turn(
    drawing: Drawing, before: tuple[Row, float], after: tuple[Row, float], look: Style
) -> None:
    """The wire from the end of a row to the beginning of the one below."""
    (row, y), (below, further) = before, after
    right, left = _MARGIN + row.width + 10, _MARGIN - 12
    between = further - below.above - _ROW_GAP / 2
    start = (_MARGIN + row.end + 3, y)
    corners = [start, (right, y), (right, between), (left, between), (left, further)]
    drawing.line(corners, look.wire)
    arrow(drawing, (left, further), (_MARGIN + below.start - 2, further), look.wire)


# ---- the parts of a network


def _scale(report: Report) -> Scale:
    """A scale that suits the number of blocks and the largest map."""
    count = len(report.blocks)
    side = next((side for most, side in _SIDES if count <= most), _SMALLEST_SIDE)
    shapes = [entry.output_shape for entry in report.blocks]
    return Scale(side, max((max(s[1:]) for s in shapes if s and not s.is_flat), default=1))


def _part(entry: BlockReport, scale: Scale, look: Style) -> Part:
    block, shape = entry.block, entry.input_shape
    silent = _is_thin(block, shape, entry.output_shape)
    label = label_of(
        entry.name, block, entry.output_shape, entry.parameters, look,
        fits=entry.fits, silent=silent,
    )  # fmt: skip
    return Part(block, _body(block, shape, entry.output_shape, scale, look), label, shape)


def _body(
    block: Block, shape: Shape | None, output: Shape | None, scale: Scale, look: Style
) -> Body:
    """What is drawn of a block that makes `output` of `shape`."""
    if shape is None or output is None:
        return Unknown()
    if isinstance(block, Composite):
        rows = tuple(_inner_rows(block, shape, scale, look))
        return Frame(rows, block.joins_by_sum)
    return scale.box(output, thin=_is_thin(block, shape, output))


def _inner_rows(block: Composite, shape: Shape, scale: Scale, look: Style) -> Iterator[Row]:
    """The rows of a composite block, smaller; one that hands its input on stands above."""
    try:
        rows = block.rows(shape)
    except SizeError:  # it has been checked before
        rows = ()
    smaller = Scale(max(20.0, scale.side * _INNER), scale.pixels)
    for row in sorted(rows, key=bool):
        yield Row(tuple(_inner_parts(row, smaller, look)))


def _inner_parts(row: Entries, scale: Scale, look: Style) -> Iterator[Part]:
    for key, block, shape, output in row:
        silent = _is_thin(block, shape, output)
        name = name_of(key.rsplit(".", 1)[-1])
        label = label_of(name, block, output, None, look, small=True, silent=silent)
        yield Part(block, _body(block, shape, output, scale, look), label, shape)


def _is_thin(block: Block, shape: Shape | None, output: Shape | None) -> bool:
    """Whether a block works on each value alone, so that it shows as a sheet on its input."""
    if shape is None or shape != output or isinstance(block, Composite):
        return False
    return block.stem != "input" and block.reach(shape) is None and not block.sees_everything
