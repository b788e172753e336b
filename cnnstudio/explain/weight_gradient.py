"""Why a weight's gradient is what it is: inputs times gradients, summed over all places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cnnstudio.blocks import BatchNorm, Block, Conv2D, Dropout, FullyConnected, Shape
from cnnstudio.blocks.row import rows_of
from cnnstudio.engine.model import Model
from cnnstudio.errors import NetworkError
from cnnstudio.explain.backward import Lesson, lesson_at
from cnnstudio.explain.cells import Path, Place, Spot, before, is_inside, spot_at
from cnnstudio.explain.convolutions import RULES as CONVOLUTIONS
from cnnstudio.explain.convolutions import window_places, window_values
from cnnstudio.explain.filters import use_of
from cnnstudio.explain.terms import Array, Floats, Ints, Terms, make_terms
from cnnstudio.explain.windows import Sight, sight_of

STEP = 1e-5
"""By how much a weight of size 1 or less is moved for the numeric check."""


class Weight(NamedTuple):
    """One learned number: at `place` in the array `name`, "weight" or "bias", of the block."""

    path: Path
    name: str
    place: Place


ROUNDING = 1e-5
"""Below this share of what is added up, a sum in single precision is no more than rounding."""


@dataclass(frozen=True, eq=False)
class WeightGradient:
    """Why the loss of one picture changes with `weight` as it does.

    The terms are the input's values times the `gradients` of the block's values at `places`
    (n, 3 or 1), before bias and activation; their `total` is the gradient. `engine` is what the
    engine computes for it, `numeric` a central difference of the loss in float64. A block of a type
    that is not known here has no terms, and the engine's total.
    """

    weight: Weight
    name: str
    value: float
    terms: Terms | None
    places: Ints
    engine: float
    numeric: float
    notes: tuple[str, ...]

    @property
    def total(self) -> float:
        """The sum of the terms."""
        return self.engine if self.terms is None else float(self.terms.products.sum())

    @property
    def is_rounding(self) -> bool:
        """Whether the terms cancel but for rounding, as those of a bias before batch norm do."""
        if self.terms is None:
            return False
        return abs(self.total) <= ROUNDING * float(np.abs(self.terms.products).sum())


def weight_gradient(model: Model, image: Array, label: int, weight: Weight) -> WeightGradient:
    """Why `weight` gets its gradient when `model` learns `image` (C, H, W) as class `label`.

    Raises NetworkError where there is no such weight, DataError for another picture or label.
    """
    spot = spot_at(model.report, weight.path)
    key = f"{spot.key}.{weight.name}"
    value = _value(model, key, spot, weight)
    lesson = lesson_at(model, image, label, weight.path)
    pictures, labels = image[np.newaxis], np.array([label])
    _, gradients = model.loss_and_gradients(pictures, labels)
    terms, places = _terms(spot, weight, lesson)
    return WeightGradient(
        weight,
        spot.name,
        value,
        terms,
        places,
        float(gradients[key][weight.place]),
        numeric_gradient(model, image, label, key, weight.place),
        _notes(model),
    )


def numeric_gradient(model: Model, image: Array, label: int, key: str, index: Place) -> float:
    """The central difference of the loss for one weight of ``model.parameters[key]``, in float64.

    At a kink, such as a ReLU at 0, it lies between the slopes of both sides.
    """
    exact = Model(model.network, model.seed, np.float64)
    exact.load(model.weights)
    array, losses = exact.parameters[key], []
    value = float(array[index])
    step = STEP * max(1.0, abs(value))
    for moved in (value + step, value - step):
        array[index] = moved
        losses.append(exact.loss_and_gradients(image[np.newaxis], np.array([label]))[0])
    return (losses[0] - losses[1]) / (2 * step)


def _value(model: Model, key: str, spot: Spot, weight: Weight) -> float:
    array = model.parameters.get(key)
    if array is None:
        raise NetworkError(f"{spot.name} has no {weight.name} to learn.")
    if not is_inside(weight.place, array.shape):
        size = "x".join(map(str, array.shape))
        raise NetworkError(f"{spot.name} has no {weight.name} at {weight.place} of {size}.")
    return float(array[weight.place])


def _notes(model: Model) -> tuple[str, ...]:
    kinds = {type(block) for block in _all_blocks(model.network.blocks)}
    notes = []
    if Dropout in kinds:
        notes.append("Dropout silences values, as in the first step of training.")
    if BatchNorm in kinds:
        notes.append("Batch norm uses the mean and variance of this picture alone.")
    return tuple(notes)


def _all_blocks(blocks: tuple[Block, ...]) -> list[Block]:
    inside = [_all_blocks(row) for block in blocks for row in rows_of(block)]
    return [*blocks, *(block for row in inside for block in row)]


# ---- the terms, family by family


def _terms(spot: Spot, weight: Weight, lesson: Lesson) -> tuple[Terms | None, Ints]:
    block, source = spot.block, before(weight.path)
    if isinstance(block, BatchNorm):
        return _of_batch_norm(block, weight, lesson, source)
    if isinstance(block, FullyConnected):
        return _of_fully_connected(spot.input_shape, weight, lesson, source)
    if type(block) not in CONVOLUTIONS:
        return None, np.zeros((0, 3), np.intp)
    sight = sight_of(block, spot.input_shape)
    if weight.name == "bias":
        return _of_bias(block, weight, lesson, sight)
    return _of_filter(spot, weight, lesson, sight)


def _of_filter(spot: Spot, weight: Weight, lesson: Lesson, sight: Sight) -> tuple[Terms, Ints]:
    """For each place of the map, the input under the weight's tap times the gradient there."""
    use = use_of(spot.block, spot.input_shape, weight.place)
    rows = sight[0].places[use.rows, use.tap[0]]
    columns = sight[1].places[use.columns, use.tap[1]]
    maps = np.array([use.map])
    gradient = (lesson.gradient * _scales(spot.block, sight))[use.number, use.rows, use.columns]
    terms = make_terms(
        window_values(lesson.x, maps, rows, columns)[0],
        gradient,
        window_places(maps, rows, columns)[0],
        before(weight.path),
        grid=(1, *gradient.shape),
    )
    _, height, width = lesson.gradient.shape
    numbers = np.arange(height)[use.rows], np.arange(width)[use.columns]
    return terms, window_places(np.array([use.number]), *numbers).reshape(-1, 3)


def _of_bias(block: Block, weight: Weight, lesson: Lesson, sight: Sight) -> tuple[Terms, Ints]:
    """The gradients themselves, each times 1; a bias of one place has that one alone."""
    gradient = lesson.gradient * (_scales(block, sight) > 0)
    number, *where = weight.place
    _, height, width = gradient.shape
    rows = np.array(where[:1]) if where else np.arange(height)
    columns = np.array(where[1:]) if where else np.arange(width)
    places = window_places(np.array([number]), rows, columns).reshape(-1, 3)
    picked = gradient[number][np.ix_(rows, columns)]
    return _plain(np.ones(picked.shape), picked, (1, *picked.shape)), places


def _of_fully_connected(
    shape: Shape, weight: Weight, lesson: Lesson, source: Path
) -> tuple[Terms, Ints]:
    unit, *rest = weight.place
    places = np.array([[unit]])
    gradient = lesson.gradient[[unit]]
    if not rest:
        return _plain(np.ones(1), gradient, None), places
    place = np.array(np.unravel_index(rest[0], shape))
    return make_terms(lesson.x[rest], gradient, place[np.newaxis], source), places


def _of_batch_norm(
    block: BatchNorm, weight: Weight, lesson: Lesson, source: Path
) -> tuple[Terms, Ints]:
    """The scale's inputs are the normalised values, the shift's are ones."""
    channel = weight.place[0]
    x = lesson.x[channel].astype(np.float64)
    gradient = lesson.gradient[channel]
    places = np.argwhere(np.ones(gradient.shape, bool))
    places = np.insert(places, 0, channel, axis=1)
    if weight.name == "bias":
        return _plain(np.ones(gradient.shape), gradient, None), places
    normal = (x - x.mean()) / np.sqrt(x.var() + block.epsilon)
    return make_terms(normal, gradient, places, source), places


def _plain(values: Floats, gradient: Array, grid: tuple[int, int, int] | None) -> Terms:
    """Terms whose values are no cells."""
    sources = np.full((gradient.size, 1), -1)
    return make_terms(values, gradient, sources, (), grid=grid)


def _scales(block: Block, sight: Sight) -> Floats:
    """What partial padding multiplies each place with ``(H, W)``: taps over real taps, or 0."""
    real = [np.count_nonzero(side.places >= 0, axis=1) for side in sight]
    counts = np.outer(real[0], real[1]).astype(np.float64)
    if not isinstance(block, Conv2D) or block.padding_mode != "partial":
        return np.ones(counts.shape)
    taps = sight[0].places.shape[1] * sight[1].places.shape[1]
    scales: Floats = np.divide(taps, counts, out=np.zeros(counts.shape), where=counts > 0)
    return scales
