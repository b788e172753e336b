"""Lints about windows and the maps that they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    Family,
    MaxPool2D,
    Shape,
)
from cnnstudio.blocks.block import pair, size_words, step_words
from cnnstudio.blocks.settings import Size
from cnnstudio.blocks.window import Window, Windowed
from cnnstudio.errors import SettingError
from cnnstudio.network.changes import size_after
from cnnstudio.network.lints.lint import Lint, swap
from cnnstudio.network.repair import Repair

if TYPE_CHECKING:
    from cnnstudio.network.check import BlockReport, Report

SHRUNK_SHARE = 0.2
"""Convolutions in a row that take more than this share of the rows or columns are pointed out."""

MOST_SIZES = 5
"""So many sizes are written out in a sentence; of more, only the first and the last."""

_SIZE_KEEPING = (Activation, BatchNorm, Dropout)
"""Blocks that may stand between convolutions in a row and leave the maps' size alone."""

_EMPTY_PADDING = ("zeros", "partial")
"""The kinds of padding that hold nothing of the map."""


@dataclass(frozen=True)
class Finding:
    """A lint of one block, whatever its place: `make_repairs` is told the place."""

    kind: str
    sentence: str
    make_repairs: Callable[[int], Iterable[Repair]]


class Look(NamedTuple):
    """What its windows say about a block with one size of input."""

    loses_border: bool
    findings: tuple[Finding, ...]


def lints(report: Report) -> Iterator[Lint]:
    """Maps that shrink, and windows that look past pixels or at padding alone."""
    looks = [_look_at(entry) for entry in report.blocks]
    yield from _shrinking_rows(report, looks)
    for place, seen in enumerate(looks):
        for each in seen.findings:
            yield Lint(each.kind, place, each.sentence, partial(each.make_repairs, place))


def _look_at(entry: BlockReport) -> Look:
    if entry.input_shape is None or entry.output_shape is None:
        return Look(False, ())
    return _look(entry.block, entry.input_shape, entry.output_shape)


@lru_cache(maxsize=4096)
def _look(block: Block, shape: Shape, after: Shape) -> Look:
    """Remembered: an edit changes a few blocks, and asking for a protocol takes long."""
    if shape.is_flat or not isinstance(block, Windowed):
        return Look(False, ())
    rows, columns = block.windows()
    found: list[Finding] = []
    if rows.stride > rows.extent or columns.stride > columns.extent:
        found += _gaps(block, (rows, columns), shape)
    if rows.extent > shape[1] or columns.extent > shape[2]:
        found += _past_the_edge(block, (rows, columns), shape, after)
    if rows.kernel == columns.kernel == shape[0] == 1:
        found += _single_pixels(block)
    steps = rows.stride == columns.stride == 1
    return Look(steps and _loses_border(block, shape, after), tuple(found))


# ---- convolutions that lose the border


def _shrinking_rows(report: Report, looks: Sequence[Look]) -> Iterator[Lint]:
    """Convolutions in a row that lose the border of the maps, each a little (the lecture's D3)."""
    row: list[int] = []
    for index, entry in enumerate(report.blocks):
        if looks[index].loses_border:
            row.append(index)
        elif not isinstance(entry.block, _SIZE_KEEPING):
            yield from _shrinking_row(report, row)
            row = []
    yield from _shrinking_row(report, row)


def _loses_border(block: Block, before: Shape, after: Shape) -> bool:
    """Whether a convolution makes smaller maps; not one that sums whole maps up."""
    if block.family is not Family.CONV or after[1] == after[2] == 1:
        return False
    return after[1] < before[1] or after[2] < before[2]


def _shrinking_row(report: Report, row: list[int]) -> Iterator[Lint]:
    if len(row) < 2:
        return
    entries = [report.blocks[index] for index in row]
    first, last = entries[0].input_shape, entries[-1].output_shape
    assert first is not None
    assert last is not None
    kept = min(after / before for before, after in zip(first[1:], last[1:], strict=True))
    if kept >= 1 - SHRUNK_SHARE:
        return
    sizes = [_side(shape) for shape in (first, *(e.output_shape for e in entries)) if shape]
    if len(sizes) > MOST_SIZES:
        sizes[2:-1] = ["..."]
    sentence = (
        f"shrinks the maps once more, {' -> '.join(sizes)} from {entries[0].name} on, for nothing "
        f"but their border. {_keeping_size(entries[-1].block)}"
    )
    yield Lint("shrinking", row[-1], sentence, partial(_padded_row, report, row))


def _side(shape: Shape) -> str:
    """The side of square maps, or height x width."""
    _, height, width = shape
    return str(height) if height == width else f"{height}x{width}"


def _keeping_size(block: Block) -> str:
    """Which padding keeps the size at stride 1."""
    assert isinstance(block, Windowed)
    extents = [window.extent for window in block.windows()]
    if any(extent % 2 == 0 for extent in extents):
        return "An odd kernel with padding same keeps their size."
    rows, columns = ((extent - 1) // 2 for extent in extents)
    pad = rows if rows == columns else (rows, columns)
    return f"Padding {step_words(pad)} (same) keeps their size."


def _padded_row(report: Report, row: list[int]) -> Iterator[Repair]:
    """Padding same in every convolution of the row, in which an even kernel becomes odd."""
    first, last = row[0], row[-1]
    blocks = [entry.block for entry in report.blocks[first : last + 1]]
    odd = True
    for index in row:
        block = report.blocks[index].block
        kernel = _odd(block)
        odd = odd and kernel == block.values()["kernel"]
        try:
            blocks[index - first] = block.with_values(padding="same", kernel=kernel)
        except SettingError:  # the padding of a transposed convolution has no words
            return
    names = [report.blocks[index].name for index in (first, last)]
    where = " and ".join(names) if len(row) == 2 else " to ".join(names)
    change = f"padding same in {where}" + ("" if odd else ", kernels odd")
    yield Repair(change, "", first, tuple(blocks), len(blocks), last)


def _odd(block: Block) -> Size:
    """The kernel, one smaller where its extent is even."""
    assert isinstance(block, Windowed)
    rows, columns = (w.kernel - (w.extent % 2 == 0) for w in block.windows())
    return rows if rows == columns else (rows, columns)


# ---- windows that jump over pixels


def _gaps(block: Block, over: tuple[Window, Window], shape: Shape) -> Iterator[Finding]:
    shown = [
        (window, what)
        for window, what, size in zip(over, ("rows", "columns"), shape[1:], strict=True)
        if window.stride > window.extent and size > window.extent
    ]
    if shown:
        window = shown[0][0]
        what = " and ".join(name for _, name in shown)
        sentence = (
            f"moves by {window.stride} px with a window of {window.extent}, so "
            f"{window.stride - window.extent} of every {window.stride} {what} are never seen. "
            f"Use stride {window.extent}, or a window of {window.stride}."
        )
        yield Finding("gaps", sentence, partial(_without_gaps, block, over, shape))


def _without_gaps(
    block: Block, over: tuple[Window, Window], shape: Shape, place: int
) -> Iterator[Repair]:
    stride = _as_size(min(w.stride, w.extent) for w in over)
    yield from _fitting(place, block, shape, f"stride {step_words(stride)}", stride=stride)
    if all(window.dilation == 1 for window in over):
        kernel = _as_size(max(w.stride, w.extent) for w in over)
        yield from _fitting(place, block, shape, f"kernel {step_words(kernel)}", kernel=kernel)


def _fitting(
    place: int, block: Block, shape: Shape, words: str, **changes: object
) -> Iterator[Repair]:
    """The change, with floor rounding where it only fits so."""
    changed = block.with_values(**changes)
    if size_after(changed, shape) is not None:
        yield swap(place, words, changed)
    else:
        rounded = changed.with_values(rounding="floor")
        if size_after(rounded, shape) is not None:
            yield swap(place, f"{words}, rounding floor", rounded)


def _as_size(sides: Iterable[int]) -> Size:
    rows, columns = sides
    return rows if rows == columns else (rows, columns)


# ---- windows larger than the map


def _past_the_edge(
    block: Block, over: tuple[Window, Window], shape: Shape, after: Shape
) -> Iterator[Finding]:
    """A window that fits thanks to its padding alone, and is wider than it can make use of."""
    if isinstance(block, (MaxPool2D, AvgPool2D)):
        yield _wide_pool(block, shape)
    elif block.values().get("padding_mode", "zeros") in _EMPTY_PADDING:
        yield from _idle_weights(block, over, shape, after)


def _wide_pool(block: MaxPool2D | AvgPool2D, shape: Shape) -> Finding:
    kernel = _as_size(min(k, size) for k, size in zip(pair(block.kernel), shape[1:], strict=True))
    sentence = (
        f"looks at maps of {shape[1]}x{shape[2]} through a window of {size_words(block.kernel)}, "
        f"which holds padding wherever it stands. Use a window of {size_words(kernel)}."
    )
    return Finding("wide pool", sentence, partial(_narrow_pool, block, kernel, shape))


def _narrow_pool(
    block: MaxPool2D | AvgPool2D, kernel: Size, shape: Shape, place: int
) -> Iterator[Repair]:
    pad = _as_size(
        p if k <= size else 0
        for p, k, size in zip(pair(block.padding), pair(block.kernel), shape[1:], strict=True)
    )
    words = f"kernel {step_words(kernel)}, pad {step_words(pad)}"
    yield from _fitting(place, block, shape, words, kernel=kernel, padding=pad)


def _idle_weights(
    block: Block, over: tuple[Window, Window], shape: Shape, after: Shape
) -> Iterator[Finding]:
    used = [
        _taps_on_pixels(window, size, count)
        for window, size, count in zip(over, shape[1:], after[1:], strict=True)
    ]
    (rows, columns), weights = used, over[0].kernel * over[1].kernel
    idle = weights - len(rows) * len(columns)
    if idle and rows and columns:
        sentence = (
            f"has {idle} of the {weights} weights of each kernel on nothing but padding: its maps "
            f"are only {shape[1]}x{shape[2]}. Use kernel {step_words(_as_size(map(len, used)))}."
        )
        yield Finding("idle weights", sentence, partial(_cut_kernel, block, over, used, shape))


def _taps_on_pixels(window: Window, size: int, count: int) -> range:
    """The taps of the window that meet a pixel at one of its `count` places."""
    met = [
        tap
        for tap in range(window.kernel)
        if any(
            0 <= place * window.stride + tap * window.dilation - window.padding < size
            for place in range(count)
        )
    ]
    return range(met[0], met[-1] + 1) if met else range(0)


def _cut_kernel(
    block: Block, over: tuple[Window, Window], used: list[range], shape: Shape, place: int
) -> Iterator[Repair]:
    kernel = _as_size(map(len, used))
    pad = _as_size(
        max(0, window.padding - taps.start * window.dilation)
        for window, taps in zip(over, used, strict=True)
    )
    words = f"kernel {step_words(kernel)}, pad {step_words(pad)}"
    yield from _fitting(place, block, shape, words, kernel=kernel, padding=pad)


# ---- windows of one pixel on one map


def _single_pixels(block: Block) -> Iterator[Finding]:
    """Filters that see one value each can only multiply the map."""
    if isinstance(block, Conv2D):
        sentence = (
            "looks at single pixels of a single map, so each of its maps is that map times a "
            "number. Use a kernel of 3 or more."
        )
        better = block.with_values(kernel=3, padding="same", dilation=1)
        yield Finding("single pixels", sentence, partial(_wider, better))


def _wider(better: Conv2D, place: int) -> tuple[Repair, ...]:
    return (swap(place, "kernel 3, padding same", better),)
