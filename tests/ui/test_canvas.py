"""The canvas, driven with real mouse, key and drop events."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.network import Network, check
from cnnstudio.ui.canvas.button import IconButton
from cnnstudio.ui.canvas.face import State
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document import mime
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.palette.palette import Palette
from cnnstudio.ui.theme import ThemeManager

Drop = Callable[[QWidget, QMimeData, QPoint], None]
CONV = Conv2D(8, 3, padding=1, activation="relu")
MISFIT = Network((Input(), Conv2D(8, 22), Conv2D(16, 3, stride=3), FullyConnected(10)))
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def canvas(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Canvas:
    canvas = Canvas(session, themes)
    show(canvas)
    return canvas


@pytest.fixture
def canvas_of(
    open_session: Callable[[Network], Session],
    themes: ThemeManager,
    show: Callable[[QWidget], None],
) -> Callable[[Network], Canvas]:
    def make(network: Network) -> Canvas:
        canvas = Canvas(open_session(network), themes)
        show(canvas)
        return canvas

    return make


def names(canvas: Canvas) -> list[str]:
    return [type(block).__name__ for block in canvas.session.network.blocks]


def middle(canvas: Canvas, index: int) -> QPoint:
    return canvas.mapFromScene(canvas.card(index).scene_center())


def header(canvas: Canvas, index: int) -> QPoint:
    return canvas.mapFromScene(canvas.card(index).scene_rect().topLeft() + QPointF(90, 16))


def click(canvas: Canvas, point: QPoint, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.mouseClick(canvas.viewport(), LEFT, modifiers, point)


def drag(canvas: Canvas, start: QPoint, *ways: QPoint, release: bool = True) -> None:
    QTest.mousePress(canvas.viewport(), LEFT, NONE, start)
    for way in ways:
        QTest.mouseMove(canvas.viewport(), way)
    if release:
        QTest.mouseRelease(canvas.viewport(), LEFT, NONE, ways[-1])


def glide(qtbot: QtBot, canvas: Canvas) -> None:
    """Wait until all cards stand where they belong."""
    grid = canvas.pipeline.grid

    def arrived() -> None:
        slot = canvas.pipeline.slot_cell
        for card in canvas.pipeline.cards:
            cell = card.index + (slot is not None and card.index >= slot)
            assert card.pos() == grid.rect(cell).topLeft()

    qtbot.waitUntil(lambda: arrived() is None)


# ---- drops


@pytest.mark.parametrize("index", [1, 2, 4, 5, 8])
def test_a_dropped_block_goes_where_the_insertion_point_says(
    canvas: Canvas, drop: Drop, index: int
) -> None:
    drop(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(index))
    assert canvas.session.network.blocks[index] == CONV
    assert len(canvas.session.network) == 9
    assert canvas.session.selection == (index,)
    assert len(canvas.session.history.steps) == 2
    assert canvas.card(index).face.name.startswith("CONV")


def test_holding_a_block_previews_and_changes_nothing(
    canvas: Canvas, hold: Drop, leave: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    before = canvas.session.network
    hold(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(2))
    offer = canvas.pipeline.slot.offer
    assert canvas.pipeline.slot.isVisible()
    assert offer is not None
    assert (offer.size, offer.cost, offer.total) == ("28×28×8", "+440 params", "65,042 in total")
    assert (canvas.card(2).face.size, canvas.card(2).face.note) == ("14×14×8", "was 14×14×6")
    glide(qtbot, canvas)
    leave(canvas.viewport())
    assert not canvas.pipeline.slot.isVisible()
    assert canvas.card(2).face.size == "14×14×6"
    glide(qtbot, canvas)
    assert canvas.session.network is before


def test_the_slot_stays_while_the_pointer_is_on_it(canvas: Canvas, hold: Drop) -> None:
    data = mime.encode_block(CONV)
    hold(canvas.viewport(), data, canvas.insertion_point(2))
    over = canvas.mapFromScene(canvas.pipeline.grid.rect(2).center() + QPointF(60, 0))
    hold(canvas.viewport(), data, over)
    assert canvas.pipeline.slot_cell == 2
    hold(canvas.viewport(), data, canvas.insertion_point(6))
    assert canvas.pipeline.slot_cell == 6


def test_a_block_that_would_not_fit_may_be_dropped_all_the_same(
    canvas: Canvas, hold: Drop, drop: Drop
) -> None:
    data = mime.encode_block(Conv2D(8, 7))
    hold(canvas.viewport(), data, canvas.insertion_point(5))
    offer = canvas.pipeline.slot.offer
    assert offer is not None
    assert (offer.size, offer.fits) == ("5×5×16 → ?", False)
    assert canvas.card(5).face.state is State.UNKNOWN
    drop(canvas.viewport(), data, canvas.insertion_point(5))
    assert canvas.card(5).face.state is State.MISFIT
    assert not canvas.session.report.ok


def test_the_first_block_of_an_empty_network(
    canvas_of: Callable[[Network], Canvas], drop: Drop
) -> None:
    canvas = canvas_of(Network())
    assert len(canvas.pipeline.cards) == 1
    drop(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(1))
    assert names(canvas) == ["Input", "Conv2D"]


def test_what_is_no_block_is_refused_in_a_sentence(
    canvas: Canvas, drop: Drop, qtbot: QtBot
) -> None:
    data = QMimeData()
    data.setData(mime.BLOCK, b'{"type": "Magic"}')
    with qtbot.waitSignal(canvas.session.noticed) as told:
        drop(canvas.viewport(), data, canvas.insertion_point(1))
    assert "Magic" in told.args[0].sentence
    assert len(canvas.session.network) == 8
    text = QMimeData()
    text.setText("hello")
    drop(canvas.viewport(), text, canvas.insertion_point(1))
    assert len(canvas.session.network) == 8


# ---- moving cards


@pytest.mark.parametrize(("start", "index", "place"), [(1, 3, 2), (1, 8, 7), (7, 1, 1), (5, 4, 4)])
def test_a_card_dragged_by_its_header_moves(
    canvas: Canvas, start: int, index: int, place: int
) -> None:
    block = canvas.session.network.blocks[start]
    point = header(canvas, start)
    drag(canvas, point, point + QPoint(12, 4), canvas.insertion_point(index))
    assert canvas.session.network.blocks[place] is block
    assert canvas.session.selection == (place,)
    assert len(canvas.session.history.steps) == 2
    assert not canvas.card(place).has_flag("lifted")


def test_several_selected_cards_move_together(canvas: Canvas) -> None:
    blocks = canvas.session.network.blocks
    canvas.session.select((1, 2))
    point = header(canvas, 2)
    drag(canvas, point, point + QPoint(12, 4), canvas.insertion_point(5), release=False)
    offer = canvas.pipeline.slot.offer
    assert offer is not None
    assert offer.settings == "2 blocks"
    assert canvas.card(1).has_flag("lifted")
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, canvas.insertion_point(5))
    assert canvas.session.network.blocks[1:5] == (blocks[3], blocks[4], blocks[1], blocks[2])
    assert canvas.session.selection == (3, 4)


def test_a_small_move_is_a_click(canvas: Canvas) -> None:
    before = canvas.session.network
    point = header(canvas, 3)
    distance = QApplication.startDragDistance()
    drag(canvas, point, point + QPoint(distance - 1, 0))
    assert canvas.session.network is before
    assert canvas.session.selection == (3,)


@pytest.mark.parametrize("index", [3, 4])
def test_a_card_dropped_where_it_was_stays(canvas: Canvas, index: int) -> None:
    before = canvas.session.network
    point = header(canvas, 3)
    drag(canvas, point, point + QPoint(20, 0), canvas.insertion_point(index))
    assert canvas.session.network is before
    assert len(canvas.session.history.steps) == 1


def test_escape_cancels_a_drag(canvas: Canvas) -> None:
    before = canvas.session.network
    point = header(canvas, 1)
    drag(canvas, point, point + QPoint(20, 0), canvas.insertion_point(6), release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not canvas.pipeline.slot.isVisible()
    assert not canvas.card(1).has_flag("lifted")
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, canvas.insertion_point(6))
    assert canvas.session.network is before


def test_a_drop_outside_leaves_all_as_it_was(canvas: Canvas) -> None:
    before = canvas.session.network
    point = header(canvas, 1)
    drag(canvas, point, canvas.insertion_point(4), QPoint(-300, 100))
    assert canvas.session.network is before
    assert not canvas.pipeline.slot.isVisible()


def test_the_input_stays(canvas: Canvas) -> None:
    before = canvas.session.network
    point = header(canvas, 0)
    drag(canvas, point, point + QPoint(20, 0), canvas.insertion_point(4))
    assert canvas.session.network is before
    assert canvas.session.selection == (0,)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.session.network is before


def test_a_card_dropped_on_the_palette_is_removed(
    session: Session, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    window = QWidget()
    palette, canvas = Palette(session, themes), Canvas(session, themes)
    palette.setParent(window)
    canvas.setParent(window)
    show(window)
    palette.setGeometry(0, 0, 200, 572)
    canvas.setGeometry(200, 0, 712, 572)
    point, target = header(canvas, 2), QPoint(-100, 200)
    drag(canvas, point, point + QPoint(20, 0), target)
    assert "MaxPool2D" not in names(canvas)[:3]
    assert len(session.network) == 7


# ---- selecting


def test_clicks_select(canvas: Canvas) -> None:
    click(canvas, middle(canvas, 2))
    assert canvas.session.selection == (2,)
    click(canvas, middle(canvas, 4), CTRL)
    assert canvas.session.selection == (2, 4)
    click(canvas, middle(canvas, 2), CTRL)
    assert canvas.session.selection == (4,)
    click(canvas, middle(canvas, 1))
    click(canvas, middle(canvas, 3), SHIFT)
    assert canvas.session.selection == (1, 2, 3)
    click(canvas, middle(canvas, 2))
    assert canvas.session.selection == (2,)
    assert canvas.card(2).has_flag("selected")
    click(canvas, canvas.mapFromScene(QPointF(10, 60)))
    assert canvas.session.selection == ()


def test_a_rubber_band_selects_what_it_touches(canvas: Canvas) -> None:
    rect = canvas.card(1).scene_rect() | canvas.card(2).scene_rect()
    start = canvas.mapFromScene(rect.topLeft() - QPointF(8, 8))
    end = canvas.mapFromScene(rect.bottomRight() - QPointF(20, 30))
    drag(canvas, start, end)
    assert canvas.session.selection == (1, 2)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([(Qt.Key.Key_Right, NONE)], (4,)),
        ([(Qt.Key.Key_Left, NONE)], (2,)),
        ([(Qt.Key.Key_Down, NONE)], (7,)),
        ([(Qt.Key.Key_Down, NONE), (Qt.Key.Key_Up, NONE)], (3,)),
        ([(Qt.Key.Key_Home, NONE)], (0,)),
        ([(Qt.Key.Key_End, NONE), (Qt.Key.Key_Right, NONE)], (7,)),
        ([(Qt.Key.Key_Right, SHIFT), (Qt.Key.Key_Right, SHIFT)], (3, 4, 5)),
        ([(Qt.Key.Key_Right, SHIFT), (Qt.Key.Key_Left, SHIFT), (Qt.Key.Key_Left, SHIFT)], (2, 3)),
        ([(Qt.Key.Key_A, CTRL)], (1, 2, 3, 4, 5, 6, 7)),
        ([(Qt.Key.Key_Escape, NONE)], ()),
    ],
)
def test_keys_select(
    canvas: Canvas,
    keys: list[tuple[Qt.Key, Qt.KeyboardModifier]],
    expected: tuple[int, ...],
) -> None:
    canvas.session.select((3,))
    for key, modifiers in keys:
        QTest.keyClick(canvas, key, modifiers)
    assert canvas.session.selection == expected


@pytest.mark.parametrize("modifier", [ALT, CTRL])
def test_keys_move_blocks(canvas: Canvas, modifier: Qt.KeyboardModifier) -> None:
    block = canvas.session.network.blocks[1]
    canvas.session.select((1,))
    for key, place in (
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Down, 6),
        (Qt.Key.Key_Left, 5),
        (Qt.Key.Key_Home, 1),
        (Qt.Key.Key_Left, 1),
    ):
        QTest.keyClick(canvas, key, modifier)
        assert canvas.session.network.blocks[place] is block
        assert canvas.session.selection == (place,)


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_removes_the_selection_in_one_step(canvas: Canvas, key: Qt.Key) -> None:
    canvas.session.select((2, 4))
    QTest.keyClick(canvas, key)
    assert names(canvas).count("MaxPool2D") == 0
    assert len(canvas.pipeline.cards) == 6
    canvas.session.undo()
    assert len(canvas.pipeline.cards) == 8


def test_the_size_at_the_end_of_a_row_is_on_the_canvas(canvas: Canvas) -> None:
    """Regression: it was cut at the right."""
    columns = canvas.pipeline.grid.columns
    for connector in canvas.pipeline.connectors[: columns + 1]:
        label = connector.mapRectToScene(connector.label_rect())
        assert canvas.pipeline.sceneRect().contains(label)
        assert connector.boundingRect().contains(connector.label_rect())


# ---- repairs


def test_a_chip_repairs_in_one_step(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(MISFIT)
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    assert bubble.chips[0].text == "pad 1 → 3×3"
    chip = bubble.chips[0]
    click(canvas, canvas.mapFromScene(chip.mapToScene(chip.boundingRect().center())))
    assert canvas.session.report.ok
    assert canvas.pipeline.bubble is None
    assert canvas.card(2).face.state is State.KNOWN
    assert len(canvas.session.history.steps) == 2
    canvas.session.undo()
    assert canvas.session.network == MISFIT
    assert canvas.pipeline.bubble is not None


def test_the_bubble_covers_no_card_that_is_known(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(MISFIT)
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    frame = bubble.mapRectToScene(bubble.frame())
    assert not any(frame.intersects(canvas.card(i).scene_rect()) for i in (0, 1, 2))
    assert canvas.pipeline.sceneRect().contains(frame)


@pytest.mark.parametrize("columns", [2, 3, 5])
def test_the_bubble_goes_with_its_card_when_the_row_is_wrapped_anew(
    canvas_of: Callable[[Network], Canvas], columns: int
) -> None:
    """Regression: after Fit in view it pointed at another card."""
    canvas = canvas_of(MISFIT)
    index = canvas.session.report.problems[0][0]
    canvas.pipeline.set_room(columns, 0)
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    frame, card = bubble.mapRectToScene(bubble.frame()), canvas.card(index).scene_rect()
    assert frame.adjusted(-40, -40, 40, 40).intersects(card)
    canvas.pipeline.end_preview()
    assert bubble.mapRectToScene(bubble.frame()) == frame


def test_a_repair_by_rounding_shows_on_the_card_what_is_never_seen(
    canvas_of: Callable[[Network], Canvas],
) -> None:
    canvas = canvas_of(MISFIT)
    problem = canvas.session.report.problems[0][1]
    warning = canvas.themes.theme.color("warning").rgb()
    said = {}
    for repair in problem.repairs:
        network = repair.apply(canvas.session.network)
        if len(network) != len(MISFIT):
            continue
        canvas.pipeline.preview_repair(check(network), range(len(network.blocks)))
        card = canvas.card(2)
        picture = canvas.grab(canvas.mapFromScene(card.scene_rect()).boundingRect()).toImage()
        shown = {picture.pixel(x, y) for x in range(100) for y in range(50, picture.height())}
        coverage = card.face.coverage
        said[repair.change] = coverage and coverage.brief, warning in shown
    assert said["rounding floor"] == ("1 row and 1 column never seen", True)
    assert said["rounding ceil"] == ("2 rows and 2 columns outside", True)
    assert said["kernel 4"] == (None, False)
    canvas.pipeline.end_repair_preview()
    assert canvas.card(2).face.coverage is None


def test_the_bubble_stays_in_sight_with_its_card(canvas_of: Callable[[Network], Canvas]) -> None:
    """Regression: scrolled to its card, one that stood above was behind the title row."""
    same = Conv2D(8, 3, padding=1)
    hangs = Conv2D(8, 3, stride=2)
    canvas = canvas_of(Network((Input(), *[same] * 8, hangs, *[same] * 9, FullyConnected(10))))
    bubble, card = canvas.pipeline.bubble, canvas.card(9)
    assert bubble is not None
    bar, above = canvas.verticalScrollBar(), []
    for corner in (0, card.scene_rect().top() - 8, card.scene_rect().top() - 150):
        bar.setValue(round(corner))
        frame = bubble.mapRectToScene(bubble.frame())
        above.append(frame.bottom() < card.scene_rect().top())
        shown = canvas.mapFromScene(frame).boundingRect()
        assert shown.top() >= 0 or corner == 0
    assert above == [True, False, True]


def test_a_closed_bubble_stays_closed_until_the_network_changes(
    canvas_of: Callable[[Network], Canvas],
) -> None:
    canvas = canvas_of(MISFIT)
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    cross = bubble.cross
    click(canvas, canvas.mapFromScene(cross.mapToScene(cross.boundingRect().center())))
    assert canvas.pipeline.bubble is None
    canvas.session.replace(3, FullyConnected(11), "Change units")
    assert canvas.pipeline.bubble is None
    canvas.session.replace(2, Conv2D(16, 4, stride=2), "Change kernel")
    assert canvas.pipeline.bubble is not None


# ---- training locks


def test_nothing_can_be_edited_while_training(canvas: Canvas, drop: Drop) -> None:
    before = canvas.session.network
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    drop(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(1))
    point = header(canvas, 1)
    drag(canvas, point, point + QPoint(20, 0), canvas.insertion_point(4))
    assert canvas.session.selection == (1,)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.session.network is before
    assert canvas.card(1).has_flag("locked")
    canvas.session._run.state = "idle"
    canvas.session.training_changed.emit()
    drop(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(1))
    assert len(canvas.session.network) == 9


def test_training_that_starts_cancels_a_drag(canvas: Canvas) -> None:
    point = header(canvas, 1)
    drag(canvas, point, point + QPoint(20, 0), canvas.insertion_point(6), release=False)
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    assert not canvas.pipeline.slot.isVisible()
    canvas.session._run.state = "idle"


# ---- pictures, zoom, menus


def test_the_input_card_steps_through_the_test_images(canvas: Canvas) -> None:
    assert canvas.card(0).face.probe == "label 4"
    assert canvas.card(0).face.note == "1 of 16"
    back, forth = (i for i in canvas.card(0).childItems() if isinstance(i, IconButton))
    click(canvas, canvas.mapFromScene(forth.mapToScene(forth.boundingRect().center())))
    assert canvas.card(0).face.note == "2 of 16"
    click(canvas, canvas.mapFromScene(back.mapToScene(back.boundingRect().center())))
    click(canvas, canvas.mapFromScene(back.mapToScene(back.boundingRect().center())))
    assert canvas.card(0).face.note == "16 of 16"
    assert canvas.session.selection == ()


def test_cards_keep_their_identity_through_edits(canvas: Canvas) -> None:
    first, last = canvas.card(1), canvas.card(7)
    canvas.session.insert(3, CONV)
    assert canvas.card(1) is first
    assert canvas.card(8) is last
    canvas.session.move((8,), 1)
    assert canvas.card(1) is last
    assert last.index == 1
    canvas.session.replace(2, Conv2D(7, 5), "Change filters")
    assert canvas.card(2) is first
    assert first.face.parts[0].text == "7 @ 5×5"


def test_zoom(canvas: Canvas) -> None:
    canvas.session.remove((6,))  # all of the rest is in sight, so that nothing scrolls
    point = middle(canvas, 5)
    canvas.zoom_in()
    assert canvas.zoom == pytest.approx(1.2)
    canvas.zoom_out()
    assert canvas.zoom == pytest.approx(1.0)
    for _ in range(40):
        canvas.zoom_out()
    assert canvas.zoom == pytest.approx(0.2)
    canvas.actual_size()
    assert canvas.zoom == pytest.approx(1.0)
    assert middle(canvas, 5) == point


def wheel(canvas: Canvas, point: QPoint, down: int, modifiers: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        point,
        canvas.viewport().mapToGlobal(point),
        QPoint(),
        QPoint(0, -down),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_the_wheel_scrolls_and_with_ctrl_zooms_about_the_pointer(
    canvas_of: Callable[[Network], Canvas], qtbot: QtBot
) -> None:
    canvas = canvas_of(Network((Input(), *[CONV] * 30)))
    wheel(canvas, QPoint(400, 300), 120, NONE)
    assert canvas.verticalScrollBar().value() > 0
    assert canvas.zoom == 1.0
    canvas.verticalScrollBar().setValue(600)
    point = QPoint(300, 350)
    QTest.mouseMove(canvas.viewport(), point)
    under = canvas.mapToScene(point)
    wheel(canvas, point, -120, CTRL)
    assert canvas.zoom == pytest.approx(1.2, abs=0.05)
    assert (canvas.mapToScene(point) - under).manhattanLength() < 4


def test_the_middle_button_pans(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(Network((Input(), *[CONV] * 30)))
    viewport, middle_button = canvas.viewport(), Qt.MouseButton.MiddleButton
    QTest.mousePress(viewport, middle_button, NONE, QPoint(400, 400))
    QTest.mouseMove(viewport, QPoint(400, 150))
    QTest.mouseRelease(viewport, middle_button, NONE, QPoint(400, 150))
    assert canvas.verticalScrollBar().value() == 250
    assert canvas.session.selection == ()


def test_a_drag_at_the_edge_scrolls(
    canvas_of: Callable[[Network], Canvas], hold: Drop, qtbot: QtBot
) -> None:
    canvas = canvas_of(Network((Input(), *[CONV] * 30)))
    edge = QPoint(400, canvas.viewport().height() - 4)
    hold(canvas.viewport(), mime.encode_block(CONV), edge)
    first = canvas.pipeline.slot_cell
    qtbot.waitUntil(lambda: canvas.verticalScrollBar().value() > 300)
    qtbot.waitUntil(lambda: canvas.pipeline.slot_cell != first)


def test_fit_shows_everything(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(Network((Input(), *[CONV] * 30)))
    canvas.fit()
    area = canvas.viewport().rect()
    assert all(area.contains(middle(canvas, i)) for i in range(31))
    canvas.session.insert(31, CONV)
    assert area.contains(middle(canvas, 31))
    canvas.actual_size()
    assert canvas.pipeline.grid.columns == 4


def test_a_new_document_is_shown_from_its_beginning(
    canvas_of: Callable[[Network], Canvas],
) -> None:
    canvas = canvas_of(Network((Input(), *[CONV] * 30)))
    assert canvas.viewport().rect().contains(middle(canvas, 0))
    canvas.session.select((30,))
    assert canvas.viewport().rect().contains(middle(canvas, 30))


def test_the_menu_of_a_misfit_offers_its_repairs(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(MISFIT)
    point = middle(canvas, 2)
    reason = QContextMenuEvent.Reason.Mouse
    event = QContextMenuEvent(reason, point, canvas.viewport().mapToGlobal(point))
    QApplication.sendEvent(canvas.viewport(), event)
    assert canvas.session.selection == (2,)
    menu = next(m for m in canvas.findChildren(QMenu) if m.isVisible())
    action = next(a for a in menu.actions() if a.text() == "Repair: stride 2 → 3×3")
    delete = next(a for a in menu.actions() if a.text() == "Delete")
    assert delete.shortcut() == QKeySequence(QKeySequence.StandardKey.Delete)
    action.trigger()
    menu.close()
    assert canvas.session.report.ok


def test_a_screen_reader_is_told_the_selection(canvas: Canvas) -> None:
    canvas.session.select((1,))
    assert canvas.accessibleName() == "Network"
    assert canvas.accessibleDescription() == "CONV 1, 28×28×6, 156 params"
    canvas.session.replace(2, MaxPool2D(2, 5), "Break")
    canvas.session.select((2,))
    words = "POOL 1, 28×28×6 → ?, 0 params. (28 − 2) / 5 + 1 = 6.20."
    assert canvas.accessibleDescription() == words


def test_everything_is_painted_in_both_themes(
    canvas_of: Callable[[Network], Canvas], themes: ThemeManager, hold: Drop
) -> None:
    canvas = canvas_of(MISFIT)
    canvas.session.select((1,))
    hold(canvas.viewport(), mime.encode_block(CONV), canvas.insertion_point(2))
    light = canvas.grab().toImage()
    themes.choose("dark")
    dark = canvas.grab().toImage()
    corner = QPoint(3, 100)
    assert light.pixelColor(corner) == light.pixelColor(corner + QPoint(2, 0))
    assert dark.pixelColor(corner) == themes.theme.color("canvas")
    assert light.pixelColor(corner) != dark.pixelColor(corner)
