"""Blocks that hold rows, open on the canvas: shown, edited with real events, and locked."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, Parallel, Residual
from cnnstudio.blocks.row import DEEPEST, rows_of
from cnnstudio.engine.diagnosis import Finding
from cnnstudio.network import Network, inner
from cnnstudio.ui.canvas.button import Button
from cnnstudio.ui.canvas.face import State
from cnnstudio.ui.canvas.nested import Nest
from cnnstudio.ui.canvas.nested_card import NAME
from cnnstudio.ui.canvas.paint import width_of
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document import mime
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.theme import ThemeManager
from tests.ui.hands import NONE, click, double_click, drag, grip, header, open_blocks

Drop = Callable[[QWidget, QMimeData, QPoint], None]
Path = inner.Path
A, B = Conv2D(8, 3, padding=1, activation="relu"), Conv2D(8, 3, padding=1)
C = Conv2D(4, 1)
FC = FullyConnected(10)
PLAIN = Network((Input(pad=2), A, Residual((A, B), activation="relu"), MaxPool2D(), FC))
BRANCHED = Network((Input(pad=2), Parallel(((A,), (B, C), ())), MaxPool2D(), FC))
DEEP = Network((Input(pad=2), Residual((A, Residual((B, A)))), FC))
BOTH = Network((Input(pad=2), A, Residual((A, B)), Parallel(((A,), (B, C))), FC))
MISFIT = Network((Input(pad=2), Residual((A, Conv2D(8, 3, stride=2), B)), MaxPool2D(), FC))


@pytest.fixture
def opened(canvas_of: Callable[[Network], Canvas]) -> Callable[..., Canvas]:
    """A canvas that is high enough, on which the blocks at `paths` are open."""

    def make(network: Network, *paths: Path) -> Canvas:
        return open_blocks(canvas_of(network), *paths)

    return make


def press(canvas: Canvas, button: Button) -> None:
    click(canvas, canvas.mapFromScene(button.mapToScene(button.boundingRect().center())))


def frame(canvas: Canvas, index: int) -> Nest:
    nest = canvas.pipeline.nests.nest_of(canvas.card(index))
    assert nest is not None
    return nest


def row(canvas: Canvas, path: Path) -> tuple[object, ...]:
    return inner.row_at(canvas.session.network, path)


# ---- opening


def test_the_button_on_the_card_opens_and_closes_the_rows(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(PLAIN)
    below = canvas.card(4).scene_rect().top()
    assert not canvas.card(1).opener.isVisible()
    press(canvas, canvas.card(2).opener)
    nest = frame(canvas, 2)
    assert [card.face.name for card in nest.cards()] == ["CONV 1", "CONV 2"]
    assert [card.face.size for card in nest.cards()] == ["32×32×8", "32×32×8"]
    assert nest.scene_rect().top() > canvas.card(2).scene_rect().bottom()
    assert canvas.pipeline.grid.rect(4).top() >= below + nest.extent.height()
    assert canvas.pipeline.sceneRect().contains(nest.scene_rect())
    press(canvas, nest.buttons.close)
    assert canvas.pipeline.nests.nest_of(canvas.card(2)) is None
    assert canvas.pipeline.grid.rect(4).top() == below
    assert len(canvas.session.history.steps) == 1, "what is open is no part of the document"


def test_enter_and_a_double_click_open_too(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(PLAIN)
    canvas.session.select((2,))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert canvas.pipeline.nests.is_open((2,))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert not canvas.pipeline.nests.is_open((2,))
    double_click(canvas, header(canvas, 2))
    assert canvas.pipeline.nests.is_open((2,))


def test_the_action_opens_what_is_selected(window: MainWindow) -> None:
    window.session.apply(PLAIN, "Test")
    action = window.actions_by_name["open_composite"]
    window.session.select((1,))
    assert not action.isEnabled()
    window.session.select((2,))
    assert action.isEnabled()
    action.trigger()
    assert window.canvas.pipeline.nests.is_open((2,))


def in_sight(canvas: Canvas, nest: Nest) -> bool:
    rect = canvas.mapFromScene(nest.scene_rect()).boundingRect()
    return canvas.viewport().rect().adjusted(-2, -2, 2, 2).contains(rect)


def test_rows_that_are_opened_come_into_sight(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(BOTH)
    canvas.resize(740, 430)
    for place in (2, 3):  # the second stands below the rows of the first
        canvas.session.select((place,))
        canvas.toggle_selected()
        assert in_sight(canvas, frame(canvas, place)), place


def test_fit_shows_what_is_open_too(canvas_of: Callable[[Network], Canvas]) -> None:
    canvas = canvas_of(BOTH)
    canvas.resize(740, 430)
    for place in (2, 3):
        canvas.session.select((place,))
        canvas.toggle_selected()
    canvas.fit()
    assert canvas.zoom < 1
    assert all(in_sight(canvas, frame(canvas, place)) for place in (2, 3))
    assert canvas.mapFromScene(canvas.card(1).scene_rect()).boundingRect().top() >= 0


def test_fit_finds_the_columns_for_what_is_open(opened: Callable[..., Canvas]) -> None:
    """Regression: they were chosen as if nothing was, and half of the canvas stayed empty."""
    canvas = opened(
        Network((Input(pad=2), A, Residual((A, A)), A, Residual((A, A)), FC)), (2,), (4,)
    )
    canvas.resize(900, 400)
    canvas.fit()
    fitted, room, pipeline = canvas.zoom, canvas.maximumViewportSize(), canvas.pipeline
    others = []
    for columns in range(1, pipeline.cells + 1):
        pipeline.set_room(columns, 0.0)
        row = pipeline.content
        others.append(min(1.0, room.width() / row.width(), room.height() / row.height()))
    assert fitted == pytest.approx(max(others))
    assert max(others) > 1.1 * min(others)


def test_a_frame_does_not_cover_a_card_and_wraps_its_row(opened: Callable[..., Canvas]) -> None:
    long = Network((Input(pad=2), Residual((A,) * 9), A, A, A, Residual((B,) * 3), FC))
    canvas = opened(long, (1,), (5,))
    frames = canvas.pipeline.nests.frames()
    cards = [card.scene_rect() for card in canvas.pipeline.cards]
    qrects = [canvas.pipeline.grid.rect(i) for i in range(len(cards))]
    assert len(frames) == 2
    assert not any(f.scene_rect().intersects(rect) for f in frames for rect in qrects)
    assert all(f.scene_rect().right() <= canvas.viewport().width() for f in frames)
    tops = {card.pos().y() for card in frames[0].cards()}
    assert len(tops) > 1, "nine cards stand in several lines"
    inside = [card.scene_rect() for f in frames for card in f.cards()]
    assert all(any(f.scene_rect().contains(rect) for f in frames) for rect in inside)
    assert not any(a.intersects(b) for i, a in enumerate(inside) for b in inside[:i])


def test_two_open_blocks_of_one_line_stand_below_each_other(opened: Callable[..., Canvas]) -> None:
    canvas = opened(Network((Input(pad=2), Residual((A,)), Residual((B,)), FC)), (1,), (2,))
    first, second = (nest.scene_rect() for nest in canvas.pipeline.nests.frames())
    assert second.top() > first.bottom()


TRIPLE = Network((Input(pad=2), *(Residual((A, B)),) * 3, FC))
SIBLINGS = Network((Input(pad=2), Residual((Residual((A, B)), Residual((B, A)))), FC))


@pytest.mark.parametrize(
    ("network", "paths"),
    [
        (BOTH, ((2,), (3,))),
        (TRIPLE, ((1,), (2,), (3,))),
        (SIBLINGS, ((1,), (1, 0, 0), (1, 0, 1))),
    ],
    ids=["two", "three", "inside"],
)
def test_no_line_to_a_frame_crosses_another(
    opened: Callable[..., Canvas], network: Network, paths: tuple[Path, ...]
) -> None:
    nests = list(opened(network, *paths).pipeline.nests._all())
    assert len(nests) == len(paths)
    lines = {nest: [nest.mapToScene(point) for point in nest._line] for nest in nests}
    for nest, line in lines.items():
        card = nest.card.scene_rect()
        assert (line[0].x(), line[0].y()) == pytest.approx((card.center().x(), card.bottom() + 1))
        for other in nests:
            if not other.isAncestorOf(nest) and not nest.isAncestorOf(other):
                assert not any(other.scene_rect().intersects(part) for part in parts(line))
    ends = [round(line[-1].x()) for line in lines.values()]
    assert nests[0].boundingRect().contains(nests[0]._line[-1])
    assert len(set(ends)) == len(ends)


def test_the_name_of_a_block_inside_has_room_beside_its_opener(
    opened: Callable[..., Canvas],
) -> None:
    """Regression: RESIDUAL 2 was cut."""
    first, second = frame(opened(SIBLINGS, (1,)), 1).cards()
    for card in (first, second):
        assert card.opener.isVisible()
        assert width_of("PARALLEL 12", 12, 600) <= card.opener.x() - NAME


def parts(line: list[QPointF]) -> list[QRectF]:
    """The straight parts of a line, as thick as it is drawn."""
    return [QRectF(a, b).normalized().adjusted(-1, -1, 1, 1) for a, b in pairwise(line)]


# ---- drops


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_block_dropped_into_a_row_goes_there(
    opened: Callable[..., Canvas], drop: Drop, place: int
) -> None:
    canvas = opened(PLAIN, (2,))
    drop(canvas.viewport(), mime.encode_block(C), canvas.insertion_point((2, 0, place)))
    assert row(canvas, (2, 0, 0))[place] == C
    assert canvas.session.selected_path == (2, 0, place)
    assert canvas.session.history.undo_words == f"Insert CONV {place + 1} into RESIDUAL 1"
    assert canvas.pipeline.nests.is_open((2,))
    assert len(list(frame(canvas, 2).cards())) == 3
    canvas.session.undo()
    assert canvas.session.network == PLAIN
    assert len(list(frame(canvas, 2).cards())) == 2


def test_holding_a_block_over_a_row_previews_all_sizes(
    opened: Callable[..., Canvas], hold: Drop, leave: Callable[[QWidget], None]
) -> None:
    canvas = opened(PLAIN, (2,))
    pool = MaxPool2D()
    before = frame(canvas, 2).extent.width()
    hold(canvas.viewport(), mime.encode_block(pool), canvas.insertion_point((2, 0, 1)))
    offer = canvas.pipeline.nests.offer()
    assert offer is not None
    network = inner.insert(PLAIN, (2, 0, 1), pool)
    total = canvas.session.preview(network).parameters
    assert (offer.size, offer.total) == ("16×16×8", f"{total:,} in total")
    second = canvas.pipeline.nests.card((2, 0, 1))
    assert second is not None
    assert (second.face.size, second.face.note) == ("16×16×8", "was 32×32×8")
    assert (canvas.card(3).face.size, canvas.card(3).face.note) == ("8×8×8", "was 16×16×8")
    assert frame(canvas, 2).extent.width() > before
    assert canvas.pipeline.drop_path(frame(canvas, 2).slot.mapToScene(QPointF(100, 40))) == (
        2,
        0,
        1,
    ), "over the slot the place stays"
    leave(canvas.viewport())
    assert canvas.pipeline.nests.offer() is None
    assert second.face.size == "32×32×8"
    assert canvas.session.network == PLAIN


def test_a_misfit_may_be_dropped_into_a_row(opened: Callable[..., Canvas], drop: Drop) -> None:
    canvas = opened(PLAIN, (2,))
    drop(canvas.viewport(), mime.encode_block(Conv2D(8, 40)), canvas.insertion_point((2, 0, 1)))
    states = [card.face.state for card in frame(canvas, 2).cards()]
    assert states == [State.KNOWN, State.MISFIT, State.UNKNOWN]


def test_an_empty_branch_takes_drops(opened: Callable[..., Canvas], drop: Drop) -> None:
    canvas = opened(BRANCHED, (1,))
    drop(canvas.viewport(), mime.encode_block(C), canvas.insertion_point((1, 2, 0)))
    assert rows_of(canvas.session.network.blocks[1]) == ((A,), (B, C), (C,))
    assert canvas.session.history.undo_words == "Insert CONV 1 into branch 3 of PARALLEL 1"


def test_drops_go_into_frames_in_frames(opened: Callable[..., Canvas], drop: Drop) -> None:
    canvas = opened(DEEP, (1,), (1, 0, 1))
    drop(canvas.viewport(), mime.encode_block(C), canvas.insertion_point((1, 0, 1, 0, 1)))
    assert row(canvas, (1, 0, 1, 0, 0)) == (B, C, A)
    drop(canvas.viewport(), mime.encode_block(Residual((A,))), canvas.insertion_point((1, 0, 2)))
    assert canvas.session.network.blocks[1] == Residual((A, Residual((B, C, A)), Residual((A,))))


def test_rows_stand_no_deeper_than_they_may(
    canvas_of: Callable[..., Canvas], drop: Drop, qtbot: QtBot
) -> None:
    block = Residual((A,))
    for _ in range(DEEPEST - 1):
        block = Residual((block,))
    canvas = canvas_of(Network((Input(pad=2), block, FC)))
    path: Path = (1,)
    for _ in range(DEEPEST):
        card = canvas.pipeline.plate(path)
        assert card is not None
        canvas.pipeline.toggle(card)
        path = (*path, 0, 0)
    target = canvas.insertion_point(path)
    with qtbot.waitSignal(canvas.session.noticed) as told:
        drop(canvas.viewport(), mime.encode_block(Residual((A,))), target)
    assert f"at most {DEEPEST} deep" in told.args[0].sentence
    assert not canvas.session.modified


# ---- drags


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ((1, 1, 0), (1, 1, 2), ((A,), (C, B), ())),
        ((1, 1, 1), (1, 0, 0), ((C, A), (B,), ())),
        ((1, 0, 0), (1, 2, 0), ((), (B, C), (A,))),
    ],
)
def test_cards_are_dragged_in_and_between_rows(
    opened: Callable[..., Canvas], source: Path, target: Path, expected: tuple[object, ...]
) -> None:
    canvas = opened(BRANCHED, (1,))
    start = grip(canvas, source)
    drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point(target))
    assert rows_of(canvas.session.network.blocks[1]) == expected
    assert len(canvas.session.history.steps) == 2
    assert not any(card.has_flag("lifted") for card in canvas.pipeline.nests.cards())


def test_cards_are_dragged_out_of_a_row_and_into_one(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    start = grip(canvas, (2, 0, 1))
    drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point(2))
    assert canvas.session.network.blocks[2] == B
    assert canvas.session.network.blocks[3] == Residual((A,), activation="relu")
    assert canvas.session.history.undo_words == "Move CONV 2 of RESIDUAL 1 out"
    assert canvas.session.selection == (2,)
    start = header(canvas, 1)
    drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point((3, 0, 1)))
    assert canvas.session.network.blocks[2] == Residual((A, A), activation="relu")
    assert canvas.session.selected_path == (2, 0, 1)
    assert canvas.session.history.undo_words == "Move CONV 1 into RESIDUAL 1"


def test_the_last_block_stays_in_its_row(opened: Callable[..., Canvas], qtbot: QtBot) -> None:
    canvas = opened(Network((Input(pad=2), Residual((A,)), FC)), (1,))
    start = grip(canvas, (1, 0, 0))
    with qtbot.waitSignal(canvas.session.noticed) as told:
        drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point(1))
    assert told.args[0].sentence.startswith("RESIDUAL 1 needs a block in its row")
    assert not canvas.session.modified


def test_escape_cancels_an_inner_drag(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    start = grip(canvas, (2, 0, 1))
    target = canvas.insertion_point((2, 0, 0))
    drag(canvas, start, start + QPoint(14, 3), target, release=False)
    assert canvas.pipeline.nests.offer() is not None
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.pipeline.nests.offer() is None
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, NONE, target)
    assert canvas.session.network == PLAIN


# ---- selecting, keys


def test_a_click_selects_an_inner_block(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    click(canvas, grip(canvas, (2, 0, 1)))
    assert canvas.session.selected_path == (2, 0, 1)
    card = canvas.pipeline.nests.card((2, 0, 1))
    assert card is not None
    assert card.has_flag("selected")
    assert not canvas.card(2).has_flag("selected")
    assert canvas.accessibleDescription() == "CONV 2 of RESIDUAL 1, 32×32×8, 584 params"
    click(canvas, header(canvas, 2))
    assert canvas.session.selected_path == (2,)
    assert canvas.card(2).has_flag("selected")
    assert not card.has_flag("selected")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("Down", (1, 0, 0)),
        ("Down Down", (1, 1, 0)),
        ("Down Down Right", (1, 1, 1)),
        ("Down Down Right Right", (1, 1, 1)),
        ("Down Down End Home", (1, 1, 0)),
        ("Down Up", (1,)),
        ("Down Down Down", (2,)),
        ("Down Escape", (1,)),
    ],
)
def test_arrows_go_through_the_rows(
    opened: Callable[..., Canvas], keys: str, expected: Path
) -> None:
    canvas = opened(BRANCHED, (1,))
    canvas.session.select((1,))
    for key in keys.split():
        QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{key}"))
    assert canvas.session.selected_path == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Right", ((A,), (C, B), ())),
        ("Up", ((B, A), (C,), ())),
        ("Down", ((A,), (C,), (B,))),
    ],
)
def test_alt_and_arrows_move_an_inner_block(
    opened: Callable[..., Canvas], key: str, expected: tuple[object, ...]
) -> None:
    canvas = opened(BRANCHED, (1,))
    canvas.session.select_path((1, 1, 0))
    QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{key}"), Qt.KeyboardModifier.AltModifier)
    assert rows_of(canvas.session.network.blocks[1]) == expected
    assert canvas.session.selected_blocks == (B,)


def test_alt_up_and_down_take_a_block_out_of_its_rows(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    canvas.session.select_path((2, 0, 0))
    QTest.keyClick(canvas, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert canvas.session.network.blocks[2:4] == (A, Residual((B,), activation="relu"))
    assert canvas.session.selection == (2,)


def test_delete_takes_out_the_inner_block_alone(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    click(canvas, grip(canvas, (2, 0, 0)))
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.session.network.blocks[2] == Residual((B,), activation="relu")
    assert canvas.session.history.undo_words == "Delete CONV 1 of RESIDUAL 1"
    canvas.session.undo()
    canvas.session.redo()
    assert canvas.session.network.blocks[2] == Residual((B,), activation="relu")


def test_selecting_an_inner_block_opens_what_it_is_in(canvas_of: Callable[..., Canvas]) -> None:
    canvas = canvas_of(DEEP)
    canvas.session.select_path((1, 0, 1, 0, 1))
    card = canvas.pipeline.nests.card((1, 0, 1, 0, 1))
    assert card is not None
    assert card.has_flag("selected")
    assert canvas.viewport().rect().contains(canvas.mapFromScene(card.scene_center()))
    canvas.pipeline.toggle(canvas.card(1))
    assert canvas.session.selected_path == (1,), "what is closed is not selected any more"


# ---- branches, misfits, locks, edits from elsewhere


def test_a_bubble_rather_covers_an_unknown_card_than_what_is_open(
    opened: Callable[..., Canvas],
) -> None:
    hangs = MaxPool2D(5, 3)
    canvas = opened(Network((Input(), Residual((A,)), hangs, *[B] * 4, FC)), (1,))
    canvas.resize(1500, 900)
    bubble = canvas.pipeline.bubble
    assert bubble is not None
    place = bubble.mapRectToScene(bubble.frame())
    assert not place.intersects(frame(canvas, 1).scene_rect())
    assert not any(place.intersects(canvas.card(i).scene_rect()) for i in (0, 1, 2))


def test_branches_are_added_and_removed(opened: Callable[..., Canvas]) -> None:
    canvas = opened(BRANCHED, (1,))
    nest = frame(canvas, 1)
    press(canvas, nest.buttons.add)
    assert rows_of(canvas.session.network.blocks[1]) == ((A,), (B, C), (), ())
    assert canvas.session.history.undo_words == "Add a branch to PARALLEL 1"
    press(canvas, nest.buttons.removers[1])
    assert rows_of(canvas.session.network.blocks[1]) == ((A,), (), ())
    assert canvas.session.history.undo_words == "Delete branch 2 of PARALLEL 1"
    assert len(nest.buttons.removers) == 3
    canvas.session.replace(1, Parallel(((A,),)), "Test")
    assert not nest.buttons.removers[0].isVisible(), "the last branch stays"


def test_a_misfit_inside_is_told_where_it_happens(opened: Callable[..., Canvas]) -> None:
    canvas = opened(MISFIT, (1,))
    first, second, third = frame(canvas, 1).cards()
    assert [card.face.state for card in (first, second, third)] == [
        State.KNOWN,
        State.MISFIT,
        State.UNKNOWN,
    ]
    assert (second.face.size, third.face.size) == ("32×32×8 → ?", "?")
    note = frame(canvas, 1).note
    assert note.isVisible()
    assert "CONV 2: (32 − 3) / 2 + 1 = 15.5" in note.sentence
    assert canvas.pipeline.bubble is None, "it is said once"
    press(canvas, note.chips[0])
    assert canvas.session.report.ok
    assert not frame(canvas, 1).note.isVisible()


def shown_colors(canvas: Canvas, path: Path) -> set[str]:
    """The colours of the pixels of a card."""
    card = canvas.pipeline.plate(path)
    assert card is not None
    place = canvas.mapFromScene(card.scene_rect()).boundingRect()
    picture = canvas.viewport().grab(place).toImage()
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
    }


@pytest.mark.parametrize("dress", ["light", "dark"])
def test_an_unwise_block_inside_has_a_sign_and_says_why(
    opened: Callable[..., Canvas], themes: ThemeManager, dress: str
) -> None:
    themes.choose(dress)
    canvas = opened(DEEP, (1,), (1, 0, 1))
    warning = themes.theme.color("warning").name()
    paths = ((1,), (1, 0, 0), (1, 0, 1), (1, 0, 1, 0, 0), (1, 0, 1, 0, 1))
    cards = {path: canvas.pipeline.plate(path) for path in paths}
    signs = {path for path, card in cards.items() if card and card.face.sign == "warning"}
    assert signs == {(1,), (1, 0, 1), (1, 0, 1, 0, 1)}
    assert signs == {path for path in paths if warning in shown_colors(canvas, path)}
    card = cards[(1, 0, 1, 0, 1)]
    assert card is not None
    canvas.pipeline.hover(card)
    assert "CONV 2 follows CONV 1 with no non-linear function between" in card.toolTip()
    canvas.session.select_path(card.path)
    said = canvas.accessibleDescription()
    assert said.startswith("CONV 2 of RESIDUAL 1, 32×32×8, 584 params. CONV 2 follows")
    repaired = canvas.session.report.blocks[1].problems[0].repairs[0]
    canvas.session.repair(repaired)
    assert not any(card and card.face.sign for card in cards.values())
    assert warning not in shown_colors(canvas, (1, 0, 1, 0, 1))
    canvas.pipeline.hover(card)
    assert "follows" not in card.toolTip()


def test_a_misfit_inside_has_the_sign_of_one(
    opened: Callable[..., Canvas], themes: ThemeManager
) -> None:
    canvas = opened(MISFIT, (1,))
    assert themes.theme.color("error").name() in shown_colors(canvas, (1, 0, 1))
    canvas.session.select_path((1, 0, 1))
    said = canvas.accessibleDescription()
    assert said.startswith("CONV 2 of RESIDUAL 1, 32×32×8 → ?, 584 params. (32 − 3) / 2 + 1 = 15.5")


def test_what_ails_an_inner_block_in_training_stands_on_its_card(
    opened: Callable[..., Canvas], monkeypatch: pytest.MonkeyPatch
) -> None:
    wise = Network((Input(pad=2), Residual((A, Residual((A, B)))), FC))
    canvas = opened(wise, (1,), (1, 0, 1))
    session = canvas.session
    found = Finding((1, 0, 1, 0, 0), "dead", "CONV 1: 4 of its 8 feature maps are 0.")
    session.select_path(found.path)
    monkeypatch.setattr(type(session), "diagnosis", (found,))
    session.findings_changed.emit()
    paths = ((1,), (1, 0, 0), (1, 0, 1), (1, 0, 1, 0, 0), (1, 0, 1, 0, 1))
    cards = {path: canvas.pipeline.plate(path) for path in paths}
    warned = {path for path, card in cards.items() if card and card.face.warnings}
    assert warned == {(1,), (1, 0, 1), (1, 0, 1, 0, 0)}
    assert canvas.accessibleDescription().endswith("4 of its 8 feature maps are 0.")
    monkeypatch.setattr(type(session), "diagnosis", ())
    session.findings_changed.emit()
    assert not any(card and card.face.warnings for card in cards.values())


def test_training_locks_the_rows(opened: Callable[..., Canvas], drop: Drop) -> None:
    canvas = opened(BRANCHED, (1,))
    canvas.session._run.state = "running"
    canvas.session.training_changed.emit()
    nest = frame(canvas, 1)
    assert not nest.buttons.add.isVisible()
    assert not any(button.isVisible() for button in nest.buttons.removers)
    drop(canvas.viewport(), mime.encode_block(C), canvas.insertion_point((1, 2, 0)))
    start = grip(canvas, (1, 1, 0))
    drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point((1, 2, 0)))
    assert canvas.session.selected_path == (1, 1, 0)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.session.network == BRANCHED
    canvas.session._run.state = "idle"
    canvas.session.training_changed.emit()
    assert nest.buttons.add.isVisible()


def test_cards_keep_their_identity_through_edits(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    first, second = frame(canvas, 2).cards()
    canvas.session.insert_at((2, 0, 1), C)
    assert [card for card in frame(canvas, 2).cards()][::2] == [first, second]
    assert second.path == (2, 0, 2)
    canvas.session.insert(1, C)
    assert second.path == (3, 0, 2)
    assert canvas.pipeline.nests.is_open((3,))
    canvas.session.remove((3,))
    assert canvas.pipeline.nests.frames() == ()


def test_the_connectors_of_a_row_insert_there(opened: Callable[..., Canvas]) -> None:
    canvas = opened(PLAIN, (2,))
    wires = list(frame(canvas, 2).connectors)
    assert [wire.path for wire in wires] == [(2, 0, 0), (2, 0, 1), (2, 0, 2)]
    assert [wire.size for wire in wires] == ["32×32×8"] * 3
    asked = []
    canvas.pipeline.offered.connect(lambda wire: asked.append(wire.path))
    click(canvas, canvas.insertion_point((2, 0, 1)))
    assert asked == [(2, 0, 1)]


def test_frames_are_painted_in_both_themes(
    opened: Callable[..., Canvas], themes: ThemeManager, hold: Drop
) -> None:
    canvas = opened(DEEP, (1,), (1, 0, 1))
    hold(canvas.viewport(), mime.encode_block(C), canvas.insertion_point((1, 0, 1, 0, 1)))
    corner = frame(canvas, 1).scene_rect().topLeft() + QPointF(14, 60)
    point = canvas.viewport().mapTo(canvas, canvas.mapFromScene(corner))
    light = canvas.grab().toImage().pixelColor(point)
    themes.choose("dark")
    dark = canvas.grab().toImage().pixelColor(point)
    assert light.lightness() > 200
    assert dark.lightness() < 60


def test_a_preview_offers_no_repairs(opened: Callable[..., Canvas], hold: Drop) -> None:
    canvas = opened(PLAIN, (2,))
    hold(canvas.viewport(), mime.encode_block(Conv2D(8, 40)), canvas.insertion_point((2, 0, 1)))
    offer = canvas.pipeline.nests.offer()
    assert offer is not None
    assert (offer.fits, offer.size) == (False, "32×32×8 → ?")
    assert not frame(canvas, 2).note.isVisible()
    assert canvas.card(2).face.state is State.MISFIT
