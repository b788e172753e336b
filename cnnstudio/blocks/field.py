"""The receptive field: how large a patch of the picture one value sees, and how it grows."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from cnnstudio.blocks.formula import Formula
from cnnstudio.blocks.settings import Size

Step = int | Fraction
"""The distance of two windows in inputs."""

Steps = tuple[Step, Step]


class Reach(NamedTuple):
    """The window that one output looks through, for the receptive field: ``(rows, columns)``.

    `extent` is the window's size with its dilation, `stride` the step between two windows; it is a
    fraction below 1 where there are more outputs than inputs.
    """

    extent: tuple[int, int]
    stride: Steps


class Growth(NamedTuple):
    """By how many jumps a block lets the field grow in one direction: in symbols and in numbers.

    `jump` is what becomes of the jump in symbols, such as ``j*S``.
    """

    symbols: str
    numbers: str
    jump: str = "j*S"


class Field(NamedTuple):
    """What one value sees of a picture of size `picture`; everything is ``(rows, columns)``.

    `size` is the side of the patch, `jump` the distance of the patches of two neighbours, both in
    pixels of the padded picture.
    """

    picture: tuple[int, int]
    size: Steps = (1, 1)
    jump: Steps = (1, 1)

    def through(self, reach: Reach | None, *, everything: bool = False) -> Field:
        """The field behind windows of `reach`: r + (k - 1) * j, and the jump times the stride."""
        if everything:
            return self._replace(size=self.picture)
        if reach is None:
            return self
        (rows, columns), (down, right) = self.size, self.jump
        (height, width), (below, beside) = reach.extent, reach.stride
        size = (rows + (height - 1) * down, columns + (width - 1) * right)
        return Field(self.picture, size, (down * below, right * beside))

    @property
    def pixels(self) -> Size:
        """The side of the patch in whole pixels; a pair where rows and columns differ."""
        rows, columns = map(math.ceil, self.size)
        return rows if rows == columns else (rows, columns)


def growth_formulas(before: Field, after: Field, growths: tuple[Growth, Growth]) -> list[Formula]:
    """How the field grows from `before` to `after`, and the jump's own line; once where the same.

    The receptive field is r + (F - 1) * j, where j is the jump before (Dumoulin and Visin's
    sizes composed; see Araujo, Norris and Sim, "Computing receptive fields", Distill 2019).
    """
    sides = [
        (
            _field_formula(before.size[axis], before.jump[axis], after.size[axis], growths[axis]),
            _jump_formula(before.jump[axis], after.jump[axis], growths[axis].jump),
        )
        for axis in (0, 1)
    ]
    rows, columns = sides
    if rows == columns:
        return list(rows)
    return [
        rows[0]._replace(name="rows"),
        columns[0]._replace(name="columns"),
        *([rows[1]] if rows[1] == columns[1] else _named_jumps(rows[1], columns[1])),
    ]


def _named_jumps(rows: Formula, columns: Formula) -> list[Formula]:
    return [rows._replace(name="jump, rows"), columns._replace(name="jump, columns")]


def _field_formula(size: Step, jump: Step, result: Step, growth: Growth) -> Formula:
    start = str(size) if Fraction(size).denominator == 1 else f"({size})"
    return Formula(
        f"r + {growth.symbols}*j", f"{start} + {growth.numbers}*{jump}", _rounded_up(result)
    )


def _rounded_up(size: Step) -> str:
    """A side in pixels; part of a pixel counts as one."""
    if Fraction(size).denominator == 1:
        return str(size)
    return f"{float(size):.4g}, rounded up {math.ceil(size)}"


def _jump_formula(before: Step, after: Step, symbols: str) -> Formula:
    factor = Fraction(after) / before
    shown = f"*{factor}" if factor.denominator == 1 else f"/{factor.denominator}"
    if factor.numerator != 1 and factor.denominator != 1:
        shown = f"*{factor}"
    return Formula(symbols, f"{before}{shown}", str(after), "jump")
