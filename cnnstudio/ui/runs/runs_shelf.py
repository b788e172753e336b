"""The kept runs as the window knows them; everything on the disk is done in a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from cnnstudio.runs.record import KeptRun
from cnnstudio.runs.store import Listed, RunStore
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.parts.errands import Errands
from cnnstudio.ui.runs.runs_rows import Rows, RunRow, read_rows, row_of
from cnnstudio.ui.training.worker import Failure

GRACE = 24 * 3600.0
"""Seconds for which a deleted run could still be brought back, by this window or another."""

CLOSE_TIMEOUT = 5.0
"""Seconds that closing waits for what was changed to be written."""


class RunsShelf(QObject):
    """What is in `store`; a change is seen at once and written soon, a failure is told.

    `changed` comes when `rows` are others.
    """

    changed = Signal()

    def __init__(self, session: Session, store: RunStore, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._store = session, store
        self.rows: tuple[RunRow, ...] = ()
        self.read = False
        """Whether the store has been looked into."""
        self._edits = 0
        self._told: set[str] = set()
        self._is_tidy = False
        self._errands = Errands(self)

    @property
    def busy(self) -> bool:
        """Whether something is still being read or written."""
        return self._errands.busy

    def tidy(self) -> None:
        """Remove for good what was deleted long ago; the first time only."""
        if not self._is_tidy:
            self._is_tidy = True
            self._run(partial(self._store.tidy, GRACE), lambda _: None)

    def refresh(self) -> None:
        """Look into the store anew."""
        self.tidy()
        self._run(partial(read_rows, self._store), partial(self._take_rows, self._edits))

    def add(self, row: RunRow) -> None:
        """A run has been kept."""
        self._show((row, *(each for each in self.rows if each.name != row.name)))

    def describe(self, name: str, column: str, words: str) -> None:
        """Give a run another "title" or "note"."""
        self._show(
            row_of(Listed(name, msgspec.structs.replace(row.facts, **{column: words})))
            if row.name == name and row.facts is not None
            else row
            for row in self.rows
        )
        self._run(partial(self._store.describe, name, **{column: words}), lambda _: None)

    def delete(self, names: Sequence[str]) -> None:
        """Take runs out of the table; `restore` brings them back."""
        self.tidy()
        self._show(row for row in self.rows if row.name not in names)
        self._run(partial(_each, self._store.delete, names), lambda _: None)

    def restore(self, rows: Sequence[RunRow]) -> None:
        """Bring deleted runs back."""
        self._show((*self.rows, *rows))
        names = [row.name for row in rows]
        self._run(partial(_each, self._store.restore, names), lambda _: None)

    def load(self, names: Sequence[str], take: Callable[[Sequence[KeptRun]], object]) -> None:
        """Read whole runs, and call `take` with them."""
        self._run(lambda: [self._store.load(name) for name in names], take)

    def close_and_wait(self) -> None:
        """Wait until what was changed is written."""
        self._errands.finish(CLOSE_TIMEOUT)
        self._errands.drop()

    # ---- inside

    def _run(self, function: Callable[[], object], take: Callable[..., object]) -> None:
        self._errands.run(function, take, self._tell)

    def _show(self, rows: Iterable[RunRow]) -> None:
        self.rows = tuple(rows)
        self._edits += 1
        self.changed.emit()

    def _take_rows(self, edits: int, found: Rows) -> None:
        """Take what is in the store, unless something was changed since it was asked for."""
        self.read = True
        if edits != self._edits:
            self.refresh()
            return
        if found.rows != self.rows or not self.rows:
            self.rows = found.rows
            self.changed.emit()
        for words in found.warnings:
            if words not in self._told:
                self._told.add(words)
                self._session.noticed.emit(Notice(words, severity="warning", until="next run"))

    def _tell(self, failure: Failure) -> None:
        """Tell what failed, and show what is there."""
        told = Notice(failure.sentence, failure.details, until="next run")
        self._session.noticed.emit(told)
        self.refresh()


def _each(function: Callable[[str], object], names: Sequence[str]) -> None:
    for name in names:
        function(name)
