"""What floor and ceil do is said with the right numbers, and drawn where it happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from cnnstudio.blocks import AvgPool2D, Block, Conv2D, FullyConnected, Input, MaxPool2D, Shape
from cnnstudio.blocks.window import Window
from cnnstudio.network import Network, check
from cnnstudio.ui.canvas.window_picture import (
    SIDE,
    Coverage,
    Side,
    WindowPicture,
    coverage_of,
    draw_coverage,
)
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.inspector import Inspector
from cnnstudio.ui.theme import ThemeManager, load_theme
from tests.ui.turn import turn


def sentence(block: Block, height: int, width: int) -> str:
    coverage = coverage_of(block, Shape((4, height, width)))
    assert coverage is not None
    return coverage.sentence


@pytest.mark.parametrize(
    ("block", "height", "width", "words"),
    [
        (Conv2D(2, 3, 3, rounding="floor"), 7, 7, "The last 1 row and 1 column are never seen."),
        (MaxPool2D(2, 2, rounding="floor"), 6, 7, "The last 1 column is never seen."),
        (MaxPool2D(2, 5, rounding="floor"), 9, 11, "The last 2 rows and 4 columns are never seen."),
        (
            MaxPool2D((3, 2), (2, 5), rounding="ceil"),
            8,
            10,
            "The last windows hang over the edge by 1 row, where there is nothing. "
            "The last 3 columns are never seen.",
        ),
        (
            Conv2D(2, 3, 2, padding=1, rounding="floor"),
            8,
            8,
            "The last 1 row and 1 column of the padding are never seen.",
        ),
        (Conv2D(2, 3, 4, padding=1, rounding="floor"), 8, 5, "The last 2 rows are never seen."),
        (
            AvgPool2D(3, 2, rounding="ceil"),
            8,
            9,
            "The last windows hang over the edge by 1 row, where there is nothing.",
        ),
    ],
)
def test_what_is_not_seen_or_hangs_over(block: Block, height: int, width: int, words: str) -> None:
    assert sentence(block, height, width) == words


@pytest.mark.parametrize(
    ("block", "shape"),
    [
        (Conv2D(2, 3, rounding="floor"), Shape((1, 7, 7))),
        (Conv2D(2, 3, 3), Shape((1, 7, 7))),
        (Conv2D(2, 9, rounding="floor"), Shape((1, 7, 7))),
        (Conv2D(2, 4, padding="same", rounding="floor"), Shape((1, 7, 7))),
        (FullyConnected(3), Shape((1, 7, 7))),
        (MaxPool2D(rounding="floor"), Shape((9,))),
        (MaxPool2D(rounding="floor"), None),
    ],
    ids=repr,
)
def test_nothing_to_draw_where_windows_end_with_the_map_or_do_not_fit(
    block: Block, shape: Shape | None
) -> None:
    assert coverage_of(block, shape) is None


windows = st.builds(
    Window,
    kernel=st.integers(1, 7),
    stride=st.integers(1, 6),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
    rounding=st.sampled_from(["floor", "ceil"]),
)


@given(windows, st.integers(1, 300))
def test_windows_unseen_pixels_and_overhang_add_up(window: Window, size: int) -> None:
    side = Side(window, size)
    if side.starts:
        end = side.starts[-1] + window.extent
        assert end + side.unseen - side.over == side.padded
        assert side.first in (0, *side.starts)
        assert side.cells >= min(window.extent, side.padded)


@given(windows, windows, st.integers(1, 300), st.integers(1, 300))
def test_any_coverage_is_drawn_within_its_place(
    down: Window, right: Window, height: int, width: int
) -> None:
    coverage = Coverage(Side(down, height), Side(right, width))
    if coverage.rows.starts and coverage.columns.starts:
        image = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
        painter = QPainter(image)
        theme = load_theme("light")
        place = QRectF(4, 4, SIDE, SIDE)
        taken = draw_coverage(painter, place, coverage, theme.color("accent"), theme)
        painter.end()
        assert place.adjusted(0, 0, 0.01, 0.01).contains(taken)


def test_unseen_pixels_have_another_colour(qapp: object, themes: ThemeManager) -> None:
    """The lower right pixel is seen by the exact window and left out by floor."""
    colours = []
    for stride in (2, 3):
        coverage = Coverage(Side(Window(3, stride, 0, 1, "floor"), 7), Side(Window(3, 2), 7))
        image = QImage(80, 80, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        theme = themes.theme
        draw_coverage(painter, QRectF(0, 0, 72, 72), coverage, theme.color("accent"), theme)
        painter.end()
        colours.append(image.pixelColor(23, 60).name())
    assert colours[0] != colours[1]


def test_it_stands_in_the_inspector_while_there_is_something_to_see(
    session: Session, themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    inspector = Inspector(session, themes)
    show(inspector)
    picture = inspector.facts.picture
    session.select((2,))
    assert not picture.isVisible()
    session.replace(2, MaxPool2D(3, 3, rounding="floor"), "Change")
    turn()
    assert picture.isVisible()
    assert picture.accessibleName() == "The last 1 row and 1 column are never seen."
    session.replace(2, MaxPool2D(3, 3), "Change")
    turn()
    assert not picture.isVisible()


def test_a_large_map_is_drawn_by_its_corner(
    themes: ThemeManager, show: Callable[[QWidget], None]
) -> None:
    network = Network((Input(1, 224, 224), Conv2D(4, 11, 4, rounding="floor")))
    picture = WindowPicture(themes)
    show(picture)
    picture.show_block(check(network).blocks[1])
    assert picture.coverage is not None
    assert picture.coverage.is_corner
    assert picture.coverage.rows.cells <= 30
    assert not picture.grab().isNull()
