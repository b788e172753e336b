"""The session's edits of blocks inside blocks, without a window."""

from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, Parallel, Residual
from cnnstudio.network import Network
from cnnstudio.ui.document.insertion import put_after_selection
from cnnstudio.ui.document.session import Session

A, B, C = (Conv2D(n, 3, padding=1) for n in (1, 2, 3))
NESTED = Network((Input(), A, Residual((A, B)), Parallel(((A,), ())), FullyConnected(10)))


def test_an_inner_block_is_inserted_moved_and_deleted_with_names(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(NESTED)
    session.insert_at((2, 0, 1), C)
    assert session.selected_path == (2, 0, 1)
    assert session.selected_blocks == (C,)
    assert session.history.undo_words == "Insert CONV 2 into RESIDUAL 1"
    session.move_to([(2, 0, 1)], (3, 1, 0))
    assert session.selected_path == (3, 1, 0)
    assert session.history.undo_words == "Move CONV 2 of RESIDUAL 1 into branch 2 of PARALLEL 1"
    session.move_to([(3, 1, 0)], (1,))
    assert session.selected_path == (1,)
    assert session.network.blocks[1] is C
    session.move_to([(1,), (2,)], (3, 0, 0))
    assert session.selected_paths == ((1, 0, 0), (1, 0, 1))
    assert session.history.undo_words == "Move 2 blocks into RESIDUAL 1"
    session.select_path((1, 0, 0))
    session.remove_selected()
    assert session.history.undo_words == "Delete CONV 1 of RESIDUAL 1"
    assert session.selected_path == (1, 0, 0)
    for _ in range(5):
        session.undo()
    assert session.network == NESTED


def test_what_is_inserted_after_an_inner_selection_goes_into_its_row(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(NESTED)
    session.select_path((2, 0, 0))
    put_after_selection(session, C)
    assert session.network.blocks[2] == Residual((A, C, B))
    assert session.selected_path == (2, 0, 1)
    session.select((2,))
    assert session.selected_path == (2,)
    session.select_path((2, 0, 9))
    assert session.selected_path == (2,)


def test_an_inner_selection_goes_with_its_block(
    open_session: Callable[[Network], Session], qtbot: QtBot
) -> None:
    session = open_session(NESTED)
    session.select_path((2, 0, 1))
    with qtbot.waitSignal(session.selection_changed):
        session.apply(Network((Input(), A, Residual((A,)), FullyConnected(10))), "Shrink")
    assert session.selected_path == (2,)


def test_the_last_inner_block_stays_and_a_sentence_says_why(
    open_session: Callable[[Network], Session], qtbot: QtBot
) -> None:
    session = open_session(Network((Input(), Residual((A,)))))
    session.select_path((1, 0, 0))
    with qtbot.waitSignal(session.noticed) as told:
        session.remove_selected()
    assert told.args[0].sentence.startswith("RESIDUAL 1 needs a block in its row")
    assert session.selected_path == (1, 0, 0)
    assert not session.modified


# ---- several at once

ROWS = Network((Input(), A, Residual((A, B, C)), Parallel(((A, B), (C,))), FullyConnected(10)))


def test_several_blocks_of_one_row_are_selected(open_session: Callable[[Network], Session]) -> None:
    session = open_session(ROWS)
    session.select_paths([(2, 0, 2), (2, 0, 0), (2, 0, 9)])
    assert session.selected_paths == ((2, 0, 0), (2, 0, 2))
    assert session.selected_path is None
    assert session.selection == (2,), "what holds them"
    assert session.selected_blocks == (A, C)


def test_blocks_of_several_rows_are_selected_by_what_holds_them(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(ROWS)
    session.select_paths([(2, 0, 2), (3,)])
    assert session.selected_paths == ((2,), (3,))
    session.select_paths([(3, 0, 1), (3, 1, 0)])
    assert session.selected_paths == ((3,),)


def test_toggling_keeps_to_one_row(open_session: Callable[[Network], Session]) -> None:
    session = open_session(ROWS)
    session.toggle((2, 0, 1))
    session.toggle((2, 0, 0))
    assert session.selected_paths == ((2, 0, 0), (2, 0, 1))
    session.toggle((2, 0, 1))
    assert session.selected_path == (2, 0, 0)
    session.toggle((3, 0, 0))
    assert session.selected_path == (3, 0, 0), "of another row it is alone"
    session.toggle((3, 0, 0))
    assert session.selected_paths == ()


def test_select_all_takes_the_row_and_then_that_around_it(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(ROWS)
    session.select_all()
    assert session.selection == (1, 2, 3, 4)
    session.select_path((3, 0, 1))
    session.select_all()
    assert session.selected_paths == ((3, 0, 0), (3, 0, 1))
    session.select_all()
    assert session.selection == (1, 2, 3, 4)
    session.select_all()
    assert session.selection == (1, 2, 3, 4)


def test_several_inner_blocks_are_moved_and_deleted_in_one_step(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(ROWS)
    session.move_to([(2, 0, 0), (2, 0, 2)], (3, 1, 0))
    assert session.network.blocks[2:4] == (Residual((B,)), Parallel(((A, B), (A, C, C))))
    assert session.selected_paths == ((3, 1, 0), (3, 1, 1))
    words = "Move 2 blocks of RESIDUAL 1 into branch 2 of PARALLEL 1"
    assert session.history.undo_words == words
    session.remove_selected()
    assert session.history.undo_words == "Delete 2 blocks of branch 2 of PARALLEL 1"
    assert session.network.blocks[3] == Parallel(((A, B), (C,)))
    assert session.selected_path == (3, 1, 0)
    session.remove_selected()
    assert session.network.blocks[3] == Parallel(((A, B), ()))
    assert session.selected_path == (3,), "the row is empty: what holds it"
    for _ in range(3):
        session.undo()
    assert session.network == ROWS


def test_not_all_blocks_of_a_residual_can_go(
    open_session: Callable[[Network], Session], qtbot: QtBot
) -> None:
    session = open_session(ROWS)
    session.select_path((2, 0, 0))
    session.select_all()
    with qtbot.waitSignal(session.noticed) as told:
        session.remove_selected()
    assert told.args[0].sentence.startswith("RESIDUAL 1 needs a block in its row")
    assert session.selected_paths == ((2, 0, 0), (2, 0, 1), (2, 0, 2))
    assert session.network == ROWS


def test_of_several_inner_blocks_those_that_stay_stay_selected(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(ROWS)
    session.select_paths([(2, 0, 0), (2, 0, 2)])
    session.apply(Network((Input(), A, Residual((A, B)), FullyConnected(10))), "Shrink")
    assert session.selected_path == (2, 0, 0)
