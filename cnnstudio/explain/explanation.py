"""Why a number is what it is: the terms of any cell, how they add up, and what it sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cnnstudio.blocks.activation import activation_words
from cnnstudio.engine.layers.activation import FUNCTIONS
from cnnstudio.explain.asked import Asked
from cnnstudio.explain.cells import Cell, before, checked, spot_at
from cnnstudio.explain.fields import Region, field_on
from cnnstudio.explain.rules import rule_of
from cnnstudio.explain.terms import Arithmetic, How, Terms
from cnnstudio.explain.trace import Trace
from cnnstudio.explain.wording import digits
from cnnstudio.network import Report


class Step(NamedTuple):
    """A line of the reckoning: what was done, in words, and what it came to."""

    words: str
    value: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why the value of `cell` is what it is.

    `value` is the result of the arithmetic here, in float64 from the numbers that the engine read;
    `engine` is what the engine made of them. `name` is the block's, for people.
    """

    cell: Cell
    name: str
    arithmetic: Arithmetic
    value: float
    engine: float
    _report: Report

    @property
    def terms(self) -> Terms:
        """The products."""
        return self.arithmetic.terms

    @cached_property
    def input_field(self) -> Region:
        """What the cell sees of what its block reads."""
        return field_on(self._report, self.cell, before(self.cell.path))

    @cached_property
    def picture_field(self) -> Region:
        """What the cell sees of the picture."""
        return field_on(self._report, self.cell)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The reckoning from the products to the value, line by line."""
        return tuple(_steps(self.arithmetic, self.value))


def explain(trace: Trace, cell: Cell) -> Explanation:
    """Why `cell` has its value; raises NetworkError where there is no such cell of a block."""
    spot = spot_at(trace.report, cell.path)
    checked(trace.report, cell)
    arithmetic = rule_of(spot.block).arithmetic(Asked(trace, spot, cell.place))
    value = applied(arithmetic.function, arithmetic.before_function)
    engine = float(trace.output(cell.path)[cell.place])
    return Explanation(cell, spot.name, arithmetic, value, engine, trace.report)


def applied(function: str, value: float) -> float:
    """The activation function called `function` of one value; "none" leaves it as it is."""
    if function == "none":
        return value
    y = np.array([[value]])
    FUNCTIONS[function](y, None).forward()
    return float(y[0, 0])


def _steps(arithmetic: Arithmetic, value: float) -> list[Step]:
    steps = [_joined(arithmetic)]
    if arithmetic.scale != 1.0 and arithmetic.how is How.SUM:
        words, scaled = _scale_words(arithmetic.scale), arithmetic.total * arithmetic.scale
        steps.append(Step(words, scaled))
    if arithmetic.bias is not None:
        what = "bias" if arithmetic.bias_place is not None else "constant"
        sign = "-" if arithmetic.bias < 0 else "+"
        words = f"{sign} {what} {digits(abs(arithmetic.bias))}"
        steps.append(Step(words, arithmetic.before_function))
    if arithmetic.function != "none":
        steps.append(Step(activation_words(arithmetic.function), value))
    return steps


def _joined(arithmetic: Arithmetic) -> Step:
    terms, count = arithmetic.terms, len(arithmetic.terms)
    if arithmetic.how is How.LARGEST:
        return Step(f"largest of {count} cells", arithmetic.total)
    if arithmetic.how is How.SHARE:
        assert arithmetic.chosen is not None
        own = digits(float(terms.products[arithmetic.chosen]))
        words = f"exponential {own} over the sum of all {count}, {digits(arithmetic.total)}"
        return Step(words, arithmetic.before_function)
    if count == 1 and terms.weights[0] == 1:
        return Step("the value itself", arithmetic.total)
    what = "products" if np.any(terms.weights != 1) else "values"
    what = what if count != 1 else what.removesuffix("s")
    return Step(f"sum of {count:,} {what}" if count != 1 else f"1 {what}", arithmetic.total)


def _scale_words(scale: float) -> str:
    """Such as "divided by 25" or "times 1.5625"."""
    inverse = 1 / scale if scale else 0.0
    if scale < 1 and abs(inverse - round(inverse)) < 1e-9:
        return f"divided by {round(inverse):,}"
    return f"times {digits(scale)}"
