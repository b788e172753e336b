"""Flatten: maps laid out as one row of units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family, Formula, Shape


@dataclass(frozen=True)
class Flatten(Block):
    """Lays the maps out as one row: channels, then rows, then columns."""

    family: ClassVar[Family] = Family.SHAPE
    stem: ClassVar[str] = "flatten"
    names: ClassVar[tuple[str, ...]] = ("FLATTEN", "flat")
    title: ClassVar[str] = "Flatten"
    help: ClassVar[str] = (
        "Lays all maps out as one row of units. A fully connected block does this by itself; the "
        "block only makes it visible."
    )

    def output_shape(self, shape: Shape) -> Shape:
        """One row with as many units as the maps have values."""
        return Shape((shape.size,))

    def summary(self) -> str:
        """The block's effect."""
        return "maps to one row"

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """Height * width * channels."""
        if shape.is_flat:
            return (Formula("output = input", str(shape), str(shape)),)
        channels, height, width = shape
        return (Formula("H*W*C", f"{height}*{width}*{channels}", f"{shape.size:,}"),)
