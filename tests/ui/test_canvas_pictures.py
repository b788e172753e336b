"""The parts of a card that can be computed without a window: places, pictures, words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPicture

from cnnstudio.blocks import AvgPool2D, Conv2D, Family, FullyConnected, Input, MaxPool2D, Shape
from cnnstudio.network import Network, check
from cnnstudio.ui.canvas import thumbnails, volume
from cnnstudio.ui.canvas.face import State
from cnnstudio.ui.canvas.faces import Faces, previewed
from cnnstudio.ui.canvas.layout import Grid, columns_for, scales_of_columns
from cnnstudio.ui.canvas.matching import origins_of
from cnnstudio.ui.canvas.misfit import misfit_of
from cnnstudio.ui.canvas.stencil import reduced
from cnnstudio.ui.canvas.thumbnails import (
    AREA,
    MOST_MAPS,
    cell_levels,
    draw_cells,
    draw_lost,
    draw_map_ground,
    draw_maps,
    levels_of,
    lost_parts,
    map_places,
    picture_place,
    strongest,
)
from cnnstudio.ui.theme import Theme, load_theme

pytestmark = pytest.mark.usefixtures("themes")  # widths of words depend on the fonts
MISFIT = Network((Input(), Conv2D(8, 22), Conv2D(16, 3, stride=3), FullyConnected(10)))


@pytest.mark.parametrize("columns", [1, 2, 4, 7])
def test_a_drop_into_a_gap_goes_to_that_place(columns: int) -> None:
    grid = Grid(columns)
    for cells in (1, 4, 5, 9):
        assert [grid.index_at(grid.gap(i), cells) for i in range(1, cells + 1)] == [
            *range(1, cells + 1)
        ]


def test_a_drop_anywhere_goes_somewhere() -> None:
    grid = Grid(4)
    assert grid.index_at(QPointF(-500, -500), 8) == 1
    assert grid.index_at(QPointF(5000, 5000), 8) == 8
    assert grid.index_at(grid.rect(2).center() - QPointF(5, 0), 8) == 2
    assert grid.index_at(grid.rect(2).center() + QPointF(5, 0), 8) == 3


def test_rows_wrap_at_the_width_of_the_window() -> None:
    assert columns_for(912) == columns_for(908) == 4
    assert columns_for(907) == 3
    assert Grid(4).bounds(9).width() + 14 <= 908  # beside a vertical scroll bar
    assert columns_for(100) == 1
    grid = Grid(4)
    assert grid.rect(3).top() == grid.rect(0).top()
    assert grid.rect(4).left() == grid.rect(0).left()
    assert not any(grid.rect(i).intersects(grid.rect(j)) for i in range(9) for j in range(i))
    assert all(grid.bounds(9).contains(grid.rect(i)) for i in range(9))


def test_fitting_chooses_the_largest_scale() -> None:
    scale, columns = scales_of_columns(20, 912, 530)[0]
    others = [Grid(n).bounds(20) for n in range(1, 21)]
    assert scale == max(min(1, 912 / b.width(), 530 / b.height()) for b in others)
    assert Grid(columns).bounds(20).width() * scale <= 912
    assert scales_of_columns(2, 912, 530)[0] == (1.0, 2)


def test_wires_end_at_the_next_card() -> None:
    grid = Grid(3)
    for cell in range(8):
        end = grid.wire(cell).currentPosition()
        target = grid.rect(cell + 1)
        assert end.y() == target.center().y()
        assert 0 < target.left() - end.x() < 12


def test_maps_are_scaled_to_their_own_maximum_but_dead_ones_stay_dark() -> None:
    maps = np.zeros((3, 2, 2))
    maps[0, 0, 0], maps[1, 0, 0], maps[2, 0, 0] = 8.0, 4.0, 0.1
    levels = levels_of(maps)
    assert levels[:, 0, 0].tolist() == [255, 255, round(255 * 0.1 / 2)]
    assert levels_of(np.zeros((2, 3, 3))).max() == 0
    assert levels_of(-np.ones((2, 3, 3))).max() == 0
    assert levels_of(np.full((1, 2, 2), np.nan)).max() == 0


def test_infinite_values_count_as_zero() -> None:
    maps = np.array([[[2.0, np.inf]], [[-np.inf, 1.0]]])
    assert levels_of(maps).tolist() == [[[255, 0]], [[0, 255]]]


def test_a_card_shows_at_most_sixteen_maps_scaled_by_all_and_knows_the_strongest() -> None:
    values = np.full((40, 5, 7), 0.1)
    values[0, 0, 0] = 1.0
    values[11] = 1.0
    values[30] = 4.0
    levels = levels_of(values, MOST_MAPS)
    assert levels.shape == (16, 5, 7)
    assert levels[1].max() == round(255 * 0.1 / 1.0), "a quarter of the 31st map's maximum"
    assert np.array_equal(strongest(levels), levels[11])


@pytest.mark.parametrize("count", range(1, 17))
def test_maps_stand_inside_the_card_and_apart(count: int) -> None:
    places = map_places(count)
    assert len(places) == count
    assert all(AREA.adjusted(-1, -1, 1, 1).contains(place) for place in places)
    assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])


def test_cells_are_the_first_units() -> None:
    assert len(cell_levels(np.linspace(-1, 1, 1000))) == 160
    assert cell_levels(np.array([-1.0, 0.5, 2.0])).tolist() == [0, 64, 255]


GREYS = 0xFF000000 + 0x010101 * np.arange(256, dtype=np.uint32)


def painted(draw: Callable[[QPainter], object], ratio: int = 1) -> QImage:
    """What `draw` paints on a red card."""
    image = QImage(184 * ratio, 152 * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("red"))
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image


def test_cells_stand_apart() -> None:
    levels = np.array([0, 255] * 11, np.uint8)
    image = painted(lambda painter: draw_cells(painter, levels, GREYS))
    row = round(AREA.center().y() - 15 / 2)
    left = round(AREA.center().x() - 159 / 2)
    seen = [image.pixelColor(left + x, row + 3).name() for x in range(17)]
    black, white, gap = "#000000", "#ffffff", "#ff0000"
    assert seen == [black] * 7 + [gap] + [white] * 7 + [gap] + [black]
    assert image.pixelColor(left + 3, row + 7).name() == gap, "the gap between the rows"
    assert image.pixelColor(left + 8 + 3, row + 8 + 3).name() == white, "the last unit"


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize(("count", "shape"), [(6, (14, 14)), (16, (10, 10)), (1, (32, 32))])
def test_every_value_of_a_map_is_where_it_belongs(
    count: int, shape: tuple[int, int], ratio: int
) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (count, *shape)).astype(np.uint8)
    image = painted(lambda painter: draw_maps(painter, levels, GREYS, probe=False), ratio)
    rows, columns = shape
    for place, values in zip(map_places(count), levels, strict=True):
        for row in range(1, rows - 1):
            for column in range(1, columns - 1):
                x = (place.x() + place.width() * (column + 0.5) / columns) * ratio
                y = (place.y() + place.height() * (row + 0.5) / rows) * ratio
                assert image.pixelColor(int(x), int(y)).red() == values[row, column]
        corner = image.pixelColor(int(place.x()) * ratio, int(place.y()) * ratio)
        assert (corner.red(), corner.green()) != (values[0, 0], values[0, 0]), "it is round"


@pytest.mark.parametrize("count", range(1, 17))
def test_maps_stand_in_the_middle_and_fill_their_rows(count: int) -> None:
    places = map_places(count)
    around = places[0]
    for place in places:
        around = around.united(place)
    assert AREA.contains(around)
    assert (around.center() - AREA.center()).manhattanLength() <= 1
    assert len({place.top() for place in places}) <= 2
    if count > 8:
        lower = sum(place.top() > places[0].top() for place in places)
        assert lower == count // 2


def test_maps_larger_than_their_place_show_the_mean_and_keep_their_proportions() -> None:
    levels = np.zeros((16, 36, 72), np.uint8)
    levels[:, :, ::2] = 200
    image = painted(lambda painter: draw_maps(painter, levels, GREYS, probe=False))
    place = map_places(16)[4]
    middle, left = int(place.center().y()), int(place.left())
    assert {image.pixelColor(left + x, middle).red() for x in range(2, 16)} == {100}
    above = image.pixelColor(left + 9, int(place.top()) + 3)
    assert above.name() == "#ff0000", "half as high as wide"


def test_reduction_keeps_the_mean_of_an_area() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (2, 7, 9)).astype(np.uint8)
    small = reduced(levels, (3, 4))
    assert small.shape == (2, 3, 4)
    assert small.mean(axis=(1, 2)) == pytest.approx(levels.mean(axis=(1, 2)), abs=0.6)
    assert np.array_equal(reduced(np.kron(small, np.ones((1, 2, 3), np.uint8)), (3, 4)), small)
    assert reduced(levels, (7, 9)) is levels


def test_a_map_stands_upright_on_the_left_face() -> None:
    shape = Shape((4, 32, 32))
    levels = np.zeros((32, 32), np.uint8)
    levels[:16, :16], levels[:16, 16:], levels[16:, :16], levels[16:, 16:] = 50, 100, 150, 200
    form = volume.Box(shape).picture((32, 32), 4)
    image = form.picture(levels, GREYS)
    face = volume.Box(shape).left_face()
    corner, right, up = face[0], face[0] - face[1], face[3] - face[0]
    for (u, v), level in {(0.25, 0.75): 50, (0.75, 0.75): 100, (0.25, 0.25): 150}.items():
        at = corner - right * (1 - u) + up * v - form.place.topLeft()
        color = image.pixelColor(int(at.x() * 4), int(at.y() * 4))
        assert (color.red(), color.alpha()) == (level, 255)
    assert image.pixelColor(0, 0).alpha() == 0


@pytest.mark.parametrize("name", ["light", "dark"])
def test_kept_layers_of_a_volume_look_like_drawing_it(name: str) -> None:
    theme, shape = load_theme(name), Shape((6, 28, 28))
    kept = painted(lambda p: draw_box(p, shape, theme))
    recording = QPicture()
    painter = QPainter(recording)
    draw_box(painter, shape, theme)
    painter.end()
    drawn = painted(recording.play)
    pairs = [
        (kept.pixelColor(x, y).getRgb(), drawn.pixelColor(x, y).getRgb())
        for x in range(kept.width())
        for y in range(kept.height())
    ]
    assert max(abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)) <= 3


@pytest.mark.parametrize("scale", [0.7, 0.35, 0.2, 1.5])
def test_volumes_have_smooth_edges_at_every_zoom(scale: float) -> None:
    theme, shape = load_theme("light"), Shape((6, 28, 28))

    def drawn(large: int) -> NDArray[np.floating]:
        def draw(painter: QPainter) -> None:
            painter.scale(scale, scale)
            draw_box(painter, shape, theme)

        image = painted(draw, large)
        pixels = np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., :3]
        parts = pixels.reshape(image.height() // large, large, image.width() // large, large, 3)
        return np.asarray(parts.mean(axis=(1, 3)))

    assert np.abs(drawn(1) - drawn(4)).max() < 80, "as if it were drawn large and made small"


def draw_box(painter: QPainter, shape: Shape, theme: Theme) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    volume.draw_volume(painter, QPointF(92, 120), shape, Family.CONV, theme)


@pytest.mark.parametrize(
    "shape", [(1, 32, 32), (512, 224, 224), (64, 1, 1), (3, 1, 300), (10,), (65_536,)], ids=str
)
def test_volumes_stay_under_the_row_above(shape: tuple[int, ...]) -> None:
    box = volume.Box(Shape(shape))
    faces = (box.left_face(), box.right_face(), box.top_face())
    bounds = faces[0].boundingRect() | faces[1].boundingRect() | faces[2].boundingRect()
    assert bounds.height() <= volume.TALLEST + 0.01
    assert bounds.left() == pytest.approx(-bounds.right())
    assert bounds.bottom() == pytest.approx(0)
    assert 0 < len(box.slice_lines()) + 1 <= 16


def test_the_lectures_misfit_is_explained() -> None:
    face = Faces(check(MISFIT), None, None)[2]
    assert face.state is State.MISFIT
    assert [part.text for part in face.parts if part.offends] == ["stride 3"]
    assert face.size == "7×7×8 → ?"
    assert face.note == "1,168 params"
    assert face.misfit is not None
    assert face.misfit.lines == ("stride 3: the", "last window is", "2 px outside")
    assert (face.misfit.start, face.misfit.over) == (6, 2)


@pytest.mark.parametrize(
    ("block", "shape", "setting", "across"),
    [
        (Conv2D(1, 9), (1, 7, 7), "kernel", True),
        (MaxPool2D(2, 2), (1, 7, 8), "stride", False),
        (AvgPool2D(2, 2), (1, 8, 7), "stride", True),
        (Conv2D(1, (9, 3)), (1, 7, 7), "kernel", False),
    ],
)
def test_the_offending_setting_and_direction_are_found(
    block: Conv2D, shape: tuple[int, int, int], setting: str, across: bool
) -> None:
    misfit = misfit_of(block, Shape(shape))
    assert misfit is not None
    assert (misfit.setting, misfit.across) == (setting, across)
    assert misfit.over > 0


def test_where_no_window_is_to_blame_the_sentence_stands_on_the_card() -> None:
    faces = Faces(check(Network((Input(), FullyConnected(5), Conv2D(8, 3)))), None, None)
    assert faces[2].misfit is None
    assert faces[2].sentence.startswith("CONV needs maps")
    assert misfit_of(Conv2D(1, 3), Shape((1, 7, 7))) is None
    assert misfit_of(Conv2D(1, 4, padding="same"), Shape((1, 7, 7))) is None


def test_cards_behind_a_misfit_are_unknown() -> None:
    face = Faces(check(MISFIT), None, None)[3]
    assert (face.state, face.size, face.note) == (State.UNKNOWN, "?", "? params")
    assert face.parts[0].text == "? → 10"


def test_a_preview_says_what_the_size_was() -> None:
    network = Network((Input(), Conv2D(6, 5), MaxPool2D(), FullyConnected(10)))
    faces = Faces(check(network), None, None)
    after = check(network.insert(2, Conv2D(8, 3, padding=1)))
    conv, pool, output = previewed(faces, after, [0, 1, 3, 4])[1:]
    assert (conv.size, conv.note, conv.is_new) == ("24×24×6", "156 params", False)
    assert (pool.size, pool.note, pool.is_new) == ("12×12×8", "was 12×12×6", True)
    assert (output.name, output.size, output.is_new) == ("FC 1", "10", False)


def test_blocks_are_found_again_after_an_edit() -> None:
    a, b, c, other = Conv2D(1, 1), MaxPool2D(), FullyConnected(1), FullyConnected(2)
    assert origins_of((a, b, c), (a, c, b)) == [0, 2, 1]
    assert origins_of((a, b, c), (a, other, c)) == [0, 1, 2]
    assert origins_of((a, b), (a, other, b)) == [0, None, 1]
    assert origins_of((a, a), (a, a, a)) == [0, 1, None]
    assert origins_of((a, b, c), (a,)) == [0]
    assert origins_of((a, a, b, a), (c, a, b, a)) == [0, 1, 2, 3]
    assert origins_of((a, b, a, b), (a, b, a, b, a, b)) == [0, 1, 2, 3, None, None]
    assert origins_of((), (a,)) == [None]
    changed = MaxPool2D(3)
    assert origins_of((a, b, MaxPool2D(), c), (a, other, b, changed, c)) == [0, None, 1, 2, 3]


@pytest.mark.parametrize("shape", [(6, 28, 28), (16, 10, 10), (40, 5, 7), (120,), (500,)], ids=str)
def test_the_part_that_is_repainted_holds_all_that_is_painted(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).random(shape)
    place = picture_place(shape, probe=False)
    white = np.full(256, 0xFFFFFFFF, np.uint32)

    def draw(painter: QPainter) -> None:
        if len(shape) == 1:
            draw_cells(painter, cell_levels(values), white)
        else:
            draw_maps(painter, levels_of(values, MOST_MAPS), white, probe=False)

    image = painted(draw)
    changed = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).name() != "#ff0000"
    ]
    across, down = zip(*changed, strict=True)
    tight = QRectF(min(across), min(down), 0, 0)
    tight.setBottomRight(QPointF(max(across) + 1, max(down) + 1))
    assert tight == place


@pytest.mark.parametrize("shape", [(6, 28, 28), (40, 5, 7), (120,)], ids=str)
def test_maps_and_cells_of_no_numbers_are_hatched(shape: tuple[int, ...]) -> None:
    """Regression: they looked like zero."""
    values = np.zeros(shape)
    assert lost_parts(values) == ()
    values[[2, 5]] = np.nan
    lost, blue = lost_parts(values), QColor("blue")
    assert lost == (2, 5)
    image = painted(lambda painter: draw_lost(painter, lost, shape, blue, probe=False))
    hatched = {
        thumbnails.value_at(QPointF(x + 0.5, y + 0.5), shape, probe=False)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y) == blue
    }
    assert {place[0] for place in hatched if place is not None} == {2, 5}
    assert None not in hatched


def test_a_white_map_is_seen_on_a_white_card() -> None:
    """Regression: in the light theme it vanished."""
    levels = np.full((2, 28, 28), 255, np.uint8)
    white = np.full(256, 0xFFFFFFFF, np.uint32)
    place, _ = map_places(2)

    def draw(painter: QPainter) -> None:
        painter.fillRect(QRectF(0, 0, 184, 152), QColor("white"))
        draw_map_ground(painter, levels, QColor("#DFE2E8"), probe=False)
        draw_maps(painter, levels, white, probe=False)

    image, middle = painted(draw), int(place.center().y())
    left = int(place.left())
    row = [image.pixelColor(x, middle).name() for x in range(left - 2, left + 1)]
    assert row == ["#ffffff", "#dfe2e8", "#ffffff"]
    column = [image.pixelColor(int(place.center().x()), y).name() for y in range(50, 120)]
    assert column.count("#dfe2e8") == 2
