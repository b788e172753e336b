"""The wires of the network's own row, one from each cell to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnnstudio.ui.canvas.connector import Connector, Wire
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.canvas.sight import Sight
from cnnstudio.ui.theme import ThemeManager

WireLook = tuple[Wire, str]
"""How a wire looks, and the size that flows in words."""

_UNKNOWN: WireLook = (Wire.UNKNOWN, "")


def wire_look(face: Face) -> WireLook:
    """How the wire behind a card looks."""
    return (Wire.NORMAL, face.size) if face.state is State.KNOWN else _UNKNOWN


def wire_looks(faces: Sequence[Face], slot_cell: int | None) -> list[WireLook]:
    """How the wires look behind the cards, and before and behind an open slot."""
    if len(faces) == 1 and slot_cell is None:
        return [_UNKNOWN] * 2
    looks = [wire_look(face) for face in faces]
    if slot_cell is not None:
        looks[slot_cell - 1 : slot_cell] = [(Wire.PREVIEW, "")] * 2
    return looks


class Wires:
    """Only what has changed is touched: there may be hundreds."""

    def __init__(
        self, sight: Sight, themes: ThemeManager, offer: Callable[[Connector], None]
    ) -> None:
        self.items: list[Connector] = []
        self._sight, self._themes, self._offer = sight, themes, offer
        self._grid: Grid | None = None
        self._looks: list[WireLook] = []
        self._is_turned = False
        self._locked = False

    def lay(self, grid: Grid, looks: list[WireLook], cards: int, *, turned: bool) -> None:
        """Lead a wire from each cell to the next; if `turned`, the last to the strip below it.

        `cards` is the last place in the network where a click inserts.
        """
        self._fit(len(looks))
        moved = grid is not self._grid or turned != self._is_turned
        last, before = len(looks) - 1, self._looks
        for cell, (wire, look) in enumerate(zip(self.items, looks, strict=True)):
            wire.path = (min(cell + 1, cards),)
            if moved or cell >= min(last, len(before) - 1) or look != before[cell]:
                lead = wire.turn if turned and cell == last else wire.place
                lead(grid, cell, *look)
        self._grid, self._looks, self._is_turned = grid, looks, turned

    def set_locked(self, locked: bool) -> None:
        """Offer no plus while nothing may be edited."""
        self._locked = locked
        for wire in self.items:
            wire.set_locked(locked)

    def _fit(self, count: int) -> None:
        while len(self.items) > count:
            wire = self.items.pop()
            wire.scene().removeItem(wire)
        while len(self.items) < count:
            wire = Connector(self._themes, self._offer)
            wire.set_locked(self._locked)
            self.items.append(wire)
            self._sight.take(wire)
