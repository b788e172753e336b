"""Mild warnings: networks that can be computed, but that one would rarely want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    Family,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Shape,
    TableConv2D,
)
from cnnstudio.blocks.activation import activation_words
from cnnstudio.blocks.block import step_words
from cnnstudio.blocks.window import Windowed

if TYPE_CHECKING:
    from cnnstudio.network.check import BlockReport, Report

HEAVY_SHARE = 0.8
"""A block with more than this share of all parameters is pointed out."""

SHRUNK_SHARE = 0.2
"""Convolutions in a row that take more than this share of the rows or columns are pointed out."""

MOST_SIZES = 5
"""So many sizes are written out in a sentence; of more, only the first and the last."""

_LINEAR = (AvgPool2D, BatchNorm, Dropout, Flatten, GlobalAvgPool2D)
"""Blocks that pass a linear function on as one."""

_SIZE_KEEPING = (Activation, BatchNorm, Dropout)
"""Blocks that may stand between convolutions in a row and leave the maps' size alone."""


def lints(report: Report, classes: int | None) -> list[tuple[int, str]]:
    """Each warning as the block's place and the sentence that follows the block's name."""
    found = [*_linear_pairs(report), *_heavy_blocks(report)]
    found += [*_shrinking_rows(report), *_unlinked_maps(report)]
    if classes is not None:
        found += [*_wrong_output(report, classes), *_squeezed_output(report)]
    return found


def _linear_pairs(report: Report) -> list[tuple[int, str]]:
    """Two layers with weights and nothing non-linear between do no more than one of them."""
    found = []
    waiting: BlockReport | None = None
    for index, entry in enumerate(report.blocks):
        block = entry.block
        if isinstance(block, (Conv2D, FullyConnected)) and not _is_grouped(block):
            if waiting is not None and type(waiting.block) is type(block):
                found.append((index, _linear_sentence(waiting.name)))
            waiting = entry if block.activation == "none" else None
        elif not isinstance(block, _LINEAR):
            waiting = None
    return found


def _is_grouped(block: Block) -> bool:
    """Whether filters see a part of the channels only; what mixes the parts then often follows."""
    return isinstance(block, Conv2D) and block.groups > 1


def _linear_sentence(before: str) -> str:
    return (
        f"follows {before} with no non-linear function between, so the two can do no more than "
        "one. Give the first an activation."
    )


def _shrinking_rows(report: Report) -> list[tuple[int, str]]:
    """Convolutions in a row that lose the border of the maps, each a little (the lecture's D3)."""
    found = []
    row: list[int] = []
    for index, entry in enumerate(report.blocks):
        if _loses_border(entry):
            row.append(index)
        elif not isinstance(entry.block, _SIZE_KEEPING):
            found += _shrinking_row(report, row)
            row = []
    return found + _shrinking_row(report, row)


def _loses_border(entry: BlockReport) -> bool:
    """Whether a convolution of stride 1 makes smaller maps; not one that sums whole maps up."""
    block, before, after = entry.block, entry.input_shape, entry.output_shape
    if block.family is not Family.CONV or before is None or after is None:
        return False
    if (after[1] >= before[1] and after[2] >= before[2]) or after[1] == after[2] == 1:
        return False
    return isinstance(block, Windowed) and all(w.stride == 1 for w in block.windows())


def _shrinking_row(report: Report, row: list[int]) -> list[tuple[int, str]]:
    if len(row) < 2:
        return []
    entries = [report.blocks[index] for index in row]
    first, last = entries[0].input_shape, entries[-1].output_shape
    assert first is not None
    assert last is not None
    kept = min(after / before for before, after in zip(first[1:], last[1:], strict=True))
    if kept >= 1 - SHRUNK_SHARE:
        return []
    sizes = [_side(shape) for shape in (first, *(e.output_shape for e in entries)) if shape]
    if len(sizes) > MOST_SIZES:
        sizes[2:-1] = ["..."]
    sentence = (
        f"shrinks the maps once more, {' -> '.join(sizes)} from {entries[0].name} on, for nothing "
        f"but their border. {_keeping_size(entries[-1].block)}"
    )
    return [(row[-1], sentence)]


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


def _unlinked_maps(report: Report) -> list[tuple[int, str]]:
    """Maps that a connection table links to no filter, so that they are made for nothing."""
    found = []
    for index, entry in enumerate(report.blocks):
        if isinstance(entry.block, TableConv2D) and entry.input_shape and entry.output_shape:
            linked = len({number for maps in entry.block.links for number in maps})
            given = entry.input_shape[0]
            if linked < given:
                found.append((index, _unlinked_sentence(linked, given)))
    return found


def _unlinked_sentence(linked: int, given: int) -> str:
    return (
        f"looks at {linked} of the {given} maps that it gets: its table links the others to no "
        "filter. Link them, or make fewer maps before it."
    )


def _heavy_blocks(report: Report) -> list[tuple[int, str]]:
    total = report.parameters
    weighty = [entry for entry in report.blocks if entry.parameters]
    if not report.ok or len(weighty) < 3:
        return []
    return [
        (
            index,
            f"holds {100 * entry.parameters // total} % of all parameters "
            f"({entry.parameters:,} of {total:,}). "
            f"A pooling block before it, or {_less(entry.block)}, would make it lighter.",
        )
        for index, entry in enumerate(report.blocks)
        if entry.parameters and entry.parameters > HEAVY_SHARE * total
    ]


def _less(block: Block) -> str:
    """What would give a block fewer parameters."""
    if block.family is Family.COMPOSITE:
        return "smaller blocks in it"
    return "fewer units" if isinstance(block, FullyConnected) else "fewer filters"


def _squeezed_output(report: Report) -> list[tuple[int, str]]:
    """The last values are logits: a function on them hides half, or most, of what they can say."""
    last = len(report.blocks) - 1
    block = report.blocks[last].block
    if not isinstance(block, FullyConnected) or block.activation == "none":
        return []
    words = activation_words(block.activation)
    return [
        (
            last,
            f"applies {words} to the network's output, which limits what the softmax after it can "
            "tell apart. Set its activation to none.",
        )
    ]


def _wrong_output(report: Report, classes: int) -> list[tuple[int, str]]:
    shape = report.output_shape
    if shape is None or shape == (classes,):
        return []
    last = len(report.blocks) - 1
    found = f"{shape.size:,} values" if shape.is_flat else f"maps of {shape}"
    return [
        (
            last,
            f"ends the network with {found}, but the data has {classes} classes. "
            f"End with a fully connected block of {classes} units.",
        )
    ]
