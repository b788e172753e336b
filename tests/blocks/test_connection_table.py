"""The convolution with a connection table, LeNet-5's first (D6)."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import Shape, TableConv2D
from cnnstudio.errors import SettingError, SizeError

LENET_TABLE = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX
"""
"""LeCun 1998, table I: a row for each map of S2, a column for each filter of C3."""


def test_the_table_of_lenet5_is_that_of_the_paper() -> None:
    """D6: 6x16 with 60 links."""
    table, shape = TableConv2D(5), Shape((6, 14, 14))
    printed = LENET_TABLE.split()
    linked = tuple(
        tuple(number for number in range(6) if printed[number][filter_] == "X")
        for filter_ in range(16)
    )
    assert table.links == linked
    assert (table.filters, table.link_count, len(table.pairs)) == (16, 60, 60)
    assert table.output_shape(shape) == (16, 10, 10)
    assert str(table.parameter_formula(shape)) == "5*5*60 + 16 = 1,516"
    assert str(table.cost_formula(shape)) == "5*5*60 * 10*10 = 150,000"
    assert table.fans(shape) == (94, 250)
    assert table.summary() == "16 @ 5x5 · 60 links · stride 1"


def test_a_table_of_ones_own() -> None:
    table = TableConv2D(3, [[2, 0], [1]], padding="same", bias=False, activation="relu")
    assert table.links == ((0, 2), (1,))
    assert table.pairs == ((0, 0), (0, 2), (1, 1))
    assert table.parameter_shapes(Shape((3, 9, 9))) == {"weight": (3, 3, 3)}
    assert table.output_shape(Shape((3, 9, 9))) == (2, 9, 9)
    assert table.summary() == "2 @ 3x3 · 3 links · stride 1 · same · ReLU"
    assert table == TableConv2D(3, ((0, 2), (1,)), padding="same", bias=False, activation="relu")
    assert isinstance(hash(table), int)


def test_a_link_to_a_map_that_is_not_there() -> None:
    with pytest.raises(SizeError) as caught:
        TableConv2D(5).output_shape(Shape((4, 14, 14)))
    assert str(caught.value) == (
        "its table links to map 5, counted from 0, so it needs at least 6 maps, but gets 4; use 6 "
        "filters before it, or another table"
    )


@pytest.mark.parametrize(
    "table", [[], [[]], [[0], []], [[1, 1]], [[-1]], [[4096]], [[0.5]], [["0"]], [0, 1], [[True]]]
)
def test_tables_that_are_none(table: object) -> None:
    with pytest.raises(SettingError) as caught:
        TableConv2D(3, table)
    assert str(caught.value).startswith(
        "Table must be a list of map numbers from 0 to 4,095 for each filter, or lenet5, not "
    )
