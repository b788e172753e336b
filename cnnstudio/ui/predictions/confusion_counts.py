"""The numbers of a confusion matrix, and the words for them; without Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Cell = tuple[int, int]


class Counts:
    """Who was taken for whom: ``counts[t, p]`` images of class t were seen as class p."""

    def __init__(self, counts: NDArray[np.int64], names: Sequence[str]) -> None:
        self.counts = counts
        self.names = tuple(names)
        self.true, self.seen = counts.sum(axis=1), counts.sum(axis=0)
        self.right = counts.diagonal()
        self.total = int(counts.sum())

    @property
    def wrong(self) -> int:
        """How many were taken for another class."""
        return self.total - int(self.right.sum())

    @property
    def accuracy(self) -> float | None:
        """The share of all that was recognised; None of none."""
        return float(self.right.sum()) / self.total if self.total else None

    def recall(self, row: int) -> float | None:
        """The share of the images of a class that was recognised."""
        return float(self.right[row] / self.true[row]) if self.true[row] else None

    def precision(self, column: int) -> float | None:
        """The share that belongs to a class of those taken for it."""
        return float(self.right[column] / self.seen[column]) if self.seen[column] else None

    def words(self, cell: Cell) -> str:
        """Such as "7 seen as 1: 12 of 512 (2.3 %)"."""
        row, column = cell
        count, of = int(self.counts[row, column]), int(self.true[row])
        share = f" ({100 * count / of:.1f} %)" if of else ""
        return f"{self.pair(cell)}: {count:,} of {of:,}{share}"

    def pair(self, cell: Cell) -> str:
        """Such as "7 seen as 1"."""
        return f"{self.names[cell[0]]} seen as {self.names[cell[1]]}"

    def recall_words(self, row: int) -> str:
        """Recall of a class as a sentence."""
        words = f"Recall of {self.names[row]}: of {int(self.true[row]):,} images, "
        return words + f"{int(self.right[row]):,} are seen as {self.names[row]}"

    def precision_words(self, column: int) -> str:
        """Precision of a class as a sentence."""
        name = self.names[column]
        words = f"Precision of {name}: of {int(self.seen[column]):,} images seen as {name}, "
        return words + f"{int(self.right[column]):,} are {name}"

    def most_confused(self, most: int) -> list[Cell]:
        """The cells beside the diagonal with the highest counts, the highest first."""
        off = self.counts.copy()
        np.fill_diagonal(off, 0)
        order = np.argsort(-off, axis=None, kind="stable")[:most]
        cells = [divmod(int(i), len(off)) for i in order]
        return [cell for cell in cells if off[cell]]

    def table(self) -> Iterator[Sequence[object]]:
        """All numbers, the header first."""
        yield ("true \\ predicted", *self.names, "images", "recall")
        for row, name in enumerate(self.names):
            yield (
                name,
                *map(int, self.counts[row]),
                int(self.true[row]),
                _or_empty(self.recall(row)),
            )
        yield ("images", *map(int, self.seen), self.total, "")
        shares = (_or_empty(self.precision(column)) for column in range(len(self.names)))
        yield ("precision", *shares, "", _or_empty(self.accuracy))


def _or_empty(share: float | None) -> object:
    return "" if share is None else share


def percent(share: float | None) -> str:
    """Such as "97.7 %"; a dash of none."""
    return "–" if share is None else f"{100 * share:.1f} %"
