"""CONV without sharing: other filters at every place, or a few sets of filters in turn.

Goodfellow, Bengio and Courville, Deep Learning (2016), section 9.5: unshared convolution and, as
the compromise between it and ordinary convolution, tiled convolution.
"""

from __future__ import annotations

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
from cnnstudio.blocks.convolution import BIAS, FILTERS, padding_words
from cnnstudio.blocks.settings import Pair, Size, Switch, declare
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


class UnsharedConvolution(Windowed):
    """A convolution with several sets of filters, each used at its own places of the output."""

    family: ClassVar[Family] = Family.CONV
    maps: ClassVar[str] = "K"

    filters: int
    kernel: Size
    stride: Size
    padding: Size | str
    bias: bool
    activation: str

    def sets(self, shape: Shape) -> tuple[int, int]:
        """How many sets of filters take turns along the output's rows and along its columns."""
        raise NotImplementedError

    def windows(self) -> tuple[Window, Window]:
        """The filter's windows over rows and columns; raises SizeError for an even "same"."""
        padding = padding_size(self.padding, self.kernel)
        return windows(self.kernel, self.stride, padding, rounding=self.rounding)

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, height, width) of the maps; raises SizeError when the windows do not fit."""
        _, height, width = need_maps(shape, self.stem.upper())
        return Shape((self.filters, *fit(self.windows(), height, width)))

    def fans(self, shape: Shape) -> tuple[int, int]:
        """As in an ordinary convolution: one window of inputs, one kernel of each filter."""
        rows, columns = pair(self.kernel)
        return rows * columns * shape[0], rows * columns * self.filters

    def multiply_adds(self, shape: Shape) -> int:
        """One kernel's worth of products for each value of each map, as in a convolution."""
        rows, columns = pair(self.kernel)
        return rows * columns * shape[0] * self.output_shape(shape).size

    def summary(self) -> str:
        """Such as "6 @ 5x5 · stride 1 · ReLU"."""
        words = f"{self.filters} @ {size_words(self.kernel)} · {self.steps(self.stride)}"
        if self.padding:
            words += f" · {padding_words(self.padding)}"
        return with_activation(words, self.activation)

    def cost_formula(self, shape: Shape) -> Formula:
        """F*F*C products for each of the H*W*K outputs."""
        rows, columns = pair(self.kernel)
        filters, height, width = self.output_shape(shape)
        return Formula(
            "F*F*C * H*W*K",
            f"{rows}*{columns}*{shape[0]} * {height}*{width}*{filters}",
            f"{self.multiply_adds(shape):,}",
        )

    def _weight_shape(self, shape: Shape) -> tuple[int, ...]:
        return (*self.sets(shape), self.filters, shape[0], *pair(self.kernel))


@dataclass(frozen=True)
class LocallyConnected2D(UnsharedConvolution):
    """Unshared convolution: every place of the output has filters and biases of its own."""

    stem: ClassVar[str] = "local"
    names: ClassVar[tuple[str, ...]] = ("LOCAL", "locally connected", "local conv", "conv local")
    title: ClassVar[str] = "Locally connected 2D"
    help: ClassVar[str] = (
        "Looks through small windows as a convolution does, but learns other filters for every "
        "place. It suits pictures whose parts always lie at the same place, and needs many weights."
    )

    filters: int = declare(FILTERS)
    kernel: Size = declare(KERNEL)
    stride: Size = declare(STRIDE, default=1)
    padding: Size | str = declare(PADDING, default=0)
    bias: bool = declare(
        Switch(label="Bias", help="Whether each filter adds a learned constant at each place."),
        default=True,
    )
    activation: str = declare(ACTIVATION, default="none")
    rounding: str = declare(ROUNDING, default="exact")

    def sets(self, shape: Shape) -> tuple[int, int]:
        """As many as there are outputs."""
        _, height, width = self.output_shape(shape)
        return height, width

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (output rows, columns, filters, channels, kernel rows, columns), ``bias``.

        The bias is (filters, output rows, output columns).
        """
        shapes = {"weight": self._weight_shape(shape)}
        if self.bias:
            shapes["bias"] = tuple(self.output_shape(shape))
        return shapes

    def parameter_formula(self, shape: Shape) -> Formula:
        """(F*F*C + 1) for each of the H*W*K outputs."""
        rows, columns = pair(self.kernel)
        filters, height, width = self.output_shape(shape)
        plus = " + 1" if self.bias else ""
        return Formula(
            f"(F*F*C{plus}) * H*W*K",
            f"({rows}*{columns}*{shape[0]}{plus}) * {height}*{width}*{filters}",
            f"{self.parameters(shape):,}",
        )


@dataclass(frozen=True)
class TiledConv2D(UnsharedConvolution):
    """Tiled convolution: neighbouring outputs have different filters, which repeat every few.

    The output at row r and column c uses set (r mod tile rows, c mod tile columns) of the filters;
    the bias is that of the map. One tile is an ordinary convolution, tiles of the output's size
    are a locally connected one.
    """

    stem: ClassVar[str] = "tiled"
    names: ClassVar[tuple[str, ...]] = ("TILED", "tiled conv", "conv tiled")
    title: ClassVar[str] = "Tiled convolution 2D"
    help: ClassVar[str] = (
        "A convolution that rotates through a few sets of filters as it moves over the image. "
        "Neighbouring outputs have different filters, and the same ones come back after each tile."
    )

    filters: int = declare(FILTERS)
    kernel: Size = declare(KERNEL)
    tiles: Size = declare(
        Pair(
            label="Tiles",
            help="How many sets of filters take turns along the rows and along the columns.",
            minimum=1,
            maximum=255,
        ),
        default=2,
    )
    stride: Size = declare(STRIDE, default=1)
    padding: Size | str = declare(PADDING, default=0)
    bias: bool = declare(BIAS, default=True)
    activation: str = declare(ACTIVATION, default="none")
    rounding: str = declare(ROUNDING, default="exact")

    def sets(self, shape: Shape) -> tuple[int, int]:
        """The tiles."""
        return pair(self.tiles)

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, height, width); raises SizeError when windows or tiles do not fit."""
        output = super().output_shape(shape)
        most = [min(sides) for sides in zip(pair(self.tiles), output[1:], strict=True)]
        if tuple(most) != pair(self.tiles):
            raise SizeError(
                f"{size_words(self.tiles)} tiles are more than the {output[1]}x{output[2]} places "
                f"of the output, so some filters would never be used; use {most[0]}x{most[1]} tiles"
            )
        return output

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (tile rows, columns, filters, channels, kernel rows, columns), ``bias``.

        The bias is (filters,).
        """
        shapes = {"weight": self._weight_shape(shape)}
        if self.bias:
            shapes["bias"] = (self.filters,)
        return shapes

    def summary(self) -> str:
        """Such as "6 @ 5x5 · stride 1 · tiles 2x2 · ReLU"."""
        plain = f"{self.filters} @ {size_words(self.kernel)}"
        return super().summary().replace(plain, f"{plain} · tiles {size_words(self.tiles)}", 1)

    def parameter_formula(self, shape: Shape) -> Formula:
        """(T*T*F*F*C + 1) * K."""
        down, right = pair(self.tiles)
        rows, columns = pair(self.kernel)
        plus = " + 1" if self.bias else ""
        return Formula(
            f"(T*T*F*F*C{plus}) * K",
            f"({down}*{right}*{rows}*{columns}*{shape[0]}{plus}) * {self.filters}",
            f"{self.parameters(shape):,}",
        )
