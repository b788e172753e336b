"""Why nothing happens: a shortcut whose action is off tells the reason."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QStatusBar

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.frame.message_bar import MessageBar
from cnnstudio.ui.frame.notice import Notice
from cnnstudio.ui.menu.action_set import ActionSet
from cnnstudio.ui.menu.spec import Spec

SHOWN = 5_000
"""Milliseconds that a reason stays in the status bar."""

_TRAINS = ("train", "step")
"""Actions that a person waits for: their reason stays until it holds no longer."""


class RefusedKeys(QObject):
    """Takes the keys that no widget and no action has taken.

    Why nothing can be undone passes by in the status bar; why the network cannot be trained stays
    in the bar of messages until it can be, and what does not fit is shown with its repairs.
    """

    def __init__(
        self, session: Session, actions: ActionSet, bar: MessageBar, status: QStatusBar
    ) -> None:
        super().__init__(bar)
        self._session, self._actions = session, actions
        self._bar, self._status = bar, status
        self._told = ""
        session.network_changed.connect(self._forget)

    def press(self, event: QKeyEvent) -> bool:
        """Tell why the action of a key is off; whether the key is that of such an action."""
        keys = QKeySequence(event.keyCombination())
        for name, spec in self._actions.specs.items():
            action = self._actions.by_name[name]
            if not action.isEnabled() and keys in action.shortcuts():
                if not event.isAutoRepeat():
                    self._tell(spec)
                return True
        return False

    def _tell(self, spec: Spec) -> None:
        reason = spec.refusal(self._session) or ""
        if spec.name in _TRAINS and not self._session.locked:
            self._told = reason
            self._session.noticed.emit(Notice(reason, severity="warning"))
            self._show_misfit()
        else:
            self._status.showMessage(reason, SHOWN)

    def _show_misfit(self) -> None:
        """Select the first block that does not fit, with its repairs beside it."""
        session = self._session
        errors = [each for each in session.report.problems if each[1].severity == "error"]
        if errors:
            place, problem = errors[0]
            session.select_path((place, *problem.path))
            if problem.repairs:
                session.ask_repairs(place)

    def _forget(self) -> None:
        """Take back why the network cannot be trained, once it is another reason or none."""
        if self._told and self._told != self._session.train_refusal:
            if self._bar.notice.sentence == self._told:
                self._bar.hide()
            self._told = ""
