"""Several blocks inside an open block: selected, dragged, copied and removed at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, Parallel, Residual
from cnnstudio.blocks.row import rows_of
from cnnstudio.network import Network, inner
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.main_window import MainWindow
from tests.ui.hands import CTRL, LEFT, NONE, SHIFT, click, drag, grip, header, open_blocks

Path = inner.Path
A, B, C, D = (Conv2D(n, 3, padding=1) for n in (4, 5, 6, 7))
FC = FullyConnected(10)
ALT = Qt.KeyboardModifier.AltModifier
NETWORK = Network(
    (Input(pad=2), A, Residual((A, B, C, D)), Parallel(((A, B), (C, D))), MaxPool2D(), FC)
)


@pytest.fixture
def canvas(canvas_of: Callable[[Network], Canvas]) -> Canvas:
    """Both blocks that hold others are open."""
    return open_blocks(canvas_of(NETWORK), (2,), (3,))


def row(canvas: Canvas, index: int, number: int = 0) -> tuple[object, ...]:
    return rows_of(canvas.session.network.blocks[index])[number]


def chosen(canvas: Canvas) -> list[Path]:
    """The small cards that are shown as selected."""
    return sorted(c.path for c in canvas.pipeline.nests.cards() if c.has_flag("selected"))


def around(canvas: Canvas, first: Path, last: Path) -> tuple[QPoint, QPoint]:
    """Where a rubber band begins and ends, inside the frame, that touches two cards."""
    cards = [canvas.pipeline.nests.card(path) for path in (first, last)]
    rects = [card.scene_rect() for card in cards if card is not None]
    start = canvas.mapFromScene(rects[0].topLeft() - QPointF(6, 6))
    return start, canvas.mapFromScene(rects[1].bottomRight() - QPointF(20, 30))


# ---- selecting


def test_ctrl_toggles_inner_cards_and_begins_anew_in_another_row(canvas: Canvas) -> None:
    click(canvas, grip(canvas, (2, 0, 0)))
    click(canvas, grip(canvas, (2, 0, 2)), CTRL)
    assert list(canvas.session.selected_paths) == chosen(canvas) == [(2, 0, 0), (2, 0, 2)]
    described = canvas.accessibleDescription()
    assert described.startswith("CONV 1 of RESIDUAL 1, 32×32×4")
    assert "CONV 3 of RESIDUAL 1, 32×32×6" in described
    click(canvas, grip(canvas, (2, 0, 0)), CTRL)
    assert chosen(canvas) == [(2, 0, 2)]
    click(canvas, grip(canvas, (3, 1, 0)), CTRL)
    assert list(canvas.session.selected_paths) == chosen(canvas) == [(3, 1, 0)]
    click(canvas, header(canvas, 1), CTRL)
    assert canvas.session.selected_paths == ((1,),)
    assert chosen(canvas) == []


def test_shift_selects_a_range_of_a_row_or_what_holds_its_ends(canvas: Canvas) -> None:
    click(canvas, grip(canvas, (2, 0, 3)))
    click(canvas, grip(canvas, (2, 0, 1)), SHIFT)
    assert chosen(canvas) == [(2, 0, 1), (2, 0, 2), (2, 0, 3)]
    click(canvas, grip(canvas, (2, 0, 2)), SHIFT)
    assert chosen(canvas) == [(2, 0, 2), (2, 0, 3)]
    click(canvas, grip(canvas, (3, 0, 0)), SHIFT)
    assert canvas.session.selected_paths == ((2,), (3,))
    assert chosen(canvas) == []


def test_a_click_in_a_selection_selects_one_alone(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 1)])
    QTest.mousePress(canvas.viewport(), LEFT, NONE, grip(canvas, (2, 0, 1)))
    assert chosen(canvas) == [(2, 0, 0), (2, 0, 1)], "they may be dragged"
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, grip(canvas, (2, 0, 1)))
    assert chosen(canvas) == [(2, 0, 1)]


def test_a_rubber_band_in_an_open_block_selects_of_its_row(canvas: Canvas) -> None:
    drag(canvas, *around(canvas, (2, 0, 1), (2, 0, 2)))
    assert list(canvas.session.selected_paths) == chosen(canvas) == [(2, 0, 1), (2, 0, 2)]
    drag(canvas, *around(canvas, (2, 0, 0), (2, 0, 0)), modifiers=SHIFT)
    assert chosen(canvas) == [(2, 0, 0), (2, 0, 1), (2, 0, 2)]
    drag(canvas, *around(canvas, (3, 1, 0), (3, 1, 1)), modifiers=CTRL)
    assert chosen(canvas) == [(3, 1, 0), (3, 1, 1)], "another row begins anew"
    drag(canvas, *around(canvas, (3, 0, 0), (3, 1, 1)))
    assert chosen(canvas) == [(3, 0, 0), (3, 0, 1)], "of two branches the one where it began"


def test_escape_takes_an_inner_rubber_band_back(canvas: Canvas) -> None:
    canvas.session.select_paths([(3, 0, 0), (3, 0, 1)])
    drag(canvas, *around(canvas, (2, 0, 1), (2, 0, 2)), release=False)
    assert chosen(canvas) == [(2, 0, 1), (2, 0, 2)]
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert chosen(canvas) == [(3, 0, 0), (3, 0, 1)]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("Right", [(2, 0, 1), (2, 0, 2)]),
        ("Right Right", [(2, 0, 1), (2, 0, 2), (2, 0, 3)]),
        ("Right Left", [(2, 0, 1)]),
        ("Left", [(2, 0, 0), (2, 0, 1)]),
        ("End", [(2, 0, 1), (2, 0, 2), (2, 0, 3)]),
        ("Home", [(2, 0, 0), (2, 0, 1)]),
        ("Down", [(2,), (3,)]),
    ],
)
def test_shift_and_arrows_extend_in_a_row(canvas: Canvas, keys: str, expected: list[Path]) -> None:
    click(canvas, grip(canvas, (2, 0, 1)))
    for key in keys.split():
        QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{key}"), SHIFT)
    assert list(canvas.session.selected_paths) == expected


def test_select_all_takes_the_row_first(canvas: Canvas) -> None:
    click(canvas, grip(canvas, (3, 1, 1)))
    QTest.keyClick(canvas, Qt.Key.Key_A, CTRL)
    assert chosen(canvas) == [(3, 1, 0), (3, 1, 1)]
    QTest.keyClick(canvas, Qt.Key.Key_A, CTRL)
    assert canvas.session.selection == (1, 2, 3, 4, 5)
    assert chosen(canvas) == []


def test_escape_goes_out_to_the_block_around(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 1)])
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.session.selected_paths == ((2,),)


def test_closing_the_block_hands_the_selection_to_it(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 1)])
    canvas.pipeline.toggle(canvas.card(2))
    assert canvas.session.selected_paths == ((2,),)


# ---- edits


def test_several_inner_cards_are_dragged_to_another_row(canvas: Canvas) -> None:
    click(canvas, grip(canvas, (2, 0, 0)))
    click(canvas, grip(canvas, (2, 0, 2)), CTRL)
    start, end = grip(canvas, (2, 0, 2)), canvas.insertion_point((3, 1, 1))
    drag(canvas, start, start + QPoint(14, 3), end, release=False)
    lifted = [c.path for c in canvas.pipeline.nests.cards() if c.has_flag("lifted")]
    assert sorted(lifted) == [(2, 0, 0), (2, 0, 2)]
    assert canvas.pipeline.nests.offer() is not None
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert row(canvas, 2) == (B, D)
    assert row(canvas, 3, 1) == (C, A, C, D)
    assert list(canvas.session.selected_paths) == chosen(canvas) == [(3, 1, 1), (3, 1, 2)]
    words = "Move 2 blocks of RESIDUAL 1 into branch 2 of PARALLEL 1"
    assert canvas.session.history.undo_words == words
    canvas.session.undo()
    assert canvas.session.network == NETWORK


def test_several_inner_cards_are_dragged_out_and_several_in(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 1), (2, 0, 2)])
    start = grip(canvas, (2, 0, 1))
    drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point(2))
    assert canvas.session.network.blocks[1:5] == (A, B, C, Residual((A, D)))
    assert canvas.session.selected_paths == ((2,), (3,))
    start = header(canvas, 3)
    drag(canvas, start, start + QPoint(14, 3), canvas.insertion_point((4, 0, 2)))
    assert canvas.session.network.blocks[1:3] == (A, Residual((A, D, B, C)))
    assert chosen(canvas) == [(2, 0, 2), (2, 0, 3)]


def test_ctrl_and_drag_copies_several_inner_cards(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 1)])
    start, end = grip(canvas, (2, 0, 1)), canvas.insertion_point((3, 0, 2))
    drag(canvas, start, start + QPoint(14, 3), end, modifiers=CTRL)
    assert row(canvas, 2) == (A, B, C, D)
    assert row(canvas, 3) == (A, B, A, B)
    assert chosen(canvas) == [(3, 0, 2), (3, 0, 3)]


def test_a_cancelled_drag_of_several_leaves_all_as_it_was(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 1)])
    start, end = grip(canvas, (2, 0, 1)), canvas.insertion_point((3, 0, 2))
    drag(canvas, start, start + QPoint(14, 3), end, release=False)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas.viewport(), LEFT, NONE, end)
    assert canvas.session.network == NETWORK
    assert chosen(canvas) == [(2, 0, 0), (2, 0, 1)]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("Left", ((B, C, A, D), ((A, B), (C, D)))),
        ("Right", ((A, D, B, C), ((A, B), (C, D)))),
        ("End", ((A, D, B, C), ((A, B), (C, D)))),
        ("Home", ((B, C, A, D), ((A, B), (C, D)))),
    ],
)
def test_alt_and_arrows_move_several_in_their_row(
    canvas: Canvas, key: str, expected: tuple[object, object]
) -> None:
    canvas.session.select_paths([(2, 0, 1), (2, 0, 2)])
    QTest.keyClick(canvas, getattr(Qt.Key, f"Key_{key}"), ALT)
    assert (row(canvas, 2), rows_of(canvas.session.network.blocks[3])) == expected
    assert len(chosen(canvas)) == 2


def test_alt_and_arrows_take_several_to_another_branch_and_out(canvas: Canvas) -> None:
    canvas.session.select_paths([(3, 0, 0), (3, 0, 1)])
    QTest.keyClick(canvas, Qt.Key.Key_Down, ALT)
    assert rows_of(canvas.session.network.blocks[3]) == ((), (A, B, C, D))
    QTest.keyClick(canvas, Qt.Key.Key_Down, ALT)
    assert canvas.session.network.blocks[3:6] == (Parallel(((), (C, D))), A, B)
    assert canvas.session.selected_paths == ((4,), (5,))


def test_delete_takes_out_several_in_one_step(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 3)])
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert row(canvas, 2) == (B, C)
    assert canvas.session.history.undo_words == "Delete 2 blocks of RESIDUAL 1"
    assert chosen(canvas) == [(2, 0, 0)]


def test_several_are_dropped_on_the_palette_and_removed(window: MainWindow) -> None:
    window.session.apply(NETWORK, "Test")
    canvas = window.canvas
    window.session.select_paths([(2, 0, 1), (2, 0, 2)])
    palette = window.palette_panel
    target = canvas.viewport().mapFrom(window, palette.mapTo(window, palette.rect().center()))
    card = canvas.pipeline.nests.card((2, 0, 1))
    assert card is not None
    canvas.ensureVisible(card.scene_rect(), 40, 40)
    start = grip(canvas, (2, 0, 1))
    drag(canvas, start, start + QPoint(14, 3), target)
    assert row(canvas, 2) == (A, D)


@pytest.fixture
def actions(window: MainWindow) -> Callable[[str], None]:
    """Triggers an action of the window, in which several inner blocks are selected."""
    window.session.apply(NETWORK, "Test")
    window.session.select_paths([(2, 0, 0), (2, 0, 1)])
    return lambda name: window.actions_by_name[name].trigger()


def test_cut_copy_paste_and_duplicate_by_the_actions(
    window: MainWindow, actions: Callable[[str], None]
) -> None:
    session, canvas = window.session, window.canvas
    actions("duplicate")
    assert row(canvas, 2) == (A, B, A, B, C, D)
    assert session.selected_paths == ((2, 0, 2), (2, 0, 3))
    actions("cut")
    assert row(canvas, 2) == (A, B, C, D)
    session.select_path((3, 1, 0))
    actions("paste")
    assert row(canvas, 3, 1) == (C, A, B, D)
    assert session.selected_paths == ((3, 1, 1), (3, 1, 2))
    actions("copy")
    session.select((1,))
    actions("paste")
    assert session.network.blocks[1:4] == (A, A, B)
    actions("delete")
    assert session.network.blocks[1:3] == (A, Residual((A, B, C, D)))


def test_the_menu_of_a_selected_inner_card_is_for_all_of_them(canvas: Canvas) -> None:
    canvas.session.select_paths([(2, 0, 0), (2, 0, 1)])
    menu = canvas.menus.at(grip(canvas, (2, 0, 1)))
    assert chosen(canvas) == [(2, 0, 0), (2, 0, 1)]
    delete = next(action for action in menu.actions() if action.text() == "Delete")
    delete.trigger()
    assert row(canvas, 2) == (C, D)
    canvas.menus.at(grip(canvas, (3, 0, 1)))
    assert chosen(canvas) == [(3, 0, 1)], "a card outside of the selection is selected alone"
