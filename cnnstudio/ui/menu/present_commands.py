"""Commands made from the present network: select a block, repair one, go back some steps."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cnnstudio.blocks.row import rows_of
from cnnstudio.network import inner
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import block_icon_name
from cnnstudio.ui.menu import needs
from cnnstudio.ui.menu.command import Command, prefixed
from cnnstudio.ui.typography import pretty

MOST_STEPS = 20
"""How many steps of the history are offered one by one."""


def present_commands(session: Session) -> tuple[Command, ...]:
    """Blocks to select, and the steps to go back and forward."""
    back = prefixed("Go back to before: ", undo_steps(session))
    forward = prefixed("Go forward to: ", redo_steps(session))
    return (*selections(session), *back, *forward)


def repairs(session: Session) -> Iterator[Command]:
    """Every repair of every problem."""
    refusal = needs.idle(session)
    for _, problem in session.report.problems:
        for repair in problem.repairs:
            name = session.network.names[repair.place]
            run = partial(session.repair, repair)
            title = pretty(f"Repair {name}: {repair}")
            yield Command(title, run, pretty(problem.message), refusal=refusal, icon="warning")


def selections(session: Session) -> Iterator[Command]:
    """Every block, also those inside others."""
    for path in paths(session):
        block = inner.block_at(session.network, path)
        yield Command(
            f"Select {inner.full_name(session.network, path)}",
            partial(session.select_path, path),
            pretty(block.summary()),
            icon=block_icon_name(block),
            family=block.family,
        )


def paths(session: Session) -> Iterator[inner.Path]:
    """The paths of all blocks from the first to the last, each before those inside it."""
    for index in range(len(session.network)):
        yield from _below(session, (index,))


def _below(session: Session, path: inner.Path) -> Iterator[inner.Path]:
    yield path
    for number, row in enumerate(rows_of(inner.block_at(session.network, path))):
        for place in range(len(row)):
            yield from _below(session, (*path, number, place))


def undo_steps(session: Session) -> Iterator[Command]:
    """The steps that can be taken back, the last first; each goes back to before it."""
    history, refusal = session.history, needs.idle(session)
    for count in range(1, min(history.place, MOST_STEPS) + 1):
        words = pretty(history.steps[history.place - count + 1].words)
        run = partial(session.travel, -count)
        yield Command(words, run, steps(count, "undone"), refusal=refusal, icon="undo")


def redo_steps(session: Session) -> Iterator[Command]:
    """The steps that can be done again, the next first; each goes on to behind it."""
    history, refusal = session.history, needs.idle(session)
    later = history.steps[history.place + 1 :][:MOST_STEPS]
    for count, step in enumerate(later, 1):
        run = partial(session.travel, count)
        words = pretty(step.words)
        yield Command(words, run, steps(count, "done again"), refusal=refusal, icon="redo")


def steps(count: int, what: str) -> str:
    """Such as "3 steps are undone."."""
    return f"1 step is {what}." if count == 1 else f"{count} steps are {what}."


def data_lines(session: Session) -> Iterator[Command]:
    """The data set in one line, to read."""
    data = session.dataset
    words, about = "Loading…", "The pictures that the network learns."
    if session.data_failure:
        words, about = "The pictures cannot be read", session.data_failure
    if data is not None:
        sizes = f"{len(data.train):,} pictures to train, {len(data.test):,} to test"
        words = f"{data.name.upper()}: {sizes}"
    yield Command(words, lambda: None, refusal=about)
