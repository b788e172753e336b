"""Two runs beside each other: what differs in blocks and recipe, and which pictures flipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Block
from cnnstudio.blocks.row import Row, Rows
from cnnstudio.blocks.settings import Setting
from cnnstudio.network import Network, Recipe, text_form
from cnnstudio.network.wording import write_value
from cnnstudio.runs.record import KeptRun, Outcome

NOTHING = "nothing"
"""What an empty row of a block is called."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same; "" where a run does not have it."""

    what: str
    first: str
    second: str


@dataclass(frozen=True, eq=False)
class Flips:
    """Places of the pictures of a set that one run took for the right class and the other not.

    `mended` are wrong in the first and right in the second, `spoiled` the other way round; in
    `otherwise` both are wrong, but not in the same way. `images` is the number compared.
    """

    of: str
    images: int
    mended: NDArray[np.intp]
    spoiled: NDArray[np.intp]
    otherwise: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Comparison:
    """What two runs differ in; `flips` is None where they saw different pictures at the end."""

    blocks: tuple[Difference, ...]
    recipe: tuple[Difference, ...]
    others: tuple[Difference, ...]
    flips: Flips | None


def compare(first: KeptRun, second: KeptRun) -> Comparison:
    """All that differs between two runs."""
    networks = first.project.network, second.project.network
    return Comparison(
        blocks=tuple(_networks(*networks)),
        recipe=(*_recipes(first.recipe, second.recipe), *_changes(first, second)),
        others=tuple(_others(first, second)),
        flips=flips(first.outcome, second.outcome),
    )


def flips(first: Outcome | None, second: Outcome | None) -> Flips | None:
    """Which pictures the two outcomes disagree on; None where they are not of the same pictures."""
    if first is None or second is None or first.of != second.of:
        return None
    if not np.array_equal(first.labels, second.labels):
        return None
    was, now = first.predicted == first.labels, second.predicted == second.labels
    return Flips(
        of=first.of,
        images=len(was),
        mended=np.flatnonzero(~was & now),
        spoiled=np.flatnonzero(was & ~now),
        otherwise=np.flatnonzero(~was & ~now & (first.predicted != second.predicted)),
    )


def _networks(first: Network, second: Network) -> Iterator[Difference]:
    """Block by block along the longest rows that are the same in both."""
    match = SequenceMatcher(None, first.blocks, second.blocks, autojunk=False)
    for kind, begin, end, start, stop in match.get_opcodes():
        if kind == "equal":
            continue
        old = list(zip(first.names[begin:end], first.blocks[begin:end], strict=True))
        new = list(zip(second.names[start:stop], second.blocks[start:stop], strict=True))
        for before, after in _pairs(old, new):
            yield from _blocks(before, after)


Named = tuple[str, Block]


def _pairs(
    old: Sequence[Named], new: Sequence[Named]
) -> Iterator[tuple[Named | None, Named | None]]:
    """Blocks of one type in the same order belong together; the others stand alone."""
    kinds, others = ([type(block) for _, block in row] for row in (old, new))
    match = SequenceMatcher(None, kinds, others, autojunk=False)
    for kind, begin, end, start, stop in match.get_opcodes():
        if kind == "equal":
            yield from zip(old[begin:end], new[start:stop], strict=True)
        else:
            yield from ((each, None) for each in old[begin:end])
            yield from ((None, each) for each in new[start:stop])


def _blocks(before: Named | None, after: Named | None) -> Iterator[Difference]:
    if before is None or after is None:
        for name, block in filter(None, (before, after)):
            words = text_form.write_block(block)
            yield Difference(name, words if before else "", words if after else "")
        return
    (old_name, old), (new_name, new) = before, after
    name = old_name if old_name == new_name else f"{old_name}, {new_name}"
    for key, setting in old.declarations().items():
        values = getattr(old, key), getattr(new, key)
        if values[0] != values[1]:
            yield Difference(f"{name}: {setting.label}", *(_words(setting, v) for v in values))


def _recipes(first: Recipe, second: Recipe) -> Iterator[Difference]:
    for key, setting in Recipe.declarations().items():
        values = getattr(first, key), getattr(second, key)
        if values[0] != values[1]:
            yield Difference(setting.label, *(_words(setting, value) for value in values))


def _changes(first: KeptRun, second: KeptRun) -> Iterator[Difference]:
    """What was changed while the runs went on."""
    one, two = (
        "; ".join(f"epoch {change.at:.2f}: {change.words}" for change in run.facts.changes)
        for run in (first, second)
    )
    if one != two:
        yield Difference("Changed meanwhile", one, two)


def _others(first: KeptRun, second: KeptRun) -> Iterator[Difference]:
    """Data, threads and versions, which decide the last bits."""
    one, two = first.facts.environment, second.facts.environment
    rows = [
        ("Data", first.project.data, second.project.data),
        ("Training pictures", _limit(first), _limit(second)),
        ("Epochs before", first.facts.epochs_before, second.facts.epochs_before),
        ("Weights at first", _start(first), _start(second)),
        ("Threads", one.threads, two.threads),
        ("CNN Studio", one.program, two.program),
        ("NumPy", one.numpy, two.numpy),
        ("Processor", one.processor, two.processor),
        ("System", one.system, two.system),
    ]
    yield from (Difference(what, str(old), str(new)) for what, old, new in rows if old != new)


def _start(run: KeptRun) -> str:
    return "trained" if run.facts.pretrained else "random"


def _limit(run: KeptRun) -> str:
    limit = run.facts.limit
    return "all" if limit is None else f"the first {limit:,}"


def _words(setting: Setting, value: Any) -> str:
    """A value as the text form writes it."""
    if isinstance(setting, Row):
        return text_form.write_blocks(value) or NOTHING
    if isinstance(setting, Rows):
        return " | ".join(text_form.write_blocks(row) or NOTHING for row in value)
    return write_value(setting, value)
