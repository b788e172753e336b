"""Which network the canvas shows, the present one or what a drop would make of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cnnstudio.blocks.row import rows_of
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.network import BlockReport, Network, Report, inner
from cnnstudio.network.inner import Path, row_report


@dataclass(frozen=True)
class Look:
    """A network with its report, and how it came from the present one: see `inner.after`."""

    network: Network
    report: Report
    gone: Collection[Path] = ()
    target: Path | None = None
    count: int = 0
    findings: Sequence[Finding] = ()
    """What ails the blocks in training."""

    @property
    def is_preview(self) -> bool:
        """Whether something is dragged."""
        return self.target is not None

    def place(self, path: Path) -> Path:
        """Where the block at `path` of the present network stands."""
        return inner.after(path, self.gone, self.target, self.count)

    def is_gone(self, path: Path) -> bool:
        """Whether the block at `path`, or one that it is in, is dragged away."""
        return any(path[: len(each)] == each for each in self.gone)

    @property
    def landing(self) -> Path:
        """Where the first of the dragged blocks would stand."""
        assert self.target is not None
        return inner.landing(self.gone, self.target)

    @property
    def landed(self) -> list[BlockReport]:
        """What is known about the dragged blocks where they would stand."""
        landing = self.landing
        entries: tuple[BlockReport, ...] = self.report.blocks
        for level in range(1, len(landing), 2):
            entry = entries[landing[level - 1]]
            entries = row_report(rows_of(entry.block)[landing[level]], entry.input_shape)
        return list(entries[landing[-1] : landing[-1] + self.count])
