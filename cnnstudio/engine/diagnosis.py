"""What ails a network in training, in words: dead and saturated units, gradients, step lengths."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from cnnstudio.data.datasets import Images
from cnnstudio.engine.block_figures import (
    BlockFigures,
    StepGauge,
    function_of,
    lengths_are_finite,
    measure,
)
from cnnstudio.engine.inner_maps import places
from cnnstudio.engine.learning import Learning
from cnnstudio.engine.model import Model
from cnnstudio.network.inner import Path

MANY_DEAD, MANY_SATURATED = 0.4, 0.5
"""Shares of units from which a block is told of."""

VANISHING, EXPLODING = 1e-4, 100.0
"""A gradient has vanished that is, per weight, so small a part of the largest block's; one explodes
that is so long (Pascanu and others, arXiv 1211.5063, clip far below)."""

USUAL, FAST, SLOW = 1e-3, 0.1, 1e-6
"""Length of an update over that of the weights: about a thousandth is a healthy step."""

PICTURES = 128
"""Images of a look."""

EVERY, SHARE = 1.0, 0.005
"""Seconds between two looks at the least, and the most of the time that they take."""

AGAIN = 3
"""Looks in a row that must find the same before it is told: a few steps prove nothing."""

SHARE_IN_DOUBT = 0.03
"""The most of the time while something was found that is not yet told: so that it soon is."""


@dataclass(frozen=True)
class Finding:
    """What was found in the block at `path`, as `network.inner` has it, and what to do.

    `numbers` are those of the sentence, `kind` names what was found in one word.
    """

    path: Path
    kind: str
    sentence: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    severity: str = "warning"


@dataclass(frozen=True)
class Diagnosis:
    """A look at a run at `position` in epochs: the figures of every block, and what was found."""

    position: float
    blocks: tuple[BlockFigures, ...] = ()
    findings: tuple[Finding, ...] = ()


def judge(model: Model, figures: Sequence[BlockFigures], *, falling: bool) -> Iterator[Finding]:
    """What is to be told of one look; `falling` where the learning rate is meant to be small.

    Causes only: a step is not called too short where idle units or a vanished gradient make it so,
    and behind a block whose units are all dead nothing is said to vanish. Of a block that holds
    others only its own activation is told, and of those inside everything.
    """
    units = list(_units(model, figures))
    yield from units
    if not lengths_are_finite(figures):
        return
    idle = {each.path for each in units}
    has_stopped = any(each.dead == 1 for each in figures)
    holders = {place.path for place in places(model.report) if place.holds_rows}
    own = [each for each in figures if each.path not in holders]
    largest = max(own, key=lambda each: each.gradient_rms or 0.0)
    for each in own:
        vanished = [] if has_stopped else list(_vanishing(each, largest))
        yield from _exploding(each)
        yield from vanished
        explained = falling or has_stopped or each.path in idle or bool(vanished)
        yield from _steps(each, may_be_slow=explained)


def _units(model: Model, figures: Sequence[BlockFigures]) -> Iterator[Finding]:
    for each, entry in zip(figures, places(model.report), strict=True):
        if each.dead is not None and each.dead >= MANY_DEAD:
            yield _dead(each, is_flat=entry.output_shape.is_flat)
        if each.saturated is not None and each.saturated >= MANY_SATURATED:
            yield Finding(
                each.path,
                "saturated",
                f"{each.name}: {100 * each.saturated:.0f} % of its values are at the flat ends of "
                f"its {function_of(entry.block).replace('_', ' ')}, where hardly any gradient "
                "passes. Use ReLU, or a lower learning rate.",
                {"saturated": each.saturated},
            )


def _dead(each: BlockFigures, *, is_flat: bool) -> Finding:
    share = each.dead or 0.0
    count, what = round(share * each.units), "units" if is_flat else "feature maps"
    return Finding(
        each.path,
        "dead",
        f"{each.name}: {count} of its {each.units} {what} are 0 for all {each.looked} images "
        "looked at, so that they learn no more (dead ReLU). Use a lower learning rate, or leaky "
        "ReLU.",
        {"dead": share, "units": each.units, "images": each.looked},
    )


def _exploding(each: BlockFigures) -> Iterator[Finding]:
    if each.gradient is not None and each.gradient > EXPLODING:
        yield Finding(
            each.path,
            "exploding",
            f"{each.name}: its gradient has the length {each.gradient:.3g}, far more than the "
            "usual 1 or so (exploding gradient). Use a lower learning rate, or clip the "
            "gradients.",
            {"gradient": each.gradient},
        )


def _vanishing(each: BlockFigures, largest: BlockFigures) -> Iterator[Finding]:
    if each.gradient_rms is None or not largest.gradient_rms:
        return
    share = each.gradient_rms / largest.gradient_rms
    if share < VANISHING:
        yield Finding(
            each.path,
            "vanishing",
            f"{each.name}: its gradient is {_tiny(each.gradient_rms, share, largest.name)} "
            "(vanishing gradient). Use ReLU, batch normalization or residual blocks.",
            {"gradient": each.gradient_rms, "share": share},
        )


def _steps(each: BlockFigures, *, may_be_slow: bool) -> Iterator[Finding]:
    if each.ratio is None:
        return
    if each.ratio > FAST:
        yield Finding(
            each.path,
            "fast",
            f"{each.name}: one step changes its weights by {_percent(each.ratio)} of their "
            f"size, where about {100 * USUAL:g} % is usual. Use a lower learning rate.",
            {"ratio": each.ratio},
        )
    if each.ratio < SLOW and not may_be_slow:
        yield Finding(
            each.path,
            "slow",
            f"{each.name}: one step changes its weights by {each.ratio:.1e} of their size, where "
            f"about {USUAL:g} is usual: it hardly learns. Use a higher learning rate.",
            {"ratio": each.ratio},
        )


def _percent(share: float) -> str:
    """Such as "12 %" and "1,300 %"."""
    return f"{100 * share:,.0f} %"


def _tiny(gradient: float, share: float, largest: str) -> str:
    """What a vanished gradient comes to, by itself and beside the largest."""
    if not share:
        return "0, so that it learns nothing"
    return f"{gradient:.1e} per weight, 1/{1 / share:,.0f} of that of {largest}"


class Examiner:
    """Looks at a run now and then, at next to no cost: at one step from both sides.

    Call `prepare` before a step and `conclude` after it; the second gives a Diagnosis when the
    first had asked for a look. Findings are told that several looks in a row have made.
    """

    def __init__(self, learning: Learning, images: Images, every: float = EVERY) -> None:
        self._learning, self._model = learning, learning.model
        rows = np.random.default_rng(0).permutation(len(images))[:PICTURES]
        self._pictures = images.pixels[np.sort(rows)]
        self._every = every
        self._next = time.perf_counter() + every
        self._gauge: StepGauge | None = None
        self._seen: dict[tuple[Path, str], int] = {}

    def prepare(self) -> None:
        """Look at the next step, if it is time."""
        if self._gauge is None and time.perf_counter() >= self._next:
            self._gauge = self._learning.gauge = StepGauge(self._model)

    def conclude(self, position: float) -> Diagnosis | None:
        """What the look at the last step has found; None when there was none."""
        gauge = self._gauge
        if gauge is None or gauge.lengths is None:
            return None
        began = time.perf_counter()
        self._gauge = self._learning.gauge = None
        figures = measure(self._model, gauge, self._pictures)
        recipe = self._learning.recipe
        falling = self._learning.learning_rate < 0.1 * recipe.learning_rate
        found = tuple(judge(self._model, figures, falling=falling))
        kinds = [(each.path, each.kind) for each in found]
        self._seen = {kind: self._seen.get(kind, 0) + 1 for kind in kinds}
        told = tuple(
            each for each, kind in zip(found, kinds, strict=True) if self._seen[kind] >= AGAIN
        )
        now, in_doubt = time.perf_counter(), len(told) < len(found)
        rest = (now - began) / (SHARE_IN_DOUBT if in_doubt else SHARE)
        self._next = now + max(self._every, rest)
        return Diagnosis(position, figures, told)
