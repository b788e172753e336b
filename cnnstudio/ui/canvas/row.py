"""The network's own row: its cards and wires, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from cnnstudio.blocks import Block
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.face import Face
from cnnstudio.ui.canvas.glide import Glide, Move
from cnnstudio.ui.canvas.layout import Grid, is_alone
from cnnstudio.ui.canvas.matching import origins_of
from cnnstudio.ui.canvas.output_card import OutputCard
from cnnstudio.ui.canvas.sight import Sight
from cnnstudio.ui.canvas.wires import Wires, wire_looks
from cnnstudio.ui.theme import ThemeManager


class Row:
    """Cells in reading order: the cards, the slot or the hint between them, and the OUTPUT.

    `grid` says where the cells stand; `slot_cell` is the one of the open slot, or None.
    """

    def __init__(
        self,
        scene: QGraphicsScene,
        sight: Sight,
        themes: ThemeManager,
        make: Callable[[Face], Card],
        offer: Callable[[Connector], None],
    ) -> None:
        self._scene, self._sight, self._make = scene, sight, make
        self._glide = Glide(scene)
        self.wires = Wires(self._sight, themes, offer)
        self.cards: list[Card] = []
        self.slot_cell: int | None = None
        self.columns = 4
        self.grid = self._rest = Grid(4)
        self._blocks: tuple[Block, ...] = ()
        self._gliding: list[Move] = []

    # ---- cards

    def show(self, blocks: tuple[Block, ...], faces: Sequence[Face]) -> None:
        """Show `blocks` with their faces; the cards of blocks that stayed are kept."""
        if blocks != self._blocks or len(blocks) != len(self.cards):
            self._match(blocks, faces)
        self.show_faces(faces)

    def show_faces(self, faces: Sequence[Face]) -> None:
        """Show other words on the cards."""
        for card, face in zip(self.cards, faces, strict=True):
            if face is not card.face:
                card.show_face(face)

    def set_locked(self, locked: bool) -> None:
        """Show, but change nothing."""
        for card in self.cards:
            card.set_flags(locked=locked)
        self.wires.set_locked(locked)

    def _match(self, blocks: tuple[Block, ...], faces: Sequence[Face]) -> None:
        origins = origins_of(self._blocks, blocks)
        old, kept = self.cards, set(origins)
        for index, card in enumerate(old):
            if index not in kept:
                self._scene.removeItem(card)
        self.cards = []
        for index, origin in enumerate(origins):
            card = old[origin] if origin is not None else self._new_card(index, faces[index])
            card.path = (index,)
            self.cards.append(card)
        self._blocks = blocks

    def _new_card(self, index: int, face: Face) -> Card:
        card = self._make(face)
        card.setPos(self.grid.corner(index))
        self._sight.take(card)
        return card

    # ---- cells

    @property
    def is_open(self) -> bool:
        """Whether a cell is kept free, for the slot or for the hint of an empty network."""
        return self.slot_cell is not None or len(self.cards) == 1

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.cards) + self.is_open + 1

    def cell_of(self, index: int) -> int:
        """The cell of a card, beside the slot."""
        return index + (self.slot_cell is not None and index >= self.slot_cell)

    def index_at(self, point: QPointF) -> int:
        """Before which card something dropped at `point` goes, as if there were no slot."""
        return min(self._rest.index_at(point, len(self.cards) + 1), len(self.cards))

    # ---- places

    def stand_on(self, grid: Grid, *, at_rest: bool) -> None:
        """Take another grid; `at_rest`, it is the one without a slot, to which drops are held."""
        self.grid = self.grid if grid == self.grid else grid  # the same one is compared at once
        if at_rest:
            self._rest = self.grid

    def arrange(self, milliseconds: int) -> None:
        """Put the cards where they belong; those in sight glide there."""
        area, corners = self._sight.area(), self.grid.corners(self.cells)
        if self.slot_cell is not None:
            del corners[self.slot_cell]
        moves: list[Move] = []
        for card, goal in zip(self.cards, corners, strict=False):
            start = card.pos()
            if start == goal:
                continue
            if _crosses(area, start) or _crosses(area, goal):
                moves.append((card, start, goal))
            else:
                card.setPos(goal)  # nobody sees it glide
        self._gliding = moves
        self._glide.begin(moves, milliseconds)

    def lay_wires(self, *, turned: bool) -> None:
        """Lead the wires from cell to cell; if `turned`, the last to the strip below the row."""
        looks = wire_looks([card.face for card in self.cards], self.slot_cell)
        self.wires.lay(self.grid, looks, len(self.cards), turned=turned)
        self.follow_sight()

    def follow_sight(self) -> None:
        """Show what is near to what the view shows, and what glides away from there."""
        near = self._sight.cells(self.grid, self.cells)
        before = slice(max(0, near.start - 1), near.stop)
        gliding = (card for card, _, _ in self._gliding)
        self._sight.keep((*self.cards[before], *self.wires.items[before], *gliding))

    def is_strip(self, output: OutputCard) -> bool:
        """Whether the OUTPUT would stand alone in a row, far away, and lies below the last one."""
        last = self.cells - 1
        drops = self.grid.drops[last // self.grid.columns - 1 :]
        alone = is_alone(last, self.grid.columns) and len(self.cards) > 1 and not any(drops)
        return alone and output.can_be_strip

    def output_rect(self, *, strip: bool) -> QRectF:
        """Where the OUTPUT stands."""
        last = self.cells - 1
        return self.grid.strip(last - 1) if strip else self.grid.rect(last)


def _crosses(area: QRectF, corner: QPointF) -> bool:
    return area.top() < corner.y() < area.bottom()
