"""A block at its place in the ONNX graph, with what adds nodes and constants in its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import Shape
from cnnstudio.blocks.window import Window
from cnnstudio.export.onnx_graph import Graph
from cnnstudio.network import BlockReport


@dataclass(frozen=True)
class Place:
    """A block in its graph: what is known of it, the network's arrays, and the edge that enters it.

    Every edge and constant of the block begins with its key ("conv1.relu"), every node with its
    name ("CONV 1 ReLU"). `arrays` are the parameters and statistics of the whole network by name.
    """

    graph: Graph
    entry: BlockReport
    arrays: Mapping[str, NDArray[Any]]
    source: str

    @property
    def before(self) -> Shape:
        """The size of the block's input."""
        assert self.entry.input_shape is not None
        return self.entry.input_shape

    @property
    def after(self) -> Shape:
        """The size of the block's output."""
        assert self.entry.output_shape is not None
        return self.entry.output_shape

    def array(self, part: str) -> NDArray[Any] | None:
        """The block's parameter or statistic `part`, such as "weight"; None if it has none."""
        return self.arrays.get(f"{self.entry.key}.{part}")

    def weights(self, *parts: str) -> tuple[str, ...]:
        """Those of the block's arrays that it has, as constants of the graph."""
        arrays = ((part, self.array(part)) for part in parts)
        return tuple(self.constant(part, a) for part, a in arrays if a is not None)

    def constant(self, part: str, values: NDArray[Any]) -> str:
        """A constant of the block; floats are stored as float32. Returns its name."""
        return self.graph.constant(f"{self.entry.key}.{part}", values)

    def number(self, part: str, value: float) -> str:
        """A constant number of the block. Returns its name."""
        return self.graph.number(f"{self.entry.key}.{part}", value)

    def node(self, kind: str, *sources: str, **attributes: Any) -> str:
        """The block's main node, whose edge is the block's own."""
        key, name = self.entry.key, self.entry.name
        return self.graph.node(kind, name, sources, key, self.after, **attributes)

    def step(
        self,
        kind: str,
        sources: tuple[str, ...],
        words: str,
        shape: tuple[int, ...] | None = None,
        **attributes: Any,
    ) -> str:
        """A node beside the main one, of the block's output size unless `shape` is given."""
        target = f"{self.entry.key}.{words.lower().replace(' ', '_')}"
        name = f"{self.entry.name} {words}"
        return self.graph.node(kind, name, sources, target, shape or self.after, **attributes)

    def pad(
        self,
        edge: str,
        sides: tuple[int, int],
        *,
        overhang: tuple[int, int] = (0, 0),
        shape: tuple[int, ...] | None = None,
        mode: str = "constant",
        fill: float = -0.0,
    ) -> str:
        """A border, `sides` rows above and below and columns left and right, the `overhang` after.

        It holds `fill`, or with the modes "reflect", "edge" and "wrap" the maps themselves, which
        are of the block's input size unless `shape` is given. Zeros should be negative ones:
        onnxruntime moves a border of positive zeros into the pool behind it, which then ignores,
        counts or refuses it.
        """
        top, left, bottom, right = pads(sides, overhang)
        channels, height, width = shape or self.before
        padded = (channels, top + height + bottom, left + width + right)
        widths = np.array([0, 0, top, left, 0, 0, bottom, right], np.int64)
        sources = [edge, self.constant("border", widths)]
        if mode == "constant":
            sources.append(self.number("fill", fill))
        return self.step("Pad", tuple(sources), "padding", padded, mode=mode)


def overhangs(windows: tuple[Window, Window], shape: Shape) -> tuple[int, int]:
    """By how many rows and columns the last windows hang over the padded maps of `shape`."""
    rows, columns = windows
    return rows.overhang(shape[1]), columns.overhang(shape[2])


def paddings(windows: tuple[Window, Window]) -> tuple[int, int]:
    """The padding on each side, over rows and over columns."""
    return windows[0].padding, windows[1].padding


def pads(sides: tuple[int, int], overhang: tuple[int, int]) -> list[int]:
    """The attribute: top, left, bottom, right; windows that hang over need more at the end."""
    return [*sides, sides[0] + overhang[0], sides[1] + overhang[1]]
