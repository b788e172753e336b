"""CONV: small filters that slide over the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.activation import ACTIVATION, with_activation
from cnnstudio.blocks.block import (
    Block,
    Family,
    Formula,
    Reach,
    Shape,
    need_maps,
    pair,
    size_words,
    step_words,
)
from cnnstudio.blocks.settings import Pair, Size, Switch, WholeNumber, declare
from cnnstudio.blocks.window import ROUNDING, Window, fit, reach, size_formulas, windows
from cnnstudio.errors import SizeError


@dataclass(frozen=True)
class Conv2D(Block):
    """A 2-D convolution (computed as cross-correlation, like PyTorch and ONNX).

    ``padding="same"`` is (effective kernel - 1) / 2 on each side, which needs an odd kernel and
    keeps the size at stride 1. The filters always span all channels of the input.
    """

    family: ClassVar[Family] = Family.CONV
    stem: ClassVar[str] = "conv"
    title: ClassVar[str] = "Convolution 2D"
    help: ClassVar[str] = (
        "Filters slide over the image spatially, computing dot products. Each filter learns one "
        "pattern, and its map shows where the pattern occurs."
    )

    filters: int = declare(
        WholeNumber(
            label="Filters",
            help="How many patterns the block looks for. Each filter gives one map.",
            minimum=1,
            maximum=4096,
        )
    )
    kernel: Size = declare(
        Pair(
            label="Kernel",
            help="Height and width of each filter. Its depth is always that of the input.",
            unit="px",
            minimum=1,
            maximum=255,
        )
    )
    stride: Size = declare(
        Pair(
            label="Stride",
            help="By how many pixels the filter moves from one output to the next.",
            unit="px",
            minimum=1,
            maximum=255,
        ),
        default=1,
    )
    padding: Size | str = declare(
        Pair(
            label="Padding",
            help="Rows and columns of zeros added on each side. Same keeps the size at stride 1.",
            unit="px",
            minimum=0,
            maximum=255,
            words={"same": "Same"},
        ),
        default=0,
    )
    dilation: Size = declare(
        Pair(
            label="Dilation",
            help="Distance between the filter's taps; 1 is an ordinary convolution.",
            unit="px",
            minimum=1,
            maximum=64,
        ),
        default=1,
    )
    bias: bool = declare(
        Switch(label="Bias", help="Whether each filter adds a learned constant."), default=True
    )
    activation: str = declare(ACTIVATION, default="none")
    rounding: str = declare(ROUNDING, default="exact")

    def windows(self) -> tuple[Window, Window]:
        """The filter's windows over rows and columns; raises SizeError for an even "same"."""
        return windows(self.kernel, self.stride, self.padding_size(), self.dilation, self.rounding)

    def padding_size(self) -> Size:
        """The padding in pixels; raises SizeError when "same" cannot be symmetric."""
        if not isinstance(self.padding, str):
            return self.padding
        sides = []
        for kernel, dilation in zip(pair(self.kernel), pair(self.dilation), strict=True):
            extent = kernel + (kernel - 1) * (dilation - 1)
            if extent % 2 == 0:
                raise SizeError(
                    f"padding same needs an odd kernel, ({extent} - 1) / 2 = {(extent - 1) / 2} "
                    f"cannot be symmetric; use kernel {kernel - 1} or {kernel + 1}"
                )
            sides.append((extent - 1) // 2)
        return (sides[0], sides[1])

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, height, width) of the maps; raises SizeError when the windows do not fit."""
        _, height, width = need_maps(shape, "CONV")
        return Shape((self.filters, *fit(self.windows(), height, width)))

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (filters, channels, kernel rows, kernel columns) and ``bias`` (filters,)."""
        shapes: dict[str, tuple[int, ...]] = {
            "weight": (self.filters, shape[0], *pair(self.kernel))
        }
        if self.bias:
            shapes["bias"] = (self.filters,)
        return shapes

    def multiply_adds(self, shape: Shape) -> int:
        """One kernel's worth of products for each value of each map."""
        rows, columns = pair(self.kernel)
        return rows * columns * shape[0] * self.output_shape(shape).size

    def reach(self, shape: Shape) -> Reach:
        """The filter's window."""
        return reach(self.windows())

    def summary(self) -> str:
        """Such as "6 @ 5x5 · stride 1 · ReLU"."""
        words = f"{self.filters} @ {size_words(self.kernel)} · stride {step_words(self.stride)}"
        if self.padding == "same":
            words += " · same"
        elif self.padding:
            words += f" · pad {step_words(self.padding)}"  # type: ignore[arg-type]
        if self.dilation != 1:
            words += f" · dilation {step_words(self.dilation)}"
        return with_activation(words, self.activation)

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """(N - F + 2P) / S + 1 for rows and columns."""
        return size_formulas(self.windows(), shape[1], shape[2])

    def parameter_formula(self, shape: Shape) -> Formula:
        """(F*F*C + 1) * K."""
        rows, columns = pair(self.kernel)
        plus, plus_one = (" + 1", " + 1") if self.bias else ("", "")
        return Formula(
            f"(F*F*C{plus}) * K",
            f"({rows}*{columns}*{shape[0]}{plus_one}) * {self.filters}",
            f"{self.parameters(shape):,}",
        )

    def cost_formula(self, shape: Shape) -> Formula:
        """F*F*C products for each of the H*W*K outputs."""
        rows, columns = pair(self.kernel)
        filters, height, width = self.output_shape(shape)
        return Formula(
            "F*F*C * H*W*K",
            f"{rows}*{columns}*{shape[0]} * {height}*{width}*{filters}",
            f"{self.multiply_adds(shape):,}",
        )
