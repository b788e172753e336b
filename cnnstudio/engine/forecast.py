"""What training will take, before it starts: a short trial of real steps on this machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from cnnstudio.data.datasets import Images
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network import Network, Recipe

WARM_UP = 2
"""Steps that are not counted: they make the buffers and fill the caches."""

TRIAL_SECONDS = 1.0
"""How long the counted steps take together, at least three of them: long enough that what else
goes on in the machine comes up as often as in an epoch."""

SLOWEST = 5.0
"""No step of a trial counts for longer than so many median ones."""

LONGEST_TRIAL = 3.0
"""Seconds after which a trial ends with the steps that it has."""


@dataclass(frozen=True)
class Forecast:
    """What a run takes: seconds for one epoch of training alone, and bytes of memory.

    The memory is that of all arrays which training holds (weights, gradients, maps, windows, what
    the optimizer remembers), without the pictures themselves.
    """

    seconds_per_epoch: float
    memory: int


def forecast(
    network: Network,
    recipe: Recipe,
    train: Images,
    threads: int,
    wanted: Callable[[], bool] = lambda: True,
) -> Forecast | None:
    """Train a fresh copy of `network` for some steps on `train` and reckon the epoch from them.

    None when it is no longer `wanted`, or when the numbers run away before enough steps are made.
    Raises TrainingError when pictures, network and recipe do not go together.
    """
    model = Model(network, seed=recipe.seed, threads=threads)
    brief = recipe.with_values(epochs=1, warm_up=0, patience=0)
    trainer = Trainer(model, train, train[:0], brief)
    seconds = _step_seconds(trainer, wanted)
    if not seconds:
        return None
    whole = len(train) / recipe.batch_size
    return Forecast(_typical(seconds) * whole, _held_bytes(trainer))


def _typical(seconds: list[float]) -> float:
    """The mean, not the median: an epoch has its share of the steps that had to wait as well.

    A standstill of the machine, which may never come again, counts as a slow step only.
    """
    slowest = SLOWEST * statistics.median(seconds)
    return statistics.mean(min(each, slowest) for each in seconds)


def _step_seconds(trainer: Trainer, wanted: Callable[[], bool]) -> list[float]:
    """The seconds of each step of a trial; nothing when it was given up."""
    seconds: list[float] = []
    started = before = time.perf_counter()
    try:
        for number, _ in enumerate(trainer.run()):
            now = time.perf_counter()
            if number >= WARM_UP or now - started > LONGEST_TRIAL:
                seconds.append(now - before)
            if not wanted():
                return []
            if _enough(seconds) or (seconds and now - started > LONGEST_TRIAL):
                break
            before = time.perf_counter()
    except TrainingError:
        return seconds if _enough(seconds) else []
    return seconds


def _enough(seconds: list[float]) -> bool:
    return len(seconds) >= 3 and sum(seconds) >= TRIAL_SECONDS


def _held_bytes(trainer: Trainer) -> int:
    """The bytes of all arrays that can be reached from what learns; views count once."""
    found: dict[int, int] = {}
    seen: set[int] = set()
    waiting: list[object] = [trainer.learning]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, np.ndarray):
            whole = _owner(thing)
            found[id(whole)] = whole.nbytes
        else:
            waiting.extend(_parts(thing))
    return sum(found.values())


def _owner(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory of a view; a strided one has a stand-in between."""
    below = array.base
    while below is not None:
        if isinstance(below, np.ndarray):
            array = below
        below = getattr(below, "base", None)
    return array


def _parts(thing: object) -> Iterable[object]:
    """What a container or an object of the engine holds."""
    if isinstance(thing, dict):
        return thing.values()
    if isinstance(thing, list | tuple | set):
        return thing
    if type(thing).__module__.startswith("cnnstudio."):
        return vars(thing).values()
    if callable(thing):  # bound methods lead to their objects, partial functions to their arguments
        return [getattr(thing, "__self__", None)]
    return ()
