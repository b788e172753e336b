"""The bar that tells which runs were deleted, and gives them back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QKeyEvent, QKeySequence

from cnnstudio.ui.parts.tinted_bar import TintedBar
from cnnstudio.ui.runs.runs_rows import RunRow
from cnnstudio.ui.theme import ThemeManager

Rows = tuple[RunRow, ...]


class DeletedRuns(TintedBar):
    """Shown while something that was deleted can be brought back, by `bring_back`.

    What was deleted last is told, and comes back first.
    """

    def __init__(self, themes: ThemeManager, bring_back: Callable[[], object]) -> None:
        super().__init__(themes, "delete")
        self.setObjectName("runsUndo")
        self._rows: list[Rows] = []
        self.undo = self.add_button("Undo", bring_back)
        self.undo.setToolTip("Bring back what was deleted (Ctrl+Z)")
        self.add_button("Close", self.leave)

    def add(self, rows: Rows) -> None:
        """These runs were deleted."""
        self._rows.append(rows)
        self._tell()

    def take(self) -> Rows:
        """The runs to bring back, which are no longer deleted; none where there are none."""
        rows = self._rows.pop() if self._rows else ()
        self._tell()
        return rows

    def leave(self) -> None:
        """What was deleted stays so."""
        self._rows.clear()
        self._tell()

    def is_meant(self, event: QKeyEvent) -> bool:
        """Whether a key is about the deleted runs, and not about the network."""
        return bool(self._rows) and event.matches(QKeySequence.StandardKey.Undo)

    def _tell(self) -> None:
        if not self._rows:
            self.hide()
            return
        rows = self._rows[-1]
        one = f"\u201c{rows[0].title}\u201d was deleted."
        self.show_words(one if len(rows) == 1 else f"{len(rows):,} runs were deleted.")
