"""POOL: each map made smaller on its own, by the maximum or the mean of every window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import (
    Block,
    Family,
    Formula,
    Shape,
    need_maps,
    pair,
    size_words,
    step_words,
)
from cnnstudio.blocks.settings import Pair, Size, Switch, declare
from cnnstudio.blocks.window import ROUNDING, Window, Windowed, fit, windows
from cnnstudio.errors import SizeError


@dataclass(frozen=True)
class Pool2D(Windowed):
    """What the pooling blocks share: a window over each map, nothing to learn."""

    family: ClassVar[Family] = Family.POOL
    stem: ClassVar[str] = "pool"
    kind: ClassVar[str]

    kernel: Size = declare(
        Pair(
            label="Window",
            help="Height and width of the window that becomes one value.",
            unit="px",
            minimum=1,
            maximum=255,
        ),
        default=2,
    )
    stride: Size = declare(
        Pair(
            label="Stride",
            help="By how many pixels the window moves; the window's own size makes no overlap.",
            unit="px",
            minimum=1,
            maximum=255,
        ),
        default=2,
    )
    padding: Size = declare(
        Pair(
            label="Padding",
            help="Rows and columns added on each side, at most half the window.",
            unit="px",
            minimum=0,
            maximum=127,
        ),
        default=0,
    )
    rounding: str = declare(ROUNDING, default="exact")

    def windows(self) -> tuple[Window, Window]:
        """The windows over rows and columns."""
        return windows(self.kernel, self.stride, self.padding, rounding=self.rounding)

    def output_shape(self, shape: Shape) -> Shape:
        """The same channels, smaller maps; raises SizeError when the windows do not fit."""
        channels, height, width = need_maps(shape, "POOL")
        for size, pad in zip(pair(self.kernel), pair(self.padding), strict=True):
            if 2 * pad > size:
                raise SizeError(
                    f"padding {pad} is more than half of the window of {size}, so a window could "
                    f"see nothing but padding; use at most {size // 2}"
                )
        return Shape((channels, *fit(self.windows(), height, width)))

    def summary(self) -> str:
        """Such as "2x2 max · stride 2 · floor"."""
        words = f"{size_words(self.kernel)} {self.kind} · {self.steps(self.stride)}"
        return words + (f" · pad {step_words(self.padding)}" if self.padding else "")

    def parameter_formula(self, shape: Shape) -> Formula:
        """None: pooling has nothing to learn."""
        return Formula("pooling has nothing to learn", "0", "0")


@dataclass(frozen=True)
class MaxPool2D(Pool2D):
    """The largest value of every window; padding never wins."""

    kind: ClassVar[str] = "max"
    names: ClassVar[tuple[str, ...]] = ("POOL max", "max pool", "max pooling", "max", "pooling")
    title: ClassVar[str] = "Max pooling 2D"
    help: ClassVar[str] = (
        "Keeps the largest value of every window. It makes the representations smaller and more "
        "manageable and operates over each activation map independently."
    )


@dataclass(frozen=True)
class AvgPool2D(Pool2D):
    """The mean of every window; cells that hang over the padding never count (PyTorch).

    Padding counts as zeros, unless ``count_padding`` is off: then it does not count either.
    """

    kind: ClassVar[str] = "average"
    names: ClassVar[tuple[str, ...]] = (
        "POOL average",
        "pool avg",
        "average pool",
        "average pooling",
        "avg pool",
        "avg",
        "average",
        "mean pool",
        "mean",
    )
    title: ClassVar[str] = "Average pooling 2D"
    help: ClassVar[str] = (
        "Keeps the mean of every window. It makes the representations smaller and more manageable "
        "and operates over each activation map independently."
    )

    count_padding: bool = declare(
        Switch(
            label="Count padding",
            help="Whether the mean takes padding in as zeros; off, it is that of the pixels alone.",
            rare=True,
        ),
        default=True,
    )

    def summary(self) -> str:
        """Such as "3x3 average · stride 2 · pad 1 not counted"."""
        uncounted = self.padding and not self.count_padding
        return super().summary() + (" not counted" if uncounted else "")


@dataclass(frozen=True)
class GlobalAvgPool2D(Block):
    """The mean of every map: one unit for each channel (Lin, Chen and Yan, arXiv 1312.4400)."""

    family: ClassVar[Family] = Family.POOL
    stem: ClassVar[str] = "pool"
    names: ClassVar[tuple[str, ...]] = (
        "POOL global",
        "pool global average",
        "global average",
        "global average pool",
        "global avg",
        "gap",
    )
    title: ClassVar[str] = "Global average pooling 2D"
    help: ClassVar[str] = (
        "Keeps one number of each map, its mean. It takes the place of large fully connected "
        "layers, has nothing to learn and takes maps of any size."
    )

    @property
    def sees_everything(self) -> bool:
        """Always: every unit is the mean of a whole map."""
        return True

    def output_shape(self, shape: Shape) -> Shape:
        """A row of as many units as there are channels; raises SizeError for a row of units."""
        channels, _, _ = need_maps(shape, "POOL")
        return Shape((channels,))

    def summary(self) -> str:
        """The block's effect."""
        return "mean of each map"

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """The number of channels, whatever the maps' size."""
        return (Formula("output = channels", f"{shape} -> {shape[0]}", f"{shape[0]:,}"),)

    def parameter_formula(self, shape: Shape) -> Formula:
        """None: pooling has nothing to learn."""
        return Formula("pooling has nothing to learn", "0", "0")
