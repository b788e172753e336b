"""Zoom, pan and scroll on the canvas: the point under the pointer stays there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QInputDevice, QNativeGestureEvent, QPainter, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, Input
from cnnstudio.network import Network
from cnnstudio.ui.canvas.ground import Ground
from cnnstudio.ui.canvas.lens import KEPT, LARGEST, SMALLEST
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.theme import ThemeManager
from tests.ui.hands import CTRL, MIDDLE, NONE, SHIFT, click, drag, header, middle, wheel

CanvasOf = Callable[[Network], Canvas]
CONV = Conv2D(8, 3, padding=1)
EMPTY, SMALL = Network(), Network((Input(), CONV))
LONG = Network((Input(), *[CONV] * 30))
AWAY, NEARER = QPoint(0, -120), QPoint(0, 120)
PLACES = (QPoint(1, 1), QPoint(890, 3), QPoint(5, 525), QPoint(880, 520), QPoint(450, 260))


def off_by(canvas: Canvas, scene: QPointF, point: QPoint) -> float:
    """How many pixels a point of the scene is away from `point` of the viewport."""
    step = canvas.viewportTransform().map(scene) - point.toPointF()
    return max(abs(step.x()), abs(step.y()))


@pytest.mark.parametrize("network", [EMPTY, SMALL, LONG], ids=["empty", "small", "long"])
@pytest.mark.parametrize("point", PLACES, ids=str)
def test_the_point_under_the_pointer_stays_at_every_zoom(
    canvas_of: CanvasOf, network: Network, point: QPoint
) -> None:
    canvas = canvas_of(network)
    inverse, _ = canvas.viewportTransform().inverted()
    scene = inverse.map(point.toPointF())
    seen = set()
    for turned in [NEARER] * 9 + [AWAY] * 18 + [NEARER] * 9:
        wheel(canvas, point, turned, CTRL)
        seen.add(round(canvas.zoom, 3))
        assert off_by(canvas, scene, point) <= 0.51
        QApplication.processEvents()  # scroll bars come and go
        assert off_by(canvas, scene, point) <= 0.51
    assert min(seen) == pytest.approx(SMALLEST)
    assert max(seen) == pytest.approx(LARGEST)


def test_zooming_there_and_back_is_where_it_began(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(LONG)
    canvas.verticalScrollBar().setValue(500)
    before = [middle(canvas, index) for index in range(31)]
    for turned in [NEARER] * 5 + [AWAY] * 5:
        wheel(canvas, QPoint(700, 20), turned, CTRL)
    assert canvas.zoom == pytest.approx(1.0)
    assert [middle(canvas, index) for index in range(31)] == before


def test_zooming_out_of_a_small_network_calls_for_no_scroll_bars(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(SMALL)
    for _ in range(4):
        wheel(canvas, QPoint(450, 260), AWAY, CTRL)
        QApplication.processEvents()
    assert not canvas.horizontalScrollBar().isVisible()
    assert not canvas.verticalScrollBar().isVisible()
    assert middle(canvas, 0).x() > 150  # towards the pointer


def test_an_edit_does_not_move_a_view_that_was_zoomed_by_hand(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(SMALL)
    for _ in range(3):
        wheel(canvas, QPoint(600, 400), AWAY, CTRL)
    before = middle(canvas, 0)
    canvas.session.insert(2, CONV)
    assert middle(canvas, 0) == before


def test_actual_size_and_fit_come_back_to_the_row(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(SMALL)
    before = middle(canvas, 1)
    wheel(canvas, QPoint(880, 500), AWAY, CTRL)
    assert middle(canvas, 1) != before
    canvas.actual_size()
    assert middle(canvas, 1) == before
    wheel(canvas, QPoint(880, 500), NEARER, CTRL)
    canvas.fit()
    assert canvas.zoom == pytest.approx(1.0)
    assert middle(canvas, 1) == before


def test_keys_zoom_about_the_selected_card(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(LONG)
    canvas.session.select((9,))
    before = middle(canvas, 9)
    canvas.zoom_in()
    canvas.zoom_in()
    assert canvas.zoom == pytest.approx(1.44)
    step = middle(canvas, 9) - before
    assert abs(step.y()) <= 1
    assert canvas.viewport().rect().contains(middle(canvas, 9))


def test_the_wheel_scrolls_and_with_shift_sideways(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(LONG)
    for _ in range(4):
        canvas.zoom_in()
    across, down = canvas.horizontalScrollBar(), canvas.verticalScrollBar()
    across.setValue(0)
    down.setValue(0)
    wheel(canvas, QPoint(400, 200), AWAY)
    assert (across.value(), down.value() > 0) == (0, True)
    before = down.value()
    wheel(canvas, QPoint(400, 200), AWAY, SHIFT)
    assert (across.value(), down.value()) == (60, before)
    wheel(canvas, QPoint(400, 200), NEARER, SHIFT)
    assert across.value() == 0
    wheel(canvas, QPoint(400, 200), QPoint(-8, 0), SHIFT, pixels=QPoint(-25, 2))
    assert across.value() == 25
    assert canvas.zoom == pytest.approx(1.2**4)


# ---- pinch


def pinch(canvas: Canvas, point: QPoint, value: float, kind: Qt.NativeGestureType) -> None:
    place = point.toPointF()
    event = QNativeGestureEvent(
        kind,
        QPointingDevice.primaryPointingDevice(),
        2,
        place,
        canvas.viewport().mapTo(canvas.window(), place),
        canvas.viewport().mapToGlobal(place),
        value,
        QPointF(),
    )
    QApplication.sendEvent(canvas.viewport(), event)


@pytest.mark.parametrize("network", [EMPTY, LONG], ids=["empty", "long"])
def test_a_pinch_on_a_trackpad_zooms_about_it(canvas_of: CanvasOf, network: Network) -> None:
    canvas, point = canvas_of(network), QPoint(800, 60)
    scene = canvas.mapToScene(point)
    for value in (0.25, 0.2, -0.4, 0.1):
        pinch(canvas, point, value, Qt.NativeGestureType.ZoomNativeGesture)
        assert off_by(canvas, scene, point) <= 0.51
    assert canvas.zoom == pytest.approx(1.25 * 1.2 * 0.6 * 1.1)


def test_a_double_tap_on_a_trackpad_fits_and_comes_back(canvas_of: CanvasOf) -> None:
    canvas, smart = canvas_of(LONG), Qt.NativeGestureType.SmartZoomNativeGesture
    pinch(canvas, QPoint(400, 300), 0, smart)
    assert canvas.zoom < 1
    pinch(canvas, QPoint(400, 300), 0, smart)
    assert canvas.zoom == 1


def test_two_fingers_on_a_screen_zoom_and_shift(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(LONG)
    device = QTest.createTouchDevice(QInputDevice.DeviceType.TouchScreen)
    viewport = canvas.viewport()
    left, right = QPoint(400, 300), QPoint(500, 300)
    scene = canvas.mapToScene(QPoint(450, 300))
    QTest.touchEvent(viewport, device).press(0, left, viewport).press(1, right, viewport).commit()
    for step in range(1, 11):
        spread = QPoint(5 * step, 0)
        QTest.touchEvent(viewport, device).move(0, left - spread, viewport).move(
            1, right + spread, viewport
        ).commit()
    assert canvas.zoom == pytest.approx(2.0, rel=0.1)
    assert off_by(canvas, scene, QPoint(450, 300)) <= 8
    QTest.touchEvent(viewport, device).release(0, left, viewport).release(
        1, right, viewport
    ).commit()


# ---- pan


def test_space_and_the_left_button_pan(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(LONG)
    canvas.session.select((2,))
    viewport = canvas.viewport()
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    assert viewport.cursor().shape() == Qt.CursorShape.OpenHandCursor
    start = header(canvas, 1)
    drag(canvas, start, start - QPoint(0, 120), release=False)
    assert viewport.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, NONE, start - QPoint(0, 120))
    assert viewport.cursor().shape() == Qt.CursorShape.OpenHandCursor
    assert header(canvas, 1) == start - QPoint(0, 120)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert viewport.cursor().shape() != Qt.CursorShape.OpenHandCursor or canvas.underMouse()
    assert canvas.session.selection == (2,)
    assert len(canvas.session.history.steps) == 1
    assert not canvas.quick_add.is_open
    click(canvas, middle(canvas, 4))
    assert canvas.session.selection == (4,)


def test_with_space_held_buttons_and_connectors_are_not_clicked(canvas: Canvas) -> None:
    connector = canvas.pipeline.connectors[1]
    place = canvas.mapFromScene(connector.mapToScene(connector.shape().boundingRect().center()))
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    click(canvas, place)
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, NONE, place)
    assert not canvas.quick_add.is_open
    QTest.keyRelease(canvas, Qt.Key.Key_Space)


def test_the_middle_button_pans_a_small_network_too(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(SMALL)
    before = middle(canvas, 0)
    drag(canvas, QPoint(300, 300), QPoint(420, 380), button=MIDDLE)
    assert middle(canvas, 0) == before + QPoint(120, 80)
    assert canvas.session.selection == ()


def test_some_of_the_row_stays_in_sight(canvas_of: CanvasOf) -> None:
    canvas = canvas_of(SMALL)
    for way in (QPoint(4000, 3000), QPoint(-4000, -3000)):
        drag(canvas, QPoint(300, 300), QPoint(300, 300) + way, button=MIDDLE)
        row = canvas.mapFromScene(canvas.pipeline.content).boundingRect()
        seen = row & canvas.viewport().rect()
        assert seen.width() >= KEPT - 1
        assert seen.height() >= KEPT - 1


def test_escape_takes_a_pan_back(canvas: Canvas) -> None:
    before = middle(canvas, 0)
    drag(canvas, QPoint(300, 300), QPoint(420, 380), button=MIDDLE, release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert middle(canvas, 0) == before


def test_a_resized_window_keeps_what_it_shows(canvas_of: CanvasOf, qtbot: QtBot) -> None:
    canvas = canvas_of(SMALL)
    drag(canvas, QPoint(300, 300), QPoint(420, 380), button=MIDDLE)
    before = middle(canvas, 0)
    canvas.resize(canvas.width() - 40, canvas.height() - 60)
    qtbot.waitUntil(lambda: middle(canvas, 0) == before)


@pytest.mark.parametrize("zoom", [0.2, 0.29, 0.46, 0.8, 1.0, 1.37, 3.0])
def test_the_dots_of_the_ground_are_even(zoom: float, themes: ThemeManager) -> None:
    """Regression: below 100 % some were lost, and they stood in clusters."""
    theme = themes.theme
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.translate(-7, -31)
    painter.scale(zoom, zoom)
    Ground(theme).paint(painter, QRectF(0, 0, 500 / zoom, 400 / zoom))
    painter.end()
    plain = theme.color("canvas").rgb()
    rows = [y for y in range(300) if any(image.pixel(x, y) != plain for x in range(400))]
    columns = [x for x in range(400) if image.pixel(x, rows[0]) != plain]
    starts = [x for x in columns[1:] if x - 1 not in columns]
    pitches = {b - a for a, b in pairwise(starts)}
    assert len(pitches) == 1
    assert max(12, 24 * zoom - 1) <= pitches.pop() <= max(25, 24 * zoom + 1)
