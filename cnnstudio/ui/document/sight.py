"""How much of a network was in sight and how large, kept for the files that were open last."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated, Protocol

import msgspec
from PySide6.QtCore import QObject

from cnnstudio import paths
from cnnstudio.network.atomic import replacing
from cnnstudio.ui.document.session import Session

MOST = 20
"""So many files are kept, the latest first."""
_FILE = "sights.json"

_Pixels = Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


class Sight(msgspec.Struct, frozen=True):
    """What a canvas shows: its zoom, the pixel at its upper left, and how the cards wrap.

    `columns` is None where they wrap at the width of the canvas; `is_fitted` for a zoom that
    follows the network, so that all of it is in sight.
    """

    zoom: Annotated[float, msgspec.Meta(ge=0.01, le=100)]
    x: _Pixels
    y: _Pixels
    columns: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    is_fitted: bool = False


class Viewer(Protocol):
    """A canvas, as far as it is needed here."""

    @property
    def sight(self) -> Sight:
        """What it shows."""

    def show_sight(self, sight: Sight) -> None:
        """Show the same again."""


class SightMemory(QObject):
    """Shows a file that is opened as it was left; call `remember` before it is left."""

    def __init__(self, session: Session, viewer: Viewer, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._viewer = session, viewer
        session.restarted.connect(self._restore)
        self._restore()

    def remember(self) -> None:
        """Keep what is in sight of the present file; nothing where there is none."""
        path = self._session.path
        if path is not None:
            name = str(path.absolute())
            others = {each: sight for each, sight in load().items() if each != name}
            save({name: self._viewer.sight, **others})

    def _restore(self) -> None:
        path = self._session.path
        sight = load().get(str(path.absolute())) if path is not None else None
        if sight is not None:
            self._viewer.show_sight(sight)


def load() -> dict[str, Sight]:
    """What is kept, by file; nothing where it is missing, damaged or unreadable."""
    try:
        return msgspec.json.decode(_path().read_bytes(), type=dict[str, Sight])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def save(sights: dict[str, Sight]) -> None:
    """Keep the first of `sights`; where nothing can be written they are forgotten."""
    kept = dict(list(sights.items())[:MOST])
    with contextlib.suppress(OSError, UnicodeEncodeError), replacing(_path()) as temporary:
        temporary.write_bytes(msgspec.json.encode(kept))


def _path() -> Path:
    return paths.user_config() / _FILE
