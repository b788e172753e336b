"""PARALLEL: several rows of blocks side by side, their results joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Formula, Shape
from cnnstudio.blocks.composite import Composite, Entries, row_words
from cnnstudio.blocks.row import Blocks, Rows, walk
from cnnstudio.blocks.settings import Choice, declare
from cnnstudio.errors import SizeError


@dataclass(frozen=True)
class Parallel(Composite):
    """Every branch gets the same input; their maps are stacked (as in Inception) or added."""

    stem: ClassVar[str] = "parallel"
    names: ClassVar[tuple[str, ...]] = ("PARALLEL", "inception", "branches")
    title: ClassVar[str] = "Parallel"
    help: ClassVar[str] = (
        "Sends its input through several rows of blocks at once and joins what they make of it. So "
        "one block can look with small and with large filters."
    )

    branches: tuple[Blocks, ...] = declare(
        Rows(label="Branches", help="The rows side by side; an empty one hands the input on.")
    )
    join: str = declare(
        Choice(
            label="Join",
            help="Stack the maps of all branches, or add them, which needs equal sizes.",
            options={"concat": "Stack", "sum": "Add"},
        ),
        default="concat",
    )

    @property
    def joins_by_sum(self) -> bool:
        """Whether the branches are added."""
        return self.join == "sum"

    @property
    def sees_everything(self) -> bool:
        """Whether a block of a branch does."""
        return any(block.sees_everything for row in self.branches for block in row)

    def rows(self, shape: Shape) -> tuple[Entries, ...]:
        """The branches; their keys begin with "branch1." and so on."""
        return tuple(
            walk(branch, shape, f"branch{number}.")
            for number, branch in enumerate(self.branches, start=1)
        )

    def output_shape(self, shape: Shape) -> Shape:
        """The joined size; raises SizeError when the branches' sizes cannot be joined."""
        ends = self._ends(shape)
        if self.joins_by_sum:
            if len(set(ends)) > 1:
                raise SizeError(f"its branches end with {_listed(ends)}, but only equal sizes add")
            return ends[0]
        if len({end[1:] for end in ends}) > 1 or len({len(end) for end in ends}) > 1:
            raise SizeError(
                f"its branches end with {_listed(ends)}, but only maps of equal height and width "
                "can be stacked; use padding same inside"
            )
        return Shape((sum(end[0] for end in ends), *ends[0][1:]))

    def summary(self) -> str:
        """Such as "(CONV) and (CONV, CONV) · stacked", or "3 branches · stacked"."""
        words = " and ".join(f"({row_words(branch)})" for branch in self.branches)
        if len(self.branches) > 2:
            words = f"{len(self.branches)} branches"
        return f"{words} · {'added' if self.joins_by_sum else 'stacked'}"

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """The channels of the branches add up, or all sizes are the same."""
        ends, size = self._ends(shape), self.output_shape(shape)
        if self.joins_by_sum:
            words = f"{' and '.join(map(str, ends))} -> {size}"
            return (Formula("sum of branches", words, str(size)),)
        return (Formula("C1 + C2 + ...", " + ".join(str(end[0]) for end in ends), f"{size[0]}"),)

    def _ends(self, shape: Shape) -> list[Shape]:
        rows = self.rows(shape)
        return [row[-1].output_shape if row else shape for row in rows]


def _listed(ends: list[Shape]) -> str:
    return ", ".join(map(str, ends[:-1])) + f" and {ends[-1]}"
