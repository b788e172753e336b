"""The tab "What matters": what a decision rests on in a picture, and what excites a filter."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.matters.matters_class import ClassEvidence
from cnnstudio.ui.matters.matters_filter import FilterExcitement
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager

PAUSE = 200
"""Milliseconds between two questions: 5 Hz at the most."""


class Matters(QWidget):
    """Both halves ask only while they are seen."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("matters")
        self.evidence = ClassEvidence(session, themes)
        self.excitement = FilterExcitement(session, themes)
        line = QFrame()
        line.setFixedWidth(1)
        line.setProperty("role", "upright")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 16, 4)
        row.setSpacing(12)
        row.addWidget(self.evidence, 56)
        row.addWidget(line)
        row.addWidget(self.excitement, 44)
        self._throttle = Throttle(self._ask, PAUSE, self)
        for signal in (
            session.weights_changed,
            session.probe_changed,
            session.network_changed,
            session.training_changed,
            themes.changed,
        ):
            signal.connect(self.refresh)

    def refresh(self) -> None:
        """Ask anew soon; nothing while it is hidden."""
        if self.isVisible():
            self._throttle.ask()

    def stop(self) -> None:
        """End the threads, as on closing."""
        self.evidence.stop()
        self.excitement.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give up what nobody waits for."""
        super().hideEvent(event)
        self.evidence.rest()
        self.excitement.rest()

    def _ask(self) -> None:
        if self.isVisible():
            self.evidence.refresh()
            self.excitement.refresh()
