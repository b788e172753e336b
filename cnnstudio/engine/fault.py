"""When the numbers have run away: in which block it began, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.row import name_of
from cnnstudio.engine.layers.layer import Array, Chance
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import quiet
from cnnstudio.engine.row import Arrays, Context, Entry, Row, plan_in_order
from cnnstudio.errors import TrainingError
from cnnstudio.network.recipe import Recipe

ANEW = "Train it from the start, with a smaller learning rate"
"""What to do with weights that are lost."""


def ran_away(words: str, model: Model, pictures: Array, recipe: Recipe) -> TrainingError:
    """The error whose sentence `words` begin: where in `model` it began, and what to do."""
    advice = f"Use a smaller learning rate than {recipe.learning_rate:g}"
    if not recipe.clip:
        advice += ", or clip the gradients"
    began = where_it_began(model, pictures)
    return TrainingError(f"{words}: it began {began}. {advice}.")


def are_numbers(logits: Array) -> NDArray[np.bool_]:
    """Which rows of ``(N, classes)`` are an answer; infinitely unlikely classes may be in one."""
    with quiet():
        return np.asarray(np.isfinite(softmax(logits)).all(axis=1))


def check_answers(model: Model, pictures: Array, logits: Array) -> None:
    """Raise TrainingError when an answer of `logits` (N, classes) to `pictures` is no number.

    Else the first class would pass for what the network says.
    """
    lost = np.flatnonzero(~are_numbers(logits))
    if len(lost):
        began = where_it_began(model, pictures[lost[:1]])
        count = f"{len(lost):,} of {len(logits):,}"
        raise TrainingError(
            f"The network gives no numbers for {count} pictures: it began {began}. {ANEW}."
        )


def check_weights(model: Model) -> None:
    """Raise TrainingError when a weight of `model` is no finite number."""
    if np.isfinite(model.state).all():
        return
    for entry in model.report.blocks:
        name = _first_weights(model, entry.key)
        if name is not None:
            raise TrainingError(
                f"Training cannot go on from these weights: the {name} of {entry.name} is not "
                f"finite. {ANEW}."
            )


def where_it_began(model: Model, pictures: Array) -> str:
    """What is not finite, and in which block first, as the middle of a sentence.

    The blocks are looked at in their order: first the parameters and running statistics of each,
    then what it makes of `pictures` (N, C, H, W), without dropout and augmentation.
    """
    with quiet():
        with_bad_output, inside = _first_output(model, pictures)
    for index, entry in enumerate(model.report.blocks):
        weights = _first_weights(model, entry.key)
        if weights is not None:
            return f"in {entry.name}, whose {weights} is not finite"
        if index == with_bad_output:
            place = f", at its {name_of(inside)}" if inside else ""
            return f"in {entry.name}{place}, whose output for these images is not finite"
    return "in training itself, as every block's output is finite outside of it"


def _first_weights(model: Model, key: str) -> str | None:
    """The first array of the block `key` that is not finite, by its name in the block."""
    for name, array in model.weights.items():
        if name.startswith(f"{key}.") and not np.isfinite(array).all():
            return name.removeprefix(f"{key}.")
    return None


def _first_output(model: Model, pictures: Array) -> tuple[int, str]:
    """The first block with an output that is not finite, and the first one inside it.

    The number is that behind the last block when there is none.
    """
    first, inside = len(model.report.blocks), ""
    for start in range(0, len(pictures), model.slice_size):
        maps = model.activations(pictures[start : start + model.slice_size])
        bad = [i for i, values in enumerate(maps[:first]) if not np.isfinite(values).all()]
        if bad:
            first = bad[0]
            inside = _inside_of(model, first, maps[max(first - 1, 0)])
    return first, inside


def _inside_of(model: Model, index: int, values: Array) -> str:
    """The key of the first bad block inside block `index`, which gets `values` (N, ...)."""
    entry = model.report.blocks[index]
    assert entry.input_shape is not None
    x = values.T if values.ndim == 2 else values.transpose(2, 1, 3, 0)
    context = Context(len(values), model.dtype, Chance(model.seed))
    arrays = Arrays(model.parameters, model.statistics).of(entry.key)
    return _in_rows(entry.block, entry.input_shape, arrays, np.ascontiguousarray(x), context)


def _in_rows(block: Block, shape: Shape, arrays: Arrays, x: Array, context: Context) -> str:
    """The key of the first bad block in the rows of `block`; empty when it has none."""
    rows = block.rows(shape) if isinstance(block, Composite) else ()
    return next(filter(None, (_in_row(row, arrays, x, context) for row in rows)), "")


def _in_row(entries: Sequence[Entry], arrays: Arrays, x: Array, context: Context) -> str:
    row = Row(entries, plan_in_order(entries), context, arrays, x, None)
    for layer, place in zip(row.layers, row.places, strict=True):
        layer.forward()
        if not np.isfinite(layer.y).all():
            entry = entries[place]
            assert entry.input_shape is not None
            own = arrays.of(entry.key)
            deeper = _in_rows(entry.block, entry.input_shape, own, layer.x, context)
            return f"{entry.key}.{deeper}" if deeper else entry.key
    return ""
