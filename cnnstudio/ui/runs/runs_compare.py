"""Two kept runs beside each other: what differs, their curves, and which images flipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.data.datasets import Images
from cnnstudio.runs.comparison import Comparison, compare
from cnnstudio.runs.record import KeptRun
from cnnstudio.runs.wording import when
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.choice_fields import Segmented
from cnnstudio.ui.parts.labels import Elided, label
from cnnstudio.ui.parts.picture_grid import Caption, PictureGrid
from cnnstudio.ui.runs.runs_differences import Differences
from cnnstudio.ui.runs.runs_lines import TOKENS, lines_of, rows_of
from cnnstudio.ui.runs.runs_rows import percent
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.plots import CurvePlot
from cnnstudio.ui.training.scales import Range

KINDS = {"mended": "Mended", "spoiled": "Spoiled", "otherwise": "Other mistake"}
TIPS = {
    "mended": "Wrong in the first run and right in the second",
    "spoiled": "Right in the first run and wrong in the second",
    "otherwise": "Wrong in both, but not taken for the same",
}
NAMES = 20
"""Pixels to the right of a plot for the numbers of the runs."""

WHATS = {"accuracy": "Accuracy", "loss": "Loss"}


class RunsCompare(QWidget):
    """The view of two runs, the older first; `left` is emitted when it is to be closed.

    A click on an image, or Enter, makes it the probe.
    """

    left = Signal()

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self.runs: tuple[KeptRun, ...] = ()
        self.found: Comparison | None = None
        self._images: Images | None = None
        self._indices: NDArray[np.intp] = np.zeros(0, np.intp)
        self.back = PushButton(themes, "Back to the runs")
        self.names = (Elided(), Elided())
        self.differences = Differences(themes)
        self.whats = Segmented(WHATS, themes)
        self.plots = {what: self._plot(what) for what in WHATS}
        self.kinds = Segmented(KINDS, themes)
        self.grid = PictureGrid(themes, "Images that flipped", 42)
        self.words = label("caption", wrap=True)
        self._arrange()
        self.back.clicked.connect(self.left)
        self.whats.chosen.connect(lambda _word, _again: self._show_curves())
        self.kinds.chosen.connect(lambda _word, _again: self._show_flips())
        self.grid.activated.connect(self._take_probe)
        self.grid.left.connect(self.left)
        themes.changed.connect(self._dress)

    def _arrange(self) -> None:
        for segmented, word, tips in ((self.whats, "accuracy", {}), (self.kinds, "mended", TIPS)):
            segmented.set_value(word)
            for name, button in segmented.buttons.items():
                button.setToolTip(tips.get(name, ""))
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.back)
        for line in self.names:
            head.addWidget(line, 1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.differences, 5)
        body.addLayout(_column(self.whats, *self.plots.values()), 6)
        body.addLayout(_column(self.kinds, self.grid, self.words), 7)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(body, 1)

    def show_runs(self, first: KeptRun, second: KeptRun) -> None:
        """Show what differs between two runs."""
        self.runs, self.found = (first, second), compare(first, second)
        for place, (name, run) in enumerate(zip(self.names, self.runs, strict=True), 1):
            facts = run.facts
            test = facts.test_accuracy
            told = f", test {percent(test)}" if test is not None else ""
            name.setText(f"{place}  {facts.title}, {when(facts.begun)}{told}")
        self._dress()
        self.differences.show_comparison(self.found)
        self._images = self._pictures()
        for plot in self.plots.values():
            plot.show_view(None)
        self._show_curves()
        for kind, button in self.kinds.buttons.items():
            count = len(self._flipped(kind))
            button.setText(f"{KINDS[kind]} {count:,}" if self.found.flips else KINDS[kind])
        self._show_flips()

    # ---- the curves

    def _plot(self, what: str) -> CurvePlot:
        plot = CurvePlot(what, self._session, self._themes, names=NAMES)
        plot.setMinimumWidth(120)
        plot.setAccessibleName(f"{WHATS[what]} of both runs")
        plot.rows = lambda: rows_of(self.runs, what)
        plot.pointed.connect(plot.show_cursor)
        plot.zoomed.connect(partial(self._zoom, plot))
        return plot

    def _zoom(self, plot: CurvePlot, view: Range | None) -> None:
        plot.show_view(view)
        self._show_curves()

    def _show_curves(self) -> None:
        for what, plot in self.plots.items():
            runs, view = enumerate(self.runs), plot.shown.frame.view
            lines = (lines_of(run, place, what, view) for place, run in runs)
            plot.show_lines(chain.from_iterable(lines))
            plot.setVisible(what == self.whats.value())

    # ---- the images

    def _pictures(self) -> Images | None:
        """The test images, if they are those that both runs have seen."""
        data, flips = self._session.dataset, self.found.flips if self.found else None
        first = self.runs[0].outcome
        if data is None or flips is None or first is None or flips.of != "test":
            return None
        return data.test if np.array_equal(data.test.labels, first.labels) else None

    def _flipped(self, kind: str) -> NDArray[np.intp]:
        flips = self.found.flips if self.found else None
        return getattr(flips, kind) if flips is not None else np.zeros(0, np.intp)

    def _show_flips(self) -> None:
        self._indices = self._flipped(self.kinds.value())
        reason = self._reason()
        self.words.setText(reason)
        self.words.setVisible(bool(reason))
        self.grid.setVisible(not reason)
        if self._images is not None:
            self.grid.show_pictures(self._images.pixels, self._indices, self._caption)

    def _reason(self) -> str:
        """Why no images are shown."""
        if any(run.outcome is None for run in self.runs):
            return "One of the runs was kept without a look at the test images."
        if self.found is None or self.found.flips is None:
            return "The runs were not measured with the same images."
        if self._images is None:
            return "The images that the runs were measured with are not the ones that are loaded."
        return "" if len(self._indices) else f"No image was {_ENDS[self.kinds.value()]}."

    def _caption(self, place: int) -> Caption:
        """The label, and what the first run and the second took it for."""
        true, first, second = self._answers(place)
        return "", f"{true}: {first}\u2192{second}"

    def _answers(self, place: int) -> tuple[str, str, str]:
        """The label of an image, and what both runs took it for."""
        one, two = self.runs[0].outcome, self.runs[1].outcome
        assert one is not None
        assert two is not None
        index = self._indices[place]
        values = (one.labels[index], one.predicted[index], two.predicted[index])
        true, first, second = (self._class_name(int(value)) for value in values)
        return true, first, second

    def _class_name(self, number: int) -> str:
        """What a class is called; an output without a class has its number."""
        data = self._session.dataset
        known = data.class_names if data is not None else ()
        return known[number] if number < len(known) else str(number)

    def _take_probe(self, place: int) -> None:
        self._session.set_probe(int(self._indices[place]), "test")

    # ---- the rest

    def _table(self) -> Iterable[Sequence[object]]:
        yield ("image", "label", "first", "second")
        for place, index in enumerate(self._indices):
            yield (int(index) + 1, *self._answers(place))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the images."""
        if self.grid.isVisible() and len(self.grid):
            ground = self._themes.theme.color("window")
            name = f"{self.kinds.value()}-images"
            menu = save_menu(self, name, self.grid, self._table, self._session, ground)
            menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the runs."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _dress(self) -> None:
        """The names have the colours of the lines."""
        for plot in self.plots.values():
            plot.dress()
        for name, token in zip(self.names, TOKENS, strict=True):
            colour = self._themes.theme.color(token)
            name.setStyleSheet(f"color: {colour.name()}; font-size: 12px; font-weight: 600;")


_ENDS = {
    "mended": "wrong first and right after that",
    "spoiled": "right first and wrong after that",
    "otherwise": "wrong in both in different ways",
}


def _column(*parts: QWidget) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(4)
    for place, part in enumerate(parts):
        column.addWidget(part, 1 if place else 0)
    return column
