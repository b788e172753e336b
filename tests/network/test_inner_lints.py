"""Warnings about blocks inside others: they name the block and its place, and repair the whole."""

from __future__ import annotations

import time

import pytest

from cnnstudio.blocks import (
    Activation,
    Block,
    Conv2D,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
)
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network import Network, Problem, check, inner
from cnnstudio.network.inner_report import inner_report, rows_inside

RELU = {"activation": "relu"}
FIRST = Conv2D(4, 3, padding=1, **RELU)
LINEAR, LAST = Conv2D(4, 3, padding=1), Conv2D(4, 3, padding=1, **RELU)
END = FullyConnected(10)

WIDE = MaxPool2D((1, 11), 1, (0, 5))
"""A pool wider than the maps of 8x8 that it gets."""

EXAMPLES: dict[str, tuple[Block, str, tuple[int, ...], str]] = {
    "linear pair": (
        Residual((LINEAR, LAST)),
        "CONV 2 in RESIDUAL 1 follows CONV 1 with no non-linear function between",
        (0, 1),
        "ReLU on CONV 1",
    ),
    "a branch": (
        Parallel(((LAST,), (LINEAR, LAST))),
        "CONV 2 in branch 2 of PARALLEL 1 follows CONV 1 with no non-linear function",
        (1, 1),
        "ReLU on CONV 1",
    ),
    "idle activation": (
        Residual((LAST, Activation("relu"))),
        "ACT 1 in RESIDUAL 1 changes nothing",
        (0, 1),
        "inner ACT 1, remove it",
    ),
    "wide pool": (
        Parallel(((LAST,), (WIDE,))),
        "POOL 1 in branch 2 of PARALLEL 1 looks at maps of 8x8 through a window of 1x11",
        (1, 0),
        "inner POOL 1, kernel 1x8, pad 0",
    ),
    "idle weights": (
        Residual((Conv2D(4, 17, padding="same", **RELU),)),
        "CONV 1 in RESIDUAL 1 has 64 of the 289 weights of each kernel on nothing but padding",
        (0, 0),
        "inner CONV 1, kernel 15, pad 7",
    ),
    "unlinked maps": (
        Residual((TableConv2D(3, [[0], [1], [1], [2]], padding=1, **RELU),)),
        "CONV 1 in RESIDUAL 1 looks at 3 of the 4 maps that it gets",
        (0, 0),
        "inner CONV 1, link the other map",
    ),
    "deeper": (
        Parallel(((Residual((LINEAR, LAST)),), (LAST,))),
        "CONV 2 in RESIDUAL 1 in branch 1 of PARALLEL 1 follows CONV 1 with no non-linear",
        (0, 0, 0, 1),
        "ReLU on CONV 1",
    ),
}


def network(block: Block) -> Network:
    return Network((Input(1, 8, 8), FIRST, block, END))


def about_inner(network: Network) -> list[tuple[int, Problem]]:
    found = check(network, 10).problems
    return [(at, each) for at, each in found if each.path and each.severity == "warning"]


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "wide pool"])
def test_a_warning_names_the_inner_block_and_its_repair_takes_it_away(name: str) -> None:
    block, words, path, repair = EXAMPLES[name]
    whole = network(block)
    ((place, problem),) = about_inner(whole)
    assert (place, problem.severity, problem.path) == (2, "warning", path)
    assert problem.message.startswith(words)
    assert problem.message.endswith(".")
    assert inner.name(whole, (place, *path)) == words.partition(" in ")[0]
    assert repair in [each.change for each in problem.repairs]
    for each in problem.repairs:
        mended = each.apply(whole)
        assert check(mended, 10).ok
        assert about_inner(mended) == []


def test_a_repair_with_which_the_rows_no_longer_join_is_not_offered() -> None:
    block, words, path, _ = EXAMPLES["wide pool"]
    ((_, problem),) = about_inner(network(block))
    assert problem.message.startswith(words)
    assert problem.path == path
    assert problem.repairs == ()  # a narrower window would leave narrower maps than its neighbour


def test_the_only_block_of_a_row_is_not_taken_out() -> None:
    block = Residual((Residual((LAST, Activation("relu"))),))
    ((_, problem),) = about_inner(network(block))
    (repair,) = problem.repairs
    (changed,) = repair.blocks
    assert changed == Residual((Residual((LAST,)),))


@pytest.mark.parametrize(
    "block",
    [tile.block for group in PALETTE for tile in group.tiles if isinstance(tile.block, Residual)]
    + [tile.block for group in PALETTE for tile in group.tiles if isinstance(tile.block, Parallel)]
    + [Residual((LAST, LINEAR)), Parallel(((LINEAR,), (LAST,)))],
)
def test_good_rows_are_left_alone(block: Block) -> None:
    assert about_inner(network(block)) == []


def test_a_block_that_does_not_fit_has_no_warnings_yet() -> None:
    assert about_inner(network(Residual((LINEAR, Conv2D(4, 40))))) == []


def test_a_check_asks_about_unchanged_rows_only_once() -> None:
    blocks = [block for name, (block, *_) in EXAMPLES.items() if name != "wide pool"] * 8
    whole = Network((Input(1, 8, 8), FIRST, *blocks, END))
    check(whole, 10)
    begin = time.perf_counter()
    for _ in range(10):
        check(whole, 10)
    assert (time.perf_counter() - begin) / 10 < 0.02


MISFITS: dict[str, tuple[Block, tuple[int, ...]]] = {
    "in a row": (Residual((LAST, WIDE, Conv2D(4, 3, stride=2), LAST)), (0, 2)),
    "in a branch": (Parallel(((LAST,), (), (Conv2D(4, 9),))), (2, 0)),
    "in a row in a branch": (
        Parallel(((LAST,), (LAST, Residual((LAST, Conv2D(4, 5, stride=2)))))),
        (1, 1, 0, 1),
    ),
    "the sum alone": (Residual((Conv2D(4, 3), Conv2D(4, 3, padding=1))), ()),
    "the stack alone": (Parallel(((LAST,), (MaxPool2D(),))), ()),
}


@pytest.mark.parametrize("example", list(MISFITS))
def test_a_misfit_inside_says_where_it_is(example: str) -> None:
    block, path = MISFITS[example]
    entry = check(network(block), 10).blocks[2]
    (problem,) = entry.problems
    assert problem.severity == "error"
    assert problem.path == path
    assert ("inside it" in problem.message) == bool(path)


def test_a_block_inside_another_one_tells_its_own_warnings() -> None:
    report = check(network(Residual((LINEAR, LAST))), 10)
    entry, _ = inner_report(report, (2, 0, 1))
    (problem,), (outer,) = entry.problems, report.blocks[2].problems
    assert problem.message.startswith("CONV 2 follows CONV 1 with no non-linear function")
    assert outer.message == problem.message.replace("CONV 2", "CONV 2 in RESIDUAL 1", 1)
    assert (problem.path, problem.kind) == ((), outer.kind)
    assert problem.repairs == outer.repairs != ()
    assert inner_report(report, (2, 0, 0))[0].problems == ()
    assert inner_report(report, (2,))[0].problems == report.blocks[2].problems


def test_every_block_on_the_way_to_an_unwise_one_tells_of_it() -> None:
    report = check(network(EXAMPLES["deeper"][0]), 10)
    ((holder,), (other,)) = rows_inside(report.blocks[2])
    ((first, second),) = rows_inside(holder)
    (problem,) = holder.problems
    assert problem.message.startswith("CONV 2 in RESIDUAL 1 in branch 1 of PARALLEL 1 follows")
    assert problem.path == (0, 1)
    assert [each.message.partition(" with")[0] for each in second.problems] == [
        "CONV 2 follows CONV 1"
    ]
    assert first.problems == other.problems == ()
    assert holder == inner_report(report, (2, 0, 0))[0]._replace(field=None)


def test_a_misfit_inside_is_an_error_of_its_block_alone() -> None:
    entry = check(network(MISFITS["in a row in a branch"][0]), 10).blocks[2]
    _, (fits, holder) = rows_inside(entry)
    ((_, wrong),) = rows_inside(holder)
    assert [each.fits for each in (fits, holder, wrong)] == [True, False, False]
    assert wrong.problems[0].message.startswith("CONV 2 does not fit: (8 - 5) / 2 + 1 = 2.5")
