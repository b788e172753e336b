"""The actions of the time machine, and what they need."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cnnstudio.engine.snapshots import LARGEST
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.menu import needs
from cnnstudio.ui.menu.spec import Spec
from cnnstudio.ui.training.time_machine import FEWEST, TimeMachine

_MENU = "Train/Time machine"


def snapshots(session: Session) -> str | None:
    """Weights of the past, kept while training."""
    if len(session.snapshots) >= FEWEST:
        return None
    size = session.model.state.nbytes if session.model else 0
    if size > LARGEST:
        return (
            f"No past is kept of this network: its weights take {size / 1e6:,.1f} MB, and the most "
            f"is {LARGEST / 1e6:,.1f} MB."
        )
    return "There is no past to look at: train first."


def past(session: Session) -> str | None:
    """A moment of the past that is shown."""
    return None if session.moment else "The present is shown: go to an earlier moment first."


TIME_ACTIONS: tuple[Spec, ...] = (
    Spec(
        "time_play",
        "Play the training",
        _MENU,
        "Run through the training: maps, filters and answers as they came to be.",
        ("F8",),
        "train",
        (snapshots,),
        command="Time machine: play or halt",
    ),
    Spec(
        "time_earlier",
        "Earlier snapshot",
        _MENU,
        "Show the network as it was at the snapshot before.",
        ("Shift+F7",),
        "chevron-left",
        (snapshots,),
        command="Time machine: earlier",
    ),
    Spec(
        "time_later",
        "Later snapshot",
        _MENU,
        "Show the network as it was at the snapshot after.",
        ("Ctrl+F7",),
        "chevron-right",
        (snapshots, past),
        command="Time machine: later",
    ),
    Spec(
        "time_now",
        "Back to now",
        _MENU,
        "Show the network as it is now.",
        ("Shift+F8",),
        needs=(past,),
        command="Time machine: back to now",
    ),
    Spec(
        "time_branch",
        "Branch from here",
        _MENU,
        "Begin a copy of the network with the weights of the moment shown.",
        (),
        "copy",
        (past, needs.idle),
        section="branch",
        command="Time machine: branch from here",
    ),
)
"""To and fro in time, play, back to now, branch."""


def time_handlers(machine: TimeMachine) -> dict[str, Callable[[], object]]:
    """What these actions do."""
    return {
        "time_play": machine.play,
        "time_earlier": partial(machine.go_by, -1),
        "time_later": partial(machine.go_by, 1),
        "time_now": machine.go_to_now,
        "time_branch": machine.branch,
    }
