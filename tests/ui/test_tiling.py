"""Where the tiles of a mosaic stand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnstudio.ui.parts.tiling import assembled, best_grid


@pytest.mark.parametrize(
    ("count", "shape", "room", "columns", "factor"),
    [
        (6, (28, 28), (880, 164), 6, 5),
        (16, (10, 10), (688, 164), 8, 7),
        (1, (32, 32), (880, 160), 1, 5),
        (1, (600, 800), (400, 160), 1, 1),
    ],
)
def test_largest_whole_factor(
    count: int, shape: tuple[int, int], room: tuple[int, int], columns: int, factor: int
) -> None:
    grid = best_grid(count, shape, room)
    assert (grid.columns, grid.factor) == (columns, factor)


def test_wide_maps_are_thinned() -> None:
    grid = best_grid(1, (600, 800), (400, 160))
    assert grid.skip == 2
    assert grid.tile == (400, 300)


def test_groups_stand_below_each_other() -> None:
    grid = best_grid(16 * 6, (5, 5), (880, 164), group=6, gap=4, tiles=(12, 999))
    second, next_filter = grid.corner(1), grid.corner(6)
    assert second == (0, grid.tile[1] + 4)
    assert next_filter[1] == 0
    assert next_filter[0] > grid.tile[0]


@pytest.mark.parametrize("group", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 7, 12])
@pytest.mark.parametrize("caption", [0, 20])
def test_assembled_tiles_stand_in_their_places(group: int, count: int, caption: int) -> None:
    count *= group
    tiles = np.arange(1, count * 6 + 1, dtype=np.uint32).reshape(count, 2, 3)
    grid = best_grid(count, (2, 3), (200, 60), group=group, gap=4, caption=caption, tiles=(9, 60))
    picture = assembled(tiles, grid)
    assert picture.shape == grid.extent(count)[::-1]
    expected = np.zeros_like(picture)
    for index, row, column in np.ndindex(*tiles.shape):
        left, top = grid.corner(index)
        x, y = left + column * grid.factor, top + row * grid.factor
        expected[y : y + grid.factor, x : x + grid.factor] = tiles[index, row, column]
        assert grid.tile_at(x + grid.factor - 1, y) == (
            index,
            (column + 1) * grid.factor - 1,
            row * grid.factor,
        )
    assert np.array_equal(picture, expected)


def test_nothing_is_found_between_tiles() -> None:
    grid = best_grid(4, (2, 3), (60, 60), group=2, gap=4, tiles=(9, 60))
    width, height = grid.tile
    assert grid.tile_at(0, height) is None
    assert grid.tile_at(width, 0) is None
    assert grid.tile_at(-1, 0) is None
    assert grid.tile_at(0, -1) is None
    assert grid.tile_at(*(side + 1 for side in grid.extent(4))) is None


def test_tiles_without_gaps_are_a_matrix() -> None:
    tiles = np.arange(15, dtype=np.uint32).reshape(5, 1, 3)
    grid = best_grid(5, (1, 3), (60, 20), group=5, gap=0, tiles=(1, 999))
    assert grid.factor == 4
    expected = tiles.reshape(5, 3).repeat(4, axis=0).repeat(4, axis=1)
    assert np.array_equal(assembled(tiles, grid), expected)


@settings(max_examples=200, deadline=None)
@given(
    count=st.integers(1, 80),
    rows=st.integers(1, 40),
    columns=st.integers(1, 40),
    width=st.integers(60, 900),
    height=st.integers(20, 400),
    group=st.integers(1, 4),
)
def test_tiles_never_overlap_and_stay_within_the_width(
    count: int, rows: int, columns: int, width: int, height: int, group: int
) -> None:
    count *= group
    grid = best_grid(count, (rows, columns), (width, height), group=group, gap=4)
    corners = [grid.corner(i) for i in range(count)]
    across, down = grid.extent(count)
    assert across <= max(width, grid.tile[0])
    taken: set[tuple[int, int]] = set()
    for left, top in corners:
        assert left + grid.tile[0] <= across
        assert top + grid.tile[1] <= down
        assert (left, top) not in taken
        taken.add((left, top))
    lefts, tops = sorted({x for x, _ in corners}), sorted({y for _, y in corners})
    for places, side in ((lefts, grid.tile[0]), (tops, grid.tile[1])):
        assert all(b - a >= side for a, b in pairwise(places))
