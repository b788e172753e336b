"""What a step does to each block: gradient, update and weights by their length, idle units."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Activation, Block
from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import quiet

ENDS: Mapping[str, tuple[float, float]] = {
    "sigmoid": (0.02, 0.98),
    "tanh": (-0.96, 0.96),
    "scaled_tanh": (-1.647, 1.647),
}
"""Outside of these a unit is saturated: the slope of its activation is below 8 % of the largest."""


@dataclass(frozen=True)
class BlockFigures:
    """One block of the network in one step; None where there is nothing to measure.

    `gradient` and `weights` are Euclidean lengths over all parameters of the block, the inner ones
    included; `gradient_rms` is the root mean square. `ratio` is the length of the step's update
    over that of the weights, without biases and normalization, which may begin at 0. `dead` is the
    share of the `units` (of maps: channels) whose ReLU gave 0 for every image that was looked at,
    `saturated` the share of the values at the flat ends of their activation; `looked` images were.
    """

    index: int
    name: str
    gradient: float | None = None
    gradient_rms: float | None = None
    weights: float | None = None
    ratio: float | None = None
    dead: float | None = None
    saturated: float | None = None
    units: int = 0
    looked: int = 0


def function_of(block: Block) -> str:
    """The name of the activation at the end of `block`, "none" where there is none."""
    if isinstance(block, Activation):
        return block.function
    return str(getattr(block, "activation", "none"))


class StepGauge:
    """Measures one step of `model`: a `learning.Gauge`. `lengths` has what was found, by block."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._places = {entry.key: i for i, entry in enumerate(model.report.blocks)}
        self._before: Array = np.zeros(0)
        self._gradients: dict[str, float] = {}
        self.lengths: dict[int, dict[str, float]] | None = None

    def before(self, gradient: NDArray[Any]) -> None:
        """Note the length of every gradient, and where the weights are."""
        views = self._model.views(gradient)
        self._gradients = {name: _square(values) for name, values in views.items()}
        self._before = self._model.vector.copy()

    def after(self) -> None:
        """Note the length of every update and of the weights."""
        found: dict[int, dict[str, float]] = {}
        before, after = self._model.views(self._before), self._model.parameters
        for name, values in after.items():
            sums = found.setdefault(self._places[name.partition(".")[0]], _nothing())
            sums["count"] += values.size
            sums["gradient"] += self._gradients[name]
            sums["weights"] += _square(values)
            if values.ndim > 1 and name.endswith(".weight"):
                sums["moved"] += _square(values - before[name])
                sums["large"] += _square(before[name])
        self.lengths = found


def measure(model: Model, gauge: StepGauge, pictures: Array) -> tuple[BlockFigures, ...]:
    """The figures of all blocks: lengths of the step that `gauge` saw, units for `pictures`.

    Looks at a slice of the pictures at a time, so that large maps need no large memory.
    """
    lengths, idle = gauge.lengths or {}, _idle(model, pictures)
    return tuple(
        _figures(index, entry.name, lengths.get(index), idle.get(index), len(pictures))
        for index, entry in enumerate(model.report.blocks)
    )


def _figures(
    index: int,
    name: str,
    lengths: Mapping[str, float] | None,
    idle: Mapping[str, Any] | None,
    looked: int,
) -> BlockFigures:
    found: dict[str, Any] = {}
    if lengths is not None:
        found["gradient"] = math.sqrt(lengths["gradient"])
        found["gradient_rms"] = math.sqrt(lengths["gradient"] / lengths["count"])
        found["weights"] = math.sqrt(lengths["weights"])
        if lengths["large"] > 0:
            found["ratio"] = math.sqrt(lengths["moved"] / lengths["large"])
    if idle is not None:
        found |= {**idle, "looked": looked}
    return BlockFigures(index, name, **found)


def _idle(model: Model, pictures: Array) -> dict[int, dict[str, Any]]:
    """Shares of dead and saturated units of the blocks that have such an activation."""
    functions = {i: function_of(entry.block) for i, entry in enumerate(model.report.blocks)}
    watched = {i: f for i, f in functions.items() if f == "relu" or f in ENDS}
    alive: dict[int, Array] = {}
    at_ends: dict[int, float] = {}
    size = model.slice_size
    for start in range(0, len(pictures) if watched else 0, size):
        with quiet():
            maps = model.activations(pictures[start : start + size])
        for index, function in watched.items():
            _look(index, function, maps[index], alive, at_ends)
    found: dict[int, dict[str, Any]] = {
        index: {"dead": 1 - float(units.mean()), "units": len(units)}
        for index, units in alive.items()
    }
    shares = {index: {"saturated": each / len(pictures)} for index, each in at_ends.items()}
    return found | shares


def _look(
    index: int,
    function: str,
    values: Array,
    alive: dict[int, Array],
    at_ends: dict[int, float],
) -> None:
    """Add what the outputs (N, ...) of one block for some images tell."""
    if function == "relu":
        places = (0, *range(2, values.ndim))
        units = np.asarray(values > 0).any(axis=places)
        alive[index] = np.logical_or(units, alive.get(index, False))
    else:
        low, high = ENDS[function]
        share = float(np.mean((values < low) | (values > high)))
        at_ends[index] = at_ends.get(index, 0.0) + share * len(values)


def _square(values: Array) -> float:
    flat = values.reshape(-1)
    return float(np.dot(flat, flat))


def _nothing() -> dict[str, float]:
    return dict.fromkeys(("count", "gradient", "weights", "moved", "large"), 0.0)


def lengths_are_finite(figures: Sequence[BlockFigures]) -> bool:
    """Whether all lengths are numbers that can be compared."""
    found = [x for each in figures for x in (each.gradient, each.weights, each.ratio)]
    return all(math.isfinite(x) for x in found if x is not None)
