"""Works out the arithmetic that formulas show, exactly, and reads the results beside it."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction

_OPERATORS: Mapping[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def worth(numbers: str) -> Fraction:
    """What `numbers` comes to: whole numbers, + - * /, brackets and ceil; ValueError otherwise."""
    return _worth(ast.parse(numbers, mode="eval").body)


def _worth(node: ast.expr) -> Fraction:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return Fraction(node.value)
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_worth(node.left), _worth(node.right))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "ceil":
        return Fraction(math.ceil(_worth(node.args[0])))
    raise ValueError(f"no arithmetic: {ast.unparse(node)}")


def shown(result: str) -> tuple[Fraction, Fraction]:
    """The exact value that a result shows (to four digits), and what it is rounded to."""
    exact, _, words = re.sub(r",(?=\d)", "", result).partition(", ")
    rounded = re.search(r"\d+$", words)
    return Fraction(exact), Fraction(rounded.group()) if rounded else Fraction(exact)
