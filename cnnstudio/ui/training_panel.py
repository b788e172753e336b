"""The training panel: loss and accuracy while they move, and what the last epoch came to."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnstudio.engine.progress import EpochResult
from cnnstudio.network import Recipe
from cnnstudio.ui.buttons import Chip
from cnnstudio.ui.curve import Curve
from cnnstudio.ui.labels import Fact, label, set_role
from cnnstudio.ui.lines import Series
from cnnstudio.ui.plots import CurvePlot
from cnnstudio.ui.session import Session
from cnnstudio.ui.setting_words import number_words
from cnnstudio.ui.smoothing import ExponentialMean, thinned
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

REFRESH = 80
"""Milliseconds from news to their drawing; less than lies between two looks at the run."""

MOST_POINTS = 600
MARGIN = 16


class TrainingPanel(QWidget):
    """Two plots and the figures; before any training, what Train will do.

    `refreshed` comes when the curves have been drawn anew.
    """

    refreshed = Signal()

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("trainingPanel")
        self._session = session
        self._themes = themes
        self._curve: Curve | None = None
        self._loss_mean, self._accuracy_mean = ExponentialMean(), ExponentialMean()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH)
        self._timer.timeout.connect(self.refresh)
        self.empty = EmptyState(session, themes)
        self.figures = Figures(session)
        self.plots = self._make_plots()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        session.progress_changed.connect(self._schedule)
        for signal in (
            session.network_changed,
            session.recipe_changed,
            session.training_changed,
            session.file_changed,
            session.probe_changed,
        ):
            signal.connect(self._schedule)
        themes.changed.connect(self._dress)

    def refresh(self) -> None:
        """Draw the present state, if it can be seen."""
        if not self.isVisible():
            return
        if not len(self._session.curve) and not self._session.epochs:
            self.empty.refresh()
            self._stack.setCurrentIndex(0)
            return
        self._follow_curve()
        loss, accuracy = self.plots
        loss.show_curves(*self._series("loss", self._loss_mean, 1.0))
        accuracy.show_curves(*self._series("accuracy", self._accuracy_mean, 100.0))
        self.figures.refresh()
        self._stack.setCurrentIndex(1)
        self.refreshed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.refresh()

    def _make_plots(self) -> tuple[CurvePlot, CurvePlot]:
        loss = CurvePlot("loss", self._session, self._themes, logarithmic=True)
        accuracy = CurvePlot("accuracy", self._session, self._themes, logarithmic=False)
        loss.rows = lambda: self._rows("loss", self._loss_mean, 1.0)
        accuracy.rows = lambda: self._rows("accuracy", self._accuracy_mean, 100.0)
        return loss, accuracy

    def _page(self) -> QWidget:
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(MARGIN, 10, MARGIN, 6)
        row.setSpacing(8)
        for title, plot in zip(("Loss", "Accuracy, %"), self.plots, strict=True):
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label("title", title))
            column.addWidget(plot, 1)
            row.addLayout(column, 1)
        line = QFrame()
        line.setFixedWidth(1)
        line.setProperty("role", "upright")
        row.addWidget(line)
        row.addSpacing(8)
        row.addWidget(self.figures)
        return page

    def _schedule(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _dress(self) -> None:
        for plot in self.plots:
            plot.dress()

    def _follow_curve(self) -> None:
        """Smooth the steps that have come since the last time."""
        curve = self._session.curve
        if curve is not self._curve or len(curve) < len(self._loss_mean):
            self._curve = curve
            self._loss_mean, self._accuracy_mean = ExponentialMean(), ExponentialMean()
        done = len(self._loss_mean)
        self._loss_mean.extend(curve.loss[done:])
        self._accuracy_mean.extend(curve.accuracy[done:])

    def _series(self, what: str, mean: ExponentialMean, scale: float) -> tuple[Series, Series]:
        """Train and validation; epochs from before the curve give one point each to train."""
        places = thinned(len(mean), MOST_POINTS)
        positions = self._session.curve.epoch[places]
        start = positions[0] if len(positions) else math.inf
        before = [e for e in self._session.epochs if e.epoch < start]
        values = np.concatenate(
            [[getattr(e, f"train_{what}") for e in before], mean.values[places]]
        )
        train = Series(np.concatenate([[e.epoch for e in before], positions]), scale * values)
        epochs = self._session.epochs
        measured = np.array([getattr(e, f"validation_{what}") for e in epochs], float)
        return train, Series(np.array([e.epoch for e in epochs], float), scale * measured)

    def _rows(
        self, what: str, mean: ExponentialMean, scale: float
    ) -> list[tuple[float, float | str, float | str, float | str]]:
        """The whole curve for a table, in the order of the epochs."""
        curve = self._session.curve
        steps = zip(curve.epoch, getattr(curve, what), mean.values, strict=True)
        rows: list[tuple[float, float | str, float | str, float | str]] = [
            (float(epoch), scale * float(raw), scale * float(smooth), "")
            for epoch, raw, smooth in steps
        ]
        rows += [
            (float(e.epoch), "", "", scale * getattr(e, f"validation_{what}"))
            for e in self._session.epochs
        ]
        return sorted(rows, key=lambda row: row[0])


class Figures(QWidget):
    """Validation accuracy in large figures, and how it was reached."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.accuracy = label("metric")
        self.remark = label("caption")
        self.loss = Fact("Validation loss", px=11)
        self.method = Fact("Method", px=11)
        self.rate = Fact("Learning rate", px=11)
        self.batch = Fact("Batch size", px=11)
        self.setFixedWidth(160)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label("caption", "Validation accuracy"))
        column.addWidget(self.accuracy)
        column.addWidget(self.remark)
        column.addSpacing(10)
        for fact in (self.loss, self.method, self.rate, self.batch):
            column.addWidget(fact)
        column.addStretch(1)

    def refresh(self) -> None:
        """Show the present figures."""
        session = self._session
        recipe, last = session.recipe, self._kept()
        if last is None or math.isnan(last.validation_accuracy):
            last = None
        self.accuracy.setText(f"{100 * last.validation_accuracy:.2f} %" if last else "–")
        self.loss.show_value(f"{last.validation_loss:.3g}" if last else "–")
        self.remark.setText(self._remark(last is not None))
        set_role(self.remark, "good" if self.remark.text() == BEST else "caption")
        self.method.show_value(method_words(recipe).replace(" with ", " + "))
        live = session.progress is not None and session.locked
        rate = session.progress.learning_rate if live and session.progress else recipe.learning_rate
        self.rate.show_value(number_words(float(f"{rate:.4g}")))
        self.batch.show_value(f"{recipe.batch_size:,}")

    def _kept(self) -> EpochResult | None:
        """The epoch whose weights there are: the last one, or the best where training gave up."""
        session = self._session
        if session.progress is not None and session.progress.stopped_early:
            best = session.progress.best_epoch
            return next((each for each in session.epochs if each.epoch == best), None)
        return session.epochs[-1] if session.epochs else None

    def _remark(self, measured: bool) -> str:
        session = self._session
        if not measured:
            if not session.recipe.validation:
                return "no images are kept aside"
            return "after the first epoch" if not session.epochs else ""
        measured_epochs = [e for e in session.epochs if not math.isnan(e.validation_accuracy)]
        if session.progress is not None and session.progress.stopped_early:
            return f"of epoch {session.progress.best_epoch}, which is kept"
        best = max(measured_epochs, key=lambda e: e.validation_accuracy)
        if best is session.epochs[-1]:
            return BEST
        return f"best {100 * best.validation_accuracy:.2f} % in epoch {best.epoch}"


BEST = "best so far"


class EmptyState(QWidget):
    """What Train will do, in words, and the way to change it."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session = session
        self.title = label("name", "Not trained yet")
        self.words = label("caption", wrap=True)
        self.words.setMaximumWidth(600)
        self.words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.change = Chip("Change the recipe", themes)
        self.change.setToolTip("Show the training recipe in the inspector")
        self.change.clicked.connect(lambda: session.select(()))
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.words, 100)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.change, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def refresh(self) -> None:
        """Describe the present recipe, or why training cannot start."""
        refusal = self._session.train_refusal
        words = recipe_words(self._session)
        self.words.setText(pretty(f"{refusal}\n{words}" if refusal else words))
        self.change.setEnabled(not self._session.locked)


def recipe_words(session: Session) -> str:
    """What Train will do."""
    recipe, data = session.recipe, session.dataset
    times = "once" if recipe.epochs == 1 else f"{recipe.epochs:,} times"
    kept = min(recipe.validation, len(data.train)) if data else recipe.validation
    images = "the pictures"
    if data is not None:
        images = f"{len(data.train) - kept:,} pictures of {data.name.upper()}"
    words = (
        f"Train goes {times} through {images} with {method_words(recipe)}, "
        f"{recipe.batch_size:,} at a step, learning rate {number_words(recipe.learning_rate)}."
    )
    words += f" {kept:,} more are kept aside to measure with." if kept else ""
    if recipe.patience and kept:
        epochs = "epoch" if recipe.patience == 1 else f"{recipe.patience:,} epochs"
        words += f" It stops after the first {epochs} without a better accuracy on them."
    return words


def method_words(recipe: Recipe) -> str:
    """The optimizer's name."""
    options = Recipe.declarations()["optimizer"].options  # type: ignore[attr-defined]
    return str(options[recipe.optimizer])
