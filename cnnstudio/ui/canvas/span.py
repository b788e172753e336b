"""A range of cards in a row: from where it was begun to where Shift extends it."""

from __future__ import annotations

from cnnstudio.network import inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.document.session import Session


class Span:
    """Selects by what is pressed or gone to; `anchor` is where a range begins."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.anchor: Path = (0,)

    def begin(self, path: Path) -> None:
        """Select one block, from which on a range can be extended."""
        self.anchor = path
        self._session.select_paths((path,))

    def extend(self, path: Path) -> None:
        """Select from the anchor to `path`; from another row, what holds both in one."""
        self._session.select_paths(inner.span(self.anchor, path))

    def go(self, path: Path, *, extends: bool) -> None:
        """Extend the range to `path`, or begin another there."""
        if extends:
            self.extend(path)
        else:
            self.begin(path)

    @property
    def end(self) -> Path | None:
        """The end of the range that moves when it is extended; None while nothing is selected."""
        paths = self._session.selected_paths
        if not paths:
            return None
        if self.anchor not in (paths[0], paths[-1]):
            self.anchor = paths[0]
        return paths[0] if self.anchor == paths[-1] else paths[-1]
