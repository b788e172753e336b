"""INPUT: the size of the pictures that enter the network, and how they are prepared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family, Field, Formula, Shape, pair
from cnnstudio.blocks.settings import Fraction, Pair, Size, WholeNumber, declare
from cnnstudio.blocks.window import sides


@dataclass(frozen=True)
class Input(Block):
    """Pictures of ``(channels, height, width)``, values 0..1: normalised, then padded.

    Each value becomes (x - mean) / deviation; the padding is the normalised background, that is
    the value of x = 0, as a bigger black picture would have.
    """

    family: ClassVar[Family] = Family.INPUT
    stem: ClassVar[str] = "input"
    names: ClassVar[tuple[str, ...]] = ("INPUT", "image", "picture")
    title: ClassVar[str] = "Input"
    help: ClassVar[str] = (
        "The pictures as the data set gives them. Padding surrounds each with background: MNIST's "
        "28x28 becomes the lecture's 32x32 with a padding of 2."
    )

    channels: int = declare(
        WholeNumber(
            label="Channels",
            help="1 for grey pictures, 3 for colour.",
            minimum=1,
            maximum=64,
        ),
        default=1,
    )
    height: int = declare(
        WholeNumber(
            label="Height",
            help="Rows of a picture as the data set gives it.",
            unit="px",
            minimum=1,
            maximum=1024,
        ),
        default=28,
    )
    width: int = declare(
        WholeNumber(
            label="Width",
            help="Columns of a picture as the data set gives it.",
            unit="px",
            minimum=1,
            maximum=1024,
        ),
        default=28,
    )
    pad: Size = declare(
        Pair(
            label="Padding",
            help="Rows and columns of background added on each side.",
            unit="px",
            minimum=0,
            maximum=64,
        ),
        default=0,
    )
    mean: float = declare(
        Fraction(
            label="Mean",
            help="Subtracted from every value; 0 leaves the picture as it is.",
            minimum=-1000.0,
            maximum=1000.0,
        ),
        default=0.0,
    )
    deviation: float = declare(
        Fraction(
            label="Deviation",
            help="Every value is divided by it; 1 leaves the picture as it is.",
            minimum=1e-6,
            maximum=1000.0,
        ),
        default=1.0,
    )

    @property
    def picture_shape(self) -> Shape:
        """(channels, height, width) of a picture before the padding."""
        return Shape((self.channels, self.height, self.width))

    def output_shape(self, shape: Shape) -> Shape:
        """The picture's size with its padding; `shape` is not used, as nothing stands before."""
        rows, columns = pair(self.pad)
        return Shape((self.channels, self.height + 2 * rows, self.width + 2 * columns))

    def summary(self) -> str:
        """Such as "28x28 padded to 32x32"."""
        _, height, width = self.output_shape(self.picture_shape)
        words = f"{self.height}x{self.width}"
        return f"{words} padded to {height}x{width}" if self.pad else words

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """N + 2P for rows and columns."""
        formulas = []
        for size, pad in zip((self.height, self.width), pair(self.pad), strict=True):
            formulas.append(Formula("N + 2P", f"{size} + 2*{pad}", str(size + 2 * pad)))
        return sides(*formulas)

    def field_formulas(self, shape: Shape, before: Field) -> tuple[Formula, ...]:
        """Every pixel sees itself."""
        return (Formula("one pixel", "1x1", "1x1"),)

    def training_formula(self, shape: Shape, images: int) -> Formula:
        """The pictures of a batch; they need no gradient."""
        total = images * self.memory(shape)
        return Formula("B*M", f"{images}*{self.memory(shape)}", f"{total:,}", "train")
