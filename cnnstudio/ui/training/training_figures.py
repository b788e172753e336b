"""The figures beside the training plots: validation accuracy in large, and how it was reached."""

from __future__ import annotations

import math

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnstudio.engine.progress import EpochResult
from cnnstudio.network import Recipe
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.setting_words import number_words
from cnnstudio.ui.parts.labels import Fact, label, set_role
from cnnstudio.ui.training.training_words import epoch_words, method_words

TITLE, BEST, KEPT = "Validation accuracy", "best so far", "the best, which is kept"


class Figures(QWidget):
    """Validation accuracy in large figures, and how it was reached."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.title = label("caption", TITLE)
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
        column.addWidget(self.title)
        column.addWidget(self.accuracy)
        column.addWidget(self.remark)
        column.addSpacing(10)
        for fact in (self.loss, self.method, self.rate, self.batch):
            column.addWidget(fact)
        column.addStretch(1)

    def refresh(self) -> None:
        """Show the present figures."""
        session = self._session
        recipe, last = self._recipe(), self._kept()
        if last is None or math.isnan(last.validation_accuracy):
            last = None
        self.title.setText(f"Validation {epoch_words(last.epoch)}" if last else TITLE)
        self.accuracy.setText(f"{100 * last.validation_accuracy:.2f} %" if last else "–")
        self.loss.show_value(f"{last.validation_loss:.3g}" if last else "–")
        self.remark.setText(self._remark(last is not None))
        set_role(self.remark, "good" if self.remark.text() == BEST else "caption")
        self.method.show_value(method_words(recipe).replace(" with ", " + "))
        live = session.progress is not None and session.locked
        rate = session.progress.learning_rate if live and session.progress else recipe.learning_rate
        self.rate.show_value(number_words(float(f"{rate:.4g}")))
        self.batch.show_value(f"{recipe.batch_size:,}")

    def _recipe(self) -> Recipe:
        """What the figures were reached by: the run's recipe, while and after it goes on."""
        session = self._session
        return session.recipe if session.locked else session.run_recipe or session.recipe

    def _kept(self) -> EpochResult | None:
        """The epoch that was measured last, or the one whose weights were kept at the end."""
        session = self._session
        kept = session.kept_epoch
        if kept is not None:
            return next((each for each in session.epochs if each.epoch == kept), None)
        return session.epochs[-1] if session.epochs else None

    def _remark(self, measured: bool) -> str:
        session = self._session
        if not measured:
            if not session.recipe.validation:
                return "no images are kept aside"
            return "after the first epoch" if not session.epochs else ""
        measured_epochs = [e for e in session.epochs if not math.isnan(e.validation_accuracy)]
        best = max(measured_epochs, key=lambda e: e.validation_accuracy)
        if session.kept_epoch is not None:
            return BEST if session.kept_epoch == session.epochs[-1].epoch else KEPT
        if best is session.epochs[-1]:
            return BEST
        return f"best {100 * best.validation_accuracy:.2f} % in epoch {best.epoch}"
