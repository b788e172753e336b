"""CONV: small filters that slide over the image."""

from __future__ import annotations

import math
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
    step_words,
)
from cnnstudio.blocks.settings import Choice, Size, Switch, WholeNumber, declare
from cnnstudio.blocks.window import (
    DILATION,
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

FILTERS = WholeNumber(
    label="Filters",
    help="How many patterns the block looks for. Each filter gives one map.",
    minimum=1,
    maximum=4096,
)

GROUPS = WholeNumber(
    label="Groups",
    help="Into how many parts the maps are divided; each part has filters of its own, which see "
    "no other part. As many groups as channels make it depthwise.",
    minimum=1,
    maximum=4096,
    rare=True,
)

BIAS = Switch(label="Bias", help="Whether each filter adds a learned constant.")

PADDING_MODE = Choice(
    label="Padding mode",
    help="What the padding holds: zeros, the map mirrored at its edge, its edge repeated, or its "
    "other side. Partial has zeros, and scales each result by the share of real pixels.",
    options={
        "zeros": "Zeros",
        "reflect": "Reflect",
        "replicate": "Replicate",
        "circular": "Circular",
        "partial": "Partial",
    },
    rare=True,
)

MOST_OFFERED = 4
"""So many numbers of groups that would do are named in a message."""


@dataclass(frozen=True)
class Conv2D(Windowed):
    """A 2-D convolution (computed as cross-correlation, like PyTorch and ONNX).

    ``padding="same"`` is (effective kernel - 1) / 2 on each side, which needs an odd kernel and
    keeps the size at stride 1; ``"full"`` is effective kernel - 1. The filters span all channels
    of their group. ``padding_mode="partial"`` is partial convolution based padding (arXiv
    1811.11718); ``true_convolution`` turns each filter by 180 degrees before it is applied.
    """

    family: ClassVar[Family] = Family.CONV
    maps: ClassVar[str] = "K"
    stem: ClassVar[str] = "conv"
    names: ClassVar[tuple[str, ...]] = ("CONV", "convolution", "convolutional")
    title: ClassVar[str] = "Convolution 2D"
    help: ClassVar[str] = (
        "Filters slide over the image spatially, computing dot products. Each filter learns one "
        "pattern, and its map shows where the pattern occurs."
    )

    filters: int = declare(FILTERS)
    kernel: Size = declare(KERNEL)
    stride: Size = declare(STRIDE, default=1)
    padding: Size | str = declare(PADDING, default=0)
    padding_mode: str = declare(PADDING_MODE, default="zeros")
    dilation: Size = declare(DILATION, default=1)
    groups: int = declare(GROUPS, default=1)
    bias: bool = declare(BIAS, default=True)
    activation: str = declare(ACTIVATION, default="none")
    rounding: str = declare(ROUNDING, default="exact")
    true_convolution: bool = declare(
        Switch(
            label="True convolution",
            help="Turn each filter by 180 degrees first, as the mathematical convolution does. "
            "Off, it is a cross-correlation, which learns just as well.",
            rare=True,
        ),
        default=False,
    )

    def windows(self) -> tuple[Window, Window]:
        """The filter's windows over rows and columns; raises SizeError for an even "same"."""
        return windows(self.kernel, self.stride, self.padding_size(), self.dilation, self.rounding)

    def padding_size(self) -> Size:
        """The padding in pixels; raises SizeError when "same" cannot be symmetric."""
        return padding_size(self.padding, self.kernel, self.dilation)

    def output_shape(self, shape: Shape) -> Shape:
        """(filters, height, width) of the maps.

        Raises SizeError when the windows do not fit, when the groups do not divide channels and
        filters, or when reflected or circular padding needs more pixels than the maps have.
        """
        channels, height, width = need_maps(shape, "CONV")
        need_groups(self.groups, channels, self.filters)
        size = fit(self.windows(), height, width)
        self._need_pixels(height, width)
        return Shape((self.filters, *size))

    def _need_pixels(self, height: int, width: int) -> None:
        """Raise SizeError when there are too few pixels to reflect or to wrap around."""
        if self.padding_mode not in ("reflect", "circular"):
            return
        short = 1 if self.padding_mode == "reflect" else 0
        for pad, size in zip(pair(self.padding_size()), (height, width), strict=True):
            if pad > size - short:
                bound = "less than" if short else "at most"
                raise SizeError(
                    f"{self.padding_mode} padding must be {bound} the map's {size} px, not {pad}; "
                    f"use padding {size - short} or less, or replicate padding"
                )

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (filters, channels / groups, kernel rows, columns) and ``bias`` (filters,)."""
        shapes: dict[str, tuple[int, ...]] = {
            "weight": (self.filters, shape[0] // self.groups, *pair(self.kernel))
        }
        if self.bias:
            shapes["bias"] = (self.filters,)
        return shapes

    def fans(self, shape: Shape) -> tuple[int, int]:
        """Inputs of one output, and outputs that one input has a part in."""
        taps = math.prod(pair(self.kernel))
        return taps * (shape[0] // self.groups), taps * (self.filters // self.groups)

    def multiply_adds(self, shape: Shape) -> int:
        """One kernel's worth of products for each value of each map."""
        rows, columns = pair(self.kernel)
        return rows * columns * (shape[0] // self.groups) * self.output_shape(shape).size

    def summary(self) -> str:
        """Such as "6 @ 5x5 · stride 1 · ReLU"."""
        words = f"{self.filters} @ {size_words(self.kernel)} · {self.steps(self.stride)}"
        if self.padding:
            words += f" · {padding_words(self.padding)}"
            words += "" if self.padding_mode == "zeros" else f" · {self.padding_mode}"
        if self.dilation != 1:
            words += f" · dilation {step_words(self.dilation)}"
        if self.groups != 1:
            words += f" · groups {self.groups}"
        if self.true_convolution:
            words += " · true convolution"
        return with_activation(words, self.activation)

    def parameter_formula(self, shape: Shape) -> Formula:
        """(F*F*C + 1) * K; with groups a filter sees C/G of the channels."""
        symbols, numbers = self._taps(shape)
        plus = " + 1" if self.bias else ""
        return Formula(
            f"({symbols}{plus}) * K",
            f"({numbers}{plus}) * {self.filters}",
            f"{self.parameters(shape):,}",
        )

    def cost_formula(self, shape: Shape) -> Formula:
        """F*F*C products for each of the H*W*K outputs."""
        symbols, numbers = self._taps(shape)
        filters, height, width = self.output_shape(shape)
        return Formula(
            f"{symbols} * H*W*K",
            f"{numbers} * {height}*{width}*{filters}",
            f"{self.multiply_adds(shape):,}",
        )

    def _taps(self, shape: Shape) -> tuple[str, str]:
        """The inputs of one output in symbols and in numbers."""
        rows, columns = pair(self.kernel)
        symbols, numbers = "F*F*C", f"{rows}*{columns}*{shape[0]}"
        if self.groups == 1:
            return symbols, numbers
        return f"{symbols}/G", f"{numbers}/{self.groups}"


def padding_words(padding: Size | str) -> str:
    """`padding` as on a card: "pad 2", "same", "full"."""
    return padding if isinstance(padding, str) else f"pad {step_words(padding)}"


def common_divisors(channels: int, filters: int) -> tuple[int, ...]:
    """Every number of groups that divides both, the smallest first."""
    both = math.gcd(channels, filters)
    return tuple(n for n in range(1, both + 1) if both % n == 0)


def need_groups(groups: int, channels: int, filters: int) -> None:
    """Raise SizeError, which names the nearest numbers that do, when `groups` divides not both."""
    for count, what in ((channels, "channels"), (filters, "filters")):
        if count % groups:
            fitting = common_divisors(channels, filters)
            nearest = sorted(fitting, key=lambda n: abs(n - groups))[:MOST_OFFERED]
            *others, last = map(str, sorted(nearest))
            choice = f"{', '.join(others)} or {last}" if others else last
            what = what if count != 1 else what.removesuffix("s")
            verb = "do" if count != 1 else "does"
            raise SizeError(f"{count} {what} {verb} not divide into {groups} groups; use {choice}")
