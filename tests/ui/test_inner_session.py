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
    session.insert_inner((2, 0, 1), C)
    assert (session.selection, session.inner) == ((2,), (2, 0, 1))
    assert session.selected_blocks == (C,)
    assert session.history.undo_words == "Insert CONV 2 into RESIDUAL 1"
    session.move_to([(2, 0, 1)], (3, 1, 0))
    assert (session.selection, session.inner) == ((3,), (3, 1, 0))
    assert session.history.undo_words == "Move CONV 2 of RESIDUAL 1 into branch 2 of PARALLEL 1"
    session.move_to([(3, 1, 0)], (1,))
    assert (session.selection, session.inner) == ((1,), None)
    assert session.network.blocks[1] is C
    session.move_to([(1,), (2,)], (3, 0, 0))
    assert (session.selection, session.inner) == ((1,), (1, 0, 0))
    session.remove_selected()
    assert session.history.undo_words == "Delete CONV 1 of RESIDUAL 1"
    assert session.inner == (1, 0, 0)
    for _ in range(5):
        session.undo()
    assert session.network == NESTED


def test_what_is_inserted_after_an_inner_selection_goes_into_its_row(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(NESTED)
    session.select_inner((2, 0, 0))
    put_after_selection(session, C)
    assert session.network.blocks[2] == Residual((A, C, B))
    assert session.inner == (2, 0, 1)
    session.select((2,))
    assert session.inner is None
    session.select_inner((2, 0, 9))
    assert (session.selection, session.inner) == ((2,), None)


def test_an_inner_selection_goes_with_its_block(
    open_session: Callable[[Network], Session], qtbot: QtBot
) -> None:
    session = open_session(NESTED)
    session.select_inner((2, 0, 1))
    with qtbot.waitSignal(session.selection_changed):
        session.apply(Network((Input(), A, Residual((A,)), FullyConnected(10))), "Shrink")
    assert (session.selection, session.inner) == ((2,), None)


def test_the_last_inner_block_stays_and_a_sentence_says_why(
    open_session: Callable[[Network], Session], qtbot: QtBot
) -> None:
    session = open_session(Network((Input(), Residual((A,)))))
    session.select_inner((1, 0, 0))
    with qtbot.waitSignal(session.noticed) as told:
        session.remove_selected()
    assert told.args[0].sentence.startswith("RESIDUAL 1 needs a block in its row")
    assert session.inner == (1, 0, 0)
    assert not session.modified
