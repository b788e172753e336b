"""Where blocks go and how they get there, whichever way they come: typed, pasted or chosen."""

from __future__ import annotations

from collections.abc import Sequence

from cnnstudio.blocks import Block, Input, Shape
from cnnstudio.network import Network, inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.document.session import Session


def place_after_selection(session: Session) -> Path:
    """The place behind the selected blocks, in their row, or the end of the network."""
    if not session.selected_paths:
        return (len(session.network),)
    last = session.selected_paths[-1]
    return (*last[:-1], last[-1] + 1)


def entering(session: Session, place: Path) -> Shape | None:
    """The size that a block put at `place` gets; None where it is not known."""
    if len(place) == 1:
        return session.report.blocks[place[0] - 1].output_shape
    shape = session.report.blocks[place[0]].input_shape
    for end in range(3, len(place) + 1, 2):
        row = inner.row_at(session.network, place[:end])
        before = inner.row_report(row[: place[end - 1]], shape)
        shape = before[-1].output_shape if before else shape
    return shape


def put(
    session: Session, place: Path, blocks: Sequence[Block], verb: str = "Insert", name: str = ""
) -> bool:
    """Insert `blocks` at `place` as one step; whether the network changed.

    The step is called after `verb` and `name`, by default the name that the block gets.

    A network has one Input: one among `blocks` takes its place if it comes alone, or if there is
    nothing else yet; otherwise it is left out.
    """
    before = session.network
    added = tuple(block for block in blocks if not isinstance(block, Input))
    given = next((block for block in blocks if isinstance(block, Input)), None)
    if given is not None and not added:
        session.replace(0, given, "Change INPUT")
    elif given is not None and len(before) == 1:
        _begin(session, given, added, verb)
    elif added:
        session.insert_at(place, *added, verb=verb, name=name)
    return session.network != before


def put_after_selection(session: Session, *blocks: Block) -> bool:
    """Insert `blocks` behind the selected ones, or at the end; whether the network changed."""
    return put(session, place_after_selection(session), blocks)


def _begin(session: Session, given: Input, added: tuple[Block, ...], verb: str) -> None:
    words = inner.insert_words(session.network, (1,), added, verb)
    session.apply(Network((given, *added)), words)
    session.select(range(1, len(session.network)))
