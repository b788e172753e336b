"""Blocks that hold rows of their own: what goes in enters every row, their ends are joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family, Formula, Reach, Shape
from cnnstudio.blocks.row import Entry, reach_of

Entries = tuple[Entry, ...]


@dataclass(frozen=True)
class Composite(Block):
    """What Residual and Parallel share: rules that add up over the blocks of all rows."""

    family: ClassVar[Family] = Family.COMPOSITE

    @property
    def joins_by_sum(self) -> bool:
        """Whether the ends of the rows are added; otherwise their maps stand side by side."""
        raise NotImplementedError

    @property
    def has_shortcut(self) -> bool:
        """Whether the last of `rows` is no setting, but the way around the others."""
        return False

    def rows(self, shape: Shape) -> tuple[Entries, ...]:
        """The rows for an input of size `shape`; raises SizeError.

        The keys are those of the parameters: "conv1", "branch2.conv1".
        """
        raise NotImplementedError

    def entries(self, shape: Shape) -> Entries:
        """The blocks of all rows, one row after the other."""
        return tuple(entry for row in self.rows(shape) for entry in row)

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """Those of all blocks inside, such as ``conv1.weight``."""
        return {
            f"{entry.key}.{name}": dims
            for entry in self.entries(shape)
            for name, dims in entry.block.parameter_shapes(entry.input_shape).items()
        }

    def state_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """Those of all blocks inside, such as ``norm1.running_mean``."""
        return {
            f"{entry.key}.{name}": dims
            for entry in self.entries(shape)
            for name, dims in entry.block.state_shapes(entry.input_shape).items()
        }

    def activations(self, shape: Shape) -> int:
        """What all blocks inside make, and the joined output."""
        inside = sum(e.block.activations(e.input_shape) for e in self.entries(shape))
        return inside + self.output_shape(shape).size

    def multiply_adds(self, shape: Shape) -> int:
        """Those of all blocks inside."""
        return sum(self._costs(shape))

    def reach(self, shape: Shape) -> Reach | None:
        """The largest of the rows' windows, which their outputs look through at the same step."""
        windows = [window for window in map(reach_of, self.rows(shape)) if window]
        if not windows:
            return None
        rows, columns = (max(window.extent[axis] for window in windows) for axis in (0, 1))
        return Reach((rows, columns), windows[0].stride)

    def parameter_formula(self, shape: Shape) -> Formula:
        """The sum over the blocks inside."""
        counts = [e.block.parameters(e.input_shape) for e in self.entries(shape)]
        return _sum_formula("blocks inside", counts)

    def cost_formula(self, shape: Shape) -> Formula:
        """The sum over the blocks inside."""
        return _sum_formula("blocks inside", self._costs(shape))

    def memory_formula(self, shape: Shape) -> Formula:
        """The numbers that the blocks inside make and the joined output's, four bytes each."""
        counts = [e.block.activations(e.input_shape) for e in self.entries(shape)]
        counts.append(self.output_shape(shape).size)
        words = " + ".join(map(str, counts))
        symbols = "(blocks + output) * 4"
        return Formula(symbols, f"({words}) * 4", f"{self.memory(shape):,}")

    def _costs(self, shape: Shape) -> list[int]:
        return [e.block.multiply_adds(e.input_shape) for e in self.entries(shape)]


def _sum_formula(symbols: str, numbers: list[int]) -> Formula:
    return Formula(symbols, " + ".join(map(str, numbers)) or "0", f"{sum(numbers):,}")


def row_words(blocks: tuple[Block, ...]) -> str:
    """A row in a few words, such as "CONV, CONV"; an empty one is the input itself."""
    return ", ".join(block.stem.upper() for block in blocks) or "input"
