"""The training panel: loss and accuracy while they move, and what the last epoch came to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.choice_fields import Segmented
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.overlaid_runs import Legend, OverlaidRun
from cnnstudio.ui.training.plots import CurvePlot
from cnnstudio.ui.training.recipe_remark import RecipeRemark
from cnnstudio.ui.training.scales import Range
from cnnstudio.ui.training.smoothing import USUAL
from cnnstudio.ui.training.training_figures import Figures
from cnnstudio.ui.training.training_lines import KINDS, TrainingLines
from cnnstudio.ui.training.training_words import EmptyState

FIGURES_PAUSE = 400
"""Milliseconds between two states of the figures while training: their words are laid out anew."""

MARGIN = 16

TITLES = {"loss": "Loss", "accuracy": "Accuracy, %"}
SMOOTHINGS = {"0": "Raw", "10": "10", "40": "40", "160": "160"}


class TrainingPanel(QWidget):
    """Two plots and the figures; before any training, what Train will do.

    `refreshed` comes when the curves have been drawn anew. How they are looked at, scales,
    smoothing and zoom, stays as it is as long as the window.
    """

    refreshed = Signal()
    runs_changed = Signal()
    """Other runs are laid over the present one; see `show_runs` and `runs`."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("trainingPanel")
        self._session = session
        self._themes = themes
        self._lines = TrainingLines(session)
        self._view: Range | None = None
        self._later = Later(self, self.refresh)
        self.empty = EmptyState(session, themes)
        self.figures = Figures(session)
        self.remark = RecipeRemark(session, themes)
        self._figures = Throttle(self._show_figures, FIGURES_PAUSE, self)
        self.plots = (CurvePlot("loss", session, themes), CurvePlot("accuracy", session, themes))
        self.scales = {what: self._scale_choice(what) for what in KINDS}
        self.smoothing = self._smoothing_choice()
        self.whole = PushButton(themes, "Whole run")
        self.whole.setToolTip("Show all epochs (double-click a plot, or press 0 in it)")
        self.whole.hide()
        self.legend = Legend(themes)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._connect()

    def _connect(self) -> None:
        session = self._session
        for signal in (
            session.progress_changed,
            session.network_changed,
            session.recipe_changed,
            session.training_changed,
            session.file_changed,
            session.probe_changed,
            session.changes_changed,
        ):
            signal.connect(self._later.ask)
        session.moment_changed.connect(self._show_moment)
        self._themes.changed.connect(self._dress)
        self.whole.clicked.connect(lambda: self.show_view(None))
        self.legend.removed.connect(self._remove_run)
        for what, plot in zip(KINDS, self.plots, strict=True):
            plot.rows = partial(self._lines.rows, what)
            plot.pointed.connect(self.show_cursor)
            plot.zoomed.connect(self.show_view)

    # ---- what others ask for

    @property
    def runs(self) -> tuple[OverlaidRun, ...]:
        """The runs that are laid over the present one."""
        return self._lines.others

    def show_runs(self, runs: Sequence[OverlaidRun]) -> None:
        """Lay `runs` over the curves of the present one, in place of those before."""
        self._lines.show_runs(runs)
        self.legend.show_runs(runs)
        self.runs_changed.emit()
        self.refresh()

    def show_cursor(self, epoch: float | None) -> None:
        """Put the cursor of both plots at an epoch, or take it away."""
        for plot in self.plots:
            plot.show_cursor(epoch)

    def show_view(self, view: Range | None) -> None:
        """Show the epochs in `view`, or all."""
        self._view = view
        self.whole.setVisible(view is not None)
        for plot in self.plots:
            plot.show_view(view)
        self.refresh()

    # ---- drawing

    def _show_figures(self) -> None:
        if self.isVisible():
            self.figures.refresh()

    def refresh(self) -> None:
        """Draw the present state, if it can be seen."""
        if not self.isVisible():
            return
        if self._lines.is_empty:
            self.empty.refresh()
            self._stack.setCurrentIndex(0)
            return
        self.remark.refresh()
        self._lines.follow()
        for what, plot in zip(KINDS, self.plots, strict=True):
            plot.show_lines(self._lines.lines(what, self._view), self._lines.marks)
        if self._session.training == "running":
            self._figures.ask()
        else:
            self.figures.refresh()
        self._stack.setCurrentIndex(1)
        self.refreshed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.refresh()

    def _dress(self) -> None:
        for plot in self.plots:
            plot.dress()

    def _show_moment(self) -> None:
        moment = self._session.moment
        for plot in self.plots:
            plot.show_moment(moment.position if moment else None)

    # ---- building

    def _page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(MARGIN, 4, MARGIN, 6)
        row.setSpacing(8)
        both = QVBoxLayout()
        both.setSpacing(2)
        both.addWidget(self.remark)
        pair = QHBoxLayout()
        pair.setSpacing(8)
        others = {"loss": self.smoothing, "accuracy": self.whole}
        for what, plot in zip(KINDS, self.plots, strict=True):
            pair.addLayout(self._titled(what, plot, others[what]), 1)
        both.addLayout(pair, 1)
        both.addWidget(self.legend)
        row.addLayout(both, 1)
        line = QFrame()
        line.setFixedWidth(1)
        line.setProperty("role", "upright")
        row.addWidget(line)
        row.addSpacing(8)
        row.addWidget(self.figures)
        return page

    def _titled(self, what: str, plot: CurvePlot, other: QWidget) -> QVBoxLayout:
        """A plot below its title and what it can be looked at with."""
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label("title", TITLES[what]))
        head.addWidget(self.scales[what])
        head.addStretch(1)
        head.addWidget(other)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(plot, 1)
        return column

    def _scale_choice(self, what: str) -> Segmented:
        choice = Segmented({"log": "Log", "linear": "Linear"}, self._themes)
        choice.set_value("log" if what == "loss" else "linear")
        tips = {"log": "Logarithmic scale", "linear": "Even scale"}
        if what == "accuracy":
            tips["log"] = "Logarithmic scale of what is missing to 100 %: 90, 99, 99.9"
        _explain(choice, tips, f"of the {what}")
        plot = self.plots[KINDS.index(what)]
        choice.chosen.connect(lambda word, _merge: plot.show_scale(word))
        return choice

    def _smoothing_choice(self) -> Segmented:
        choice = Segmented(SMOOTHINGS, self._themes)
        choice.set_value("40")
        rare = f"a loss above {USUAL:g} counts by its logarithm"
        tips = {word: f"Train as the mean of about {word} steps: {rare}" for word in SMOOTHINGS}
        tips["0"] = "Train as every step has it, not smoothed"
        _explain(choice, tips, "")
        choice.chosen.connect(lambda word, _merge: self._smooth(float(word)))
        return choice

    def _smooth(self, constant: float) -> None:
        self._lines.smooth(constant)
        self.refresh()

    def _remove_run(self, run: OverlaidRun) -> None:
        self.show_runs([each for each in self.runs if each is not run])


def _explain(choice: Segmented, tips: dict[str, str], of: str) -> None:
    """Say what each option does, to the eye and to the ear."""
    for word, button in choice.buttons.items():
        button.setToolTip(tips[word])
        button.setAccessibleName(f"{tips[word].partition(':')[0]} {of}".strip())
