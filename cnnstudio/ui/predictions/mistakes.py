"""The mistakes: images taken for what they are not, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from cnnstudio.engine.metrics import Predictions
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.picture_grid import Caption, PictureGrid
from cnnstudio.ui.predictions.mistake_detail import Mistake, MistakeDetail
from cnnstudio.ui.predictions.predictions_panel import PredictionsPanel
from cnnstudio.ui.theme import ThemeManager

ANY = -1
"""The value of a filter that lets every class pass."""


class Mistakes(PredictionsPanel):
    """A grid of the images with the highest loss, and the present one with its probabilities.

    A click, or Enter, makes an image the probe. While the pointer is on the grid, or the keyboard,
    a run that goes on does not change the grid below it.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__(session, themes)
        self.setObjectName("mistakes")
        self._rows: NDArray[np.intp] = np.zeros(0, np.intp)
        self._drawn: Predictions | None = None
        self._present: int | None = None
        self._filters: tuple[int, int] = (ANY, ANY)
        self._offered: tuple[str, ...] = ()
        self.true = self._filter("Label", "Show only images with this label")
        self.seen = self._filter("Seen as", "Show only images that are taken for this class")
        self.held = label("caption", "held while you point at it")
        self.grid = PictureGrid(themes, "Mistakes")
        self.detail = MistakeDetail(themes)
        self.head.addWidget(self.held)
        self.head.addWidget(self.true)
        self.head.addWidget(self.seen)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.grid, 1)
        body.addWidget(self.detail)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(self.head)
        column.addLayout(body, 1)
        column.addWidget(self.words, 1)
        self.held.hide()
        self.grid.moved.connect(self._show_detail)
        self.grid.activated.connect(self._take_probe)

    def _filter(self, name: str, tip: str) -> Combo:
        combo = Combo(self._themes)
        combo.setAccessibleName(name)
        combo.setToolTip(tip)
        combo.setFixedWidth(118)
        combo.addItem(f"{name}: any", ANY)
        combo.activated.connect(self._catch_up)
        return combo

    # ---- drawing

    def _shown_as(self) -> object:
        return self.true.currentData(), self.seen.currentData()

    def _draw(self) -> None:
        found = self.shown
        if found is None or not len(found):
            self._drawn, self._rows = None, np.zeros(0, np.intp)
            self._show_rows()
            return
        self._offer(found)
        filters = (int(self.true.currentData()), int(self.seen.currentData()))
        same = self._drawn is not None and filters == self._filters
        hold = same and found.live and len(self._rows) > 0 and self._is_used()
        self.held.setVisible(hold)
        if not hold:
            self._drawn, self._filters = found, filters
            self._rows = self._filtered(found)
            self._show_rows()

    def _is_used(self) -> bool:
        return self.grid.hasFocus() or self.grid.viewport().underMouse()

    def _filtered(self, found: Predictions) -> NDArray[np.intp]:
        """The wrong rows that the filters let pass, the highest loss first."""
        rows = found.wrong
        for combo, values in ((self.true, found.labels), (self.seen, found.predicted)):
            wanted = int(combo.currentData())
            if wanted != ANY:
                rows = rows[values[rows] == wanted]
        return rows

    def _offer(self, found: Predictions) -> None:
        """Fill the filters with the classes."""
        names = tuple(self.class_names(found.classes))
        if names == self._offered:
            return
        self._offered = names
        for combo in (self.true, self.seen):
            name = combo.accessibleName()
            combo.clear()
            combo.addItem(f"{name}: any", ANY)
            for index, words in enumerate(names):
                combo.addItem(f"{name}: {words}", index)

    def _show_rows(self) -> None:
        found = self._drawn
        if found is None:
            nothing: NDArray[np.uint8] = np.zeros((0, 1, 1, 1), np.uint8)
            self.grid.show_pictures(nothing, self._rows, lambda _place: ("", ""))
            self.detail.show_mistake(None)
            return
        filtered = self._filters != (ANY, ANY)
        self.grid.empty_words = "No mistake passes the filters." if filtered else "No mistakes."
        names = self.class_names(found.classes)
        caption = partial(_caption, found, self._rows, names)
        indices = found.indices[self._rows]
        places = np.flatnonzero(indices == self._present)
        current = int(places[0]) if len(places) else 0 if len(indices) else None
        self.grid.show_pictures(self.pixels(), indices, caption, current)
        self._show_detail(current)

    def _show_parts(self, shown: bool) -> None:
        for part in (self.grid, self.detail, self.true, self.seen):
            part.setVisible(shown)

    def _show_detail(self, place: int | None) -> None:
        if place is not None and place < len(self._rows):
            mistake = self.mistake(place)
            self._present = mistake.index
            self.detail.show_mistake(mistake)
        else:
            self.detail.show_mistake(None)

    def mistake(self, place: int) -> Mistake:
        """The image at a place of the grid, with its label and what it is seen as."""
        found = self._drawn
        assert found is not None
        row = self._rows[place]
        return Mistake(
            int(found.indices[row]),
            found.of,
            self.grid.picture(place),
            int(found.labels[row]),
            int(found.predicted[row]),
            found.probabilities[row],
            self.class_names(found.classes),
        )

    # ---- doing

    def _take_probe(self, place: int) -> None:
        mistake = self.mistake(place)
        self._session.set_probe(mistake.index, mistake.of)

    def _table(self) -> Iterable[Sequence[object]]:
        found = self._drawn
        assert found is not None
        names = self.class_names(found.classes)
        yield ("image", "label", "predicted", *(f"probability of {name}" for name in names))
        for row in self._rows:
            label_name, predicted = names[found.labels[row]], names[found.predicted[row]]
            shares = map(float, found.probabilities[row])
            yield (int(found.indices[row]) + 1, label_name, predicted, *shares)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the grid, or the present image with its bars."""
        if self._drawn is None or not len(self._rows):
            return
        source = self.detail if self.detail.geometry().contains(event.pos()) else self.grid
        ground = self._themes.theme.color("window")
        menu = save_menu(self, f"mistakes-{self.of}", source, self._table, self._session, ground)
        menu.popup(event.globalPos())


def _caption(
    found: Predictions, rows: NDArray[np.intp], names: Sequence[str], place: int
) -> Caption:
    """Such as "1" "not 7"."""
    row = rows[place]
    return names[found.predicted[row]], f"not {names[found.labels[row]]}"
