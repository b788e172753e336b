"""Snapshots of a run on the disk, a file for each, so that a new one costs no more than itself.

    snapshots/<step>.safetensors    Model.state, and in its head the facts of the snapshot

They stand beside the checkpoints of the run, which would take long to write with all of them in.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from cnnstudio.engine.layers.layer import Array
from cnnstudio.engine.progress import EpochResult
from cnnstudio.engine.snapshots import BUDGET, Snapshot, thinned

FOLDER = "snapshots"
_NAME = re.compile(r"([0-9]{1,12})\.safetensors")
_STATE, _FACTS = "state", "facts"
_FIGURES = ("position", "loss", "accuracy")
_HEAD = 2**16
"""Bytes of a file beside its state, at most."""


class SnapshotFiles:
    """The snapshots of a run in `folder`, that of its checkpoints; `budget` bytes of them."""

    def __init__(self, folder: Path, budget: int = BUDGET) -> None:
        self._folder, self._budget = folder / FOLDER, budget
        self._steps = set(_places(self._folder))

    def keep(self, snapshots: Sequence[Snapshot]) -> None:
        """Have those of `snapshots` on the disk for which there is room; raises OSError.

        Only new ones are written: one that was let go does not come back.
        """
        newest = max(self._steps, default=-1)
        wanted = thinned(
            [each for each in snapshots if each.step in self._steps or each.step > newest],
            self._budget,
        )
        self._folder.mkdir(exist_ok=True)
        for step in self._steps - {each.step for each in wanted}:
            _path(self._folder, step).unlink(missing_ok=True)
            self._steps.discard(step)
        for each in wanted:
            if each.step not in self._steps:
                _write(_path(self._folder, each.step), each)
                self._steps.add(each.step)


def load(folder: Path, state: Array, last: int) -> tuple[Snapshot, ...]:
    """The snapshots in a run's `folder` up to the step `last`, the earliest first.

    `state` is one of the same network. What is damaged is left out: it is only looked at.
    """
    places = sorted(_places(folder / FOLDER).items())
    found = [_read(path, step, state) for step, path in places if step <= last]
    return thinned([each for each in found if each is not None], BUDGET)


def _places(folder: Path) -> dict[int, Path]:
    """The files by their steps."""
    with contextlib.suppress(OSError):
        names = ((_NAME.fullmatch(path.name), path) for path in folder.iterdir())
        return {int(name[1]): path for name, path in names if name}
    return {}


def _path(folder: Path, step: int) -> Path:
    return folder / f"{step:08d}.safetensors"


def _write(path: Path, snapshot: Snapshot) -> None:
    """Not flushed to the disk: a computer that loses its power loses no more than a look back."""
    facts = {
        **{name: getattr(snapshot, name) for name in _FIGURES},
        "epoch": None if snapshot.epoch is None else dataclasses.asdict(snapshot.epoch),
    }
    state = np.ascontiguousarray(snapshot.state)
    content = safetensors.numpy.save({_STATE: state}, {_FACTS: json.dumps(facts)})
    new = path.with_suffix(".tmp")
    new.write_bytes(content)
    new.replace(path)


def _read(path: Path, step: int, like: Array) -> Snapshot | None:
    """The snapshot in a file; None where it is damaged or that of another network."""
    try:
        if path.stat().st_size > like.nbytes + _HEAD:
            return None
        with safetensors.safe_open(path, "numpy") as file:
            facts, state = json.loads(file.metadata()[_FACTS]), file.get_tensor(_STATE)
        if state.shape != like.shape or state.dtype != like.dtype:
            return None
        state.flags.writeable = False
        epoch = None if facts["epoch"] is None else EpochResult(**facts["epoch"])
        position, loss, accuracy = (float(facts[name]) for name in _FIGURES)
        return Snapshot(step, position, state, loss, accuracy, epoch)
    except (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError, RecursionError):
        return None
