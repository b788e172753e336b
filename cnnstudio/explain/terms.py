"""The numbers that make a number: products, and how they are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from cnnstudio.explain.cells import Cell, Path, Place

Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


class How(Enum):
    """What is done with the products."""

    SUM = "sum"
    LARGEST = "largest"
    SHARE = "share"
    """The chosen product over the sum of all, as in a softmax, whose products are exponentials."""


class Term(NamedTuple):
    """One product: `value` of the `cell` before, times `weight`.

    `cell` is None for padding that holds no cell. `padded` says that the term lies in the padding;
    then `cell` is the real one that is repeated there. `parameter` is the place of the weight in
    the block's array ``weight``, None where nothing is learned.
    """

    cell: Cell | None
    value: float
    weight: float
    product: float
    parameter: Place | None = None
    padded: bool = False


@dataclass(frozen=True, eq=False)
class Terms(Sequence[Term]):
    """All terms of a number as columns of length n, which are quick to sort and to draw.

    `sources` (n, 3 or 1) are the places of the cells, beginning with -1 where there is none; the
    cells belong to `paths`, one for all terms or one for each. `parameters` (n, k) are the places
    of the weights. `grid` says that the terms are windows ``(maps, rows, columns)`` in this order.
    """

    values: Floats
    weights: Floats
    sources: Ints
    paths: tuple[Path, ...]
    products: Floats
    parameters: Ints | None = None
    padded: Bools | None = None
    grid: tuple[int, int, int] | None = None

    def __len__(self) -> int:
        """How many terms there are."""
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> Term: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Term]: ...
    def __getitem__(self, index: int | slice) -> Term | Sequence[Term]:
        """A term, or a list of some."""
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return Term(
            self.cell(index),
            float(self.values[index]),
            float(self.weights[index]),
            float(self.products[index]),
            None if self.parameters is None else tuple(map(int, self.parameters[index])),
            self.padded is not None and bool(self.padded[index]),
        )

    def cell(self, index: int) -> Cell | None:
        """The cell of a term; None for padding without one."""
        place = tuple(map(int, self.sources[index]))
        path = self.paths[0] if len(self.paths) == 1 else self.paths[index]
        return None if place[0] < 0 else Cell(path, place)

    def largest(self, count: int) -> Ints:
        """The places of the `count` products that weigh most, the heaviest first."""
        return np.argsort(-np.abs(self.products), kind="stable")[:count]


def make_terms(
    values: Array,
    weights: Array | float,
    sources: Array,
    path: Path,
    *,
    parameters: Ints | None = None,
    padded: Array | None = None,
    grid: tuple[int, int, int] | None = None,
) -> Terms:
    """Terms from arrays of any shape; the products are those of values and weights, in float64."""
    flat = np.asarray(values, np.float64).ravel()
    factors = np.broadcast_to(np.asarray(weights, np.float64), np.shape(values)).ravel()
    places = np.asarray(sources, np.intp)
    return Terms(
        flat,
        factors,
        places.reshape(len(flat), places.shape[-1]),
        (path,),
        flat * factors,
        None if parameters is None else parameters.reshape(len(flat), parameters.shape[-1]),
        None if padded is None else np.asarray(padded, bool).ravel(),
        grid,
    )


def single(value: float, weight: float, place: Place, path: Path) -> Terms:
    """One term."""
    return make_terms(np.array([value]), weight, np.array([place]), path)


@dataclass(frozen=True)
class Arithmetic:
    """How the terms become the value: put together, times `scale`, plus `bias`, and a function.

    `chosen` is the term that counts, where not all do: the winner, or the one whose share is asked.
    `notes` are sentences about what is special.
    """

    terms: Terms
    how: How = How.SUM
    scale: float = 1.0
    bias: float | None = None
    bias_place: Place | None = None
    function: str = "none"
    chosen: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """What the terms come to."""
        if not len(self.terms):
            return 0.0
        if self.how is How.LARGEST:
            assert self.chosen is not None
            return float(self.terms.products[self.chosen])
        return float(self.terms.products.sum())

    @property
    def before_function(self) -> float:
        """The value before the activation."""
        if self.how is How.SHARE:
            assert self.chosen is not None
            return float(self.terms.products[self.chosen]) / self.total
        return self.total * self.scale + (self.bias or 0.0)
