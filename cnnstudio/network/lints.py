"""Mild warnings: networks that can be computed, but that one would rarely want."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnstudio.blocks import Activation, Conv2D, FullyConnected, MaxPool2D
from cnnstudio.blocks.activation import activation_words

if TYPE_CHECKING:
    from cnnstudio.network.check import BlockReport, Report

HEAVY_SHARE = 0.8
"""A block with more than this share of all parameters is pointed out."""


def lints(report: Report, classes: int | None) -> list[tuple[int, str]]:
    """Each warning as the block's place and the sentence that follows the block's name."""
    found = [*_linear_pairs(report), *_heavy_blocks(report)]
    if classes is not None:
        found += [*_wrong_output(report, classes), *_squeezed_output(report)]
    return found


def _linear_pairs(report: Report) -> list[tuple[int, str]]:
    """Two layers with weights and nothing non-linear between do no more than one of them."""
    found = []
    waiting: BlockReport | None = None
    for index, entry in enumerate(report.blocks):
        block = entry.block
        if isinstance(block, (Conv2D, FullyConnected)):
            if waiting is not None and type(waiting.block) is type(block):
                found.append((index, _linear_sentence(waiting.name)))
            waiting = entry if block.activation == "none" else None
        elif isinstance(block, (Activation, MaxPool2D)):
            waiting = None
    return found


def _linear_sentence(before: str) -> str:
    return (
        f"follows {before} with no non-linear function between, so the two can do no more than "
        "one. Give the first an activation."
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
            "A pooling block before it, or fewer units, would make it lighter.",
        )
        for index, entry in enumerate(report.blocks)
        if entry.parameters and entry.parameters > HEAVY_SHARE * total
    ]


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
