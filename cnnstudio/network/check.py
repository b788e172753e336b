"""Live validation: the size, cost and problems of every block. Pure, fast, and never raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from cnnstudio.blocks import Block, Reach, Shape
from cnnstudio.blocks.field import Field
from cnnstudio.blocks.row import Blocks, keys, name_of, rows_of
from cnnstudio.blocks.settings import Size
from cnnstudio.errors import SizeError
from cnnstudio.network.lints import Lint, lints
from cnnstudio.network.network import Network
from cnnstudio.network.repair import Repair, repairs, size_words


@dataclass(frozen=True, eq=False)
class Problem:
    """Something wrong with a block (``error``: it cannot be computed) or unwise (``warning``).

    `find_repairs` is asked when somebody looks at the repairs, which takes longer than a check.
    """

    severity: str
    message: str
    find_repairs: Callable[[], tuple[Repair, ...]] = tuple
    kind: str = ""
    """What kind of warning it is, such as "shrinking"; see `lints`."""
    path: tuple[int, ...] = ()
    """Where it is in the rows of the block, as (row, place, ...); empty for the block itself."""
    sentence: str = ""
    """What a warning says behind the name of the block that it is about."""

    @cached_property
    def repairs(self) -> tuple[Repair, ...]:
        """Every single step that mends it, the best first."""
        return self.find_repairs()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Problem):
            return NotImplemented
        same = (self.severity, self.message) == (other.severity, other.message)
        return same and self.repairs == other.repairs

    def __hash__(self) -> int:
        return hash((self.severity, self.message))


class BlockReport(NamedTuple):
    """What is known about one block; sizes and counts are None behind a block that does not fit.

    `parameters` and `multiply_adds` are those of this block alone, for one image;
    `field` is the receptive field before it is rounded up to pixels, and the jump, behind this
    block. (A tuple, because a check makes hundreds of them.)
    """

    name: str
    key: str
    block: Block
    input_shape: Shape | None = None
    output_shape: Shape | None = None
    parameters: int | None = None
    multiply_adds: int | None = None
    problems: tuple[Problem, ...] = ()
    field: Field | None = None

    @property
    def receptive_field(self) -> Size | None:
        """The side of the patch of the (padded) picture that one output sees, in whole pixels.

        It is a pair (rows, columns) where they differ.
        """
        return None if self.field is None else self.field.pixels

    @property
    def fits(self) -> bool:
        """Whether this block has no error of its own."""
        problems = self.problems  # of most there are none, and hundreds are asked at every edit
        return not problems or all(problem.severity != "error" for problem in problems)


@dataclass(frozen=True)
class Report:
    """What is known about a network: a BlockReport for each block, and totals of what is known."""

    blocks: tuple[BlockReport, ...]

    @cached_property
    def ok(self) -> bool:
        """Whether every block fits."""
        return all(block.fits for block in self.blocks)

    @cached_property
    def parameters(self) -> int:
        """Learned numbers of all blocks whose sizes are known."""
        return sum(block.parameters or 0 for block in self.blocks)

    @cached_property
    def multiply_adds(self) -> int:
        """Multiply-adds for one image, of all blocks whose sizes are known."""
        return sum(block.multiply_adds or 0 for block in self.blocks)

    @cached_property
    def activations(self) -> int:
        """Numbers that one image makes in all blocks whose sizes are known, input included."""
        return sum(
            _activations(entry.block, entry.input_shape)
            for entry in self.blocks
            if entry.input_shape and entry.output_shape
        )

    @property
    def output_shape(self) -> Shape | None:
        """The size after the last block; None when it is not known."""
        return self.blocks[-1].output_shape

    @cached_property
    def problems(self) -> tuple[tuple[int, Problem], ...]:
        """All problems with their block's place, errors first."""
        found = [(i, p) for i, block in enumerate(self.blocks) for p in block.problems]
        return tuple(sorted(found, key=lambda entry: (entry[1].severity != "error", entry[0])))


def check(network: Network, classes: int | None = None) -> Report:
    """Report on every block of `network`; with `classes`, also whether the output has as many."""
    shape: Shape | None = network.input.picture_shape
    field: Field | None = None
    blocks: list[BlockReport] = []
    for name, key, block in zip(network.names, network.keys, network.blocks, strict=True):
        if shape is None:
            blocks.append(BlockReport(name, key, block))
            continue
        report = _check_block(name, key, block, shape, field)
        if report.output_shape is None:
            report = _with_repairs(report, network, len(blocks))
        blocks.append(report)
        shape, field = report.output_shape, report.field
    return _with_lints(Report(tuple(blocks)), classes)


def _check_block(
    name: str, key: str, block: Block, shape: Shape, before: Field | None
) -> BlockReport:
    try:
        facts = _facts(block, shape)
    except SizeError as error:
        words = f"{name} does not fit: {error}."
        problem = Problem("error", words, path=_misfit_inside(block, shape))
        return BlockReport(name, key, block, shape, problems=(problem,))
    before = before or Field(facts.output_shape[1:])  # type: ignore[arg-type]
    field = before.through(facts.reach, everything=block.sees_everything)
    return BlockReport(
        name,
        key,
        block,
        shape,
        facts.output_shape,
        facts.parameters,
        facts.multiply_adds,
        field=field,
    )


def _misfit_inside(block: Block, shape: Shape) -> tuple[int, ...]:
    """Where in the rows of a block the one is that does not fit; empty where it is none of them."""
    for number, row in enumerate(rows_of(block)):
        for place, entry in enumerate(row_report(row, shape)):
            if entry.input_shape is not None and entry.output_shape is None:
                return (number, place, *_misfit_inside(entry.block, entry.input_shape))
    return ()


class _Facts(NamedTuple):
    """What the rules of a block say for one input size."""

    output_shape: Shape
    parameters: int
    multiply_adds: int
    reach: Reach | None


@lru_cache(maxsize=4096)
def _activations(block: Block, shape: Shape) -> int:
    """The numbers that a block makes for one image, remembered: a composite asks all inside."""
    return block.activations(shape)


@lru_cache(maxsize=4096)
def _facts(block: Block, shape: Shape) -> _Facts:
    """The block's rules, remembered: an edit changes a few blocks, and the others are known."""
    output = block.output_shape(shape)
    return _Facts(output, block.parameters(shape), block.multiply_adds(shape), block.reach(shape))


def _with_repairs(report: BlockReport, network: Network, index: int) -> BlockReport:
    problem = replace(report.problems[0], find_repairs=partial(repairs, network, index))
    return report._replace(problems=(problem,))


def _with_lints(report: Report, classes: int | None) -> Report:
    found = tuple(lints(report, classes, _whole_row))
    if not found:
        return report
    blocks = list(report.blocks)
    for lint in found:
        old = blocks[lint.place]
        words = f"{lint.whose}{old.name} {lint.sentence}"
        find = partial(_tried, report, lint)
        problem = Problem("warning", words, find, lint.kind, lint.path, lint.sentence)
        blocks[lint.place] = old._replace(problems=(*old.problems, problem))
    return Report(tuple(blocks))


@lru_cache(maxsize=1024)
def row_report(blocks: Blocks, shape: Shape | None) -> tuple[BlockReport, ...]:
    """What is known about the blocks of a row that gets `shape`, None where that is not known."""
    found = []
    for key, block in zip(keys(blocks), blocks, strict=True):
        entry = BlockReport(name_of(key), key, block, shape)
        found.append(entry if shape is None else _known(entry, shape))
        shape = found[-1].output_shape
    return tuple(found)


def _known(entry: BlockReport, shape: Shape) -> BlockReport:
    try:
        facts = _facts(entry.block, shape)
    except SizeError as error:
        return entry._replace(problems=(Problem("error", f"{entry.name} does not fit: {error}."),))
    size, parameters, multiply_adds, _ = facts
    return entry._replace(output_shape=size, parameters=parameters, multiply_adds=multiply_adds)


def _whole_row(blocks: Blocks, shape: Shape) -> Report:
    return Report(row_report(blocks, shape))


def _tried(report: Report, lint: Lint) -> tuple[Repair, ...]:
    """The repairs of a lint, each with what it leads to; those that break nothing, if there are."""
    outcomes = [(repair, _outcome(report, repair)) for repair in lint.find_repairs()]
    kept = [pair for pair in outcomes if not pair[1].misfit] or outcomes
    return tuple(replace(repair, leads_to=_end(report, repair, end)) for repair, end in kept)


class _Outcome(NamedTuple):
    """What comes of a splice: the first block that no longer fits, and the total's difference."""

    misfit: str
    difference: int
    sizes: tuple[Shape, ...]


def _outcome(report: Report, repair: Repair) -> _Outcome:
    """Walk from the splice on until the sizes are the old ones again."""
    end = repair.index + repair.replaced
    gone, rest = report.blocks[repair.index : end], report.blocks[end:]
    before = report.blocks[repair.index - 1].output_shape if repair.index else None
    shape = before or gone[0].input_shape
    sizes: list[Shape] = []
    difference = -sum(entry.parameters or 0 for entry in gone)
    entries = [(block, None) for block in repair.blocks] + [(e.block, e) for e in rest]
    for block, entry in entries:
        if entry is not None and (entry.input_shape is None or entry.input_shape == shape):
            break
        try:
            assert shape is not None
            facts = _facts(block, shape)
        except SizeError:
            name = entry.name if entry is not None else "it"
            return _Outcome(name, difference, tuple(sizes))
        difference += facts.parameters - ((entry and entry.parameters) or 0)
        shape = facts.output_shape
        sizes.append(shape)
    return _Outcome("", difference, tuple(sizes))


def _end(report: Report, repair: Repair, outcome: _Outcome) -> str:
    """What a repair of a lint leads to: a misfit, another total, or another size of the maps."""
    if outcome.misfit:
        return f"{outcome.misfit} no longer fits"
    if report.ok and outcome.difference:
        return f"{report.parameters + outcome.difference:,} parameters"
    before = report.blocks[repair.place].output_shape
    places = repair.places(Network(tuple(entry.block for entry in report.blocks)))
    new = places[repair.place]
    step = -1 if new is None else new - repair.index
    after = outcome.sizes[step] if 0 <= step < len(outcome.sizes) else before
    return size_words(after) if after and after != before and not after.is_flat else ""
