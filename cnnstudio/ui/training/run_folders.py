"""Checkpoints of the window's runs in the user's data folder, found again after a restart.

    checkpoints/<process>-<token>/checkpoint-1.zip, -2.zip    see engine.checkpoint
    checkpoints/<process>-<token>/snapshots/                  see engine.snapshot_files
    checkpoints/<process>-<token>/note.json                   whose run it is, and how far it came
    checkpoints/<process>-<token>/run.lock                    locked while the run goes on

The lock is the system's own, so that it ends with the process however that dies.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from cnnstudio import paths
from cnnstudio.engine import environment
from cnnstudio.engine.checkpoint import NAMES, Checkpoint
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.recorder import Recorder
from cnnstudio.engine.run import Run, fingerprint
from cnnstudio.engine.snapshot_files import SnapshotFiles
from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.engine.trainer import Progress, Trainer
from cnnstudio.errors import CnnFileError
from cnnstudio.network import project_file, schema
from cnnstudio.network.atomic import not_written, replacing
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document.process_lock import is_alive, new_name, try_lock
from cnnstudio.ui.training.run_start import RunStart

SHARE = 0.005
"""The most of a run's time that goes into checkpoints, and as much again into snapshots."""

MOST_STOPPED = 8
"""Runs that were stopped and may be continued; the oldest give way."""

_NOTE, _LOCK = "note.json", "run.lock"


class Note(msgspec.Struct, frozen=True):
    """Whose run it is, how it began and how far it has come; `stopped` when somebody ended it."""

    title: str = "Untitled network"
    path: str | None = None
    epoch: int = 0
    epochs: int = 0
    stopped: bool = False
    start: RunStart = RunStart()
    project: schema.ProjectRecord | None = None
    changed: dict[str, int | float] = {}


@dataclass(frozen=True)
class Unfinished:
    """A run that did not come to its end and may be continued.

    `project` is what it trains, None when its note cannot be read; `recipe_changes` are the
    settings that were changed while it ran.
    """

    folder: Path
    title: str
    origin: Path | None
    epoch: int
    epochs: int
    stopped: bool
    project: Project | None
    written: datetime
    recipe_changes: Mapping[str, Any]
    start: RunStart = RunStart()

    def belongs_to(self, project: Project) -> bool:
        """Whether it trains the network of `project` by its recipe on its data."""
        own = self.project
        if own is None or (own.network, own.data) != (project.network, project.data):
            return False
        return project.recipe in (own.recipe, own.recipe.with_values(**self.recipe_changes))

    def repeats(self, other: Unfinished) -> bool:
        """Whether both are one run of one document: from the same random weights by one recipe."""
        own, others = self.project, other.project
        if own is None or others is None or not (self.start.fresh and other.start.fresh):
            return False
        if self.recipe_changes or other.recipe_changes or own.recipe != others.recipe:
            return False
        same = (own.network, own.data) == (others.network, others.data)
        return same and (self.title, self.origin) == (other.title, other.origin)


class RunFolder:
    """Where one run leaves its checkpoints; used by the thread that trains alone.

    `project` is the document without weights, its history that of the runs before; `last` is the
    checkpoint that the run goes on from, in the folder `at`; `start` tells how it began. Nothing is
    written before `look`.
    """

    def __init__(
        self,
        project: Project,
        title: str,
        origin: Path | None,
        last: Checkpoint | None = None,
        at: Path | None = None,
        *,
        start: RunStart,
    ) -> None:
        self._project, self._last = project, last
        self._note = Note(
            title,
            None if origin is None else str(origin.absolute()),
            start=start,
            project=schema.decode_project(schema.encode(project_file.to_record(project))),
        )
        self._at = at
        self._path: Path | None = None
        self._lock: BinaryIO | None = None
        self._recorder: Recorder | None = None
        self._snapshots: SnapshotFiles | None = None
        self._rest_until = 0.0  # for the snapshots, which are written beside the checkpoints
        self._broken = False

    def look(
        self,
        trainer: Trainer,
        progress: Progress,
        history: Sequence[Mapping[str, Any]],
        curve: Callable[[], Curve],
        snapshots: Sequence[Snapshot] = (),
        *,
        by_force: bool = False,
    ) -> None:
        """Write a checkpoint if it is time, or `by_force`, with the `snapshots` that are new.

        Raises CnnFileError the first time.
        """
        if self._broken:
            return
        try:
            recorder = self._recorder or self._open(trainer)
            write = recorder.write if by_force else recorder.look
            if write(trainer, progress, history, lambda: curve().table):
                self._keep(snapshots, by_force=by_force)
                self._write_note(trainer, progress)  # the last: it tells that all is there
        except OSError as error:
            self._broken = self._recorder is None
            raise CnnFileError(not_written(self._path or Path("It"), error)) from error
        except CnnFileError:
            self._broken = self._recorder is None
            raise

    def close(self, *, keep: bool) -> None:
        """Give the folder up; without `keep` it is removed, as the run came to its end."""
        with contextlib.suppress(OSError):
            if keep:
                self._tell_stopped()
            self._release()
            if self._path is not None and not keep:
                _remove(self._path)

    def _tell_stopped(self) -> None:
        """Note that somebody has ended the run; before its first step it is still where it was."""
        if self._path is not None:
            self._save(msgspec.structs.replace(self._note, stopped=True))
        elif self._at is not None:
            _save(self._at, msgspec.structs.replace(_note(self._at / _NOTE), stopped=True))

    def _keep(self, snapshots: Sequence[Snapshot], *, by_force: bool) -> None:
        """Without them, on a full disk, the run goes on all the same: they are only looked at."""
        began = time.monotonic()
        if self._snapshots is None or (began < self._rest_until and not by_force):
            return
        with contextlib.suppress(OSError):
            self._snapshots.keep(snapshots)
        self._rest_until = began + (time.monotonic() - began) / SHARE

    def _open(self, trainer: Trainer) -> Recorder:
        path = runs_folder() / new_name()
        if self._at is None:
            path.mkdir()
        else:
            self._at.rename(path)  # the name says whose lock it is
        self._path = path
        self._lock = (self._path / _LOCK).open("wb", buffering=0)
        try_lock(self._lock)
        run = Run(
            self._project,
            None,
            fingerprint(trainer.train, trainer.validation),
            environment.present(trainer.model.threads),
            self._note.start.steps,
            self._note.start.begun,
        )
        self._snapshots = SnapshotFiles(self._path)
        self._recorder = Recorder(self._path, run, self._last, share=SHARE)
        _make_room(self._path, self._project)
        return self._recorder

    def _write_note(self, trainer: Trainer, progress: Progress) -> None:
        latest = {k: v for change in trainer.changes for k, v in change.values.items()}
        ended = progress.finished_epoch is not None and not trainer.finished
        self._note = msgspec.structs.replace(
            self._note,
            epoch=progress.epoch + (1 if ended else 0),
            epochs=progress.epochs,
            changed=latest,
        )
        self._save(self._note)

    def _save(self, note: Note) -> None:
        assert self._path is not None
        _save(self._path, note)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None
            assert self._path is not None
            (self._path / _LOCK).unlink(missing_ok=True)


def runs_folder() -> Path:
    """The folder of the checkpoints; made if missing. Raises OSError."""
    folder = paths.user_data() / "checkpoints"
    folder.mkdir(exist_ok=True)
    return folder


def unfinished(folder: Path | None = None) -> tuple[Unfinished, ...]:
    """The runs that may be continued, the latest first; none where none can be read."""
    try:
        folders = [path for path in (folder or runs_folder()).iterdir() if path.is_dir()]
    except OSError:
        return ()
    found = [each for path in folders for each in _read(path)]
    return tuple(sorted(found, key=lambda each: each.written, reverse=True))


def discard(run: Unfinished) -> None:
    """Remove the checkpoints of `run` for good; raises OSError."""
    _remove(run.folder)


def _read(path: Path) -> list[Unfinished]:
    """The run in a folder, unless it goes on, has gone or has left no checkpoint."""
    if (path / _LOCK).exists() and is_alive(path / _LOCK, path.name):
        return []
    try:
        written = [p.stat().st_mtime for name in NAMES if (p := path / name).exists()]
    except OSError:
        return []
    if not written:
        return []
    note = _note(path / _NOTE)
    project = None
    if note.project is not None:
        with contextlib.suppress(CnnFileError):
            project = project_file.from_record(note.project)
    return [
        Unfinished(
            path,
            note.title,
            Path(note.path) if note.path else None,
            note.epoch,
            note.epochs,
            note.stopped,
            project,
            datetime.fromtimestamp(max(written)),
            note.changed,
            note.start,
        )
    ]


def _save(folder: Path, note: Note) -> None:
    with replacing(folder / _NOTE) as temporary:
        temporary.write_bytes(msgspec.json.encode(note))


def _note(path: Path) -> Note:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Note)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Note()


def _make_room(own: Path, project: Project) -> None:
    """Let runs go that were stopped: of the same document, as another has begun, and the oldest.

    Those that crashed stay until somebody is asked about them.
    """
    stopped = [run for run in unfinished(own.parent) if run.stopped and run.folder != own]
    others = [run for run in stopped if not run.belongs_to(project)]
    for run in stopped:
        if run not in others[: MOST_STOPPED - 1]:
            with contextlib.suppress(OSError):
                _remove(run.folder)


def _remove(path: Path) -> None:
    """Remove a run's folder, the lock last; only what is known is removed."""
    for name in (*NAMES, _NOTE, _LOCK):
        (path / name).unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)
