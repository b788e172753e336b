"""RESIDUAL: a row of blocks whose result is added to what went in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.activation import ACTIVATION, with_activation
from cnnstudio.blocks.block import Block, Formula, Shape
from cnnstudio.blocks.composite import Composite, Entries, row_words
from cnnstudio.blocks.convolution import Conv2D
from cnnstudio.blocks.fully_connected import FullyConnected
from cnnstudio.blocks.row import Blocks, Entry, Row, walk
from cnnstudio.blocks.settings import declare
from cnnstudio.errors import SettingError, SizeError

PROJECTION = "projection"


@dataclass(frozen=True)
class Residual(Composite):
    """y = f(row(x) + shortcut(x)) (He et al., arXiv 1512.03385, equations 1 and 2).

    The shortcut is x itself where the sizes agree, else a learned projection without bias: a 1x1
    convolution with the stride that the row needs, or a fully connected one for rows of units.
    """

    stem: ClassVar[str] = "residual"
    names: ClassVar[tuple[str, ...]] = ("RESIDUAL", "residual block", "skip", "shortcut")
    title: ClassVar[str] = "Residual"
    help: ClassVar[str] = (
        "Adds what goes in to what its row of blocks makes of it, so that the row only has to "
        "learn the difference. Deep networks can be trained this way."
    )

    blocks: Blocks = declare(
        Row(label="Row", help="The blocks that the shortcut leads around.", minimum=1)
    )
    activation: str = declare(ACTIVATION, default="none")

    @property
    def joins_by_sum(self) -> bool:
        """Always."""
        return True

    @property
    def has_shortcut(self) -> bool:
        """Always: what goes in, or its projection."""
        return True

    @property
    def sees_everything(self) -> bool:
        """Whether a block of the row does."""
        return any(block.sees_everything for block in self.blocks)

    def rows(self, shape: Shape) -> tuple[Entries, ...]:
        """The row, and the shortcut: empty or the projection."""
        row = walk(self.blocks, shape)
        end = row[-1].output_shape
        if end == shape:
            return (row, ())
        return (row, (Entry(PROJECTION, _projection(shape, end), shape, end),))

    def output_shape(self, shape: Shape) -> Shape:
        """That of the row; raises SizeError when no projection leads there."""
        return self.rows(shape)[0][-1].output_shape

    def summary(self) -> str:
        """Such as "input + (CONV, CONV) · ReLU"."""
        return with_activation(f"input + ({row_words(self.blocks)})", self.activation)

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """Both sides of the sum have the size of the row's end."""
        end = self.output_shape(shape)
        shortcut = str(shape) if end == shape else f"projection of {shape} to {end}"
        return (Formula("row + shortcut", f"{end} and {shortcut} -> {end}", str(end)),)


def _projection(shape: Shape, end: Shape) -> Block:
    """What turns `shape` into `end`; raises SizeError when neither a stride nor units do."""
    try:
        return _projecting(shape, end)
    except SettingError as error:
        raise SizeError(
            f"its row turns {shape} into {end}, and no projection of the shortcut can do that: "
            f"{str(error).rstrip('.')}"
        ) from error


def _projecting(shape: Shape, end: Shape) -> Block:
    if end.is_flat:
        return FullyConnected(end[0], bias=False)
    strides = [_stride(before, after) for before, after in zip(shape[1:], end[1:], strict=False)]
    if shape.is_flat or None in strides:
        raise SizeError(
            f"its row turns {shape} into {end}, and no 1x1 projection of the shortcut gives that "
            "size; use padding same inside, or a stride"
        )
    return Conv2D(end[0], 1, (strides[0], strides[1]), bias=False, rounding="floor")  # type: ignore[arg-type]


def _stride(before: int, after: int) -> int | None:
    """The stride with which a 1x1 window makes `after` of `before` pixels; None if there is none.

    Stride s gives floor((before - 1) / s) + 1, so s is at least before / after, and the first that
    is large enough gives the most.
    """
    stride = -(-before // after)
    return stride if (before - 1) // stride + 1 == after else None
