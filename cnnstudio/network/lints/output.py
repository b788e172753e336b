"""Lints about the end of the network: its values are logits, one for each class."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from cnnstudio.blocks import Activation, BatchNorm, Block, Dropout, Flatten, FullyConnected
from cnnstudio.blocks.activation import activation_words
from cnnstudio.network.lints.lint import Lint, insertion, swap
from cnnstudio.network.repair import Repair

if TYPE_CHECKING:
    from cnnstudio.network.check import Report

_TRAILING = (Activation, BatchNorm, Dropout, Flatten)
"""Blocks that may stand behind the last one with weights."""


def lints(report: Report, classes: int) -> Iterator[Lint]:
    """Another number of values than classes, or something that is done to the logits."""
    shape = report.output_shape
    if len(report.blocks) < 2 or shape is None:
        return
    if shape != (classes,):
        yield _wrong_output(report, classes)
    else:
        yield from _treated_logits(report)


def _last_layer(report: Report) -> int:
    """The place of the last block that is more than a treatment of what another makes."""
    last = len(report.blocks) - 1
    while last and isinstance(report.blocks[last].block, _TRAILING):
        last -= 1
    return last


# ---- another number of values


def _wrong_output(report: Report, classes: int) -> Lint:
    shape = report.output_shape
    assert shape is not None
    last = len(report.blocks) - 1
    found = f"{shape.size:,} values" if shape.is_flat else f"maps of {shape}"
    sentence = (
        f"ends the network with {found}, but the data has {classes} classes. "
        f"End with a fully connected block of {classes} units."
    )
    return Lint("output", last, sentence, partial(_right_output, report, classes))


def _right_output(report: Report, classes: int) -> Iterator[Repair]:
    end = len(report.blocks)
    layer = _last_layer(report)
    block = report.blocks[layer].block
    appended = insertion(end, f"append FC {classes}", FullyConnected(classes), of=end - 1)
    if not isinstance(block, FullyConnected):
        yield appended
        return
    name = "" if layer == end - 1 else f"{report.blocks[layer].name} "
    changed = swap(layer, f"{name}units {classes}", block.with_values(units=classes), of=end - 1)
    yield from (appended, changed) if block.activation != "none" else (changed, appended)


# ---- something that is done to the logits


def _treated_logits(report: Report) -> Iterator[Lint]:
    layer = _last_layer(report)
    for place in range(layer + 1, len(report.blocks)):
        sentence = _treatment(report.blocks[place].block)
        if sentence:
            yield Lint("output function", place, sentence, partial(_untreated, report, place))
    block = report.blocks[layer].block
    if isinstance(block, FullyConnected) and block.activation != "none":
        words = activation_words(block.activation)
        sentence = (
            f"applies {words} to the network's output, which limits what the softmax after it can "
            "tell apart. Set its activation to none."
        )
        changed = swap(layer, "activation none", block.with_values(activation="none"))
        yield Lint("output function", layer, sentence, lambda: (changed,))


def _treatment(block: Block) -> str:
    """What is wrong with a block behind the last layer; empty for what does no harm."""
    if isinstance(block, Dropout):
        return (
            "sets some of the network's output to zero while it trains, so that a class is lost by "
            "chance. Dropout belongs before the last layer."
        )
    if isinstance(block, BatchNorm):
        return (
            "normalises the network's output, so that while it trains the logits of a picture "
            "depend on the others of its batch. It belongs before the last layer."
        )
    if not isinstance(block, Activation):
        return ""
    if block.function == "softmax":
        return (
            "is a softmax inside the network, and the loss applies its own to what it makes: "
            "probabilities of at most 1 as logits keep the loss high and the gradients small. "
            "Remove it."
        )
    words = activation_words(block.function)
    return (
        f"applies {words} to the network's output, which limits what the softmax after it can "
        "tell apart. Remove it."
    )


def _untreated(report: Report, place: int) -> Iterator[Repair]:
    yield swap(place, "remove it")
    layer = _last_layer(report)
    if isinstance(report.blocks[place].block, (Dropout, BatchNorm)) and layer > 0:
        between = [entry.block for entry in report.blocks[layer:place]]
        blocks = (report.blocks[place].block, *between)
        words = f"move before {report.blocks[layer].name}"
        yield Repair(words, "", layer, blocks, len(blocks), place)
