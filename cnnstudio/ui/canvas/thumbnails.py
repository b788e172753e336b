"""Activations as pictures on a card: maps, and cells of a row of units."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath

from cnnstudio.ui.canvas import stencil
from cnnstudio.ui.canvas.paint import box
from cnnstudio.ui.canvas.stencil import Rectangle, Stencil
from cnnstudio.ui.parts.hatch import lost
from cnnstudio.ui.theme import Theme

AREA = QRectF(8, 56, 168, 64)
"""The part of a card that shows activations."""
PROBE = QRectF(12, 56, 64, 64)
"""The part of the Input's card that shows the probe image."""
MOST_MAPS = 16
CELL_COLUMNS = 20
MOST_CELLS = 8 * CELL_COLUMNS

_ROUND = 2.0
_CELL = 7
_CELL_PITCH = 8
_NOTHING = 1e-35
"""Maps whose values are all below it are dark: a byte for a smaller one is no float32."""
_QUIETEST = 0.25
"""A map is scaled to its maximum, but at least to this share of the layer's: dead stays dark."""


def levels_of(maps: NDArray[np.floating], most: int | None = None) -> NDArray[np.uint8]:
    """The first `most` of the maps ``(C, H, W)`` as bytes, 0 to the map's maximum.

    See the module's scaling rule, which looks at all maps.
    """
    own = maps.max(axis=(1, 2))
    if not np.isfinite(own).all():
        maps = np.nan_to_num(maps, nan=0.0, posinf=0.0, neginf=0.0)
        own = maps.max(axis=(1, 2))
    scale = np.maximum(own, _QUIETEST * own.max(initial=0.0))[:most]
    scale[scale < _NOTHING] = 1.0
    shares = maps[:most] * (255 / scale)[:, np.newaxis, np.newaxis]
    return np.asarray(np.rint(np.clip(shares, 0, 255)), np.uint8)


def cell_levels(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The first units of a row as bytes, 0 to their maximum."""
    return levels_of(values[np.newaxis, np.newaxis, :MOST_CELLS]).reshape(-1)


def lost_parts(values: NDArray[np.floating]) -> tuple[int, ...]:
    """Which of the maps or units that a card shows have values that are no numbers."""
    shown = values[: MOST_CELLS if values.ndim == 1 else MOST_MAPS]
    where = lost(shown)
    return () if where is None else tuple(np.flatnonzero(where.reshape(len(shown), -1).any(axis=1)))


def strongest(levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The map ``(H, W)`` with the highest mean."""
    return np.asarray(levels[levels.sum(axis=(1, 2)).argmax()], np.uint8)


_TWO_ROWS = {5: (28.0, 4.0), 6: (24.0, 4.0), 7: (20.0, 3.0), 8: (18.0, 3.0)}
"""Side of a map and gap for so many columns, in pixels."""


def map_places(count: int) -> list[QRectF]:
    """Where `count` maps (at most 16) stand on a card."""
    if count == 1:
        tile, gap, columns = 64.0, 0.0, 1
    elif count <= 8:
        tile, gap = 28.0, 4.0
        columns = {2: 2, 4: 2}.get(count, 3 if count <= 6 else 4)
    else:
        columns = -(-count // 2)
        tile, gap = _TWO_ROWS[columns]
    rows = -(-count // columns)
    width, height = columns * (tile + gap) - gap, rows * (tile + gap) - gap
    left = round(AREA.center().x() - width / 2)
    top = round(AREA.center().y() - height / 2)
    step = tile + gap
    return [
        QRectF(left + step * (i % columns), top + step * (i // columns), tile, tile)
        for i in range(count)
    ]


@lru_cache(maxsize=256)
def picture_place(shape: tuple[int, ...], *, probe: bool) -> QRectF:
    """The part of a card that shows activations of `shape`."""
    return stencil.around(_places(shape, probe=probe))


def draw_lost(
    painter: QPainter,
    parts: tuple[int, ...],
    shape: tuple[int, ...],
    colour: QColor,
    *,
    probe: bool,
) -> None:
    """Hatch the maps or cells whose values are no numbers, so that they are not taken for zero."""
    places = _places(shape, probe=probe)
    for part in parts[: len(places)]:
        painter.fillRect(QRect(*places[part]), QBrush(colour, Qt.BrushStyle.BDiagPattern))


def _places(shape: tuple[int, ...], *, probe: bool) -> tuple[Rectangle, ...]:
    """Where the maps or cells of a card stand."""
    if len(shape) == 1:
        return _cells(min(shape[0], MOST_CELLS), 1)
    return _map_tiles(min(shape[0], MOST_MAPS), (shape[1], shape[2]), 1, probe)[0]


def value_at(point: QPointF, shape: tuple[int, ...], *, probe: bool) -> tuple[int, ...] | None:
    """Which of the values of `shape` is drawn at `point` of a card; None beside them."""
    rows, columns = shape[1:] or (1, 1)
    for number, (left, top, width, height) in enumerate(_places(shape, probe=probe)):
        across, down = (point.x() - left) / width, (point.y() - top) / height
        if 0 <= across < 1 and 0 <= down < 1:
            place = number, int(down * rows), int(across * columns)
            return place[: len(shape)]
    return None


def draw_maps(
    painter: QPainter, levels: NDArray[np.uint8], colours: NDArray[np.uint32], *, probe: bool
) -> None:
    """Draw the maps ``(n, H, W)`` of a card as one picture; `probe` for the Input's.

    Each call into Qt may have to wait for its turn beside training threads, so that a card makes
    one and not three for each map.
    """
    ratio = stencil.ratio_of(painter) or stencil.VECTOR_RATIO
    count, rows, columns = levels.shape
    places, shape = _map_tiles(count, (rows, columns), ratio, probe)
    shown = stencil.reduced(levels, shape)
    _draw(painter, stencil.tiles(places, shape, _ROUND, ratio), shown, colours)


def draw_map_ground(
    painter: QPainter, levels: NDArray[np.uint8], colour: QColor, *, probe: bool
) -> None:
    """A hairline around each of the maps, so that a white one is seen on a white card."""
    ratio = stencil.ratio_of(painter) or stencil.VECTOR_RATIO
    count, rows, columns = levels.shape
    painter.fillPath(_map_ground(count, (rows, columns), ratio, probe), colour)


@lru_cache(maxsize=64)
def _map_ground(count: int, shape: tuple[int, int], ratio: int, probe: bool) -> QPainterPath:
    path, places = QPainterPath(), _map_tiles(count, shape, ratio, probe)[0]
    for place in places:
        left, top, width, height = (side / ratio for side in place)
        path.addRoundedRect(left - 1, top - 1, width + 2, height + 2, _ROUND + 1, _ROUND + 1)
    return path


@lru_cache(maxsize=64)
def _map_tiles(
    count: int, shape: tuple[int, int], ratio: int, probe: bool
) -> tuple[tuple[Rectangle, ...], tuple[int, int]]:
    """Pixels of the maps, in their proportions, and the size to which larger ones are reduced."""
    tiles = [PROBE] if probe else map_places(count)
    rows, columns = shape
    side = tiles[0].width() * ratio
    scale = side / max(rows, columns)
    height, width = max(1, round(rows * scale)), max(1, round(columns * scale))
    inset_x, inset_y = round((side - width) / 2), round((side - height) / 2)
    places = tuple(
        (round(t.x() * ratio) + inset_x, round(t.y() * ratio) + inset_y, width, height)
        for t in tiles
    )
    return places, (min(rows, height), min(columns, width))


def draw_empty_maps(painter: QPainter, count: int, theme: Theme) -> None:
    """The places of maps whose values are not there yet."""
    for place in map_places(min(count, MOST_MAPS)):
        box(painter, place, 2, theme.color("inset"))


def draw_cells(painter: QPainter, levels: NDArray[np.uint8], colours: NDArray[np.uint32]) -> None:
    """Draw a row of units as cells, in one picture."""
    ratio = stencil.ratio_of(painter) or stencil.VECTOR_RATIO
    _draw(painter, stencil.tiles(_cells(len(levels), ratio), (1, 1), 0, ratio), levels, colours)


def draw_cell_ground(painter: QPainter, count: int, colour: QColor) -> None:
    """A ground between and around `count` cells, on which a white one can be seen."""
    places = _cells(min(count, MOST_CELLS), 1)
    rows: dict[int, list[Rectangle]] = {}
    for place in places:
        rows.setdefault(place[1], []).append(place)
    for row in rows.values():
        left, top, _, _ = row[0]
        painter.fillRect(left - 1, top - 1, _CELL_PITCH * len(row) + 1, _CELL_PITCH + 1, colour)


@lru_cache(maxsize=64)
def _cells(count: int, ratio: int) -> tuple[Rectangle, ...]:
    """Pixels of `count` cells."""
    columns = min(CELL_COLUMNS, count)
    rows = -(-count // columns)
    left = round(AREA.center().x() - (columns * _CELL_PITCH - 1) / 2)
    top = round(AREA.center().y() - (rows * _CELL_PITCH - 1) / 2)
    corners = (
        (left + _CELL_PITCH * (i % columns), top + _CELL_PITCH * (i // columns))
        for i in range(count)
    )
    return tuple((x * ratio, y * ratio, _CELL * ratio, _CELL * ratio) for x, y in corners)


def draw_empty_cells(painter: QPainter, count: int, theme: Theme) -> None:
    """The cells of a row of units whose values are not there yet."""
    colours = np.full(256, theme.color("inset").rgba(), np.uint32)
    draw_cells(painter, np.zeros(min(count, MOST_CELLS), np.uint8), colours)


def _draw(
    painter: QPainter, form: Stencil, levels: NDArray[np.uint8], colours: NDArray[np.uint32]
) -> None:
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(form.place, form.picture(levels, colours))
