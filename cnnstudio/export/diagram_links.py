"""What leads from one block of the diagram to the next: arrows, windows, and fans into units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cnnstudio.blocks.window import Windowed
from cnnstudio.errors import SizeError
from cnnstudio.export.diagram_box import Box
from cnnstudio.export.diagram_style import Style
from cnnstudio.export.svg import Drawing, Point

if TYPE_CHECKING:
    from cnnstudio.export.diagram_parts import Part

_HEAD = 6.0
_AIR = 3.0
"""Between a body and the arrow at it."""


def arrow(drawing: Drawing, start: Point, end: Point, color: str) -> None:
    """A straight arrow."""
    length = math.dist(start, end)
    if length < 1:
        return
    across, down = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    back = (end[0] - across * _HEAD, end[1] - down * _HEAD)
    half = _HEAD * 0.45
    wings = [(back[0] - down * side, back[1] + across * side) for side in (half, -half)]
    drawing.line([start, back], color)
    drawing.polygon([end, *wings], color)


def draw_link(
    drawing: Drawing, before: tuple[Part, float], after: tuple[Part, float], y: float, style: Style
) -> None:
    """What lies behind the bodies: a fan into units that see everything, else an arrow.

    Where a window with its lines leads on there is neither.
    """
    (first, x), (second, further) = before, after
    if _fans_out(first, second):
        assert isinstance(first.body, Box)
        assert isinstance(second.body, Box)
        _draw_fan(drawing, (first.body, x), (second.body, further), y, style)
        return
    if _window_share(first, second) is not None:
        return
    start, end = x + first.body.right + _AIR, further - second.body.left - _AIR
    arrow(drawing, (start, y), (end, y), style.wire)


def _fans_out(first: Part, second: Part) -> bool:
    """Whether every unit of the second block depends on all of the first."""
    boxes = isinstance(first.body, Box) and isinstance(second.body, Box) and second.body.flat
    return boxes and second.block.sees_everything


def _draw_fan(
    drawing: Drawing, before: tuple[Box, float], after: tuple[Box, float], y: float, style: Style
) -> None:
    """From the first box's far edge to the second's near one."""
    (first, x), (second, further) = before, after
    near = [_moved(first.point(0, 1, up), x + 1, y) for up in (1, 0)]
    far = [_moved(second.point(1, 0, up), further - 1, y) for up in (0, 1)]
    drawing.polygon([*near, *far], style.wire, fill_opacity="0.08")
    for start, end in ((near[0], far[1]), (near[1], far[0])):
        drawing.line([start, end], style.wire, 0.7, stroke_opacity="0.7")


def draw_window(
    drawing: Drawing, before: tuple[Part, float], after: tuple[Part, float], y: float, style: Style
) -> None:
    """The window of the second block on the first, with lines to the one value that it makes."""
    (first, x), (second, further) = before, after
    sides = _window_share(first, second)
    if sides is None:
        return
    assert isinstance(first.body, Box)
    assert isinstance(second.body, Box)
    color = style.color(second.block)
    corners = first.body.draw_window(drawing, x, y, sides, color)
    target = _moved(second.body.point(0.5, 0, 0.62), further, y)
    for corner in corners:
        drawing.line([corner, target], color, 0.6, stroke_opacity="0.75")
    drawing.circle(*target, 2, color)


def _window_share(first: Part, second: Part) -> tuple[float, float] | None:
    """The window's share of the height and width of what it slides over; None without one."""
    shape = second.input_shape
    if not isinstance(first.body, Box) or not isinstance(second.body, Box):
        return None
    if shape is None or shape.is_flat or not isinstance(second.block, Windowed):
        return None
    try:
        rows, columns = second.block.windows()
    except SizeError:
        return None
    return rows.extent / shape[1], columns.extent / shape[2]


def _moved(point: Point, x: float, y: float) -> Point:
    return point[0] + x, point[1] + y
