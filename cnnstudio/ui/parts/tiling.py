"""Where the tiles of a mosaic stand: the largest whole magnification that fits, without Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

LARGEST = 1 << 16
"""No limit to the width of a tile."""


@dataclass(frozen=True)
class Grid:
    """Where the tiles stand: sizes in device pixels, `factor` device pixels for each value.

    Tiles go in bands: a band has `columns` columns of `group` tiles, one below the other.
    """

    columns: int
    group: int
    factor: int
    skip: int
    tile: tuple[int, int]
    gap: int
    caption: int = 0
    across: int = 0
    """What the gap between two columns has beyond `gap`."""

    def corner(self, index: int) -> tuple[int, int]:
        """Left and top of tile `index`."""
        column, inner = divmod(index, self.group)
        band, column = divmod(column, self.columns)
        width, height = self.tile
        band_height = self.group * (height + self.gap + self.caption) + self._band_gap
        left = column * (width + self.gap + self.across)
        return left, band * band_height + inner * (height + self.gap + self.caption)

    def tile_at(self, x: float, y: float) -> tuple[int, float, float] | None:
        """The tile at a place, and where in it that is; None between the columns or rows."""
        width, height = self.tile
        line = height + self.gap + self.caption
        band, down = divmod(y, self.group * line + self._band_gap)
        inner, top = divmod(down, line)
        column, left = divmod(x, width + self.gap + self.across)
        inside = 0 <= column < self.columns and band >= 0 and inner < self.group
        if not inside or left >= width or top >= height:
            return None
        index = (int(band) * self.columns + int(column)) * self.group + int(inner)
        return index, left, top

    def extent(self, count: int) -> tuple[int, int]:
        """Width and height of all `count` tiles."""
        groups = -(-count // self.group)
        last_left, _ = self.corner((min(groups, self.columns) - 1) * self.group)
        _, last_top = self.corner(groups * self.group - 1)
        return last_left + self.tile[0], last_top + self.tile[1] + self.caption

    @property
    def _band_gap(self) -> int:
        return 3 * self.gap if self.group > 1 else 0


def best_grid(
    count: int,
    shape: tuple[int, int],
    room: tuple[int, int],
    *,
    group: int = 1,
    gap: int = 8,
    caption: int = 0,
    tiles: tuple[int, int] = (20, LARGEST),
) -> Grid:
    """The grid with the largest whole factor for `count` maps of ``(rows, columns)`` in `room`.

    `tiles` are the smallest and the largest width of a tile. Where tiles of the smallest width do
    not fit the height, the mosaic becomes higher than the room; maps wider than the room show
    every second, third, ... value.
    """
    rows, columns = shape
    groups = -(-count // group)
    skip = max(1, -(-columns // max(1, room[0])))
    rows, columns = -(-rows // skip), -(-columns // skip)
    least, most = max(1, -(-tiles[0] // columns)), max(1, tiles[1] // columns)
    best = Grid(1, group, 0, skip, (columns, rows), gap, caption)
    for wide in range(1, groups + 1):
        width = (room[0] - gap * (wide - 1)) // wide
        bands = -(-groups // wide)
        spare = room[1] - gap * (bands * group - 1) - caption * bands * group
        spare -= 3 * gap * (bands - 1) if group > 1 else 0
        factor = min(width // columns, max(least, spare // (bands * group) // rows), most)
        if factor < least and best.factor:
            break
        if max(1, factor) >= best.factor:
            factor = max(1, factor)
            tile = (factor * columns, factor * rows)
            best = Grid(wide, group, factor, skip, tile, gap, caption)
    return _spread(best, room[0])


def _spread(grid: Grid, room: int) -> Grid:
    """`grid` with wider gaps between its columns where there is room."""
    if grid.columns < 2:
        return grid
    free = room - grid.columns * grid.tile[0] - (grid.columns - 1) * grid.gap
    most = round(0.6 * grid.tile[0]) if grid.group > 1 else grid.gap
    return replace(grid, across=max(0, min(most, free // (grid.columns - 1))))


def assembled(tiles: NDArray[np.uint32], grid: Grid) -> NDArray[np.uint32]:
    """Tiles ``(n, rows, columns)`` magnified and put in their places; 0 between them."""
    large = tiles.repeat(grid.factor, axis=1).repeat(grid.factor, axis=2)
    if grid.group == 1:
        return _rows_of(large, grid)
    if not grid.gap and not grid.caption and grid.group == len(tiles):
        return np.ascontiguousarray(large.reshape(-1, grid.tile[0]))
    width, height = grid.extent(len(tiles))
    picture = np.zeros((height, width), np.uint32)
    for index, tile in enumerate(large):
        left, top = grid.corner(index)
        picture[top : top + grid.tile[1], left : left + grid.tile[0]] = tile
    return picture


def _rows_of(large: NDArray[np.uint32], grid: Grid) -> NDArray[np.uint32]:
    """All tiles at once, as a thousand single ones take 10 ms."""
    count, (width, height) = len(large), grid.tile
    columns = min(grid.columns, count)
    rows = -(-count // columns)
    right, down = grid.corner(columns - 1)[0], height + grid.gap + grid.caption
    across = right // (columns - 1) if columns > 1 else width
    whole = np.zeros((rows * columns, height, width), np.uint32)
    whole[:count] = large
    picture = np.zeros((rows, down, columns, across), np.uint32)
    picture[:, :height, :, :width] = whole.reshape(rows, columns, height, width).swapaxes(1, 2)
    extent = grid.extent(count)
    flat = picture.reshape(rows * down, columns * across)
    return np.ascontiguousarray(flat[: extent[1], : extent[0]])
