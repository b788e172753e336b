"""The learning rate of every step of a run."""

from __future__ import annotations

import math

from cnnstudio.network.recipe import Recipe

RISING = 0.3
FIRST_PART = 25.0
LAST_PART = 10_000.0
"""One cycle: the share of the steps in which the rate rises, by how much its first value is below
its peak, and its last value below the first; the numbers of torch.optim.lr_scheduler.OneCycleLR."""


def rate(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """The learning rate of the run's step number `step`, counted from 0.

    In the warm-up the rate rises in a straight line to the first value of the schedule, which then
    goes over the steps that are left. Only the schedule "step" counts its epochs from the start, so
    that the rate falls between two epochs.
    """
    warm = round(recipe.warm_up * steps_per_epoch)
    left = max(recipe.epochs * steps_per_epoch - warm, 1)
    share = min(1.0, (step + 1) / warm) if warm else 1.0
    place = max(step - warm, 0)
    if recipe.schedule == "step":
        falls = step // (recipe.step_epochs * steps_per_epoch)
        return recipe.learning_rate * share * recipe.step_factor**falls
    if recipe.schedule == "cosine":
        return recipe.learning_rate * share * cosine(place, left)
    if recipe.schedule == "one_cycle":
        return recipe.learning_rate * share * one_cycle(place, left)
    return recipe.learning_rate * share


def cosine(step: int, steps: int) -> float:
    """From 1 at step 0 along half a cosine to 0 after the last (Loshchilov, arXiv 1608.03983)."""
    return (1 + math.cos(math.pi * step / steps)) / 2


def one_cycle(step: int, steps: int) -> float:
    """From 1/25 up to 1, then down to nearly 0, both along half a cosine; the momentum stays.

    One cycle is Smith's (Super-Convergence, arXiv 1708.07120); the cosines are those of fast.ai and
    PyTorch.
    """
    peak, end = RISING * steps - 1, steps - 1
    first, last = 1 / FIRST_PART, 1 / (FIRST_PART * LAST_PART)
    if step <= peak:
        return _between(first, 1.0, step / peak)
    return _between(1.0, last, (step - peak) / (end - peak))


def _between(start: float, end: float, share: float) -> float:
    """Along half a cosine from `start` (share 0) to `end` (share 1)."""
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2
