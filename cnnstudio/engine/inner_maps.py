"""The blocks inside of others: where they are, what they are called, and what they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cnnstudio.blocks import Block, Shape
from cnnstudio.blocks.composite import Composite
from cnnstudio.blocks.row import Entry, rows_of
from cnnstudio.engine.layers.layer import Array, Chance
from cnnstudio.engine.model import Model
from cnnstudio.engine.pipeline import outputs
from cnnstudio.engine.row import Arrays, Context, Row, plan_in_order
from cnnstudio.network import Network, Report, inner
from cnnstudio.network.inner import Path


@dataclass(frozen=True)
class Place:
    """A block at its path, as `network.inner` has it, with its key and the sizes around it."""

    path: Path
    key: str
    block: Block
    input_shape: Shape
    output_shape: Shape

    @property
    def holds_rows(self) -> bool:
        """Whether other blocks stand in it."""
        return isinstance(self.block, Composite)


def places(report: Report) -> tuple[Place, ...]:
    """All blocks of a network that fits, each followed by those inside of it."""
    found: list[Place] = []
    for index, entry in enumerate(report.blocks):
        assert entry.input_shape is not None
        assert entry.output_shape is not None
        sizes = (entry.input_shape, entry.output_shape)
        found += _with_insides(Place((index,), entry.key, entry.block, *sizes))
    return tuple(found)


def names(model: Model) -> dict[Path, str]:
    """Such as "CONV 1", and inside "CONV 1 of RESIDUAL 1"."""
    return {place.path: _name(model.network, place.path) for place in places(model.report)}


def maps(model: Model, pictures: Array) -> dict[Path, Array]:
    """The output (N, ...) of every block for `pictures`, as `Model.activations`, also inside."""
    whole = model.activations(pictures)
    found: dict[Path, Array] = {(index,): each for index, each in enumerate(whole)}
    for place in places(model.report):
        if place.holds_rows:
            enters = found[_before(place.path)]
            found |= {path: each for path, each in _inside(model, place, enters)}
    return found


def _name(network: Network, path: Path) -> str:
    """With the names of all that it stands in, as a sentence has no picture beside it."""
    words, owner = inner.full_name(network, path), path[:-2]
    if len(owner) <= 1:
        return words
    return words.removesuffix(inner.name(network, owner)) + _name(network, owner)


def _with_insides(place: Place) -> Iterator[Place]:
    yield place
    for number, entries in enumerate(_rows(place)):
        for at, entry in enumerate(entries):
            yield from _with_insides(
                Place(
                    (*place.path, number, at),
                    f"{place.key}.{entry.key}",
                    entry.block,
                    entry.input_shape,
                    entry.output_shape,
                )
            )


def _rows(place: Place) -> tuple[tuple[Entry, ...], ...]:
    """The rows that a person put in; a shortcut that adapts its size is no block of theirs."""
    if not isinstance(place.block, Composite):
        return ()
    return place.block.rows(place.input_shape)[: len(rows_of(place.block))]


def _inside(model: Model, place: Place, x: Array) -> Iterator[tuple[Path, Array]]:
    """What the blocks directly in `place` make of its input `x` (N, ...), at the place -1."""
    arrays = Arrays(model.parameters, model.statistics).of(place.key)
    context = Context(len(x), model.dtype, Chance(model.seed))
    last = x.T if x.ndim == 2 else x.transpose(2, 1, 3, 0)
    for number, entries in enumerate(_rows(place)):
        yield (*place.path, number, -1), x
        row = Row(entries, plan_in_order(entries), context, arrays, last.copy(), None)
        before = x
        made = outputs(row, len(x))
        for at in range(len(entries)):
            before = made.get(at, before)
            yield (*place.path, number, at), before


def _before(path: Path) -> Path:
    """What the block at `path` reads; the start of a row inside has the place -1."""
    return (*path[:-1], path[-1] - 1)
