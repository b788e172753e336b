"""When a sentence in the bar no longer holds: what ends it, see `notice.Until`."""

from __future__ import annotations

from PySide6.QtCore import QObject

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.message_bar import MessageBar
from cnnstudio.ui.frame.notice import Until

_STEP: tuple[Until, ...] = ("next step", "soon")
"""What is over with a step of the document."""


class MessageEnds(QObject):
    """Follows the session and drops the bar's sentence when it is over."""

    def __init__(self, session: Session, messages: MessageBar) -> None:
        super().__init__(messages)
        self._session, self._messages = session, messages
        session.restarted.connect(self._drop_of_others)
        session.file_changed.connect(self._drop_settled)
        session.training_changed.connect(self._drop_outlived)
        session.alarm_changed.connect(self._drop_alarm)
        for signal in (session.training_changed, session.aside_changed):
            signal.connect(self._drop_refusal)
        for signal in (session.probe_changed, session.network_changed):
            signal.connect(self._drop_of_picture)

    def _drop_of_others(self) -> None:
        """What was said of the document before is not about this one."""
        self._messages.drop("next run", "other document", "other picture", "saved", *_STEP)

    def _drop_settled(self) -> None:
        """What was refused or done is over with the next step, a failed save with a good one."""
        self._messages.drop(*_STEP)
        if not self._session.modified:
            self._messages.drop("saved")

    def _drop_of_picture(self) -> None:
        """Another picture was found or given, or another network looks at it."""
        self._messages.drop("other picture")

    def _drop_outlived(self) -> None:
        """What was said of a run goes with it, and what it came to when another begins."""
        if self._session.training == "idle":
            self._messages.drop("end of run")
        else:
            self._messages.drop("next run")

    def _drop_alarm(self) -> None:
        """A run that is as good again as before, or has ended, has nothing to go back to."""
        if self._session.alarm is None:
            self._messages.drop("recovery")

    def _drop_refusal(self) -> None:
        """What was refused while training is not refused any more."""
        if not self._session.locked:
            self._messages.drop("unlocked")
