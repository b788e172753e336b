"""What a step does to each block: gradient, update and weights by their length, idle units.

Blocks inside of others have figures of their own, after those of the block that holds them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Activation, Block
from cnnstudio.engine import inner_maps
from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import quiet
from cnnstudio.network.inner import Path

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
    `inside` leads from the block at `index` to one inside of it; its own has none.
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
    inside: tuple[int, ...] = ()

    @property
    def path(self) -> Path:
        """Where the block is, as `network.inner` has it."""
        return (self.index, *self.inside)


def function_of(block: Block) -> str:
    """The name of the activation at the end of `block`, "none" where there is none."""
    if isinstance(block, Activation):
        return block.function
    return str(getattr(block, "activation", "none"))


class StepGauge:
    """Measures one step of `model`: a `learning.Gauge`. `lengths` has what was found, by block."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._paths = {place.key: place.path for place in inner_maps.places(model.report)}
        self._before: Array = np.zeros(0)
        self._gradients: dict[str, float] = {}
        self.lengths: dict[Path, dict[str, float]] | None = None

    def before(self, gradient: NDArray[Any]) -> None:
        """Note the length of every gradient, and where the weights are."""
        views = self._model.views(gradient)
        self._gradients = {name: _square(values) for name, values in views.items()}
        self._before = self._model.vector.copy()

    def after(self) -> None:
        """Note the length of every update and of the weights, also with those around them."""
        found: dict[Path, dict[str, float]] = {}
        before, after = self._model.views(self._before), self._model.parameters
        for name, values in after.items():
            own = {
                "count": values.size,
                "gradient": self._gradients[name],
                "weights": _square(values),
            }
            if values.ndim > 1 and name.endswith(".weight"):
                own["moved"] = _square(values - before[name])
                own["large"] = _square(before[name])
            for path in self._owners(name):
                sums = found.setdefault(path, _nothing())
                for what, value in own.items():
                    sums[what] += value
        self.lengths = found

    def _owners(self, name: str) -> Iterator[Path]:
        """The paths of the blocks that the parameter belongs to, from the outermost on."""
        parts = name.split(".")
        keys = (".".join(parts[:end]) for end in range(1, len(parts)))
        return (self._paths[key] for key in keys if key in self._paths)


def measure(model: Model, gauge: StepGauge, pictures: Array) -> tuple[BlockFigures, ...]:
    """The figures of all blocks: lengths of the step that `gauge` saw, units for `pictures`.

    Looks at a slice of the pictures at a time, so that large maps need no large memory.
    """
    lengths, idle = gauge.lengths or {}, _idle(model, pictures)
    return tuple(
        _figures(path, name, lengths.get(path), idle.get(path), len(pictures))
        for path, name in inner_maps.names(model).items()
    )


def _figures(
    path: Path,
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
    return BlockFigures(path[0], name, inside=path[1:], **found)


def _idle(model: Model, pictures: Array) -> dict[Path, dict[str, Any]]:
    """Shares of dead and saturated units of the blocks that have such an activation."""
    functions = {e.path: function_of(e.block) for e in inner_maps.places(model.report)}
    watched = {path: f for path, f in functions.items() if f == "relu" or f in ENDS}
    alive: dict[Path, Array] = {}
    at_ends: dict[Path, float] = {}
    size = model.slice_size
    for start in range(0, len(pictures) if watched else 0, size):
        with quiet():
            maps = inner_maps.maps(model, pictures[start : start + size])
        for path, function in watched.items():
            _look(path, function, maps[path], alive, at_ends)
    found: dict[Path, dict[str, Any]] = {
        path: {"dead": 1 - float(units.mean()), "units": len(units)}
        for path, units in alive.items()
    }
    shares = {path: {"saturated": each / len(pictures)} for path, each in at_ends.items()}
    return found | shares


def _look(
    path: Path,
    function: str,
    values: Array,
    alive: dict[Path, Array],
    at_ends: dict[Path, float],
) -> None:
    """Add what the outputs (N, ...) of one block for some images tell."""
    if function == "relu":
        places = (0, *range(2, values.ndim))
        units = np.asarray(values > 0).any(axis=places)
        alive[path] = np.logical_or(units, alive.get(path, False))
    else:
        low, high = ENDS[function]
        share = float(np.mean((values < low) | (values > high)))
        at_ends[path] = at_ends.get(path, 0.0) + share * len(values)


def _square(values: Array) -> float:
    flat = values.reshape(-1)
    return float(np.dot(flat, flat))


def _nothing() -> dict[str, float]:
    return dict.fromkeys(("count", "gradient", "weights", "moved", "large"), 0.0)


def lengths_are_finite(figures: Sequence[BlockFigures]) -> bool:
    """Whether all lengths are numbers that can be compared."""
    found = [x for each in figures for x in (each.gradient, each.weights, each.ratio)]
    return all(math.isfinite(x) for x in found if x is not None)
