"""What stands on the canvas, and where: the row of cards, what is open below it, the OUTPUT."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene

from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.attic import Attic
from cnnstudio.ui.canvas.bubble import Bubble, BubbleKeeper
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.connector import Connector
from cnnstudio.ui.canvas.culling import Culling
from cnnstudio.ui.canvas.face import Face, State
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.canvas.nests import Nests
from cnnstudio.ui.canvas.output_card import OutputCard
from cnnstudio.ui.canvas.plate import Plate
from cnnstudio.ui.canvas.row import Row
from cnnstudio.ui.canvas.slot import Hint, Slot
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.theme import ThemeManager


class Stage(QGraphicsScene):
    """Cards, connectors, slot and bubble, found by place and by point; `grid` has their places.

    `motion` tells how many milliseconds a movement takes.
    """

    offered = Signal(object)
    """A Connector was clicked: offer blocks to insert there."""
    toggled = Signal()
    """A block was opened or closed."""

    def __init__(
        self,
        session: Session,
        themes: ThemeManager,
        motion: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._themes, self._motion = session, themes, motion
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # an insertion moves all
        self._culling = Culling(self)
        self._row = Row(self, self._culling, themes, self._card, self.offered.emit)
        self._slot = Slot(themes)
        self._hint = Hint(themes, self.offered.emit)
        self._bubbles = BubbleKeeper(self, session, themes, self._fit_scene)
        self.nests = Nests(self, session, themes, self.offered.emit, self._show_nests)
        self.output = OutputCard(themes, Attic(self), session.repair)
        self._target: Path | None = None
        self._least_width = 0.0
        self._content = QRectF()
        for item in (self.output, self._slot, self._hint):
            self.addItem(item)

    def _card(self, face: Face) -> Card:
        card = Card(face, self._themes, self._step_probe, self.nests.toggle)
        card.set_flags(locked=self._session.locked)
        return card

    def _step_probe(self, by: int) -> None:
        probe = self._session.probe
        if probe is not None:
            self._session.set_probe(probe.index + by, probe.origin)

    def _show_nests(self) -> None:
        """A block was opened or closed."""
        raise NotImplementedError

    # ---- what there is

    @property
    def cards(self) -> list[Card]:
        """The cards of the network's own blocks, in order."""
        return self._row.cards

    @property
    def connectors(self) -> Sequence[Connector]:
        """The wires in order."""
        return tuple(self._row.wires)

    @property
    def grid(self) -> Grid:
        """Where the cells of the row stand."""
        return self._row.grid

    @property
    def cells(self) -> int:
        """How many cells there are: of cards, of the slot or the hint, and of the OUTPUT."""
        return self._row.cells

    @property
    def slot(self) -> Slot:
        """The ghost slot; visible while something is dragged over the row."""
        return self._slot

    @property
    def slot_cell(self) -> int | None:
        """The cell of the slot; None while nothing would be dropped."""
        return self._row.slot_cell

    @property
    def bubble(self) -> Bubble | None:
        """The bubble at the block that does not fit."""
        return self._bubbles.bubble

    @property
    def content(self) -> QRectF:
        """The rectangle that the row and its bubble take, margins included."""
        return QRectF(self._content)

    # ---- finding

    def card_at(self, point: QPointF) -> Card | None:
        """The card at a scene point."""
        return next((card for card in self.cards if card.scene_rect().contains(point)), None)

    def plate_at(self, point: QPointF) -> Plate | None:
        """The card, large or small, at a scene point."""
        return self.nests.card_at(point) or self.card_at(point)

    def rows_near(self, point: QPointF) -> Sequence[Sequence[Plate]]:
        """The rows of the open block at a scene point, the nearest first, or the network's own."""
        return self.nests.rows_near(point) or (self.cards,)

    def plate(self, path: Path) -> Plate | None:
        """The card of the block at `path`; None while what it is in is closed."""
        return self._row.card(path[0]) if len(path) == 1 else self.nests.card(path)

    def place_rect(self, path: Path) -> QRectF:
        """Where the card at `path` stands, or would stand if there were one."""
        if len(path) == 1:
            return self.grid.rect(min(path[0], len(self._row.items)))
        return self.nests.place_rect(path) or self.grid.rect(path[0])

    @property
    def drop_target(self) -> Path | None:
        """Where something that is dragged would go now; None while it would go nowhere."""
        return self._target

    def drop_path(self, point: QPointF) -> Path:
        """Before which block, of the network or of one that is open, something dropped goes."""
        if self._target is not None and self._is_on_slot(point):
            return self._target
        found = self.nests.drop_path(point)
        return (self.drop_index(point),) if found is None else found

    def drop_index(self, point: QPointF) -> int:
        """Before which block of the network something dropped at `point` goes.

        Cells are counted as if there were no slot, so that the row does not flicker while the
        slot opens; over the slot itself the answer stays.
        """
        if self.slot_cell is not None and self._is_on_slot(point):
            return self.slot_cell
        return self._row.index_at(point)

    def _is_on_slot(self, point: QPointF) -> bool:
        if self.slot_cell is not None:
            return self.grid.rect(self.slot_cell).contains(point)
        return self.nests.slot_at(point)

    # ---- places

    def set_room(self, columns: int, least_width: float) -> None:
        """Wrap after `columns` cards; the scene is at least `least_width` wide."""
        self._least_width = least_width
        self._row.columns = columns
        self._arrange(animated=False)
        if self.bubble is not None:
            self._show_bubble()  # beside its card, which may have gone to another row

    def follow_sight(self) -> None:
        """Show the cards that have been scrolled into sight, and keep the bubble beside its own."""
        self._row.follow_sight()
        if self.bubble is not None:
            self._show_bubble()

    def _arrange(self, *, animated: bool) -> None:
        """Put everything where it belongs; only the cards glide there."""
        row, room = self._row, self._room()
        row.stand_on(
            self.nests.arrange(row.cell_of, row.columns, room), at_rest=self._target is None
        )
        self.nests.place(row.grid, row.cell_of, room)
        if self._target is None:
            self.nests.remember()
        if row.slot_cell is not None:
            self._slot.setPos(row.grid.corner(row.slot_cell))
        self._hint.setPos(row.grid.corner(1))
        row.arrange(self._motion() if animated else 0)
        self.output.take(row.output_rect(strip=row.is_strip(self.output)))
        row.lay_wires(turned=self.output.is_strip)
        self._fit_scene()

    def _room(self) -> float:
        """The width in which open blocks stand."""
        width = Grid(self._row.columns).bounds(self.cells).width()
        return max(width, self._least_width)

    def _show_bubble(self) -> None:
        problems = self._session.report.problems
        first = next((index for index, p in problems if p.severity == "error"), None)
        if first is not None and self.nests.nest_of(self._row.items[first]) is not None:
            self._bubbles.hide()  # the open block says it itself, where it happens
            return
        faces = self._row.faces if first is not None else ()
        known = [i for i, face in enumerate(faces) if face.state is State.KNOWN]
        frames = [QRectF(frame.pos(), frame.extent) for frame in self.nests.frames()]
        width = max(self.grid.bounds(self.cells).width(), self._least_width)
        self._bubbles.follow(self.grid, known, frames, width, self._culling.seen())

    def _fit_scene(self) -> None:
        bounds = self.grid.bounds(self.cells - self.output.is_strip)
        frames = self.nests.bounds()
        if not frames.isEmpty():
            bounds.setRight(max(bounds.right(), frames.right() + 26))
        if self.bubble is not None:
            rect = self.bubble.mapRectToScene(self.bubble.frame())
            bounds.setBottom(max(bounds.bottom(), rect.bottom() + 16))
            bounds.setRight(max(bounds.right(), rect.right() + 8))
        self._content = QRectF(bounds)
        bounds.setWidth(max(bounds.width(), self._least_width))
        if bounds != self.sceneRect():
            self.setSceneRect(bounds)
