"""Where the runs are kept: a folder for each in the user's data folder.

run.json          what it was and what came of it (record.Facts)
network.cnn       the project as the run left it: network, recipe, history, trained weights
curve.csv         position in epochs, loss and accuracy of every step; of a run of very many steps
                  the older lines stand for several (engine.curve)
test.csv          label, prediction and confidence of every picture of a set, here of "test"

A run is written beside its place and then moved there, so that there is never half of one. What is
deleted lies in the folder `deleted` until a later program start.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from cnnstudio import paths
from cnnstudio.errors import CnnFileError
from cnnstudio.network import project_file, schema
from cnnstudio.network.atomic import replacing
from cnnstudio.runs import tables
from cnnstudio.runs.record import FORMAT, VERSION, Facts, KeptRun, Outcome, no_curve

_FACTS = "run.json"
_NETWORK = "network.cnn"
_CURVE = "curve.csv"
_DELETED = "deleted"
_SETS = ("test", "validation")
_LARGEST = 2**28
"""Bytes of a table that are still read."""

NEWEST = "newest"
"""What the run is called that began last, whatever its name."""

T = TypeVar("T")

_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
_UNFINISHED = re.compile(rf"\.{_NAME.pattern}")


@dataclass(frozen=True)
class Listed:
    """A run in the table: `name` is that of its folder."""

    name: str
    facts: Facts


@dataclass(frozen=True)
class Listing:
    """The runs, the newest first, and a sentence for each folder that cannot be read."""

    runs: tuple[Listed, ...] = ()
    warnings: tuple[str, ...] = ()


class RunStore:
    """The runs in `folder`, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def listing(self, *, deleted: bool = False) -> Listing:
        """All runs that can be read; with `deleted` those that `restore` can bring back."""
        folder = self._folder_of(deleted)
        found: list[Listed] = []
        warnings: list[str] = []
        for name in self._names(deleted):
            try:
                found.append(Listed(name, self._facts(folder / name)))
            except CnnFileError as error:
                warnings.append(f"The run in {folder / name} cannot be shown: {error}.")
        found.sort(key=lambda run: run.facts.begun, reverse=True)  # names tell no more than seconds
        return Listing(tuple(found), tuple(warnings))

    def find(self, words: str, *, deleted: bool = False) -> str:
        """The name of the run that `words` mean: all of it, its beginning, its end, or "newest".

        With `deleted` it is one that `restore` can bring back. Raises CnnFileError.
        """
        names = self._names(deleted)
        if words == NEWEST:
            names = [run.name for run in self.listing(deleted=deleted).runs[:1]] or names
        found = _meant(words, names)
        if len(found) == 1:
            return found[0]
        if found:
            raise CnnFileError(_several(words, found))
        if not deleted:
            raise CnnFileError(_no_run(words, names))
        kept = [] if words == NEWEST else _meant(words, self._names(False))
        raise CnnFileError(
            f"{kept[0]} is not deleted." if len(kept) == 1 else _no_deleted_run(words, names)
        )

    def begun_at(self, begun: str) -> list[str]:
        """The names of the runs that began in the second of `begun`, as Facts have it."""
        return [name for name in _runs_in(self._folder) if name.startswith(_name_of(begun))]

    def add(self, run: KeptRun, instead_of: str = "") -> str:
        """Keep `run`; the name that it is called by. Raises CnnFileError.

        The run called `instead_of` gives its name to it, and is deleted.
        """
        new = _name_of(run.facts.begun) + secrets.token_hex(3)
        name = instead_of or new
        unfinished = self._folder / f".{new}"
        try:
            unfinished.mkdir(parents=True)
            self._write(run, unfinished)
            if instead_of:
                self.delete(instead_of, new)
            unfinished.replace(self._folder / name)
        except (OSError, CnnFileError) as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            cause = error if isinstance(error, OSError) else error.__cause__
            words = getattr(cause, "strerror", None) or str(error).rstrip(".")
            raise CnnFileError(f"The run cannot be kept in {self._folder}: {words}.") from error
        return name

    def load(self, name: str) -> KeptRun:
        """The whole run called `name`; raises CnnFileError."""
        folder = self._folder / name
        try:
            facts = self._facts(folder)
            project = project_file.load(folder / _NETWORK)
            curve = folder / _CURVE
            exists = curve.exists()
            points = _parsed(_CURVE, _read(curve), tables.read_curve) if exists else no_curve()
            return KeptRun(facts, project, points, _outcome(folder))
        except (OSError, CnnFileError) as error:
            raise _unreadable(folder, error) from error

    def describe(self, name: str, *, title: str | None = None, note: str | None = None) -> Facts:
        """Give a run another title or note; its new facts. Raises CnnFileError."""
        folder = self._folder / name
        try:
            facts = self._facts(folder)
        except CnnFileError as error:
            raise _unreadable(folder, error) from error
        given = {"title": title, "note": note}
        changed = msgspec.structs.replace(
            facts, **{key: text for key, text in given.items() if text is not None}
        )
        self._save_facts(changed, folder)
        return changed

    def delete(self, name: str, deleted: str = "") -> None:
        """Take a run out of the table; `restore` brings it back, called `deleted` if that is given.

        Raises CnnFileError.
        """
        with contextlib.suppress(OSError):
            (self._folder / _DELETED).mkdir(exist_ok=True)
            os.utime(self._folder / name)  # when it was deleted, for tidy
        self._move(self._folder / name, self._folder / _DELETED / (deleted or name))

    def restore(self, name: str) -> None:
        """Bring a deleted run back. Raises CnnFileError."""
        self._move(self._folder / _DELETED / name, self._folder / name)

    def tidy(self, grace: float = 0.0) -> None:
        """Remove for good what was deleted before, and what a killed process left unfinished.

        What is younger than `grace` seconds stays: another window may still bring it back.
        """
        latest = time.time() - grace
        for path in (*_entries(self._folder / _DELETED), *_entries(self._folder)):
            is_deleted = path.parent.name == _DELETED
            if is_deleted or _UNFINISHED.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    if path.stat().st_mtime <= latest:
                        shutil.rmtree(path, ignore_errors=True)

    # ---- inside

    def _folder_of(self, deleted: bool) -> Path:
        return self._folder / _DELETED if deleted else self._folder

    def _names(self, deleted: bool) -> list[str]:
        """The newest first."""
        return sorted(_runs_in(self._folder_of(deleted)), reverse=True)

    def _facts(self, folder: Path) -> Facts:
        """A newer program's run is told by its version, not by what else is in it."""
        try:
            text = _read(folder / _FACTS)
        except OSError as error:
            raise CnnFileError(f"{_FACTS} cannot be read: {error.strerror or error}") from error
        head = _parsed(_FACTS, text, lambda text: schema.decode(text, schema.Head))
        schema.check_head(head, "run", FORMAT, VERSION)
        return _parsed(_FACTS, text, lambda text: schema.decode(text, Facts))

    def _write(self, run: KeptRun, folder: Path) -> None:
        project = dataclasses.replace(run.project, preview=None)
        project_file.save(project, folder / _NETWORK)
        if len(run.curve):
            (folder / _CURVE).write_bytes(tables.write_curve(run.curve))
        if run.outcome is not None:
            (folder / f"{run.outcome.of}.csv").write_bytes(tables.write_outcome(run.outcome))
        self._save_facts(run.facts, folder)

    def _save_facts(self, facts: Facts, folder: Path) -> None:
        try:
            with replacing(folder / _FACTS) as new:
                new.write_bytes(schema.encode(facts))
        except OSError as error:
            words = error.strerror or error
            raise CnnFileError(f"{folder / _FACTS} cannot be written: {words}.") from error

    def _move(self, path: Path, target: Path) -> None:
        try:
            path.replace(target)
        except OSError as error:
            words = error.strerror or error
            raise CnnFileError(f"The run {path.name} cannot be moved: {words}.") from error


def user_store() -> RunStore:
    """The runs in the user's data folder."""
    return RunStore(paths.user_data(make=False) / "runs")


def _name_of(begun: str) -> str:
    """What the name of a run begins with that began then, as Facts have it."""
    digits = re.sub(r"[^0-9]", "", begun)[:14].ljust(14, "0")
    return f"{digits[:8]}-{digits[8:]}-"


def _meant(words: str, names: Sequence[str]) -> list[str]:
    """Those of `names`, the newest first, that `words` can mean; one where they are clear."""
    if words == NEWEST:
        return list(names[:1])
    if words in names:
        return [words]
    if not words:
        return []  # every name begins with nothing
    return [name for name in names if name.startswith(words) or name.endswith(f"-{words}")]


def _several(words: str, found: Sequence[str]) -> str:
    shown = ", ".join(found[:4]) + (", ..." if len(found) > 4 else "")
    return f"{words!r} may be any of {len(found):,} runs ({shown}); write more of its name."


def _no_run(words: str, names: Sequence[str]) -> str:
    known = f"cnnstudio runs lists the {len(names):,} there are" if names else "there are none"
    return f"{words[:60]!r} is no kept run; {known}."


def _no_deleted_run(words: str, names: Sequence[str]) -> str:
    known = f"cnnstudio runs list --deleted lists the {len(names):,} there are"
    return f"No deleted run is called {words[:60]!r}; {known if names else 'there are none'}."


def _entries(folder: Path) -> list[Path]:
    """What is in `folder`; nothing where it cannot be looked into."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _runs_in(folder: Path) -> list[str]:
    return [path.name for path in _entries(folder) if _NAME.fullmatch(path.name)]


def _outcome(folder: Path) -> Outcome | None:
    for of in _SETS:
        path = folder / f"{of}.csv"
        if path.exists():
            return _parsed(path.name, _read(path), partial(tables.read_outcome, of))
    return None


def _parsed(name: str, text: bytes, parse: Callable[[bytes], T]) -> T:
    """What `parse` makes of the text of a file, which is named when it is damaged."""
    try:
        return parse(text)
    except CnnFileError as error:
        raise CnnFileError(f"{name} is damaged ({error})") from error


def _unreadable(folder: Path, error: OSError | CnnFileError) -> CnnFileError:
    """The sentence for a run that cannot be read."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return CnnFileError(f"The run in {folder} cannot be read: {reason.rstrip('.')}.")


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise CnnFileError(f"{path.name} is larger than any that is written here")
    return text
