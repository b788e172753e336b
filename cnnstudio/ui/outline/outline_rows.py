"""The rows of the outline: every block from the first to the last, those inside others below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject

from cnnstudio.network import BlockReport, Network, Report, inner
from cnnstudio.network.inner import Path
from cnnstudio.network.inner_report import rows_inside
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.row_list import RowModel


@dataclass(frozen=True)
class OutlineRow:
    """A block at `path`, or a row of a block that is empty and could take one there."""

    path: Path
    entry: BlockReport | None
    owner: str = ""
    """What holds it: "RESIDUAL 1", "branch 2 of PARALLEL 1"; "" in the network itself."""

    @property
    def depth(self) -> int:
        """How many blocks it is inside."""
        return len(self.path) // 2

    @property
    def title(self) -> str:
        """The words of the row."""
        return self.entry.name if self.entry else "empty"

    @property
    def branch(self) -> str:
        """The branch that it is in, where there are several."""
        words, _, _ = self.owner.partition(" of ")
        return words if words != self.owner else ""

    @property
    def tip(self) -> str:
        """The settings and what is wrong."""
        if self.entry is None:
            return f"Insert puts a block into {self.owner}."
        problems = (problem.message for problem in self.entry.problems)
        return "\n".join([self.entry.block.summary(), *problems])

    @property
    def spoken(self) -> str:
        """All about it: "CONV 1, 28x28x6, 156 parameters, 6 @ 5x5, stride 1, ReLU, fits"."""
        full = f"{self.title} of {self.owner}" if self.owner else self.title
        if self.entry is None:
            return f"{full}: a block can be put in"
        settings = self.entry.block.summary().replace(" · ", ", ")
        known = ", ".join([full, *_known(self.entry), settings, *_verdict(self.entry)])
        return ". ".join([known, *_problems(self.entry)])


def _known(entry: BlockReport) -> list[str]:
    known = [str(entry.output_shape) if entry.output_shape else "size unknown"]
    return known if entry.parameters is None else [*known, f"{entry.parameters:,} parameters"]


def _verdict(entry: BlockReport) -> list[str]:
    """Nothing where the size is not known: the problem says so, or it is not known either."""
    if entry.output_shape is None:
        return []
    return ["fits, with a warning" if entry.problems else "fits"]


def _problems(entry: BlockReport) -> list[str]:
    """What is wrong, in whole sentences without the name of the block."""
    said = [problem.message.removeprefix(entry.name).strip() for problem in entry.problems]
    return [words[:1].upper() + words[1:].removesuffix(".") for words in said]


def rows_of(network: Network, report: Report) -> Iterator[OutlineRow]:
    """All rows of a network from top to bottom."""
    for index, entry in enumerate(report.blocks):
        yield OutlineRow((index,), entry)
        yield from _inside(network, (index,), entry)


def _inside(network: Network, path: Path, around: BlockReport) -> Iterator[OutlineRow]:
    for number, entries in enumerate(rows_inside(around)):
        owner = inner.owner_name(network, (*path, number, 0))
        if not entries:
            yield OutlineRow((*path, number, 0), None, owner)
        for place, entry in enumerate(entries):
            below = (*path, number, place)
            yield OutlineRow(below, entry, owner)
            yield from _inside(network, below, entry)


class OutlineModel(RowModel[OutlineRow]):
    """The blocks of the session's network as rows."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._report = session.report
        self.rows = list(rows_of(session.network, session.report))

    def refresh(self) -> None:
        """Take over the session's report; a reset only where blocks came or went."""
        if self._report is self._session.report:
            return
        self._report = self._session.report
        rows = list(rows_of(self._session.network, self._session.report))
        if [row.path for row in rows] != [row.path for row in self.rows]:
            self.show(rows)
            return
        self.rows = rows
        self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def place_of(self, path: Path) -> int | None:
        """The number of the row of the block at `path`."""
        return next((i for i, row in enumerate(self.rows) if row.path == path), None)
