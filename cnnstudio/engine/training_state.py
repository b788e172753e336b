"""What a run needs to go on where it stopped: arrays by name, and facts that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from cnnstudio.engine.layers.layer import Array


@dataclass(frozen=True)
class TrainingState:
    """A run, or a part of it, between two steps; the arrays are copies."""

    arrays: Mapping[str, Array] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


class Part(Protocol):
    """A part of a run that has a state of its own."""

    def state(self) -> TrainingState:
        """What `restore` needs to go on in the same way."""

    def restore(self, state: TrainingState) -> None:
        """Go on from `state`; raises KeyError or ValueError when it is that of something else."""


def join(parts: Mapping[str, TrainingState]) -> TrainingState:
    """One state of several, by the names of the parts: the array "optimizer.mean"."""
    arrays = {
        f"{part}.{name}": array
        for part, state in parts.items()
        for name, array in state.arrays.items()
    }
    return TrainingState(arrays, {part: state.facts for part, state in parts.items()})


def part_of(state: TrainingState, part: str) -> TrainingState:
    """The state of one part of a joined one; raises KeyError when there is no such part."""
    start = f"{part}."
    arrays = {
        name.removeprefix(start): array
        for name, array in state.arrays.items()
        if name.startswith(start)
    }
    return TrainingState(arrays, state.facts[part])


def fill(own: Array, given: Array) -> None:
    """Copy `given` into `own`; raises ValueError when it has another shape."""
    if own.shape != given.shape:
        raise ValueError(f"expected {own.shape}, got {given.shape}")
    own[...] = given
