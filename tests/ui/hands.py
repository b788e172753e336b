"""What hands do on the canvas, with real events: click, drag, turn the wheel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnstudio.network.inner import Path
from cnnstudio.ui.canvas.view import Canvas

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Modifiers = Qt.KeyboardModifier


def types(canvas: Canvas) -> list[str]:
    """The types of the blocks in the row."""
    return [type(block).__name__ for block in canvas.session.network.blocks]


def middle(canvas: Canvas, index: int) -> QPoint:
    """The middle of a card, in the viewport."""
    return canvas.mapFromScene(canvas.card(index).scene_center())


def header(canvas: Canvas, index: int) -> QPoint:
    """A card's header, in the viewport."""
    return canvas.mapFromScene(canvas.card(index).scene_rect().topLeft() + QPointF(90, 16))


def grip(canvas: Canvas, path: Path) -> QPoint:
    """The header of a small card, in the viewport."""
    card = canvas.pipeline.nests.card(path)
    assert card is not None
    return canvas.mapFromScene(card.scene_rect().topLeft() + QPointF(60, 12))


def open_blocks(canvas: Canvas, *paths: Path) -> Canvas:
    """The canvas, high enough and with the blocks at `paths` open."""
    canvas.resize(1000, 900)
    for path in paths:
        card = canvas.pipeline.plate(path)
        assert card is not None
        canvas.pipeline.toggle(card)
    canvas.verticalScrollBar().setValue(0)
    return canvas


def ground(canvas: Canvas) -> QPoint:
    """A place in the viewport where there is nothing."""
    return canvas.mapFromScene(QPointF(10, 60))


def click(canvas: Canvas, point: QPoint, modifiers: Modifiers = NONE) -> None:
    """Press and release."""
    QTest.mouseClick(canvas.viewport(), LEFT, modifiers, point)


def double_click(canvas: Canvas, point: QPoint) -> None:
    """Click twice."""
    click(canvas, point)
    QTest.mouseDClick(canvas.viewport(), LEFT, NONE, point)


def drag(
    canvas: Canvas,
    *ways: QPoint,
    modifiers: Modifiers = NONE,
    button: Qt.MouseButton = LEFT,
    release: bool = True,
) -> None:
    """Press at the first point, move over the others, and let go at the last."""
    viewport = canvas.viewport()
    QTest.mousePress(viewport, button, modifiers, ways[0])
    for way in ways[1:]:
        move(canvas, way, modifiers, button)
    if release:
        QTest.mouseRelease(viewport, button, modifiers, ways[-1])


def move(
    canvas: Canvas, point: QPoint, modifiers: Modifiers = NONE, button: Qt.MouseButton = LEFT
) -> None:
    """Move with a button held; QTest.mouseMove has no modifiers."""
    place = canvas.viewport().mapToGlobal(point).toPointF()
    event = QMouseEvent(
        QEvent.Type.MouseMove, point.toPointF(), place, Qt.MouseButton.NoButton, button, modifiers
    )
    QApplication.sendEvent(canvas.viewport(), event)


def wheel(
    canvas: Canvas,
    point: QPoint,
    turned: QPoint,
    modifiers: Modifiers = NONE,
    pixels: QPoint | None = None,
) -> None:
    """Turn the wheel at `point`; a click of it is 120, to the left and away from the person."""
    event = QWheelEvent(
        point.toPointF(),
        canvas.viewport().mapToGlobal(point).toPointF(),
        pixels or QPoint(),
        turned,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def right_click(canvas: Canvas, point: QPoint) -> None:
    """Ask for the menu of what is at `point`."""
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, point, canvas.viewport().mapToGlobal(point))
    QApplication.sendEvent(canvas.viewport(), event)
