"""A piece of arithmetic as a person reads it: symbols, numbers put in, result."""

from __future__ import annotations

from typing import NamedTuple


class Formula(NamedTuple):
    """One piece of arithmetic: in symbols, with this block's numbers put in, and the result.

    `name` says what it is for where several stand together, such as "rows" or "jump".
    """

    symbols: str
    numbers: str
    result: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.numbers} = {self.result}"
