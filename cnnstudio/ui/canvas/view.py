"""The canvas: shows the pipeline, and turns mouse, keys and drops into edits of the session."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsView

from cnnstudio.network import inner
from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.card import Card
from cnnstudio.ui.canvas.doctor import Doctor
from cnnstudio.ui.canvas.drops import BlockDrop
from cnnstudio.ui.canvas.framing import Framing
from cnnstudio.ui.canvas.ground import Ground
from cnnstudio.ui.canvas.keys import Keys
from cnnstudio.ui.canvas.lens import STEP, Lens
from cnnstudio.ui.canvas.menus import Menus
from cnnstudio.ui.canvas.pointer import Pointer
from cnnstudio.ui.canvas.quick_add import QuickAdd
from cnnstudio.ui.canvas.scene import Pipeline
from cnnstudio.ui.canvas.title_row import HEIGHT, TitleRow
from cnnstudio.ui.canvas.touch import Touch
from cnnstudio.ui.document.insertion import place_after_selection
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.document.sight import Sight
from cnnstudio.ui.theme import ThemeManager, motion_milliseconds


class Canvas(QGraphicsView):
    """The centre of the window.

    Positions for tests and other parts: `insertion_point` and `card`. `inspected` asks for the
    keyboard focus in the inspector, `asked` carries the Cell that somebody wants explained.
    """

    inspected = Signal()
    asked = Signal(object)
    zoomed = Signal(float)
    """It is drawn in another size: how large."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.session, self.themes = session, themes
        self.pipeline = Pipeline(session, themes, lambda: motion_milliseconds(self), self)
        self.menus = Menus(self)
        self.lens = Lens(self, lambda: self.pipeline.content)
        self._framing = Framing(self)
        self._keys = Keys(self)
        self._pointer = Pointer(self, self._keys)
        self._drop = BlockDrop(self)
        self._title_row = TitleRow(session, themes, self)
        self.quick_add = QuickAdd(self)
        self.doctor = Doctor(self)
        self._set_up()
        self._connect()

    # ---- for tests and other parts

    def card(self, index: int) -> Card:
        """The card of block `index`; 0 is the Input."""
        return self.pipeline.cards[index]

    def insertion_point(self, place: int | Path) -> QPoint:
        """Where to drop so that it goes to a place of the row (1 to its length), or of any row.

        In the viewport's coordinates; the place may be scrolled out of sight, see `reveal`. That
        of a row inside a block that is closed is the block's own.
        """
        path = (place,) if isinstance(place, int) else place
        gap = self.pipeline.nests.gap(path) if len(path) > 1 else None
        return self.mapFromScene(self.pipeline.grid.gap(path[0]) if gap is None else gap)

    def reveal(self, index: int) -> None:
        """Scroll so that card `index` can be seen, with the volume above it."""
        self._framing.reveal((index,))

    def slot_rect(self, place: Path) -> QRect:
        """Where something goes that is inserted at `place`, in the canvas's coordinates."""
        rect = self.mapFromScene(self.pipeline.place_rect(place)).boundingRect()
        return rect.translated(self.viewport().pos())

    def ask_block(self, place: Path | None = None, text: str = "") -> None:
        """Open the quick-add list for `place`, by default behind the selection."""
        if self.session.refuses_edit():
            return
        place = place_after_selection(self.session) if place is None else place
        self.quick_add.open(place, text)

    def rename_network(self) -> None:
        """Edit the network's name in its place above the cards."""
        self._title_row.name.edit()

    def toggle_selected(self) -> None:
        """Open the rows of the selected block, or close them."""
        path = self.session.selected_path
        card = None if path is None else self.pipeline.plate(path)
        if card is not None:
            self.pipeline.toggle(card)

    def place_near(self, point: QPoint) -> Path:
        """The place that a point of the ground is nearest to; below the row it is the end."""
        place = self.mapToScene(point)
        if place.y() > self.pipeline.content.bottom():
            return (len(self.session.network),)
        return self.pipeline.drop_path(place)

    # ---- zoom

    @property
    def zoom(self) -> float:
        """How large things are drawn; 1.0 is 100 %."""
        return self.lens.scale

    def zoom_in(self) -> None:
        """One step larger."""
        self._framing.zoom_to(self.zoom * STEP)

    def zoom_out(self) -> None:
        """One step smaller."""
        self._framing.zoom_to(self.zoom / STEP)

    def zoom_about(self, scale: float, point: QPointF, target: QPointF | None = None) -> None:
        """Zoom to `scale`; what is at `point` of the viewport stays, or goes to `target`."""
        self._framing.zoom_about(scale, point, target)

    def actual_size(self) -> None:
        """Back to 100 %, wrapping at the window's width."""
        self._framing.actual_size()

    def fit(self) -> None:
        """Show the whole network as large as it goes, but not above 100 %."""
        self._framing.fit()

    @property
    def sight(self) -> Sight:
        """What is in sight now."""
        return self._framing.sight

    def show_sight(self, sight: Sight) -> None:
        """Show what was in sight before; while the canvas is not shown, once it is."""
        self._framing.show_sight(sight)

    # ---- set-up

    def _set_up(self) -> None:
        self.setObjectName("canvas")
        self.setAccessibleName("Network")
        self.setScene(self.pipeline)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setViewportMargins(0, HEIGHT, 0, 0)
        self.setMinimumSize(240, 240)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the ground is
        self.viewport().installEventFilter(Touch(self))

    def _connect(self) -> None:
        row = self._title_row
        row.zoom_in_asked.connect(self.zoom_in)
        row.zoom_out_asked.connect(self.zoom_out)
        row.actual_size_asked.connect(self.actual_size)
        row.fit_asked.connect(self.fit)
        self.zoomed.connect(row.show_zoom)
        self.pipeline.offered.connect(lambda connector: self.ask_block(connector.path))
        self.pipeline.toggled.connect(self._framing.reveal_opened)
        self.pipeline.sceneRectChanged.connect(self.lens.follow)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.valueChanged.connect(self._tell_scrolled)
        self.session.repairs_asked.connect(self.doctor.open)
        self.session.network_changed.connect(self._follow_network)
        self.session.findings_changed.connect(self._describe)
        self.session.restarted.connect(self._framing.show_beginning)
        self.session.selection_changed.connect(self._follow_selection)
        self.session.training_changed.connect(self.cancel_gesture)
        self.themes.changed.connect(self._follow_theme)
        self._follow_theme()

    def _follow_network(self) -> None:
        self._framing.refit()
        self._describe()

    def _follow_selection(self) -> None:
        path = self.session.selected_path
        if path is not None and not self._pointer.is_busy:
            self._framing.reveal(path)
        self._describe()

    def _describe(self) -> None:
        """Tell a screen reader what is selected."""
        network = self.session.network
        words = (
            f"{inner.full_name(network, card.path)}, {card.face.spoken}"
            for card in self.pipeline.selected_cards()
        )
        self.setAccessibleDescription("; ".join(words))

    def _follow_theme(self) -> None:
        self._ground = Ground(self.themes.theme)
        self.viewport().update()

    # ---- for Qt: painting and size

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """Draw the dotted ground."""
        self._ground.paint(painter, rect)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the first card; Qt would begin in the middle.

        A window that comes back from being an icon shows what it did before.
        """
        super().showEvent(event)
        if not event.spontaneous():
            self._framing.show_beginning()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew."""
        super().resizeEvent(event)
        self._title_row.setGeometry(0, 0, self.width(), HEIGHT)
        self._framing.take_size()
        self.doctor.follow_room()

    # ---- for Qt: the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture; buttons inside the scene take their own clicks."""
        if not self._pointer.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the gesture, or show what the pointer is on."""
        if not self._pointer.move(event):
            super().mouseMoveEvent(event)
            self._pointer.point_at(event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the gesture."""
        if not self._pointer.release(event):
            super().mouseReleaseEvent(event)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a card go to its settings, on the ground or a connector ask what to insert there."""
        if not self._pointer.double_click(event):
            self.mousePressEvent(event)  # a second click is a click

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self.pipeline.hover(None)
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, with Shift sideways; with Ctrl zoom about the pointer."""
        if not self._pointer.wheel(event):
            super().wheelEvent(event)
        event.accept()

    def _tell_scrolled(self) -> None:
        """Show what has come into sight; what is held at the pointer has moved over the row."""
        self.pipeline.follow_sight()
        self._pointer.scrolled()
        self._drop.scrolled()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with what is there; by key, with the selection."""
        self.cancel_gesture()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self.menus.at(event.pos()).popup(event.globalPos())
        else:
            self.menus.pop_up_by_key()

    def cancel_gesture(self) -> None:
        """End a gesture that is going on, with everything as it was before."""
        self._pointer.cancel()

    # ---- for Qt: the keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys belong to a gesture that is going on, otherwise they are in `Keys`."""
        if not (self._pointer.take_key(event, pressed=True) or self._keys.press(event)):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Let go of what was held."""
        if not self._pointer.take_key(event, pressed=False):
            super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Reached by Tab, select something, so that the keys have a place to start from."""
        super().focusInEvent(event)
        by_tab = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if event.reason() in by_tab and not self.session.selection:
            self.session.select((0,))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A gesture does not outlive the focus, except into a menu."""
        super().focusOutEvent(event)
        self._pointer.hold_space(False)
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self.cancel_gesture()

    # ---- for Qt: drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take blocks while nothing is locked."""
        self._drop.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Open the slot where the block would go."""
        self._drop.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Close the slot."""
        self._drop.end()

    def dropEvent(self, event: QDropEvent) -> None:
        """Insert the block."""
        self._drop.drop(event)
