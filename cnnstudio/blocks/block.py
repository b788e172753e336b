"""What every block is: settings, a size rule, a parameter rule, a cost and words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from cnnstudio.blocks.field import Field, Growth, Reach, Step, growth_formulas
from cnnstudio.blocks.formula import Formula
from cnnstudio.blocks.settings import Declared, Size
from cnnstudio.errors import SizeError

__all__ = ["Block", "Family", "Field", "Formula", "Growth", "Reach", "Shape", "Step"]

BYTES = 4
"""Bytes of one number: the engine computes in float32."""


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
    maps: ClassVar[str] = "C"
    """The letter of its output's channels in formulas: K where they are its filters."""

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

    def growth(self, shape: Shape) -> tuple[Growth, Growth]:
        """How the receptive field grows along rows and columns, for a block with a `reach`."""
        reach = self.reach(shape)
        extents = (1, 1) if reach is None else reach.extent
        rows, columns = (Growth("(w - 1)", f"({extent} - 1)") for extent in extents)
        return rows, columns

    def field_after(self, shape: Shape, before: Field) -> Field:
        """The receptive field behind this block, for that `before` it."""
        return before.through(self.reach(shape), everything=self.sees_everything)

    def field_formulas(self, shape: Shape, before: Field) -> tuple[Formula, ...]:
        """How the receptive field comes about, and the jump's own line."""
        after = self.field_after(shape, before)
        if self.sees_everything or self.reach(shape) is None:
            words = "the whole picture" if self.sees_everything else "as before"
            size = size_words(after.pixels)
            return (Formula(words, size, size),)
        return tuple(growth_formulas(before, after, self.growth(shape)))

    def memory(self, shape: Shape) -> int:
        """Bytes of the numbers that the block makes for one image."""
        return BYTES * self.activations(shape)

    def memory_formula(self, shape: Shape) -> Formula:
        """How the bytes for one image come about: the output's numbers, four bytes each."""
        output = self.output_shape(shape)
        symbols, numbers = _values(output, self.maps)
        return Formula(f"{symbols} * 4", f"{numbers} * 4", f"{self.memory(shape):,}")

    def training_formula(self, shape: Shape, images: int) -> Formula:
        """The bytes that training keeps at least, for batches of `images`.

        Those are the numbers of every image and the parameters, and of both the gradients. What
        the optimizer remembers and the windows that the engine lays out come on top.
        """
        symbols, numbers = "2*B*M", f"2*{images}*{self.memory(shape)}"
        total = 2 * images * self.memory(shape)
        if self.parameters(shape):
            symbols, numbers = f"{symbols} + 8*P", f"{numbers} + 8*{self.parameters(shape)}"
            total += 2 * BYTES * self.parameters(shape)
        return Formula(symbols, numbers, f"{total:,}", "train")

    def fully_connected_formula(self, shape: Shape) -> Formula | None:
        """The parameters of a fully connected layer that would give an output of the same size.

        None where the comparison says nothing: only CONV and POOL look through windows.
        """
        if self.family not in (Family.CONV, Family.POOL):
            return None
        output = self.output_shape(shape)
        bias = int(self.values().get("bias", True))
        inside, outside = _values(shape, "C"), _values(output, self.maps)
        plus = " + 1" if bias else ""
        return Formula(
            f"({inside[0]}{plus}) * {outside[0]}",
            f"({inside[1]}{plus}) * {outside[1]}",
            f"{(shape.size + bias) * output.size:,}",
        )

    def fully_connected_words(self, shape: Shape) -> str:
        """The comparison as a sentence; empty where there is none."""
        formula = self.fully_connected_formula(shape)
        if formula is None:
            return ""
        own = f"{self.parameters(shape):,}" if self.parameters(shape) else "none"
        kind = self.family.value
        return f"FC would need {formula.result} weights where this {kind} needs {own}."

    def parameters(self, shape: Shape) -> int:
        """The number of learned parameters for an input that fits."""
        return sum(math.prod(dims) for dims in self.parameter_shapes(shape).values())


def _values(shape: Shape, maps: str) -> tuple[str, str]:
    """How many numbers `shape` has, in symbols and in numbers; `maps` is the channels' letter."""
    if shape.is_flat:
        return "units", str(shape[0])
    channels, height, width = shape
    return f"H*W*{maps}", f"{height}*{width}*{channels}"


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
