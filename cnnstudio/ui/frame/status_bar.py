"""The line at the bottom: whether the network fits, what it costs, and whether it is saved."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from cnnstudio.ui.document.forecaster import Forecaster
from cnnstudio.ui.document.readiness import refusal
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import pixmap
from cnnstudio.ui.inspector.facts import memory_words
from cnnstudio.ui.parts.live_line import LiveLine, Part
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

TOTALS_INTERVAL = 500
"""Milliseconds between two states of the measured speed."""


class StatusBar(QStatusBar):
    """Icon and verdict in words, then the totals of what is known."""

    def __init__(
        self,
        session: Session,
        forecaster: Forecaster,
        themes: ThemeManager,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("statusBar")
        self.setSizeGripEnabled(False)
        self._session, self._forecaster, self._themes = session, forecaster, themes
        self._autosaved: datetime | None = None
        self._look: tuple[str, str] | None = None
        self._icon, self._verdict, self._saved = (QLabel() for _ in range(3))
        self._totals = LiveLine(themes, 11)
        self._icon.setContentsMargins(12, 0, 0, 0)
        self._saved.setContentsMargins(0, 0, 12, 0)
        for label in (self._icon, self._verdict):
            self.addWidget(label)
        self.addWidget(self._totals, 1)
        self.addPermanentWidget(self._saved)
        session.network_changed.connect(self._show)
        session.progress_changed.connect(Throttle(self._show_totals, TOTALS_INTERVAL, self).ask)
        session.training_changed.connect(self._show_totals)
        session.recipe_changed.connect(self._show)
        forecaster.changed.connect(self._show)
        session.file_changed.connect(self._show_saved)
        themes.changed.connect(self._show)
        self._show()
        self._show_saved()

    def _show(self) -> None:
        picture, colour, verdict = self._state()
        self._verdict.setText(verdict)
        self._dress(picture, self._themes.theme.color(colour))
        self._show_totals()

    def _state(self) -> tuple[str, str, str]:
        """Icon, colour and words: blocks do not fit, all fit, or all fit but not the data."""
        misfits = sum(1 for block in self._session.report.blocks if not block.fits)
        if misfits:
            plural = "block does" if misfits == 1 else "blocks do"
            return "alert", "errortext", f"{misfits} {plural} not fit"
        if self._refusal() is not None:
            return "warning", "text2", "Sizes fit, not ready to train"
        return "check", "ok", "Network fits"

    def _refusal(self) -> str | None:
        """Why a network whose blocks fit cannot be trained on the pictures."""
        session = self._session
        if session.dataset is None:
            return None
        return refusal(session.network, session.report, session.dataset)

    def _dress(self, picture: str, tone: QColor) -> None:
        """Show icon and colour of the verdict; others make Qt lay the window out anew."""
        look = (picture, tone.name())
        if look != self._look:
            self._look = look
            self._icon.setPixmap(pixmap(picture, tone, 14, self.devicePixelRatioF()))
            self._verdict.setStyleSheet(f"color: {tone.name()}; font-weight: 600;")

    def _show_totals(self) -> None:
        first, *others = self._parts()
        self._totals.show_parts([Part(f"·  {first}"), *map(Part, others)], "  ·  ")

    def _parts(self) -> list[str]:
        report = self._session.report
        parts = [] if report.ok else [pretty(report.problems[0][1].message.rstrip("."))]
        if not report.ok:
            return [*parts, "sizes after it are unknown"]
        reason = self._refusal()
        if reason is not None:
            parts.append(pretty(reason.rstrip(".")))
        parts.append(f"{report.parameters:,} parameters")
        parts.append(f"{report.multiply_adds:,} multiply-adds")
        return [*parts, *self._training_parts()]

    def _training_parts(self) -> list[str]:
        """Seconds an epoch, measured or foreseen, and the memory; nothing until they are known."""
        foreseen, measured = self._forecaster.forecast, self._seconds_per_epoch()
        parts = []
        if measured is not None:
            words = f" (forecast {seconds_words(foreseen.seconds_per_epoch)})" if foreseen else ""
            parts.append(f"{seconds_words(measured)}/epoch{words}")
        elif foreseen is not None:
            parts.append(f"about {seconds_words(foreseen.seconds_per_epoch)}/epoch")
        if foreseen is not None:
            parts.append(f"{memory_words(foreseen.memory)} for training")
        return parts

    def _seconds_per_epoch(self) -> float | None:
        """Measured: on the run that goes on, or in the last epoch of the present weights."""
        session, data = self._session, self._session.dataset
        measured = (session.progress if session.locked else None, *session.epochs[-1:])
        speeds = (each.images_per_second for each in measured if each is not None)
        speed = next((speed for speed in speeds if speed is not None and speed > 0), None)
        if data is None or speed is None:
            return None
        return (len(data.train) - session.recipe.validation) / speed

    @property
    def saved_words(self) -> str:
        """What it says at its end about the file."""
        return self._saved.text()

    def show_autosaved(self, moment: datetime | None) -> None:
        """Say when the copy for recovery was written; None when there is none."""
        self._autosaved = moment
        self._show_saved()

    def _show_saved(self) -> None:
        session, moment = self._session, self._autosaved
        if not session.modified:
            self._saved.setText(f"Saved as {session.path.name}" if session.path else "")
        elif session.weights_left_out and session.path is not None:
            self._saved.setText(f"Trained weights are not in {session.path.name}")
        elif moment is not None:
            self._saved.setText(f"Autosaved {moment:%H:%M}")
        else:
            self._saved.setText("Edited" if session.path else "Not saved")


def seconds_words(seconds: float) -> str:
    """A time of seconds or minutes in two digits: "0.8 s", "14 s", "3 min"."""
    if seconds >= 100:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
