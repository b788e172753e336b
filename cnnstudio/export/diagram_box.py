"""The isometric boxes of the diagram: their sides follow height x width x channels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cnnstudio.blocks import Shape
from cnnstudio.export.diagram_style import Style
from cnnstudio.export.svg import Drawing, Point, mix

_ACROSS, _UP = math.cos(math.pi / 6), 0.5
"""How far a side of 1 leads across and up: the axes of depth and width rise by 30 degrees."""

_MOST_SLICES = 16
_COLUMN = 10.0
"""The base of a row of units."""

_THIN = 7.0
"""The depth of a block that leaves its input's size and has nothing to show for itself."""


@dataclass(frozen=True)
class Box:
    """A box around its middle: `depth` leads to the left (channels), `width` to the right."""

    height: float
    width: float
    depth: float
    slices: int
    flat: bool = False

    @property
    def left(self) -> float:
        """How far it reaches to the left of its middle."""
        return (self.depth + self.width) * _ACROSS / 2

    @property
    def right(self) -> float:
        """How far it reaches to the right of its middle."""
        return self.left

    @property
    def above(self) -> float:
        """How far it reaches above its middle."""
        return (self.height + (self.depth + self.width) * _UP) / 2

    @property
    def below(self) -> float:
        """How far it reaches below its middle."""
        return self.above

    def point(self, depth: float, width: float, height: float) -> Point:
        """A place in the box, each from 0 to 1: from the near edge along each side, and up."""
        across = (width * self.width - depth * self.depth) * _ACROSS
        up = height * self.height + (depth * self.depth + width * self.width) * _UP
        middle = (self.width - self.depth) * _ACROSS / 2
        return across - middle, self.below - up

    def draw(self, drawing: Drawing, x: float, y: float, color: str, style: Style) -> None:
        """Draw it with its middle at (x, y)."""
        edge = mix(color, "#000000", 0.15)
        faces = (
            (((0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)), 0.42),
            (((0, 0, 0), (0, 1, 0), (0, 1, 1), (0, 0, 1)), 0.66),
            (((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)), 0.82),
        )
        for corners, share in faces:
            points = [self._at(x, y, corner) for corner in corners]
            fill = mix(color, style.paper, share)
            drawing.polygon(points, fill, edge, stroke_width="0.9", stroke_linejoin="round")
        for line in self._slice_lines():
            points = [self._at(x, y, corner) for corner in line]
            drawing.line(points, mix(color, style.paper, 0.15), 0.5)

    def draw_window(
        self, drawing: Drawing, x: float, y: float, sides: tuple[float, float], color: str
    ) -> list[Point]:
        """Draw a window of these shares of height and width on the map's face; its corners."""
        down, right = (min(1.0, side) for side in sides)
        low, near = (1 - down) * 0.62, (1 - right) * 0.5
        corners = ((low, near), (low, near + right), (low + down, near + right), (low + down, near))
        points = [self._at(x, y, (0, across, up)) for up, across in corners]
        drawing.polygon(
            points, color, color, fill_opacity="0.25", stroke_width="1.1", stroke_linejoin="round"
        )
        return points

    def _at(self, x: float, y: float, place: tuple[float, float, float]) -> Point:
        across, down = self.point(*place)
        return x + across, y + down

    def _slice_lines(self) -> list[list[tuple[float, float, float]]]:
        """Thin lines between the channels, or rings round a row of units."""
        steps = [step / self.slices for step in range(1, self.slices)]
        if self.flat:
            return [[(1, 0, step), (0, 0, step), (0, 1, step)] for step in steps]
        return [[(step, 0, 0), (step, 0, 1), (step, 1, 1)] for step in steps]


@dataclass(frozen=True)
class Scale:
    """How sizes become pixels: `side` for maps of `pixels`, the network's largest."""

    side: float
    pixels: int

    def box(self, shape: Shape, *, thin: bool = False) -> Box:
        """The box of `shape`; a `thin` one shows no depth."""
        if shape.is_flat:
            height = min(1.7 * self.side, self.side * (0.2 + 0.085 * math.sqrt(shape[0])))
            base = _COLUMN * (0.6 if thin else 1.0)
            rings = 1 if thin else min(14, max(2, round(height / 7)))
            return Box(height, base, base, rings, flat=True)
        channels, rows, columns = shape
        depth = _THIN if thin else min(1.3 * self.side, 3 + self.side * 0.045 * channels**0.62)
        slices = 1 if thin else min(_MOST_SLICES, channels, max(1, round(depth / 2.5)))
        return Box(self._side(rows), self._side(columns), depth, slices)

    def _side(self, pixels: int) -> float:
        """Between a seventh of the largest side and the whole."""
        share = math.pow(pixels / self.pixels, 0.8)
        return self.side * (0.14 + 0.86 * share)
