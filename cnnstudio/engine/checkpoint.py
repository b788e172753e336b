"""Checkpoints: a run on the disk between two steps, so that it survives its process.

A folder holds two generations, ``checkpoint-1.zip`` and ``checkpoint-2.zip``, written in turn, so
that a whole one is there at every moment. Each is a ZIP like a project file:

project.json       network, recipe and data, as in a project file
progress.json      position, history, the pictures' fingerprint, the environment
facts.json         the trainer's facts; infinite numbers are allowed, as Python writes them
state.safetensors  the trainer's arrays: weights, optimizer state, running statistics
curve.safetensors  the points of the curve so far, where somebody keeps them
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from cnnstudio.engine.environment import Environment
from cnnstudio.engine.run import Count, Pictures, Run
from cnnstudio.engine.training_state import TrainingState
from cnnstudio.errors import CnnFileError
from cnnstudio.network import archive, curve_file, project_file, schema
from cnnstudio.network.archive import Archive
from cnnstudio.network.atomic import check_writable, exists, not_written, replacing

NAMES = ("checkpoint-1.zip", "checkpoint-2.zip")
"""The two generations; those with odd numbers go to the first."""

FORMAT = "cnnstudio-checkpoint"
VERSION = 2
"""The version that this program writes; it reads the one before too, which told of no changes."""

_PROJECT = "project.json"
_PROGRESS = "progress.json"
_FACTS = "facts.json"
_STATE = "state.safetensors"
_CURVE = "curve.safetensors"
_MEMBERS = (_PROJECT, _PROGRESS, _FACTS, _STATE, _CURVE)

_LARGEST_TEXT = 2**24
_LEFTOVER = re.compile(r"\.checkpoint-[12]-[0-9a-f]{8}\.tmp")
"""What a process that was killed while it wrote leaves behind."""


@dataclass(frozen=True)
class Checkpoint:
    """A run after `step` steps of `epoch`, both counted from 1; `number` counts the checkpoints.

    `history` has the finished epochs of this run, each with the fields of ``schema.EpochRecord``;
    `warnings` are sentences about what was found when the checkpoint was loaded. `curve` has the
    points (n, columns) of the training curve as whoever watches the run keeps them.
    """

    run: Run
    state: TrainingState
    epoch: int
    step: int
    history: tuple[Mapping[str, Any], ...] = ()
    number: int = 1
    warnings: tuple[str, ...] = ()
    curve: NDArray[np.float64] | None = None


class _Progress(msgspec.Struct, forbid_unknown_fields=True):
    """progress.json; the fields are those of Checkpoint and Run."""

    format: str
    version: int
    number: Count
    epoch: Count
    step: Count
    before: list[schema.EpochRecord]
    history: list[schema.EpochRecord]
    limit: Count | None
    pictures: Pictures
    environment: Environment
    changed: list[schema.ChangeRecord] = []
    steps_before: Count = 0
    begun: str = ""


class _Head(msgspec.Struct):
    format: str
    version: int


def prepare(folder: Path) -> None:
    """Make `folder` and remove what a killed process left half written there.

    Raises CnnFileError when no checkpoint can be written there, before work is put into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            if _LEFTOVER.fullmatch(path.name):
                path.unlink(missing_ok=True)
    except OSError as error:
        is_file = isinstance(error, FileExistsError)
        words = "it is a file, not a folder" if is_file else error.strerror or error
        raise CnnFileError(f"{folder} cannot be used for checkpoints: {words}.") from error
    for name in NAMES:
        try:
            check_writable(folder / name)
        except OSError as error:
            raise CnnFileError(not_written(folder / name, error)) from error


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` over the older generation; the newer one stays as it is.

    Numbers go up by one from each checkpoint to the next. Raises CnnFileError when it cannot be
    written; then both generations are as they were.
    """
    path = folder / NAMES[(checkpoint.number - 1) % 2]
    try:
        with replacing(path) as temporary:
            archive.write(temporary, _members(checkpoint))
    except OSError as error:
        raise CnnFileError(not_written(path, error)) from error


def exists_in(folder: Path) -> bool:
    """Whether there is a checkpoint in `folder`, whole or damaged."""
    return any(exists(folder / name) for name in NAMES)


def load(folder: Path) -> Checkpoint | None:
    """The newest whole checkpoint in `folder`, None when there is none at all.

    What cannot be read is named in its warnings. Raises CnnFileError when nothing can be read.
    """
    whole: dict[str, Checkpoint] = {}
    damaged: dict[str, str] = {}
    for name in filter(lambda name: exists(folder / name), NAMES):
        try:
            whole[name] = _read(folder / name)
        except CnnFileError as error:
            damaged[name] = str(error).rstrip(".")
    if not whole:
        if damaged:
            raise CnnFileError(_all_damaged(folder, damaged))
        return None
    best = max(whole, key=lambda name: whole[name].number)
    found = whole[best]
    warnings = tuple(
        f"{folder / name} cannot be used: {words}. {best} can: it was written after step "
        f"{found.step:,} of epoch {found.epoch:,}."
        for name, words in damaged.items()
    )
    return dataclasses.replace(found, warnings=warnings)


def _all_damaged(folder: Path, damaged: Mapping[str, str]) -> str:
    words = "; ".join(f"{name} cannot be used: {why}" for name, why in damaged.items())
    return f"There is no whole checkpoint in {folder}: {words}. Remove the files to begin again."


def _members(checkpoint: Checkpoint) -> dict[str, bytes]:
    run, state = checkpoint.run, checkpoint.state
    progress = {
        "format": FORMAT,
        "version": VERSION,
        "number": checkpoint.number,
        "epoch": checkpoint.epoch,
        "step": checkpoint.step,
        "before": run.project.history,
        "history": checkpoint.history,
        "limit": run.limit,
        "pictures": run.pictures,
        "environment": run.environment,
        "changed": run.project.changes,
        "steps_before": run.steps_before,
        "begun": run.begun,
    }
    curve = {} if checkpoint.curve is None else {_CURVE: curve_file.encode(checkpoint.curve)}
    return {
        _PROJECT: schema.encode(project_file.to_record(run.project)),
        _PROGRESS: schema.encode(progress),
        _FACTS: json.dumps(state.facts).encode(),
        _STATE: _packed(state.arrays),
        **curve,
    }


def _packed(given: Mapping[str, NDArray[Any]]) -> bytes:
    arrays = {name: np.ascontiguousarray(array) for name, array in given.items()}
    return safetensors.numpy.save(arrays)


def _read(path: Path) -> Checkpoint:
    """The checkpoint in a file; raises CnnFileError without the file's name."""
    try:
        with path.open("rb") as file:
            return _decode(Archive(file, _MEMBERS), path.stat().st_size)
    except OSError as error:
        raise CnnFileError(f"it cannot be read ({error.strerror or error})") from error


def _decode(members: Archive, largest: int) -> Checkpoint:
    """The arrays are not packed, so that they cannot be larger than the file."""
    progress = _decode_progress(members.read(_PROGRESS, _LARGEST_TEXT))
    members.refuse_foreign()
    record = schema.decode_project(members.read(_PROJECT, _LARGEST_TEXT))
    before, history, changes = (
        tuple(msgspec.to_builtins(each) for each in records)
        for records in (progress.before, progress.history, progress.changed)
    )
    project = project_file.from_record(record, history=before, changes=changes)
    known = progress.limit, progress.pictures, progress.environment
    start = progress.steps_before, progress.begun
    facts = _decode_facts(members.read(_FACTS, _LARGEST_TEXT))
    if progress.version == 1:
        facts = _without_changes(facts)
    arrays = _decode_arrays(members.read(_STATE, largest))
    return Checkpoint(
        run=Run(project, *known, *start),
        state=TrainingState(arrays, facts),
        epoch=progress.epoch,
        step=progress.step,
        history=history,
        number=progress.number,
        curve=_decode_curve(members, largest),
    )


def _without_changes(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of format 1 as those of format 2: of a run in which nothing could be changed."""
    run = facts.get("run")
    if not isinstance(run, dict):
        return facts
    return facts | {"run": {"changes": []} | run}


def _decode_progress(text: bytes) -> _Progress:
    head = schema.decode(text, _Head)
    if head.format != FORMAT:
        raise CnnFileError(f"it is no checkpoint of CNN Studio, but of {head.format[:60]!r}")
    if not 1 <= head.version <= VERSION:
        raise CnnFileError(
            f"it was written by another CNN Studio (format {head.version}, this one reads "
            f"1 to {VERSION})"
        )
    return schema.decode(text, _Progress)


def _decode_facts(text: bytes) -> dict[str, Any]:
    """Read by Python's own reader, which gives back the very numbers, also infinite ones."""
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CnnFileError(f"{_FACTS} in it is damaged: {error}") from error
    if not isinstance(facts, dict):
        raise CnnFileError(f"{_FACTS} in it holds no facts")
    return facts


def _decode_curve(members: Archive, largest: int) -> NDArray[np.float64] | None:
    """The curve, if one is there; raises CnnFileError when these are no points."""
    if _CURVE not in members:
        return None
    return curve_file.decode(members.read(_CURVE, largest))


def _decode_arrays(data: bytes) -> dict[str, NDArray[Any]]:
    try:
        arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, KeyError) as error:
        raise CnnFileError(f"{_STATE} in it is damaged: {error}") from error
    return arrays
