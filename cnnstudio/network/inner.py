"""Blocks inside blocks: a path leads to each, and every edit returns a new network.

A path is ``(index, row, place[, row, place ...])``: the block at `index` of the network, of its
rows the one with the number `row`, of that row the block at `place`, and so on. A path of one
number is a block of the network itself, so that the edits here work across all rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from cnnstudio.blocks import Block
from cnnstudio.blocks.row import (
    DEEPEST,
    MOST_BLOCKS,
    Blocks,
    Row,
    depth,
    keys,
    name_of,
    rows_of,
    with_rows,
)
from cnnstudio.errors import NetworkError
from cnnstudio.network.check import row_report as row_report  # what is known about a row
from cnnstudio.network.network import Network

Path = tuple[int, ...]


def row_at(network: Network, path: Path) -> Blocks:
    """The row that the place `path` belongs to; raises NetworkError where there is none."""
    row = network.blocks
    for index, number in zip(path[:-1:2], path[1::2], strict=True):
        rows = rows_of(row[index]) if 0 <= index < len(row) else ()
        if not 0 <= number < len(rows):
            raise NetworkError(f"There is no row at {path} of the network.")
        row = rows[number]
    return row


def block_at(network: Network, path: Path) -> Block:
    """The block at `path`; raises NetworkError where there is none."""
    row = row_at(network, path)
    if not 0 <= path[-1] < len(row):
        raise NetworkError(f"There is no block at {path} of the network.")
    return row[path[-1]]


def exists(network: Network, path: Path) -> bool:
    """Whether a block is at `path`."""
    try:
        block_at(network, path)
    except NetworkError:
        return False
    return True


def name(network: Network, path: Path) -> str:
    """The block's name in its row, such as "CONV 1"."""
    if len(path) == 1:
        return network.names[path[0]]
    return name_of(keys(row_at(network, path))[path[-1]])


def owner_name(network: Network, path: Path) -> str:
    """The name of what holds the row of `path`: "RESIDUAL 1", "branch 2 of PARALLEL 1"."""
    if len(path) == 1:
        return "the network"
    owner = path[:-2]
    words = name(network, owner)
    several = len(rows_of(block_at(network, owner))) > 1
    return f"branch {path[-2] + 1} of {words}" if several else words


def full_name(network: Network, path: Path) -> str:
    """The block's name with that of what holds it: "CONV 1 of RESIDUAL 1"."""
    own = name(network, path)
    return own if len(path) == 1 else f"{own} of {owner_name(network, path)}"


# ---- several at once: blocks of one row


def in_one_row(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The blocks of one row that stand at `paths` or hold what stands there, in their order.

    It is the innermost row that all of them are in.
    """
    found = set(paths)
    lengths = range(min(map(len, found), default=0), 0, -2)
    length = next((n for n in lengths if len({path[: n - 1] for path in found}) == 1), 0)
    return tuple(sorted({path[:length] for path in found}))


def span(first: Path, last: Path) -> tuple[Path, ...]:
    """The blocks from one to another, in the innermost row that both are in."""
    ends = in_one_row((first, last))
    return run(ends[0], ends[-1][-1] - ends[0][-1] + 1)


def run(path: Path, count: int) -> tuple[Path, ...]:
    """So many places of a row from `path` on."""
    return tuple((*path[:-1], place) for place in range(path[-1], path[-1] + count))


def remaining(network: Network, paths: Sequence[Path]) -> tuple[Path, ...]:
    """Those of `paths` where a block is; if there is none, what held the first and is there."""
    there = tuple(path for path in paths if exists(network, path))
    holders = [paths[0][:end] for end in range(len(paths[0]) - 2, 0, -2)] if paths else []
    return there or tuple(path for path in holders if exists(network, path))[:1]


# ---- edits and their words


def insert(network: Network, path: Path, *blocks: Block) -> Network:
    """`blocks` put in before `path`; raises NetworkError where they cannot stand."""
    return _edited(network, _Change(frozenset(), path, blocks))


def remove(network: Network, *paths: Path) -> Network:
    """The network without the blocks at `paths`; raises NetworkError where one has to stay."""
    for path in paths:
        block_at(network, path)
    return _edited(network, _Change(frozenset(paths), None, ()))


def replace(network: Network, path: Path, *blocks: Block) -> Network:
    """`blocks` in place of the one at `path`."""
    block_at(network, path)
    return _edited(network, _Change(frozenset((path,)), path, blocks))


def move(network: Network, paths: Collection[Path], target: Path) -> Network:
    """The blocks at `paths`, in their order, taken out and put before `target`.

    `target` counts in the present network. Raises NetworkError where they cannot stand.
    """
    for path in paths:
        if target[: len(path)] == path and len(target) > len(path):
            raise NetworkError(f"{full_name(network, path)} cannot go into itself.")
    taken = tuple(block_at(network, path) for path in sorted(paths))
    return _edited(network, _Change(frozenset(paths), target, taken))


def landing(paths: Collection[Path], target: Path) -> Path:
    """Where the first of the blocks stands that `move` takes from `paths` to `target`."""
    moved = list(target)
    for level in range(0, len(target), 2):
        before = target[:level]
        moved[level] -= sum(
            1
            for path in paths
            if len(path) == level + 1 and path[:level] == before and path[level] < target[level]
        )
    return tuple(moved)


def after(path: Path, gone: Collection[Path], target: Path | None, count: int) -> Path:
    """Where the block at `path` stands when those at `gone` are out and `count` at `target` in."""
    if target is None:
        return landing(gone, path)
    moved, level = list(landing(gone, path)), len(target) - 1
    if len(path) > level and path[:level] == target[:level] and path[level] >= target[level]:
        moved[level] += count
    return tuple(moved)


def called(network: Network, paths: Collection[Path]) -> str:
    """Blocks in the name of a step: "CONV 1 of RESIDUAL 1", "3 blocks of RESIDUAL 1"."""
    first = min(paths)
    if len(paths) == 1:
        return full_name(network, first)
    is_inside = len(first) > 1 and len({path[:-1] for path in paths}) == 1
    return f"{len(paths)} blocks{f' of {owner_name(network, first)}' if is_inside else ''}"


def insert_words(
    network: Network, path: Path, blocks: Blocks, verb: str = "Insert", name: str = ""
) -> str:
    """Such as "Insert CONV 2" or "Insert CONV 1 into RESIDUAL 1".

    Without a `name` a block is called as it will be once it is there.
    """
    new = name_of(keys((*row_at(network, path)[: path[-1]], blocks[0]))[-1])
    what = name or (new if len(blocks) == 1 else f"{len(blocks)} blocks")
    where = "" if len(path) == 1 else f" into {owner_name(network, path)}"
    return f"{verb} {what}{where}"


def move_words(network: Network, paths: Collection[Path], target: Path) -> str:
    """Such as "Move CONV 1 into RESIDUAL 1" or "Move CONV 1 of RESIDUAL 1"."""
    what = called(network, paths)
    if {path[:-1] for path in paths} == {target[:-1]}:
        return f"Move {what}"
    where = owner_name(network, target)
    return f"Move {what} {'out' if len(target) == 1 else f'into {where}'}"


@dataclass(frozen=True)
class _Change:
    """What an edit takes out and puts in, in places of the network before it."""

    gone: frozenset[Path]
    target: Path | None
    put: Blocks

    @cached_property
    def touched(self) -> frozenset[Path]:
        """The blocks inside which something happens."""
        places = (*self.gone, *(() if self.target is None else (self.target,)))
        return frozenset(each[:end] for each in places for end in range(1, len(each), 2))


def _edited(network: Network, change: _Change) -> Network:
    if (0,) in change.gone and (change.target, len(change.put)) != ((0,), 1):
        raise NetworkError("The Input block stays at the beginning.")
    if change.target is not None:
        _check_target(network, change)
    return Network(tuple(_row(network, network.blocks, (), change)))


def _check_target(network: Network, change: _Change) -> None:
    assert change.target is not None
    row = row_at(network, change.target)
    if not 0 <= change.target[-1] <= len(row):
        raise NetworkError(f"There is no place {change.target} in the network.")
    deepest = max(map(depth, change.put), default=0)
    if len(change.target) // 2 + deepest > DEEPEST:
        raise NetworkError(f"That is too deep: rows stand at most {DEEPEST} deep in rows.")


def _row(network: Network, row: Blocks, before: Path, change: _Change) -> Iterator[Block]:
    """The blocks of the row whose places begin with `before`, after the change."""
    for place, block in enumerate(row):
        path = (*before, place)
        if path == change.target:
            yield from change.put
        if path not in change.gone:
            yield _block(network, block, path, change) if path in change.touched else block
    if change.target == (*before, len(row)):
        yield from change.put


def _block(network: Network, block: Block, path: Path, change: _Change) -> Block:
    rows = [
        tuple(_row(network, row, (*path, number), change))
        for number, row in enumerate(rows_of(block))
    ]
    minima = [s.minimum for s in block.declarations().values() if isinstance(s, Row)]
    needed = min(minima, default=0)
    if any(len(row) < needed for row in rows):
        raise NetworkError(
            f"{full_name(network, path)} needs a block in its row: delete it as a whole, or put "
            "another block in first."
        )
    if any(len(row) > MOST_BLOCKS for row in rows):
        raise NetworkError(f"A row in a block takes at most {MOST_BLOCKS} blocks.")
    return with_rows(block, rows)
