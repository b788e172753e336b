"""Blocks inside blocks: paths, edits across rows, and what is known about an inner row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Block,
    Conv2D,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
    Shape,
)
from cnnstudio.blocks.row import DEEPEST, MOST_BLOCKS, rows_of
from cnnstudio.errors import NetworkError
from cnnstudio.network import Network, inner

A, B, C = (Conv2D(n, 3, padding=1) for n in (1, 2, 3))
NORM, RELU = BatchNorm(), Activation("relu")
DEEP = Residual((A, Residual((B, C)), RELU))
NET = Network((Input(), A, DEEP, Parallel(((A,), (), (B, C))), FullyConnected(10)))


def test_a_path_leads_to_a_block() -> None:
    assert inner.block_at(NET, (2,)) is DEEP
    assert inner.block_at(NET, (2, 0, 0)) is A
    assert inner.block_at(NET, (2, 0, 1, 0, 1)) is C
    assert inner.block_at(NET, (3, 2, 0)) is B
    assert inner.row_at(NET, (3, 1, 0)) == ()


@pytest.mark.parametrize("path", [(9,), (1, 0, 0), (2, 1, 0), (2, 0, 3), (2, 0, 0, 0, 0), (-1,)])
def test_a_path_may_lead_nowhere(path: inner.Path) -> None:
    assert not inner.exists(NET, path)
    with pytest.raises(NetworkError, match="There is no"):
        inner.block_at(NET, path)


def test_names() -> None:
    assert inner.full_name(NET, (2,)) == "RESIDUAL 1"
    assert inner.full_name(NET, (2, 0, 0)) == "CONV 1 of RESIDUAL 1"
    assert inner.full_name(NET, (3, 2, 1)) == "CONV 2 of branch 3 of PARALLEL 1"
    assert inner.name(NET, (2, 0, 1, 0, 1)) == "CONV 2"
    assert inner.owner_name(NET, (1,)) == "the network"


def test_insert_and_remove_inside() -> None:
    grown = inner.insert(NET, (2, 0, 1, 0, 2), NORM)
    assert inner.row_at(grown, (2, 0, 1, 0, 0)) == (B, C, NORM)
    assert grown.blocks[1] is NET.blocks[1]
    assert grown.blocks[3] is NET.blocks[3], "what is not touched stays the same object"
    assert inner.remove(grown, (2, 0, 1, 0, 2)) == NET
    assert inner.insert(NET, (3, 1, 0), NORM, RELU).blocks[3] == Parallel(
        ((A,), (NORM, RELU), (B, C))
    )


def test_replace_inside_keeps_the_others() -> None:
    changed = inner.replace(NET, (3, 2, 0), NORM)
    assert inner.row_at(changed, (3, 2, 0)) == (NORM, C)
    assert inner.block_at(changed, (3, 2, 1)) is C


@pytest.mark.parametrize(
    ("paths", "target", "landing", "row"),
    [
        ([(2, 0, 0)], (2, 0, 3), (2, 0, 2), (Residual((B, C)), RELU, A)),
        ([(2, 0, 2)], (2, 0, 0), (2, 0, 0), (RELU, A, Residual((B, C)))),
        ([(1,)], (2, 0, 1), (1, 0, 1), (A, A, Residual((B, C)), RELU)),
        ([(3, 2, 1)], (3, 1, 0), (3, 1, 0), (C,)),
        (
            [(2, 0, 2)],
            (1,),
            (1,),
            (Input(), RELU, A, Residual((A, Residual((B, C))))),
        ),
        ([(1,), (4,)], (3, 0, 1), (2, 0, 1), (A, A, FullyConnected(10))),
        ([(2, 0, 0)], (2, 0, 1, 0, 2), (2, 0, 0, 0, 2), (B, C, A)),
    ],
)
def test_moves_across_rows(
    paths: list[inner.Path], target: inner.Path, landing: inner.Path, row: tuple[Block, ...]
) -> None:
    moved = inner.move(NET, paths, target)
    assert inner.landing(paths, target) == landing
    assert inner.block_at(moved, landing) is inner.block_at(NET, min(paths))
    assert inner.row_at(moved, landing)[: len(row)] == row


def test_edits_have_words() -> None:
    assert inner.insert_words(NET, (2, 0, 1), (A,)) == "Insert CONV 2 into RESIDUAL 1"
    assert (
        inner.insert_words(NET, (3, 1, 0), (A, B)) == "Insert 2 blocks into branch 2 of PARALLEL 1"
    )
    assert inner.move_words(NET, [(1,)], (2, 0, 0)) == "Move CONV 1 into RESIDUAL 1"
    assert inner.move_words(NET, [(2, 0, 0)], (1,)) == "Move CONV 1 of RESIDUAL 1 out"
    assert inner.move_words(NET, [(2, 0, 0)], (2, 0, 3)) == "Move CONV 1 of RESIDUAL 1"
    assert inner.move_words(NET, [(1,), (4,)], (2, 0, 0)) == "Move 2 blocks into RESIDUAL 1"


def test_a_block_cannot_go_into_itself() -> None:
    with pytest.raises(NetworkError, match="RESIDUAL 1 cannot go into itself"):
        inner.move(NET, [(2,)], (2, 0, 0))


def test_the_last_block_of_a_residual_stays() -> None:
    lone = Network((Input(), Residual((A,))))
    for edit in (
        lambda: inner.remove(lone, (1, 0, 0)),
        lambda: inner.move(lone, [(1, 0, 0)], (2,)),
    ):
        with pytest.raises(NetworkError, match="RESIDUAL 1 needs a block in its row"):
            edit()
    assert inner.move(lone, [(1, 0, 0)], (1, 0, 1)) == lone


def test_the_input_stays_and_goes_in_nowhere() -> None:
    for edit in (
        lambda: inner.remove(NET, (0,)),
        lambda: inner.move(NET, [(0,)], (2, 0, 0)),
    ):
        with pytest.raises(NetworkError, match="Input block stays"):
            edit()
    assert inner.replace(NET, (0,), Input(pad=2)).input == Input(pad=2)


def test_rows_are_neither_too_deep_nor_too_long() -> None:
    network, path = Network((Input(), Residual((A,)))), (1, 0, 0)
    for _ in range(DEEPEST - 1):
        network = inner.replace(network, path, Residual((A,)))
        path = (*path, 0, 0)
    with pytest.raises(NetworkError, match=f"at most {DEEPEST} deep"):
        inner.replace(network, path, Residual((A,)))
    with pytest.raises(NetworkError, match=f"at most {MOST_BLOCKS} blocks"):
        inner.insert(NET, (2, 0, 0), *[A] * MOST_BLOCKS)


def _paths(row: tuple[Block, ...], before: inner.Path = ()) -> list[inner.Path]:
    found = []
    for place, block in enumerate(row):
        path = (*before, place)
        found.append(path)
        for number, each in enumerate(rows_of(block)):
            found += _paths(each, (*path, number))
    return found


@given(st.data())
def test_a_move_loses_nothing_and_lands_where_it_says(data: st.DataObject) -> None:
    paths = [path for path in _paths(NET.blocks) if path != (0,)]
    source = data.draw(st.sampled_from(paths))
    target = data.draw(st.sampled_from(paths))
    taken = inner.block_at(NET, source)
    try:
        moved = inner.move(NET, [source], target)
    except NetworkError:
        assert target[: len(source)] == source
        return
    assert inner.block_at(moved, inner.landing([source], target)) is taken
    for path in paths:
        if path[: len(source)] != source and len(rows_of(inner.block_at(NET, path))) == 0:
            place = inner.after(path, [source], target, 1)
            assert inner.block_at(moved, place) is inner.block_at(NET, path)
    assert len(_paths(moved.blocks)) == len(_paths(NET.blocks))


def test_behind_a_block_that_does_not_fit_nothing_is_known() -> None:
    first, second, third = inner.row_report((A, MaxPool2D(3, 3), B), Shape((1, 7, 7)))
    assert (first.name, first.output_shape, first.parameters) == ("CONV 1", (1, 7, 7), 10)
    assert second.problems[0].message.startswith("POOL 1 does not fit: (7 - 3) / 3 + 1 = 2.33")
    assert second.output_shape is None
    assert (third.input_shape, third.output_shape, third.problems) == (None, None, ())
    assert inner.row_report((A,), None)[0].output_shape is None


# ---- several at once


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ((), ()),
        (((2, 0, 1),), ((2, 0, 1),)),
        (((3,), (1,)), ((1,), (3,))),
        (((2, 0, 1), (2, 0, 0)), ((2, 0, 0), (2, 0, 1))),
        (((2, 0, 1, 0, 0), (2, 0, 0)), ((2, 0, 0), (2, 0, 1))),
        (((3, 0, 0), (3, 1, 0)), ((3,),)),
        (((2, 0, 1, 0, 0), (3, 1, 0), (2,)), ((2,), (3,))),
    ],
)
def test_blocks_are_brought_into_one_row(
    paths: tuple[inner.Path, ...], expected: tuple[inner.Path, ...]
) -> None:
    assert inner.in_one_row(paths) == expected


def test_a_span_goes_either_way_and_over_what_holds_its_ends() -> None:
    assert inner.span((2, 0, 3), (2, 0, 1)) == ((2, 0, 1), (2, 0, 2), (2, 0, 3))
    assert inner.span((1,), (3, 1, 0)) == ((1,), (2,), (3,))
    assert inner.span((3, 0, 0), (3, 1, 1)) == ((3,),)
    assert inner.span((2,), (2,)) == ((2,),)


def test_what_remains_of_paths_or_else_what_held_them() -> None:
    assert inner.remaining(NET, [(1,), (99,)]) == ((1,),)
    assert inner.remaining(NET, [(2, 0, 98), (2, 0, 99)]) == ((2,),)
    assert inner.remaining(NET, [(2, 0, 1, 0, 99)]) == ((2, 0, 1),)
    assert inner.remaining(NET, [(99,)]) == ()
    assert inner.remaining(NET, []) == ()
