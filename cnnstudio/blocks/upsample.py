"""Upsample: maps made larger by a whole factor, with nothing to learn."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

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
)
from cnnstudio.blocks.settings import Choice, Pair, Size, declare
from cnnstudio.blocks.window import sides


@dataclass(frozen=True)
class Upsample(Block):
    """Every map `scale` times as high and wide, each on its own.

    ``nearest`` repeats every pixel. ``bilinear`` mixes the nearest two rows and columns; the
    centres of pixels are half a pixel from the edge, and past the edge its pixels go on (PyTorch's
    ``align_corners=False``, the ``half_pixel`` of ONNX's Resize).
    """

    family: ClassVar[Family] = Family.SHAPE
    stem: ClassVar[str] = "upsample"
    names: ClassVar[tuple[str, ...]] = ("UPSAMPLE", "upsampling")
    title: ClassVar[str] = "Upsample"
    help: ClassVar[str] = (
        "Makes every map larger by a whole factor. It has nothing to learn, and often goes before "
        "a convolution that sharpens what it spread."
    )

    scale: Size = declare(
        Pair(
            label="Scale",
            help="How many times as high and as wide the maps become.",
            minimum=1,
            maximum=32,
        ),
        default=2,
    )
    mode: str = declare(
        Choice(
            label="Mode",
            help="Nearest repeats every pixel; bilinear goes evenly from each to the next.",
            options={"nearest": "Nearest", "bilinear": "Bilinear"},
        ),
        default="nearest",
    )

    def output_shape(self, shape: Shape) -> Shape:
        """The same channels, larger maps; raises SizeError for a row of units."""
        channels, height, width = need_maps(shape, "UPSAMPLE")
        down, right = pair(self.scale)
        return Shape((channels, height * down, width * right))

    def reach(self, shape: Shape) -> Reach:
        """One pixel, or where bilinear mixes, two; neighbouring outputs are a fraction apart."""
        down, right = pair(self.scale)
        mixes = 2 if self.mode == "bilinear" else 1
        return Reach(
            (min(mixes, down), min(mixes, right)),
            (Fraction(1, down), Fraction(1, right)),
        )

    def growth(self, shape: Shape) -> tuple[Growth, Growth]:
        """The pixels that one output mixes, less one; the jump is divided by the scale."""
        rows, columns = (each._replace(jump="j/scale") for each in super().growth(shape))
        return rows, columns

    def summary(self) -> str:
        """Such as "2x2 nearest"."""
        return f"{size_words(self.scale)} {self.mode}"

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """N * scale for rows and columns."""
        down, right = pair(self.scale)
        rows, columns = (
            Formula("N * scale", f"{size} * {scale}", str(size * scale))
            for size, scale in ((shape[1], down), (shape[2], right))
        )
        return sides(rows, columns)

    def cost_formula(self, shape: Shape) -> Formula:
        """None: only products with learned weights are counted."""
        return Formula("no products with weights", "0", "0")
