"""What every block is: settings, a size rule, a parameter rule, a cost and words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import ClassVar

from cnnstudio.blocks.settings import Declared, Size
from cnnstudio.errors import SizeError


class Family(Enum):
    """The families of the palette; the value is the name in the theme's colours."""

    INPUT = "INPUT"
    CONV = "CONV"
    POOL = "POOL"
    FC = "FC"
    ACTIVATION = "ACT"
    REGULARISE = "REG"
    SHAPE = "SHAPE"
    COMPOSITE = "COMP"


class Shape(tuple[int, ...]):
    """The size of one image inside the network: ``(channels, height, width)`` or ``(units,)``."""

    __slots__ = ()

    @property
    def is_flat(self) -> bool:
        """Whether this is a row of units instead of maps."""
        return len(self) == 1

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self)

    def __str__(self) -> str:
        """As the lecture writes it: height x width x channels, or the number of units."""
        if self.is_flat:
            return str(self[0])
        channels, height, width = self
        return f"{height}x{width}x{channels}"


Step = int | Fraction
"""The distance of two windows in inputs."""


@dataclass(frozen=True)
class Formula:
    """One piece of arithmetic: in symbols, with this block's numbers put in, and the result."""

    symbols: str
    numbers: str
    result: str

    def __str__(self) -> str:
        return f"{self.numbers} = {self.result}"


@dataclass(frozen=True)
class Reach:
    """The window that one output looks through, for the receptive field: ``(rows, columns)``.

    `extent` is the window's size with its dilation, `stride` the step between two windows; it is a
    fraction below 1 where there are more outputs than inputs.
    """

    extent: tuple[int, int]
    stride: tuple[Step, Step]


@dataclass(frozen=True)
class Block(Declared):
    """A block of the pipeline. Subclasses declare settings as fields and override the rules."""

    family: ClassVar[Family]
    stem: ClassVar[str]
    """First part of the block's name: ``conv`` gives CONV 1 and the parameters ``conv1.weight``."""
    names: ClassVar[tuple[str, ...]] = ()
    """What people call it when they write a network down: first the words that are written, such as
    "POOL max", then others that are understood. Without any it goes by its type's name."""
    title: ClassVar[str]
    """The type's full name for people, as in "Convolution 2D"."""
    help: ClassVar[str]
    """What the block does, in two sentences."""

    @property
    def sees_everything(self) -> bool:
        """Whether every output depends on the whole input, so that no window describes it."""
        return False

    def output_shape(self, shape: Shape) -> Shape:
        """The size after this block for an input of size `shape`; raises SizeError."""
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """The learned arrays by name (``weight``, ``bias``) for an input that fits."""
        return {}

    def state_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """The arrays that training keeps beside the learned ones, such as running means."""
        return {}

    def fans(self, shape: Shape) -> tuple[float, float]:
        """How many inputs each output sums, and how many outputs each input goes into.

        The weights begin with a spread made from these (He, Glorot). The default reads them from a
        ``weight`` of (outputs, inputs, kernel rows, kernel columns) or (outputs, inputs).
        """
        outputs, *inputs = self.parameter_shapes(shape)["weight"]
        return math.prod(inputs), outputs * math.prod(inputs[1:])

    def activations(self, shape: Shape) -> int:
        """The numbers that the block makes for one image."""
        return self.output_shape(shape).size

    def multiply_adds(self, shape: Shape) -> int:
        """Multiplications (each with its addition) for one image; biases are not counted."""
        return 0

    def reach(self, shape: Shape) -> Reach | None:
        """The window of one output; None when every output stays with its own place."""
        return None

    def summary(self) -> str:
        """The settings in a few words, as on the card."""
        return self.title

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """How the output size comes about, one formula where rows and columns agree."""
        size = str(self.output_shape(shape))
        return (Formula("output = input", str(shape), size),)

    def parameter_formula(self, shape: Shape) -> Formula:
        """How the number of parameters comes about."""
        return Formula("nothing to learn", "0", "0")

    def cost_formula(self, shape: Shape) -> Formula:
        """How the number of multiply-adds for one image comes about."""
        return Formula("no multiplications", "0", "0")

    def parameters(self, shape: Shape) -> int:
        """The number of learned parameters for an input that fits."""
        return sum(math.prod(dims) for dims in self.parameter_shapes(shape).values())


def pair(size: Size) -> tuple[int, int]:
    """`size` as ``(rows, columns)``."""
    return size if isinstance(size, tuple) else (size, size)


def size_words(size: Size) -> str:
    """`size` in words: 5 gives "5x5"."""
    rows, columns = pair(size)
    return f"{rows}x{columns}"


def step_words(size: Size) -> str:
    """`size` in words where one number says it: 2 gives "2", (2, 1) gives "2x1"."""
    return size_words(size) if isinstance(size, tuple) else str(size)


def need_maps(shape: Shape, what: str) -> tuple[int, int, int]:
    """`shape` as channels, height, width; raises SizeError when it is a row of units."""
    if shape.is_flat:
        raise SizeError(
            f"{what} needs maps (height x width x channels), but gets a row of {shape[0]:,} units. "
            "Move it before the first fully connected or flatten block"
        )
    channels, height, width = shape
    return channels, height, width
