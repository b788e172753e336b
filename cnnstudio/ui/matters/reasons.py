"""Why nothing can be asked about the network and its pictures, each in one sentence."""

from __future__ import annotations

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.typography import pretty


def no_classes(session: Session, waiting: str) -> str:
    """Why the network cannot be asked about classes; `waiting` is said while it does not fit."""
    if session.dataset is None or session.probe is None:
        return "The pictures are still being loaded."
    if session.model is None:
        return waiting
    shape = session.report.output_shape
    if shape is None or not shape.is_flat:
        return (
            f"The network ends with maps of {pretty(str(shape))}, so that it tells no classes "
            "apart: end it with a fully connected block."
        )
    return other_size(session, session.probe.pixels.shape)


def other_size(session: Session, shape: tuple[int, ...]) -> str:
    """That pictures of `shape` are not those that INPUT takes; nothing where they are."""
    wanted, data = session.network.input.picture_shape, session.dataset
    if data is None or tuple(shape) == tuple(wanted):
        return ""
    return (
        f"INPUT takes pictures of {pretty(str(wanted))}, but those of {data.name} have another "
        "size."
    )
