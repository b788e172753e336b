"""The words of actions that say what they would do now, such as "Undo move CONV 2"."""

from __future__ import annotations

from cnnstudio.ui.document.session import Session


def undo_words(session: Session) -> str:
    """Undo with the name of the step that it takes back."""
    return _with_step("Undo", session.history.undo_words)


def redo_words(session: Session) -> str:
    """Redo with the name of the step that it does again."""
    return _with_step("Redo", session.history.redo_words)


def train_words(session: Session) -> str:
    """Train, or Continue after a pause."""
    return "Continue" if session.training == "paused" else "Train"


def way_back_words(session: Session) -> str:
    """Where the run would go back to, and the learning rate that it would go on with."""
    return session.alarm.way_back if session.alarm else "Go back to the last good weights"


def _with_step(verb: str, step: str | None) -> str:
    return f"{verb} {lowered(step)}" if step else verb


def lowered(step: str) -> str:
    """The name of a step inside a sentence: "move CONV 2", but "CONV 2 ..." stays as it is."""
    return step[:1].lower() + step[1:] if step[1:2].islower() else step
