"""Splices of a row that make a block in it fit: its own settings, its neighbours, its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import NamedTuple

from cnnstudio.blocks import Block, Flatten, Input, Parallel, Shape, TableConv2D
from cnnstudio.blocks.row import Blocks, depth, keys, name_of, rows_of, with_rows
from cnnstudio.blocks.window import Windowed
from cnnstudio.errors import SettingError, SizeError
from cnnstudio.network.changes import (
    SEARCHED,
    Changed,
    changed_settings,
    keeping_size,
    padding_factor,
    searched,
    size_after,
)

IN_ROW = 0.2
"""What a change inside a block costs more than one of its own, in steps of a setting."""

BEFORE = 4.0
"""What a change of another block costs more: it changes what that block computes, too."""

MOST_JOINED = 3
"""How far settings are changed in search of rows whose ends can be joined."""

MOST_SECOND = 3
"""So many second steps are offered where one step inside a block is not enough."""

MOST_FIRST = 3
"""So many first steps are gone on from that leave only the ends of rows to be joined."""

REMOVED = 99.0
"""What it costs to remove a block: it is the last resort, and more so where it holds others."""

_BEFORE_SETTINGS = tuple(each for each in SEARCHED if each.name in ("kernel", "stride", "padding"))
_PAD = tuple(each for each in SEARCHED if each.name == "pad")


class Mending(NamedTuple):
    """A splice of a row; `cost` orders the offers, `size` is that of the mended block's output.

    `words` say what happens to the block at place `whose`, which is not always the mended one.
    """

    cost: float
    whose: int
    words: str
    place: int
    blocks: Blocks
    replaced: int
    size: Shape


def mendings(row: Blocks, index: int, start: Shape) -> list[Mending]:
    """Every smallest splice of `row`, which gets `start`, that makes block `index` fit; best first.

    The blocks before it fit, and do so after the splice as well.
    """
    shapes = _shapes(row[:index], start)
    if shapes is None:
        return []
    found = [
        Mending(change.cost, index, change.words, index, (change.block,), 1, change.size)
        for change in mended(row[index], shapes[-1])
    ]
    found += _moved(row, index, shapes)
    found += _before(row, index, shapes)
    found += _channels(row, index, shapes)
    found += _padded(row, index, shapes)
    removed = REMOVED + depth(row[index])
    found.append(Mending(removed, index, "remove it", index, (), 1, shapes[-1]))
    return _distinct(sorted(found, key=lambda each: each.cost))


def mended(block: Block, shape: Shape) -> list[Changed]:
    """Every smallest change of `block` alone, or of one inside it, that makes it fit `shape`."""
    found = list(changed_settings(block, shape, partial(size_after, shape=shape)))
    rows = rows_of(block)
    if rows:
        found += _inside(block, rows, shape)
    return sorted(found, key=lambda each: each.cost)


def first_misfit(row: Blocks, start: Shape) -> int | None:
    """The place of the first block that does not fit; None where all do."""
    shape = start
    for place, block in enumerate(row):
        size = size_after(block, shape)
        if size is None:
            return place
        shape = size
    return None


def _shapes(row: Blocks, start: Shape) -> list[Shape] | None:
    """The sizes before, between and after the blocks; None where one does not fit."""
    shapes = [start]
    for block in row:
        size = size_after(block, shapes[-1])
        if size is None:
            return None
        shapes.append(size)
    return shapes


def _distinct(found: Iterable[Mending]) -> list[Mending]:
    """Without those that come to the same row as a better one, or read the same."""
    splices, words, kept = set(), set(), []
    for each in found:
        splice, said = each[3:6], (each.whose, each.words)
        if splice not in splices and said not in words:
            kept.append(each)
        splices.add(splice)
        words.add(said)
    return kept


# ---- other blocks of the row


def _moved(row: Blocks, index: int, shapes: list[Shape]) -> Iterator[Mending]:
    """For a block that needs maps and stands behind what makes a row of them: the other order."""
    flat = next((i for i in range(index) if shapes[i + 1].is_flat and not shapes[i].is_flat), None)
    if flat is None or not shapes[index].is_flat:
        return
    name = name_of(keys(row)[flat])
    between, block = row[flat:index], row[index]
    size = size_after(block, shapes[flat])
    choices = [Changed(0.0, "", block, size)] if size else mended(block, shapes[flat])[:3]
    for cost, words, changed, after in choices:
        if _shapes(between, after) is not None:
            moved = f"move before {name}" + (f", {words}" if words else "")
            yield Mending(
                cost / 10, index, moved, flat, (changed, *between), 1 + len(between), after
            )
    if isinstance(row[flat], Flatten):
        rest = _shapes(row[flat + 1 : index + 1], shapes[flat])
        if rest is not None:
            kept = row[flat + 1 : index + 1]
            yield Mending(0.5, index, f"remove {name}", flat, kept, 1 + len(kept), rest[-1])


def _before(row: Blocks, index: int, shapes: list[Shape]) -> Iterator[Mending]:
    """The window of the block before, changed by one step."""
    place = index - 1
    while place > 0 and not isinstance(row[place], Windowed) and not shapes[place].is_flat:
        if shapes[place][1:] != shapes[place + 1][1:]:
            return
        place -= 1
    if place < 0 or not isinstance(row[place], Windowed) or shapes[index].is_flat:
        return
    between = row[place + 1 : index + 1]

    def fits(block: Block) -> Shape | None:
        sizes = _shapes((block, *between), shapes[place])
        return None if sizes is None else sizes[-1]

    for cost, words, block, size in searched(row[place], fits, _BEFORE_SETTINGS, 1):
        yield Mending(BEFORE + cost, place, words, place, (block,), 1, size)


def _channels(row: Blocks, index: int, shapes: list[Shape]) -> Iterator[Mending]:
    """As many filters in the block before as the table or the groups of this one ask for."""
    block = row[index]
    wanted = [] if shapes[index].is_flat else _filters_for(block, shapes[index][0])
    place = next((i for i in range(index - 1, -1, -1) if "filters" in row[i].declarations()), None)
    if place is None or shapes[place + 1][0] != shapes[index][0]:
        return
    for filters in wanted:
        try:
            changed = row[place].with_values(filters=filters)
        except SettingError:
            continue
        sizes = _shapes((changed, *row[place + 1 : index + 1]), shapes[place])
        if sizes is not None:
            yield Mending(1.6, place, f"filters {filters}", place, (changed,), 1, sizes[-1])


def _filters_for(block: Block, channels: int) -> list[int]:
    if isinstance(block, TableConv2D):
        needed = 1 + max(maps[-1] for maps in block.links)
        return [needed] if channels < needed else []
    groups = getattr(block, "groups", 1)
    rest = channels % groups
    return [channels - rest, channels - rest + groups] if rest else []


def _padded(row: Blocks, index: int, shapes: list[Shape]) -> Iterator[Mending]:
    """Another padding of the picture with which this block and all before it fit."""
    first, rest = row[0], row[1 : index + 1]
    if index == 0 or not isinstance(first, Input) or shapes[index].is_flat:
        return

    def fits(block: Block) -> Shape | None:
        sizes = _shapes(rest, block.output_shape(shapes[0]))
        return None if sizes is None else sizes[-1]

    for cost, words, block, size in searched(first, fits, _PAD):
        cost = (2.0 + cost) * padding_factor(row[index], shapes[index])
        yield Mending(cost, 0, words, 0, (block,), 1, size)


# ---- rows inside a block


def _inside(block: Block, rows: tuple[Blocks, ...], shape: Shape) -> list[Changed]:
    misfits = [(number, first_misfit(row, shape)) for number, row in enumerate(rows)]
    broken = [(number, place) for number, place in misfits if place is not None]
    if not broken:
        return _joined(block, rows, shape)
    number, place = broken[0]
    steps: list[_Step] = []
    removals: list[_Step] = []
    for inner in mendings(rows[number], place, shape):
        changed = _with_row(block, rows, number, _spliced(rows[number], inner))
        if changed is not None:
            words = f"{_inner_name(rows, number, inner.whose)}, {inner.words}"
            (steps if inner.blocks else removals).append(_Step(inner.cost + IN_ROW, words, changed))
    steps += _keeping(block, rows, (number, place))
    found = _whole(steps, shape) or list(_alike(block, rows, shape))
    found = found or list(_continued(steps or removals, shape))
    return [*found, *_whole(removals, shape)]


class _Step(NamedTuple):
    """A change inside a block, which may not be enough to make the block fit."""

    cost: float
    words: str
    block: Block


def _whole(steps: Iterable[_Step], shape: Shape) -> list[Changed]:
    """Those of the `steps` that make the block fit."""
    sizes = ((step, size_after(step.block, shape)) for step in steps)
    return [Changed(*step, size) for step, size in sizes if size is not None]


def _continued(steps: list[_Step], shape: Shape) -> Iterator[Changed]:
    """The best second steps after those that do not make the block fit.

    A step that leaves misfits in rows is followed only where there is no other: each of them
    multiplies those to try.
    """
    joinable = (s for s in steps if all(first_misfit(row, shape) is None for row in rows_of(s[2])))
    for cost, words, block in list(islice(joinable, MOST_FIRST)) or steps[:1]:
        for second in mended(block, shape)[:MOST_SECOND]:
            yield second._replace(cost=cost + second.cost, words=f"{words}; {second.words}")


def _keeping(block: Block, rows: tuple[Blocks, ...], at: tuple[int, int]) -> Iterator[_Step]:
    """Stride and padding of a block inside with which it keeps the size, as most branches do."""
    number, place = at
    row = rows[number]
    change = keeping_size(row[place])
    if change is not None:
        cost, words, inner = change
        new = _with_row(block, rows, number, (*row[:place], inner, *row[place + 1 :]))
        if new is not None:
            yield _Step(cost + IN_ROW, f"{_inner_name(rows, number, place)}, {words}", new)


def _spliced(row: Blocks, each: Mending) -> Blocks:
    return (*row[: each.place], *each.blocks, *row[each.place + each.replaced :])


def _with_row(block: Block, rows: tuple[Blocks, ...], number: int, row: Blocks) -> Block | None:
    try:
        return with_rows(block, (*rows[:number], row, *rows[number + 1 :]))
    except SettingError:
        return None


def _inner_name(rows: tuple[Blocks, ...], number: int, place: int) -> str:
    name = name_of(keys(rows[number])[place])
    return f"BRANCH {number + 1} {name}" if len(rows) > 1 else f"inner {name}"


def _joined(block: Block, rows: tuple[Blocks, ...], shape: Shape) -> list[Changed]:
    """Changes with which the ends of rows that fit can be joined."""
    found = [*_alike(block, rows, shape), *_other_join(block, shape)]
    for number, row in enumerate(rows):
        for place, inner in enumerate(row):
            found += _joined_by(block, rows, (number, place), inner, shape)
            found += _whole(_keeping(block, rows, (number, place)), shape)
    return found


def _joined_by(
    block: Block, rows: tuple[Blocks, ...], at: tuple[int, int], inner: Block, shape: Shape
) -> Iterator[Changed]:
    number, place = at
    row = rows[number]
    whole: dict[Block, Block] = {}

    def fits(changed: Block) -> Shape | None:
        new = _with_row(block, rows, number, (*row[:place], changed, *row[place + 1 :]))
        if new is None:
            return None
        whole[changed] = new
        return size_after(new, shape)

    name = _inner_name(rows, number, place)
    for cost, words, changed, size in searched(inner, fits, farthest=MOST_JOINED):
        yield Changed(cost + IN_ROW, f"{name}, {words}", whole[changed], size)
    if place == _last_filters(row):
        for filters in _filters_of_others(rows, number):
            changed = inner.with_values(filters=filters)
            after = None if changed == inner else fits(changed)
            if after is not None:
                yield Changed(1.0 + IN_ROW, f"{name}, filters {filters}", whole[changed], after)


def _filters_of_others(rows: tuple[Blocks, ...], number: int) -> tuple[int, ...]:
    counts = []
    for other, row in enumerate(rows):
        last = _last_filters(row)
        if other != number and last is not None:
            counts.append(row[last].values()["filters"])
    return tuple(dict.fromkeys(counts))


def _last_filters(row: Blocks) -> int | None:
    places = [i for i, block in enumerate(row) if "filters" in block.declarations()]
    return places[-1] if places else None


def _alike(block: Block, rows: tuple[Blocks, ...], shape: Shape) -> Iterator[Changed]:
    """The same padding, rounding or stride for all windows inside."""
    for cost, words, values in _FOR_ALL:
        new = tuple(tuple(_with(inner, values) for inner in row) for row in rows)
        changed = with_rows(block, new)
        size = None if new == rows else size_after(changed, shape)
        if size is not None:
            yield Changed(cost, f"{words} inside", changed, size)


_FOR_ALL: tuple[tuple[float, str, dict[str, object]], ...] = (
    (0.9, "padding same", {"padding": "same"}),
    (1.0, "rounding floor", {"rounding": "floor"}),
    (1.1, "rounding ceil", {"rounding": "ceil"}),
    (6.0, "stride 1 and padding same", {"stride": 1, "padding": "same"}),
)
"""What is tried for all windows inside: cost, words, settings."""


def _with(block: Block, values: dict[str, object]) -> Block:
    """`block` with the settings, where it has windows and the settings can be those."""
    if not isinstance(block, Windowed):
        return block
    try:
        changed = block.with_values(**values)
        changed.windows()
    except (SettingError, SizeError):
        return block
    return changed


def _other_join(block: Block, shape: Shape) -> Iterator[Changed]:
    if isinstance(block, Parallel):
        other = "concat" if block.joins_by_sum else "sum"
        changed = block.with_values(join=other)
        size = size_after(changed, shape)
        if size is not None:
            words = "join by stacking" if other == "concat" else "join by adding"
            yield Changed(1.0, words, changed, size)
