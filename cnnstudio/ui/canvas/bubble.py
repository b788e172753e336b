"""The bubble at a block that does not fit: the arithmetic, the best repairs, the way to all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from cnnstudio.network import Problem, Repair
from cnnstudio.ui import icons
from cnnstudio.ui.canvas import shadow
from cnnstudio.ui.canvas.button import Chip, IconButton
from cnnstudio.ui.canvas.face import reason_of
from cnnstudio.ui.canvas.layout import Grid
from cnnstudio.ui.canvas.paint import box, width_of, words
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.parts.flow import chip_words
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

ALL = "All repairs…"
TAIL = 8.0
_PADDING = 12.0
_CHIP_GAP = 8.0
_LINE = 16.0
_WIDEST_LINE = 400.0
_LEAD = "Does not fit: "
_TEXT_X = 36.0
_CLOSE = 24.0
_ENDLESS = 1_000_000.0


class Bubble(QGraphicsItem):
    """A bubble that points at a card; `sides` are tried in order of `place`."""

    def __init__(
        self,
        problem: Problem,
        themes: ThemeManager,
        repair: Callable[[Repair], None],
        close: Callable[[], None],
        ask_all: Callable[[], None],
    ) -> None:
        super().__init__()
        self._themes = themes
        self.problem = problem
        self._lines = _wrapped(reason_of(problem).rstrip("."))
        self._tail: QPolygonF | None = None
        self.chips = [
            Chip(said, number == 0, themes, partial(repair, problem.repairs[number]), self)
            for number, said in enumerate(chip_words(problem.repairs))
        ]
        for chip, entry in zip(self.chips, problem.repairs, strict=False):
            chip.setToolTip(f"{pretty(str(entry))}: one click, one step to undo")
        if self.chips:
            self.chips.append(Chip(ALL, False, themes, ask_all, self))
            self.chips[-1].setToolTip("Every repair, and what it does to the other blocks")
        text_height = 40 + _LINE * (len(self._lines) - 1)
        self._rect = QRectF(0, 0, self._width(), text_height + (32 if self.chips else 0))
        x = _PADDING
        for chip in self.chips:
            chip.setPos(x, text_height - 2)
            x += chip.boundingRect().width() + _CHIP_GAP
        self.cross = IconButton("close", _CLOSE, themes, close, self, icon_size=14, bare=True)
        self.cross.setPos(self._rect.right() - _CLOSE - 6, 7)
        self.cross.setToolTip("Hide until the network changes")
        self.setZValue(10)

    def _width(self) -> float:
        chips = sum(chip.boundingRect().width() + _CHIP_GAP for chip in self.chips)
        leads = (_LEAD, *[""] * len(self._lines))
        longest = max(
            width_of(lead + line, 12, 600) for lead, line in zip(leads, self._lines, strict=False)
        )
        text = _TEXT_X + longest + _CLOSE + 16
        return float(round(max(chips - _CHIP_GAP + 2 * _PADDING, text, 160)))

    def place(
        self, card: QRectF, known: Sequence[QRectF], frames: Sequence[QRectF], within: QRectF
    ) -> None:
        """Stand above, below, right or left of `card`: the first side that covers nothing known.

        Only where there is none it covers what is open, in `frames`.
        """
        size = self._rect.size()
        far = 16.0
        x = min(max(card.left(), within.left() + 8), within.right() - size.width() - 8)
        choices = (
            (QPointF(x, card.top() - far + 1 - size.height()), "above"),
            (QPointF(x, card.bottom() + far), "below"),
            (QPointF(card.right() + far, card.center().y() - size.height() / 2), "right"),
            (QPointF(card.left() - far - size.width(), card.center().y()), "left"),
        )
        free = [c for c in choices if _is_free(QRectF(c[0], size), known, within)]
        best = (c for c in free if _is_free(QRectF(c[0], size), frames, within))
        corner, side = next(best, free[0] if free else choices[1])
        self.prepareGeometryChange()
        self.setPos(corner)
        self._tail = _tail(self._rect, card.translated(-corner), side)
        self.update()

    def frame(self) -> QRectF:
        """The bubble without its tail and shadow."""
        return self._rect

    def boundingRect(self) -> QRectF:
        """The bubble with its tail and shadow."""
        return self._rect.adjusted(-28, -28, 28, 36)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionGraphicsItem,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the bubble; the chips draw themselves."""
        theme = self._themes.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shadow.draw_shadow(painter, self._rect, 8, shadow.FLOATING, theme)
        box(painter, self._rect, 8, theme.color("card"), theme.color("error"))
        if self._tail is not None:
            painter.setPen(theme.color("card"))
            painter.setBrush(theme.color("card"))
            painter.drawPolygon(self._tail)
            painter.setPen(theme.color("error"))
            painter.drawPolyline(self._tail)
        icons.draw(painter, "alert", theme.color("error"), QRectF(12, 12, 16, 16))
        lead = words(painter, QPointF(_TEXT_X, 24.5), _LEAD, theme.color("errortext"), 12, 600)
        for number, line in enumerate(self._lines):
            at = QPointF(_TEXT_X + (0 if number else lead), 24.5 + number * _LINE)
            words(painter, at, line, theme.color("text"), 12, 600)


def _wrapped(text: str) -> list[str]:
    """`text` in lines; the first leaves room for the lead."""
    lines, room = [""], _WIDEST_LINE - width_of(_LEAD, 12, 600)
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, 12, 600) > room:
            lines.append(word)
            room = _WIDEST_LINE
        else:
            lines[-1] = longer
    return lines


def _is_free(rect: QRectF, known: Sequence[QRectF], within: QRectF) -> bool:
    return within.contains(rect) and not any(rect.intersects(other) for other in known)


def _tail(rect: QRectF, card: QRectF, side: str) -> QPolygonF:
    """The three points of the tail, `card` in the bubble's coordinates."""
    x = min(max(card.center().x(), rect.left() + 20), rect.right() - 20)
    y = min(max(card.center().y(), rect.top() + 20), rect.bottom() - 20)
    if side == "above":
        edge = rect.bottom() - 0.5
        points = (QPointF(x - 8, edge), QPointF(x, edge + TAIL), QPointF(x + 8, edge))
    elif side == "below":
        edge = rect.top() + 0.5
        points = (QPointF(x - 8, edge), QPointF(x, edge - TAIL), QPointF(x + 8, edge))
    elif side == "right":
        edge = rect.left() + 0.5
        points = (QPointF(edge, y - 8), QPointF(edge - TAIL, y), QPointF(edge, y + 8))
    else:
        edge = rect.right() - 0.5
        points = (QPointF(edge, y - 8), QPointF(edge + TAIL, y), QPointF(edge, y + 8))
    return QPolygonF(list(points))


class BubbleKeeper:
    """Shows a bubble at the first block that does not fit, until it is closed or repaired."""

    def __init__(
        self,
        scene: QGraphicsScene,
        session: Session,
        themes: ThemeManager,
        changed: Callable[[], None],
    ) -> None:
        self._scene = scene
        self._session = session
        self._themes = themes
        self._changed = changed
        self._closed: Problem | None = None
        self._retired: list[Bubble] = []
        self.bubble: Bubble | None = None

    def follow(
        self,
        grid: Grid,
        known: Sequence[int],
        frames: Sequence[QRectF],
        width: float,
        seen: QRectF,
    ) -> None:
        """Show what the report says; `known` are the cards not to cover, `width` is the room.

        Where the card is `seen`, the bubble does not stand above what is seen.
        """
        errors = [(i, p) for i, p in self._session.report.problems if p.severity == "error"]
        index, problem = errors[0] if errors else (0, None)
        if problem is None or problem == self._closed:
            self._closed = problem
            self.hide()
        else:
            self._closed = None
            self._show(index, problem)
            if self.bubble is not None:
                card, places = grid.rect(index), [grid.rect(place) for place in known]
                top = max(0.0, seen.top()) if seen.intersects(card) else 0.0
                self.bubble.place(card, places, frames, QRectF(0, top, width, _ENDLESS))
        self._changed()

    def hide(self) -> None:
        """Take the bubble away."""
        if self.bubble is not None:
            self._scene.removeItem(self.bubble)
            self._retired.append(self.bubble)  # one of its chips may be handling a click now
            QTimer.singleShot(0, self._scene, self._retired.clear)
            self.bubble = None

    def _show(self, index: int, problem: Problem) -> None:
        if self.bubble is None or self.bubble.problem != problem:
            self.hide()
            ask_all = partial(self._session.ask_repairs, index)
            repair = self._session.repair
            self.bubble = Bubble(problem, self._themes, repair, self._close, ask_all)
            self._scene.addItem(self.bubble)

    def _close(self) -> None:
        if self.bubble is not None:
            self._closed = self.bubble.problem
            self.hide()
            self._changed()
