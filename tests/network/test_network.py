"""The immutable document and its history."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import Conv2D, Dropout, Flatten, FullyConnected, Input, MaxPool2D
from cnnstudio.errors import NetworkError
from cnnstudio.network import History, Network

CONV, POOL, FC = Conv2D(6, 5), MaxPool2D(), FullyConnected(10)
NET = Network((Input(), CONV, POOL, FC))


def test_names_count_by_family() -> None:
    net = Network((Input(), CONV, POOL, CONV, Flatten(), FC, Dropout(), FC))
    assert net.keys == ("input", "conv1", "pool1", "conv2", "flatten1", "fc1", "dropout1", "fc2")
    assert net.names[:4] == ("INPUT", "CONV 1", "POOL 1", "CONV 2")


def test_edits_return_a_new_network() -> None:
    assert NET.insert(1, FC).blocks == (Input(), FC, CONV, POOL, FC)
    assert NET.insert(4, POOL, POOL).blocks[4:] == (POOL, POOL)
    assert NET.remove(1, 3).blocks == (Input(), POOL)
    assert NET.replace(1, POOL).blocks[1] == POOL
    assert NET.blocks == (Input(), CONV, POOL, FC)


@pytest.mark.parametrize(
    ("indices", "index", "expected"),
    [
        (1, 4, (Input(), POOL, FC, CONV)),
        (3, 1, (Input(), FC, CONV, POOL)),
        ((1, 2), 4, (Input(), FC, CONV, POOL)),
        ((3, 1), 2, (Input(), CONV, FC, POOL)),
        (2, 2, (Input(), CONV, POOL, FC)),
        (2, 3, (Input(), CONV, POOL, FC)),
    ],
)
def test_move(indices: object, index: int, expected: tuple[object, ...]) -> None:
    assert NET.move(indices, index).blocks == expected


@pytest.mark.parametrize(
    "edit",
    [
        lambda: NET.insert(0, CONV),
        lambda: NET.insert(5, CONV),
        lambda: NET.insert(1, Input()),
        lambda: NET.remove(0),
        lambda: NET.remove(4),
        lambda: NET.move(0, 2),
        lambda: NET.move(1, 0),
        lambda: NET.replace(0, CONV),
        lambda: NET.replace(9, CONV),
        lambda: Network(()),
        lambda: Network((CONV,)),
        lambda: Network((Input(), "conv")),
    ],
)
def test_impossible_edits_are_refused_with_a_sentence(edit: object) -> None:
    with pytest.raises(NetworkError, match=r"\.$"):
        edit()


@given(st.lists(st.integers(0, 30), max_size=30))
def test_undoing_everything_gives_the_start(units: list[int]) -> None:
    history = History.start(0)
    for number in units:
        history = history.record(number, f"set {number}")
    last = history.document
    while history.undo_words is not None:
        history = history.undo()
    assert history.document == 0
    while history.redo_words is not None:
        history = history.redo()
    assert history.document == last


def test_a_gesture_is_one_step_and_undone_steps_are_forgotten() -> None:
    history = History.start(0).record(1, "drag").record(2, "drag", merge=True)
    assert [step.document for step in history.steps] == [0, 2]
    history = history.undo().record(9, "type")
    assert history.redo_words is None
    assert [step.document for step in history.steps] == [0, 9]
    assert history.record(9, "again") is history


def test_steps_of_a_gesture_have_words_of_their_own() -> None:
    history = History.start(0).record(1, "0 to 1", kind="number")
    assert history.beginning("number") == 0
    assert history.beginning("letter") == 1
    history = history.record(2, "0 to 2", merge=True, kind="number")
    assert [step.words for step in history.steps[1:]] == ["0 to 2"]
    history = history.record(3, "2 to 3", merge=True, kind="letter")
    assert [step.words for step in history.steps[1:]] == ["0 to 2", "2 to 3"]


def test_several_steps_are_travelled_at_once() -> None:
    history = History.start(0)
    for number in range(1, 6):
        history = history.record(number, f"Step {number}")
    assert history.travel(-3).document == 2
    assert history.travel(-3).travel(2).document == 4
    assert (history.travel(-99).document, history.travel(99).document) == (0, 5)
    assert history.travel(-3).redo_words == "Step 3"
