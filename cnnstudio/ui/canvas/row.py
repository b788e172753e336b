"""The network's own row: its cards and wires, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtWidgets import QGraphicsScene

from cnnstudio.blocks import Block
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.culling import Culling
from cnnstudio.ui.canvas.face import Face
from cnnstudio.ui.canvas.glide import Glide, Move
from cnnstudio.ui.canvas.layout import Grid, is_alone
from cnnstudio.ui.canvas.matching import origins_of
from cnnstudio.ui.canvas.output_card import OutputCard
from cnnstudio.ui.canvas.wires import Wires
from cnnstudio.ui.theme import ThemeManager


class Row:
    """Cells in reading order: the cards, the slot or the hint between them, and the OUTPUT.

    `grid` says where the cells stand; `slot_cell` is the one of the open slot, or None. `faces` is
    what the cards of `blocks` say. An edit brings those near to the view up to date, and the
    others (there may be hundreds) when it has been painted, when they are scrolled into sight, or
    when `cards` is read; `items` are the cards as they are.
    """

    def __init__(
        self,
        scene: QGraphicsScene,
        culling: Culling,
        themes: ThemeManager,
        make: Callable[[Face], Card],
        offer: Callable[[Connector], None],
    ) -> None:
        self._scene, self._culling, self._make = scene, culling, make
        self._glide = Glide(scene)
        self._gliding: Sequence[Move] = ()
        self._wires = Wires(culling, themes, offer)
        self.items: list[Card] = []
        self.faces: Sequence[Face] = ()
        self.slot_cell: int | None = None
        self.columns = 4
        self.grid = self._rest = Grid(4)
        self.blocks: tuple[Block, ...] = ()
        self._near = range(0)
        self._is_turned = False
        self._is_behind = False
        self._late = QTimer(scene, singleShot=True, interval=0)
        self._late.timeout.connect(self.catch_up)

    # ---- cards

    @property
    def cards(self) -> list[Card]:
        """The cards of the network's own blocks, in order."""
        self.catch_up()
        return self.items

    @property
    def wires(self) -> list[Connector]:
        """The wires, one behind each cell but the last."""
        self.catch_up()
        return self._wires.items

    def card(self, index: int) -> Card:
        """The card of one block."""
        if index not in self._near:
            self.catch_up()
        return self.items[index]

    def show(self, blocks: tuple[Block, ...], faces: Sequence[Face]) -> None:
        """Show `blocks` with their faces; the cards of blocks that stayed are kept."""
        if blocks != self.blocks or len(blocks) != len(self.items):
            self._match(blocks, faces)
        self.show_faces(faces)

    def show_faces(self, faces: Sequence[Face]) -> None:
        """Show other words on the cards."""
        self.faces = faces
        self._show(self._near)
        self._fall_behind()

    def _show(self, indices: Iterable[int]) -> None:
        faces, cards = self.faces, self.items
        for index in indices:
            if index < len(cards) and cards[index].face is not faces[index]:
                cards[index].show_face(faces[index])

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        for card in self.items:
            card.set_flags(locked=locked)
        self._wires.set_locked(locked)

    def _match(self, blocks: tuple[Block, ...], faces: Sequence[Face]) -> None:
        origins = origins_of(self.blocks, blocks)
        old, kept = self.items, set(origins)
        for index, card in enumerate(old):
            if index not in kept:
                self._scene.removeItem(card)
        self.items = []
        for index, origin in enumerate(origins):
            card = old[origin] if origin is not None else self._new_card(index, faces[index])
            card.path = (index,)
            self.items.append(card)
        self.blocks = blocks

    def _new_card(self, index: int, face: Face) -> Card:
        card = self._make(face)
        card.setPos(self.grid.corner(index))
        self._culling.take(card)
        return card

    # ---- cells

    @property
    def is_open(self) -> bool:
        """Whether a cell is kept free, for the slot or for the hint of an empty network."""
        return self.slot_cell is not None or len(self.items) == 1

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.items) + self.is_open + 1

    def cell_of(self, index: int) -> int:
        """The cell of a card, beside the slot."""
        return index + (self.slot_cell is not None and index >= self.slot_cell)

    def index_at(self, point: QPointF) -> int:
        """Before which card something dropped at `point` goes, as if there were no slot."""
        return min(self._rest.index_at(point, len(self.items) + 1), len(self.items))

    # ---- places

    def stand_on(self, grid: Grid, *, at_rest: bool) -> None:
        """Take another grid; `at_rest`, it is the one without a slot, to which drops are held."""
        self.grid = self.grid if grid == self.grid else grid  # the same one is compared at once
        if at_rest:
            self._rest = self.grid

    def arrange(self, milliseconds: int) -> None:
        """Put the cards where they belong; those in sight glide there."""
        area, before = self._culling.area(), self._near
        self._near = self._cards_near()
        self._show(self._near)
        moves: list[Move] = []
        for index in sorted({*before, *self._near}):
            if index < len(self.items):
                card, goal = self.items[index], self.grid.corner(self.cell_of(index))
                start = card.pos()
                if start != goal and (_crosses(area, start) or _crosses(area, goal)):
                    moves.append((card, start, goal))
                else:
                    card.setPos(goal)  # nobody sees it glide
        self._gliding = moves
        self._glide.begin(moves, milliseconds)
        self._fall_behind()

    def lay_wires(self, *, turned: bool) -> None:
        """Lead the wires from cell to cell; if `turned`, the last to the strip below the row."""
        self._is_turned = turned
        self._wires.fit(self.cells - 1)
        self._lay(self._near)
        self._reveal()

    def _lay(self, near: range) -> None:
        looked_at = range(max(0, near.start - 1), min(near.stop + 2, self.cells - 1))
        self._wires.lay(self.grid, looked_at, self.faces, self.slot_cell, turned=self._is_turned)

    def follow_sight(self) -> None:
        """Show what is near to what the view shows, and what glides away from there."""
        self._near = self._cards_near()
        if self._is_behind:
            self._settle(self._near, map(self.grid.corner, map(self.cell_of, self._near)))
        self._reveal()

    def _cards_near(self) -> range:
        """The cards in cells that are near, and one on either side."""
        cells = self._culling.cells(self.grid, self.cells)
        return range(max(0, cells.start - 1), min(cells.stop + 1, len(self.items)))

    def _reveal(self) -> None:
        near = self._near
        wires = self._wires.items[max(0, near.start - 1) : near.stop + 1]
        gliding = (card for card, _, _ in self._gliding)
        self._culling.keep((*self.items[near.start : near.stop], *wires, *gliding))

    def _fall_behind(self) -> None:
        self._is_behind = True
        self._late.start()

    def catch_up(self) -> None:
        """Bring the cards and wires up to date that an edit has left for later."""
        if not self._is_behind:
            return
        self._is_behind = False
        self._late.stop()
        corners = self.grid.corners(self.cells)
        if self.slot_cell is not None:
            del corners[self.slot_cell]
        self._settle(range(len(self.items)), corners)

    def _settle(self, indices: range, corners: Iterable[QPointF]) -> None:
        """Show what some cards say, and put them and their wires where they belong."""
        self._show(indices)
        gliding = {card for card, _, _ in self._gliding}
        for index, corner in zip(indices, corners, strict=False):
            if self.items[index] not in gliding:
                self.items[index].setPos(corner)
        self._lay(indices)

    def is_strip(self, output: OutputCard) -> bool:
        """Whether the OUTPUT would stand alone in a row, far away, and lies below the last one."""
        last = self.cells - 1
        drops = self.grid.drops[last // self.grid.columns - 1 :]
        alone = is_alone(last, self.grid.columns) and len(self.items) > 1 and not any(drops)
        return alone and output.can_be_strip

    def output_rect(self, *, strip: bool) -> QRectF:
        """Where the OUTPUT stands."""
        last = self.cells - 1
        return self.grid.strip(last - 1) if strip else self.grid.rect(last)


def _crosses(area: QRectF, corner: QPointF) -> bool:
    return area.top() < corner.y() < area.bottom()
