"""The confusion matrix: what is taken for what, live on the images kept aside."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.engine.metrics import Predictions
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.labels import Elided, label, set_role
from cnnstudio.ui.parts.picture_grid import Caption, PictureGrid
from cnnstudio.ui.predictions.confusion_counts import Cell, Counts
from cnnstudio.ui.predictions.confusion_matrix import ConfusionMatrix
from cnnstudio.ui.predictions.confusion_rows import ConfusedRows
from cnnstudio.ui.predictions.predictions_panel import PredictionsPanel
from cnnstudio.ui.theme import ThemeManager


class Confusion(PredictionsPanel):
    """The matrix, and beside it what is most often confused, or the images of the chosen cell."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes)
        self.setObjectName("confusion")
        self.matrix = ConfusionMatrix(themes)
        self.rows = ConfusedRows(themes)
        self.grid = PictureGrid(themes, "Images of the chosen cell")
        self.back = PushButton(themes, icon_name="close")
        self.back.setAccessibleName("Back to what is most often confused")
        self.back.setToolTip("Back to what is most often confused (Esc)")
        self.title = label("heading")
        self.note = Elided()
        self.grid.empty_words = "No images."
        self._members: NDArray[np.intp] = np.zeros(0, np.intp)
        self._present: int | None = None
        self._arrange()
        self.matrix.chosen.connect(self._show_cell)
        self.matrix.entered.connect(self.grid.setFocus)
        self.matrix.hovered.connect(self._show_note)
        self.rows.chosen.connect(self._go_to)
        self.grid.activated.connect(self._take_probe)
        self.grid.left.connect(self._leave_grid)
        self.back.clicked.connect(lambda: self.matrix.choose(None))

    def _arrange(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.title)
        above.addWidget(self.note, 1)
        above.addWidget(self.back)
        self.title.setFixedHeight(24)
        self.side = QWidget()
        column = QVBoxLayout(self.side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self.head)
        column.addLayout(above)
        column.addWidget(self.rows, 1)
        column.addWidget(self.grid, 1)
        column.addWidget(self.words, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 8)
        row.setSpacing(20)
        row.addWidget(self.matrix, 3)
        row.addWidget(self.side, 2)
        set_role(self.title, "title")

    # ---- drawing

    def _draw(self) -> None:
        found = self.shown
        if found is None:
            self._members = np.zeros(0, np.intp)
            return
        counts = Counts(found.confusion, self.class_names(found.classes))
        self.matrix.show_counts(counts)
        self.rows.show_counts(counts)
        self._show_cell(self.matrix.choice)

    def _show_parts(self, shown: bool) -> None:
        chosen = self.matrix.choice is not None
        self.matrix.setVisible(shown)
        self.rows.setVisible(shown and not chosen)
        for part in (self.grid, self.back):
            part.setVisible(shown and chosen)
        for words in (self.title, self.note):
            words.setVisible(shown)

    def _show_cell(self, cell: Cell | None) -> None:
        """The images of a cell, or with None the most frequent confusions."""
        found = self.shown
        if found is None:
            return
        self._members = np.zeros(0, np.intp)
        if cell is not None:
            in_cell = (found.labels == cell[0]) & (found.predicted == cell[1])
            rows = np.flatnonzero(in_cell)
            self._members = rows[np.argsort(found.own[rows], kind="stable")]
        caption = partial(_caption, found, self._members)
        places = found.indices[self._members]
        self.grid.show_pictures(self.pixels(), places, caption, self._kept())
        self._show_note("")
        self._show_parts(bool(len(found)))

    def _kept(self) -> int | None:
        """Where the image that was the present one is now."""
        found = self.shown
        if found is None or self._present is None:
            return None
        places = np.flatnonzero(found.indices[self._members] == self._present)
        return int(places[0]) if len(places) else None

    def _show_note(self, hovered: str) -> None:
        """What is under the pointer, or what is shown beside the matrix."""
        counts, cell = self.matrix.counts, self.matrix.choice
        if cell is not None:
            self.title.setText(counts.pair(cell))
            of = counts.words(cell).partition(": ")[2]
            hint = "  ·  click to probe" if counts.counts[cell] else ""
            self.note.setText(hovered or of + hint)
        else:
            self.title.setText("Most often confused" if counts.wrong else "Nothing is confused")
            self.note.setText(hovered or "click a cell to see its images")

    # ---- doing

    def _go_to(self, cell: Cell) -> None:
        self.matrix.choose(cell)
        self.grid.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave_grid(self) -> None:
        self.matrix.setFocus(Qt.FocusReason.OtherFocusReason)
        self.matrix.choose(None)

    def _take_probe(self, place: int) -> None:
        found = self.shown
        if found is not None and place < len(self._members):
            self._present = int(found.indices[self._members[place]])
            self._session.set_probe(self._present, found.of)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the matrix."""
        if self.shown is None or not len(self.shown):
            return
        counts = self.matrix.counts
        ground = self._themes.theme.color("window")
        name = f"confusion-{self.of}"
        menu = save_menu(self, name, self.matrix, counts.table, self._session, ground)
        menu.popup(event.globalPos())


def _caption(found: Predictions, members: NDArray[np.intp], place: int) -> Caption:
    """The probability of the class that an image is seen as."""
    row = members[place]
    return "", f"{100 * found.probabilities[row, found.predicted[row]]:.1f} %"
