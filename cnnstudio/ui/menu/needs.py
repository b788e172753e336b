"""What an action needs before it can run; each need says in one sentence why it is not met."""

from __future__ import annotations

from collections.abc import Callable

from cnnstudio.blocks.row import rows_of
from cnnstudio.ui.document.reasons import no_pictures, no_weights
from cnnstudio.ui.document.session import Session

Need = Callable[[Session], str | None]
"""Why the action cannot run now, in one sentence; None when it can."""


def idle(session: Session) -> str | None:
    """No training run that the change would disturb."""
    return "Training is going on: stop it first." if session.locked else None


def blocks(session: Session) -> str | None:
    """A selected block other than the Input, which always stays."""
    if session.movable_paths:
        return None
    if session.selection:
        return "INPUT always stays at the beginning: select another block."
    return "No block is selected."


def rows(session: Session) -> str | None:
    """One selected block that holds rows of its own."""
    chosen = session.selected_blocks
    if len(chosen) == 1 and rows_of(chosen[0]):
        return None
    return "No block is selected that holds others, as Residual and Parallel do."


def repairs(session: Session) -> str | None:
    """A problem with a repair, of the selected block or of any."""
    return None if repairable(session) is not None else "There is nothing to repair."


def repairable(session: Session) -> int | None:
    """The place of the selected block that can be repaired, else of the first; None if none can."""
    problems = session.report.problems
    chosen = [each for each in problems if each[0] in session.selection]
    return next((place for place, problem in (*chosen, *problems) if problem.repairs), None)


def done(session: Session) -> str | None:
    """A step to take back."""
    return None if session.history.undo_words else "There is nothing to undo."


def undone(session: Session) -> str | None:
    """A step that was taken back."""
    return None if session.history.redo_words else "There is nothing to do again."


def model(session: Session) -> str | None:
    """A network that fits, with its weights."""
    return no_weights(session) or None


def probe(session: Session) -> str | None:
    """A picture to show maps for."""
    return no_pictures(session) or None


def labelled_probe(session: Session) -> str | None:
    """One whose class is known."""
    if session.probe is None or session.probe.label is not None:
        return probe(session)
    return "A drawn picture has no label: go to another image first."


def trained(session: Session) -> str | None:
    """Weights that were trained."""
    return None if session.trained else "The network has not been trained yet."


def drawn(session: Session) -> str | None:
    """A drawing in the cards."""
    probe = session.probe
    return None if probe and probe.is_drawn else "The cards show a test image already."


def trainable(session: Session) -> str | None:
    """A run that can begin or go on."""
    if session.training == "running":
        return "Training is going on already."
    return session.train_refusal if session.training == "idle" else None


def steppable(session: Session) -> str | None:
    """A run that can begin or is there."""
    return session.train_refusal if session.training == "idle" else None


def running(session: Session) -> str | None:
    """A run that is not paused."""
    if session.training == "paused":
        return "Training is paused already."
    return None if session.training == "running" else "Nothing is being trained."


def run(session: Session) -> str | None:
    """A run, paused or not."""
    return None if session.training != "idle" else "Nothing is being trained."


def alarm(session: Session) -> str | None:
    """A run whose loss has run away."""
    return None if session.alarm else "The loss has not run away: there is nothing to go back from."


def locked(session: Session) -> str | None:
    """A document that is being trained and is not edited in a copy."""
    if session.locked:
        return None
    if session.training != "idle":
        return "This is a copy already, which can be edited."
    return "Nothing is being trained: edit the network itself."
