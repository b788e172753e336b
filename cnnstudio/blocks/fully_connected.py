"""FC: every unit connects to the entire input volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.activation import ACTIVATION, with_activation
from cnnstudio.blocks.block import Block, Family, Formula, Shape
from cnnstudio.blocks.settings import Switch, WholeNumber, declare


@dataclass(frozen=True)
class FullyConnected(Block):
    """A fully connected layer; maps are flattened (channels, then rows, then columns) first."""

    family: ClassVar[Family] = Family.FC
    stem: ClassVar[str] = "fc"
    names: ClassVar[tuple[str, ...]] = ("FC", "fully connected", "dense", "linear")
    title: ClassVar[str] = "Fully connected"
    help: ClassVar[str] = (
        "Its neurons connect to the entire input volume, as in an ordinary neural network. The "
        "last one usually has one unit for each class."
    )

    units: int = declare(
        WholeNumber(
            label="Units",
            help="How many neurons, that is how many outputs.",
            minimum=1,
            maximum=65_536,
        )
    )
    bias: bool = declare(
        Switch(label="Bias", help="Whether each unit adds a learned constant."), default=True
    )
    activation: str = declare(ACTIVATION, default="none")

    @property
    def sees_everything(self) -> bool:
        """Always: every unit connects to the entire input."""
        return True

    def output_shape(self, shape: Shape) -> Shape:
        """A row of ``units`` numbers."""
        return Shape((self.units,))

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (units, inputs) and ``bias`` (units,)."""
        shapes: dict[str, tuple[int, ...]] = {"weight": (self.units, shape.size)}
        if self.bias:
            shapes["bias"] = (self.units,)
        return shapes

    def multiply_adds(self, shape: Shape) -> int:
        """One product for each input of each unit."""
        return shape.size * self.units

    def summary(self) -> str:
        """Such as "120 units · ReLU"."""
        return with_activation(f"{self.units:,} units", self.activation)

    def size_formulas(self, shape: Shape) -> tuple[Formula, ...]:
        """The number of units, whatever the input."""
        numbers = str(self.units) if shape.is_flat else f"{shape} = {shape.size:,} -> {self.units}"
        return (Formula("output = units", numbers, f"{self.units:,}"),)

    def parameter_formula(self, shape: Shape) -> Formula:
        """(inputs + 1) * units."""
        plus = " + 1" if self.bias else ""
        return Formula(
            f"(inputs{plus}) * units",
            f"({shape.size}{plus}) * {self.units}",
            f"{self.parameters(shape):,}",
        )

    def cost_formula(self, shape: Shape) -> Formula:
        """Inputs * units."""
        return Formula(
            "inputs * units",
            f"{shape.size} * {self.units}",
            f"{self.multiply_adds(shape):,}",
        )
