"""CONV with a connection table: each filter sees only the maps that the table links to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.activation import ACTIVATION, with_activation
from cnnstudio.blocks.block import (
    Family,
    Formula,
    Shape,
    need_maps,
    pair,
    size_words,
)
from cnnstudio.blocks.convolution import BIAS, Conv2D, padding_words
from cnnstudio.blocks.settings import Links, Size, Table, declare
from cnnstudio.blocks.window import (
    KERNEL,
    PADDING,
    ROUNDING,
    STRIDE,
    Window,
    Windowed,
    fit,
    padding_size,
    windows,
)
from cnnstudio.errors import SizeError

TABLES: Mapping[str, Links] = {
    "lenet5": (
        *(tuple(sorted((n, (n + 1) % 6, (n + 2) % 6))) for n in range(6)),
        *(tuple(sorted((n, (n + 1) % 6, (n + 2) % 6, (n + 3) % 6))) for n in range(6)),
        (0, 1, 3, 4),
        (1, 2, 4, 5),
        (0, 2, 3, 5),
        (0, 1, 2, 3, 4, 5),
    ),
}
"""The tables with a name. ``lenet5`` is layer C3 of LeNet-5 (LeCun 1998, table I): 16 filters on 6
maps with 60 links. Three neighbours, four neighbours, two and two, then all six."""


@dataclass(frozen=True)
class TableConv2D(Windowed):
    """A convolution whose filter `f` sees only the maps ``links[f]`` of the input.

    The weights are those of the links in the table's order: ``(links, kernel rows, columns)``.
    """

    family: ClassVar[Family] = Family.CONV
    maps: ClassVar[str] = "K"
    stem: ClassVar[str] = "conv"
    names: ClassVar[tuple[str, ...]] = ("CONV table", "table conv", "table")
    title: ClassVar[str] = "Convolution with a table"
    help: ClassVar[str] = (
        "A convolution whose filters see only some of the maps, those that its connection table "
        "links to them. LeNet-5 saved weights with it and made its filters learn different things."
    )

    kernel: Size = declare(KERNEL)
    table: Links | str = declare(
        Table(
            label="Table",
            help="For each filter the maps that it sees, numbered from 0. There are as many "
            "filters as lists; lenet5 is the table of LeNet-5, 16 filters on 6 maps.",
            maximum=4096,
            words={"lenet5": "LeNet-5"},
        ),
        default="lenet5",
    )
    stride: Size = declare(STRIDE, default=1)
    padding: Size | str = declare(PADDING, default=0)
    bias: bool = declare(BIAS, default=True)
    activation: str = declare(ACTIVATION, default="none")
    rounding: str = declare(ROUNDING, default="exact")

    @property
    def links(self) -> Links:
        """For each filter the maps that it sees, numbered from 0 in rising order."""
        return TABLES[self.table] if isinstance(self.table, str) else self.table

    @property
    def filters(self) -> int:
        """How many maps the block makes."""
        return len(self.links)

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The filter and the map of every link, in the order of the weights."""
        return tuple((filter_, m) for filter_, maps in enumerate(self.links) for m in maps)

    @property
    def link_count(self) -> int:
        """How many pairs of a filter and a map the table links."""
        return sum(len(maps) for maps in self.links)

    def dense(self) -> Conv2D:
        """The convolution that does the same with zeros for the pairs that are not linked."""
        return Conv2D(
            self.filters,
            self.kernel,
            self.stride,
            self.padding,
            bias=self.bias,
            activation=self.activation,
            rounding=self.rounding,
        )

    def windows(self) -> tuple[Window, Window]:
        """The filter's windows over rows and columns; raises SizeError for an even "same"."""
        return windows(self.kernel, self.stride, self.padding_size(), rounding=self.rounding)

    def padding_size(self) -> Size:
        """The padding in pixels; raises SizeError when "same" cannot be symmetric."""
        return padding_size(self.padding, self.kernel)

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, height, width); raises SizeError for a link to a map that is not there."""
        channels, height, width = need_maps(shape, "CONV")
        needed = 1 + max(maps[-1] for maps in self.links)
        if channels < needed:
            raise SizeError(
                f"its table links to map {needed - 1}, counted from 0, so it needs at least "
                f"{needed} maps, but gets {channels}; use {needed} filters before it, or another "
                "table"
            )
        return Shape((self.filters, *fit(self.windows(), height, width)))

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (links, kernel rows, kernel columns) and ``bias`` (filters,)."""
        shapes: dict[str, tuple[int, ...]] = {"weight": (self.link_count, *pair(self.kernel))}
        if self.bias:
            shapes["bias"] = (self.filters,)
        return shapes

    def fans(self, shape: Shape) -> tuple[int, int]:
        """Inputs of an output and outputs of an input, on the average of the table, rounded."""
        inputs = math.prod(pair(self.kernel)) * self.link_count
        return round(inputs / self.filters), round(inputs / shape[0])

    def multiply_adds(self, shape: Shape) -> int:
        """One kernel's worth of products for each link and each place of the maps."""
        _, height, width = self.output_shape(shape)
        return math.prod(pair(self.kernel)) * self.link_count * height * width

    def summary(self) -> str:
        """Such as "16 @ 5x5 · 60 links · stride 1 · scaled tanh"."""
        words = f"{self.filters} @ {size_words(self.kernel)} · {self.link_count} links"
        words += f" · {self.steps(self.stride)}"
        words += f" · {padding_words(self.padding)}" if self.padding else ""
        return with_activation(words, self.activation)

    def parameter_formula(self, shape: Shape) -> Formula:
        """F*F*L + K, where L counts the links."""
        rows, columns = pair(self.kernel)
        symbol, number = (" + K", f" + {self.filters}") if self.bias else ("", "")
        return Formula(
            f"F*F*L{symbol}",
            f"{rows}*{columns}*{self.link_count}{number}",
            f"{self.parameters(shape):,}",
        )

    def cost_formula(self, shape: Shape) -> Formula:
        """F*F products for each link and each of the H*W places."""
        rows, columns = pair(self.kernel)
        _, height, width = self.output_shape(shape)
        return Formula(
            "F*F*L * H*W",
            f"{rows}*{columns}*{self.link_count} * {height}*{width}",
            f"{self.multiply_adds(shape):,}",
        )
