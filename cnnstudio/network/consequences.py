"""What a repair leads to: the size and the parameters of every block, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from cnnstudio.blocks import Shape
from cnnstudio.network.check import BlockReport, Problem, Report, check
from cnnstudio.network.network import Network
from cnnstudio.network.repair import Repair


class Effect(NamedTuple):
    """One block before and after; `before` is None for a new one, `after` for one taken out."""

    name: str
    before: BlockReport | None
    after: BlockReport | None

    @property
    def changes(self) -> bool:
        """Whether the size, the parameters, or whether it fits becomes another."""
        old, new = self.before, self.after
        if old is None or new is None:
            return True
        return (old.output_shape, old.parameters, old.fits) != (
            new.output_shape,
            new.parameters,
            new.fits,
        )

    @property
    def words(self) -> str:
        """What becomes of it: "POOL 2: 5x5x16 -> 7x7x16"; empty where that is not known."""
        old, new = self.before, self.after
        if new is None:
            return f"{self.name}: removed"
        if not new.fits:
            return f"{self.name}: does not fit"
        if new.output_shape is None:
            return ""
        parts = [_size_change(old, new.output_shape), _parameter_change(old, new)]
        return f"{self.name}: " + ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Consequence:
    """A network before and after a repair; `places` says where each old block went, see Repair."""

    before: Report
    after: Report
    places: tuple[int | None, ...]

    @property
    def parameters(self) -> tuple[int, int]:
        """The total of what is known, before and after."""
        return self.before.parameters, self.after.parameters

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """Every block in the order after the repair; one that is taken out where it had stood."""
        origins = {new: old for old, new in enumerate(self.places) if new is not None}
        found = []
        for place, after in enumerate(self.after.blocks):
            old = origins.get(place)
            before = None if old is None else self.before.blocks[old]
            found.append(Effect(after.name, before, after))
        for old, new in enumerate(self.places):
            if new is None:
                entry = self.before.blocks[old]
                found.insert(old, Effect(entry.name, entry, None))
        return tuple(found)

    @cached_property
    def changed(self) -> tuple[Effect, ...]:
        """The effects on blocks whose size, parameters or fit become others."""
        return tuple(effect for effect in self.effects if effect.changes)

    @property
    def story(self) -> str:
        """What becomes of every block that changes, in the order of the row."""
        return "; ".join(words for effect in self.changed if (words := effect.words))

    @property
    def total(self) -> str:
        """What becomes of the total, as far as it can be told."""
        old, new = self.parameters
        if not self.after.ok:
            return ""
        if not self.before.ok:
            return f"{new:,} parameters in all"
        if new == old:
            return "as many parameters in all as before"
        return f"{abs(new - old):,} parameters {'more' if new > old else 'fewer'} in all"

    @property
    def misfit(self) -> str:
        """Why a block does not fit afterwards, in a sentence; empty where all do."""
        errors = (p.message for _, p in self.after.problems if p.severity == "error")
        return next(errors, "")

    @property
    def problems(self) -> tuple[tuple[int, Problem], ...]:
        """What remains wrong or unwise afterwards, with the places after the repair."""
        return self.after.problems


def _size_change(old: BlockReport | None, size: Shape) -> str:
    before = None if old is None else old.output_shape
    after = f"{size[0]:,} units" if size.is_flat else str(size)
    if before is None:
        return after
    return "" if before == size else f"{before} -> {after}"


def _parameter_change(old: BlockReport | None, new: BlockReport) -> str:
    before = None if old is None else old.parameters
    if before is None:
        return f"{new.parameters:,} params" if new.parameters else ""
    return "" if before == new.parameters else f"{before:,} -> {new.parameters:,} params"


def consequences(network: Network, repair: Repair, classes: int | None = None) -> Consequence:
    """What `repair` would make of `network`, without doing it."""
    before = check(network, classes)
    return Consequence(before, check(repair.apply(network), classes), repair.places(network))
