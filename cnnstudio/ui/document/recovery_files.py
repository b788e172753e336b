"""Copies of unsaved work in the user's data folder: one for each window, found after a crash.

    recovery/<process>-<token>.cnn    the copy, a project file
    recovery/<process>-<token>.json   where it came from
    recovery/<process>-<token>.lock   locked for as long as the process lives

The lock is the system's own, which ends with the process however that dies.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from cnnstudio import paths
from cnnstudio.errors import CnnFileError
from cnnstudio.network.atomic import not_written, replacing
from cnnstudio.network.project_file import save
from cnnstudio.ui.document.process_lock import is_alive, new_name, try_lock
from cnnstudio.ui.document.snapshot import Snapshot

_COPY, _ORIGIN, _LOCK = ".cnn", ".json", ".lock"

YOUNG = 60.0
"""Seconds in which a lock without a copy may belong to a window that is just about to take it."""

LOCK_TRIES, LOCK_PAUSE = 20, 0.005
"""Another window that is just looking whether this one lives has the lock for a moment; seconds."""

UNTITLED = "Untitled network"


class Origin(msgspec.Struct, frozen=True):
    """Where a copy came from: the document's title, and its file if it had one."""

    title: str = UNTITLED
    path: str | None = None


@dataclass(frozen=True)
class Orphan:
    """A copy that a window left behind which ended without closing it."""

    file: Path
    title: str
    origin: Path | None
    written: datetime


def is_newest(origin: Path | None, written: datetime) -> bool:
    """Whether a document's own file, if there is one, has not been written since `written`."""
    if origin is None:
        return True
    try:
        return datetime.fromtimestamp(origin.stat().st_mtime) <= written
    except (OSError, ValueError):  # a path that cannot be one
        return True


class Slot:
    """The place of this window's copy; only one thread at a time may use it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._stem = new_name()
        self._lock: BinaryIO | None = None
        self._origin: Origin | None = None

    def write(self, snapshot: Snapshot) -> bool:
        """Replace the copy by `snapshot`; False, and nothing done, when weights are no numbers.

        Raises CnnFileError.
        """
        if not snapshot.is_sound:
            return False
        try:
            self._take()
            save(snapshot.project(), self._path(_COPY))
            self._write_origin(snapshot)
        except OSError as error:
            raise CnnFileError(not_written(Path(error.filename or "It"), error)) from error
        return True

    def adopt(self, orphan: Orphan) -> None:
        """Make the copy of `orphan` this window's, so that it is at no moment without one.

        Raises OSError.
        """
        self._take()
        orphan.file.replace(self._path(_COPY))  # first: should that fail, it stays as it was
        with contextlib.suppress(FileNotFoundError):
            orphan.file.with_suffix(_ORIGIN).replace(self._path(_ORIGIN))
        orphan.file.with_suffix(_LOCK).unlink(missing_ok=True)
        self._origin = None

    def clear(self) -> None:
        """Remove the copy: what is in it is saved, or not wanted any more."""
        if self._lock is not None:
            for suffix in (_COPY, _ORIGIN):
                self._path(suffix).unlink(missing_ok=True)
            self._origin = None

    def release(self) -> None:
        """Remove the copy and give the place up, as on closing the window."""
        self.clear()
        if self._lock is not None:
            self._lock.close()
            self._path(_LOCK).unlink(missing_ok=True)
            self._lock = None

    def _write_origin(self, snapshot: Snapshot) -> None:
        path = snapshot.path
        origin = Origin(snapshot.title, None if path is None else str(path.absolute()))
        if origin != self._origin:
            with replacing(self._path(_ORIGIN)) as temporary:
                temporary.write_bytes(msgspec.json.encode(origin))
            self._origin = origin

    def _path(self, suffix: str) -> Path:
        return (self._folder or recovery_folder()) / f"{self._stem}{suffix}"

    def _take(self) -> None:
        """Lock the place; held until `release`, or until the process ends."""
        if self._lock is None:
            lock = self._path(_LOCK).open("wb", buffering=0)
            for _ in range(LOCK_TRIES):
                if try_lock(lock):
                    break
                time.sleep(LOCK_PAUSE)
            self._lock = lock


def recovery_folder() -> Path:
    """The folder of the copies; made if missing. Raises OSError."""
    folder = paths.user_data() / "recovery"
    folder.mkdir(exist_ok=True)
    return folder


def orphans(folder: Path | None = None) -> tuple[Orphan, ...]:
    """The copies that dead processes left behind, the newest first; none where none can be read.

    What is left of processes that had nothing unsaved is swept out.
    """
    try:
        folder = folder or recovery_folder()
        files = {path.stem: path for path in folder.glob(f"*{_COPY}")}
        locks = {path.stem: path for path in folder.glob(f"*{_LOCK}")}
    except OSError:
        return ()
    dead = [stem for stem in files | locks if not is_alive(folder / f"{stem}{_LOCK}", stem)]
    for stem in dead:
        if stem not in files:
            _sweep(folder / f"{stem}{_LOCK}")
    found = [orphan for stem in dead if stem in files for orphan in _read(files[stem])]
    return tuple(sorted(found, key=lambda orphan: orphan.written, reverse=True))


def discard(orphan: Orphan) -> None:
    """Remove the copy of `orphan` for good; raises OSError."""
    for suffix in (_COPY, _ORIGIN, _LOCK):
        orphan.file.with_suffix(suffix).unlink(missing_ok=True)


def _read(file: Path) -> Iterator[Orphan]:
    """The orphan of a copy, unless it has gone meanwhile."""
    with contextlib.suppress(OSError):
        written = datetime.fromtimestamp(file.stat().st_mtime)
        origin = _origin(file.with_suffix(_ORIGIN))
        yield Orphan(file, origin.title, Path(origin.path) if origin.path else None, written)


def _origin(path: Path) -> Origin:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Origin)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Origin()


def _sweep(lock: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - lock.stat().st_mtime > YOUNG:
            lock.unlink()
