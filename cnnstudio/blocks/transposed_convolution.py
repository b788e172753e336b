"""CONV transposed: the filters painted onto a larger output, as a convolution's gradient is."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from cnnstudio.blocks.activation import ACTIVATION, with_activation
from cnnstudio.blocks.block import (
    Block,
    Family,
    Formula,
    Growth,
    Reach,
    Shape,
    need_maps,
    pair,
    size_words,
    step_words,
)
from cnnstudio.blocks.convolution import BIAS, FILTERS, GROUPS, need_groups
from cnnstudio.blocks.settings import Pair, Size, declare
from cnnstudio.blocks.window import DILATION, KERNEL, Window, sides, windows
from cnnstudio.errors import SizeError


@dataclass(frozen=True)
class ConvTranspose2D(Block):
    """A transposed 2-D convolution: the adjoint of Conv2D with the same settings, plus a bias.

    Every input value times the filter is added to a window of the output; windows of neighbouring
    inputs lie one stride apart (arXiv 1603.07285, section 4). It recovers the size that a
    convolution had taken, not the values.
    """

    family: ClassVar[Family] = Family.CONV
    maps: ClassVar[str] = "K"
    stem: ClassVar[str] = "transposed"
    names: ClassVar[tuple[str, ...]] = ("TRANSPOSED", "transposed conv", "deconv")
    title: ClassVar[str] = "Transposed convolution 2D"
    help: ClassVar[str] = (
        "Paints each filter onto a larger output, once for every input value. It goes the way of a "
        "convolution backwards and brings back its size, but not its values."
    )

    filters: int = declare(FILTERS)
    kernel: Size = declare(KERNEL)
    stride: Size = declare(
        Pair(
            label="Stride",
            help="By how many pixels of the output the filter moves from one input to the next.",
            unit="px",
            minimum=1,
            maximum=255,
        ),
        default=1,
    )
    padding: Size = declare(
        Pair(
            label="Padding",
            help="Rows and columns cut off on each side of the output, as the convolution that it "
            "reverses had added them.",
            unit="px",
            minimum=0,
            maximum=255,
        ),
        default=0,
    )
    output_padding: Size = declare(
        Pair(
            label="Output padding",
            help="Rows and columns added at the bottom and at the right, where a convolution would "
            "have left them unseen.",
            unit="px",
            minimum=0,
            maximum=254,
            rare=True,
        ),
        default=0,
    )
    dilation: Size = declare(DILATION, default=1)
    groups: int = declare(GROUPS, default=1)
    bias: bool = declare(BIAS, default=True)
    activation: str = declare(ACTIVATION, default="none")

    def windows(self) -> tuple[Window, Window]:
        """The windows over the rows and columns of the *output*, one for each input value."""
        return windows(self.kernel, self.stride, self.padding, self.dilation, "floor")

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, height, width); raises SizeError for settings that leave no output."""
        channels, height, width = need_maps(shape, "TRANSPOSED")
        need_groups(self.groups, channels, self.filters)
        return Shape((self.filters, *(side.output() for side in self._sides(height, width))))

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (channels, filters / groups, kernel rows, columns) and ``bias`` (filters,)."""
        shapes: dict[str, tuple[int, ...]] = {
            "weight": (shape[0], self.filters // self.groups, *pair(self.kernel))
        }
        if self.bias:
            shapes["bias"] = (self.filters,)
        return shapes

    def fans(self, shape: Shape) -> tuple[int, int]:
        """Each output sums about kernel / stride inputs a side; an input goes to all the kernel."""
        rows, columns = pair(self.kernel)
        down, right = pair(self.stride)
        inputs = shape[0] // self.groups * rows * columns / (down * right)
        return max(1, round(inputs)), self.filters // self.groups * rows * columns

    def multiply_adds(self, shape: Shape) -> int:
        """One kernel's worth of products for each input value and filter of its group."""
        rows, columns = pair(self.kernel)
        return rows * columns * self.filters // self.groups * shape.size

    def reach(self, shape: Shape) -> Reach:
        """The inputs that meet in one output: the filter's extent over the stride, rounded up."""
        down, right = self.windows()
        return Reach(
            (-(-down.extent // down.stride), -(-right.extent // right.stride)),
            (Fraction(1, down.stride), Fraction(1, right.stride)),
        )

    def growth(self, shape: Shape) -> tuple[Growth, Growth]:
        """As many inputs as meet in one output, less one."""
        rows, columns = (_growth(window) for window in self.windows())
        return rows, columns

    def summary(self) -> str:
        """Such as "6 @ 5x5 · stride 2 · ReLU"."""
        words = f"{self.filters} @ {size_words(self.kernel)} · stride {step_words(self.stride)}"
        if self.padding:
            words += f" · pad {step_words(self.padding)}"
        if self.output_padding:
            words += f" · output pad {step_words(self.output_padding)}"
        if self.dilation != 1:
            words += f" · dilation {step_words(self.dilation)}"
        if self.groups != 1:
            words += f" · groups {self.groups}"
        return with_activation(words, self.activation)

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """The arithmetic of rows and columns, once where they are the same."""
        rows, columns = self._sides(shape[1], shape[2])
        if rows == columns:
            return (rows.formula(),)
        return sides(rows.formula(), columns.formula())

    def parameter_formula(self, shape: Shape) -> Formula:
        """(F*F*C/G + 1) * K."""
        rows, columns = pair(self.kernel)
        over, number = ("/G", f"/{self.groups}") if self.groups != 1 else ("", "")
        plus = " + 1" if self.bias else ""
        return Formula(
            f"(F*F*C{over}{plus}) * K",
            f"({rows}*{columns}*{shape[0]}{number}{plus}) * {self.filters}",
            f"{self.parameters(shape):,}",
        )

    def cost_formula(self, shape: Shape) -> Formula:
        """F*F*K products for each of the H*W*C inputs."""
        rows, columns = pair(self.kernel)
        channels, height, width = shape
        over, number = ("/G", f"/{self.groups}") if self.groups != 1 else ("", "")
        return Formula(
            f"F*F*K{over} * H*W*C",
            f"{rows}*{columns}*{self.filters}{number} * {height}*{width}*{channels}",
            f"{self.multiply_adds(shape):,}",
        )

    def _sides(self, height: int, width: int) -> tuple[_Side, _Side]:
        rows, columns = (
            _Side(size, window, added)
            for size, window, added in zip(
                (height, width), self.windows(), pair(self.output_padding), strict=True
            )
        )
        return rows, columns


def _growth(window: Window) -> Growth:
    """The filter's extent over the stride, rounded up, less one."""
    symbols, numbers = "k", str(window.kernel)
    if window.dilation != 1:
        symbols, numbers = "(d*(k - 1) + 1)", f"({window.dilation}*({window.kernel} - 1) + 1)"
    return Growth(f"(ceil({symbols}/s) - 1)", f"(ceil({numbers}/{window.stride}) - 1)", "j/s")


@dataclass(frozen=True)
class _Side:
    """The size arithmetic in one direction: `size` inputs, `added` pixels of output padding."""

    size: int
    window: Window
    added: int

    def output(self) -> int:
        """The output's size; raises SizeError with the arithmetic where there is none."""
        most = max(self.window.stride, self.window.dilation) - 1
        if self.added > most:
            raise SizeError(
                f"output padding {self.added} must be smaller than the stride {self.window.stride} "
                f"or the dilation {self.window.dilation}; use at most {most}"
            )
        size = self._size()
        if size < 1:
            raise SizeError(
                f"{self._numbers()} = {size} leaves no output; use padding "
                f"{(size + 2 * self.window.padding - 1) // 2} or less"
            )
        return size

    def formula(self) -> Formula:
        """The arithmetic in the symbols of arXiv 1603.07285, dilation only where there is one."""
        kernel = "k" if self.window.dilation == 1 else "d*(k - 1) + 1"
        return Formula(f"s*(i' - 1) + a + {kernel} - 2*p", self._numbers(), str(self._size()))

    def _size(self) -> int:
        window = self.window
        return window.stride * (self.size - 1) + self.added + window.extent - 2 * window.padding

    def _numbers(self) -> str:
        window = self.window
        kernel = str(window.kernel)
        if window.dilation != 1:
            kernel = f"{window.dilation}*({window.kernel} - 1) + 1"
        start = f"{window.stride}*({self.size} - 1) + {self.added}"
        return f"{start} + {kernel} - 2*{window.padding}"
