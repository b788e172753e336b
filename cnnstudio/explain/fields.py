"""The receptive field of a cell, exactly: on what its block reads, and on the picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnstudio.explain.cells import PICTURE, Cell, Path, before, checked, shape_at, spot_at
from cnnstudio.explain.rules import seen_by
from cnnstudio.explain.terms import Bools
from cnnstudio.network import Report


@dataclass(frozen=True, eq=False)
class Region:
    """Marked cells of what the block at `path` makes, ``(C, H, W)`` or ``(units,)``."""

    path: Path
    mask: Bools

    @property
    def flat(self) -> Bools:
        """The marked rows and columns ``(H, W)`` in any map; for units one row of them."""
        flat: Bools = self.mask.any(axis=0) if self.mask.ndim == 3 else self.mask[np.newaxis]  # type: ignore[assignment]
        return flat

    @property
    def rectangle(self) -> tuple[int, int, int, int] | None:
        """Top, left, height and width of what encloses it; None when it is empty."""
        rows, columns = np.nonzero(self.flat)
        if not len(rows):
            return None
        top, left = int(rows.min()), int(columns.min())
        return top, left, int(rows.max()) - top + 1, int(columns.max()) - left + 1

    @property
    def is_rectangle(self) -> bool:
        """Whether all that the rectangle encloses is marked, in some map."""
        found = self.rectangle
        return found is not None and found[2] * found[3] == np.count_nonzero(self.flat)

    @property
    def cells(self) -> list[Cell]:
        """All of its cells."""
        return [Cell(self.path, tuple(map(int, place))) for place in np.argwhere(self.mask)]

    @property
    def words(self) -> str:
        """Such as "5x5 cells at rows 3 to 7, columns 4 to 8", counted from 1."""
        found, what = self.rectangle, "pixel" if self.path == PICTURE else "cell"
        if found is None:
            return f"no {what} at all, only padding"
        if self.mask.ndim == 1:
            count = np.count_nonzero(self.mask)
            return f"{count:,} of {len(self.mask):,} units"
        top, left, height, width = found
        place = f"{_span('row', top, height)}, {_span('column', left, width)}"
        if self.is_rectangle:
            return f"{height}x{width} {what}s at {place}"
        return f"{np.count_nonzero(self.flat):,} {what}s within {place}"


def _span(what: str, start: int, size: int) -> str:
    return f"{what} {start + 1}" if size == 1 else f"{what}s {start + 1} to {start + size}"


def field_on(report: Report, cell: Cell, path: Path = PICTURE) -> Region:
    """What `cell` sees of what the block at `path` makes; of the picture, unless told otherwise.

    `path` must be the cell's own or stand on the way to the picture. Raises NetworkError for a
    cell that is not there.
    """
    checked(report, cell)
    mask = np.zeros(shape_at(report, cell.path), bool)
    mask[cell.place] = True
    at = cell.path
    while at not in (path, PICTURE):
        spot = spot_at(report, at)
        mask = seen_by(spot.block, spot.input_shape, mask)
        at = before(at)
    return Region(at, mask)
