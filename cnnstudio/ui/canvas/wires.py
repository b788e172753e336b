"""The wires of the network's own row, one from each cell to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnnstudio.ui.canvas.connector import Connector, Wire
from cnnstudio.ui.canvas.culling import Culling
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.theme import ThemeManager

WireLook = tuple[Wire, str]
"""How a wire looks, and the size that flows in words."""

_UNKNOWN: WireLook = (Wire.UNKNOWN, "")


def wire_look(face: Face) -> WireLook:
    """How the wire behind a card looks."""
    return (Wire.NORMAL, face.size) if face.state is State.KNOWN else _UNKNOWN


def _look_behind(cell: int, faces: Sequence[Face], slot_cell: int | None) -> WireLook:
    """How the wire behind a cell looks; those before and behind an open slot are previews."""
    if slot_cell is None:
        return wire_look(faces[cell]) if len(faces) > 1 else _UNKNOWN
    if slot_cell in (cell, cell + 1):
        return (Wire.PREVIEW, "")
    return wire_look(faces[cell - (cell > slot_cell)])


class Wires:
    """Only those that are asked for are led anew: there may be hundreds."""

    def __init__(
        self, culling: Culling, themes: ThemeManager, offer: Callable[[Connector], None]
    ) -> None:
        self.items: list[Connector] = []
        self._culling, self._themes, self._offer = culling, themes, offer
        self._locked = False

    def fit(self, count: int) -> None:
        """Be so many."""
        while len(self.items) > count:
            wire = self.items.pop()
            wire.scene().removeItem(wire)
        while len(self.items) < count:
            wire = Connector(self._themes, self._offer)
            wire.set_locked(self._locked)
            self.items.append(wire)
            self._culling.take(wire)

    def lay(
        self,
        grid: Grid,
        cells: range,
        faces: Sequence[Face],
        slot_cell: int | None,
        *,
        turned: bool,
    ) -> None:
        """Lead the wires from these cells to the next; if `turned`, the last to the strip below."""
        last = len(self.items) - 1
        for cell in cells:
            wire = self.items[cell]
            wire.path = (min(cell + 1, len(faces)),)
            lead = wire.turn if turned and cell == last else wire.place
            lead(grid, cell, *_look_behind(cell, faces, slot_cell))

    def set_locked(self, locked: bool) -> None:
        """Offer no plus while nothing may be edited."""
        self._locked = locked
        for wire in self.items:
            wire.set_locked(locked)
