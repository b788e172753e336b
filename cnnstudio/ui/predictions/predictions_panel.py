"""What the panels of confusion and of mistakes share: the set, its state in words, redrawing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.engine.metrics import Predictions
from cnnstudio.errors import DataError
from cnnstudio.ui.document.reasons import no_pictures, no_weights
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.choice_fields import Segmented
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.live_line import BOLD, LiveLine, Part
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.training.training_words import epoch_words

PAUSE = 200
"""Milliseconds between two drawings: 5 Hz."""

NAMES = {"validation": "Validation", "test": "Test"}

TIPS = {
    "validation": "The images kept aside: live while training goes on",
    "test": "The test images: reckoned when they are asked for",
}


class PredictionsPanel(QWidget):
    """Shows what the weights make of a set of labelled images, and asks for it while it is seen."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self.shown: Predictions | None = None
        self._look: object = None
        self.sets = Segmented(NAMES, themes)
        self.sets.set_value("validation")
        for name, button in self.sets.buttons.items():
            button.setToolTip(TIPS[name])
            button.setAccessibleName(f"{NAMES[name]} images")
        self.state = LiveLine(themes, 11, tabular=True)
        self.words = label("caption", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.head = QHBoxLayout()
        self.head.setSpacing(12)
        self.head.addWidget(self.sets)
        self.head.addWidget(self.state, 1)
        self._throttle = Throttle(self._catch_up, PAUSE, self)
        self.sets.chosen.connect(lambda _name, _merge: self._catch_up())
        session.predictor.progressed.connect(self._show_progress)
        for signal in (
            session.predictions_changed,
            session.weights_changed,
            session.training_changed,
            session.network_changed,
            session.recipe_changed,
            themes.changed,
        ):
            signal.connect(self.refresh)

    @property
    def of(self) -> str:
        """The set that is shown: "validation" or "test"."""
        return self.sets.value()

    def refresh(self) -> None:
        """Draw the present state soon; nothing is done, nor asked for, while it is hidden."""
        if self.isVisible():
            self._throttle.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        if not self.isVisible():
            return
        session = self._session
        session.ask_predictions(self.of)
        self.shown = self._aligned(session.predictor.of(self.of))
        self._show_progress()
        look = (self.shown, self._themes.theme, self._shown_as())
        if look != self._look:
            self._look = look
            self._draw()
        sentence = "" if self.shown is not None and len(self.shown) else self._reason()
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        self._show_parts(not sentence)

    def _aligned(self, found: Predictions | None) -> Predictions | None:
        """`found`, if it belongs to the images that there are now."""
        if found is None:
            return None
        try:
            images = self._session.images(found.of)
        except DataError:
            return None
        same = len(images) == found.total
        return (
            found if same and np.array_equal(images.labels[found.indices], found.labels) else None
        )

    def _draw(self) -> None:
        """Draw `shown`, which is another than before."""
        raise NotImplementedError

    def _show_parts(self, shown: bool) -> None:
        """Show what belongs to predictions, or hide it behind the words."""
        raise NotImplementedError

    def _shown_as(self) -> object:
        """What else the drawing depends on."""
        return None

    def pixels(self) -> NDArray[np.uint8]:
        """The pictures ``(N, C, H, W)`` of the set that is shown."""
        return self._session.images(self.of).pixels

    def class_names(self, classes: int) -> Sequence[str]:
        """What the classes are called; an output without a class has its number."""
        data = self._session.dataset
        known = data.class_names if data is not None else ()
        return [*known[:classes], *(str(i) for i in range(len(known), classes))]

    # ---- words

    def _reason(self) -> str:
        """Why nothing is shown."""
        session = self._session
        reason = no_pictures(session) or no_weights(session)
        if reason:
            return reason
        failure = session.predictor.failure(self.of)
        if failure is not None:
            return failure.sentence
        if self.of == "validation" and session.recipe.validation == 0:
            return (
                "No images are kept aside for validation: look at the test images, or keep some "
                "aside in the recipe."
            )
        return "Looking at the images …"

    def _show_progress(self) -> None:
        if self.isVisible():
            self.state.show_parts(self._state_parts(), "  ·  ")

    def _state_parts(self) -> list[Part]:
        """How it went, and which weights it was."""
        parts = []
        found = self.shown
        if found is not None and len(found):
            wrong = len(found.wrong)
            share = 100 * (1 - wrong / len(found))
            parts.append(Part(self._seen(found, wrong), BOLD))
            parts.append(Part(self._weights(found), 400, "text2"))
            parts.append(Part(f"{share:.2f} % right", 400, "text2"))
        done = self._session.predictor.share_done(self.of)
        if done is not None:
            parts.append(Part(f"looking at the images: {100 * done:.0f} %", 400, "accenttext"))
        return parts

    def _seen(self, found: Predictions, wrong: int) -> str:
        words = f"{wrong:,} wrong of {len(found):,}"
        return words if len(found) == found.total else f"{words} looked at so far"

    def _weights(self, found: Predictions) -> str:
        moment = self._session.moment
        if moment is not None:
            fresh = self._session.predictor.is_fresh(self.of)
            return f"at epoch {moment.position:.2f}" if fresh else "of the moment before"
        if found.live and self._session.training == "running":
            return f"live, epoch {found.epoch:,}"
        if not self._session.trained:
            return "random weights"
        if found.live:
            return f"in epoch {found.epoch:,}"
        return epoch_words(found.epoch)
