"""BATCH NORM: each map brought to mean 0 and variance 1 over the batch, then scaled and shifted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family, Formula, Shape
from cnnstudio.blocks.settings import Fraction, declare


@dataclass(frozen=True)
class BatchNorm(Block):
    """Batch normalisation of every map or unit (Ioffe and Szegedy, arXiv 1502.03167).

    In training with the batch's own mean and variance, which also move the running ones; when the
    network is used, with the running ones. A running value becomes (1 - momentum) times itself plus
    momentum times the batch's, as in PyTorch.
    """

    family: ClassVar[Family] = Family.REGULARISE
    stem: ClassVar[str] = "norm"
    names: ClassVar[tuple[str, ...]] = ("BATCHNORM", "batch norm", "bn")
    title: ClassVar[str] = "Batch normalisation"
    help: ClassVar[str] = (
        "Brings each map to mean 0 and variance 1 over the batch, then scales and shifts it by two "
        "learned numbers. Deep networks learn faster with it, and bear larger learning rates."
    )

    momentum: float = declare(
        Fraction(
            label="Momentum",
            help="How far the running mean and variance move towards those of each batch.",
            minimum=0.0,
            maximum=1.0,
        ),
        default=0.1,
    )
    epsilon: float = declare(
        Fraction(
            label="Epsilon",
            help="Added to the variance, so that a constant map is not divided by zero.",
            minimum=1e-8,
            maximum=1.0,
        ),
        default=1e-5,
    )

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``weight`` (the scale) and ``bias`` (the shift), both (channels,) or (units,)."""
        return {"weight": (shape[0],), "bias": (shape[0],)}

    def state_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        """``running_mean`` and ``running_variance``, both (channels,) or (units,)."""
        return {"running_mean": (shape[0],), "running_variance": (shape[0],)}

    def multiply_adds(self, shape: Shape) -> int:
        """One product for each value: scale and shift."""
        return shape.size

    def summary(self) -> str:
        """The momentum."""
        return f"batch norm · momentum {self.momentum:g}"

    def parameter_formula(self, shape: Shape) -> Formula:
        """A scale and a shift for each map."""
        return Formula("2 * C", f"2 * {shape[0]}", f"{self.parameters(shape):,}")

    def cost_formula(self, shape: Shape) -> Formula:
        """One product for each value."""
        if shape.is_flat:
            return Formula("units", str(shape[0]), f"{shape.size:,}")
        channels, height, width = shape
        return Formula("H*W*C", f"{height}*{width}*{channels}", f"{shape.size:,}")
