"""The tab "Invariance": how well moved, turned, scaled and noisy pictures are recognised."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.explain.invariance import (
    Distortion,
    Invariance,
    Point,
    plan_for,
    spread,
)
from cnnstudio.ui.document.reasons import no_classes, other_size
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Weights
from cnnstudio.ui.matters.invariance_heat import ShiftMap
from cnnstudio.ui.matters.invariance_plot import InvariancePlot, Line, point_words
from cnnstudio.ui.matters.measurement import Measurement, Measurements, alike
from cnnstudio.ui.parts.buttons import Chip
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.parts.live_line import BOLD, LiveLine, Part
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

LOOK_INTERVAL = 200
"""Milliseconds between two looks at what has been measured: a picture that moves at 5 Hz."""

COUNTS = (100, 200, 500, 1000, 2000, 5000)

BUDGET = 6e10
"""Multiply-adds that a measurement takes at first: some seconds."""

USUAL = 500
"""So many images at first, unless that would take too long."""

LINES = {
    "shift": (("right", "right", "train"), ("down", "down", "valid")),
    "rotation": (("degrees", "rotation", "train"),),
    "scale": (("scale", "scale", "train"),),
    "noise": (("noise", "noise", "train"),),
}
"""The lines of each plot: the kind of change, its name, and the token of its colour."""


class InvariancePanel(QWidget):
    """Measures when it is asked to, and says so when the weights have changed since.

    What was measured is kept with its weights: it comes back with an undo, or when another document
    was shown meanwhile.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("invariance")
        self._session, self._themes = session, themes
        self.running: Measurement | None = None
        self._waits = False
        self._kept = Measurements()
        self._measured: Weights | None = None
        self.found: Invariance | None = None
        self._failed: Measurement | None = None
        self._hovered = ""
        self._offered: tuple[int, int] | None = None
        self._timer = QTimer(self, interval=LOOK_INTERVAL)
        self._timer.timeout.connect(self._look)
        self.button = Chip("Measure", themes, first=True)
        self.button.clicked.connect(self._press)
        self.count = Combo(themes)
        self.count.setAccessibleName("How many test images")
        self.count.setToolTip("How many test images, evenly spread, are changed and counted")
        self.count.setFixedWidth(116)
        self.state = LiveLine(themes, 11, tabular=True)
        self.plots = {
            "shift": self._plot("Shift", "pixels"),
            "rotation": self._plot("Rotation", "degrees"),
            "scale": self._plot("Scale", "times"),
            "noise": self._plot("Noise", "deviation"),
        }
        self.heat = ShiftMap(session, themes)
        self.heat.hovered.connect(self._tell_cell)
        self.words = label("caption", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._arrange()
        for signal in (
            session.weights_changed,
            session.network_changed,
            session.training_changed,
            session.probe_changed,
        ):
            signal.connect(self.refresh)
        themes.changed.connect(self.refresh)

    def _plot(self, title: str, unit: str) -> InvariancePlot:
        plot = InvariancePlot(title, unit, (0.0, 1.0), self._session, self._themes)
        plot.hovered.connect(partial(self._tell_point, plot))
        return plot

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.button)
        head.addWidget(self.count)
        head.addWidget(self.state, 1)
        body = QHBoxLayout()
        body.setSpacing(8)
        for plot in self.plots.values():
            body.addWidget(plot, 1)
        body.addWidget(self.heat)
        body.addWidget(self.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addLayout(body, 1)

    # ---- measuring

    @property
    def is_stale(self) -> bool:
        """Whether the weights are others than those that were measured."""
        measured = self._measured
        return measured is not None and not alike(measured, Weights.of(self._session))

    def start(self) -> None:
        """Measure the present weights."""
        session = self._session
        if session.dataset is None or self._reason():
            return
        if self.running is not None:
            if not self._measures_this:
                self._waits = True
                self.cancel()
            return
        test = session.dataset.test
        chosen = test[spread(len(test), self.count.currentData())]
        _, height, width = test.pixels.shape[1:]
        self._failed = None
        weights, plan = Weights.of(session), plan_for(height, width)
        self.running = Measurement(session.data_name, weights, chosen, plan)
        self._waits = False
        self._timer.start()
        self.refresh()

    @property
    def _measures_this(self) -> bool:
        """Whether what is being measured is the network that is shown, with its pictures."""
        session = self._session
        return self.running is not None and self.running.is_of(session.data_name, session.network)

    def cancel(self) -> None:
        """Give up; what has been measured stays."""
        if self.running is not None:
            self.running.given_up.set()

    def stop(self) -> None:
        """End the thread, as on closing."""
        self._timer.stop()
        if self.running is not None:
            self.running.given_up.set()
            self.running.job.join()
            self.running = None

    def _press(self) -> None:
        if self._measures_this:
            self.cancel()
        else:
            self.start()

    def _look(self) -> None:
        """Take what has been measured since; end with the job."""
        running = self.running
        if running is None:
            self._timer.stop()
            return
        done = running.job.done
        if done:
            self._keep(running)
            self.running = None
            self._timer.stop()
        self.refresh()
        if done and self._waits:
            self.start()

    def _keep(self, running: Measurement) -> None:
        """Remember what was measured, or why that failed."""
        if running.job.failure is not None:
            self._failed = running
        if running.points:
            self._kept.keep(running.found)

    # ---- showing

    def refresh(self) -> None:
        """Show the present state, with what was measured of the present network last."""
        if self.running is not None and not self._is_wanted(self.running):
            self.cancel()
        if not self.isVisible():
            return
        self._recall()
        reason = self._reason() or self._failure()
        self._offer_counts()
        self._show_words(reason)
        again = "Measure again" if self.found else "Measure"
        self._show_button("Cancel" if self._measures_this else again)
        self._draw()
        self._show_state()

    def _show_button(self, words: str) -> None:
        self.button.setEnabled(not self._reason())
        if words != self.button.text():
            self.button.setText(words)
            self.button.updateGeometry()
            self.button.update()

    def _is_wanted(self, running: Measurement) -> bool:
        """Whether the network that is measured is shown, or only put aside."""
        aside = self._session.aside
        return self._measures_this or (
            aside is not None and running.is_of(aside.opened.data, aside.network)
        )

    def _recall(self) -> None:
        """Take what is being measured, or was with the present weights, or last with others."""
        session, running = self._session, self.running
        known = self._kept.of(session.data_name, Weights.of(session))
        if running is not None and running.points and self._measures_this:
            known = running.found
        self._measured, self.found = known[1:] if known is not None else (None, None)

    def _failure(self) -> str:
        """Why the last measurement of these weights came to nothing."""
        failed, session = self._failed, self._session
        if failed is None or not failed.is_of(session.data_name, session.network):
            return ""
        if not alike(failed.weights, Weights.of(session)):
            return ""
        assert failed.job.failure is not None
        return failed.job.failure.sentence

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        super().showEvent(event)
        self.refresh()

    def _reason(self) -> str:
        """Why nothing can be measured, in one sentence."""
        session = self._session
        reason = no_classes(session)
        data, shape = session.dataset, session.report.output_shape
        if reason or data is None:
            return reason
        reason = other_size(session, data.test.pixels.shape[1:])  # a drawn probe may have another
        if reason:
            return reason
        assert shape is not None
        if shape[0] < len(data.class_names):
            return (
                f"The network has {shape[0]} outputs for the {len(data.class_names)} classes of "
                f"{data.name}: end it with a fully connected block of {len(data.class_names)}."
            )
        return ""

    def _offer_counts(self) -> None:
        data = self._session.dataset
        if data is None:
            return
        total = len(data.test)
        offered = (total, self._session.report.multiply_adds)
        if offered[0] != (self._offered[0] if self._offered else None):
            self.count.clear()
            for count in (*(c for c in COUNTS if c < total), total):
                self.count.addItem(f"{count:,} images", count)
        if offered != self._offered:
            self._offered = offered
            self.count.setCurrentIndex(self._affordable(total))

    def _affordable(self, total: int) -> int:
        """The place of the first choice: the usual, or fewer for a network that is slow."""
        cost = max(1, self._session.report.multiply_adds) * len(plan_for(28, 28).changes)
        counts = [self.count.itemData(i) for i in range(self.count.count())]
        fine = [i for i, n in enumerate(counts) if n <= min(USUAL, BUDGET / cost)]
        return fine[-1] if fine else 0

    def _show_words(self, reason: str) -> None:
        self.words.setText(reason)
        self.words.setVisible(bool(reason))
        for part in (*self.plots.values(), self.heat):
            part.setVisible(not reason)
        self.count.setEnabled(not self._measures_this)

    def _draw(self) -> None:
        found = self.found
        plan = found.plan if found else plan_for(28, 28)
        for name, plot in self.plots.items():
            lines = [
                Line(words, token, self._points(kind) if found else ())
                for kind, words, token in LINES[name]
            ]
            amounts = [
                getattr(change, LINES[name][0][0]) for change in plan.curve(LINES[name][0][0])
            ]
            plot.show_lines(lines, (min(amounts), max(amounts)))
        self.heat.show_found(found)

    def _points(self, kind: str) -> tuple[tuple[float, Point], ...]:
        assert self.found is not None
        return tuple((getattr(point.change, kind), point) for point in self.found.curve(kind))

    # ---- words

    def _show_state(self) -> None:
        self.state.show_parts(self._parts(), "  ·  ")

    def _parts(self) -> list[Part]:
        """How far it is, or what is under the pointer, or how it went; and whether it is old."""
        if self._hovered:
            return [Part(pretty(self._hovered))]
        found, parts = self.found, []
        running = self.running if self._measures_this else None
        if running is not None:
            share = len(running.points) / len(running.plan.changes)
            parts.append(Part(f"measuring: {100 * share:.0f} %", BOLD, "accenttext"))
        if found is None or found.unchanged is None:
            if running is None and not self._reason():
                parts.append(Part(INVITATION, 400, "text2"))
            return parts
        if running is None and found.share < 1:
            parts.append(Part(f"cancelled at {100 * found.share:.0f} %", BOLD, "text2"))
        if running is None and self.is_stale:
            parts.append(Part("of other weights than these: measure again", BOLD, "errortext"))
        parts.append(Part(f"as they are {point_words(found.unchanged)}", 400, "text2"))
        return parts

    def _tell_point(self, plot: InvariancePlot, found: tuple[Line, float, Point] | None) -> None:
        self._hovered = ""
        if found is not None:
            line, amount, point = found
            name = f"{plot.title.lower()} {line.name}" if len(plot.lines) > 1 else line.name
            self._hovered = f"{name} {amount:g} {plot.unit}: {point_words(point)}"
        self._show_state()

    def _tell_cell(self, point: Point | None) -> None:
        self._hovered = (
            "" if point is None else f"{shift_words(point.change)}: {point_words(point)}"
        )
        self._show_state()


INVITATION = "How well does it recognise pictures that are moved, turned, scaled or noisy?"


def shift_words(change: Distortion) -> str:
    """Such as "3 px to the right, 2 px up"."""
    right, down = round(change.right), round(change.down)
    across = f"{abs(right)} px to the {'right' if right > 0 else 'left'}" if right else ""
    along = f"{abs(down)} px {'down' if down > 0 else 'up'}" if down else ""
    return ", ".join(filter(None, (across, along))) or "as they are"
