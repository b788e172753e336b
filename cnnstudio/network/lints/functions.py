"""Lints about what a row of blocks computes: linear pairs, and functions that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    MaxPool2D,
    Upsample,
)
from cnnstudio.blocks.activation import activation_words
from cnnstudio.network.lints.lint import Lint, swap
from cnnstudio.network.repair import Repair

if TYPE_CHECKING:
    from cnnstudio.network.check import BlockReport, Report

_LINEAR = (AvgPool2D, BatchNorm, Dropout, Flatten, GlobalAvgPool2D)
"""Blocks that pass a linear function on as one."""

_KEEPS_SIGN = (AvgPool2D, Dropout, Flatten, GlobalAvgPool2D, MaxPool2D, Upsample)
"""Blocks that make no negative value of values that are not."""

_NEVER_NEGATIVE = ("relu", "sigmoid", "softmax")
_SAME_WHERE_POSITIVE = ("relu", "leaky_relu", "elu")


def lints(report: Report) -> Iterator[Lint]:
    """Linear pairs, and activations without effect."""
    yield from _linear_pairs(report)
    yield from _idle_activations(report)


def _linear_pairs(report: Report) -> Iterator[Lint]:
    """Two layers with weights and nothing non-linear between do no more than one of them."""
    waiting: tuple[int, BlockReport] | None = None
    for place, entry in enumerate(report.blocks):
        block = entry.block
        if entry.output_shape is None:
            return
        if isinstance(block, (Conv2D, FullyConnected)) and not _is_grouped(block):
            if waiting is not None and _is_one(waiting[1].block, block):
                yield _linear_pair(place, entry, *waiting)
            waiting = (place, entry) if block.activation == "none" else None
        elif not isinstance(block, _LINEAR):
            waiting = None


def _is_grouped(block: Block) -> bool:
    """Whether filters see a part of the channels only; what mixes the parts then often follows."""
    return isinstance(block, Conv2D) and block.groups > 1


def _is_one(first: Block, second: Block) -> bool:
    """Whether one block of the second's type can do what both do."""
    return type(first) is type(second) or isinstance(second, FullyConnected)


def _linear_pair(place: int, entry: BlockReport, before: int, first: BlockReport) -> Lint:
    alone = "one" if type(first.block) is type(entry.block) else f"{entry.name} alone"
    sentence = (
        f"follows {first.name} with no non-linear function between, so the two can do no more "
        f"than {alone}. Give the first an activation."
    )
    return Lint("linear pair", place, sentence, partial(_activated, before, first, place))


def _activated(before: int, first: BlockReport, place: int) -> tuple[Repair, ...]:
    block = first.block.with_values(activation="relu")
    return (swap(before, f"ReLU on {first.name}", block, of=place),)


def _idle_activations(report: Report) -> Iterator[Lint]:
    """An activation that leaves what it gets as it is: none of it is negative."""
    source = ""
    for place, entry in enumerate(report.blocks):
        block = entry.block
        if source and isinstance(block, Activation) and block.function in _SAME_WHERE_POSITIVE:
            words = activation_words(block.function)
            sentence = (
                f"changes nothing: what {source} makes is never negative, and {words} leaves such "
                "values as they are. Remove it."
            )
            yield Lint("idle activation", place, sentence, partial(_removed, place))
        elif not isinstance(block, _KEEPS_SIGN):
            source = entry.name if _is_never_negative(block) else ""


def _is_never_negative(block: Block) -> bool:
    if isinstance(block, Input):
        return block.mean <= 0
    function = getattr(block, "activation", getattr(block, "function", ""))
    return function in _NEVER_NEGATIVE


def _removed(place: int) -> tuple[Repair, ...]:
    return (swap(place, "remove it"),)
