"""What windows left behind that ended without being closed: each thing once, the newest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cnnstudio.errors import CnnFileError
from cnnstudio.network.project_file import Project, peek
from cnnstudio.ui.document import recovery_files
from cnnstudio.ui.document.process_lock import process_of
from cnnstudio.ui.document.recovery_files import Orphan
from cnnstudio.ui.training import run_folders
from cnnstudio.ui.training.run_folders import Unfinished


@dataclass(frozen=True)
class LeftBehind:
    """One thing to go on with: a document that was not saved, or a run that did not end.

    `copies` are those of the document; a run's are the copies that were written while it went on,
    of which its checkpoint has all. `earlier` are checkpoints of the same run that did not come as
    far, by windows that crashed before.
    """

    copies: tuple[Orphan, ...] = ()
    run: Unfinished | None = None
    earlier: tuple[Unfinished, ...] = ()

    @property
    def title(self) -> str:
        """What its document is called."""
        return self.run.title if self.run else self.copies[0].title

    @property
    def written(self) -> datetime:
        """When it was last kept."""
        return self.run.written if self.run else self.copies[0].written

    @property
    def key(self) -> str:
        """What tells it from others."""
        return self.run.folder.name if self.run else self.copies[0].file.name

    def belongs_to(self, project: Project) -> bool:
        """Whether it is a run of `project`."""
        return self.run is not None and self.run.belongs_to(project)

    def parts(self) -> tuple[LeftBehind, ...]:
        """Each checkpoint and each copy by itself, for when they are not all of use."""
        runs = () if self.run is None else (self.run, *self.earlier)
        alone = (*(LeftBehind(run=run) for run in runs), *(LeftBehind((c,)) for c in self.copies))
        return alone

    def discard(self) -> None:
        """Remove it for good; raises OSError."""
        for run in () if self.run is None else (self.run, *self.earlier):
            run_folders.discard(run)
        for copy in self.copies:
            recovery_files.discard(copy)


def find() -> tuple[LeftBehind, ...]:
    """All that is there now."""
    return gather(recovery_files.orphans(), run_folders.unfinished())


def gather(copies: Iterable[Orphan], runs: Iterable[Unfinished]) -> tuple[LeftBehind, ...]:
    """Put together what is one thing; the newest first."""
    families = _families(runs)
    found: list[LeftBehind] = []
    for copy in copies:
        place = next((i for i, each in enumerate(families) if _is_copy_of(copy, each)), None)
        if place is None:
            found.append(LeftBehind((copy,)))
        else:
            family = families[place]
            families[place] = dataclasses.replace(family, copies=(*family.copies, copy))
    return tuple(sorted((*found, *families), key=lambda each: each.written, reverse=True))


def _families(runs: Iterable[Unfinished]) -> list[LeftBehind]:
    """The checkpoints of one run together, the one that came furthest at their head."""
    families: list[LeftBehind] = []
    for run in sorted(runs, key=lambda run: (run.epoch, run.written), reverse=True):
        for place, family in enumerate(families):
            if family.run is not None and run.repeats(family.run):
                families[place] = dataclasses.replace(family, earlier=(*family.earlier, run))
                break
        else:
            families.append(LeftBehind(run=run))
    return families


def _is_copy_of(copy: Orphan, family: LeftBehind) -> bool:
    """Whether `copy` is what the same window autosaved of the document while it was trained."""
    runs: Sequence[Unfinished] = () if family.run is None else (family.run, *family.earlier)
    return any(_is_of(copy, run) for run in runs if not run.stopped)


def _is_of(copy: Orphan, run: Unfinished) -> bool:
    same = process_of(copy.file.name) == process_of(run.folder.name)
    if not same or copy.title != run.title:
        return False
    try:
        return run.belongs_to(peek(copy.file))
    except CnnFileError:
        return False
