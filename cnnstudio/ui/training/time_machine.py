"""The time machine: a bar that takes everything shown back through the training."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnstudio.engine.snapshots import Snapshot
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.notice import Notice, Offer
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.live_line import BOLD, LiveLine, Part
from cnnstudio.ui.parts.throttle import Throttle
from cnnstudio.ui.theme import ThemeManager, mix
from cnnstudio.ui.training.time_machine_slider import TimeSlider

FRAME = 33
"""Milliseconds between two moments shown while the slider is dragged."""

PLAY_INTERVAL = 160
"""Milliseconds between two moments while it plays: six a second."""

FOLLOW_INTERVAL = 500
"""Milliseconds between two states of the words while training."""

HEIGHT, LINE = 36, 1
"""Pixels of the bar, and of the line above it."""

FEWEST = 2
"""With fewer snapshots there is no past to go to."""


class TimeMachine(QWidget):
    """Play, slider, what moment is shown, "Branch from here" and "Back to now".

    It is there as soon as there are snapshots, and tinted while the past is shown.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("timeMachineBar")
        self._session, self._themes = session, themes
        self._known: tuple[Snapshot, ...] = ()
        self.slider = TimeSlider(themes)
        self.state = LiveLine(themes, 11, tabular=True, ground=self._ground)
        self.play_button = PushButton(themes, icon_name="train")
        self.branch_button = PushButton(themes, "Branch from here")
        self.now_button = PushButton(themes, "Back to now")
        self._timer = QTimer(self, interval=PLAY_INTERVAL)
        self._timer.timeout.connect(self._play_on)
        self._shown = Throttle(self._show_moment, FRAME, self)
        self._waiting = False  # for the session to show where the slider stands
        self._arrange()
        self._connect()
        self.refresh()

    def _arrange(self) -> None:
        self.setFixedHeight(HEIGHT)
        self.play_button.setAccessibleName("Play the training")
        self.branch_button.setAccessibleName("Branch from here")
        self.now_button.setToolTip("Show the network as it is now (Esc or End on the slider)")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, LINE, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 5)
        row.addSpacing(4)
        row.addWidget(self.state, 4)
        row.addWidget(self.branch_button)
        row.addWidget(self.now_button)

    def _connect(self) -> None:
        session = self._session
        self.slider.valueChanged.connect(self._ask_moment)
        self.slider.sliderPressed.connect(self.halt)
        self.slider.played.connect(self.play)
        self.play_button.clicked.connect(self.play)
        self.branch_button.clicked.connect(self.branch)
        self.now_button.clicked.connect(self.go_to_now)
        for follow in (self.refresh, self.update):
            session.moment_changed.connect(follow)
        for signal in (
            session.training_changed,
            session.network_changed,
            session.restarted,
            session.aside_changed,
        ):
            signal.connect(self.refresh)
        session.progress_changed.connect(Throttle(self.refresh, FOLLOW_INTERVAL, self).ask)
        self._themes.changed.connect(self.update)

    # ---- what people do

    def play(self) -> None:
        """Run through the training from here, or from its beginning when now is shown; or halt."""
        if self._timer.isActive():
            self.halt()
        elif self.isVisible():
            if self.slider.is_now:
                self.slider.setValue(0)
            self._timer.start()
            self._show_play()

    def halt(self) -> None:
        """Stop playing, and stay where it is."""
        self._timer.stop()
        self._show_play()

    @property
    def playing(self) -> bool:
        """Whether it runs through the training."""
        return self._timer.isActive()

    def go_to_now(self) -> None:
        """Show the network as it is now."""
        self.halt()
        self.slider.setValue(self.slider.maximum())

    def go_by(self, places: int) -> None:
        """Show the moment so many snapshots later, or earlier."""
        self.halt()
        self.slider.setValue(self.slider.value() + places)

    def branch(self) -> None:
        """Go on in a copy of the document that begins with the weights shown."""
        self.halt()
        session, moment = self._session, self._session.moment
        if moment is None or not session.branch(moment):
            return
        words = f"This copy begins with the weights of {_place(moment)}. "
        offers = (Offer("Train on from here", session.train),)
        session.noticed.emit(
            Notice(
                words + "What they became is kept beside it.",
                severity="done",
                offers=offers,
                until="next run",
            )
        )

    # ---- showing

    def refresh(self) -> None:
        """Follow the session: its snapshots, and the moment that it shows."""
        session = self._session
        there = len(session.snapshots) >= FEWEST and session.model is not None
        self._follow(session.snapshots if there else ())
        self.setVisible(there)
        if there:
            self._show_state()
            self._show_buttons()

    def _follow(self, snapshots: tuple[Snapshot, ...]) -> None:
        """Take the snapshots there are; where the slider has just been put it stays."""
        if snapshots[:1] != self._known[:1]:
            self._waiting = False  # another run
            self.halt()
        wanted = self._wanted() if self._waiting else self._session.moment
        if snapshots is not self._known or wanted is not self._wanted():
            self._known = snapshots
            self.slider.show_moments(snapshots, self._place_of(wanted))
            self.slider.setToolTip(_missing(snapshots))

    def _wanted(self) -> Snapshot | None:
        """The moment at which the slider stands."""
        return None if self.slider.is_now else self._known[self.slider.value()]

    def _place_of(self, moment: Snapshot | None) -> int:
        """Where it is on the slider, or would be: the budget may have let it go meanwhile."""
        if moment is None:
            return len(self._known)
        steps = [each.step for each in self._known]
        return max(0, min(bisect_left(steps, moment.step), len(steps) - 1))

    def _ask_moment(self) -> None:
        self._waiting = True
        self._shown.ask()

    def _show_moment(self) -> None:
        if self._waiting:
            self._waiting = False
            self._session.show_moment(self._wanted())

    def _play_on(self) -> None:
        """The next moment, as soon as the one before has been seen."""
        if self._session.looking:
            return
        self.slider.setValue(self.slider.value() + 1)
        if self.slider.is_now:
            self.halt()

    def _show_state(self) -> None:
        moment, session = self._session.moment, self._session
        if moment is None:
            at = f"epoch {session.curve.epoch[-1]:.2f}" if len(session.curve) else "the present"
            self._say([Part("Now", BOLD), Part(at, 400, "text2")])
            return
        parts = [Part(f"At {_place(moment)}", BOLD, "accenttext")]
        if moment.step:
            parts.append(Part(f"batch loss {moment.loss:.3g}", 400, "text2"))
            parts.append(Part(f"{100 * moment.accuracy:.0f} % right", 400, "text2"))
        else:
            parts.append(Part("before the first step", 400, "text2"))
        self._say(parts)

    def _say(self, parts: list[Part]) -> None:
        self.state.show_parts(parts, "  ·  ")
        self.slider.setAccessibleDescription(self.state.accessibleName())

    def _show_buttons(self) -> None:
        past, refusal = self._session.moment is not None, self._refusal()
        self.now_button.setEnabled(past)
        self.branch_button.setEnabled(past and not refusal)
        words = "Begin a copy of the network with these weights, and train on from there"
        self.branch_button.setToolTip(refusal or words)
        self._show_play()

    def _show_play(self) -> None:
        playing = self._timer.isActive()
        self.play_button.show_icon("pause" if playing else "train")
        words = "Halt" if playing else "Run through the training"
        self.play_button.setToolTip(f"{words} (Space on the slider)")

    def _refusal(self) -> str:
        """Why nothing can branch off now."""
        if self._session.training != "idle":
            return "Training is going on: stop it first."
        if self._session.aside is not None:
            return "A copy is open already: close it first."
        return ""

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it play."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line above, and a tint while the past is shown."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._ground())
        painter.fillRect(QRectF(0, 0, self.width(), LINE), self._themes.theme.color("line"))

    def _ground(self) -> QColor:
        """Tinted while the past is shown."""
        theme = self._themes.theme
        ground = theme.color("window")
        is_past = self._session.moment is not None
        return mix(ground, theme.color("accent"), 0.12) if is_past else ground


def _missing(snapshots: tuple[Snapshot, ...]) -> str:
    """What the slider cannot go back to, in words; a project file has the present weights alone."""
    if not snapshots or not snapshots[0].step:
        return ""
    return f"What was before {_place(snapshots[0])} was not kept."


def _place(moment: Snapshot) -> str:
    return f"epoch {moment.position:.2f}, step {moment.step:,}"
