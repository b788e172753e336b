"""Rows of blocks: their names, their walk from size to size, and the settings that hold rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cnnstudio.blocks.block import Block, Family, Reach, Shape, Step
from cnnstudio.blocks.settings import Setting
from cnnstudio.errors import SizeError

Blocks = tuple[Block, ...]

MOST_BLOCKS = 100
MOST_ROWS = 16
DEEPEST = 6
"""How deep rows may stand in rows: more than anybody draws, few enough for every recursion."""


class Entry(NamedTuple):
    """A block at its place in a row: its key, such as "conv1", and the sizes around it."""

    key: str
    block: Block
    input_shape: Shape
    output_shape: Shape


def keys(blocks: Iterable[Block]) -> tuple[str, ...]:
    """The blocks' names in parameters and files, such as "conv1"; counted from 1 by stem."""
    counts: dict[str, int] = {}
    found = []
    for block in blocks:
        counts[block.stem] = counts.get(block.stem, 0) + 1
        found.append("input" if block.stem == "input" else f"{block.stem}{counts[block.stem]}")
    return tuple(found)


@lru_cache(maxsize=4096)
def name_of(key: str) -> str:
    """The name for people of the block with `key`: "branch2.conv1" is "BRANCH 2 CONV 1"."""
    stems = ((part, part.rstrip("0123456789")) for part in key.split("."))
    return " ".join(f"{stem.upper()} {part[len(stem) :]}".strip() for part, stem in stems)


@lru_cache(maxsize=4096)
def walk(blocks: Blocks, shape: Shape, prefix: str = "") -> tuple[Entry, ...]:
    """Every block of a row that gets `shape`; raises SizeError naming the one that does not fit.

    The keys begin with `prefix`, such as "branch1.".
    """
    entries = []
    for name, block in zip(keys(blocks), blocks, strict=True):
        key = f"{prefix}{name}"
        try:
            output = block.output_shape(shape)
        except SizeError as error:
            raise SizeError(f"inside it, {name_of(key)}: {error}") from error
        entries.append(Entry(key, block, shape, output))
        shape = output
    return tuple(entries)


def reach_of(entries: Iterable[Entry]) -> Reach | None:
    """The window that one output of a row looks through; None when it is only its own place."""
    extents: list[Step] = [1, 1]
    steps: list[Step] = [1, 1]
    windows = [entry.block.reach(entry.input_shape) for entry in entries]
    if not any(windows):
        return None
    for window in filter(None, windows):
        for axis in (0, 1):
            extents[axis] += (window.extent[axis] - 1) * steps[axis]
            steps[axis] *= window.stride[axis]
    rows, columns = (-int(-extent // 1) for extent in extents)
    return Reach((rows, columns), (steps[0], steps[1]))


def depth(block: Block) -> int:
    """How deep rows stand in rows in `block`; 0 for one that holds none."""
    inner = [1 + depth(each) for row in block.values().values() for each in _blocks_in(row)]
    return max(inner, default=0)


def _blocks_in(value: object) -> Iterator[Block]:
    if isinstance(value, Block):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _blocks_in(part)


@dataclass(frozen=True, kw_only=True)
class Row(Setting):
    """A row of blocks, from `minimum` blocks up."""

    minimum: int = 0

    def read(self, value: object) -> Blocks:
        """Return `value` as a tuple of blocks; raises SettingError for anything else."""
        expected = f"a row of {self.minimum} to {MOST_BLOCKS} blocks without an Input"
        if not isinstance(value, (tuple, list)) or not self.minimum <= len(value) <= MOST_BLOCKS:
            raise self.refusal(expected, value)
        for block in value:
            if not isinstance(block, Block) or block.family is Family.INPUT:
                raise self.refusal(expected, value)
            if depth(block) >= DEEPEST:
                raise self.refusal(f"rows that stand at most {DEEPEST} deep in rows", value)
        return tuple(value)


@dataclass(frozen=True, kw_only=True)
class Rows(Setting):
    """Several rows of blocks side by side; an empty one hands its input on."""

    minimum: int = 1

    def read(self, value: object) -> tuple[Blocks, ...]:
        """Return `value` as a tuple of rows; raises SettingError for anything else."""
        if not isinstance(value, (tuple, list)) or not self.minimum <= len(value) <= MOST_ROWS:
            raise self.refusal(f"{self.minimum} to {MOST_ROWS} rows of blocks", value)
        row = Row(label=self.label, help=self.help)
        return tuple(row.read(each) for each in value)


def rows_of(block: Block) -> tuple[Blocks, ...]:
    """The rows of blocks that `block` holds, in the order of its settings; none for most blocks."""
    found: list[Blocks] = []
    for name, several in _row_settings(type(block)):  # type: ignore[arg-type]  # it is hashable
        found += getattr(block, name) if several else (getattr(block, name),)
    return tuple(found)


@lru_cache(maxsize=64)
def _row_settings(kind: type[Block]) -> tuple[tuple[str, bool], ...]:
    """The settings of a type of block that hold rows, and whether each holds several."""
    settings = kind.declarations().items()
    return tuple((n, isinstance(s, Rows)) for n, s in settings if isinstance(s, (Row, Rows)))


def with_rows(block: Block, rows: Iterable[Blocks]) -> Block:
    """`block` with other rows; a setting of several rows takes all that its row settings leave."""
    left = list(rows)
    changes: dict[str, object] = {}
    for name, setting in block.declarations().items():
        if isinstance(setting, Row):
            changes[name] = left.pop(0)
        elif isinstance(setting, Rows):
            changes[name], left = tuple(left), []
    return block.with_values(**changes)
