"""What is asked of a block, and the rule that answers for its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cnnstudio.blocks import Block, Shape
from cnnstudio.explain.cells import Cell, Path, Place, Spot, before
from cnnstudio.explain.terms import Arithmetic, Array, Bools
from cnnstudio.explain.trace import Trace


@dataclass(frozen=True, eq=False)
class Asked:
    """The value at `place` of what the block at `spot` made in `trace`."""

    trace: Trace
    spot: Spot
    place: Place

    @property
    def block(self) -> Block:
        """The block."""
        return self.spot.block

    @property
    def shape(self) -> Shape:
        """The size of what enters it."""
        return self.spot.input_shape

    @property
    def source(self) -> Path:
        """The path of what enters it."""
        return before(self.spot.path)

    @property
    def x(self) -> Array:
        """The numbers that enter it."""
        return self.trace.input(self.spot.path)

    @property
    def parameters(self) -> Mapping[str, Array]:
        """Its learned arrays by name."""
        return self.trace.parameters(self.spot)

    @property
    def statistics(self) -> Mapping[str, Array]:
        """Its running statistics by name."""
        return self.trace.statistics(self.spot)

    @property
    def cell(self) -> Cell:
        """What is asked about."""
        return Cell(self.spot.path, self.place)


class Rule(NamedTuple):
    """How blocks of a type are explained.

    `arithmetic` gives the terms of a value. `seen` gives, for marked outputs of a block that gets
    maps of a size, the inputs that they may depend on; both are arrays of truth values.
    """

    arithmetic: Callable[[Asked], Arithmetic]
    seen: Callable[[Block, Shape, Bools], Bools]


Rules = Mapping[type[Block], Rule]
